//! Tests of many changes of the layout, one after another; each is undone again.

use super::bench::{Bench, assert_lines};

/// A change of the types.
struct Change {
    name: &'static str,
    edits: &'static [(&'static str, &'static str)],
    /// Words that the state then shows.
    says: &'static [&'static str],
    /// Lines of the report.
    lines: &'static [&'static str],
    /// Edits that undo the change, if it takes more than the original source.
    undo: &'static [(&'static str, &'static str)],
    /// Lines of the report after undoing the change.
    back: &'static [&'static str],
}

const FLOW: &str = "    pub flow: Flow,\n";
const INIT: &str = "        *state = State::default();\n";

const CHANGES: &[Change] = &[
    Change {
        name: "a field in front of all others",
        edits: &[
            (FLOW, "    pub front: u8,\n    pub flow: Flow,\n"),
            (INIT, "        *state = State::default();\n        state.front = 77;\n"),
        ],
        says: &["State { front: 77, flow: Flow, number: 300, small: 7,"],
        lines: &["defaulted front: new: as in a fresh state", "kept      number"],
        undo: &[],
        back: &["parked    front: removed (u8)"],
    },
    Change {
        name: "a field in the middle",
        edits: &[
            ("    pub on: bool,\n", "    pub on: bool,\n    pub middle: [u64; 2],\n"),
            (INIT, "        *state = State::default();\n        state.middle = [8, 9];\n"),
        ],
        says: &["on: true, middle: [8, 9], name: \"größer\","],
        lines: &["defaulted middle: new: as in a fresh state"],
        undo: &[],
        back: &["parked    middle: removed ([u64; 2])"],
    },
    Change {
        name: "a field at the end",
        edits: &[
            ("    pub y: f32,\n", "    pub y: f32,\n    pub end: bool,\n"),
            (INIT, "        *state = State::default();\n        state.end = true;\n"),
        ],
        says: &["x: 0.25, y: -8.0, end: true }"],
        lines: &["defaulted end: new: as in a fresh state"],
        undo: &[],
        back: &["parked    end: removed (bool)"],
    },
    Change {
        name: "a field of elements, with a default",
        edits: &[(
            "    pub weight: i32,\n",
            "    #[shared(default = 0.5)]\n    pub size: f32,\n    pub weight: i32,\n",
        )],
        says: &[
            "[Item { hue: 1, size: 0.5, weight: -1 }, Item { hue: 2, size: 0.5, weight: -200 }",
        ],
        lines: &["kept      items[].hue", "defaulted items[].size: new: as `default` says"],
        undo: &[],
        back: &["parked    items[].size: removed (f32)"],
    },
    Change {
        name: "a field removed",
        edits: &[("    pub ratio: f32,\n", "")],
        says: &["small: 7, on: true,"],
        lines: &["parked    ratio: removed (f32)"],
        undo: &[],
        back: &["restored  ratio"],
    },
    Change {
        name: "a field renamed",
        edits: &[(
            "    pub number: u32,\n",
            "    #[shared(was = \"number\")]\n    pub count: u32,\n",
        )],
        says: &["count: 300, small: 7"],
        lines: &["kept      count: was `number`"],
        undo: &[(
            "    pub number: u32,\n",
            "    #[shared(was = \"count\")]\n    pub number: u32,\n",
        )],
        back: &["kept      number: was `count`"],
    },
    Change {
        name: "a number widened",
        edits: &[("    pub small: u8,\n", "    pub small: i64,\n")],
        says: &["small: 7,"],
        lines: &["converted small: u8 → i64"],
        undo: &[],
        back: &["converted small: i64 → u8"],
    },
    Change {
        name: "a number narrowed that fits",
        edits: &[("    pub number: u32,\n", "    pub number: i16,\n")],
        says: &["number: 300,"],
        lines: &["converted number: u32 → i16"],
        undo: &[],
        back: &["converted number: i16 → u32"],
    },
    Change {
        name: "a number narrowed that does not fit",
        edits: &[
            ("    pub number: u32,\n", "    pub number: u8,\n"),
            (INIT, "        *state = State::default();\n        state.number = 5;\n"),
        ],
        says: &["number: 5, small: 7"],
        lines: &["parked    number: 300 does not fit into u8; reset to the default"],
        undo: &[],
        back: &["restored  number"],
    },
    Change {
        name: "a fraction that is cut",
        edits: &[("    pub ratio: f32,\n", "    pub ratio: u32,\n")],
        says: &["ratio: 2,"],
        lines: &["converted ratio: f32 → u32, not exactly (the old value is parked)"],
        undo: &[],
        back: &["restored  ratio"],
    },
    Change {
        name: "an array grown",
        edits: &[("    pub row: [u16; 3],\n", "    pub row: [u16; 5],\n")],
        says: &["row: [10, 20, 30, 0, 0],"],
        lines: &["converted row: [u16; 3] → [u16; 5]"],
        undo: &[],
        back: &["converted row: [u16; 5] → [u16; 3]", "parked    row[]: no room in 3 (2 of 5)"],
    },
    Change {
        name: "an array shrunk",
        edits: &[("    pub row: [u16; 3],\n", "    pub row: [u16; 1],\n")],
        says: &["row: [10],"],
        lines: &["converted row: [u16; 3] → [u16; 1]", "parked    row[]: no room in 1 (2 of 3)"],
        undo: &[],
        back: &["restored  row[]: (2 of 3)"],
    },
    Change {
        name: "a list grown, its elements with fields in another order",
        edits: &[
            ("FixedVec<Item, 4>", "FixedVec<Item, 40>"),
            ("    /// A weight.\n    pub weight: i32,\n", ""),
            ("    pub hue: u8,\n", "    pub weight: i32,\n    pub hue: u8,\n"),
        ],
        says: &["[Item { weight: -1, hue: 1 }, Item { weight: -200, hue: 2 }"],
        lines: &["converted items: FixedVec<Item, 4> → FixedVec<Item, 40>"],
        undo: &[],
        back: &["converted items: FixedVec<Item, 40> → FixedVec<Item, 4>"],
    },
    Change {
        name: "a list shrunk",
        edits: &[("FixedVec<Item, 4>", "FixedVec<Item, 2>")],
        says: &["items: [Item { hue: 1, weight: -1 }, Item { hue: 2, weight: -200 }],"],
        lines: &[
            "converted items: FixedVec<Item, 4> → FixedVec<Item, 2>",
            "parked    items[]: no room in 2 (1 of 3)",
        ],
        undo: &[],
        back: &["restored  items[]: (1 of 3)"],
    },
    Change {
        name: "a text grown",
        edits: &[("FixedString<8>", "FixedString<80>")],
        says: &["name: \"größer\","],
        lines: &["converted name: FixedString<8> → FixedString<80>"],
        undo: &[],
        back: &["converted name: FixedString<80> → FixedString<8>"],
    },
    Change {
        name: "a text cut",
        edits: &[("FixedString<8>", "FixedString<3>")],
        says: &["name: \"gr\","],
        lines: &[
            "converted name: FixedString<8> → FixedString<3>, not exactly (the old value is parked)",
        ],
        undo: &[],
        back: &["restored  name"],
    },
    Change {
        name: "a variant more, and the others in another order",
        edits: &[
            ("    /// A shape that is not round.\n    Square(u16),\n", ""),
            (
                "    #[default]\n",
                "    Square(u16),\n    Star { points: [u64; 3] },\n    #[default]\n",
            ),
        ],
        says: &["shape: Circle { radius: 1.5 },"],
        lines: &["kept      shape: variants by name"],
        undo: &[],
        back: &["kept      shape: variants by name"],
    },
    Change {
        name: "the variant removed that the state is in",
        edits: &[(
            "    Circle {\n        /// Distance to its edge.\n        radius: f32,\n    },\n",
            "",
        )],
        says: &["shape: Nothing,"],
        lines: &["parked    shape: there is no `Circle` any more; reset to the default"],
        undo: &[],
        back: &["restored  shape"],
    },
    Change {
        name: "a variant's data changed",
        edits: &[("        radius: f32,\n", "        center: (u8, u8),\n        radius: f64,\n")],
        says: &["shape: Circle { center: (0, 0), radius: 1.5 },"],
        lines: &[
            "defaulted shape.Circle.center: new: blank",
            "converted shape.Circle.radius: f32 → f64",
        ],
        undo: &[],
        back: &["parked    shape.Circle.center: removed ((u8, u8))"],
    },
    Change {
        name: "fields moved into a struct of their own",
        edits: &[
            (
                "    pub x: f32,\n    /// Distance down.\n    pub y: f32,\n",
                "    pub point: Point,\n",
            ),
            (
                "/// An element.\n",
                "#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]\n#[repr(C)]\n\
                 pub struct Point {\n    pub x: f32,\n    pub y: f32,\n}\n\n/// An element.\n",
            ),
            (
                "    fn buffers",
                "    fn migrate(old: &hot_reload::migration::OldState<'_>, new: &mut State) {\n        \
                 if let (Some(x), Some(y)) = (old.get(\"x\"), old.get(\"y\")) {\n            \
                 new.point = Point { x, y };\n        }\n    }\n\n    fn buffers",
            ),
        ],
        says: &["point: Point { x: 0.25, y: -8.0 } }"],
        lines: &["converted point: by `App::migrate`", "parked    x: removed (f32)"],
        undo: &[],
        back: &["restored  x", "restored  y"],
    },
    Change {
        name: "a value with a type of its own",
        edits: &[
            ("    pub number: u32,\n", "    pub number: Count,\n"),
            (
                "/// An element.\n",
                "#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]\n#[repr(C)]\n\
                 pub struct Count(u32);\n\n/// An element.\n",
            ),
        ],
        says: &["number: Count(300),"],
        lines: &["kept      number"],
        undo: &[],
        back: &["kept      number"],
    },
    Change {
        name: "all fields in another order",
        edits: &[
            (
                "    /// A choice.\n    pub shape: Shape,\n    /// Distance to the right.\n    \
                 pub x: f32,\n    /// Distance down.\n    pub y: f32,\n",
                "",
            ),
            ("    pub on: bool,\n", ""),
            ("    pub number: u32,\n", ""),
            ("    pub flow: Flow,\n", "    pub y: f32,\n    pub shape: Shape,\n    pub x: f32,\n"),
            ("    pub row: [u16; 3],\n", "    pub row: [u16; 3],\n    pub on: bool,\n"),
            (
                "    pub small: u8,\n",
                "    pub small: u8,\n    pub flow: Flow,\n    pub number: u32,\n",
            ),
        ],
        says: &[
            "State { y: -8.0, shape: Circle { radius: 1.5 }, x: 0.25, small: 7, flow: Flow, \
             number: 300, ratio: 2.5, name: \"größer\", items: [",
            "row: [10, 20, 30], on: true }",
        ],
        lines: &["kept      number", "kept      shape"],
        undo: &[],
        back: &["kept      number", "kept      shape"],
    },
    Change {
        name: "another meaning of the same fields",
        edits: &[
            (
                "#[repr(C)]\npub struct State",
                "#[repr(C)]\n#[shared(version = 2)]\npub struct State",
            ),
            (
                "    fn buffers",
                "    fn migrate(old: &hot_reload::migration::OldState<'_>, new: &mut State) {\n        \
                 if old.version(\"\") == Some(0) {\n            new.ratio *= 100.0;\n        \
                 }\n    }\n\n    fn buffers",
            ),
        ],
        says: &["ratio: 250.0,"],
        lines: &[
            "kept      (the whole): version 0 → 2: fields with the same name are kept; adapt them in `App::migrate`",
        ],
        undo: &[(
            "    fn buffers",
            "    fn migrate(old: &hot_reload::migration::OldState<'_>, new: &mut State) {\n        \
             if old.version(\"\") == Some(2) {\n            new.ratio /= 100.0;\n        \
             }\n    }\n\n    fn buffers",
        )],
        back: &[],
    },
];

#[test]
fn every_change_of_the_layout_carries_the_values_over_and_back() {
    let mut bench = Bench::start();
    let original = bench.shown().text;
    for Change { name, edits, says, lines, undo, back } in CHANGES {
        println!("{name}");
        let shown = bench.change(edits);
        for wanted in *says {
            shown.says(wanted);
        }
        assert_lines(&bench.report(), lines);
        assert_eq!(shown.flow.gaps, 0, "{name}");
        let shown = bench.change(undo);
        assert_lines(&bench.report(), back);
        assert_eq!((shown.text.as_str(), shown.flow.gaps), (&*original, 0), "{name}, taken back");
    }
}

#[test]
fn a_rename_that_is_told_one_save_later_takes_its_value() {
    let mut bench = Bench::start();
    let told = "    #[shared(was = \"ratio\")]\n    pub share: f32,\n";
    let renamed = bench.change(&[("    pub ratio: f32,\n", "    pub share: f32,\n")]);
    renamed.says("share: 0.0");
    let report = bench.report().join("\n");
    assert!(report.contains("if it was `ratio`, add `#[shared(was = \"ratio\")]`"), "{report}");
    bench.change(&[("    pub ratio: f32,\n", told)]).says("share: 2.5");
    assert_lines(&bench.report(), &["restored  share: was `ratio`"]);
    // The hint applies once: the next save is independent of it.
    bench.change(&[("    pub ratio: f32,\n", told)]).says("share: 2.5");
}

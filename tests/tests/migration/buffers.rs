//! Tests of extra buffers: another element type, another length, removed and added again.

use super::bench::{Bench, assert_lines};

/// Name, edits, the resulting contents, lines of the report, and lines after undoing the edits.
type Change = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const ADD: &str = "plan.add::<u32>(\"heights\", arguments.heights);";
const GET: &str = "frame.buffers.get::<u32>(\"heights\")";

const CHANGES: &[Change] = &[
    (
        "wider elements",
        &[
            (ADD, "plan.add::<u64>(\"heights\", arguments.heights);"),
            (GET, "frame.buffers.get::<u64>(\"heights\")"),
        ],
        "heights [100, 200, 300, 400]",
        &[],
        &[],
    ),
    (
        "narrower elements",
        &[
            (ADD, "plan.add::<u16>(\"heights\", arguments.heights);"),
            (GET, "frame.buffers.get::<u16>(\"heights\")"),
        ],
        "heights [100, 200, 300, 400]",
        &[],
        &[],
    ),
    (
        "more elements",
        &[(ADD, "plan.add::<u32>(\"heights\", arguments.heights + 2);")],
        "heights [100, 200, 300, 400, 0, 0]",
        &[],
        &[],
    ),
    (
        "fewer elements",
        &[(ADD, "plan.add::<u32>(\"heights\", 2);")],
        "heights [100, 200]",
        &[],
        &[],
    ),
    ("no such buffer", &[(ADD, "let _ = (arguments, plan);"), (GET, "()")], "heights ()", &[], &[]),
    (
        "another name",
        &[
            (ADD, "plan.add::<u32>(\"hills\", arguments.heights);"),
            (GET, "frame.buffers.get::<u32>(\"hills\")"),
        ],
        "heights [0, 0, 0, 0]",
        &[],
        &[],
    ),
    (
        "another buffer beside it",
        &[(
            ADD,
            "plan.add::<(u8, u16)>(\"first\", 7);\n        \
             plan.add::<u32>(\"heights\", arguments.heights);",
        )],
        "heights [100, 200, 300, 400]",
        &[],
        &[],
    ),
];

#[test]
fn buffers_are_carried_over_by_their_names_and_come_back() {
    let mut bench = Bench::start();
    let original = bench.shown().text;
    assert!(original.ends_with("heights [100, 200, 300, 400]"), "{original}");
    for (name, edits, contents, lines, back) in CHANGES {
        let shown = bench.change(edits);
        println!("=== {name}\n{}\n{}", shown.text, bench.report().join("\n"));
        assert_eq!(shown.text.lines().last(), Some(*contents), "{name}");
        assert_lines(&bench.report(), lines);
        // A reload in between, without an edit.
        assert_eq!(bench.change(edits).text, shown.text, "{name}");
        assert_eq!(bench.report(), [""; 0], "{name}");
        let shown = bench.change(&[]);
        println!("--- back\n{}\n{}", shown.text, bench.report().join("\n"));
        assert_eq!(shown.text, original, "{name}");
        assert_lines(&bench.report(), back);
    }
}

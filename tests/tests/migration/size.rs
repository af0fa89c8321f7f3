//! Tests of large descriptions and large states.

use super::bench::Bench;
use super::support::{Driver, Workbench};
use hot_reload::{Owner, migration::Outcome};
use two_process_tests::big::{self, Big};

/// Numbers of structs and of fields in each: 2,100 fields with different names.
const PARTS: u32 = 30;
const FIELDS: u32 = 70;

/// Returns a long name, so that the description of all fields takes about 500 KiB.
fn field(part: u32, number: u32) -> String {
    let long = ["of_which_there_are_very_many"; 5].join("_");
    format!("field_{long}_{part}_{number}")
}

/// Returns edits that give the state many fields of a type and show their sum. The fields have a
/// value each if `filled`; the field with the number `without` is omitted.
fn many(ty: &str, without: u32, filled: bool) -> [(&'static str, String); 4] {
    let numbers = |part: u32| {
        let all = (0..FIELDS).map(move |number| (part, number));
        all.filter(move |(part, number)| part * FIELDS + number != without)
    };
    let parts = |each: &dyn Fn(u32) -> String| (0..PARTS).map(each).collect::<String>();
    let structs = parts(&|part| {
        let fields =
            numbers(part).map(|(part, number)| format!("    {}: {ty},\n", field(part, number)));
        format!(
            "#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]\n#[repr(C)]\n\
             pub struct Part{part} {{\n{}}}\n\n",
            fields.collect::<String>()
        )
    });
    let values = parts(&|part| {
        let values = numbers(part).map(|(part, number)| {
            let value = part * FIELDS + number;
            format!("        state.part{part}.{} = {value};\n", field(part, number))
        });
        values.collect()
    });
    let sums = parts(&|part| {
        let terms = numbers(part).map(|(part, number)| format!("part.{},\n", field(part, number)));
        let terms = terms.collect::<String>();
        format!(
            "    let part = &frame.state.part{part};\n    \
             sum += [\n{terms}].into_iter().map(u64::from).sum::<u64>();\n"
        )
    });
    let values = if filled { values } else { String::new() };
    let fields = parts(&|part| format!("    pub part{part}: Part{part},\n"));
    [
        ("    pub flow: Flow,\n", format!("    pub flow: Flow,\n{fields}")),
        ("/// An element.\n", format!("{structs}/// An element.\n")),
        (
            "        *state = State::default();\n",
            format!("        *state = State::default();\n{values}"),
        ),
        (
            "format!(\"{:?}\\nheights {:?}\", frame.state, frame",
            format!(
                "let mut sum = 0;\n{sums}    \
                 format!(\"sum {{sum}}, {{}}\\nheights {{:?}}\", frame.state.number, frame"
            ),
        ),
    ]
}

#[test]
fn a_state_of_thousands_of_fields_starts_and_is_carried_over() {
    let mut bench = Bench::start();
    let before = bench.shown();
    let change = |bench: &mut Bench, edits: [(&str, String); 4]| {
        let edits = edits.iter().map(|(from, to)| (*from, to.as_str()));
        bench.change(&edits.collect::<Vec<_>>())
    };
    const ALL: u32 = PARTS * FIELDS;
    let says = |without: u32| {
        let sum = ALL * (ALL - 1) / 2 - without;
        format!("sum {sum}, 300\nheights [100, 200, 300, 400]")
    };
    let shown = change(&mut bench, many("u16", ALL, true));
    shown.says(&says(0));
    // The first one reported the room that it needs, and was started again.
    assert!(shown.generation >= before.generation + 2, "a segment that fits");
    let shown = change(&mut bench, many("u32", 1000, false));
    shown.says(&says(1000));
    let report = bench.driver.owner.status().migration.clone().unwrap();
    assert_eq!(report.count(Outcome::Converted), ALL as usize - 1);
    let (part, number) = (1000 / FIELDS, 1000 % FIELDS);
    let path = format!("part{part}.{}", field(part, number));
    assert_eq!(report.field(&path).unwrap().outcome, Outcome::Parked);
    let shown = change(&mut bench, many("u16", ALL, false));
    shown.says(&says(0));
    let back = bench.change(&[]);
    assert_eq!((back.text, back.flow.gaps), (before.text, 0));
}

/// Returns a state of 10,000 fields in few types: its description is short, but its parked values
/// and its report are long.
fn nested(leaf: &str) -> [(&'static str, String); 2] {
    let level = |name: &str, ty: &str| {
        let fields = ('a'..='j').map(|field| format!("    {field}: {ty},\n")).collect::<String>();
        format!(
            "#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]\n#[repr(C)]\n\
             pub struct {name} {{\n{fields}}}\n\n"
        )
    };
    let levels = [("L0", leaf), ("L1", "L0"), ("L2", "L1"), ("L3", "L2")];
    let levels = levels.map(|(name, ty)| level(name, ty)).concat();
    [
        ("    pub y: f32,\n", "    pub y: f32,\n    pub tree: L3,\n".to_owned()),
        ("/// An element.\n", format!("{levels}/// An element.\n")),
    ]
}

#[test]
fn what_is_parked_and_what_is_said_of_it_may_both_need_room() {
    let mut bench = Bench::start();
    let mut change = |leaf: &str| {
        let edits = nested(leaf);
        let edits = edits.iter().map(|(from, to)| (*from, to.as_str())).collect::<Vec<_>>();
        bench.change(&edits).says("number: 300,");
        bench.driver.owner.status().migration.clone().unwrap()
    };
    change("u32");
    let parked = change("FixedString<4>");
    assert_eq!(parked.count(Outcome::Parked), 10_000);
    let back = change("u32");
    assert_eq!(back.count(Outcome::Restored), 10_000);
}

/// Number of cells of a state of 8 MiB.
const CELLS: usize = 2 << 20;

#[test]
fn a_state_of_8_mib_is_carried_over_into_a_larger_array() {
    let workbench = Workbench::of("big");
    let sized = |cells: usize| format!("[\"big\", ..] => hot_reload::run::<Big<{cells}>>");
    workbench.edit(
        "src/main.rs",
        "[\"big\", ..] => hot_reload::run::<Big<{ big::CELLS }>>",
        &sized(CELLS),
    );
    let owner = Owner::<Big<CELLS>>::builder(()).size(64, 48).workspace(&workbench.folder);
    let owner = owner.program_arguments(["big".into()]).start(big::render).unwrap();
    let mut driver = Driver::new(owner);
    driver.until("a commit", |driver| driver.owner.state().is_some_and(|it| it.frames > 20));
    // New cells are recognized by the values of a fresh state.
    workbench.edit("src/big.rs", "*cell = number;", "*cell = number + 5;");
    let whole = "(first, last as usize) == (1, CELLS - 1)";
    let carried = format!(
        "state.cells.iter().zip(0_usize..).all(|(&cell, number)| {{\n        \
         cell as usize == number + if number < {CELLS} {{ 0 }} else {{ 5 }}\n    }}) \
         && (first, last) != (0, 0) && state.frames > 20 && state.gaps == 0"
    );
    workbench.edit("src/big.rs", whole, &carried);
    workbench.edit("src/lib.rs", "0x0011_2233", "0x0000_00c1");
    workbench.edit("src/main.rs", &sized(CELLS), &sized(CELLS + 100_000));
    driver.until("all cells in the larger array", |driver| driver.color() == 0xc1);
    assert_eq!(driver.owner.status().problem, None);
    driver.until("the report", |driver| driver.owner.status().migration.is_some());
    // And back to the owner's own size.
    workbench.edit("src/lib.rs", "0x0000_00c1", "0x0000_00c2");
    workbench.edit("src/main.rs", &sized(CELLS + 100_000), &sized(CELLS));
    driver.until("the smaller array", |driver| driver.color() == 0xc2);
    driver.until("the owner's own", |driver| driver.owner.state().is_some());
    let state = driver.owner.state().unwrap();
    assert!(state.cells.iter().zip(0..).all(|(&cell, number)| cell == number));
    assert_eq!(state.gaps, 0);
}

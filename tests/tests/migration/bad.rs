//! Tests of migrations that fail: they cost the new generation, and nothing else.

use super::bench::Bench;
use hot_reload::{Deadlines, Key, status::ReloadEvent};
use std::time::Duration;

const FLOW: &str = "    pub flow: Flow,\n";
/// An edit that is common to all of them, and that remains when each is fixed.
const MORE: (&str, &str) = (FLOW, "    pub flow: Flow,\n    pub more: u16,\n");

/// Returns an edit that adds a migration with this body.
fn migrate(body: &str) -> (&'static str, String) {
    let signature = "fn migrate(_: &hot_reload::migration::OldState<'_>, _: &mut State)";
    ("    fn buffers", format!("    {signature} {{\n        {body}\n    }}\n\n    fn buffers"))
}

/// Name, edits, and words of the expected problem.
type Bad = (&'static str, Vec<(&'static str, String)>, &'static str);

fn bad_migrations() -> Vec<Bad> {
    let derived = "#[derive(Debug, Clone, Copy, Default, PartialEq, SharedState)]\n#[repr(C)]\n\
                   pub struct State";
    let by_hand = "impl Default for State {\n    fn default() -> Self {\n        \
                   panic!(\"there is no default\")\n    }\n}\n\n\
                   #[derive(Debug, Clone, Copy, PartialEq, SharedState)]\n#[repr(C)]\n\
                   pub struct State";
    let element = "    #[shared(default = panic!(\"there is no such weight\"))]\n    \
                   pub heavy: u64,\n    pub weight: i32,\n";
    vec![
        (
            "a panic in `migrate`",
            vec![migrate("panic!(\"no way over\");")],
            "panicked at src/clay.rs:28:9: no way over",
        ),
        (
            "an endless `migrate`",
            vec![migrate("loop { std::hint::spin_loop() }")],
            "within 2s: `App::init` or `App::migrate`",
        ),
        ("a panic in `default`", vec![(derived, by_hand.to_owned())], "there is no default"),
        (
            "a panic in a field's default",
            vec![("    pub weight: i32,\n", element.to_owned())],
            "there is no such weight",
        ),
    ]
}

fn start(rehearsal: bool) -> Bench {
    let deadlines = Deadlines { start: Duration::from_secs(2), ..Deadlines::default() };
    Bench::start_with(|builder| builder.deadlines(deadlines).rehearsal(rehearsal))
}

#[test]
fn a_bad_migration_is_a_failed_warm_up_and_the_old_generation_goes_on() {
    let mut bench = start(true);
    for (name, edits, words) in bad_migrations() {
        let before = bench.shown();
        let edits = edits.iter().map(|(from, to)| (*from, to.as_str())).chain([MORE]);
        bench.save(&edits.collect::<Vec<_>>());
        let problem = bench.problem().to_string();
        assert!(problem.contains(words), "{name}: {problem}");
        let frames = before.flow.frames;
        bench.until_flow(&format!("frames after {name}"), |flow| flow.frames > frames + 30);
        let after = bench.shown();
        assert_eq!(after.generation, before.generation, "{name}");
        assert_eq!((&after.text, after.flow.gaps), (&before.text, 0), "{name}");
        assert_eq!(bench.driver.owner.status().generation, before.generation, "{name}");
        let mended = bench.change(&[MORE]);
        mended.says("State { flow: Flow, more: 0, number: 300");
        assert!(mended.flow.frames > after.flow.frames && mended.flow.gaps == 0, "{name}");
        assert_eq!(bench.driver.owner.status().problem, None);
        let back = bench.change(&[]);
        assert_eq!(back.text, before.text, "{name}");
    }
}

#[test]
fn a_bad_migration_without_rehearsal_gives_way_to_the_build_before_with_its_state() {
    let mut bench = start(false);
    for (name, edits, words) in bad_migrations() {
        let before = bench.shown();
        let edits = edits.iter().map(|(from, to)| (*from, to.as_str())).chain([MORE]);
        bench.save(&edits.collect::<Vec<_>>());
        let problem = bench.problem().to_string();
        assert!(problem.contains(words), "{name}: {problem}");
        // From here on the previous build answers, which has been started again.
        let frames = before.flow.frames;
        bench.until_flow(&format!("frames after {name}"), |flow| flow.frames > frames + 30);
        let after = bench.shown();
        assert!(bench.driver.owner.status().problem.is_some(), "{name}: until it is mended");
        assert_eq!((&after.text, after.flow.gaps), (&before.text, 0), "{name}");
        let mended = bench.change(&[MORE]);
        mended.says("State { flow: Flow, more: 0, number: 300");
        assert!(mended.flow.frames > after.flow.frames && mended.flow.gaps == 0, "{name}");
        assert_eq!(bench.change(&[]).text, before.text, "{name}");
    }
}

/// An edit that removes a field from the state.
const WITHOUT: (&str, &str) = ("    pub ratio: f32,\n", "");

#[test]
fn a_migrated_generation_that_fails_at_once_is_replaced_by_the_old_one_with_its_own_layout() {
    let mut bench = Bench::start();
    let before = bench.shown();
    let in_earnest = "    assert!(frame.rehearsal, \"only in earnest\");\n    observe(frame);\n";
    bench.save(&[WITHOUT, ("    observe(frame);\n", in_earnest)]);
    let mut events = Vec::new();
    bench.driver.until("put back", |driver| {
        events.extend(driver.owner.reload_events());
        events.iter().any(|it| matches!(it, ReloadEvent::PutBack { .. }))
    });
    let problem = bench.problem().to_string();
    assert!(problem.contains("only in earnest"), "{problem}");
    let after = bench.shown();
    assert_eq!((after.generation, &after.text), (before.generation, &before.text));
    assert_eq!(after.flow.gaps, 0, "the log was replayed");
    assert_eq!(bench.report(), [""; 0], "nothing was migrated for the one that draws");
    let mended = bench.change(&[WITHOUT]);
    mended.says("small: 7, on: true");
    assert_eq!(bench.change(&[]).text, before.text);
}

#[test]
fn what_is_parked_stays_parked_when_a_migrated_generation_crashes_later() {
    let mut bench = Bench::start();
    let before = bench.shown();
    bench.change(&[WITHOUT]);
    bench.until_flow("accepted", |flow| flow.frames > before.flow.frames + 30);
    bench.driver.owner.reload_events().for_each(drop);
    bench.tap(Key::C);
    bench.driver.until("what C did is left out", |driver| {
        driver.owner.reload_events().any(|it| matches!(it, ReloadEvent::InputSkipped { .. }))
    });
    let recovered = bench.shown();
    recovered.says("small: 7, on: true");
    assert_eq!(recovered.flow.gaps, 0);
    assert_eq!(bench.report(), [""; 0], "the same build, the same layout");
    let back = bench.change(&[]);
    assert_eq!(back.text, before.text, "what was parked is back");
    assert_eq!(back.flow.gaps, 0);
}

#[test]
fn the_build_before_gets_its_layout_back_with_what_was_parked() {
    let mut bench = Bench::start();
    let before = bench.shown();
    // A build that grows old and then dies, again and again.
    let age = ("    pub ratio: f32,\n", "    pub age: u32,\n");
    let dies = "    frame.state.age += 1;\n    \
                assert!(frame.rehearsal || frame.state.age < 60, \"too old\");\n    \
                observe(frame);\n";
    bench.save(&[age, ("    observe(frame);\n", dies)]);
    let edition = bench.edition;
    let mut events = Vec::new();
    bench.driver.until("it is given up", |driver| {
        events.extend(driver.owner.reload_events());
        events.iter().any(|it| matches!(it, ReloadEvent::GivenUp { .. }))
    });
    bench.driver.until("the build before", |driver| driver.color() == edition - 1);
    let after = bench.shown();
    assert_eq!(after.text, before.text, "with what was parked");
    assert!(after.flow.frames > before.flow.frames + 30 && after.flow.gaps == 0);
    super::bench::assert_lines(
        &bench.report(),
        &["restored  ratio", "parked    age: removed (u32)"],
    );
    let mended = bench.change(&[age]);
    mended.says("small: 7, age: 5");
    assert_eq!(bench.change(&[]).text, before.text);
}

#[test]
fn parked_values_survive_reloads_that_have_nothing_to_do_with_them() {
    let mut bench = Bench::start();
    let before = bench.shown();
    let without = ("    pub items: FixedVec<Item, 4>,\n", "");
    let shown = bench.change(&[without]);
    super::bench::assert_lines(&bench.report(), &["parked    items: removed (FixedVec<Item, 4>)"]);
    // An edit with the same layout.
    assert_eq!(bench.change(&[without]).text, shown.text);
    assert_eq!(bench.report(), [""; 0], "the same layout has nothing to report");
    // Edits with other layouts, twice.
    bench.change(&[without, MORE]).says("more: 0, number: 300");
    bench.change(&[without, ("    pub number: u32,\n", "    pub number: u64,\n")]);
    // A restart without an edit.
    let generation = bench.driver.owner.status().generation;
    bench.driver.owner.reload();
    bench.driver.until("the reload", |driver| driver.owner.status().generation > generation);
    bench.drawn();
    let back = bench.change(&[]);
    assert_eq!(back.text, before.text);
    super::bench::assert_lines(&bench.report(), &["restored  items"]);
}

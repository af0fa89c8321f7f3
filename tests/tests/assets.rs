//! Tests of files that the application reads at run time, and that change while it runs.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::status::ReloadEvent;
use std::fs;
use support::{Driver, Workbench};
use two_process_tests::{Arguments, COLOR, Probe, render};

/// Code that counts the reported changes, and records the last.
const NOTE: &str = r#"    observe(frame);
    for change in frame.assets {
        frame.state.pings += 1;
        let gone = if change.exists { "" } else { "-" };
        assert_eq!(change.path.exists(), change.exists);
        assert!(change.path.is_absolute() && change.path.ends_with(&change.name));
        frame.state.text = FixedString::truncated(&format!("{gone}{}", change.name.display()));
    }
"#;

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.edit("src/lib.rs", "    observe(frame);\n", NOTE);
    bench.write("assets/level.txt", "one");
    bench
}

fn start(bench: &Workbench) -> Driver<Probe> {
    let builder = bench.builder(Arguments::default()).assets("assets");
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    driver
}

fn until_told(driver: &mut Driver<Probe>, name: &str) -> u64 {
    driver.until(name, |driver| driver.owner.state().is_some_and(|it| it.text.as_str() == name));
    driver.owner.state().unwrap().pings
}

#[test]
fn a_changed_asset_is_told_once_and_nothing_is_built_or_started() {
    let bench = bench();
    let mut driver = start(&bench);
    assert_eq!(
        driver.owner.state().unwrap().pings,
        0,
        "files present at the start are not changes"
    );
    bench.write("assets/level.txt", "two");
    assert_eq!(until_told(&mut driver, "level.txt"), 1);
    // The same content again and an editor's backup are not changes. The next file proves that they
    // have been checked.
    bench.write("assets/level.txt", "two");
    bench.write("assets/level.txt~", "one");
    bench.write("assets/deep/new.txt", "new");
    assert_eq!(until_told(&mut driver, "deep/new.txt"), 2);
    fs::remove_file(bench.path("assets/level.txt")).unwrap();
    assert_eq!(until_told(&mut driver, "-level.txt"), 3);
    // The whole folder is removed and comes back.
    fs::remove_dir_all(bench.path("assets")).unwrap();
    assert_eq!(until_told(&mut driver, "-deep/new.txt"), 4);
    bench.write("assets/again.txt", "back");
    assert_eq!(until_told(&mut driver, "again.txt"), 5);
    assert_eq!((driver.owner.status().generation, driver.owner.status().build), (1, 1));
    let saves = driver.owner.reload_events();
    let builds = saves.filter(|event| matches!(event, ReloadEvent::BuildStarted { .. })).count();
    assert_eq!(builds, 1);
    // A source counts as a source, even inside the folder of assets.
    bench.color(COLOR, 0x77);
    driver.until_color(0x77);
    assert_eq!(
        driver.owner.state().unwrap().pings,
        5,
        "the next generation finds them as they are"
    );
}

#[test]
fn an_asset_that_the_compiler_reads_is_built_as_well() {
    let bench = bench();
    bench.write("assets/color.txt", "1");
    bench.edit(
        "src/lib.rs",
        "canvas.fill(COLOR)",
        "canvas.fill(include_str!(\"../assets/color.txt\").len() as u32)",
    );
    let builder = bench.builder(Arguments::default()).assets(bench.path("assets"));
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(1);
    bench.write("assets/color.txt", "12");
    driver.until_color(2);
    until_told(&mut driver, "color.txt");
}

#[test]
fn what_changes_during_the_set_up_of_a_generation_is_told_with_its_first_tick() {
    let bench = bench();
    let mut driver = start(&bench);
    // Its set-up lasts until the asset has changed.
    let waits = "    while std::fs::read_to_string(\"assets/level.txt\").unwrap() == \"one\" {\n        \
                 std::thread::sleep(std::time::Duration::from_millis(5));\n    }\n    \
                 std::thread::sleep(std::time::Duration::from_millis(100));\n    \
                 hot_reload::run::<Probe>(render)";
    let waits =
        waits.replace("assets/level.txt", &bench.path("assets/level.txt").display().to_string());
    bench.edit("src/main.rs", "    hot_reload::run::<Probe>(render)", &waits);
    bench.color(COLOR, 0x77);
    let mut events = Vec::new();
    driver.until("the set-up", |driver| {
        events.extend(driver.owner.reload_events());
        events.iter().any(|it| matches!(it, ReloadEvent::WarmingUp { generation: 2, .. }))
    });
    assert_eq!(driver.owner.state().unwrap().pings, 0);
    bench.write("assets/level.txt", "two");
    driver.until_color(0x77);
    driver.until("both", |driver| driver.owner.state().unwrap().pings == 2);
}

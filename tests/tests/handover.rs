//! Tests of the way from one generation to the next: warm-up, rehearsal, drain, return of the old
//! one, kept values.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{
    Deadlines, Request,
    status::{Problem, ReloadEvent},
};
use std::fs;
use support::{Driver, LIMIT, Workbench, renderers};
use two_process_tests::{Arguments, COLOR, Probe, render};

/// Returns a `main` with a renderer that has data of its own.
fn with_renderer(body: &str) -> String {
    format!(
        "use hot_reload::{{Frame, Render}};\nuse two_process_tests::{{Probe, render}};\n\
         #[allow(dead_code)]\n#[derive(Default)]\nstruct Own {{ names: Vec<String> }}\n\
         impl Render<Probe> for Own {{\n{body}\n}}\n\
         fn main() -> hot_reload::Result<()> {{ hot_reload::run_with::<Probe>(Own::default()) }}\n"
    )
}

/// Code that keeps a list of generations, and shows it in the state.
const KEEPS: &str = r#"
    fn render(&mut self, frame: &mut Frame<'_, Probe>) {
        if frame.first {
            match frame.kept.take::<Vec<String>>("names") {
                Ok(names) => self.names = names.unwrap_or_default(),
                Err(error) => self.names = vec![error.to_string()],
            }
            self.names.push(frame.generation.to_string());
        }
        render(frame);
        frame.state.text = hot_reload::FixedString::truncated(&self.names.join(","));
    }
    fn on_drain(&mut self, frame: &mut Frame<'_, Probe>) {
        assert_eq!((frame.canvas.width(), frame.rehearsal), (0, false));
        frame.kept.keep("names", &self.names).unwrap();
        frame.state.pings += 1000;
    }
    fn on_resume(&mut self, frame: &mut Frame<'_, Probe>) {
        self.names.push(format!("r{}", frame.generation));
    }
"#;

fn text(driver: &Driver<Probe>) -> String {
    driver.owner.state().map(|state| state.text.to_string()).unwrap_or_default()
}

#[test]
fn a_new_generation_sets_up_and_rehearses_while_the_old_one_draws() {
    let (bench, mut driver) = Workbench::running();
    let go = bench.path("go");
    let slow = format!(
        "    while !std::path::Path::new({go:?}).exists() {{\n        \
         std::thread::sleep(std::time::Duration::from_millis(1));\n    }}\n    hot_reload::run"
    );
    bench.edit("src/main.rs", "    hot_reload::run", &slow);
    // The effects of a rehearsal are discarded: state, messages, requests, picture.
    bench.edit(
        "src/lib.rs",
        "    observe(frame);\n",
        "    if frame.rehearsal {\n        frame.state.frames += 1_000_000;\n        \
         frame.owner.send(Pong { number: 999, generation: 0 }).unwrap();\n        \
         frame.owner.request(Request::Quit);\n        frame.canvas.fill(0x00ff_ffff);\n        \
         assert!(frame.first && frame.owner.try_recv().is_none());\n        return;\n    }\n    \
         observe(frame);\n",
    );
    driver.until("the warm-up", |driver| renderers().len() == 2 && driver.drawn_by() == 1);
    let frames = driver.owner.state().unwrap().frames;
    driver.until("the old one draws", |driver| driver.owner.state().unwrap().frames > frames + 50);
    assert_eq!(driver.owner.status().generation, 1);
    fs::write(go, "").unwrap();
    driver.until("the new one", |driver| {
        assert_ne!(driver.color(), 0x00ff_ffff, "nobody sees a rehearsal");
        driver.drawn_by() == 2
    });
    driver.until("the end of the old one", |_| renderers().len() == 1);
    assert!(driver.owner.is_running(), "nobody hears its requests");
    assert_eq!(driver.owner.messages().count(), 0, "nor its messages");
    let state = driver.owner.state().unwrap();
    assert!(state.frames < 1_000_000 && state.gaps == 0, "{state:?}");
}

#[test]
fn without_rehearsal_the_old_one_has_ended_before_the_new_one_begins() {
    let bench = Workbench::new();
    let lock = bench.path("the-port");
    let lock = lock.to_str().unwrap();
    let alone = format!(
        "    let _port = std::fs::File::create_new({lock:?}).expect(\"the port is free\");\n    \
         let ended = hot_reload::run::<Probe>(render);\n    std::fs::remove_file({lock:?}).unwrap();\n    ended\n"
    );
    bench.edit("src/main.rs", "    hot_reload::run::<Probe>(render)\n", &alone);
    let builder = bench.builder(Arguments::default()).rehearsal(false);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    for (from, to) in [(COLOR, 0x71), (0x71, 0x72)] {
        bench.color(from, to);
        driver.until_color(to);
        assert_eq!(driver.owner.status().problem, None);
    }
    assert_eq!(driver.owner.state().unwrap().gaps, 0);
}

#[test]
fn kept_values_travel_from_generation_to_generation() {
    let bench = Workbench::new();
    bench.write("src/main.rs", &with_renderer(KEEPS));
    // A machine under load takes longer to drain than a person would wait.
    let deadlines = Deadlines { drain: LIMIT, ..Deadlines::default() };
    let builder = bench.builder(Arguments::default()).deadlines(deadlines);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until("the first", |driver| text(driver) == "1");
    for generations in ["1,2", "1,2,3"] {
        driver.owner.reload();
        driver.until(generations, |driver| text(driver) == generations);
    }
    // Changes that `on_drain` makes to the state are committed.
    assert_eq!(driver.owner.state().unwrap().pings, 2000);
    // A crash hands nothing over: the recovering generation receives what the crashed one had
    // received.
    driver.until("the end of the one before", |_| renderers().len() == 1);
    let renderer = renderers()[0];
    let killed = std::process::Command::new("kill").args(["-9", &renderer.to_string()]).status();
    assert!(killed.unwrap().success());
    driver.until("recovered", |driver| text(driver) == "1,2,4");
    // A changed type is an error that the renderer can handle.
    let other = KEEPS.replace("take::<Vec<String>>", "take::<Vec<u8>>").replace(
        "Ok(names) => self.names = names.unwrap_or_default(),",
        "Ok(_) => self.names = vec![\"garbage\".to_owned()],",
    );
    bench.write(
        "src/main.rs",
        &with_renderer(&other.replace("error.to_string()", "\"changed\".to_owned()")),
    );
    driver.until("the error", |driver| text(driver) == "changed,5");
}

#[test]
fn the_old_one_is_put_back_with_its_caches_when_the_new_one_fails_at_its_first_tick() {
    let bench = Workbench::new();
    bench.write("src/main.rs", &with_renderer(KEEPS));
    let mut driver = bench.start();
    driver.until("the first", |driver| text(driver) == "1");
    let old = renderers();
    let bad = "    assert!(frame.rehearsal, \"only in earnest\");\n";
    bench.edit("src/lib.rs", "    observe(frame);\n", &format!("{bad}    observe(frame);\n"));
    driver.until("put back", |driver| text(driver) == "1,r1");
    assert_eq!(renderers(), old, "the same process");
    let events = driver.owner.reload_events().collect::<Vec<_>>();
    assert!(events.contains(&ReloadEvent::PutBack { generation: 1, build: 1 }), "{events:?}");
    let status = driver.owner.status();
    let Some(Problem::Crashed { generation: 2, crash, .. }) = &status.problem else {
        panic!("{status:?}")
    };
    assert_eq!(crash.panic.as_ref().unwrap().message, "only in earnest");
    assert_eq!((status.generation, driver.drawn_by(), driver.color()), (1, 1, COLOR));
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames", |driver| driver.owner.state().unwrap().frames > frames + 50);
    assert_eq!(driver.owner.state().unwrap().gaps, 0, "the log was replayed");
    bench.edit("src/lib.rs", bad, "");
    bench.color(COLOR, 0x73);
    driver.until_color(0x73);
    assert_eq!(driver.owner.status().problem, None);
    assert_eq!(driver.owner.state().unwrap().gaps, 0);
}

#[test]
fn a_hold_keeps_a_finished_build_waiting_until_it_is_dropped() {
    let (bench, mut driver) = Workbench::running();
    let hold = driver.owner.hold();
    driver.until("held", |driver| driver.owner.status().held);
    bench.color(COLOR, 0x74);
    driver.until("it waits", |driver| renderers().len() == 2 && driver.owner.status().held);
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames", |driver| driver.owner.state().unwrap().frames > frames + 200);
    assert_eq!((driver.color(), driver.drawn_by()), (COLOR, 1));
    drop(hold);
    driver.until_color(0x74);
    assert!(!driver.owner.status().held);
}

#[test]
fn a_reload_is_told_step_by_step_and_can_be_waited_for() {
    let (bench, mut driver) = Workbench::running();
    driver.until("accepted", |driver| driver.owner.state().unwrap().frames > 10);
    let first = driver.owner.reload_events().collect::<Vec<_>>();
    assert!(first.contains(&ReloadEvent::Reloaded { generation: 1, build: 1 }), "{first:?}");
    let watch = driver.owner.status_watch();
    let waiting = std::thread::spawn(move || {
        let seen = watch.wait_for(LIMIT, |status| status.build == 2);
        let never = watch.wait_for(LIMIT, |status| status.build == 99);
        (seen.map(|status| status.generation), never.is_none())
    });
    bench.color(COLOR, 0x75);
    driver.until_color(0x75);
    driver.until("the old one's end", |_| renderers().len() == 1);
    let events = driver.owner.reload_events().collect::<Vec<_>>();
    let mut steps = events.iter();
    let mut follows = |name: &str, wanted: fn(&ReloadEvent) -> bool| {
        assert!(steps.any(wanted), "no {name} at its place in {events:?}");
    };
    follows("start", |it| matches!(it, ReloadEvent::BuildStarted { build: 2 }));
    follows("end", |it| matches!(it, ReloadEvent::BuildFinished { build: 2, .. }));
    follows("warm-up", |it| *it == ReloadEvent::WarmingUp { generation: 2, build: 2 });
    follows("drain", |it| *it == ReloadEvent::Draining { generation: 1 });
    follows("reload", |it| *it == ReloadEvent::Reloaded { generation: 2, build: 2 });
    drop(driver);
    assert_eq!(waiting.join().unwrap(), (Some(2), true), "and nobody waits for the dead");
}

#[test]
fn a_program_that_somebody_else_builds_is_taken_when_it_is_whole() {
    let (bench, driver) = Workbench::running();
    drop(driver);
    let built = bench.target().join("hot/two-process-tests");
    let (program, next) = (bench.path("program"), bench.path("next"));
    fs::copy(&built, &program).unwrap();
    let builder = bench.builder(Arguments::default()).artifact(&program);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until_color(COLOR);
    bench.color(COLOR, 0x76);
    let built_by_hand = std::process::Command::new("cargo")
        .args(["build", "--quiet", "--profile", "dev"])
        .current_dir(&bench.folder)
        .status();
    assert!(built_by_hand.unwrap().success());
    let whole = fs::read(bench.target().join("debug/two-process-tests")).unwrap();
    // Written in place, in two halves, as some linkers do.
    fs::write(&next, &whole[..whole.len() / 2]).unwrap();
    fs::rename(&next, &program).unwrap();
    for _ in 0..5 {
        driver.tick();
    }
    fs::copy(bench.target().join("debug/two-process-tests"), &next).unwrap();
    fs::rename(&next, &program).unwrap();
    driver.until_color(0x76);
    assert_eq!(driver.owner.status().problem, None);
}

#[test]
fn requests_of_the_last_frame_before_a_reload_arrive() {
    let (_bench, mut driver) = Workbench::running();
    driver.owner.reload();
    driver.input.events = vec![hot_reload::Event::KeyDown(hot_reload::Key::T)];
    driver.tick();
    let mut titles = Vec::new();
    driver.until("the title and the reload", |driver| {
        titles.extend(driver.owner.requests().filter(|it| matches!(it, Request::Title(_))));
        driver.drawn_by() == 2 && !titles.is_empty()
    });
}

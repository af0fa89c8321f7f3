//! Tests of the ready-made owner, in one process and without a window.

#![allow(clippy::unwrap_used, reason = "tests")]

use clap::Parser;
use hot_reload::{Error, Frame, Input, Options, Owner, Play, Render, Request, Sketch, Snapshot};
use std::path::Path;
use std::rc::Rc;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

fn play(arguments: &[&str]) -> Play<Sketch<u32>> {
    let arguments = ["play", "--headless", "--rate", "0"].iter().chain(arguments);
    let Cli { options } = Cli::parse_from(arguments);
    Play::new(Owner::builder(()).size(8, 4).one_process()).options(options)
}

#[test]
fn a_renderer_that_asks_to_fail_ends_the_program_with_its_error() {
    let failed = play(&[]).run(|frame: &mut Frame<'_, Sketch<u32>>| {
        *frame.state += 1;
        if *frame.state == 3 {
            frame.owner.request(Request::Fail("there is no level 7".to_owned()));
        }
    });
    assert!(
        matches!(&failed, Err(Error::Failed(error)) if error == "there is no level 7"),
        "{failed:?}"
    );
}

/// Values that cannot be sent to another thread.
struct Counter(Rc<u32>);

impl Render<Sketch<u32>> for Counter {
    fn render(&mut self, frame: &mut Frame<'_, Sketch<u32>>) {
        *frame.state += *self.0;
        frame.canvas.fill(*frame.state);
    }
}

#[test]
fn pictures_are_counted_and_the_last_one_and_the_state_are_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (png, state) = (folder.join("play.png"), folder.join("play.state"));
    let named = |file: &Path| file.to_str().unwrap().to_owned();
    let played = play(&["--frames", "5", "--png", &named(&png), "--save", &named(&state)])
        .run_with(|renderer| renderer.run_with(Counter(Rc::new(7))));
    assert!(played.is_ok(), "{played:?}");
    let counted = Snapshot::load(&state).unwrap().to_json()["state"].as_u64();
    assert!(counted.is_some_and(|it| it >= 35 && it % 7 == 0), "{counted:?}");
    let bytes = std::fs::read(&png).unwrap();
    assert_eq!(bytes[16..24], [0, 0, 0, 8, 0, 0, 0, 4], "8 × 4 pixels");
}

#[test]
fn a_file_that_cannot_be_used_is_an_error_before_anything_starts() {
    for (option, file) in [("--load", "nowhere.state"), ("--script", "nowhere.txt")] {
        let failed = play(&[option, file]).run(|_: &mut Frame<'_, Sketch<u32>>| unreachable!());
        let error = failed.unwrap_err();
        let words = error.to_string();
        // What `main` prints of an error that it returns.
        assert_eq!(format!("{error:?}"), words);
        assert!(words.contains(file), "{option}: {words}");
    }
}

#[test]
fn what_is_recorded_can_be_played_as_a_script() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("play.script").to_str().unwrap().to_owned();
    let render = |frame: &mut Frame<'_, Sketch<u32>>| {
        let Input { seed, .. } = *frame.input;
        let passed = frame.input.dt().subsec_nanos();
        *frame.state =
            frame.state.wrapping_mul(31).wrapping_add(u32::try_from(seed >> 32).unwrap() ^ passed);
        frame.canvas.fill(*frame.state);
    };
    play(&["--record", &file, "--frames", "3"]).run(render).unwrap();
    let script = std::fs::read_to_string(&file).unwrap();
    let lines = script.lines().collect::<Vec<_>>();
    assert!(lines[0].starts_with("seed ") && lines[1] == "1 resize 8x4", "{script}");
    assert!(lines.last().is_some_and(|last| last.ends_with(" quit")), "{script}");
    let replays = ["one", "other"].map(|name| {
        let named = |end| folder.join(format!("{name}.{end}")).to_str().unwrap().to_owned();
        let (png, state) = (named("png"), named("state"));
        let arguments = ["--script", &file, "--png", &png, "--save", &state];
        play(&arguments).run(render).unwrap();
        let state = Snapshot::load(&state).unwrap().to_json()["state"].as_u64();
        (std::fs::read(png).unwrap(), state.unwrap())
    });
    assert_eq!(replays[0], replays[1], "the same script, the same picture and state");
    let nowhere = folder.join("nowhere/x").to_str().unwrap().to_owned();
    let failed = play(&["--record", &nowhere]).run(render);
    assert!(matches!(failed, Err(Error::Recording { .. })), "{failed:?}");
}

//! Tests of the messages over the picture, in the real window.
//!
//! If `HOT_RELOAD_SCREENSHOTS` names a folder, the pictures for the documentation are written
//! there.

use super::reader::{AMBER, BLUE, GREEN, Panel, RED, dimmed, scene_text, strip};
use super::session::Session;

/// Places in the renderer for edits: the first line of a frame, and the code that handles keys.
const FRAME: &str = "    obey(frame);\n";
const KEYS: &str = "    if input.is_key_pressed(Key::R) {\n";
/// A call, and the same call with a type error.
const CALL: &str = "disc(canvas, ball.position, RADIUS, color(ball.hue));";
const WRONG_CALL: &str = "disc(canvas, ball.position, \"22\", color(ball.hue));";

#[test]
fn a_build_is_a_note_in_the_corner_and_a_long_one_has_a_bar() {
    let name = "a_build_is_a_note_in_the_corner_and_a_long_one_has_a_bar";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let before = session.copy.ground();
    // Another cargo holds the folder, so ours does not yet know the amount of work.
    let lock = session.copy.block_builds();
    session.copy.set_ground(0x0044_2211);
    let (note, picture) = session.wait_for_note("a build", BLUE, |_| true);
    assert_eq!((note.lines, note.bar), (vec!["building...".to_owned()], None));
    assert_eq!(picture.ground(), Ok(before), "the picture is as bright as ever");
    session.wait_for_pictures(10);
    drop(lock);
    session.wait_for_ground(0x0044_2211);
    session.wait_for_no_overlay();

    session.copy.build_for_ever();
    let (note, picture) = session.wait_for_note("a bar", BLUE, |note| note.bar.is_some());
    assert!(note.bar > Some(0.5) && note.bar < Some(1.0), "one crate is missing: {note:?}");
    assert!(note.lines[0].starts_with("building "), "{note:?}");
    assert!(note.lines[1].contains("example-impl"), "{note:?}");
    assert_eq!(picture.ground(), Ok(0x0044_2211), "the picture is as bright as ever");
    session.keep(&picture, "overlay-building.png");
    session.wait_for_pictures(10);
    session.copy.build_no_longer();
    session.copy.set_ground(0x0011_2244);
    session.wait_for_ground(0x0011_2244);
    session.wait_for_no_overlay();
    session.close();
}

#[test]
fn f2_shows_which_build_drew_the_picture_and_how_long_that_took() {
    let name = "f2_shows_which_build_drew_the_picture_and_how_long_that_took";
    let Some(mut session) = Session::start(name, &["--timings"]) else {
        return;
    };
    assert_eq!(strip(&session.picture()), Err("no strip".to_owned()), "off at first");
    session.screen.xdotool("key F2");
    let said = |session: &mut Session, beginning: &str| {
        session.wait(&format!("a strip with `{beginning}`"), |view| {
            let picture = view.picture()?;
            let words = strip(&picture)?;
            // Parts that take less than a millisecond are omitted; the last ones may be.
            let found = words.starts_with(beginning) && words.contains(" build ");
            if found { Ok((words, picture)) } else { Err(format!("`{words}`")) }
        })
    };
    said(&mut session, "generation 1 build 1 · live · start ");
    // The strip covers the ground, so only its words tell.
    session.copy.set_ground(0x0022_4411);
    let (words, picture) = said(&mut session, "generation 2 build 2 · live · ");
    assert!(words.contains(" ms: "), "`{words}`");
    session.keep(&picture, "overlay-strip.png");
    session.wait_for_pictures(10);
    session.screen.xdotool("key F2");
    session.wait("no strip", |view| match strip(&view.picture()?) {
        Err(_) => Ok(()),
        Ok(words) => Err(words),
    });
    session.wait_for_ground(0x0022_4411);
    session.screen.xdotool("key Escape");
    assert_eq!(session.program.wait_exit().code(), Some(0));
    assert_eq!(session.program.times_logged("reloads of a save: 1; in ms"), 1);
}

#[test]
fn a_failed_build_is_a_panel_until_the_fix() {
    let Some(mut session) = Session::start("a_failed_build_is_a_panel_until_the_fix", &[]) else {
        return;
    };
    let (before, renderer) = (session.copy.ground(), session.renderer());
    session.copy.replace(CALL, WRONG_CALL);
    let (panel, picture) = session.wait_for_panel("the error", |panel| !panel.body.is_empty());
    assert_eq!((panel.color, panel.title.as_str()), (RED, "build failed"), "{panel:#?}");
    let said = panel.text();
    for word in ["error[E0308]: mismatched types", "example-impl/src/lib.rs", "expected `f32`"] {
        assert!(said.contains(word), "no `{word}` in {panel:#?}");
    }
    assert!(panel.body.iter().any(|line| line.ends_with(WRONG_CALL)), "{panel:#?}");
    assert_eq!(panel.hint, "the last good build keeps running");
    assert_eq!(picture.ground(), Ok(dimmed(before)));
    session.keep(&picture, "overlay-build-failed.png");
    // The picture below the panel keeps moving, drawn by the same process.
    session.wait_for_pictures(10);
    assert_eq!(session.renderer(), renderer);

    session.copy.replace(WRONG_CALL, CALL);
    session.copy.set_ground(0x0011_4433);
    session.wait_for_ground(0x0011_4433);
    session.wait_for_no_overlay();
    assert_eq!(session.screen.window(), Ok(session.window));
    session.close();
}

#[test]
fn the_wheel_scrolls_a_panel_and_not_the_application() {
    let name = "the_wheel_scrolls_a_panel_and_not_the_application";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let errors = (0..20).map(|number| format!("const _: u8 = \"{number}\";\n"));
    let errors = errors.collect::<String>();
    session.copy.replace("const PULL: ", &format!("{errors}const PULL: "));
    let hint = "the last good build keeps running · wheel: scroll";
    let (first, _) = session.wait_for_panel("more than fits", |panel| panel.hint == hint);
    let window = session.window;
    session.screen.xdotool(&format!("mousemove --window {window} 400 300 click 5"));
    let scrolled = |panel: &Panel| panel.body != first.body;
    let (second, _) = session.wait_for_panel("scrolled", scrolled);
    let (before, after) = (&first.body, &second.body);
    let goes_on = |by: usize| before[by..] == after[..before.len() - by];
    assert!((1..before.len()).any(goes_on), "{second:#?} is not {first:#?}, scrolled");
    session.screen.xdotool("click 4 click 4");
    session.wait_for_panel("back at its beginning", |panel| panel.body == first.body);

    session.copy.replace(&errors, "");
    session.copy.set_ground(0x0033_1144);
    session.wait_for_ground(0x0033_1144);
    session.wait_for_no_overlay();
    // The wheel now changes gravity, which the second line of the scene shows.
    let picture = session.picture();
    let line = super::reader::scene_line(&picture, 1);
    assert!(line.ends_with("wheel: gravity 1.0   arrows: push"), "`{line}`");
    session.close();
}

#[test]
fn a_panel_is_legible_in_small_and_large_windows() {
    let name = "a_panel_is_legible_in_small_and_large_windows";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    session.copy.replace(CALL, WRONG_CALL);
    session.wait_for_panel("the error", |panel| panel.title == "build failed");
    for ((width, height), letter) in [((320, 240), 8), ((1920, 1080), 30), ((800, 600), 15)] {
        session.screen.xdotool(&format!("windowsize {} {width} {height}", session.window));
        let what = format!("an error that can be read at {width} × {height}");
        let (panel, picture) = session.wait_for_panel(&what, |panel| {
            let said = panel.text();
            panel.title == "build failed"
                && said.contains("mismatched types")
                && panel.letter == letter
        });
        assert_eq!((picture.width, picture.height), (width, height));
        let lines = panel.body.iter().filter(|line| !line.is_empty()).count();
        assert!(lines >= 8, "{lines} lines: {panel:#?}");
        let strange = panel.body.iter().find(|line| line.contains('\u{fffd}'));
        assert_eq!(strange, None, "a line that cannot be read in {panel:#?}");
    }
    session.close();
}

#[test]
fn a_crash_by_a_key_is_recovered_from_and_noted() {
    let name = "a_crash_by_a_key_is_recovered_from_and_noted";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    session.click(1);
    on_key(&mut session, "P", "panic!(\"the key P was pressed\")");
    let before = session.renderer();
    session.screen.xdotool("key p");
    let (note, picture) = session.wait_for_note("recovered", GREEN, |_| true);
    assert_eq!(note.lines[0], "recovered");
    let said = note.lines[1..].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    assert!(said.contains("panicked at example-impl/src/lib.rs:"), "{note:?}");
    assert!(said.contains("the key P was pressed"), "{note:?}");
    assert_eq!(Panel::read(&picture), Err("no panel".to_owned()));
    session.keep(&picture, "overlay-recovered.png");
    session.wait_for_pictures(10);
    assert_ne!(session.renderer(), before, "another process draws");
    let title = session.wait_for_title("the state", |title| title.ends_with("balls"));
    assert_eq!(title, "hot-reload · 1 clicks · 8 balls", "the state has survived");
    // News disappears after a while.
    session.wait_for_no_overlay();
    assert_eq!(session.screen.window(), Ok(session.window));
    session.close();
}

#[test]
fn a_build_that_crashes_at_its_first_frame_is_told_until_the_fix() {
    let name = "a_build_that_crashes_at_its_first_frame_is_told_until_the_fix";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let (before, renderer) = (session.copy.ground(), session.renderer());
    let crash = "    if !frame.rehearsal {\n        \
         panic!(\"{} spots, and room for none\", frame.state.trail.len());\n    }\n";
    session.copy.replace(FRAME, &format!("{crash}{FRAME}"));
    let settled = |panel: &Panel| panel.hint.starts_with("the last good build keeps running");
    let (panel, picture) = session.wait_for_panel("the crash", settled);
    assert_eq!((panel.color, panel.title.as_str()), (RED, "crashed"), "{panel:#?}");
    let said = panel.text();
    for word in ["generation 2, build 2", "panicked at example-impl/src/lib.rs:", "room for none"] {
        assert!(said.contains(word), "no `{word}` in {panel:#?}");
    }
    session.keep(&picture, "overlay-crashed.png");
    // The previous generation keeps drawing below the panel, in its own process.
    session.wait_for_ground(dimmed(before));
    session.wait_for_pictures(30);
    session.wait_for_panel("the crash, still", |now| *now == panel);
    assert_eq!(session.renderer(), renderer);

    session.copy.replace(crash, "");
    session.copy.set_ground(0x0022_4455);
    session.wait_for_ground(0x0022_4455);
    session.wait_for_no_overlay();
    assert_eq!(session.screen.window(), Ok(session.window));
    session.close();
}

#[test]
fn a_hang_is_counted_and_replaced() {
    let Some(mut session) = Session::start("a_hang_is_counted_and_replaced", &[]) else {
        return;
    };
    session.click(1);
    on_key(&mut session, "H", "loop { std::hint::spin_loop() }");
    let before = session.renderer();
    session.screen.xdotool("key h");
    let counts = |panel: &Panel| {
        panel.title == "not responding"
            && panel.body[0].starts_with("no answer for ")
            && panel.body[0].ends_with(" s · replaced after 2.0 s")
    };
    let (first, _) = session.wait_for_panel("a count", counts);
    assert_eq!(
        (first.color, first.hint.as_str()),
        (AMBER, "the picture is the last frame received")
    );
    let goes_on = |panel: &Panel| counts(panel) && panel.body[0].starts_with("no answer for 1.");
    let (_, picture) = session.wait_for_panel("a growing count", goes_on);
    session.keep(&picture, "overlay-not-responding.png");
    // The next process receives the tick as well; it is left out after two hangs.
    let (note, picture) = session.wait_for_note("recovered", GREEN, |_| true);
    let said = note.lines.join(" ");
    assert!(said.contains("does not respond"), "{note:?}");
    let scene = scene_text(&picture);
    assert!(scene.starts_with("generation "), "`{scene}`");
    // The note can belong to the process in between, which hangs as well. Its count changes the
    // picture too, so only the log tells when the tick is left out.
    let left_out = "has killed two generations and is left out";
    session.program.wait_for_log(left_out);
    session.program.wait_for_log("generation 4 draws its first frame");
    let line = session.copy.line_of("loop { std::hint::spin_loop() }");
    session.program.wait_for_log(&format!(" was at example-impl/src/lib.rs:{line} in control"));
    session.wait_for_pictures(10);
    assert_ne!(session.renderer(), before, "another process draws");
    assert_eq!(session.program.times_logged(left_out), 1);
    let title = session.wait_for_title("the state", |title| title.ends_with("balls"));
    assert_eq!(title, "hot-reload · 1 clicks · 8 balls", "the state has survived");
    assert_eq!(session.screen.window(), Ok(session.window));
    session.close();
}

#[test]
fn an_abort_is_a_panel_with_its_line() {
    let Some(mut session) = Session::start("an_abort_is_a_panel_with_its_line", &[]) else {
        return;
    };
    let abort = "std::process::abort()";
    let late = "frame.state.ticks % 60 == 59 && !frame.rehearsal";
    let edit = format!("    if {late} {{\n        {abort};\n    }}\n{FRAME}");
    session.copy.replace(FRAME, &edit);
    let line = session.copy.line_of(abort);
    let place = format!("at example-impl/src/lib.rs:{line} in render");
    let (panel, _) = session.wait_for_panel("the place", |panel| {
        panel.title == "crashed" && panel.body.get(1).is_some_and(|line| line.trim() == place)
    });
    assert!(panel.body[0].contains("SIGABRT"), "{panel:#?}");
    assert!(panel.text().contains("stack"), "{panel:#?}");
    session.program.wait_for_log(&format!(" was {place}"));
    session.close();
}

/// Saves a source that executes `what` when a key is pressed, and waits until it draws.
fn on_key(session: &mut Session, key: &str, what: &str) {
    let edit =
        format!("    if input.is_key_pressed(Key::{key}) {{\n        {what};\n    }}\n{KEYS}");
    session.copy.replace(KEYS, &edit);
    session.copy.set_ground(0x0012_4433);
    session.wait_for_ground(0x0012_4433);
    session.wait_for_no_overlay();
    // The previous generation takes some time to end.
    let owner = session.program.id();
    session.program.wait("one renderer", || match super::processes::renderers(owner).len() {
        1 => Ok(()),
        count => Err(format!("{count} renderers")),
    });
}

//! Tests of the development keys, in the real window.

use super::processes;
use super::reader::{AMBER, BLUE, Panel, RED};
use super::session::Session;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a program that stands in for an editor, and writes down its arguments.
fn editor(results: &Path) -> impl Fn() -> String + use<> {
    let (editor, log) = (results.join("code"), results.join("editor.log"));
    let _ = fs::remove_file(&log);
    let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", log.display());
    fs::write(&editor, script).expect("the stand-in");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("a program");
    move || fs::read_to_string(&log).unwrap_or_default()
}

#[test]
fn keys_pause_step_reset_save_and_load() {
    let Some(mut session) = Session::start("keys_pause_step_reset_save_and_load", &[]) else {
        return;
    };
    session.screen.xdotool("key F1");
    let (sheet, _) = session.wait_for_panel("the keys", |panel| panel.title == "keys");
    assert_eq!(sheet.color, BLUE);
    for line in ["F5 resets the state", "F12 writes the picture to a file"] {
        let found = sheet.body.iter().any(|it| it.split_whitespace().eq(line.split(' ')));
        assert!(found, "no `{line}` in {sheet:#?}");
    }
    session.screen.xdotool("key F1");
    session.wait_for_no_overlay();

    session.click(1);
    session.screen.xdotool("key F6");
    session.wait_for_note("the pause", AMBER, |note| note.lines == ["paused"]);
    session.wait_for_standstill();
    let before = session.picture();
    session.screen.xdotool("key F7");
    session.wait("another picture", |view| match view.picture()? {
        picture if picture == before => Err("the same picture".to_owned()),
        _ => Ok(()),
    });
    session.wait_for_standstill();
    // The renderer's code is replaced during a pause, and draws without time.
    session.copy.set_ground(0x0011_3355);
    session.wait_for_ground(0x0011_3355);
    session.wait_for_standstill();
    session.screen.xdotool("key F6");
    session.wait_for_no_overlay();
    session.wait_for_pictures(5);

    session.screen.xdotool("key F8");
    let (saved, _) = session.wait_for_note("the saved state", AMBER, |note| {
        note.lines[0].starts_with("the state is saved to ")
    });
    let file = saved.lines[0].rsplit(' ').next().expect("a file").to_owned();
    session.screen.xdotool("key F5");
    session.wait_for_title("no clicks", |title| title.contains(" 0 clicks "));
    session.screen.xdotool("key F9");
    session.wait_for_title("one click", |title| title.contains(" 1 clicks "));
    session.screen.xdotool("key F12");
    session.wait_for_note("the picture", AMBER, |note| {
        note.lines[0].starts_with("the picture is in ")
    });
    for file in [file.as_str(), "example-impl.png"] {
        let file = session.copy.root.join(file);
        assert!(fs::metadata(&file).is_ok_and(|it| it.len() > 1_000), "{}", file.display());
        fs::remove_file(file).expect("the file");
    }
    session.close();
}

/// Waits until the build that draws counts as good: until then the one before it is parked.
fn wait_until_accepted(session: &mut Session) {
    let owner = session.program.id();
    session.wait("only one renderer", |_| match processes::renderers(owner).len() {
        1 => Ok(()),
        count => Err(format!("{count} renderers")),
    });
}

#[test]
fn keys_and_clicks_put_the_panel_away_open_the_editor_and_take_a_build_back() {
    let name = "keys_and_clicks_put_the_panel_away";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let opened = editor(&session.copy.results);
    let first = session.copy.ground();
    session.copy.set_ground(0x0044_2211);
    session.wait_for_ground(0x0044_2211);
    wait_until_accepted(&mut session);
    session.screen.xdotool("key F10");
    session.wait_for_ground(first);
    wait_until_accepted(&mut session);
    session.screen.xdotool("key F11");
    session.wait_for_ground(0x0044_2211);
    session.screen.xdotool("key F4");
    session.wait_for_note("nothing to open", AMBER, |note| {
        note.lines[0].starts_with("there is no failure")
    });

    session.copy.set("RADIUS: f32", "\"wrong\"");
    session.wait_for_panel("the error", |panel| panel.title == "build failed");
    session.screen.xdotool("key F4");
    let line = session.copy.line_of("const RADIUS: f32");
    let place = format!("example-impl/src/lib.rs:{line}:");
    session.wait("the editor", |_| {
        let opened = opened();
        let found = opened.starts_with("--goto /") && opened.contains(&place);
        if found { Ok(()) } else { Err(opened) }
    });

    // Away until the next failure, by a key and by a click on the title. The program is played, and
    // does not see the click on the panel.
    session.screen.xdotool("key F3");
    session.wait_for_note("that it is away", RED, |note| note.lines == ["build failed"]);
    session.wait_for_ground(0x0044_2211);
    session.click(1);
    session.copy.set("BOUNCE: f32", "\"also wrong\"");
    session.wait_for_panel("the next error", |panel| panel.text().contains("also wrong"));
    let title = session.picture();
    let (x, y) = (0..title.height)
        .find_map(|y| (0..title.width).find(|x| title.pixel(*x, y) == RED).map(|x| (x, y)))
        .expect("the title");
    let there = format!("mousemove --window {} {} {} mousedown 1", session.window, x + 20, y + 5);
    // Held until it is seen: minifb polls buttons.
    session.screen.xdotool(&there);
    session.wait("the panel away after a click", |view| match Panel::read(&view.picture()?) {
        Err(_) => Ok(()),
        Ok(panel) => Err(panel.title),
    });
    session.screen.xdotool("mouseup 1");
    session.wait_for_pictures(5);
    session.wait_for_title("no further click", |title| title.contains(" 1 clicks "));
    session.close();
}

//! Tests without a display: the picture in a terminal, as over SSH.

use super::copy::Copy;
use super::tmux::{self, Characters, Tmux};
use std::process::Command;

/// Waits until the lowest row of a picture that fills the screen has the ground's color.
fn wait_for_ground(terminal: &Tmux, size: (usize, usize), color: u32) {
    terminal
        .wait_first(&format!("ground of #{color:06x}"), |screen| has_ground(screen, size, color));
}

fn has_ground(screen: &Characters, size: (usize, usize), color: u32) -> Result<(), String> {
    let picture = screen.picture();
    if picture != size {
        return Err(format!("a picture of {picture:?} characters:\n{}", screen.text()));
    }
    let cell = screen.cell(0, size.1 - 1);
    let found = (cell.foreground, cell.background);
    if found == (Some(color), Some(color)) { Ok(()) } else { Err(format!("{found:x?}")) }
}

#[test]
fn without_a_display_the_picture_is_in_the_terminal_and_reloads() {
    let name = "terminal";
    if !tmux::is_there(name) {
        return;
    }
    let mut copy = Copy::take();
    copy.build();
    let saved = copy.results.join("terminal.state");
    let _ = std::fs::remove_file(&saved);
    let program = copy.program();
    let line = format!(
        "env -u DISPLAY -u WAYLAND_DISPLAY RUST_LOG=info {} --await-build --save {}; echo \"ended with $?\"; stty -a; exec sleep 900",
        program.display(),
        saved.display()
    );
    let terminal = Tmux::start(&copy, name, (100, 30), &line);
    let ground = copy.ground();
    wait_for_ground(&terminal, (100, 30), ground);
    assert_eq!(terminal.ask("#{alternate_on}"), "1", "what was on the terminal is kept");
    assert_eq!(terminal.ask("#{mouse_any_flag} #{cursor_flag}"), "1 0");

    // A click, and a key.
    terminal.click(50, 10);
    terminal.press("Space");
    for edit in 1..=3 {
        let color = 0x0020_4060 + edit * 0x0011_0509;
        copy.set_ground(color);
        wait_for_ground(&terminal, (100, 30), color);
    }

    // The problem is described in words below the picture, which continues.
    copy.replace("const GROUND:", "const GROUND: nonsense");
    terminal.wait("the compiler's words", |screen| {
        let text = screen.text();
        let said = text.contains("the renderer does not compile") && text.contains("nonsense");
        let (columns, rows) = screen.picture();
        // The picture shrinks to make room for the words.
        let shrunk = (10..30).contains(&rows) && columns.abs_diff(100 * rows / 30) <= 1;
        let said = said && shrunk;
        said.then_some(()).ok_or(text)
    });
    copy.replace("const GROUND: nonsense", "const GROUND:");
    wait_for_ground(&terminal, (100, 30), copy.ground());

    // A printed line is shown, and is not part of the picture.
    let (quiet, loud) =
        ("*ticks += 1;", "*ticks += 1; if *ticks % 30 == 0 { eprintln!(\"a word\"); }");
    copy.replace(quiet, loud);
    terminal.wait("what the renderer prints", |screen| {
        let text = screen.text();
        text.lines().last().is_some_and(|last| last == "a word").then_some(()).ok_or(text)
    });
    copy.replace(loud, quiet);
    terminal.resize("60", "20");
    wait_for_ground(&terminal, (60, 20), copy.ground());

    terminal.press("C-c");
    terminal.wait("the end", |screen| {
        let text = screen.text();
        text.contains("ended with 0").then_some(()).ok_or(text)
    });
    let text = terminal.screen().text();
    assert_eq!(terminal.ask("#{alternate_on}"), "0", "{text}");
    assert_eq!(terminal.ask("#{mouse_any_flag} #{cursor_flag}"), "0 1", "{text}");
    // The captured output has been printed.
    let lines = terminal.lines();
    assert!(lines.contains("a word"), "{lines}");
    terminal.wait("the terminal as it was", |screen| {
        let text = screen.text();
        (text.contains(" icanon") && text.contains(" echo ")).then_some(()).ok_or(text)
    });
    let inspected = Command::new(&program).arg("--inspect").arg(&saved).output();
    let state = String::from_utf8(inspected.expect("the program can be run").stdout);
    let state = state.expect("text");
    for field in ["clicks: u32 = 1\n", "paused: bool = true\n"] {
        assert!(state.contains(field), "no `{field}` in {state}");
    }
}

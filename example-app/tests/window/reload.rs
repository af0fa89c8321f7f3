//! Tests that saving the source changes the picture, and nothing else.

use super::reader::dimmed;
use super::session::Session;

const EDITS: u32 = 20;

#[test]
fn the_scene_is_shown() {
    let Some(mut session) = Session::start("the_scene_is_shown", &[]) else {
        return;
    };
    let picture = session.picture();
    assert_eq!((picture.width, picture.height), (800, 600));
    assert_eq!(picture.ground(), Ok(session.copy.ground()));
    let sky = picture.pixel(790, 300);
    assert_ne!(Ok(sky), picture.ground(), "the sky is not the ground");
    session
        .wait_for_title("the balls", |title| title.starts_with("hot-reload · 0 clicks · 7 balls"));
    session.wait_for_pictures(5);
    session.close();
}

#[test]
fn twenty_edits_arrive_in_the_same_window_and_the_state_goes_on() {
    let name = "twenty_edits_arrive_in_the_same_window_and_the_state_goes_on";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    session.click(1);
    session.click(2);
    for edit in 1..=EDITS {
        let color = (0x0010_2030 + edit * 0x000b_0d17) & 0x00ff_ffff;
        session.copy.set_ground(color);
        session.wait_for_ground(color);
        // A window's id identifies the connection that made it, so the process is still the same.
        assert_eq!(session.screen.window(), Ok(session.window), "edit {edit}");
        let title = session.screen.title(session.window);
        assert!(title.starts_with("hot-reload · 2 clicks · 9 balls"), "edit {edit}: `{title}`");
    }
    let title = session.wait_for_title("no build", |title| title.ends_with("balls"));
    assert_eq!(title, "hot-reload · 2 clicks · 9 balls");
    let launched = session.program.times_logged(" launched (");
    assert!(launched > EDITS as usize, "{launched} renderers for {EDITS} edits");
    session.click(3);
    session.close();
}

#[test]
fn a_compile_error_leaves_the_old_picture_running() {
    let name = "a_compile_error_leaves_the_old_picture_running";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let (before, after) = (session.copy.ground(), 0x0066_2244);
    session.click(1);
    session.copy.replace("draw_background(canvas);", "draw_background(canvas)");
    session.copy.set_ground(after);
    session.wait_for_title("a failed build", |title| title.ends_with(" · build failed"));
    // The old picture continues below the panel, at a quarter of its brightness.
    session.wait_for_ground(dimmed(before));
    session.wait_for_pictures(10);
    assert_eq!(session.picture().ground(), Ok(dimmed(before)));
    assert!(session.program.times_logged("error: expected `;`") > 0);
    // The old code still works completely: it handles a click.
    session.click(2);
    assert_eq!(session.picture().ground(), Ok(dimmed(before)));

    session.copy.replace("draw_background(canvas)\n", "draw_background(canvas);\n");
    session.wait_for_ground(after);
    let title = session.wait_for_title("no build", |title| title.ends_with("balls"));
    assert_eq!(title, "hot-reload · 2 clicks · 9 balls");
    session.close();
}

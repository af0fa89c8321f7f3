//! Tests of another window library and another owner, with the same renderer.

use super::session::Session;

#[test]
fn a_winit_window_shows_takes_input_is_resized_and_reloads() {
    let name = "a_winit_window_shows_takes_input_is_resized_and_reloads";
    let Some(mut session) = Session::start_package(name, "winit-app") else {
        return;
    };
    let window = session.window;
    session.click(1);
    session.screen.xdotool(&format!("windowsize {window} 500 400"));
    let ground = session.copy.ground();
    session.wait("a scene of 500 × 400", |view| {
        let picture = view.picture()?;
        let size = (picture.width, picture.height);
        if size == (500, 400) { picture.has_ground(ground) } else { Err(format!("{size:?}")) }
    });
    for edit in 1..=3 {
        let color = 0x0020_4060 + edit * 0x0011_0509;
        session.copy.set_ground(color);
        session.wait_for_ground(color);
        assert_eq!(session.screen.window(), Ok(window), "edit {edit}: the same window");
    }
    session.click(2);
    // A key that is reported by its position and also types a character.
    session.screen.xdotool("key --delay 0 space");
    session.wait_for_standstill();
    session.screen.xdotool("key --delay 0 space");
    session.wait_for_pictures(5);
    session.close();
}

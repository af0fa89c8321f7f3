//! Tests that keys and sizes reach the renderer through a real window.

use super::screen::Picture;
use super::session::Session;

#[test]
fn a_tapped_key_is_not_lost() {
    let Some(mut session) = Session::start("a_tapped_key_is_not_lost", &[]) else {
        return;
    };
    let title = session.wait_for_title("balls", |title| title.ends_with("balls"));
    for _ in 0..5 {
        // xdotool releases the key immediately: between two turns of the window's loop.
        session.screen.xdotool("key --delay 0 space");
        session.wait("a scene that is paused", |view| is_paused(&view.picture()?, true));
        session.wait_for_standstill();
        session.screen.xdotool("key --delay 0 space");
        session.wait("a moving scene", |view| is_paused(&view.picture()?, false));
        session.wait_for_pictures(5);
    }
    assert_eq!(session.screen.title(session.window), title);
    session.close();
}

#[test]
fn a_held_key_is_held_until_it_is_released() {
    let name = "a_held_key_is_held_until_it_is_released";
    let Some(mut session) = Session::start(name, &["--balls", "1"]) else {
        return;
    };
    // A ball that does not bounce stays where it is pushed.
    session.copy.set("BOUNCE: f32", "0.0");
    session.copy.set_ground(0x0011_5522);
    session.wait_for_ground(0x0011_5522);
    session.screen.xdotool("keydown Right");
    session.wait("the ball in the lower right", |view| {
        ball_is_at_the_right(&view.picture()?, Side::Bottom)
    });
    session.screen.xdotool("keydown Up");
    session.wait("the ball in the upper right", |view| {
        ball_is_at_the_right(&view.picture()?, Side::Top)
    });
    session.screen.xdotool("keyup Up keyup Right");
    session.wait("the ball in the lower right", |view| {
        ball_is_at_the_right(&view.picture()?, Side::Bottom)
    });
    session.close();
}

#[test]
fn a_resize_needs_no_other_renderer() {
    let Some(mut session) = Session::start("a_resize_needs_no_other_renderer", &[]) else {
        return;
    };
    let ground = session.copy.ground();
    let window = session.window;
    for (width, height) in [(1000, 700), (500, 400), (1280, 880), (333, 257)] {
        let resize = format!("windowsize {window} {width} {height}");
        session.screen.xdotool(&resize);
        session.wait(&format!("a scene of {width} × {height}"), |view| {
            let picture = view.picture()?;
            let size = (picture.width, picture.height);
            if size != (width, height) {
                return Err(format!("a window of {size:?}"));
            }
            picture.has_ground(ground)?;
            has_horizon(&picture, ground)
        });
    }
    assert_eq!(session.screen.window(), Ok(window));
    assert_eq!(session.program.times_logged(" launched ("), 1);
    session.wait_for_pictures(5);
    session.close();
}

/// Checks the horizon. The ground is 60 pixels high at every size of the window, so a picture that
/// is only scaled has its horizon elsewhere.
fn has_horizon(picture: &Picture, ground: u32) -> Result<(), String> {
    let of_ground = |y: usize| {
        let row = picture.pixels[y * picture.width..].iter();
        row.take(picture.width).filter(|it| **it == ground).count()
    };
    let horizon = picture.height - 60;
    // Balls and their light can cover a part of the ground.
    match (of_ground(horizon - 1), of_ground(horizon)) {
        (0, below) if below > 20 => Ok(()),
        seen => Err(format!("{seen:?} pixels of ground above and below row {horizon}")),
    }
}

/// Checks whether `PAUSED` is shown: that text is pure white, and nothing else at its place is.
fn is_paused(picture: &Picture, wanted: bool) -> Result<(), String> {
    match picture.shows(0x00ff_ffff, 115..190, 8..26) {
        found if found == wanted => Ok(()),
        found => Err(format!("`PAUSED` is shown: {found}")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Top,
    Bottom,
}

/// Checks where the ball is. It has a radius of 22 pixels, and the rest of its row is sky.
fn ball_is_at_the_right(picture: &Picture, wanted: Side) -> Result<(), String> {
    let is_ball = |y: usize| {
        let (ball, sky) = (picture.pixel(picture.width - 22, y), picture.pixel(3, y));
        let channels = ball.to_be_bytes().into_iter().zip(sky.to_be_bytes());
        let difference = channels.map(|(one, other)| u32::from(one.abs_diff(other)));
        difference.sum::<u32>() > 200
    };
    let seen = (is_ball(22), is_ball(picture.height - 60 - 22));
    match (wanted, seen) {
        (Side::Top, (true, false)) | (Side::Bottom, (false, true)) => Ok(()),
        _ => Err(format!("a ball at the top and at the bottom: {seen:?}")),
    }
}

//! `cargo test` plays a script and compares the picture with a file. After an edit that is to change
//! the picture, `HOT_RELOAD_UPDATE_PICTURES=1 cargo test` writes the file.

use super::{State, render};
use hot_reload::{Owner, Sketch, testing};

#[test]
fn the_ball_is_dragged_and_goes_on() -> hot_reload::Result<()> {
    let builder = Owner::<Sketch<State>>::builder(()).size(320, 240);
    let mut test = testing::start(builder, render)?;
    test.play("5 mouse 200 120 \n 6 button left down \n 8 button left up \n 20 mouse off")?;
    test.assert_picture("tests/golden/dragged.png");
    Ok(())
}

//! `cargo test --workspace` plays a script and compares the picture with a file. After an edit that is
//! to change the picture, `HOT_RELOAD_UPDATE_PICTURES=1 cargo test --workspace` writes the file.

use hot_reload::{Owner, testing};
use {{crate}}_renderer::render;
use {{crate}}_state::Game;

#[test]
fn the_ball_flies_and_the_mouse_draws() -> hot_reload::Result<()> {
    let mut test = testing::start(Owner::<Game>::builder(()).size(320, 240), render)?;
    test.play("5 mouse 200 120 \n 6 button left down \n 7 mouse 220 60 \n 8 button left up")?;
    test.assert_picture("tests/golden/drawn.png");
    assert_eq!(test.state().spots.len(), 2);
    Ok(())
}

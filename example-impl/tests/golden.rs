//! A script is played, and the picture compared with a file. After an edit that is to change the
//! picture: `HOT_RELOAD_UPDATE_PICTURES=1 cargo test -p example-impl`.

use hot_reload::{Owner, testing};
use hot_reloaded_state::{Arguments, Demo};

#[test]
fn a_click_throws_a_ball() -> hot_reload::Result<()> {
    let builder = Owner::<Demo>::builder(Arguments { balls: 3 }).size(320, 240);
    let mut test = testing::start(builder, example_impl::render)?;
    test.play(include_str!("golden/thrown.script"))?;
    test.assert_picture("tests/golden/thrown.png");
    assert_eq!((test.state().clicks, test.state().balls.len()), (1, 4));
    Ok(())
}

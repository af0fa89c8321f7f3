//! The window, which stays open while the renderer is rebuilt and replaced.

use hot_reload::{Owner, Play};
use {{crate}}_state::Game;

fn main() -> hot_reload::Result<()> {
    Play::new(Owner::<Game>::builder(()))
        .title("{{name}}")
        .command_line()
        .run({{crate}}_renderer::render)
}

//! The window, which stays open while the renderer is rebuilt and replaced.

use hot_reload::{Owner, Play};
use {{crate}}_state::Sketch;

fn main() -> hot_reload::Result<()> {
    Play::new(Owner::<Sketch>::builder(()))
        .title("{{name}}")
        .command_line()
        .run({{crate}}_renderer::render)
}

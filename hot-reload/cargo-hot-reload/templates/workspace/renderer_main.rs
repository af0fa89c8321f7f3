//! The renderer's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<{{crate}}_state::Game>({{crate}}_renderer::render)
}

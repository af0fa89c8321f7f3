//! The renderer's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<{{crate}}_state::{{app}}>({{crate}}_renderer::{{function}})
}

//! The renderer's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run_with(rasteriser::Rasteriser::default())
}

//! The program that is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run_with(rasteriser::Rasteriser::default())
}

//! The part's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<orbits_hud::Hud>(orbits_hud::render)
}

//! The renderer's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<chip8::Chip8>(chip8::turn)
}

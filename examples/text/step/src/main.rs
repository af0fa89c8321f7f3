//! The renderer's program, which is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<text_step::Counting>(text_step::turn)
}

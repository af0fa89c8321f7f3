//! The program that is rebuilt and replaced.

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<text_step::Counting>(text_step::turn)
}

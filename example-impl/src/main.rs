//! The renderer's program, started by its owner.

#![forbid(unsafe_code)]

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<hot_reloaded_state::Demo>(example_impl::render)
}

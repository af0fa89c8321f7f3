//! The renderer's program; its owner starts it.

#![forbid(unsafe_code)]

fn main() -> hot_reload::Result<()> {
    hot_reload::run::<hot_reloaded_state::Demo>(example_impl::render)
}

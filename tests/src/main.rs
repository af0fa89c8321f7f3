//! The renderer's program; `big` on its command line asks for the large state.

use two_process_tests::{Probe, big, render};

fn main() -> hot_reload::Result<()> {
    if std::env::args().any(|argument| argument == "big") {
        return hot_reload::run::<big::Big>(big::render);
    }
    hot_reload::run::<Probe>(render)
}

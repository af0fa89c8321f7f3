//! The renderer's program; `big` and a number of cells on its command line ask for a large state.

use two_process_tests::big::{self, Big};
use two_process_tests::{Probe, render};

fn main() -> hot_reload::Result<()> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["big", "16384"] => hot_reload::run::<Big<16384>>(big::render),
        ["big", "262144"] => hot_reload::run::<Big<262_144>>(big::render),
        ["big", ..] => hot_reload::run::<Big<{ big::CELLS }>>(big::render),
        _ => hot_reload::run::<Probe>(render),
    }
}

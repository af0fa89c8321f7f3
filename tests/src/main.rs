//! The renderer's program; its command line selects the application.

use two_process_tests::big::{self, Big, Plain};
use two_process_tests::clay::{self, Clay};
use two_process_tests::{Probe, naive, render, storm};

fn main() -> hot_reload::Result<()> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["big", "16384"] => hot_reload::run::<Big<16384>>(big::render),
        ["big", "262144"] => hot_reload::run::<Big<262_144>>(big::render),
        ["big", ..] => hot_reload::run::<Big<{ big::CELLS }>>(big::render),
        ["plain", "8"] => hot_reload::run::<Plain<{ 2 << 20 }>>(big::pour),
        ["plain", "16"] => hot_reload::run::<Plain<{ 4 << 20 }>>(big::pour),
        ["plain", "40"] => hot_reload::run::<Plain<{ 10 << 20 }>>(big::pour),
        ["clay"] => hot_reload::run::<Clay>(clay::render),
        ["storm"] => storm::main(),
        ["naive", file] => naive::main(file.as_ref()),
        _ => probe(),
    }
}

/// Runs the default application. The tests insert set-up code here.
fn probe() -> hot_reload::Result<()> {
    hot_reload::run::<Probe>(render)
}

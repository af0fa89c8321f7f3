//! The renderer's program; its command line may ask for another application.

use two_process_tests::{Probe, big, naive, render, storm};

fn main() -> hot_reload::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["big"] => hot_reload::run::<big::Big>(big::render),
        ["storm"] => storm::main(),
        ["naive", file] => naive::main(file.as_ref()),
        _ => hot_reload::run::<Probe>(render),
    }
}

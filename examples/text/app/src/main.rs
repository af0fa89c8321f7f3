//! A text program without a window: its loop keeps running while its code is replaced.
//!
//! `cargo run -p text-app` takes a step once per second. `cargo run -p text-app -- --ask` asks the
//! code a question once per second and prints the answer itself.

#![allow(clippy::print_stdout, reason = "a text program prints")]

use hot_reload::{Error, Owner, TickRate, WindowInput};
use std::time::Duration;
use text_step::Counting;

fn main() -> hot_reload::Result<()> {
    // Prints what the builds are doing.
    tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().with_target(false).init();
    let ask = std::env::args().any(|argument| argument == "--ask");
    let mut owner = Owner::<Counting>::builder(())
        .without_canvas()
        .tick_rate(TickRate::per_second(1))
        .start(text_step::turn)?;
    let mut number = 0;
    while owner.is_running() {
        if ask {
            number += 1;
            match owner.call(number, Duration::from_secs(5)) {
                Ok(answer) => println!("{number}: {answer}"),
                Err(error @ Error::Unanswered { .. }) => println!("{number}: {error}"),
                Err(error) => return Err(error),
            }
        } else {
            owner.tick(&WindowInput::idle(0, 0));
        }
        owner.pace();
    }
    Ok(())
}

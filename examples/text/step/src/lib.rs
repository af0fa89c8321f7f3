//! What a text program does. Edit it while it runs.

#![allow(clippy::print_stdout, reason = "a text program prints")]

use hot_reload::{App, Frame, SharedState};

/// The program, for the owner.
#[derive(Debug)]
pub struct Counting;

impl App for Counting {
    const RENDERER: &'static str = "text-step";
    type Arguments = ();
    type State = Counter;
    type ToRenderer = u64;
    type ToOwner = u64;
}

/// What survives every edit.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct Counter {
    /// Steps so far.
    pub steps: u64,
}

/// One turn: a step, and an answer to each question.
pub fn turn(frame: &mut Frame<'_, Counting>) {
    let mut asked = false;
    while let Some(number) = frame.owner.try_recv() {
        asked = true;
        // An owner that takes no answer has not waited for it either.
        let _ = frame.owner.reply(answer(number));
    }
    if !asked {
        step(frame.state);
    }
}

fn step(counter: &mut Counter) {
    counter.steps += 1;
    println!("step {}", counter.steps);
}

/// The sum of the numbers from 1.
fn answer(number: u64) -> u64 {
    (1..=number).sum()
}

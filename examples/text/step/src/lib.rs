//! The code of the text program. Edit it while the program runs.

#![allow(clippy::print_stdout, reason = "a text program prints")]

use hot_reload::{App, Frame, SharedState};

/// Application type of the program.
#[derive(Debug)]
pub struct Counting;

impl App for Counting {
    const RENDERER: &'static str = "text-step";
    type Arguments = ();
    type State = Counter;
    type ToRenderer = u64;
    type ToOwner = u64;
}

/// State that survives every edit.
#[derive(Debug, Clone, Copy, Default, SharedState)]
#[repr(C)]
pub struct Counter {
    /// Number of steps so far.
    pub steps: u64,
}

/// Runs one turn: takes a step, or answers each question.
pub fn turn(frame: &mut Frame<'_, Counting>) {
    let mut asked = false;
    while let Some(number) = frame.owner.try_recv() {
        asked = true;
        // Sending fails only if the owner no longer waits for the answer.
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

/// Returns the sum of the numbers from 1 to `number`.
fn answer(number: u64) -> u64 {
    (1..=number).sum()
}

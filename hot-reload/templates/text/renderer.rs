//! The code of the program. Edit it while the program runs.

use hot_reload::Frame;
use {{crate}}_state::{Count, State};

/// Runs one turn; called once per tick.
pub fn turn(frame: &mut Frame<'_, Count>) {
    // A new build is first tried with a copy of the state; that turn does not count as a step.
    if !frame.is_rehearsal() {
        step(frame.state);
    }
}

fn step(state: &mut State) {
    state.steps += 1;
    println!("step {}", state.steps);
}

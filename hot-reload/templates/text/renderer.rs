//! What the program does. Edit it while the program runs.

use hot_reload::Frame;
use {{crate}}_state::{Count, State};

/// A turn: called once a tick.
pub fn turn(frame: &mut Frame<'_, Count>) {
    // A new build is tried once with a copy of the state before it takes over; that is no step.
    if !frame.is_rehearsal() {
        step(frame.state);
    }
}

fn step(state: &mut State) {
    state.steps += 1;
    println!("step {}", state.steps);
}

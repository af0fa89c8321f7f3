//! Edit this file while the program runs, and save.

use hot_reload::{Frame, Owner, Play, SharedState, Sketch, TickRate};

/// Survives every edit, also those of its fields: they are carried over by name.
#[derive(Clone, Copy, Default, SharedState)]
#[repr(C)]
struct State {
    steps: u64,
}

/// Called once per tick.
fn turn(frame: &mut Frame<'_, Sketch<State>>) {
    // A new build is first tried with a copy of the state; that turn does not count as a step.
    if !frame.rehearsal {
        frame.state.steps += 1;
        println!("step {}", frame.state.steps);
    }
}

fn main() -> hot_reload::Result<()> {
    let builder = Owner::builder(()).without_canvas().tick_rate(TickRate::per_second(1));
    Play::new(builder).command_line().run(turn)
}

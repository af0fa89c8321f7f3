//! The loop without a window: the same work with synthetic input, paced by the owner.

use crate::arguments::Cli;
use crate::script::Script;
use crate::{Failure, png_file};
use hot_reload::{Owner, WindowInput};
use hot_reloaded_state::{Command, Demo};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(
    owner: &mut Owner<Demo>,
    cli: &Cli,
    script: Option<Script>,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let mut script = script.unwrap_or_default();
    let mut input = WindowInput::idle(cli.size.0, cli.size.1);
    let (mut frames, mut ticks, mut size) = (0, 0, input.size);
    while owner.is_running() && !interrupted.load(Ordering::Relaxed) {
        // Scripts count ticks from the first picture: before it, no renderer would receive their
        // input.
        if owner.picture().generation() > 0 {
            ticks += 1;
        }
        if script.play(ticks, &mut input) {
            break;
        }
        if input.size != size {
            size = input.size;
            let _ = owner.send(Command::Shake { strength: 250.0 });
        }
        let shown = owner.picture().tick();
        owner.tick(&input);
        for report in owner.messages() {
            tracing::debug!("{report:?}");
        }
        for request in owner.requests() {
            tracing::debug!("{request:?}");
        }
        frames += u64::from(owner.picture().tick() != shown);
        if cli.frames.is_some_and(|last| frames >= last) {
            break;
        }
        owner.pace();
    }
    png_file::write_last(cli, owner)
}

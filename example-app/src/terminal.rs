//! The loop in a terminal: the picture as characters, input from the terminal's keys and mouse.

use crate::arguments::Cli;
use crate::{Failure, png_file};
use hot_reload::{Owner, Terminal};
use hot_reloaded_state::{Command, Demo};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn run(
    mut terminal: Terminal,
    owner: &mut Owner<Demo>,
    cli: &Cli,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let (mut frames, mut size) = (0, terminal.read().size);
    // The terminal shows messages as text instead.
    owner.set_overlay(false);
    while terminal.is_open() && owner.is_running() && !interrupted.load(Ordering::Relaxed) {
        if cli.frames.is_some_and(|last| frames >= last) {
            break;
        }
        let shown = owner.picture().tick();
        let input = terminal.read();
        if input.size != size {
            size = input.size;
            let _ = owner.send(Command::Shake { strength: 250.0 });
        }
        owner.tick(input);
        for report in owner.messages() {
            tracing::debug!("{report:?}");
        }
        for request in owner.requests() {
            tracing::debug!("{request:?}");
        }
        terminal.show(&owner.picture(), owner.status());
        frames += u64::from(owner.picture().tick() != shown);
        owner.pace();
    }
    drop(terminal);
    png_file::write_last(cli, owner)
}

//! The loop with a window of minifb.

use crate::arguments::Cli;
use crate::{Failure, png_file};
use hot_reload::{MinifbWindow, Owner};
use hot_reloaded_state::{Command, Demo};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn open((width, height): (u32, u32)) -> hot_reload::Result<MinifbWindow> {
    MinifbWindow::open("hot-reload", width, height)
}

pub(crate) fn run(
    mut window: MinifbWindow,
    owner: &mut Owner<Demo>,
    cli: &Cli,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let (mut frames, mut size) = (0, window.size());
    while !interrupted.load(Ordering::Relaxed) && cli.frames.is_none_or(|last| frames < last) {
        if window.size() != size {
            size = window.size();
            // A full queue only means that no renderer receives the shake.
            let _ = owner.send(Command::Shake { strength: 250.0 });
        }
        let shown = owner.picture().tick();
        let is_open = window.turn(owner)?;
        for report in owner.messages() {
            tracing::debug!("{report:?}");
        }
        frames += u64::from(owner.picture().tick() != shown);
        if !is_open {
            break;
        }
    }
    png_file::write_last(cli, owner)
}

//! The contestants, and the operations that each must support.

mod bare_cargo;
mod hot_lib_reloader;
mod hot_reload;
mod hotcode;
mod restart;
mod subsecond;

pub(crate) use hot_reload::write_hot_workspace;

use crate::source::{HEIGHT, PROBE, Size, WIDTH, write};
use crate::{Failure, here};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One system at one size of renderer. Dropping it ends everything that it has started.
pub(crate) trait Contestant {
    /// Builds, starts, and waits until the first color is seen.
    fn start(&mut self) -> Result<(), Failure>;

    /// Saves the edit, waits until it is seen, and returns the time of that. The clock is already
    /// running.
    fn edit(&mut self, color: u32) -> Result<Instant, Failure>;

    /// Continues everything that `rest` has stopped, for this system's turn.
    fn wake(&mut self) {}

    /// Stops using the processor, for the turns of the others.
    fn rest(&mut self) {}
}

/// Time limit for the first build of everything.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_secs(1800);
/// Time limit for an edit. An edit that is not seen by then counts as missed.
pub(crate) const EDIT_LIMIT: Duration = Duration::from_secs(60);

/// A function that writes a contestant's workspace, or returns why it cannot take part here.
type Prepare = fn(Size, &Path) -> Result<Box<dyn Contestant>, Failure>;

/// One of the systems.
#[derive(Debug, Clone, Copy)]
pub(crate) struct System {
    /// Name in the results.
    pub(crate) name: &'static str,
    /// Name of its folder.
    pub(crate) folder: &'static str,
    /// Description of the place where edits are seen.
    pub(crate) seen: &'static str,
    prepare: Prepare,
}

/// Name of the baseline of all comparisons.
pub(crate) const BASELINE: &str = "cargo build (dev)";
/// Name of the system to which the bounds apply.
pub(crate) const OURS: &str = "hot-reload";

/// All systems, in the order of the table.
pub(crate) const SYSTEMS: [System; 10] = [
    System {
        name: OURS,
        folder: "hot-reload",
        seen: "the owner's picture",
        prepare: hot_reload::prepare,
    },
    System {
        name: "hot-reload (two packages)",
        folder: "hot-reload-two",
        seen: "the owner's picture",
        prepare: hot_reload::prepare_two_packages,
    },
    System {
        name: "hot-reload (one file)",
        folder: "hot-reload-one",
        seen: "the owner's picture",
        prepare: hot_reload::prepare_one_file,
    },
    System {
        name: BASELINE,
        folder: "cargo-dev",
        seen: "cargo's end",
        prepare: bare_cargo::prepare_dev,
    },
    System {
        name: "cargo build (hot)",
        folder: "cargo-hot",
        seen: "cargo's end",
        prepare: bare_cargo::prepare_hot,
    },
    System {
        name: "Subsecond (dx serve --hotpatch)",
        folder: "subsecond",
        seen: "a line of output",
        prepare: subsecond::prepare,
    },
    System {
        name: "hotcode (was code_reload)",
        folder: "hotcode",
        seen: "a line of output",
        prepare: hotcode::prepare,
    },
    System {
        name: "hot-lib-reloader",
        folder: "hot-lib-reloader",
        seen: "a line of output",
        prepare: hot_lib_reloader::prepare_default,
    },
    System {
        name: "hot-lib-reloader (debounce 20 ms)",
        folder: "hot-lib-reloader-20",
        seen: "a line of output",
        prepare: hot_lib_reloader::prepare_quick,
    },
    System {
        name: "kill and restart (minifb)",
        folder: "restart",
        seen: "the screen's pixel",
        prepare: restart::prepare,
    },
];

impl System {
    /// Writes the system's workspace for a size of renderer.
    pub(crate) fn prepare(&self, size: Size) -> Result<Box<dyn Contestant>, Failure> {
        let folder = here().join("target/contest").join(self.folder).join(size.name());
        pin_versions(&folder)?;
        // Systems and sizes do not share target folders: cargo cannot tell apart packages with the
        // same name and the same place in their workspaces, and would take one's program for
        // another's.
        let target = format!("[build]\ntarget-dir = {:?}\n", target(&folder));
        write(&folder.join(".cargo/config.toml"), &target)?;
        (self.prepare)(size, &folder)
    }
}

/// Returns the target folder of a workspace: beside its folder, so that no watcher sees it.
fn target(folder: &Path) -> PathBuf {
    let size = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!("target-{size}"))
}

/// Gives a folder the lock file of this workspace, so that versions are fixed in one place.
pub(crate) fn pin_versions(folder: &Path) -> Result<(), Failure> {
    let lock = fs::read_to_string(here().join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    // cargo removes what a workspace does not need. That result is kept until the original changes.
    let given = folder.join("Cargo.lock.given");
    if fs::read_to_string(&given).is_ok_and(|given| given == lock) {
        return Ok(());
    }
    write(&folder.join("Cargo.lock"), &lock)?;
    write(&given, &lock)
}

/// Returns the file that collects the output of a contestant's builds.
fn log(folder: &Path) -> PathBuf {
    folder.join("build.log")
}

/// Returns a test for the line in which a program reports the color that it has drawn.
fn shows(color: u32) -> impl Fn(&str) -> bool {
    let wanted = format!("shown {color:06x}");
    // Tools that run the program may add text to the line.
    move |line| line.contains(&wanted)
}

/// Inserts the picture's size into a template.
fn fill_in(template: &str) -> String {
    template
        .replace("@WIDTH@", &WIDTH.to_string())
        .replace("@HEIGHT@", &HEIGHT.to_string())
        .replace("@PROBE@", &PROBE.to_string())
}

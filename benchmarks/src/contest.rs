//! The contestants, and what each must be able to do.

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

/// One system at one size of renderer. What it has started ends when it is dropped.
pub(crate) trait Contestant {
    /// Builds, starts, and waits until the first color is seen.
    fn start(&mut self) -> Result<(), Failure>;

    /// Saves the edit and waits until it is seen; says when that was. The clock runs already.
    fn edit(&mut self, color: u32) -> Result<Instant, Failure>;

    /// Its turn comes: what `rest` has stopped goes on.
    fn wake(&mut self) {}

    /// The others' turns come: it takes no processor from them.
    fn rest(&mut self) {}
}

/// How long the first build of everything may take.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_secs(1800);
/// How long an edit may take. What is not seen by then is not seen at all.
pub(crate) const EDIT_LIMIT: Duration = Duration::from_secs(60);

/// Writes a contestant's workspace, or says why it cannot take part here.
type Prepare = fn(Size, &Path) -> Result<Box<dyn Contestant>, Failure>;

/// One of the systems.
#[derive(Debug, Clone, Copy)]
pub(crate) struct System {
    /// Its name in the results.
    pub(crate) name: &'static str,
    /// The name of its folder.
    pub(crate) folder: &'static str,
    /// What "seen" is.
    pub(crate) seen: &'static str,
    prepare: Prepare,
}

/// What all others are compared with.
pub(crate) const BASELINE: &str = "cargo build (dev)";
/// The system whose bounds these are.
pub(crate) const OURS: &str = "hot-reload";

/// All systems, in the order of the table.
pub(crate) const SYSTEMS: [System; 8] = [
    System {
        name: OURS,
        folder: "hot-reload",
        seen: "the owner's picture",
        prepare: hot_reload::prepare,
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
    /// Writes its workspace for a size of renderer.
    pub(crate) fn prepare(&self, size: Size) -> Result<Box<dyn Contestant>, Failure> {
        let folder = here().join("target/contest").join(self.folder).join(size.name());
        pin_versions(&folder)?;
        // No system sees another's, and no size: packages of one name at one place in their workspaces
        // are the same to cargo, which would take the one's program for the other's.
        let target = format!("[build]\ntarget-dir = {:?}\n", target(&folder));
        write(&folder.join(".cargo/config.toml"), &target)?;
        (self.prepare)(size, &folder)
    }
}

/// Where a workspace is built: beside its folder, so that no watcher sees it.
fn target(folder: &Path) -> PathBuf {
    let size = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!("target-{size}"))
}

/// Gives a folder the lock file of this workspace: what the versions are is written down once.
pub(crate) fn pin_versions(folder: &Path) -> Result<(), Failure> {
    let lock = fs::read_to_string(here().join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    // cargo leaves out what a workspace does not need, and that stays until there is another to give.
    let given = folder.join("Cargo.lock.given");
    if fs::read_to_string(&given).is_ok_and(|given| given == lock) {
        return Ok(());
    }
    write(&folder.join("Cargo.lock"), &lock)?;
    write(&given, &lock)
}

/// The file that a contestant's builds say into what they say.
fn log(folder: &Path) -> PathBuf {
    folder.join("build.log")
}

/// A line by which a program says which color it has drawn.
fn shows(color: u32) -> impl Fn(&str) -> bool {
    let wanted = format!("shown {color:06x}");
    // What runs the program may add its own to a line.
    move |line| line.contains(&wanted)
}

/// A template with the picture's size in it.
fn fill_in(template: &str) -> String {
    template
        .replace("@WIDTH@", &WIDTH.to_string())
        .replace("@HEIGHT@", &HEIGHT.to_string())
        .replace("@PROBE@", &PROBE.to_string())
}

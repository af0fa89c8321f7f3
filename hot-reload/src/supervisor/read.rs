//! The files that a build has read, and those that it missed.

use super::scripts::Scripts;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::SystemTime;

/// The files that a build has read, and those that it missed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Files that the compiler has read.
    pub(super) files: BTreeSet<PathBuf>,
    /// Nonexistent paths that the messages of a failed build name.
    pub(super) missing: BTreeSet<PathBuf>,
    pub(super) scripts: Scripts,
    /// Time of the earliest compiler call that read each file. Known only for cargo's calls through
    /// our wrapper.
    pub(super) read_at: HashMap<PathBuf, SystemTime>,
    /// The reason why cargo was needed.
    pub(super) by_cargo: Option<String>,
    /// True if something could not be built.
    pub(super) failed: bool,
}

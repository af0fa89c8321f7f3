//! The files that a build has read, and those that it has missed.

use super::scripts::Scripts;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::SystemTime;

/// The files that a build has read, and those that it has missed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Files that the compiler has read.
    pub(super) files: BTreeSet<PathBuf>,
    /// Paths that the messages of a failed build name and that do not exist.
    pub(super) missing: BTreeSet<PathBuf>,
    pub(super) scripts: Scripts,
    /// The earliest call of a compiler that has read a file. Known for calls by cargo through our wrapper.
    pub(super) read_at: HashMap<PathBuf, SystemTime>,
    /// The reason why cargo was needed.
    pub(super) by_cargo: Option<String>,
    /// Something could not be built.
    pub(super) failed: bool,
}

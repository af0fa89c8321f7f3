//! What a build has read, and what it has looked for in vain.

use super::scripts::Scripts;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::SystemTime;

/// What a build has read, and what it has looked for in vain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Files that the compiler has read.
    pub(super) files: BTreeSet<PathBuf>,
    /// Paths that the messages of a failed build name and that do not exist.
    pub(super) missing: BTreeSet<PathBuf>,
    pub(super) scripts: Scripts,
    /// When the compilers that have read a file were called: the earliest of those calls. Known where cargo
    /// has called them now, through our wrapper.
    pub(super) read_at: HashMap<PathBuf, SystemTime>,
    /// Why cargo was needed.
    pub(super) by_cargo: Option<String>,
    /// Something could not be built.
    pub(super) failed: bool,
}

//! The environment in which an owner starts a renderer: variables and files.

use std::path::{Path, PathBuf};

/// Name of the segment.
#[cfg(feature = "renderer")]
pub(crate) const SEGMENT: &str = "HOT_RELOAD_SEGMENT";
/// Process id of the owner.
#[cfg(feature = "renderer")]
pub(crate) const OWNER: &str = "HOT_RELOAD_OWNER";
/// Folder of the owner, for kept values.
#[cfg(feature = "renderer")]
pub(crate) const FOLDER: &str = "HOT_RELOAD_FOLDER";
/// Variable that the user sets to 1 to wait for a debugger before any user code runs.
#[cfg(feature = "renderer")]
pub(crate) const WAIT_FOR_DEBUGGER: &str = "HOT_RELOAD_WAIT_FOR_DEBUGGER";

/// Returns true if an owner has started this process.
#[cfg(feature = "renderer")]
pub(crate) fn is_of_renderer() -> bool {
    std::env::var_os(SEGMENT).is_some() && std::env::var_os(OWNER).is_some()
}

/// Returns true if an owner has started this process, which only hot mode does.
#[cfg(not(feature = "renderer"))]
pub(crate) fn is_of_renderer() -> bool {
    false
}

/// Returns the file to which a generation writes its stack trace.
#[cfg(feature = "renderer")]
pub(crate) fn trace_file(folder: &Path, generation: u32) -> PathBuf {
    folder.join(format!("trace-{generation}"))
}

/// Returns the file to which a generation writes its values.
pub(crate) fn kept_file(folder: &Path, generation: u32) -> PathBuf {
    folder.join(format!("kept-{generation}"))
}

//! Errors of saving and loading a state.

use std::path::PathBuf;

/// Errors of [`Snapshot::save`](super::Snapshot::save) and [`Snapshot::load`](super::Snapshot::load).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A state could not be saved; an existing file is unchanged.
    #[error(
        "the state cannot be saved as `{}`: {source}; is there room, and may the folder be written?",
        .path.display()
    )]
    Save {
        /// Path of the file.
        path: PathBuf,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// A saved state could not be loaded.
    #[error("no state can be loaded from `{}`: {reason}", .path.display())]
    Load {
        /// Path of the file.
        path: PathBuf,
        /// Cause and remedy.
        reason: String,
    },
}

//! Errors that the caller must know at once. Every later problem is reported by
//! [`Status`](crate::Status).

use hot_reload_pod::SnapshotError;
use std::path::PathBuf;
use std::time::Duration;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Errors at the start of an owner or a renderer, and with kept values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A renderer's program was started by hand.
    #[error(
        "this program is started by its owner, which holds the window: \
         use `cargo run`{}",
        .workspace.as_ref().map_or(String::new(), |path| format!(" in {}", path.display()))
    )]
    NoOwner {
        /// Workspace that the program seems to belong to.
        workspace: Option<PathBuf>,
    },
    /// A renderer's program was built without the feature that hot mode needs.
    #[error(
        "this renderer was built without hot mode: enable the feature `renderer` of hot-reload in \
         its package (`hot = [\"hot-reload/renderer\"]`)"
    )]
    BuiltWithoutHotMode,
    /// The renderer's segment could not be used.
    #[error("the segment `{name}` of this renderer's owner cannot be used: {reason}")]
    Segment {
        /// Name of the segment.
        name: String,
        /// Contents that were found, and those expected.
        reason: String,
    },
    /// Owner and renderer are incompatible.
    #[error("{0}")]
    Refused(String),
    /// The arguments of the application could not be serialized as JSON.
    #[error(
        "`App::Arguments` cannot be handed to the renderer: {0}; every field must be serializable"
    )]
    Arguments(#[source] serde_json::Error),
    /// State, buffers and messages are larger than any address space.
    #[error(
        "a state of {state} bytes with extra buffers of {buffers} bytes does not fit into the \
         address space"
    )]
    TooLarge {
        /// Size of the state in bytes.
        state: usize,
        /// Total size of the extra buffers in bytes.
        buffers: usize,
    },
    /// The terminal cannot show pictures.
    #[error(
        "the terminal cannot be used for pictures: {0}; start the program in a terminal, or without"
    )]
    Terminal(#[source] std::io::Error),
    /// A value could not be kept for the next generation.
    #[error("the value `{name}` cannot be kept: {reason}")]
    Keep {
        /// Name of the value.
        name: String,
        /// Reason why it cannot be serialized.
        reason: String,
    },
    /// A kept value has another type than requested. It is still kept, and can be taken as another
    /// type.
    #[error("the kept value `{name}` is not a `{wanted}`: {reason}")]
    Take {
        /// Name of the value.
        name: String,
        /// Requested type.
        wanted: &'static str,
        /// Contents that were found instead.
        reason: String,
    },
    /// A state cannot be restored; the current state stays.
    #[error("the state cannot be restored: {reason}")]
    Restore {
        /// Cause, and what can be restored.
        reason: String,
    },
    /// The parts of the application are incompatible.
    #[error("the modules of this application cannot be started: {reason}")]
    Modules {
        /// Cause and remedy.
        reason: String,
    },
    /// The renderer has not answered a call.
    #[error(
        "the renderer has not answered within {waited:.1?}: it is still being built, has failed (the \
         status says so), or does not `reply` to this message"
    )]
    Unanswered {
        /// Time that the call has waited.
        waited: Duration,
    },
    /// A call could not be sent.
    #[error(
        "the renderer cannot be asked: {} messages are already queued for it, or its message \
         types are no longer those of this program (the log says so)",
        .limit
    )]
    CannotAsk {
        /// Number of messages that fit into the queue.
        limit: u32,
    },
    /// A thread could not be started.
    #[error("the thread `{name}` could not be started: {source}")]
    Thread {
        /// Name of the thread.
        name: &'static str,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// A state could not be saved or loaded.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

//! What can go wrong where the caller must know at once. Everything later is a [`Status`](crate::Status).

use std::path::PathBuf;
use std::time::Duration;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong at the start of an owner or a renderer, and with values that are kept.
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
        /// The workspace to which the program seems to belong.
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
        /// The segment's name.
        name: String,
        /// What was found, and what it should be.
        reason: String,
    },
    /// Owner and renderer do not fit together.
    #[error("{0}")]
    Refused(String),
    /// The arguments of the application could not be written as JSON.
    #[error(
        "`App::Arguments` cannot be handed to the renderer: {0}; every field must be serializable"
    )]
    Arguments(#[source] serde_json::Error),
    /// State, buffers and messages are larger than any address space.
    #[error(
        "a state of {state} bytes with extra buffers of {buffers} bytes fits into no address space"
    )]
    TooLarge {
        /// Size of the state.
        state: usize,
        /// Size of the extra buffers together.
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
        /// The value's name.
        name: String,
        /// Why it cannot be serialized.
        reason: String,
    },
    /// A kept value is not what was asked for; it is still there, and can be taken as another type.
    #[error("the kept value `{name}` is no `{wanted}`: {reason}")]
    Take {
        /// The value's name.
        name: String,
        /// The type that was asked for.
        wanted: &'static str,
        /// What was found in its place.
        reason: String,
    },
    /// A state cannot be restored, and the one that there is stays.
    #[error("the state cannot be restored: {reason}")]
    Restore {
        /// Why, and what could be.
        reason: String,
    },
    /// The parts of the application do not fit together.
    #[error("the modules of this application cannot be started: {reason}")]
    Modules {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The renderer has not answered a call.
    #[error(
        "the renderer has not answered within {waited:.1?}: it is still being built, has failed (the \
         status says so), or does not `reply` to this message"
    )]
    Unanswered {
        /// How long the call has waited.
        waited: Duration,
    },
    /// A call could not be sent.
    #[error(
        "the renderer cannot be asked: {} messages are on their way to it already, or its types of \
         messages are no longer those of this program (the log says so)",
        crate::segment::QUEUE
    )]
    CannotAsk,
    /// A thread could not be started.
    #[error("the thread `{name}` could not be started: {source}")]
    Thread {
        /// The thread's name.
        name: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A state could not be saved; a file that was there is as it was.
    #[error(
        "the state cannot be saved as `{}`: {source}; is there room, and may the folder be written?",
        .path.display()
    )]
    Save {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A saved state could not be loaded.
    #[error("no state can be loaded from `{}`: {reason}", .path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What was found, and what to do about it.
        reason: String,
    },
}

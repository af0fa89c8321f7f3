//! Errors that the caller must know at once. Every later problem is reported by
//! [`Status`](crate::Status).

use hot_reload_pod::SnapshotError;
use hot_reload_pod::internal::escaped;
use std::path::PathBuf;
use std::time::Duration;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Advice for programs with the options of the command line.
const OTHERWISE: &str = match (cfg!(feature = "options"), cfg!(feature = "terminal")) {
    (true, true) => ", and `--terminal` and `--headless` work without one",
    (true, false) => ", and `--headless` works without one",
    (false, _) => "",
};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that this crate's functions return. Later problems of a renderer are in
/// [`Status::problem`](crate::Status::problem).
#[derive(thiserror::Error)]
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
    /// The window cannot be opened.
    #[error("the window cannot be opened: {0}; a window needs a display{OTHERWISE}")]
    NoWindow(#[source] Source),
    /// The window can no longer be painted.
    #[error("the window can no longer be painted: {0}; `OwnerBuilder::resume` continues its state")]
    WindowLost(#[source] Source),
    /// The renderer has asked to end with an error, by [`Request::Fail`](crate::Request::Fail).
    #[error("{0}")]
    Failed(String),
    /// There is no state to save.
    #[error("there is no state to save: no renderer has drawn yet")]
    NothingToSave,
    /// A saved state could not be printed.
    #[error("the state cannot be printed: {0}")]
    Print(#[source] std::io::Error),
    /// A picture could not be written.
    #[error("the picture {} cannot be written: {source}", .path.display())]
    Png {
        /// File of the picture.
        path: PathBuf,
        /// Reason why it cannot be written.
        source: Source,
    },
    /// A script could not be read.
    #[error("the script {} cannot be read: {source}", .path.display())]
    Script {
        /// File of the script.
        path: PathBuf,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// A recording could not be written.
    #[error("the script {} cannot be written: {source}", .path.display())]
    Recording {
        /// File of the script.
        path: PathBuf,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// A line of a script is not an action.
    #[error("line {line} of the script: `{text}` is not an action; use {hint}")]
    ScriptLine {
        /// Number of the line, from 1.
        line: usize,
        /// The line.
        text: String,
        /// Actions that there are.
        hint: &'static str,
    },
    /// Ctrl+C could not be handled.
    #[error("Ctrl+C cannot be handled: {0}")]
    Interrupt(#[source] Source),
    /// A value could not be kept for the next generation.
    #[error("the value `{name}` cannot be kept: {source}")]
    Keep {
        /// Name of the value.
        name: String,
        /// Reason why it cannot be serialized.
        source: Source,
    },
    /// The values that the previous generation kept cannot be read.
    #[error("the kept values cannot be read from {}: {source}", .path.display())]
    KeptValues {
        /// File of the values.
        path: PathBuf,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// A kept value has another type than requested. It is still kept, and can be taken as another
    /// type.
    #[error("the kept value `{name}` is not a `{wanted}`: {source}")]
    Take {
        /// Name of the value.
        name: String,
        /// Requested type.
        wanted: &'static str,
        /// Contents that were found instead.
        source: Source,
    },
    /// A state belongs to another application, and cannot be restored; the current state stays.
    #[error(
        "the state cannot be restored: it belongs to `{}`, and this is `{expected}`; is it the \
         wrong file?",
        escaped(.found)
    )]
    OtherApplication {
        /// Name of the state's application: its `App::RENDERER`.
        found: String,
        /// Name of this one.
        expected: &'static str,
    },
    /// Two parts of the application are the same package.
    #[error(
        "the modules of this application cannot be started: package `{package}` is two parts of \
         it; give each part its own `App`, with its own `RENDERER`"
    )]
    SamePackage {
        /// Name of the package.
        package: &'static str,
    },
    /// An application whose renderer is an artifact has modules.
    #[error(
        "the modules of this application cannot be started: its renderer is an `artifact(…)` that \
         cargo does not build, and modules are built by cargo; leave `artifact` out, or draw \
         everything in it"
    )]
    ModulesOfArtifact,
    /// The renderer has not answered a call.
    #[error(
        "the renderer has not answered within {waited:.1?}: it is still being built, has failed (the \
         status says so), or does not `reply` to this message"
    )]
    Unanswered {
        /// Time that the call has waited.
        waited: Duration,
    },
    /// A step has no picture.
    #[error("tick {tick} has no picture after {waited:.1?}: {doing}")]
    NoPicture {
        /// Number of the tick.
        tick: u64,
        /// Time that the step has waited.
        waited: Duration,
        /// Description of what the renderer does instead.
        doing: String,
    },
    /// The renderer has asked to end, so that it draws no further picture.
    #[error("there is no further picture: the renderer has asked to end")]
    Ended,
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
    /// There is no failure to open in an editor.
    #[error("there is no failure whose place in the source is known")]
    NoPlace,
    /// The editor could not be started.
    #[error("the editor `{editor}` cannot be started: {source}; `VISUAL` names it")]
    Editor {
        /// The editor, as `VISUAL` names it.
        editor: String,
        /// Reason given by the system.
        source: std::io::Error,
    },
    /// There is no editor.
    #[error("no editor is found: set `VISUAL` to yours, as in `VISUAL=code`")]
    NoEditor,
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

/// Writes the message, which is what `main` prints of an error that it returns.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Error {
    /// Returns a function that makes the system's reason an error about a thread.
    pub(crate) fn thread(name: &'static str) -> impl Fn(std::io::Error) -> Error {
        move |source| Error::Thread { name, source }
    }
}

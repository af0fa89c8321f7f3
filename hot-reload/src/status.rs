//! What the owner knows about its renderer, as data.

use crate::state::MigrationReport;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What goes on behind the picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Status {
    /// The generation that draws; 0 before the first.
    pub generation: u32,
    /// The build that it runs, counted from 1; 0 before the first, and in one process.
    pub build: u32,
    /// Whether a generation draws; else the picture is the last one, or there is none yet.
    pub drawing: bool,
    /// How many generations have drawn a first frame.
    pub reloads: u32,
    /// What is being done.
    pub activity: Activity,
    /// The build that runs, while one runs.
    pub progress: Option<Progress>,
    /// What is wrong; goes away by itself when the cause is gone.
    pub problem: Option<Problem>,
    /// The package of the part that this is about, where an application has several
    /// ([`OwnerBuilder::module`](crate::OwnerBuilder::module)).
    pub part: Option<&'static str>,
    /// The generation of that part that draws, and its build.
    pub(crate) part_drawn: Option<(u32, u32)>,
    /// What was wrong until a moment ago: the same build goes on from the last commit.
    pub recovered: Option<Problem>,
    /// How long the renderer has been leaving a tick unanswered, once that is worth a word.
    pub unanswered: Option<Duration>,
    /// Whether reloads are held back by [`Owner::hold`](crate::Owner::hold).
    pub held: bool,
    /// Whether a debugger is attached to the generation that draws: it is given all the time it
    /// wants.
    pub debugger: bool,
    /// What the user should know about the generation that draws, like a state that starts anew
    /// because its layout has changed.
    pub notices: Vec<String>,
    /// What became of the fields of the state when the generation that draws took it over; `None` where
    /// its layout was the same.
    pub migration: Option<Arc<MigrationReport>>,
    /// How long the last build that succeeded took.
    pub built_in: Option<Duration>,
    /// Why the last build needed cargo. `None` for the first build, and after one that did not need it.
    pub by_cargo: Option<Arc<str>>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activity {
    /// Nothing: the renderer draws, or there is none.
    #[default]
    Idle,
    /// The renderer is being built.
    Building,
    /// A new generation is starting; it has not drawn yet.
    Starting,
}

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// When it began.
    pub begun: Instant,
    /// Crates that are done.
    pub done: u32,
    /// Crates that there are to do, with those that are done; 0 while cargo has not said.
    pub total: u32,
    /// The crates at work, as cargo names them.
    pub at_work: String,
}

/// Why there is no newer picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The source does not compile.
    BuildFailed {
        /// The compiler's own messages, errors first, with its colors.
        message: String,
    },
    /// The build could not even begin.
    CannotBuild {
        /// What happened and what to do.
        message: String,
    },
    /// The renderer could not be started.
    CannotStart {
        /// What happened and what to do.
        message: String,
    },
    /// The renderer has ended without being asked to.
    Crashed {
        /// Which generation.
        generation: u32,
        /// The build that it ran.
        build: u32,
        /// How it ended, and its last words.
        crash: Crash,
    },
    /// The renderer took longer than it may, and was replaced.
    NotResponding {
        /// Which generation.
        generation: u32,
        /// The build that it ran.
        build: u32,
        /// What it was doing.
        doing: Doing,
        /// How long it was given.
        limit: Duration,
    },
}

/// How a renderer ended, and its last words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Crash {
    /// The signal or the exit code, in words.
    pub how: String,
    /// The panic, if it was one.
    pub panic: Option<Panic>,
    /// The last lines that it wrote to its standard error, the oldest first.
    pub stderr: Vec<String>,
}

/// A panic, as its message on standard error tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic {
    /// Its message.
    pub message: String,
    /// File, line and column.
    pub place: String,
}

/// What a renderer can take too long for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// Attaching to its owner, and its set-up.
    Starting,
    /// Its rehearsal frame, which nobody sees.
    Rehearsing,
    /// A tick.
    Drawing,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doing::Starting => "its start and set-up",
            Doing::Rehearsing => "its rehearsal frame",
            Doing::Drawing => "a tick",
        })
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.panic {
            Some(Panic { message, place }) => write!(f, "it panicked at {place}: {message}"),
            None => f.write_str(&self.how),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::BuildFailed { message } => {
                write!(f, "the renderer does not compile\n{message}")
            }
            Problem::CannotBuild { message } => {
                write!(f, "the renderer cannot be built: {message}")
            }
            Problem::CannotStart { message } => write!(f, "the renderer cannot start: {message}"),
            Problem::Crashed { generation, build, crash } => {
                write!(
                    f,
                    "generation {generation} of the renderer (build {build}) crashed: {crash}"
                )
            }
            Problem::NotResponding { generation, build, doing, limit } => write!(
                f,
                "generation {generation} of the renderer (build {build}) does not respond: {doing} \
                 took longer than {limit:?}"
            ),
        }
    }
}

/// Who has built a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuiltBy {
    /// cargo: the first build, and whenever it might matter.
    Cargo,
    /// The compiler, called as cargo has called it before: for edits that cannot change the call.
    Compiler,
    /// Somebody else (see [`OwnerBuilder::artifact`](crate::OwnerBuilder::artifact)).
    Other,
}

/// A change of what goes on behind the picture; see
/// [`Owner::reload_events`](crate::Owner::reload_events).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReloadEvent {
    /// A build has begun.
    BuildStarted {
        /// Counts from 1.
        build: u32,
    },
    /// A build has made a new program.
    BuildFinished {
        /// Which.
        build: u32,
        /// How long it took.
        took: Duration,
        /// Who has built.
        by: BuiltBy,
    },
    /// A build has failed; [`Status::problem`] has the messages.
    BuildFailed {
        /// Which.
        build: u32,
    },
    /// A generation starts, beside the one that draws if there is one.
    WarmingUp {
        /// Which.
        generation: u32,
        /// The build that it runs.
        build: u32,
    },
    /// About to reload: a generation was asked to finish its tick and to commit.
    Draining {
        /// Which.
        generation: u32,
    },
    /// Reloaded: a generation has drawn its first frame.
    Reloaded {
        /// Which.
        generation: u32,
        /// The build that it runs.
        build: u32,
    },
    /// The state has another layout in a generation than it had before.
    Migrated {
        /// Which.
        generation: u32,
        /// What became of each field.
        report: Arc<MigrationReport>,
    },
    /// A generation failed; what follows says what is done about it.
    Failed {
        /// Which.
        generation: u32,
        /// How.
        problem: Problem,
    },
    /// The generation after it failed, so that this one goes on, with its caches as they were.
    PutBack {
        /// Which.
        generation: u32,
        /// The build that it runs.
        build: u32,
    },
    /// A generation was started from the last commit, in place of one that failed.
    Recovering {
        /// The new generation.
        generation: u32,
        /// The build that it runs.
        build: u32,
    },
    /// What happened in a tick has killed two generations, and was taken out of it.
    InputSkipped {
        /// Which tick.
        tick: u64,
        /// What was taken out, in words.
        what: String,
    },
    /// A tick took so long that its generation was replaced; it is repeated with a single period of the tick rate, in
    /// case it was its length that did that. Its events are in it as before.
    TickShortened {
        /// Which tick.
        tick: u64,
        /// How much of its time is lost; see [`Input::lost`](crate::Input::lost).
        lost: Duration,
    },
    /// A build that keeps crashing is not started again.
    GivenUp {
        /// Which.
        build: u32,
    },
    /// A build without cargo was compared with what cargo makes of the same sources, as
    /// `check = true` under `[workspace.metadata.hot-reload]` in the workspace's manifest asks for.
    Checked {
        /// Which.
        build: u32,
        /// What is different in what they draw or do to the state; then every later build is cargo's.
        difference: Option<String>,
    },
    /// Reloads are held back, or no longer.
    Held(bool),
}

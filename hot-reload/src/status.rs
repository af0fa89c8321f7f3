//! What an owner reports about its renderer.

mod board;
mod stack_frame;

pub(crate) use board::StatusBoard;
pub use board::StatusWatch;
pub use stack_frame::StackFrame;

use hot_reload_pod::MigrationReport;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Describes what the owner and its renderer are currently doing.
///
/// ```no_run
/// use hot_reload::status::{Activity, Problem};
/// # use hot_reload::{App, Owner};
/// # fn show<Demo: App>(owner: &Owner<Demo>) {
/// let status = owner.status();
/// match (&status.problem, status.activity) {
///     (Some(Problem::BuildFailed { message }), _) => eprintln!("{message}"),
///     (Some(problem), _) => eprintln!("{problem}"),
///     (None, Activity::Building) => println!("building"),
///     (None, _) => println!("build {} draws", status.build),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Status {
    /// Generation that draws; 0 before the first.
    pub generation: u32,
    /// Build that this generation runs, counted from 1. Build 0 is the owner's own program, which
    /// draws until the first build has ended. Also 0 before the first generation, and in one process.
    pub build: u32,
    /// True while a generation draws; otherwise the picture is the last one, or there is none yet.
    pub drawing: bool,
    /// Number of generations that have drawn a first frame.
    pub reloads: u32,
    /// Current activity.
    pub activity: Activity,
    /// Progress of the running build, if there is one.
    pub progress: Option<Progress>,
    /// Current problem; cleared automatically when its cause is gone.
    pub problem: Option<Problem>,
    /// Package of the part that the problem concerns, in an application of several parts
    /// ([`OwnerBuilder::module`](crate::OwnerBuilder::module)).
    pub part: Option<&'static str>,
    /// Generation of that part that draws, and its build.
    pub(crate) part_drawn: Option<(u32, u32)>,
    /// Problem that was solved a moment ago: the same build has resumed from the last commit.
    pub recovered: Option<Problem>,
    /// Time that the renderer has left a tick unanswered, once it is long enough to report.
    pub unanswered: Option<Duration>,
    /// Set while [`Owner::hold`](crate::Owner::hold) pauses reloads.
    pub held: bool,
    /// Set while a debugger is attached to the generation that draws. Its deadlines are suspended.
    pub debugger: bool,
    /// Notices for the user about the generation that draws, such as a state that was reset because
    /// its layout has changed.
    pub notices: Vec<String>,
    /// Report on each field of the state, made when the generation that draws took it over; `None`
    /// if its layout was the same.
    pub migration: Option<Arc<MigrationReport>>,
    /// Folder of the workspace. Relative paths in problems begin there.
    pub workspace: Option<Arc<Path>>,
    /// Duration of the last successful build.
    pub built_in: Option<Duration>,
    /// Reason why the last build needed cargo; `None` for the first build, and after a build that
    /// did not need it.
    pub by_cargo: Option<Arc<str>>,
}

/// Current activity of the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activity {
    /// The renderer draws, or there is none.
    #[default]
    Idle,
    /// The renderer is being built.
    Building,
    /// A new generation is starting; it has not drawn yet.
    Starting,
}

/// Progress of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Start of the build.
    pub begun: Instant,
    /// Number of crates done.
    pub done: u32,
    /// Number of crates in total, including those done; 0 until cargo reports it.
    pub total: u32,
    /// Crates being compiled, as cargo names them.
    pub at_work: String,
}

/// Reason why there is no newer picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The build failed.
    BuildFailed {
        /// Messages of the compiler, errors first, with its colors, or the output of the
        /// [build command](crate::OwnerBuilder::build_command).
        message: String,
    },
    /// The build could not start.
    CannotBuild {
        /// Cause and remedy.
        message: String,
    },
    /// The renderer could not be started.
    CannotStart {
        /// Cause and remedy.
        message: String,
    },
    /// The renderer ended without being asked to.
    Crashed {
        /// Generation that crashed.
        generation: u32,
        /// Build that it ran.
        build: u32,
        /// Cause of its end, and its last words.
        crash: Crash,
    },
    /// The renderer exceeded a deadline and was replaced.
    NotResponding {
        /// Generation that was replaced.
        generation: u32,
        /// Build that it ran.
        build: u32,
        /// Step that took too long.
        doing: Doing,
        /// Time that it was allowed.
        limit: Duration,
        /// The stack of the thread that draws, innermost first; see [`Crash::stack`].
        stack: Vec<StackFrame>,
    },
}

/// The end of a renderer: the cause, and its last output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Crash {
    /// Signal or exit code, in words.
    pub how: String,
    /// The panic, if it panicked.
    pub panic: Option<Panic>,
    /// Last lines that it wrote to its standard error, oldest first.
    pub stderr: Vec<String>,
    /// The stack at a fault or an abort, innermost first. It is looked up after the generation has
    /// ended, and is empty until then. It stays empty after a panic that does not abort. It is taken
    /// on Linux, on x86-64 and AArch64.
    pub stack: Vec<StackFrame>,
}

/// A panic, as reported on standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic {
    /// Panic message.
    pub message: String,
    /// File, line and column.
    pub place: String,
}

/// A step in which a renderer exceeded its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// Attaching to its owner, and its set-up.
    Starting,
    /// Drawing its rehearsal frame, which is never shown.
    Rehearsing,
    /// Answering a tick.
    Drawing,
}

impl Problem {
    /// Returns the generation that it concerns, with the stack of that generation.
    #[cfg(feature = "owner")]
    pub(crate) fn stack(&self) -> Option<(u32, &[StackFrame])> {
        match self {
            Problem::Crashed { generation, crash, .. } => Some((*generation, &crash.stack)),
            Problem::NotResponding { generation, stack, .. } => Some((*generation, stack)),
            _ => None,
        }
    }

    /// Returns the same, to be changed.
    #[cfg(feature = "owner")]
    pub(crate) fn stack_mut(&mut self) -> Option<(u32, &mut Vec<StackFrame>)> {
        match self {
            Problem::Crashed { generation, crash, .. } => Some((*generation, &mut crash.stack)),
            Problem::NotResponding { generation, stack, .. } => Some((*generation, stack)),
            _ => None,
        }
    }
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
            Problem::NotResponding { generation, build, doing, limit, .. } => write!(
                f,
                "generation {generation} of the renderer (build {build}) does not respond: {doing} \
                 took longer than {limit:?}"
            ),
        }
    }
}

/// Writes what the renderer does, or the problem if there is one.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_part = self.part.map(|part| format!("{part}: ")).unwrap_or_default();
        f.write_str(&of_part)?;
        match (&self.problem, self.unanswered, &self.progress) {
            (Some(problem), ..) => problem.fmt(f),
            (None, Some(waited), _) if self.debugger => {
                write!(f, "the renderer has been stopped in a debugger for {waited:.1?}")
            }
            (None, Some(waited), _) => write!(f, "the renderer has not answered for {waited:.1?}"),
            (None, None, Some(Progress { done, total, .. })) if *total > 0 => {
                write!(f, "the renderer is being built, {done} of {total} crates are done")
            }
            (None, None, _) => f.write_str(match self.activity {
                Activity::Building => "the renderer is being built",
                Activity::Starting => "the renderer is starting",
                Activity::Idle if self.drawing => "the renderer draws",
                Activity::Idle => "no renderer draws",
            }),
        }
    }
}

/// Builder of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuiltBy {
    /// cargo: for the first build, and whenever the compiler's arguments might have changed.
    Cargo,
    /// The compiler, called exactly as cargo called it before: for edits that cannot change the
    /// call.
    Compiler,
    /// Another program (see [`OwnerBuilder::artifact`](crate::OwnerBuilder::artifact)).
    Other,
}

/// A step of a reload, or another change of the status; see
/// [`Owner::reload_events`](crate::Owner::reload_events).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReloadEvent {
    /// A build has begun.
    BuildStarted {
        /// Number of the build, counted from 1.
        build: u32,
    },
    /// A build has produced a new program.
    BuildFinished {
        /// Number of the build.
        build: u32,
        /// Duration of the build.
        took: Duration,
        /// Builder of the program.
        by: BuiltBy,
    },
    /// A build has failed; [`Status::problem`] has the messages.
    BuildFailed {
        /// Number of the build.
        build: u32,
    },
    /// A generation starts, beside the one that draws if there is one; its set-up and its rehearsal
    /// are next.
    WarmingUp {
        /// Generation that starts.
        generation: u32,
        /// Build that it runs.
        build: u32,
    },
    /// A reload is imminent: a generation was asked to finish its tick and to commit.
    Draining {
        /// Generation that is to be replaced.
        generation: u32,
    },
    /// A generation has drawn its first frame: the reload is complete.
    Reloaded {
        /// Generation that draws now.
        generation: u32,
        /// Build that it runs.
        build: u32,
    },
    /// A generation has taken over a state of another layout.
    Migrated {
        /// Generation that took it over.
        generation: u32,
        /// Report on each field.
        report: Arc<MigrationReport>,
    },
    /// A generation failed; the next events report what is done about it.
    Failed {
        /// Generation that failed.
        generation: u32,
        /// Cause.
        problem: Problem,
    },
    /// The generation after this one failed, so this one continues, with its caches intact.
    PutBack {
        /// Generation that continues.
        generation: u32,
        /// Build that it runs.
        build: u32,
    },
    /// A generation was started from the last commit, in place of one that failed.
    Recovering {
        /// The new generation.
        generation: u32,
        /// Build that it runs.
        build: u32,
    },
    /// The input of a tick has killed two generations and was removed.
    InputSkipped {
        /// Number of the tick.
        tick: u64,
        /// Description of what was removed.
        what: String,
    },
    /// A tick took so long that its generation was replaced. The tick is repeated with a length of
    /// one tick period, in case its length was the cause. Its events are kept.
    TickShortened {
        /// Number of the tick.
        tick: u64,
        /// Time removed from the tick; see [`Input::lost`](crate::Input::lost).
        lost: Duration,
    },
    /// A build that keeps crashing is not started again.
    GivenUp {
        /// Number of the build.
        build: u32,
    },
    /// A build made without cargo was compared with what cargo makes of the same sources, as `check
    /// = true` under `[workspace.metadata.hot-reload]` in the workspace's manifest requests.
    Checked {
        /// Number of the build.
        build: u32,
        /// Difference in what they draw or do to the state. If there is one, every later build is
        /// cargo's.
        difference: Option<String>,
    },
    /// Reloads were paused (`true`) or resumed (`false`).
    Held(bool),
}

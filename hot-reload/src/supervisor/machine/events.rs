//! The machine's events and actions.

use crate::status::{BuiltBy, Crash, ReloadEvent, StackFrame};
use std::time::Duration;

/// Number of the build that is the owner's own program.
pub(crate) const STAND_IN: u32 = 0;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The content of a file that the renderer is built from has changed.
    Changed,
    /// The owner's own program can draw as build [`STAND_IN`] until the first build has ended.
    StandIn,
    /// A build has ended.
    Built { build: u32, outcome: BuildOutcome },
    /// The application wants the newest build to be started again.
    Reload,
    /// The application has paused reloads (`true`) or allows them again (`false`).
    Hold(bool),
    /// A generation has attached and runs the user's set-up.
    Attached { generation: u32, notices: Vec<String> },
    /// A generation has begun its rehearsal.
    Rehearsing { generation: u32 },
    /// A generation can be given ticks.
    Ready { generation: u32 },
    /// A generation has finished its tick, has committed, and waits.
    Parked { generation: u32 },
    /// A generation needs a larger segment and ends.
    Misfit { generation: u32 },
    /// A generation cannot run for this reason and ends.
    Refused { generation: u32, reason: String },
    /// A generation could not be launched.
    NotLaunched { generation: u32, reason: String },
    /// A generation was not launched because there is no memory for it beside the drawing one.
    NoRoom { generation: u32 },
    /// A generation has drawn its first frame, or answered its first tick without one.
    FirstFrame { generation: u32 },
    /// A generation has answered several ticks.
    Answered { generation: u32 },
    /// A generation has left a tick unanswered for too long; `answered` is the last tick that it
    /// answered.
    Unanswered { generation: u32, answered: u64 },
    /// A person wants another build that there is.
    Go(Direction),
    /// The stack of a generation that has failed was found.
    Located { generation: u32, stack: Vec<StackFrame> },
    /// A generation has written something invalid.
    Fault { generation: u32, reason: String },
    /// A generation's process has ended; `answered` is the last tick that it answered.
    Ended { generation: u32, crash: Crash, answered: u64 },
    /// A timer has expired.
    Timeout(Timer),
    /// The application is ending.
    Quit,
}

/// The result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildOutcome {
    /// A new program.
    New { took: Duration, by: BuiltBy },
    /// The program is unchanged.
    Fresh,
    /// The source does not compile.
    Failed { message: String },
    /// The build could not begin.
    CannotBuild { message: String },
    /// The build was cancelled, and none of its processes is left.
    Cancelled,
    /// The build was for other parts of the application.
    Unconcerned,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Build {
        build: u32,
    },
    Cancel {
        build: u32,
    },
    Launch {
        generation: u32,
        build: u32,
        start: Start,
        /// True if it replaces one that failed.
        recovery: bool,
    },
    /// Give ticks to a generation that was started from the last commit.
    Open {
        generation: u32,
    },
    /// Do not repeat the tick after `answered` unchanged: it took too long.
    Shorten {
        answered: u64,
    },
    /// Ask a generation to finish its tick, commit, and wait.
    Park {
        generation: u32,
    },
    /// Hand the last commit over to `to`, which draws from now on; `from` stays parked beside it.
    Cut {
        from: Option<u32>,
        to: u32,
    },
    /// Let a parked generation continue from where it stopped.
    Resume {
        generation: u32,
    },
    /// Treat a generation's commits as final from now on.
    Accept {
        generation: u32,
    },
    /// Ask a generation to finish its tick, commit, and end.
    Stop {
        generation: u32,
    },
    Kill {
        generation: u32,
    },
    /// Take the stack of a generation that hangs.
    Trace {
        generation: u32,
    },
    Arm {
        timer: Timer,
        after: Duration,
    },
    Tell(ReloadEvent),
    /// End the supervisor: everything else has ended.
    Finished,
}

/// A way through the builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the build before the one that draws.
    Back,
    /// To the newest build.
    Forward,
}

/// The way in which a generation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Sets up and rehearses, then waits for the cut.
    Warm,
    /// Begins from the last commit at once, leaving out what happened in the tick after `skip`.
    Direct { skip: Option<u64> },
}

/// A timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Deadline for a generation to attach and set itself up.
    Start { generation: u32 },
    /// Deadline for a generation's rehearsal.
    Rehearsal { generation: u32 },
    /// Deadline for a generation to park.
    Park { generation: u32 },
    /// Time after which a drawing generation is accepted.
    Accept { generation: u32 },
    /// Time after which the earlier crashes of a drawing generation are forgotten.
    Stable { generation: u32 },
    /// Deadline for a generation to end.
    Stop { generation: u32 },
    /// Time at which the build that crashed may be started again.
    Restart { attempt: u32 },
}

impl Timer {
    /// Returns the generation that the timer is for.
    pub(crate) fn generation(self) -> Option<u32> {
        match self {
            Timer::Start { generation }
            | Timer::Rehearsal { generation }
            | Timer::Park { generation }
            | Timer::Accept { generation }
            | Timer::Stable { generation }
            | Timer::Stop { generation } => Some(generation),
            Timer::Restart { .. } => None,
        }
    }
}

/// Time limits, and the choice of a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Limit from launch until the user's set-up is done.
    pub(crate) start: Duration,
    /// Limit on the rehearsal frame.
    pub(crate) rehearsal: Duration,
    /// Limit on parking or stopping: one tick and one commit.
    pub(crate) drain: Duration,
    /// Limit on one tick.
    pub(crate) tick: Duration,
    /// Time from the first frame to acceptance if there are no further ticks.
    pub(crate) accept: Duration,
    /// Time from acceptance until earlier crashes are forgotten.
    pub(crate) stable: Duration,
    /// True to warm up beside the running generation; false to stop that one first.
    pub(crate) rehearse: bool,
}

//! What the machine is told, and what it asks for.

use crate::status::{BuiltBy, Crash, ReloadEvent};
use std::time::Duration;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The content of something that the renderer is built from has changed.
    Changed,
    /// A build has ended.
    Built { build: u32, outcome: Outcome },
    /// The application wants the newest build to be started again.
    Reload,
    /// The application holds reloads back, or no longer.
    Hold(bool),
    /// A generation has attached, and runs the user's set-up.
    Attached { generation: u32, notices: Vec<String> },
    /// A generation has begun with its rehearsal.
    Rehearsing { generation: u32 },
    /// A generation has nothing more to do before it is given ticks.
    Ready { generation: u32 },
    /// A generation has finished its tick, committed, and waits.
    Parked { generation: u32 },
    /// A generation needs a larger segment, and ends.
    Misfit { generation: u32 },
    /// A generation says why it cannot run, and ends.
    Refused { generation: u32, reason: String },
    /// A generation could not even be launched.
    NotLaunched { generation: u32, reason: String },
    /// A generation was not launched, since there is no memory for it beside the one that draws.
    NoRoom { generation: u32 },
    /// A generation has drawn its first frame (or answered its first tick without one).
    FirstFrame { generation: u32 },
    /// A generation has answered several ticks.
    Answered { generation: u32 },
    /// A generation has left a tick unanswered for too long; the last that it did answer.
    Unanswered { generation: u32, answered: u64 },
    /// A generation's words make no sense.
    Fault { generation: u32, reason: String },
    /// A generation's process is gone; the last tick that it answered.
    Ended { generation: u32, crash: Crash, answered: u64 },
    /// A time that was armed is over.
    Timeout(Timer),
    /// The application ends.
    Quit,
}

/// How a build has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is a new program.
    New { took: Duration, by: BuiltBy },
    /// There was nothing to build.
    Fresh,
    /// The source does not compile.
    Failed { message: String },
    /// The build could not begin.
    CannotBuild { message: String },
    /// It was cancelled, and nothing of it runs any more.
    Cancelled,
    /// It was for other parts of the application.
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
        /// In place of one that failed.
        recovery: bool,
    },
    /// Give ticks to a generation that was started from the last commit.
    Open {
        generation: u32,
    },
    /// The tick after `answered` took too long: it must not be given again as it was.
    Shorten {
        answered: u64,
    },
    /// Ask a generation to finish its tick, to commit and to wait.
    Park {
        generation: u32,
    },
    /// Take the last commit to `to`, which draws from now on; `from` stays parked beside it.
    Cut {
        from: Option<u32>,
        to: u32,
    },
    /// Let a parked generation go on from where it stopped.
    Resume {
        generation: u32,
    },
    /// What a generation commits is final from now on.
    Accept {
        generation: u32,
    },
    /// Ask a generation to finish its tick, commit and end.
    Stop {
        generation: u32,
    },
    Kill {
        generation: u32,
    },
    Arm {
        timer: Timer,
        after: Duration,
    },
    Tell(ReloadEvent),
    /// Everything has ended.
    Finished,
}

/// How a generation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Set up and rehearse, then wait for the cut.
    Warm,
    /// From the last commit at once. What happened in the tick after `skip` is left out of it.
    Direct { skip: Option<u64> },
}

/// A time to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A generation should have attached and set itself up.
    Start { generation: u32 },
    /// A generation should have rehearsed.
    Rehearsal { generation: u32 },
    /// A generation should have parked.
    Park { generation: u32 },
    /// A generation that draws has drawn long enough to be accepted.
    Accept { generation: u32 },
    /// A generation that draws has drawn long enough for its crashes to be forgotten.
    Stable { generation: u32 },
    /// A generation should have ended.
    Stop { generation: u32 },
    /// The build that crashed may be started again.
    Restart { attempt: u32 },
}

impl Timer {
    /// The generation whose time it is.
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

/// How long things may take, and whether there is a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// From launch until the user's set-up is done.
    pub(crate) start: Duration,
    /// The rehearsal frame.
    pub(crate) rehearsal: Duration,
    /// From the request to park or to stop: one tick and one commit.
    pub(crate) drain: Duration,
    /// One tick.
    pub(crate) tick: Duration,
    /// From the first frame until accepted, where there are no further ticks.
    pub(crate) accept: Duration,
    /// From accepted until its crashes are forgotten.
    pub(crate) stable: Duration,
    /// Warm up beside the running generation; else stop, then start.
    pub(crate) rehearse: bool,
}

//! Messages to a supervisor's thread.

use super::builds::{Built, Done};
use super::inputs::Saved;
use super::machine::Event;
use super::workspace::Workspace;
use crate::handshake::CommitBody;
use crate::status::{Crash, Panic};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// A message to the supervisor's thread.
#[derive(Debug)]
pub(crate) enum Message {
    Event(Event),
    /// Leave the state for the next owner, as if this one were killed.
    LeaveState,
    /// Restore this state.
    Restore(Arc<CommitBody>),
    /// The owner's own program can draw until the first build has ended.
    StandIn(PathBuf),
    /// Contents have changed; `noticed` is the time of the first sign of it.
    Saved {
        saved: Saved,
        noticed: Instant,
    },
    /// A process has ended.
    Gone {
        generation: u32,
        crash: Crash,
    },
    /// A thread other than the main one has panicked.
    Panicked {
        generation: u32,
        panic: Panic,
    },
    /// A tick is waiting for its answer; `answered` is the last tick that was answered.
    Unanswered {
        generation: u32,
        answered: u64,
        waited: Duration,
    },
    /// Progress of a build.
    Progress {
        build: u32,
        done: u32,
        total: u32,
        at_work: String,
    },
    Built {
        build: u32,
        done: Done,
        took: Duration,
    },
    /// Message from the leading part to a part that follows it.
    Told(Told),
    /// The state that a generation looks at has outgrown its segment; it now needs `bytes`.
    FeedTooLarge {
        generation: u32,
        bytes: usize,
    },
    /// Result of comparing a build made without cargo with what cargo makes.
    Checked {
        build: u32,
        verdict: Verdict,
    },
}

/// The result of a check.
#[derive(Debug)]
pub(super) enum Verdict {
    Same,
    Differs(String),
    /// The programs could not be compared, for this reason.
    Unknown(String),
}

/// A message from the leading part to those that follow.
#[derive(Debug)]
pub(super) enum Told {
    /// A build has begun. Not sent for the first build, which every part begins with.
    Began,
    Built {
        built: Built,
        took: Duration,
        workspace: Option<Box<Workspace>>,
        /// Receives the result; nothing else is built before that.
        reply: Sender<Kept>,
    },
    /// Changed assets, each with its folder.
    Assets(Vec<(PathBuf, PathBuf)>),
}

/// The result of handing a part its build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// The part has the build, or needs nothing.
    Whole,
    /// The build could not be copied. If `written` is set, an artifact was written to during the
    /// copy, so it must be built again at once.
    Lost { written: bool },
}

//! An application of several parts: one leads and owns the state, the others look at it.
//!
//! Each part has a supervisor of its own, with its machine, its generations and its status. Only the
//! leading one watches and builds, for all of them in one call, and hands each what was made of it: the
//! others *follow*.

use super::Message;
use super::build::Built;
use super::machine::Event;
use super::workspace::Workspace;
use crate::generation::{Ledger, Subscription};
use crate::handshake::Role;
use crate::segment::{Nonsense, Segment, Unpublished};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a part is among the others.
#[derive(Debug)]
pub(crate) enum Part {
    /// There are no others.
    Whole,
    Leads(Vec<Follower>),
    Follows(Arc<Ledger>),
}

/// A module as the leading part sees it.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    package: &'static str,
    events: Sender<Message>,
    newest: Newest,
}

/// Where the last good build of a part lies, which its own supervisor keeps.
pub(super) type Newest = Arc<Mutex<Option<PathBuf>>>;

/// Where a supervisor is told what happens, by its own threads and by the part that leads.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(super) events: Sender<Message>,
    pub(super) incoming: Receiver<Message>,
    pub(super) newest: Newest,
}

/// What a part has done with what it was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It has it, or needs nothing.
    Whole,
    /// It could not be copied; or it was written to meanwhile, so that it is to be made anew at once.
    Lost { written: bool },
}

/// What the leading part tells those that follow.
#[derive(Debug)]
pub(super) enum Told {
    /// A build has begun, but for the first, with which everybody begins.
    Began,
    Built {
        built: Built,
        took: Duration,
        workspace: Option<Box<Workspace>>,
        /// What has become of it is said here: before that nothing else is built.
        reply: Sender<Kept>,
    },
    /// These assets have changed, each with its folder.
    Assets(Vec<(PathBuf, PathBuf)>),
}

impl Inbox {
    /// Of a part that follows nobody.
    pub(super) fn own() -> Self {
        let (events, incoming) = channel();
        Inbox { events, incoming, newest: Newest::default() }
    }
}

impl Follower {
    /// With the inbox that its supervisor begins with.
    pub(crate) fn new(package: &'static str) -> (Follower, Inbox) {
        let inbox = Inbox::own();
        let (events, newest) = (inbox.events.clone(), inbox.newest.clone());
        (Follower { package, events, newest }, inbox)
    }

    pub(crate) fn package(&self) -> &'static str {
        self.package
    }

    pub(super) fn newest(&self) -> Option<PathBuf> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells it, as long as it is there.
    pub(super) fn tell(&self, told: Told) {
        let _ = self.events.send(Message::Told(told));
    }
}

impl Part {
    pub(super) fn followers(&self) -> &[Follower] {
        match self {
            Part::Leads(followers) => followers,
            Part::Whole | Part::Follows(_) => &[],
        }
    }

    pub(super) fn role(&self) -> Role {
        match self {
            Part::Whole => Role::Whole,
            Part::Leads(_) => Role::Leads,
            Part::Follows(_) => Role::Follows,
        }
    }

    /// Whether another part builds.
    pub(super) fn follows(&self) -> bool {
        matches!(self, Part::Follows(_))
    }

    /// Who owns the state that this part looks at.
    pub(super) fn looked_at(&self) -> Option<&Ledger> {
        match self {
            Part::Follows(ledger) => Some(ledger),
            Part::Whole | Part::Leads(_) => None,
        }
    }

    /// Whether there are others.
    pub(super) fn is_one_of_several(&self) -> bool {
        !matches!(self, Part::Whole)
    }
}

/// Lets a generation look at the state of the part that leads.
pub(super) fn look_at(
    ledger: &Ledger,
    segment: &Arc<Segment>,
    generation: u32,
    events: &Sender<Message>,
) -> Subscription {
    let events = Mutex::new(events.clone());
    let on_trouble = move |trouble| {
        let events = events.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = events.send(match trouble {
            Unpublished::NoRoom(bytes) => Message::FeedTooLarge { generation, bytes },
            Unpublished::Nonsense(Nonsense(word)) => {
                let reason = format!("the mailbox of what it looks at is damaged (read {word:#x})");
                Message::Event(Event::Fault { generation, reason })
            }
        });
    };
    ledger.subscribe(segment, Box::new(on_trouble))
}

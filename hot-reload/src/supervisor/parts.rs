//! Applications of several parts: one leads and owns the state, the others look at it.
//!
//! Each part has its own supervisor with its machine, generations and status. Only the leading one
//! watches and builds, for all parts in one call, and hands each its result: the others *follow*.

use super::machine::Event;
use super::message::{Message, Told};
use crate::generation::{CommitStore, Subscription};
use crate::handshake::PartRole;
use crate::lock::lock;
use crate::segment::{Nonsense, Segment, Unpublished};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The role of a part among the others.
#[derive(Debug)]
pub(crate) enum Part {
    /// The only part.
    Whole,
    Leads(Vec<Follower>),
    Follows(Arc<CommitStore>),
}

/// A module as the leading part sees it.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    package: &'static str,
    events: Sender<Message>,
    newest: Newest,
}

/// Path of a part's last good build, set by the part's own supervisor.
pub(super) type Newest = Arc<Mutex<Option<PathBuf>>>;

/// The queue through which a supervisor's own threads and the leading part report to it.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(super) events: Sender<Message>,
    pub(super) incoming: Receiver<Message>,
    pub(super) newest: Newest,
}

impl Inbox {
    /// Creates the inbox of a part that does not follow another.
    pub(super) fn own() -> Self {
        let (events, incoming) = channel();
        Inbox { events, incoming, newest: Newest::default() }
    }
}

impl Follower {
    /// Creates a follower and the inbox that its supervisor starts with.
    pub(crate) fn new(package: &'static str) -> (Follower, Inbox) {
        let inbox = Inbox::own();
        let (events, newest) = (inbox.events.clone(), inbox.newest.clone());
        (Follower { package, events, newest }, inbox)
    }

    pub(crate) fn package(&self) -> &'static str {
        self.package
    }

    pub(super) fn newest(&self) -> Option<PathBuf> {
        lock(&self.newest).clone()
    }

    /// Sends the follower a message; does nothing if it has ended.
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

    pub(super) fn role(&self) -> PartRole {
        match self {
            Part::Whole => PartRole::Whole,
            Part::Leads(_) => PartRole::Leads,
            Part::Follows(_) => PartRole::Follows,
        }
    }

    /// Returns true if another part builds for this one.
    pub(super) fn follows(&self) -> bool {
        matches!(self, Part::Follows(_))
    }

    /// Returns the commit store of the leading part, whose state this part looks at.
    pub(super) fn looked_at(&self) -> Option<&CommitStore> {
        match self {
            Part::Follows(commit_store) => Some(commit_store),
            Part::Whole | Part::Leads(_) => None,
        }
    }

    /// Returns true if the application has other parts.
    pub(super) fn is_one_of_several(&self) -> bool {
        !matches!(self, Part::Whole)
    }
}

/// Subscribes a generation to the state of the leading part.
pub(super) fn look_at(
    commit_store: &CommitStore,
    segment: &Arc<Segment>,
    generation: u32,
    events: &Sender<Message>,
) -> Subscription {
    let events = Mutex::new(events.clone());
    let on_trouble = move |trouble| {
        let events = lock(&events);
        let _ = events.send(match trouble {
            Unpublished::NoRoom(bytes) => Message::FeedTooLarge { generation, bytes },
            Unpublished::Nonsense(Nonsense(word)) => {
                let reason = format!("the mailbox of its feed is damaged (read {word:#x})");
                Message::Event(Event::Fault { generation, reason })
            }
        });
    };
    commit_store.subscribe(segment, Box::new(on_trouble))
}

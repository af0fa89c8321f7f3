//! What owner and supervisor share of a generation: its session, its commits, its options and its
//! watchdog.
//!
//! Nothing here knows the application's window or how a generation is built and launched.

mod commit;
mod commit_store;
mod feeds;
mod hold;
mod options;
mod session;
mod watchdog;

pub(crate) use commit::Committed;
#[cfg(feature = "owner")]
pub(crate) use commit_store::{Closing, OnFault, OpenCommits};
pub(crate) use commit_store::{CommitCopier, CommitStore};
pub(crate) use feeds::Subscription;
pub use hold::Hold;
#[cfg(feature = "owner")]
pub(crate) use hold::HoldCount;
pub use options::Deadlines;
pub(crate) use options::Supervised;
pub(crate) use session::{GenerationChange, NewSession, Session, Wake};
pub(crate) use watchdog::REPORTED_AFTER;
#[cfg(any(feature = "owner", feature = "terminal"))]
pub(crate) use watchdog::SHOWN_AFTER;
#[cfg(feature = "owner")]
pub(crate) use watchdog::{DEBUGGER_INTERVAL, HangRule};

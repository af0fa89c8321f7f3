//! What owner and supervisor share of a generation: its session, its commits, and where its status is posted.
//!
//! Nothing here knows the application's window or how a generation is built and launched.

mod board;
mod commit;
mod commit_store;
mod feeds;
mod hold;
mod options;
mod session;

pub(crate) use board::StatusBoard;
pub use board::StatusWatch;
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

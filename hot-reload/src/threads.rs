//! Starting a thread with a name, which debuggers and `top -H` show.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread.
///
/// # Errors
/// Fails if the system has no room for another thread.
pub(crate) fn spawn<T: Send + 'static>(
    name: impl Into<String>,
    turn: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.into()).spawn(turn)
}

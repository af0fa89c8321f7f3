//! Starting a thread with a name, which debuggers and `top -H` show.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread.
///
/// # Errors
/// Fails if the system has no room for another thread.
pub(crate) fn spawn(
    name: impl Into<String>,
    turn: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // Boxed, because std's code for starting a thread is compiled for each type of closure.
    let turn: Box<dyn FnOnce() + Send> = Box::new(turn);
    Builder::new().name(name.into()).spawn(turn)
}

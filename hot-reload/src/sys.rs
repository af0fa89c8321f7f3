//! What systems do differently, behind one set of functions; the rest of the crate sees no platform.
//!
//! Linux is what the tests run on. macOS takes the Unix paths without the parts named `linux`;
//! Windows has paths of its own. Both are written with care and have not been run.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::*;

use crate::error::{Error, Result};
use std::io::{ErrorKind, Read};
use std::thread::{self, Thread};

/// Starts the thread that turns bytes of the wake pipe into wakes, and its end into the end.
pub(crate) fn spawn_waker(mut wakes: impl Read + Send + 'static, renderer: Thread) -> Result<()> {
    const NAME: &str = "hot-reload wake";
    let turn = move || {
        let mut bytes = [0; 64];
        loop {
            match wakes.read(&mut bytes) {
                Ok(1..) => renderer.unpark(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The owner is gone. A renderer in an endless loop must go as well, and the
                // programs that it has started.
                Ok(0) | Err(_) => die(),
            }
        }
    };
    let thread = thread::Builder::new().name(NAME.to_owned()).spawn(turn);
    thread.map(|_| ()).map_err(|source| Error::Thread { name: NAME, source })
}

//! Platform differences, behind one set of functions; the rest of the crate is
//! platform-independent.
//!
//! The tests run on Linux. macOS takes the Unix paths without the parts named `linux`; Windows has
//! separate paths. The code for both was written with care and has not been run.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::*;

use crate::error::{Error, Result};
use crate::threads::spawn;
use std::io::{ErrorKind, Read};
use std::thread::Thread;

/// Byte of the wake pipe that asks for a stack trace of the thread that draws. Others only wake it.
pub(crate) const ASKS_FOR_TRACE: u8 = 2;

/// Starts the thread that turns bytes of the wake pipe into wakes, and ends the process when the
/// pipe ends.
pub(crate) fn spawn_waker(mut wakes: impl Read + Send + 'static, renderer: Thread) -> Result<()> {
    const NAME: &str = "hot-reload wake";
    let turn = move || {
        let mut bytes = [0; 64];
        loop {
            match wakes.read(&mut bytes) {
                Ok(read @ 1..) => {
                    if bytes[..read].contains(&ASKS_FOR_TRACE) {
                        crate::stack_trace::request();
                    }
                    renderer.unpark();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The owner is gone. A renderer in an endless loop must end as well, and so must
                // the programs that it has started.
                Ok(0) | Err(_) => die(),
            }
        }
    };
    spawn(NAME, turn).map(|_| ()).map_err(Error::thread(NAME))
}

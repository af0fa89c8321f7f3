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

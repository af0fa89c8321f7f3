//! Ctrl+C ends the loop, so that the renderer commits and the owner ends in order.

use crate::error::Result;

/// Returns a function that tells whether Ctrl+C has been pressed or the program has been asked to
/// end. Without the feature `options` it never has.
#[cfg(feature = "options")]
pub(super) fn watch() -> Result<impl Fn() -> bool> {
    use crate::error::Error;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    match ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)) {
        // The application handles Ctrl+C itself.
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => {}
        Err(error) => return Err(Error::Interrupt(error.into())),
    }
    Ok(move || interrupted.load(Ordering::Relaxed))
}

#[cfg(not(feature = "options"))]
#[allow(clippy::unnecessary_wraps, reason = "fails with the feature `options`")]
pub(super) fn watch() -> Result<impl Fn() -> bool> {
    Ok(|| false)
}

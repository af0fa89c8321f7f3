//! The owner's log records and the compiler's messages, written by a thread.
//!
//! Standard error may be a pipe that nobody reads, or a terminal whose output is paused. The
//! supervisor's threads and the owner's turn must keep running all the same, so none of them calls
//! a subscriber or prints. Each record keeps its module path and its part; records and messages
//! stay in order.

use crate::outlet::Outlet;
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Limit on the number of records that wait to be written.
const WAITING: usize = 1024;
/// Limit on the time that the program's end waits for the last records to be written.
const LAST_WORDS: Duration = Duration::from_millis(250);

static LOG: Outlet = Outlet::new("hot-reload log", WAITING);

thread_local! {
    /// The part of the application that this thread works for.
    static PART: RefCell<Option<Arc<str>>> = const { RefCell::new(None) };
}

/// Names the part that this thread's records are about, in an application of several parts.
pub(crate) fn name_part(package: &str) {
    PART.set(Some(package.into()));
}

/// Runs `say` on the log's thread. Use the macros instead.
pub(crate) fn hand_over(say: Box<dyn FnOnce() + Send>) {
    let part = PART.with_borrow(Option::clone);
    let job = move |dropped| {
        if dropped > 0 {
            tracing::warn!("{dropped} records dropped: standard error was not read");
        }
        let span = part.map(|package| tracing::info_span!("part", package = &*package));
        let _span = span.as_ref().map(tracing::Span::enter);
        say();
    };
    LOG.hand_over(1, Box::new(job));
}

/// Prints a text with its own colors, which a subscriber would escape.
pub(crate) fn print(text: &str) {
    let text = text.trim_end().to_owned();
    hand_over(Box::new(move || anstream::eprintln!("{text}")));
}

/// Writes a text to standard error unchanged.
pub(crate) fn write(text: String) {
    hand_over(Box::new(move || drop(std::io::stderr().write_all(text.as_bytes()))));
}

/// Waits for the last records to be written, for at most `LAST_WORDS`.
pub(crate) fn flush() {
    LOG.flush(LAST_WORDS);
}

macro_rules! record {
    ($level:ident, target: $target:expr, $($text:tt)+) => {
        if tracing::enabled!(target: $target, tracing::Level::$level) {
            let text = format!($($text)+);
            $crate::log::hand_over(Box::new(move || {
                tracing::event!(target: $target, tracing::Level::$level, "{text}");
            }));
        }
    };
    ($level:ident, $($text:tt)+) => {
        $crate::log::record!($level, target: module_path!(), $($text)+)
    };
}
pub(crate) use record;

macro_rules! error_ {
    ($($text:tt)+) => { $crate::log::record!(ERROR, $($text)+) };
}
macro_rules! warn_ {
    ($($text:tt)+) => { $crate::log::record!(WARN, $($text)+) };
}
macro_rules! info_ {
    ($($text:tt)+) => { $crate::log::record!(INFO, $($text)+) };
}
macro_rules! debug_ {
    ($($text:tt)+) => { $crate::log::record!(DEBUG, $($text)+) };
}
pub(crate) use {debug_ as debug, error_ as error, info_ as info, warn_ as warn};

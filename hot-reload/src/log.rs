//! What the owner says by `tracing`, and the compiler's messages: handed to a thread.
//!
//! Standard error may be a pipe that nobody reads, or a terminal that stands still. The threads of the
//! supervisor and the owner's turn must stay awake all the same, so that none of them calls a subscriber or
//! prints. A record keeps its place in the source and its part; records and messages stay in order.

use crate::outlet::Outlet;
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Records that wait.
const WAITING: usize = 1024;
/// How long the program's end waits for the last records to be written.
const LAST_WORDS: Duration = Duration::from_millis(250);

static LOG: Outlet = Outlet::new("hot-reload log", WAITING);

thread_local! {
    /// The part of the application that this thread works for.
    static PART: RefCell<Option<Arc<str>>> = const { RefCell::new(None) };
}

/// Names the part that records of this thread are about, where there are several.
pub(crate) fn name_part(package: &str) {
    PART.set(Some(package.into()));
}

/// Lets the log's thread say something; use the macros.
pub(crate) fn hand_over(say: impl FnOnce() + Send + 'static) {
    let part = PART.with_borrow(Option::clone);
    LOG.hand_over(1, move |dropped| {
        if dropped > 0 {
            tracing::warn!("{dropped} records dropped: standard error was not read");
        }
        let span = part.map(|package| tracing::info_span!("part", package = &*package));
        let _span = span.as_ref().map(tracing::Span::enter);
        say();
    });
}

/// Prints what has colors of its own, which a subscriber would escape.
pub(crate) fn print(text: &str) {
    let text = text.trim_end().to_owned();
    hand_over(move || anstream::eprintln!("{text}"));
}

/// Writes to standard error as it is.
pub(crate) fn write(text: String) {
    hand_over(move || drop(std::io::stderr().write_all(text.as_bytes())));
}

/// Waits for the last records, but not long.
pub(crate) fn flush() {
    LOG.flush(LAST_WORDS);
}

macro_rules! record {
    ($level:ident, target: $target:expr, $($text:tt)+) => {
        if tracing::enabled!(target: $target, tracing::Level::$level) {
            let text = format!($($text)+);
            $crate::log::hand_over(move || {
                tracing::event!(target: $target, tracing::Level::$level, "{text}");
            });
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

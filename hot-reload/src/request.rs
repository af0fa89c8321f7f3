//! What a renderer can ask of its owner without a message type of its own.

use crate::state::{FixedString, SharedState};
use std::num::NonZeroU32;
use std::time::Duration;

/// A request of the renderer; within a tick the latest of a kind wins.
///
/// `Quit` and `TickRate` the owner acts upon by itself; the loop with the window does the rest, and
/// paces itself by [`Owner::tick_rate`](crate::Owner::tick_rate).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// End the application; [`Owner::is_running`](crate::Owner::is_running) says no from now on.
    Quit,
    /// The window's title; at most 256 bytes arrive.
    Title(String),
    /// How often the owner ticks.
    TickRate(TickRate),
    /// The window's size in pixels.
    Size(u32, u32),
    /// Whether the mouse's cursor is visible over the window.
    Cursor(bool),
}

/// How often the owner ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickRate {
    /// So many times a second.
    PerSecond(NonZeroU32),
    /// As often as the window's loop turns.
    Uncapped,
}

impl TickRate {
    /// So many ticks a second; 0 means uncapped.
    #[must_use]
    pub fn per_second(ticks: u32) -> Self {
        NonZeroU32::new(ticks).map_or(TickRate::Uncapped, TickRate::PerSecond)
    }

    /// Time from tick to tick; `None` when uncapped.
    #[must_use]
    pub fn period(self) -> Option<Duration> {
        match self {
            TickRate::PerSecond(ticks) => Some(Duration::from_secs(1) / ticks.get()),
            TickRate::Uncapped => None,
        }
    }

    /// The length of a fixed step: a sixtieth of a second where ticks are not limited.
    pub(crate) fn step(self) -> Duration {
        self.period().unwrap_or(Duration::from_nanos(16_666_667))
    }
}

/// A request on its way.
#[expect(clippy::large_enum_variant, reason = "plain old data has no pointers to a title")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, SharedState)]
#[repr(C, u8)]
pub(crate) enum RequestRecord {
    /// Not 0: memory that nobody has written is no request, and must not end an application.
    Quit = 1,
    Title(FixedString<256>),
    TickRate(u32),
    Size(u32, u32),
    Cursor(bool),
}

impl RequestRecord {
    /// How many kinds there are.
    pub(crate) const KINDS: usize = 5;

    pub(crate) fn kind(&self) -> usize {
        match self {
            RequestRecord::Quit => 0,
            RequestRecord::Title(_) => 1,
            RequestRecord::TickRate(_) => 2,
            RequestRecord::Size(..) => 3,
            RequestRecord::Cursor(_) => 4,
        }
    }
}

impl From<Request> for RequestRecord {
    fn from(request: Request) -> Self {
        match request {
            Request::Quit => RequestRecord::Quit,
            Request::Title(title) => RequestRecord::Title(FixedString::truncated(&title)),
            Request::TickRate(TickRate::PerSecond(ticks)) => RequestRecord::TickRate(ticks.get()),
            Request::TickRate(TickRate::Uncapped) => RequestRecord::TickRate(0),
            Request::Size(width, height) => RequestRecord::Size(width, height),
            Request::Cursor(visible) => RequestRecord::Cursor(visible),
        }
    }
}

impl From<RequestRecord> for Request {
    fn from(record: RequestRecord) -> Self {
        match record {
            RequestRecord::Quit => Request::Quit,
            RequestRecord::Title(title) => Request::Title(title.as_str().to_owned()),
            RequestRecord::TickRate(ticks) => Request::TickRate(TickRate::per_second(ticks)),
            RequestRecord::Size(width, height) => Request::Size(width, height),
            RequestRecord::Cursor(visible) => Request::Cursor(visible),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::load;

    #[test]
    fn memory_that_nobody_has_written_is_no_request() {
        let mut record = RequestRecord::Quit;
        assert!(load(&mut record, &[0; size_of::<RequestRecord>()]).is_err());
    }
}

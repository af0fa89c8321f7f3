//! Requests that a renderer can make of its owner without a message type.

use hot_reload_pod::{FixedString, SharedState};
use std::num::NonZeroU32;
use std::time::Duration;

/// A request of the renderer. Within a tick, the latest request of each kind wins.
///
/// The owner itself handles `Quit`, `Fail`, `TickRate` and `Redraw`. The window's loop handles the
/// rest, and paces itself by [`Owner::tick_rate`](crate::Owner::tick_rate).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Asks the owner's loop to end: [`Owner::is_running`](crate::Owner::is_running) returns false
    /// from now on.
    Quit,
    /// Asks the owner's loop to end as by `Quit`, with an error: [`Owner::failure`] returns the
    /// text, truncated to 256 bytes, and [`play`](crate::play()) fails with it.
    ///
    /// [`Owner::failure`]: crate::Owner::failure
    Fail(String),
    /// Sets the window's title, truncated to 256 bytes.
    Title(String),
    /// Sets the tick rate of the owner.
    TickRate(TickRate),
    /// Sets the window's size in pixels.
    Size(u32, u32),
    /// Shows or hides the mouse cursor over the window.
    Cursor(bool),
    /// Asks for another frame after this time, in an application that draws
    /// [on demand](crate::OwnerBuilder::on_demand). Each request asks for one frame; of several, the
    /// earliest counts. A new generation draws at once, and must make its own requests.
    Redraw(Duration),
    /// Lets the window fill the screen, or gives it back its size. minifb cannot do that.
    Fullscreen(bool),
}

/// Tick rate of the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickRate {
    /// Limits the rate to this number of ticks per second.
    PerSecond(NonZeroU32),
    /// Ticks as often as the window's loop turns.
    Uncapped,
}

impl TickRate {
    /// Limits the rate to `ticks` per second; 0 removes the limit.
    #[must_use]
    pub fn per_second(ticks: u32) -> Self {
        NonZeroU32::new(ticks).map_or(TickRate::Uncapped, TickRate::PerSecond)
    }

    /// Returns the time from tick to tick; `None` when uncapped.
    #[must_use]
    pub fn period(self) -> Option<Duration> {
        match self {
            TickRate::PerSecond(ticks) => Some(Duration::from_secs(1) / ticks.get()),
            TickRate::Uncapped => None,
        }
    }

    /// Returns the length of a fixed step: a sixtieth of a second if the rate is uncapped.
    pub(crate) fn step(self) -> Duration {
        self.period().unwrap_or(Duration::from_nanos(16_666_667))
    }
}

/// A request as it is sent through the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SharedState)]
#[repr(C, u8)]
pub(crate) enum RequestRecord {
    /// Discriminant 1, not 0: unwritten memory is not a request, and must not end an application.
    Quit = 1,
    Title(FixedString<256>),
    TickRate(u32),
    Size(u32, u32),
    Cursor(bool),
    Fail(FixedString<256>),
    Fullscreen(bool),
    /// Nanoseconds.
    Redraw(u64),
}

impl RequestRecord {
    /// Number of kinds.
    pub(crate) const KINDS: usize = 8;

    pub(crate) fn kind(&self) -> usize {
        match self {
            RequestRecord::Quit => 0,
            RequestRecord::Title(_) => 1,
            RequestRecord::TickRate(_) => 2,
            RequestRecord::Size(..) => 3,
            RequestRecord::Cursor(_) => 4,
            RequestRecord::Fail(_) => 5,
            RequestRecord::Fullscreen(_) => 6,
            RequestRecord::Redraw(_) => 7,
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
            Request::Fail(error) => RequestRecord::Fail(FixedString::truncated(&error)),
            Request::Fullscreen(fills) => RequestRecord::Fullscreen(fills),
            Request::Redraw(after) => {
                RequestRecord::Redraw(u64::try_from(after.as_nanos()).unwrap_or(u64::MAX))
            }
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
            RequestRecord::Fail(error) => Request::Fail(error.as_str().to_owned()),
            RequestRecord::Fullscreen(fills) => Request::Fullscreen(fills),
            RequestRecord::Redraw(after) => Request::Redraw(Duration::from_nanos(after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hot_reload_pod::internal::load;

    #[test]
    fn memory_that_nobody_has_written_is_no_request() {
        let mut record = RequestRecord::Quit;
        assert!(load(&mut record, &[0; size_of::<RequestRecord>()]).is_err());
    }
}

//! An advisory flag: one side sets it, the other reads it. Orders no data.
//!
//! In hot mode it is raw_sync's `BusyEvent`, used only in the way that cannot hang: `set`, and
//! `wait` with a timeout of zero. In one process the same byte is stored and loaded directly.

use super::sync::Word8;

/// A flag of two bytes: the signal and raw_sync's mode.
#[derive(Debug)]
pub(crate) struct Flag<'a> {
    bytes: &'a [Word8; 2],
}

impl<'a> Flag<'a> {
    pub(crate) fn new(bytes: &'a [Word8; 2]) -> Self {
        Flag { bytes }
    }
}

#[cfg(feature = "renderer")]
impl Flag<'_> {
    pub(crate) fn set(&self) {
        if !self.is_clear() {
            return;
        }
        if let Some(event) = self.event() {
            // `BusyEvent::set` stores a byte and cannot fail.
            let _ = event.set(raw_sync::events::EventState::Signaled);
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        use raw_sync::Timeout;
        let no_time = Timeout::Val(std::time::Duration::ZERO);
        !self.is_clear() && self.event().is_some_and(|event| event.wait(no_time).is_ok())
    }

    /// Returns true if the flag is clear, without raw_sync: its query costs two allocations and,
    /// for a clear flag, two clock reads. A renderer asks with every tick.
    fn is_clear(&self) -> bool {
        self.bytes[0].load(super::sync::Ordering::Relaxed) == 0
    }

    /// Returns the event; `None` if a hostile peer has written bytes that are not an event.
    fn event(&self) -> Option<Box<dyn raw_sync::events::EventImpl>> {
        use raw_sync::events::{BusyEvent, EventInit};
        // SAFETY: two bytes, raw_sync's size of a `BusyEvent`, valid as long as `self`, and zeroed
        // at first, which is an event that is clear and reset by hand.
        unsafe { BusyEvent::from_existing(self.bytes[0].as_ptr()) }.ok().map(|(event, _)| event)
    }
}

#[cfg(not(feature = "renderer"))]
impl Flag<'_> {
    pub(crate) fn set(&self) {
        self.bytes[0].store(1, super::sync::Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.bytes[0].load(super::sync::Ordering::Relaxed) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_clear_until_it_is_set_and_stays_set() {
        let bytes = [const { Word8::new(0) }; 2];
        let flag = Flag::new(&bytes);
        assert!(!flag.is_set());
        flag.set();
        assert!(flag.is_set());
        assert!(flag.is_set(), "asking does not clear it");
    }
}

//! Pausing of reloads.

use crate::lock::lock;
use std::sync::{Arc, Mutex};

/// Pauses reloads until it is dropped; made by [`Owner::hold`](crate::Owner::hold).
#[derive(Debug)]
#[must_use = "reloads resume when this is dropped"]
pub struct Hold {
    /// One count for each part of the application.
    holds: Vec<Arc<HoldCount>>,
}

/// Number of holds that exist.
pub(crate) struct HoldCount {
    count: Mutex<u32>,
    /// Called when the first hold begins and when the last one ends.
    tell: Box<dyn Fn(bool) + Send + Sync>,
}

impl HoldCount {
    pub(crate) fn new(tell: impl Fn(bool) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(HoldCount { count: Mutex::new(0), tell: Box::new(tell) })
    }

    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        let mut count = lock(&self.count);
        *count += 1;
        if *count == 1 {
            (self.tell)(true);
        }
        Hold { holds: vec![self.clone()] }
    }
}

impl std::fmt::Debug for HoldCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HoldCount({:?})", self.count)
    }
}

impl Hold {
    /// Returns a hold without effect, for one process.
    pub(crate) fn of_nothing() -> Self {
        Hold { holds: Vec::new() }
    }

    /// Adds the holds of `other`.
    pub(crate) fn with(mut self, mut other: Hold) -> Self {
        self.holds.append(&mut other.holds);
        self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for holds in &self.holds {
            let mut count = lock(&holds.count);
            *count -= 1;
            if *count == 0 {
                (holds.tell)(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn of_several_holds_the_first_and_the_last_are_told() {
        let (sender, told) = channel();
        let holds = HoldCount::new(move |held| sender.send(held).unwrap());
        let (first, second) = (holds.hold(), holds.hold());
        drop(first);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [true]);
        drop(second);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [false]);
    }
}

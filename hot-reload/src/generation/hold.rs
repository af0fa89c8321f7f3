//! Holding reloads back for a while.

use std::sync::{Arc, Mutex, PoisonError};

/// Reloads are held back as long as this lives; made by [`Owner::hold`](crate::Owner::hold).
#[derive(Debug)]
#[must_use = "reloads go on when this is dropped"]
pub struct Hold {
    /// Of each part of the application.
    holds: Vec<Arc<HoldCount>>,
}

/// How many holds there are.
pub(crate) struct HoldCount {
    count: Mutex<u32>,
    /// Told when the first begins and when the last ends.
    tell: Box<dyn Fn(bool) + Send + Sync>,
}

impl HoldCount {
    pub(crate) fn new(tell: impl Fn(bool) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(HoldCount { count: Mutex::new(0), tell: Box::new(tell) })
    }

    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
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
    /// In one process there is nothing to hold back.
    pub(super) fn of_nothing() -> Self {
        Hold { holds: Vec::new() }
    }

    /// Holds back what the other holds back as well.
    pub(super) fn with(mut self, mut other: Hold) -> Self {
        self.holds.append(&mut other.holds);
        self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for holds in &self.holds {
            let mut count = holds.count.lock().unwrap_or_else(PoisonError::into_inner);
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

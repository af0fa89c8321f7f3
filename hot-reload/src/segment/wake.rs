//! The wake flag: at most one byte is in the wake pipe, and no push is ever missed by a sleeping
//! renderer.
//!
//! The owner pushes, then calls `raise`, and writes a byte only if `raise` returns true. The
//! renderer reads the byte, calls `lower`, and only then drains. If the owner's swap finds the flag
//! raised, the renderer's later swap reads from it (directly or through the release sequence), so
//! the drain after it sees the push.

use super::sync::{Ordering, Word};

/// Reports that there is something to drain. Returns true if the renderer must be woken for it.
pub(crate) fn raise<W: Word>(pending: &W) -> bool {
    pending.swap(1, Ordering::AcqRel) == 0
}

/// Lowers the flag. Everything pushed before it was raised is visible to the drain that follows.
pub(crate) fn lower<W: Word>(pending: &W) {
    pending.swap(0, Ordering::AcqRel);
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::sync::atomic::AtomicU32;
    use loom::sync::{Arc, Condvar, Mutex};

    /// The pipe: counts bytes; a read blocks until there is one or the writer has gone.
    struct Pipe {
        bytes: Mutex<(u32, bool)>,
        changed: Condvar,
    }

    impl Pipe {
        fn write(&self) {
            self.bytes.lock().unwrap().0 += 1;
            self.changed.notify_one();
        }

        fn close(&self) {
            self.bytes.lock().unwrap().1 = true;
            self.changed.notify_one();
        }

        fn read(&self) -> bool {
            let mut bytes = self.bytes.lock().unwrap();
            while bytes.0 == 0 && !bytes.1 {
                bytes = self.changed.wait(bytes).unwrap();
            }
            let woken = bytes.0 > 0;
            bytes.0 = 0;
            woken
        }
    }

    /// Models two pushes; the renderer must have seen both when the pipe ends.
    fn model(renderer_lowers_first: bool, owner_pushes_first: bool, order: Ordering) {
        loom::model(move || {
            let pushed = Arc::new(AtomicU32::new(0));
            let pending = Arc::new(AtomicU32::new(0));
            let pipe = Arc::new(Pipe { bytes: Mutex::new((0, false)), changed: Condvar::new() });
            let renderer = {
                let (pushed, pending, pipe) = (pushed.clone(), pending.clone(), pipe.clone());
                loom::thread::spawn(move || {
                    let mut seen = 0;
                    while pipe.read() {
                        if renderer_lowers_first {
                            lower(&Reordered(&pending, order));
                            seen = pushed.load(Ordering::Relaxed);
                        } else {
                            seen = pushed.load(Ordering::Relaxed);
                            lower(&Reordered(&pending, order));
                        }
                    }
                    seen
                })
            };
            for push in 1..=2 {
                if owner_pushes_first {
                    pushed.store(push, Ordering::Relaxed);
                }
                if raise(&Reordered(&pending, order)) {
                    pipe.write();
                }
                if !owner_pushes_first {
                    pushed.store(push, Ordering::Relaxed);
                }
            }
            pipe.close();
            assert_eq!(renderer.join().unwrap(), 2, "a push was slept through");
        });
    }

    /// The flag, with swaps of another ordering than the requested one.
    struct Reordered<'a>(&'a AtomicU32, Ordering);

    impl Word for Reordered<'_> {
        fn load(&self, order: Ordering) -> u32 {
            self.0.load(order)
        }
        fn store(&self, value: u32, order: Ordering) {
            self.0.store(value, order);
        }
        fn swap(&self, value: u32, _: Ordering) -> u32 {
            self.0.swap(value, self.1)
        }
    }

    #[test]
    fn no_push_is_slept_through() {
        model(true, true, Ordering::AcqRel);
    }

    #[test]
    #[should_panic(expected = "slept through")]
    fn the_model_catches_a_renderer_that_drains_before_it_lowers() {
        model(false, true, Ordering::AcqRel);
    }

    #[test]
    #[should_panic(expected = "slept through")]
    fn the_model_catches_an_owner_that_raises_before_it_pushes() {
        model(true, false, Ordering::AcqRel);
    }

    #[test]
    #[should_panic(expected = "slept through")]
    fn the_model_catches_a_flag_that_orders_nothing() {
        model(true, true, Ordering::Relaxed);
    }
}

//! The three-slot exchange that carries frames and commits from renderer to owner.
//!
//! Front (the owner's), middle (in the word) and back (the renderer's) are always a permutation of
//! {0, 1, 2}. One swap makes a slot visible. A renderer killed before the swap leaves a partial
//! slot that is never read; one killed after it leaves a complete one. Neither side ever waits.
//!
//! This file handles slot numbers only, not the contents of the slots.

use super::sync::{Ordering, Word};

/// Flag in the word while its slot has not been acquired.
const FRESH: u32 = 4;

/// Word of a new mailbox: the middle slot, nothing new.
pub(crate) const EMPTY: u32 = 1;

/// The renderer's end: it owns the back slot.
#[derive(Debug)]
pub(crate) struct Publisher {
    back: u32,
}

/// The owner's end: it owns the front slot.
#[derive(Debug)]
pub(crate) struct Acquirer {
    front: u32,
}

/// A word that no correct peer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nonsense(pub(crate) u32);

impl Publisher {
    pub(crate) fn new() -> Self {
        Publisher { back: 2 }
    }

    /// Returns the slot that belongs to the renderer alone until it is published.
    pub(crate) fn back(&self) -> usize {
        self.back as usize
    }

    /// Makes the back slot the newest, and takes the middle one as the next back slot.
    ///
    /// Release: the owner that acquires the slot must see what was written to it. Acquire: the next
    /// writes to the new back slot must come after the owner's last read of it.
    pub(crate) fn publish<W: Word>(&mut self, mail: &W) -> Result<(), Nonsense> {
        let before = mail.swap(self.back | FRESH, Ordering::AcqRel);
        let slot = before & !FRESH;
        if slot > 2 || slot == self.back {
            return Err(Nonsense(before));
        }
        self.back = slot;
        Ok(())
    }
}

impl Acquirer {
    pub(crate) fn new() -> Self {
        Acquirer { front: 0 }
    }

    /// Returns the slot that belongs to the owner alone until it acquires the next.
    pub(crate) fn front(&self) -> usize {
        self.front as usize
    }

    /// Returns whether the mailbox contains something new; orders nothing.
    pub(crate) fn is_fresh<W: Word>(mail: &W) -> bool {
        mail.load(Ordering::Relaxed) & FRESH != 0
    }

    /// Takes the newest slot, once. Returns `None` if there is nothing new.
    ///
    /// Acquire: the renderer's writes to the slot must be visible. Release: the owner's reads of
    /// the old front slot must come before the renderer's next write to it.
    pub(crate) fn acquire<W: Word>(&mut self, mail: &W) -> Result<Option<usize>, Nonsense> {
        if !Self::is_fresh(mail) {
            return Ok(None);
        }
        let before = mail.swap(self.front, Ordering::AcqRel);
        let slot = before & !FRESH;
        // Only the owner clears FRESH, so a word that has lost it was not written by a correct
        // peer.
        if slot > 2 || slot == self.front || before & FRESH == 0 {
            return Err(Nonsense(before));
        }
        self.front = slot;
        Ok(Some(self.front()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU32;

    /// Number of frames, large enough that the renderer reuses a slot that the owner has read. With
    /// fewer, the model would not catch a missing Acquire in `publish` or Release in `acquire`.
    const FRAMES: u32 = 4;

    /// Two words per slot, so that a torn slot is detected; loom's cells report every unordered
    /// access.
    struct Shared {
        mail: AtomicU32,
        slots: [UnsafeCell<[u32; 2]>; 3],
    }

    fn model(
        publish: fn(&mut Publisher, &AtomicU32),
        acquire: fn(&mut Acquirer, &AtomicU32) -> Option<usize>,
    ) {
        loom::model(move || {
            let shared = Arc::new(Shared {
                mail: AtomicU32::new(EMPTY),
                slots: std::array::from_fn(|_| UnsafeCell::new([0, 0])),
            });
            let renderer = {
                let shared = shared.clone();
                loom::thread::spawn(move || {
                    let mut publisher = Publisher::new();
                    for frame in 1..=FRAMES {
                        shared.slots[publisher.back()].with_mut(|slot| {
                            // SAFETY: loom checks that no other thread has access.
                            unsafe { *slot = [frame, frame * 10] };
                        });
                        publish(&mut publisher, &shared.mail);
                    }
                })
            };
            let mut acquirer = Acquirer::new();
            let mut newest = 0;
            for _ in 0..2 {
                if let Some(front) = acquire(&mut acquirer, &shared.mail) {
                    // SAFETY: loom checks that no other thread writes at the same time.
                    let [frame, tenfold] = shared.slots[front].with(|slot| unsafe { *slot });
                    assert_eq!(frame * 10, tenfold, "a torn frame");
                    assert!(frame > newest, "frame {frame} after {newest}");
                    newest = frame;
                    // Read again while the renderer continues: this catches a missing Acquire on
                    // the renderer's side.
                    // SAFETY: as above.
                    let again = shared.slots[front].with(|slot| unsafe { *slot });
                    assert_eq!(again, [frame, tenfold], "the front slot changed under the owner");
                }
            }
            renderer.join().unwrap();
            while acquire(&mut acquirer, &shared.mail).is_some() {}
            // SAFETY: the renderer has ended.
            let last = shared.slots[acquirer.front()].with(|slot| unsafe { *slot });
            assert_eq!(last, [FRAMES, FRAMES * 10], "the newest frame is acquired in the end");
        });
    }

    fn good_publish(publisher: &mut Publisher, mail: &AtomicU32) {
        publisher.publish(mail).unwrap();
    }

    fn good_acquire(acquirer: &mut Acquirer, mail: &AtomicU32) -> Option<usize> {
        acquirer.acquire(mail).unwrap()
    }

    fn reordered_publish(publisher: &mut Publisher, mail: &AtomicU32, order: Ordering) {
        publisher.back = mail.swap(publisher.back | FRESH, order) & !FRESH;
    }

    fn reordered_acquire(
        acquirer: &mut Acquirer,
        mail: &AtomicU32,
        order: Ordering,
    ) -> Option<usize> {
        if !Acquirer::is_fresh(mail) {
            return None;
        }
        acquirer.front = mail.swap(acquirer.front, order) & !FRESH;
        Some(acquirer.front())
    }

    #[test]
    fn acquire_returns_the_newest_frame_once_and_whole() {
        model(good_publish, good_acquire);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_publish_without_release() {
        model(
            |publisher, mail| reordered_publish(publisher, mail, Ordering::Acquire),
            good_acquire,
        );
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_publish_without_acquire() {
        model(
            |publisher, mail| reordered_publish(publisher, mail, Ordering::Release),
            good_acquire,
        );
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_an_acquire_without_acquire() {
        model(good_publish, |acquirer, mail| reordered_acquire(acquirer, mail, Ordering::Release));
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_an_acquire_without_release() {
        model(good_publish, |acquirer, mail| reordered_acquire(acquirer, mail, Ordering::Acquire));
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_two_halves_in_place_of_three_slots() {
        model(
            |publisher, mail| {
                mail.swap(publisher.back | FRESH, Ordering::AcqRel);
                publisher.back = 2 - publisher.back;
            },
            |acquirer, mail| reordered_acquire(acquirer, mail, Ordering::AcqRel),
        );
    }

    #[test]
    fn a_word_of_no_correct_peer_is_nonsense() {
        for word in [FRESH, FRESH | 3, 8 | FRESH, u32::MAX] {
            let mail = std::sync::atomic::AtomicU32::new(word);
            assert_eq!(Acquirer::new().acquire(&mail), Err(Nonsense(word)), "word {word:#x}");
        }
        let mail = std::sync::atomic::AtomicU32::new(2);
        assert_eq!(Publisher::new().publish(&mail), Err(Nonsense(2)), "the back slot, given twice");
    }
}

//! Commands by which the owner leads a generation through a handover: one word in each direction.
//!
//! The owner's word holds the command and a round number; the renderer's word repeats the last one
//! that it has carried out. Data that a command refers to (the handover with the state to continue
//! from) is written before the command; results of carrying it out (the last commit) are written
//! before the answer.

use super::sync::{Ordering, Word};

/// A command of the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Command {
    /// Rehearse, then wait.
    Rehearse = 0,
    /// Take over the commit that the handover describes, and draw.
    Draw = 1,
    /// Finish the tick, commit and wait.
    Park = 2,
    /// Continue from where you parked.
    Resume = 3,
}

const KINDS: u32 = 4;

/// The owner's end.
#[derive(Debug, Default)]
pub(crate) struct Commander {
    given: u32,
}

impl Commander {
    /// Gives a command. Release: the data that it refers to was written before.
    pub(crate) fn give<W: Word>(&mut self, word: &W, command: Command) {
        let round = (self.given / KINDS).wrapping_add(1) % (u32::MAX / KINDS);
        self.given = round * KINDS + command as u32;
        word.store(self.given, Ordering::Release);
    }

    /// Returns whether the renderer has carried out the last command. Acquire: its results are then
    /// visible.
    pub(crate) fn is_answered<W: Word>(&self, answer: &W) -> bool {
        answer.load(Ordering::Acquire) == self.given
    }
}

/// A command as the renderer has read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Order {
    word: u32,
}

impl Order {
    /// Reads the command. Acquire: the data that it refers to is then visible.
    pub(crate) fn read<W: Word>(word: &W) -> Order {
        Order { word: word.load(Ordering::Acquire) }
    }

    pub(crate) fn command(self) -> Command {
        let commands = [Command::Rehearse, Command::Draw, Command::Park, Command::Resume];
        commands[(self.word % KINDS) as usize]
    }

    /// Returns whether it was carried out.
    ///
    /// Relaxed: only a time limit depends on it.
    pub(crate) fn is_answered<W: Word>(self, answer: &W) -> bool {
        answer.load(Ordering::Relaxed) == self.word
    }

    /// Answers the command. Release: the results were written before.
    pub(crate) fn answer<W: Word>(self, answer: &W) {
        answer.store(self.word, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU32;

    /// The two words, the handover and the commit; loom's cells report every unordered access.
    struct Shared {
        command: AtomicU32,
        answer: AtomicU32,
        handover: UnsafeCell<u32>,
        commit: UnsafeCell<u32>,
    }

    /// Models: draw with a handover, park with a commit, resume, park again.
    fn model(read: fn(&AtomicU32) -> Order, answer: fn(Order, &AtomicU32)) {
        loom::model(move || {
            let shared = Arc::new(Shared {
                command: AtomicU32::new(0),
                answer: AtomicU32::new(0),
                handover: UnsafeCell::new(0),
                commit: UnsafeCell::new(0),
            });
            let renderer = {
                let shared = shared.clone();
                loom::thread::spawn(move || {
                    let (mut acted, mut state) = (Order::default(), 0);
                    for _ in 0..3 {
                        let order = read(&shared.command);
                        if order == acted {
                            loom::thread::yield_now();
                            continue;
                        }
                        match order.command() {
                            Command::Draw => {
                                // SAFETY: loom checks that no other thread writes at the same time.
                                state = shared.handover.with(|handover| unsafe { *handover });
                            }
                            Command::Park => shared.commit.with_mut(|commit| {
                                // SAFETY: loom checks that no other thread has access.
                                unsafe { *commit = state + 1 };
                            }),
                            Command::Rehearse | Command::Resume => {}
                        }
                        answer(order, &shared.answer);
                        acted = order;
                    }
                })
            };
            let mut commander = Commander::default();
            // SAFETY: loom checks that no other thread has access.
            shared.handover.with_mut(|handover| unsafe { *handover = 41 });
            commander.give(&shared.command, Command::Draw);
            let drawing = commander.is_answered(&shared.answer);
            commander.give(&shared.command, Command::Park);
            if commander.is_answered(&shared.answer) {
                // SAFETY: loom checks that no other thread writes at the same time.
                let commit = shared.commit.with(|commit| unsafe { *commit });
                // A renderer that never saw the first command has no handover to draw from.
                assert!(commit == 42 || (commit == 1 && !drawing), "commit {commit}");
                commander.give(&shared.command, Command::Resume);
                let stale = commander.is_answered(&shared.answer);
                assert!(!stale || commander.given % KINDS == Command::Resume as u32);
                commander.give(&shared.command, Command::Park);
                if commander.is_answered(&shared.answer) {
                    // SAFETY: as above.
                    let again = shared.commit.with(|commit| unsafe { *commit });
                    assert!(again >= 1, "the second parking is not the first");
                }
            }
            renderer.join().unwrap();
        });
    }

    #[test]
    fn what_a_command_or_an_answer_refers_to_is_seen_with_it() {
        model(Order::read, Order::answer);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_command_read_without_acquire() {
        model(|word| Order { word: word.load(Ordering::Relaxed) }, Order::answer);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_an_answer_without_release() {
        model(Order::read, |order, answer| answer.store(order.word, Ordering::Relaxed));
    }

    #[test]
    fn an_answer_to_an_earlier_command_of_the_same_kind_does_not_count() {
        let (word, answer) =
            (std::sync::atomic::AtomicU32::new(0), std::sync::atomic::AtomicU32::new(0));
        let mut commander = Commander::default();
        commander.give(&word, Command::Park);
        Order::read(&word).answer(&answer);
        assert!(commander.is_answered(&answer));
        commander.give(&word, Command::Resume);
        commander.give(&word, Command::Park);
        assert!(!commander.is_answered(&answer), "still the first");
        Order::read(&word).answer(&answer);
        assert!(commander.is_answered(&answer));
    }
}

//! A bounded queue with one producer and one consumer. It handles positions only; the records are
//! stored elsewhere.
//!
//! Head and tail count all records ever written and read (modulo 2³²). A record's place is its
//! position modulo the capacity, a power of two. One store makes several records visible together.

use super::mailbox::Nonsense;
use super::sync::{Ordering, Word};

/// The producer's end.
#[derive(Debug)]
pub(crate) struct Producer {
    tail: u32,
    capacity: u32,
}

/// The consumer's end.
#[derive(Debug)]
pub(crate) struct Consumer {
    head: u32,
    capacity: u32,
}

impl Producer {
    pub(crate) fn new(capacity: u32) -> Self {
        assert!(
            capacity.is_power_of_two(),
            "a position's place must survive the wrap of the count"
        );
        Producer { tail: 0, capacity }
    }

    /// Returns the number of records that may be written before the next `publish`.
    ///
    /// Acquire: the consumer's reads of a place come before the next write to it.
    pub(crate) fn free<W: Word>(&self, head: &W) -> Result<u32, Nonsense> {
        let head = head.load(Ordering::Acquire);
        let used = self.tail.wrapping_sub(head);
        self.capacity.checked_sub(used).ok_or(Nonsense(head))
    }

    /// Returns the place of the record at `ahead` places after the first free one.
    pub(crate) fn place(&self, ahead: u32) -> usize {
        (self.tail.wrapping_add(ahead) & (self.capacity - 1)) as usize
    }

    /// Makes `count` written records visible together.
    ///
    /// Release: the consumer that sees the tail must see the records.
    pub(crate) fn publish<W: Word>(&mut self, tail: &W, count: u32) {
        self.tail = self.tail.wrapping_add(count);
        tail.store(self.tail, Ordering::Release);
    }
}

impl Consumer {
    pub(crate) fn new(capacity: u32) -> Self {
        assert!(
            capacity.is_power_of_two(),
            "a position's place must survive the wrap of the count"
        );
        Consumer { head: 0, capacity }
    }

    /// Returns the number of records that can be read.
    ///
    /// Acquire: the records up to the tail must be visible.
    pub(crate) fn available<W: Word>(&self, tail: &W) -> Result<u32, Nonsense> {
        let tail = tail.load(Ordering::Acquire);
        let available = tail.wrapping_sub(self.head);
        if available <= self.capacity { Ok(available) } else { Err(Nonsense(tail)) }
    }

    /// Returns the place of the record at `ahead` places after the first unread one.
    pub(crate) fn place(&self, ahead: u32) -> usize {
        (self.head.wrapping_add(ahead) & (self.capacity - 1)) as usize
    }

    /// Releases the places of `count` read records.
    ///
    /// Release: the reads of these places come before the producer's next writes to them.
    pub(crate) fn release<W: Word>(&mut self, head: &W, count: u32) {
        self.head = self.head.wrapping_add(count);
        head.store(self.head, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU32;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    struct Shared {
        head: AtomicU32,
        tail: AtomicU32,
        places: [UnsafeCell<u32>; 2],
    }

    /// Sends four records through two places; the orderings of the four accesses are parameters.
    fn model(free: Ordering, publish: Ordering, available: Ordering, release: Ordering) {
        loom::model(move || {
            let shared = Arc::new(Shared {
                head: AtomicU32::new(0),
                tail: AtomicU32::new(0),
                places: std::array::from_fn(|_| UnsafeCell::new(0)),
            });
            let producer = {
                let shared = shared.clone();
                loom::thread::spawn(move || {
                    let (head, tail) =
                        (Reordered(&shared.head, free), Reordered(&shared.tail, publish));
                    let mut producer = Producer::new(2);
                    let mut next = 1;
                    for _ in 0..4 {
                        if producer.free(&head).unwrap() > 0 {
                            shared.places[producer.place(0)].with_mut(|place| {
                                // SAFETY: loom checks that no other thread has access.
                                unsafe { *place = next };
                            });
                            producer.publish(&tail, 1);
                            next += 1;
                        }
                        loom::thread::yield_now();
                    }
                })
            };
            let head = Reordered(&shared.head, release);
            let tail = Reordered(&shared.tail, available);
            let mut consumer = Consumer::new(2);
            let mut expected = 1;
            for _ in 0..3 {
                for _ in 0..consumer.available(&tail).unwrap() {
                    // SAFETY: loom checks that no other thread writes at the same time.
                    let record = shared.places[consumer.place(0)].with(|place| unsafe { *place });
                    assert_eq!(record, expected, "order kept, nothing lost");
                    expected += 1;
                    consumer.release(&head, 1);
                }
                loom::thread::yield_now();
            }
            producer.join().unwrap();
        });
    }

    /// A word whose accesses use another ordering than the requested one.
    struct Reordered<'a>(&'a AtomicU32, Ordering);

    impl Word for Reordered<'_> {
        fn load(&self, _: Ordering) -> u32 {
            self.0.load(self.1)
        }
        fn store(&self, value: u32, _: Ordering) {
            self.0.store(value, self.1);
        }
        fn swap(&self, value: u32, order: Ordering) -> u32 {
            self.0.swap(value, order)
        }
    }

    use Ordering::{Acquire, Relaxed, Release};

    #[test]
    fn records_arrive_in_order_and_whole() {
        model(Acquire, Release, Acquire, Release);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_publish_without_release() {
        model(Acquire, Relaxed, Acquire, Release);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_an_available_without_acquire() {
        model(Acquire, Release, Relaxed, Release);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_free_without_acquire() {
        model(Relaxed, Release, Acquire, Release);
    }

    #[test]
    #[should_panic(expected = "Causality violation")]
    fn the_model_catches_a_release_without_release() {
        model(Acquire, Release, Acquire, Relaxed);
    }

    #[test]
    fn positions_outside_the_capacity_are_nonsense() {
        let word = std::sync::atomic::AtomicU32::new(9);
        assert_eq!(Consumer::new(8).available(&word), Err(Nonsense(9)));
        assert_eq!(Producer::new(8).free(&word), Err(Nonsense(9)), "a head ahead of the tail");
    }

    proptest! {
        /// Compares with `VecDeque`, starting shortly before the count wraps.
        #[test]
        fn behaves_as_a_queue(steps in prop::collection::vec((any::<bool>(), 1_u32..5), 0..200)) {
            let start = u32::MAX - 20;
            let head = std::sync::atomic::AtomicU32::new(start);
            let tail = std::sync::atomic::AtomicU32::new(start);
            let mut producer = Producer { tail: start, capacity: 8 };
            let mut consumer = Consumer { head: start, capacity: 8 };
            let mut places = [0_u32; 8];
            let mut model = VecDeque::new();
            let mut next = 0;
            for (produce, count) in steps {
                if produce {
                    let free = producer.free(&head).unwrap();
                    prop_assert_eq!(free as usize, 8 - model.len());
                    let count = count.min(free);
                    for ahead in 0..count {
                        places[producer.place(ahead)] = next;
                        model.push_back(next);
                        next += 1;
                    }
                    producer.publish(&tail, count);
                } else {
                    let available = consumer.available(&tail).unwrap();
                    prop_assert_eq!(available as usize, model.len());
                    let count = count.min(available);
                    for ahead in 0..count {
                        prop_assert_eq!(Some(places[consumer.place(ahead)]), model.pop_front());
                    }
                    consumer.release(&head, count);
                }
            }
        }
    }
}

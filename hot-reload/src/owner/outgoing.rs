//! Ticks and messages on their way to the renderer, kept until a commit covers them.
//!
//! The ring holds at most two ticks. While it is full, further ticks are merged into one private
//! record. Everything sent stays in a log until a commit covers it, so that a new generation
//! receives exactly what the last commit does not include.

use crate::app::App;
use crate::generation::Session;
use crate::handshake::TickRecord;
use crate::segment::{Nonsense, QUEUE};
use hot_reload_pod::{Full, SharedState};
use std::collections::VecDeque;
use std::time::Duration;

/// Limit on the ticks kept for a replay; at 60 Hz about 17 s without a commit.
const LOG: usize = 1024;

/// The log, the queue, and the current generation's position in both.
#[derive(Debug)]
pub(crate) struct Outgoing<A: App> {
    /// Ticks that were sent and not committed, oldest first.
    log: VecDeque<TickRecord>,
    /// Number of them that the current generation has been given.
    given: usize,
    /// Tick that is not sent yet.
    pending: Option<TickRecord>,
    /// True if the pending tick is to be sent; otherwise it is only merged into the next one.
    due: bool,
    /// Set once a generation has been given a tick.
    begun: bool,
    /// State of the limit on the length of ticks.
    slow: Slow,
    /// Messages that were sent and not committed, oldest first.
    queue: VecDeque<A::ToRenderer>,
    /// Number of messages before the first in the queue, since the owner's start.
    done: u64,
    /// Number of queued messages that the current generation has been given.
    given_messages: usize,
    scratch: Vec<u8>,
    /// Number of ticks that fell out of the log; a crash would lose them.
    pub(crate) dropped: u64,
}

/// Limit on the length of ticks after a generation was too slow for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slow {
    No,
    /// The slow generation is gone; the next one is given short ticks.
    Next,
    /// The current generation is given short ticks.
    Now,
}

impl<A: App> Outgoing<A> {
    pub(crate) fn new() -> Self {
        Outgoing {
            log: VecDeque::with_capacity(64),
            given: 0,
            pending: None,
            due: false,
            begun: false,
            slow: Slow::No,
            queue: VecDeque::new(),
            done: 0,
            given_messages: 0,
            scratch: Vec::new(),
            dropped: 0,
        }
    }

    /// Queues a message; the next tick sees it.
    pub(crate) fn send(&mut self, message: A::ToRenderer) -> Result<(), Full<A::ToRenderer>> {
        if self.queue.len() >= QUEUE as usize {
            return Err(Full(message));
        }
        self.queue.push_back(message);
        Ok(())
    }

    /// Returns the number of messages sent since the owner's start.
    pub(crate) fn messages(&self) -> u64 {
        self.done + self.queue.len() as u64
    }

    /// Returns whether a generation was given a tick. Until then no tick counts, and all input goes
    /// into the first one.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Returns the number of the newest tick that a generation was or is to be given, unless a
    /// commit covers it.
    pub(crate) fn last_due(&self) -> Option<u64> {
        let pending = self.pending.as_ref().filter(|_| self.due);
        pending.or(self.log.back()).map(|record| record.input.tick)
    }

    /// Takes the newest tick. A tick that is not due waits to be merged into the next one.
    pub(crate) fn push(&mut self, record: TickRecord, due: bool) {
        let pending = match &mut self.pending {
            Some(pending) => {
                pending.input.merge(&record.input);
                (pending.messages, pending.assets) = (record.messages, record.assets);
                pending.settles |= record.settles;
                pending
            }
            None => self.pending.insert(record),
        };
        let input = &mut pending.input;
        if self.begun {
            let longest = if self.slow == Slow::No { input.longest() } else { input.period() };
            input.shorten(longest);
        } else {
            input.begin();
        }
        self.due |= due;
    }

    /// Shortens the tick after `answered`, which took too long, to one period, and every later tick
    /// until the next generation is replaced in turn. Returns the number of the tick and the time
    /// it lost; `None` if it was no longer than one period.
    pub(crate) fn shorten(&mut self, answered: u64) -> Option<(u64, Duration)> {
        self.slow = Slow::Next;
        let unanswered = self.log.iter_mut().filter(|record| record.input.tick > answered);
        let mut lost = unanswered.map(|TickRecord { input, .. }| {
            let longest = input.period();
            (input.tick, input.shorten(longest))
        });
        let first = lost.next();
        lost.for_each(drop);
        first.filter(|(_, lost)| !lost.is_zero())
    }

    /// Removes everything that a commit covers: the ticks up to `tick` and the first `received`
    /// messages.
    pub(crate) fn committed(&mut self, tick: u64, received: u64) {
        while self.log.front().is_some_and(|record| record.input.tick <= tick) {
            self.log.pop_front();
            self.given = self.given.saturating_sub(1);
        }
        while self.done < received && self.queue.pop_front().is_some() {
            self.done += 1;
            self.given_messages = self.given_messages.saturating_sub(1);
        }
    }

    /// Starts over for a new generation, which receives everything that is not committed.
    pub(crate) fn rewind(&mut self) {
        self.slow = if self.slow == Slow::Next { Slow::Now } else { Slow::No };
        (self.given, self.given_messages, self.due) = (0, 0, true);
    }

    /// Continues with a generation that was put aside, after what it was given. It may already be
    /// processing those ticks, so the contents of the ring cannot be relied on.
    pub(crate) fn resume(&mut self, session: &Session) {
        self.given = self.log.partition_point(|record| record.input.tick <= session.given);
        let messages = session.given_messages.saturating_sub(self.done);
        self.given_messages = usize::try_from(messages).unwrap_or(usize::MAX).min(self.queue.len());
        self.due = true;
    }

    /// Removes the input of the first tick after `answered`: its events, and the messages that
    /// become visible with it. Call it only while no generation is being given ticks. Returns the
    /// tick's number and a description of the input.
    pub(crate) fn skip(&mut self, answered: u64) -> Option<(u64, String)> {
        let index = self.log.iter().position(|record| record.input.tick > answered)?;
        let before = match index.checked_sub(1) {
            Some(before) => self.log[before].messages,
            None => self.done,
        };
        let record = &mut self.log[index];
        let tick = record.input.tick;
        let events = record.input.take_events();
        let from = usize::try_from(before.saturating_sub(self.done)).unwrap_or(usize::MAX);
        let to = usize::try_from(record.messages.saturating_sub(self.done)).unwrap_or(usize::MAX);
        let (from, to) = (from.min(self.queue.len()), to.min(self.queue.len()));
        let messages = to.saturating_sub(from);
        self.queue.drain(from..to.max(from));
        for record in self.log.iter_mut().skip(index).chain(&mut self.pending) {
            record.messages -= messages as u64;
        }
        let what = match (events, messages) {
            (None, 0) => return None,
            (Some(events), 0) => events,
            (None, messages) => format!("{messages} messages"),
            (Some(events), messages) => format!("{events} and {messages} messages"),
        };
        Some((tick, what))
    }

    /// Gives the current generation as much as there is room for. Returns whether it was given a
    /// tick.
    pub(crate) fn feed(&mut self, session: &mut Session) -> Result<bool, Nonsense> {
        self.feed_messages(session)?;
        let mut fed = false;
        while session.ticks.free()? > 0 {
            if self.given == self.log.len() {
                if !self.due {
                    break;
                }
                let Some(record) = self.pending.take() else {
                    break;
                };
                self.due = false;
                if self.log.len() == LOG {
                    self.log.pop_front();
                    self.given -= 1;
                    self.dropped += 1;
                }
                self.log.push_back(record);
                self.begun = true;
            }
            let record = &mut self.log[self.given];
            let size = (record.input.width, record.input.height);
            (record.input.width, record.input.height) = session.reserved(size);
            self.scratch.resize(size_of::<TickRecord>(), 0);
            record.write_bytes(&mut self.scratch);
            session.ticks.write(0, &self.scratch);
            session.ticks.publish(1);
            session.given = record.input.tick;
            self.given += 1;
            fed = true;
        }
        Ok(fed)
    }

    fn feed_messages(&mut self, session: &mut Session) -> Result<(), Nonsense> {
        let Some(writer) = &mut session.to_renderer else {
            return Ok(());
        };
        if self.given_messages == self.queue.len() {
            return Ok(());
        }
        let free = writer.free()? as usize;
        let waiting = self.queue.len() - self.given_messages;
        let count = u32::try_from(free.min(waiting)).unwrap_or(u32::MAX);
        self.scratch.resize(size_of::<A::ToRenderer>(), 0);
        for ahead in 0..count {
            self.queue[self.given_messages].write_bytes(&mut self.scratch);
            writer.write(ahead, &self.scratch);
            self.given_messages += 1;
        }
        writer.publish(count);
        session.given_messages = self.done + self.given_messages as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::generation::{NewSession, Wake};
    use crate::handshake::{CanvasMode, CommitShape, Needs, geometry};
    use crate::input::{Assembler, Clock, Input, WindowInput};
    use crate::segment::{Channel, Command, Commander, Memory, Reader, Segment};
    use hot_reload_pod::internal::{blank, load};
    use std::sync::Arc;
    use std::time::Instant;

    struct Talk;

    impl App for Talk {
        const RENDERER: &'static str = "talk";
        type Arguments = ();
        type State = u32;
        type ToRenderer = u32;
        type ToOwner = ();
    }

    fn session(generation: u32) -> Session {
        let shape = CommitShape::of::<Talk>(Vec::new());
        let mode = CanvasMode { canvas: false, keep: false, layer: false };
        let geometry = geometry::<Talk>(&shape, Needs::default(), 0, mode).unwrap();
        Session::new(NewSession {
            generation,
            segment: Segment::initialise(Memory::heap(geometry.total), geometry, generation),
            wake: Arc::new(Wake::Thread(std::thread::current())),
            channels: (true, true),
            from: (0, 0),
            pixels: 0,
            ready: Arc::default(),
            accepted: Arc::default(),
            parks: true,
            skip: None,
        })
    }

    /// Returns a tick of 10 ms.
    fn tick(number: u64) -> TickRecord {
        let mut assembler = Assembler::new(1);
        let begin = Instant::now();
        let mut record: TickRecord = blank();
        for turn in 1..=number {
            let now = begin + 10 * u32::try_from(turn).unwrap() * Duration::from_millis(1);
            let idle = WindowInput::idle(1, 1);
            record.input =
                assembler.assemble(&idle, (1, 1), Clock::Measured(now), Duration::from_millis(10));
        }
        record
    }

    /// Returns the numbers of steps, merged ticks and lost ticks.
    fn length(input: &Input) -> (u32, u32, u32) {
        (input.steps, input.merged, input.lost_ticks)
    }

    #[test]
    fn ticks_before_the_first_generation_do_not_count_and_what_happened_in_them_does() {
        let mut outgoing = Outgoing::<Talk>::new();
        for _ in 0..10_000 {
            assert!(!outgoing.has_begun());
            let mut record = tick(1);
            record.input.mouse.wheel_y = 1.0;
            outgoing.push(record, true);
        }
        let mut first = session(1);
        outgoing.feed(&mut first).unwrap();
        assert!(outgoing.has_begun());
        let mut ticks = Reader::new(first.segment.clone(), Channel::Ticks);
        let input = read::<TickRecord>(&mut ticks).input;
        assert_eq!((input.tick, length(&input)), (1, (1, 0, 0)));
        assert_eq!(input.dt(), Duration::from_millis(10));
        assert_eq!(input.mouse.wheel_y.to_bits(), 10_000_f32.to_bits());
    }

    #[test]
    fn taking_over_is_no_unanswered_tick_until_it_takes_as_long_as_a_start() {
        const START: Duration = Duration::from_secs(2);
        let step = Duration::from_millis(200);
        let mut next = session(1);
        next.segment.command(&mut Commander::default(), Command::Draw);
        let mut outgoing = Outgoing::<Talk>::new();
        outgoing.push(tick(1), true);
        outgoing.feed(&mut next).unwrap();
        assert_eq!(next.unanswered(step, START), Ok(Duration::ZERO), "it is not ready");
        next.set_ready();
        for _ in 0..10 {
            assert_eq!(next.unanswered(step, START), Ok(Duration::ZERO));
        }
        assert_eq!(next.unanswered(step, START), Ok(step), "as long as a start");
        let mut quick = session(2);
        quick.segment.command(&mut Commander::default(), Command::Draw);
        quick.set_ready();
        outgoing.rewind();
        outgoing.feed(&mut quick).unwrap();
        assert_eq!(quick.unanswered(step, START), Ok(Duration::ZERO));
        quick.segment.answer(quick.segment.order());
        assert_eq!(quick.unanswered(step, START), Ok(step), "it has what it needs");
    }

    #[test]
    fn a_tick_that_took_too_long_is_short_when_it_is_given_again() {
        let (mut slow, mut next) = (session(1), session(2));
        let mut outgoing = Outgoing::<Talk>::new();
        let mut ticks = Reader::new(slow.segment.clone(), Channel::Ticks);
        for number in 1..=40 {
            outgoing.push(tick(number), true);
            outgoing.feed(&mut slow).unwrap();
            // It takes the first tick, answers it, and is processing what was merged until tick 20.
            if [1, 2, 20].contains(&number) {
                assert!(ticks.available().unwrap() > 0);
                read::<TickRecord>(&mut ticks);
            }
        }
        let given = outgoing.log.iter().map(|it| it.input.merged).collect::<Vec<_>>();
        assert!(given.iter().any(|&merged| merged > 10), "{given:?}");
        let answered = outgoing.log[1].input.tick;
        let before = outgoing.log.iter().map(|it| it.input).collect::<Vec<_>>();
        let told = outgoing.shorten(answered);
        outgoing.rewind();
        outgoing.feed(&mut next).unwrap();
        for (input, was) in outgoing.log.iter().map(|it| it.input).zip(&before) {
            match input.tick <= answered {
                true => assert_eq!(&input, was, "what was answered is repeated as it was"),
                false => {
                    assert_eq!(length(&input), (1, 0, was.merged));
                    assert_eq!(input.dt() + input.lost(), was.dt());
                }
            }
        }
        let first = before.iter().find(|it| it.tick > answered).unwrap();
        let lost = first.dt() - Duration::from_millis(10);
        assert_eq!(told, (!lost.is_zero()).then_some((first.tick, lost)));
        // Later ticks are short as well, until another generation takes over.
        (41..60).for_each(|number| outgoing.push(tick(number), true));
        assert_eq!(outgoing.pending.unwrap().input.steps, 1);
        outgoing.rewind();
        (60..70).for_each(|number| outgoing.push(tick(number), true));
        assert_eq!(outgoing.pending.unwrap().input.steps, 11);
    }

    fn read<T: SharedState>(reader: &mut Reader) -> T {
        let (mut bytes, mut value) = (vec![0; size_of::<T>()], blank());
        reader.read(&mut bytes);
        load(&mut value, &bytes).unwrap();
        value
    }

    #[test]
    fn a_generation_that_is_put_back_and_already_at_work_is_given_nothing_twice() {
        let (mut parked, mut next) = (session(1), session(2));
        let mut outgoing = Outgoing::<Talk>::new();
        for tick in 1..=3 {
            outgoing.send(tick).unwrap();
            let mut record: TickRecord = blank();
            (record.input.tick, record.messages) = (u64::from(tick), outgoing.messages());
            outgoing.push(record, true);
            outgoing.feed(&mut parked).unwrap();
        }
        outgoing.rewind();
        outgoing.feed(&mut next).unwrap();

        let mut ticks = Reader::new(parked.segment.clone(), Channel::Ticks);
        let mut messages = Reader::new(parked.segment.clone(), Channel::ToRenderer);
        // It continues before the owner hears of it.
        let mut seen = vec![read::<TickRecord>(&mut ticks).input.tick];
        let mut heard = vec![read::<u32>(&mut messages)];
        outgoing.resume(&parked);
        outgoing.feed(&mut parked).unwrap();
        while ticks.available().unwrap() > 0 {
            seen.push(read::<TickRecord>(&mut ticks).input.tick);
        }
        while messages.available().unwrap() > 0 {
            heard.push(read::<u32>(&mut messages));
        }
        assert_eq!((seen, heard), (vec![1, 2, 3], vec![1, 2, 3]));
    }
}

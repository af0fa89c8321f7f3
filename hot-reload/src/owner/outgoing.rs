//! What is on its way to the renderer: ticks and messages, until a commit covers them.
//!
//! At most two ticks lie in the ring. While it is full, further ticks are merged into one private
//! record. What was sent stays in a log until a commit says that it is done, so that a new
//! generation is given exactly what the last commit has not seen.

use super::session::Session;
use crate::handshake::TickRecord;
use crate::segment::{Nonsense, QUEUE};
use crate::{App, Full, SharedState};
use std::collections::VecDeque;

/// Ticks kept for a replay; at 60 Hz some 17 s without a commit.
const LOG: usize = 1024;

/// The log, the queue, and how far the current generation has them.
#[derive(Debug)]
pub(crate) struct Outgoing<A: App> {
    /// Ticks that were sent and not committed, the oldest first.
    log: VecDeque<TickRecord>,
    /// How many of them the current generation has been given.
    given: usize,
    /// The tick that is not sent yet.
    pending: Option<TickRecord>,
    /// Whether it is to be sent, or only to be merged into the next.
    due: bool,
    /// Messages that were sent and not committed, the oldest first.
    queue: VecDeque<A::ToRenderer>,
    /// Messages before the first in the queue, since the owner's start.
    done: u64,
    /// How many of the queue the current generation has been given.
    given_messages: usize,
    scratch: Vec<u8>,
    /// Ticks that fell out of the log; a crash would lose them.
    pub(crate) dropped: u64,
}

impl<A: App> Outgoing<A> {
    pub(crate) fn new() -> Self {
        Outgoing {
            log: VecDeque::with_capacity(64),
            given: 0,
            pending: None,
            due: false,
            queue: VecDeque::new(),
            done: 0,
            given_messages: 0,
            scratch: Vec::new(),
            dropped: 0,
        }
    }

    /// Queues a message; the tick that comes next sees it.
    pub(crate) fn send(&mut self, message: A::ToRenderer) -> Result<(), Full<A::ToRenderer>> {
        if self.queue.len() >= QUEUE as usize {
            return Err(Full(message));
        }
        self.queue.push_back(message);
        Ok(())
    }

    /// Messages sent since the owner's start.
    pub(crate) fn messages(&self) -> u64 {
        self.done + self.queue.len() as u64
    }

    /// Takes the newest tick; one that is not due waits to be merged into the next.
    pub(crate) fn push(&mut self, record: TickRecord, due: bool) {
        match &mut self.pending {
            Some(pending) => {
                pending.input.merge(&record.input);
                pending.messages = record.messages;
            }
            None => self.pending = Some(record),
        }
        self.due |= due;
    }

    /// A commit covers everything up to `tick` and the first `received` messages.
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

    /// A new generation has been given nothing yet: it gets everything that is not committed.
    pub(crate) fn rewind(&mut self) {
        self.resume(0, 0);
    }

    /// A generation that was put aside has so many ticks and messages still before it.
    pub(crate) fn resume(&mut self, ticks: usize, messages: usize) {
        self.given = ticks.min(self.log.len());
        self.given_messages = messages.min(self.queue.len());
        self.due = true;
    }

    /// Takes out what happened in the first tick after `answered`: its events, and the messages that
    /// become visible with it. Only for ticks that no generation is being given. Says what it was.
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

    /// Gives the current generation what there is room for; whether anything was given.
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
        Ok(())
    }
}

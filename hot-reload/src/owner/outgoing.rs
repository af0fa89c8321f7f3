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
        self.given = 0;
        self.given_messages = 0;
        self.due = true;
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

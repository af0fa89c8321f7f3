//! The renderer's end of the queues: a tick's messages become visible together at its end.

use crate::request::RequestRecord;
use crate::segment::{Channel, Nonsense, QUEUE, Reader, Segment, Writer};
use crate::state::{blank, load};
use crate::{App, Full, Request, SharedState};
use std::marker::PhantomData;
use std::sync::Arc;

/// What a frame can say to its owner, and hear from it.
#[derive(Debug)]
pub struct OwnerLink<'f, A: App> {
    mail: &'f mut Mail<A>,
}

impl<A: App> OwnerLink<'_, A> {
    /// Sends a message; the owner sees it when the tick has ended. Never blocks.
    ///
    /// # Errors
    /// Gives the message back when the queue is full, or when the message type has been changed
    /// since the owner was compiled, so that the channel is switched off.
    pub fn send(&mut self, message: A::ToOwner) -> Result<(), Full<A::ToOwner>> {
        let mail = &mut *self.mail;
        if mail.outbox.len() >= mail.room {
            return Err(Full(message));
        }
        mail.outbox.push(message);
        Ok(())
    }

    /// Takes the next message that the owner had sent before this tick. Never blocks.
    pub fn try_recv(&mut self) -> Option<A::ToRenderer> {
        self.mail.receive()
    }

    /// Asks the owner for something; within a tick the latest of a kind wins.
    pub fn request(&mut self, request: Request) {
        let record = RequestRecord::from(request);
        let kind = record.kind();
        self.mail.requests[kind] = Some(record);
    }
}

/// The queues.
pub(crate) struct Mail<A: App> {
    /// `None` while owner and renderer do not agree about the type.
    inbox: Option<Reader>,
    to_owner: Option<Writer>,
    to_requests: Writer,
    /// Messages received since the owner's start.
    received: u64,
    /// Messages that this tick may receive.
    visible: u64,
    outbox: Vec<A::ToOwner>,
    /// Messages that this tick may send.
    room: usize,
    requests: [Option<RequestRecord>; RequestRecord::KINDS],
    scratch: Vec<u8>,
    messages: PhantomData<fn() -> A>,
}

impl<A: App> Mail<A> {
    pub(crate) fn new(segment: &Arc<Segment>, channels: (bool, bool), received: u64) -> Self {
        let to_owner = channels.1.then(|| Writer::new(segment.clone(), Channel::ToOwner));
        Mail {
            inbox: channels.0.then(|| Reader::new(segment.clone(), Channel::ToRenderer)),
            room: if channels.1 { QUEUE as usize } else { 0 },
            to_owner,
            to_requests: Writer::new(segment.clone(), Channel::Requests),
            received,
            visible: received,
            outbox: Vec::new(),
            requests: [None; RequestRecord::KINDS],
            scratch: Vec::new(),
            messages: PhantomData,
        }
    }

    /// Begins a tick that sees the first `visible` messages.
    pub(crate) fn begin(&mut self, visible: u64) -> Result<(), Nonsense> {
        self.visible = visible;
        if let Some(writer) = &self.to_owner {
            self.room = writer.free()? as usize;
        }
        Ok(())
    }

    /// Goes on from where another generation was, before the first tick.
    #[cfg(feature = "renderer")]
    pub(crate) fn follow(&mut self, received: u64) {
        (self.received, self.visible) = (received, received);
    }

    /// Throws away what was sent since the last tick.
    pub(crate) fn discard(&mut self) {
        self.outbox.clear();
        self.requests = [None; RequestRecord::KINDS];
    }

    /// Takes no more messages until the next tick begins.
    pub(crate) fn close(&mut self) {
        self.room = 0;
    }

    pub(crate) fn link(&mut self) -> OwnerLink<'_, A> {
        OwnerLink { mail: self }
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    fn receive(&mut self) -> Option<A::ToRenderer> {
        let reader = self.inbox.as_mut()?;
        if self.received >= self.visible || reader.available().ok()? == 0 {
            return None;
        }
        self.scratch.resize(size_of::<A::ToRenderer>(), 0);
        reader.read(&mut self.scratch);
        self.received += 1;
        let mut message = blank();
        load(&mut message, &self.scratch).ok()?;
        Some(message)
    }

    /// Makes what the tick has sent visible, together.
    pub(crate) fn flush(&mut self, tick: u64) -> Result<(), Nonsense> {
        if let Some(writer) = self.to_owner.as_mut().filter(|_| !self.outbox.is_empty()) {
            let head = size_of::<u64>();
            self.scratch.resize(head + size_of::<A::ToOwner>(), 0);
            let mut count = 0;
            for message in self.outbox.drain(..) {
                self.scratch[..head].copy_from_slice(&tick.to_ne_bytes());
                message.write_bytes(&mut self.scratch[head..]);
                writer.write(count, &self.scratch);
                count += 1;
            }
            writer.publish(count);
        }
        self.flush_requests()
    }

    /// What finds no room waits for the next tick, where a later one of its kind replaces it.
    fn flush_requests(&mut self) -> Result<(), Nonsense> {
        if self.requests.iter().all(Option::is_none) {
            return Ok(());
        }
        let free = self.to_requests.free()?;
        let mut count = 0;
        self.scratch.resize(size_of::<RequestRecord>(), 0);
        for request in self.requests.iter_mut() {
            if count == free {
                break;
            }
            if let Some(record) = request.take() {
                record.write_bytes(&mut self.scratch);
                self.to_requests.write(count, &self.scratch);
                count += 1;
            }
        }
        self.to_requests.publish(count);
        Ok(())
    }
}

impl<A: App> std::fmt::Debug for Mail<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail(received {} of {})", self.received, self.visible)
    }
}

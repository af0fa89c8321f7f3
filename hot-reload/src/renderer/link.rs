//! The renderer's end of the queues: all messages of a tick become visible together at its end.

use super::erased::Types;
use crate::app::App;
use crate::request::{Request, RequestRecord};
use crate::segment::{Channel, Nonsense, QUEUE, Reader, Segment, Writer};
use hot_reload_pod::internal::{Translator, blank, load};
use hot_reload_pod::{Full, SharedState};
use std::marker::PhantomData;
use std::sync::Arc;

/// The frame's link to its owner, for messages and requests.
#[derive(Debug)]
pub struct OwnerLink<'f, A: App> {
    link: &'f mut Link,
    messages: PhantomData<fn() -> A>,
}

impl<'f, A: App> OwnerLink<'f, A> {
    pub(super) fn new(link: &'f mut Link) -> Self {
        OwnerLink { link, messages: PhantomData }
    }

    /// Sends a message; the owner sees it when the tick has ended. Never blocks; 1,024 messages can
    /// wait.
    ///
    /// # Errors
    /// Returns the message if the queue is full, or if the owner was compiled before the message
    /// type was changed and has no equivalent for it.
    pub fn send(&mut self, message: A::ToOwner) -> Result<(), Full<A::ToOwner>> {
        self.post(message, 0)
    }

    /// Answers the message that was received last, as [`Owner::call`](crate::Owner::call) expects.
    /// The owner sees the answer when the tick has ended. If no call is waiting for it, the answer
    /// is delivered as an ordinary message. Never blocks.
    ///
    /// # Errors
    /// Fails as [`send`](Self::send) does.
    pub fn reply(&mut self, answer: A::ToOwner) -> Result<(), Full<A::ToOwner>> {
        self.post(answer, self.link.received)
    }

    fn post(&mut self, message: A::ToOwner, answers: u64) -> Result<(), Full<A::ToOwner>> {
        let Some(place) = self.link.blank_page() else { return Err(Full(message)) };
        message.write_bytes(place);
        if self.link.post(answers) { Ok(()) } else { Err(Full(message)) }
    }

    /// Takes the next message that the owner sent before this tick. Never blocks.
    ///
    /// ```
    /// # use hot_reload::{App, Frame};
    /// # struct Demo;
    /// # impl App for Demo {
    /// #     const RENDERER: &'static str = "my-renderer";
    /// #     type Arguments = ();
    /// #     type State = u32;
    /// #     type ToRenderer = u32;
    /// #     type ToOwner = u32;
    /// # }
    /// fn render(frame: &mut Frame<'_, Demo>) {
    ///     while let Some(points) = frame.owner.try_recv() {
    ///         *frame.state += points;
    ///         // Returns the message if the queue is full.
    ///         let _ = frame.owner.send(*frame.state);
    ///     }
    /// }
    /// ```
    pub fn try_recv(&mut self) -> Option<A::ToRenderer> {
        let bytes = self.link.receive()?;
        let mut message = blank();
        load(&mut message, bytes).ok()?;
        Some(message)
    }

    /// Sends a request to the owner. Within a tick, the latest request of each kind wins.
    pub fn request(&mut self, request: Request) {
        self.link.request(request);
    }
}

/// The queues. Messages are bytes here; the code that depends on their types is in [`OwnerLink`].
pub(crate) struct Link {
    /// Incoming messages; `None` while the types of owner and renderer have nothing in common.
    inbox: Option<(Reader, Translator)>,
    to_owner: Option<(Writer, Translator)>,
    to_requests: Writer,
    /// Type name of the received messages.
    received_type: &'static str,
    /// Messages received since the owner's start.
    received: u64,
    /// Number of messages, since the owner's start, that this tick may receive.
    visible: u64,
    /// Messages that the tick has sent, in the owner's layout: each behind its head, whose tick is
    /// still missing.
    outbox: Vec<u8>,
    /// Number of messages in the outbox.
    posted: u32,
    /// Number of messages that this tick may send.
    room: u32,
    requests: [Option<RequestRecord>; RequestRecord::KINDS],
    scratch: Vec<u8>,
    message: Vec<u8>,
    /// Set once a message that could not be translated was reported.
    reported: bool,
}

impl Link {
    pub(crate) fn new(
        segment: &Arc<Segment>,
        types: Types,
        (to_renderer, to_owner): (Translator, Translator),
        received: u64,
    ) -> Self {
        let inbox = Reader::new(segment.clone(), Channel::ToRenderer);
        let outlet = Writer::new(segment.clone(), Channel::ToOwner);
        Link {
            room: if to_owner.is_off() { 0 } else { QUEUE },
            inbox: (!to_renderer.is_off()).then_some((inbox, to_renderer)),
            to_owner: (!to_owner.is_off()).then_some((outlet, to_owner)),
            to_requests: Writer::new(segment.clone(), Channel::Requests),
            received_type: types.to_renderer.name,
            received,
            visible: received,
            outbox: Vec::new(),
            posted: 0,
            requests: [None; RequestRecord::KINDS],
            scratch: Vec::new(),
            message: Vec::new(),
            reported: false,
        }
    }

    /// Begins a tick that sees the first `visible` messages.
    pub(crate) fn begin(&mut self, visible: u64) -> Result<(), Nonsense> {
        self.visible = visible;
        if let Some((writer, _)) = &self.to_owner {
            self.room = writer.free()?;
        }
        Ok(())
    }

    /// Continues from the position of another generation, before the first tick.
    #[cfg(feature = "renderer")]
    pub(crate) fn follow(&mut self, received: u64) {
        (self.received, self.visible) = (received, received);
    }

    /// Discards everything sent since the last tick.
    pub(crate) fn discard(&mut self) {
        self.outbox.clear();
        self.posted = 0;
        self.requests = [None; RequestRecord::KINDS];
    }

    /// Accepts no more messages until the next tick begins.
    pub(crate) fn close(&mut self) {
        self.room = 0;
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Returns the next message, in the layout of this build.
    fn receive(&mut self) -> Option<&[u8]> {
        let (reader, translator) = self.inbox.as_mut()?;
        while self.received < self.visible && reader.available().ok()? > 0 {
            self.scratch.resize(translator.size(), 0);
            reader.read(&mut self.scratch);
            self.received += 1;
            if let Some(bytes) = translator.translate(&self.scratch) {
                self.message.clear();
                self.message.extend_from_slice(bytes);
                return Some(&self.message);
            }
            if !self.reported {
                self.reported = true;
                eprintln!(
                    "hot-reload: a message of the owner has no equivalent in `{}`; such \
                     messages are dropped",
                    self.received_type
                );
            }
        }
        None
    }

    /// Returns the buffer for a message to the owner; `None` if there is no room for another one.
    fn blank_page(&mut self) -> Option<&mut [u8]> {
        let (_, translator) = self.to_owner.as_ref().filter(|_| self.posted < self.room)?;
        self.scratch.clear();
        self.scratch.resize(translator.size(), 0);
        Some(&mut self.scratch)
    }

    /// Adds the written message to the outbox. Returns false if the owner, which may have been
    /// compiled earlier, has no equivalent for it.
    fn post(&mut self, answers: u64) -> bool {
        let Some((_, translator)) = &mut self.to_owner else { return false };
        let Some(bytes) = translator.translate(&self.scratch) else { return false };
        self.outbox.extend_from_slice(bytemuck::bytes_of(&[0, answers]));
        self.outbox.extend_from_slice(bytes);
        self.posted += 1;
        true
    }

    fn request(&mut self, request: Request) {
        let record = RequestRecord::from(request);
        let kind = record.kind();
        self.requests[kind] = Some(record);
    }

    /// Publishes everything that the tick has sent, together.
    pub(crate) fn flush(&mut self, tick: u64) -> Result<(), Nonsense> {
        if let Some((writer, _)) = self.to_owner.as_mut().filter(|_| self.posted > 0) {
            let length = self.outbox.len() / self.posted as usize;
            for (record, ahead) in self.outbox.chunks_exact_mut(length).zip(0..) {
                record[..size_of::<u64>()].copy_from_slice(&tick.to_ne_bytes());
                writer.write(ahead, record);
            }
            writer.publish(self.posted);
            self.outbox.clear();
            self.posted = 0;
        }
        self.flush_requests()
    }

    /// Publishes the requests. Those that find no room wait for the next tick, where a later one of
    /// the same kind replaces them.
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

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link(received {} of {})", self.received, self.visible)
    }
}

//! `Owner::call`: asks the renderer and waits for the answer.

use super::Owner;
use crate::app::App;
use crate::error::{Error, Result};
use std::thread;
use std::time::{Duration, Instant};

/// A message whose answer is awaited.
#[derive(Debug)]
pub(super) struct Question<T> {
    /// Number of the message, counted from 1 since the owner's start.
    number: u64,
    pub(super) answer: Option<T>,
}

impl<T> Question<T> {
    /// Returns whether this is the first answer to the question.
    pub(super) fn takes(&self, answers: u64) -> bool {
        self.answer.is_none() && answers == self.number
    }
}

impl<A: App> Owner<A> {
    /// Asks the renderer and waits for its answer, for programs that use the result of a reloadable
    /// function. It blocks, so it is not suitable for a window's loop.
    ///
    /// The message arrives with a separate tick, in which the window is as it was in the last one.
    /// The renderer receives it by [`try_recv`](crate::OwnerLink::try_recv) and answers with
    /// [`reply`](crate::OwnerLink::reply), in that tick or a later one. Other messages wait for
    /// [`messages`](Self::messages). If the renderer is replaced or recovered before it answers,
    /// its successor is asked again.
    ///
    /// ```no_run
    /// # use hot_reload::{App, Owner};
    /// # use std::time::Duration;
    /// # struct Sums;
    /// # impl App for Sums {
    /// #     const RENDERER: &'static str = "sums";
    /// #     type Arguments = ();
    /// #     type State = u32;
    /// #     type ToRenderer = [u32; 2];
    /// #     type ToOwner = u32;
    /// # }
    /// # fn ask(owner: &mut Owner<Sums>) -> hot_reload::Result<()> {
    /// // The renderer:
    /// // `if let Some([a, b]) = frame.owner.try_recv() { frame.owner.reply(a + b) … }`
    /// let sum = owner.call([2, 3], Duration::from_secs(5))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if the message cannot be sent, and if there is no answer within `timeout`. A later
    /// answer is delivered as an ordinary message.
    ///
    /// # Panics
    /// Panics in one process if the renderer has panicked.
    pub fn call(&mut self, message: A::ToRenderer, timeout: Duration) -> Result<A::ToOwner> {
        self.send(message).map_err(|_| Error::CannotAsk { limit: crate::segment::QUEUE })?;
        self.question = Some(Question { number: self.outgoing.messages(), answer: None });
        let begun = Instant::now();
        let window = self.window.clone();
        self.poll_backend();
        self.send_input(&window, begun);
        let answer = loop {
            let now = Instant::now();
            let new = self.receive_output(now);
            self.shown.unseen |= new;
            if let Err(nonsense) = self.receive() {
                self.fault(nonsense);
            }
            let answer = self.question.as_mut().and_then(|question| question.answer.take());
            let waited = now.duration_since(begun);
            if answer.is_some() || waited >= timeout || !self.running {
                break answer.ok_or(Error::Unanswered { waited });
            }
            pause(waited);
            self.poll_backend();
        };
        self.question = None;
        answer
    }
}

/// Pauses briefly, longer the longer there has been no answer. A renderer does not wake its owner,
/// and most answers arrive faster than a thread can fall asleep.
fn pause(waited: Duration) {
    const AT_ONCE: Duration = Duration::from_micros(200);
    match waited {
        waited if waited < AT_ONCE => thread::yield_now(),
        waited => thread::sleep((waited / 8).min(Duration::from_millis(1))),
    }
}

//! `Owner::call`: asks the renderer and waits for the answer.

use super::Owner;
use crate::app::App;
use crate::error::{Error, Result};
use crate::input::Clock;
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
        let clock = if self.is_paused() { Clock::Standing } else { Clock::Measured };
        self.send_input(&window, clock(begun));
        self.receive_until(timeout, |owner| {
            if let Err(nonsense) = owner.receive() {
                owner.fault(nonsense);
            }
            owner.question.as_ref().is_some_and(|question| question.answer.is_some())
        });
        let answer = self.question.take().and_then(|question| question.answer);
        answer.ok_or_else(|| Error::Unanswered { waited: begun.elapsed() })
    }
}

//! `Owner::step`: gives one tick and waits for its picture.

use super::{Owner, Picture};
use crate::app::App;
use crate::error::{Error, Result};
use crate::input::{Clock, Input, WindowInput};
use std::time::{Duration, Instant};

/// A step whose picture is not there yet.
#[derive(Debug)]
pub(super) struct Step {
    tick: u64,
    /// Input for the modules, until they have been given it.
    for_modules: Option<Input>,
}

impl<A: App> Owner<A> {
    /// Gives the renderer one tick and waits for its picture: for tests, films, and proofs that two
    /// programs draw the same.
    ///
    /// Exactly one period of the [tick rate](Self::tick_rate) passes in it, however long it takes,
    /// and the [wall clock](Input::wall_clock) of stepped ticks begins at the Unix epoch. The same
    /// [seed](crate::OwnerBuilder::seed) and the same inputs therefore give the same pictures on
    /// every machine, under any load, in hot mode and in one process, unless the renderer itself
    /// depends on something else. Replacing the renderer gives no further tick.
    ///
    /// When it returns, [`state`](Self::state) is that of this tick, and a module has drawn this
    /// state. In hot mode the first step waits for the first build. A [pause](Self::set_paused) does not
    /// keep a step from its tick.
    ///
    /// ```
    /// use hot_reload::{Frame, Owner, Sketch, WindowInput};
    /// use std::time::Duration;
    ///
    /// fn render(frame: &mut Frame<'_, Sketch<u32>>) {
    ///     *frame.state += frame.input.steps;
    ///     frame.canvas.fill(*frame.state);
    /// }
    ///
    /// # fn main() -> hot_reload::Result<()> {
    /// let mut owner = Owner::builder(()).size(2, 2).seed(7).one_process().start(render)?;
    /// let input = WindowInput::idle(2, 2);
    /// for tick in 1..=10 {
    ///     let picture = owner.step(&input, Duration::from_secs(30))?;
    ///     assert_eq!(picture.pixels(), [tick; 4]);
    /// }
    /// assert_eq!(owner.state(), Some(&10));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if there is no picture within `timeout`, and says what the renderer does instead. The
    /// tick stays with the renderer: the next step waits for its answer, and then gives its own.
    /// Fails if the renderer has asked to end before this step.
    ///
    /// # Panics
    /// Panics in one process if the renderer has panicked.
    pub fn step(&mut self, window: &WindowInput, timeout: Duration) -> Result<Picture<'_>> {
        let begun = Instant::now();
        if !self.finish_step(timeout) {
            return Err(self.no_picture(begun.elapsed()));
        }
        if !self.is_running() {
            return Err(self.failure().map_or(Error::Ended, |it| Error::Failed(it.to_owned())));
        }
        self.begin_step(window);
        match self.finish_step(timeout.saturating_sub(begun.elapsed())) {
            true => Ok(self.picture()),
            false => Err(self.no_picture(begun.elapsed())),
        }
    }

    /// Gives the renderer a tick of one period.
    pub(crate) fn begin_step(&mut self, window: &WindowInput) {
        let now = Instant::now();
        self.poll_backend();
        let input = self.assemble(window, Clock::Stepped(now));
        let tick = input.tick;
        self.send_tick(input, true, true);
        self.step = Some(Step { tick, for_modules: Some(input) });
        self.remember(window);
    }

    /// Waits until every part has answered the last step, and returns true then; returns false after
    /// `timeout`. Without a step it waits for the answers to the ticks that were given.
    pub(crate) fn finish_step(&mut self, timeout: Duration) -> bool {
        let is_done = self.receive_until(timeout, Owner::is_step_done);
        // The picture is published before the answer.
        let window = self.window.clone();
        self.show(&window, Instant::now());
        // A renderer that has asked to end need not answer.
        let is_over = is_done || !self.is_running();
        if is_over {
            self.step = None;
        }
        is_over
    }

    /// Returns whether every part has answered the last step. Gives the modules their tick once the
    /// state that they are to see is committed.
    fn is_step_done(&mut self) -> bool {
        let Some(Step { tick, for_modules }) = &mut self.step else {
            return self.has_answered();
        };
        let answered = self.session.as_ref().is_some_and(|it| it.answered() >= *tick);
        if !answered || self.committed.head.tick < *tick {
            return false;
        }
        if let Some(input) = for_modules.take() {
            self.send_to_modules(&input, true);
        }
        self.modules.iter().all(|module| module.has_answered())
    }

    /// Returns whether the renderer has answered every tick that it was or is to be given.
    pub(super) fn has_answered(&self) -> bool {
        let answered = self.session.as_ref().map_or(0, |session| session.answered());
        self.outgoing.last_due().is_none_or(|tick| tick <= answered)
    }

    fn no_picture(&self, waited: Duration) -> Error {
        let tick = self.step.as_ref().map_or(self.sent, |step| step.tick);
        Error::NoPicture { tick, waited, doing: self.status.to_string() }
    }
}

//! The halves of a turn: the input that goes to the renderers, and what comes back.

use super::Owner;
use crate::app::App;
use crate::handshake::TickRecord;
use crate::input::{Clock, Input, WindowInput};
use std::thread;
use std::time::{Duration, Instant};

/// A function that is called with the input of each tick, and with whether there is a picture.
pub(super) type InputObserver = Box<dyn FnMut(&WindowInput, bool)>;

impl<A: App> Owner<A> {
    /// Calls a function with the input of each tick, and whether there is a picture.
    pub(crate) fn observe_input(&mut self, observe: impl FnMut(&WindowInput, bool) + 'static) {
        self.observer = Some(Box::new(observe));
    }

    /// Tells the observer of the input of a tick.
    fn observe(&mut self, window: &WindowInput) {
        let has_picture = self.picture().generation() > 0;
        if let Some(observe) = &mut self.observer {
            observe(window, has_picture);
        }
    }

    /// Returns the size of the window in the last tick; before the first, that of the builder.
    #[cfg(feature = "testing")]
    pub(crate) fn window_size(&self) -> (u32, u32) {
        self.window.size
    }

    /// Remembers the state of the window in a tick.
    pub(super) fn remember(&mut self, window: &WindowInput) {
        let WindowInput { size, focused, mouse, .. } = *window;
        self.window = WindowInput { size, focused, mouse, ..WindowInput::idle(0, 0) };
    }

    /// Assembles the input of a tick.
    pub(super) fn assemble(&mut self, window: &WindowInput, clock: Clock) -> Input {
        let joined = self.after_pause(window);
        let window = joined.as_ref().unwrap_or(window);
        self.observe(window);
        if !self.outgoing.has_begun() {
            self.assembler.begin();
        }
        let canvas = self.canvas_size(window.size);
        self.assembler.assemble(window, canvas, clock, self.tick_rate.step())
    }

    /// Assembles the input of a tick and sends it to the renderer and the modules.
    pub(super) fn send_input(&mut self, window: &WindowInput, clock: Clock) {
        let now = clock.now();
        let input = self.assemble(window, clock);
        #[cfg(feature = "owner")]
        let input = self.scroll_overlay(input);
        let has_changed =
            (window.mouse, window.focused) != (self.window.mouse, self.window.focused);
        let is_asked_for = self.redraw_at.take_if(|at| *at <= now).is_some();
        let is_measured = matches!(clock, Clock::Measured(_));
        let due =
            !self.on_demand || !is_measured || !input.is_idle() || has_changed || is_asked_for;
        self.send_to_modules(&input, due);
        self.send_tick(input, due, false);
    }

    /// Gives a tick to the renderer, or merges it into the next one if none is due. `settles` is set
    /// if the state must be committed with it, whatever that costs.
    pub(super) fn send_tick(&mut self, input: Input, due: bool, settles: bool) {
        self.sent = input.tick;
        let messages = self.outgoing.messages();
        let assets = self.assets();
        let changed = std::mem::replace(&mut self.assets_said, assets) != assets;
        let unread = messages > self.committed.head.received;
        let due = due || unread || changed;
        self.commit_copier.commit_store().sent(input.tick, messages, input.time());
        self.outgoing.push(TickRecord { input, messages, assets, settles }, due);
    }

    /// Exchanges with the renderer, and makes the picture that the window should show.
    pub(super) fn show(&mut self, window: &WindowInput, now: Instant) {
        let new = self.receive_output(now);
        let composed = self.composite(new, now);
        self.top_mut().turn(new || composed, window, now);
    }

    /// Exchanges with the renderer until `is_done` returns true, and returns true then; returns
    /// false after `timeout`, or once the renderer has asked to end. Gives no further tick.
    pub(super) fn receive_until(
        &mut self,
        timeout: Duration,
        mut is_done: impl FnMut(&mut Self) -> bool,
    ) -> bool {
        let begun = Instant::now();
        loop {
            let now = Instant::now();
            let new = self.receive_output(now);
            // Kept for the turn that shows it.
            self.shown.unseen |= new;
            let waited = now.duration_since(begun);
            if is_done(self) {
                return true;
            }
            if waited >= timeout || !self.running {
                return false;
            }
            pause(waited);
            self.poll_backend();
        }
    }

    /// Gives the renderer everything that is queued, and takes what it has drawn and sent. Returns
    /// whether there is a new picture.
    pub(super) fn receive_output(&mut self, now: Instant) -> bool {
        let passed = now.duration_since(std::mem::replace(&mut self.last_tick, now));
        let new = match self.exchange() {
            Ok(new) => new,
            Err(nonsense) => {
                self.fault(nonsense);
                false
            }
        };
        let new = self.receive_from_modules(new, now);
        self.watch_over(passed);
        self.composite_layers(new, now)
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

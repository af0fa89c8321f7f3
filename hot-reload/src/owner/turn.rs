//! The halves of a turn: the input that goes to the renderers, and what comes back.

use super::Owner;
use crate::app::App;
use crate::handshake::TickRecord;
use crate::input::{Input, WindowInput};
use std::time::Instant;

/// A function that is called with the input of each tick, and with whether there is a picture.
pub(super) type InputObserver = Box<dyn FnMut(&WindowInput, bool)>;

impl<A: App> Owner<A> {
    /// Calls a function with the input of each tick, and whether there is a picture.
    pub(crate) fn observe_input(&mut self, observe: impl FnMut(&WindowInput, bool) + 'static) {
        self.observer = Some(Box::new(observe));
    }

    /// Assembles the input of a tick and sends it to the renderer and the modules.
    pub(super) fn send_input(&mut self, window: &WindowInput, now: Instant) {
        if !self.outgoing.has_begun() {
            self.assembler.begin();
        }
        let canvas = self.canvas_size(window.size);
        let input = self.assembler.assemble(window, canvas, now, self.tick_rate.step());
        #[cfg(feature = "owner")]
        let input = self.scroll_overlay(input);
        let has_changed =
            (window.mouse, window.focused) != (self.window.mouse, self.window.focused);
        let is_asked_for = self.redraw_at.take_if(|at| *at <= now).is_some();
        let due = !self.on_demand || !input.is_idle() || has_changed || is_asked_for;
        self.send_to_modules(&input, due);
        self.send_tick(input, due);
    }

    /// Gives a tick to the renderer, or merges it into the next one if none is due.
    pub(super) fn send_tick(&mut self, input: Input, due: bool) {
        self.sent = input.tick;
        let messages = self.outgoing.messages();
        let assets = self.assets();
        let changed = std::mem::replace(&mut self.assets_said, assets) != assets;
        let unread = messages > self.committed.head.received;
        let due = due || unread || changed;
        self.commit_copier.commit_store().sent(input.tick, messages, input.time());
        self.outgoing.push(TickRecord { input, messages, assets }, due);
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

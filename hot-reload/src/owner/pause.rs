//! Pausing an application, and advancing it tick by tick.

use super::Owner;
use crate::app::App;
use crate::input::{Clock, Event, WindowInput};
use std::time::Instant;

/// A pause.
#[derive(Debug, Default)]
pub(super) struct Pause {
    pub(super) is_on: bool,
    /// Releases of keys and buttons since the last tick, without which they would stay down.
    releases: Vec<Event>,
    /// Number of ticks to give nevertheless.
    steps: u32,
    /// Set if a new generation has been given no tick yet.
    pub(super) redraws: bool,
}

impl<A: App> Owner<A> {
    /// Pauses the application or lets it continue. While it is paused, [`tick`](Self::tick) gives the
    /// renderer no ticks and time stands still; input is dropped, except that keys and buttons go
    /// up. Reloads go on: a new generation draws the picture again, in a tick without time or steps,
    /// and so does [`call`](Self::call). The first tick after the pause has one period.
    ///
    /// [`step`](Self::step) gives its tick in spite of a pause.
    pub fn set_paused(&mut self, paused: bool) {
        if paused {
            self.assembler.stop_clock();
        }
        (self.pause.is_on, self.pause.steps) = (paused, 0);
    }

    /// Returns whether the application is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pause.is_on
    }

    /// Pauses the application, and gives the renderer one tick of one period with the next
    /// [`tick`](Self::tick).
    pub fn advance(&mut self) {
        self.assembler.stop_clock();
        self.pause.is_on = true;
        self.pause.steps = self.pause.steps.saturating_add(1);
    }

    /// Gives the tick of a turn, or none while the application is paused.
    pub(super) fn give(&mut self, window: &WindowInput, now: Instant) {
        for module in &mut self.modules {
            self.pause.redraws |= module.takes_redraw();
        }
        if !self.pause.is_on {
            return self.send_input(window, Clock::Measured(now));
        }
        self.keep_releases(window);
        if self.pause.steps > 0 {
            self.pause.steps -= 1;
            self.send_input(window, Clock::Measured(now));
        } else if self.pause.redraws {
            let window = WindowInput { events: Vec::new(), wheel: (0.0, 0.0), ..window.clone() };
            self.send_input(&window, Clock::Standing(now));
        }
        self.assembler.stop_clock();
    }

    /// Keeps the releases of a turn for the next tick; those of everything if the window has lost
    /// the keyboard focus.
    fn keep_releases(&mut self, window: &WindowInput) {
        let is_release = |event: &&Event| matches!(event, Event::KeyUp(_) | Event::ButtonUp { .. });
        let dropped = window.events.iter().filter(|_| self.pause.steps == 0);
        let mut releases = dropped.filter(is_release).copied().collect::<Vec<_>>();
        if !window.focused {
            releases.extend(self.assembler.releases());
        }
        for release in releases {
            if !self.pause.releases.contains(&release) {
                self.pause.releases.push(release);
            }
        }
    }

    /// Returns the input of a tick, after the releases of a pause before it. A new generation that
    /// gets it has been given a tick.
    pub(super) fn after_pause(&mut self, window: &WindowInput) -> Option<WindowInput> {
        self.pause.redraws = false;
        if self.pause.releases.is_empty() {
            return None;
        }
        let mut events = std::mem::take(&mut self.pause.releases);
        events.extend(&window.events);
        Some(WindowInput { events, ..window.clone() })
    }
}

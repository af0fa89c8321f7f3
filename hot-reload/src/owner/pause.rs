//! Pausing an application, and stepping through it.

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
    /// Set if a new generation is to draw the picture again.
    pub(super) redraws: bool,
}

impl<A: App> Owner<A> {
    /// Pauses the application or lets it continue. While it is paused, [`tick`](Self::tick) gives the
    /// renderer no ticks and time stands still; input is dropped, except that keys and buttons go
    /// up. Reloads go on: a new generation draws the picture again, in a tick without time or steps.
    /// The first tick after the pause has one period.
    pub fn set_paused(&mut self, paused: bool) {
        self.pause.is_on = paused;
        self.pause.steps = 0;
    }

    /// Returns whether the application is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pause.is_on
    }

    /// Pauses the application, and gives the renderer one tick of one period with the next
    /// [`tick`](Self::tick).
    pub fn advance(&mut self) {
        self.pause.is_on = true;
        self.pause.steps = self.pause.steps.saturating_add(1);
    }

    /// Gives the tick of a turn, or none while the application is paused.
    pub(super) fn give(&mut self, window: &WindowInput, now: Instant) {
        let Pause { is_on, steps, redraws, .. } = self.pause;
        if !is_on && self.pause.releases.is_empty() {
            return self.send_input(window, Clock::Measured(now));
        }
        if is_on && steps == 0 && !redraws {
            let released =
                |event: &&Event| matches!(event, Event::KeyUp(_) | Event::ButtonUp { .. });
            self.pause.releases.extend(window.events.iter().filter(released));
            self.assembler.stop_clock();
            return;
        }
        let mut events = std::mem::take(&mut self.pause.releases);
        let clock = if is_on && steps == 0 { Clock::Standing(now) } else { Clock::Measured(now) };
        self.pause.redraws = false;
        self.pause.steps = steps.saturating_sub(1);
        events.extend(&window.events);
        self.send_input(&WindowInput { events, ..window.clone() }, clock);
        if is_on {
            self.assembler.stop_clock();
        }
    }
}

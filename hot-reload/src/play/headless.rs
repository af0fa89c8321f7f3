//! A surface that shows nothing: the same work, paced by the owner, or with the input of a script.

use super::script::Script;
use crate::app::App;
use crate::input::WindowInput;
use crate::owner::Owner;
use crate::request::Request;
use std::time::Duration;

/// Input for a program without a window.
pub(super) struct Headless {
    input: WindowInput,
    script: Option<Playing>,
}

/// A script that is played in lockstep: each of its ticks is one step.
struct Playing {
    script: Script,
    /// Number of the last step.
    ticks: u64,
    /// True if the last step has no picture yet.
    is_waiting: bool,
    /// True if the program ends with the script.
    ends: bool,
}

impl Headless {
    /// `ends` is true if the program ends with the script's last action.
    pub(super) fn new((width, height): (u32, u32), script: Option<Script>, ends: bool) -> Self {
        let playing = |script| Playing { script, ticks: 0, is_waiting: false, ends };
        Headless { input: WindowInput::idle(width, height), script: script.map(playing) }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        self.input.size
    }

    /// Returns true if a script is played.
    pub(super) fn is_scripted(&self) -> bool {
        self.script.is_some()
    }

    /// Makes one turn of the loop; returns false at the end.
    pub(super) fn turn<A: App>(&mut self, owner: &mut Owner<A>) -> bool {
        let goes_on = match &mut self.script {
            Some(playing) => playing.turn(&mut self.input, owner),
            None => {
                owner.tick(&self.input);
                owner.pace();
                true
            }
        };
        for request in owner.requests() {
            if let Request::Size(width @ 1.., height @ 1..) = request {
                self.input.size = (width, height);
            }
        }
        goes_on && owner.is_running()
    }
}

impl Playing {
    /// Waits for the picture of the last step, after giving the next one if there is none to wait
    /// for. Returns false at the end.
    fn turn<A: App>(&mut self, input: &mut WindowInput, owner: &mut Owner<A>) -> bool {
        /// Time after which the program looks for an interrupt.
        const LOOK: Duration = Duration::from_millis(100);
        if !self.is_waiting {
            if self.ends && self.script.is_over() {
                return false;
            }
            self.ticks += 1;
            if self.script.play(self.ticks, input) {
                return false;
            }
            owner.begin_step(input);
        }
        self.is_waiting = !owner.finish_step(LOOK);
        true
    }
}

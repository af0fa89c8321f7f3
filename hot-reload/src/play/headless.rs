//! A surface that shows nothing: the same work with input from a script, paced by the owner.

use super::script::Script;
use crate::app::App;
use crate::input::WindowInput;
use crate::owner::Owner;
use crate::request::Request;

/// Input for a program without a window.
pub(super) struct Headless {
    input: WindowInput,
    script: Script,
    /// Number of ticks since the first picture.
    ticks: u64,
}

impl Headless {
    pub(super) fn new((width, height): (u32, u32), script: Script) -> Self {
        Headless { input: WindowInput::idle(width, height), script, ticks: 0 }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        self.input.size
    }

    /// Makes one turn of the loop; returns false at the end.
    pub(super) fn turn<A: App>(&mut self, owner: &mut Owner<A>) -> bool {
        // Scripts count ticks from the first picture: before it, no renderer would receive their
        // input.
        if owner.picture().generation() > 0 {
            self.ticks += 1;
        }
        if self.script.play(self.ticks, &mut self.input) {
            return false;
        }
        owner.tick(&self.input);
        for request in owner.requests() {
            if let Request::Size(width @ 1.., height @ 1..) = request {
                self.input.size = (width, height);
            }
        }
        owner.pace();
        owner.is_running()
    }
}

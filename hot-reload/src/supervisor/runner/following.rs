//! Handles what the leading part's supervisor tells a part that follows it.

use super::Runner;
use crate::supervisor::{
    machine::Event,
    message::{Kept, Told},
    workspaces::Workspaces,
};
use std::time::Instant;

impl Runner {
    /// Handles what the leading part's supervisor says.
    pub(super) fn told_by_leader(&mut self, told: Told) -> Option<Event> {
        match told {
            Told::Began => {
                self.recorder.saved(Instant::now());
                Some(Event::Changed)
            }
            Told::Built { built, took, workspace, reply } => {
                let own = workspace.map(|workspace| *workspace);
                self.workspaces =
                    own.map(|own| Workspaces { own, modules: Vec::new(), suspects: Vec::new() });
                let build = self.building;
                (self.due.program, self.meanwhile) = (false, false);
                let outcome = self.built(build, built, took);
                let lost = Kept::Lost { written: self.meanwhile };
                // The leading part may have ended.
                let _ = reply.send(if self.due.program { lost } else { Kept::Whole });
                Some(Event::Built { build, outcome })
            }
            Told::Assets(changed) => {
                self.note_assets(&changed);
                None
            }
        }
    }
}

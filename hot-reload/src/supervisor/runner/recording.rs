//! The runner's reports to the flight recorder, and from it to the main thread.

use super::Runner;
use crate::generation::GenerationChange;
use crate::history::{Cause, Reload, Step};
use crate::status::{Problem, ReloadEvent};
use crate::supervisor::machine::{Event, Timer};
use std::time::Instant;

impl Runner {
    /// Records an event. Called before the machine handles it, so that its time is that of the
    /// event.
    pub(super) fn record(&mut self, event: &Event) {
        let (recorder, now) = (&mut self.recorder, Instant::now());
        match event {
            Event::Reload => recorder.asked(now),
            Event::Attached { generation, .. } => {
                recorder.reached(*generation, Step::Attached, now);
            }
            Event::Ready { generation } => recorder.reached(*generation, Step::Ready, now),
            Event::Misfit { generation } => recorder.does_not_fit(*generation),
            // The machine does not report this failure.
            Event::Timeout(Timer::Park { .. }) => recorder.failed(Cause::Hang, now),
            Event::FirstFrame { generation } => {
                let reload = recorder.drawn(*generation, now);
                self.tell_reload(reload);
            }
            Event::Ended { generation, .. } | Event::NotLaunched { generation, .. } => {
                recorder.ended(*generation);
            }
            _ => {}
        }
    }

    pub(super) fn record_failure(&mut self, event: &ReloadEvent) {
        let ReloadEvent::Failed { problem, .. } = event else { return };
        let cause = match problem {
            Problem::NotResponding { .. } => Cause::Hang,
            _ => Cause::Crash,
        };
        self.recorder.failed(cause, Instant::now());
    }

    /// Records that a parked generation draws again.
    pub(super) fn record_return(&mut self, generation: u32) {
        let Some(launched) = self.launched.get(&generation) else { return };
        let reload = self.recorder.put_back(generation, launched.build, Instant::now());
        self.tell_reload(reload);
    }

    /// Tells the main thread about a reload, through the same channel as everything else about
    /// generations: it learns of a reload before it learns of the next generation.
    fn tell_reload(&self, reload: Option<Reload>) {
        if let Some(reload) = reload {
            let _ = self.generation_changes.send(GenerationChange::Drawn(Box::new(reload)));
        }
    }
}

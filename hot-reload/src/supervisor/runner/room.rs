//! What the runner does where shared memory is short: it says so before the first reload, and lets a launch
//! wait until those that have ended have given their memory back.

use super::Runner;
use crate::generation::Opening;
use crate::supervisor::{
    Message,
    launch::NotLaunched,
    machine::{Event, Start},
};
use crate::{log, sys};
use std::time::{Duration, Instant};

/// The main thread gives a segment back in its next turn, the system when the process has ended.
const LONGEST: Duration = Duration::from_secs(10);

/// A launch that waits for memory.
pub(super) struct Waiting {
    pub(super) generation: u32,
    build: u32,
    start: Start,
    since: Instant,
}

impl Runner {
    /// Whether the launch waits for memory, or has become another one; else it has failed.
    pub(super) fn waits_for_room(
        &mut self,
        (generation, build, start): (u32, u32, Start),
        error: &NotLaunched,
    ) -> bool {
        if !matches!(error, NotLaunched::NoRoom(_)) {
            return false;
        }
        if start == Start::Warm {
            log::info!(
                "the running generation ends before generation {generation} begins: {error}"
            );
            let _ = self.events.send(Message::Event(Event::NoRoom { generation }));
            return true;
        }
        let since = self.waiting.take().map_or_else(
            || {
                let _ = self.openings.send(Opening::LetGo);
                Instant::now()
            },
            |waiting| waiting.since,
        );
        // Before the first there is nobody who could give any back.
        let waits = generation > 1 && since.elapsed() < LONGEST;
        if waits {
            self.waiting = Some(Waiting { generation, build, start, since });
        }
        waits
    }

    /// Tries once more what waits for memory.
    pub(super) fn launch_what_waits(&mut self) {
        if let Some(&Waiting { generation, build, start, .. }) = self.waiting.as_ref() {
            self.launch(generation, build, start);
        }
    }

    /// Says that there is no memory for two generations, as soon as the first one has its own.
    pub(super) fn look_whether_two_fit(&mut self, generation: u32) {
        let Some(launched) = self.launched.get(&generation) else { return };
        let (needed, free) = (launched.memory(), sys::free_shared_memory());
        let short = free.is_some_and(|free| free < needed);
        if short && !self.short {
            log::warn!(
                "shared memory is short: the next generation takes {} MiB and {} are free, so that the \
                 running one ends before it begins, and the picture stands still meanwhile; {}",
                needed.div_ceil(1 << 20),
                free.unwrap_or_default() >> 20,
                sys::MORE_SHARED_MEMORY
            );
        }
        self.short = short;
    }
}

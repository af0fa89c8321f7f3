//! The runner's behavior when shared memory is short: it warns before the first reload, and delays
//! a launch until ended generations have released their memory.

use super::Runner;
use crate::generation::GenerationChange;
use crate::supervisor::{
    Message,
    launch::NotLaunched,
    machine::{Event, Start},
};
use crate::{log, sys};
use std::time::{Duration, Instant};

/// Limit on the wait for memory: the main thread releases a segment in its next turn, the system
/// when the process has ended.
const LONGEST: Duration = Duration::from_secs(10);

/// A launch that is waiting for memory.
pub(super) struct Waiting {
    pub(super) generation: u32,
    build: u32,
    start: Start,
    since: Instant,
}

impl Runner {
    /// Returns true if the launch waits for memory or is to be repeated after the running
    /// generation has ended; false if it has failed.
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
                let _ = self.generation_changes.send(GenerationChange::LetGo);
                Instant::now()
            },
            |waiting| waiting.since,
        );
        // Before the first generation nobody could release any memory.
        let waits = generation > 1 && since.elapsed() < LONGEST;
        if waits {
            self.waiting = Some(Waiting { generation, build, start, since });
        }
        waits
    }

    /// Retries the launch that is waiting for memory.
    pub(super) fn launch_what_waits(&mut self) {
        if let Some(&Waiting { generation, build, start, .. }) = self.waiting.as_ref() {
            self.launch(generation, build, start);
        }
    }

    /// Warns that there is no memory for two generations, as soon as the first one has its own.
    pub(super) fn look_whether_two_fit(&mut self, generation: u32) {
        let Some(launched) = self.launched.get(&generation) else { return };
        let (needed, free) = (launched.memory(), sys::free_shared_memory());
        let short = free.is_some_and(|free| free < needed);
        if short && !self.short {
            log::warn!(
                "shared memory is short: the next generation takes {} MiB and {} MiB are free, so \
                 the running generation ends before the next one begins, and the picture freezes \
                 until then; {}",
                needed.div_ceil(1 << 20),
                free.unwrap_or_default() >> 20,
                sys::MORE_SHARED_MEMORY
            );
        }
        self.short = short;
    }
}

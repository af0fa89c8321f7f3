//! A process that only waits to be woken, as the renderer's does between two ticks. The kernel's
//! share of the cost is measured with it, because it is not the runtime's.

use crate::Failure;
use crate::contest::EDIT_LIMIT;
use crate::process::{self, Group, Lines};
use crate::statistics::Samples;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The process that is woken.
pub(super) struct BareWake {
    group: Group,
    lines: Lines,
}

impl BareWake {
    /// Starts the renderer's program, which the owner has built, for this number of wakes.
    pub(super) fn start(folder: &Path, wakes: usize) -> Result<Self, Failure> {
        let mut command = Command::new(folder.join("target/hot/renderer"));
        command.arg(wakes.to_string()).stdout(Stdio::piped());
        let mut group = Group::spawn(command, &folder.join("bare_wake.log"))?;
        let lines = group.lines()?;
        Ok(BareWake { group, lines })
    }

    /// Wakes the process once.
    pub(super) fn wake(&mut self) {
        // After the last wake the process has ended, and reads no more.
        let _ = self.group.say(".");
    }

    /// Returns the processor time of each wake, without those of the warm-up.
    pub(super) fn used(mut self, warm_up: usize) -> Result<Samples, Failure> {
        let end = Instant::now() + EDIT_LIMIT;
        let status = loop {
            if let Some(status) = self.group.ended()? {
                break status;
            }
            process::go_on()?;
            if Instant::now() > end {
                return Err(format!("the bare wakes are not over within {EDIT_LIMIT:?}"));
            }
            // More wakes may be needed, because two that are read together count as one.
            self.wake();
            std::thread::sleep(Duration::from_millis(1));
        };
        if !status.success() {
            return Err(self.group.failed(status));
        }
        let mut used = Samples::default();
        for line in self.lines.rest().into_iter().skip(warm_up) {
            let time = line.parse().map_err(|_| format!("no time: {line}"))?;
            used.push(Duration::from_nanos(time));
        }
        Ok(used)
    }
}

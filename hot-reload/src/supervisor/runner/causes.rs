//! The cause of each generation's first frame and the time it took, for the log.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

/// The reason why a first frame is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Start,
    Save,
    Asked,
    Crash,
    /// Time for which no tick had been answered when the hang was noticed.
    Hang(Duration),
}

/// Causes by build and by generation.
#[derive(Debug, Default)]
pub(super) struct Causes {
    builds: HashMap<u32, (Trigger, Instant)>,
    generations: HashMap<u32, (Trigger, Instant)>,
    failure: Option<(Trigger, Instant)>,
}

/// The time until a first frame, as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Since(Trigger, Duration);

impl Causes {
    /// Records the beginning of a build, or that the owner's own program stands in for one: the first
    /// ones are due to the start, later ones to a save.
    pub(super) fn build_begun(&mut self, build: u32, at: Instant) {
        // Older builds are only launched in place of one that failed.
        const MOST: u32 = 64;
        let cause = if build <= 1 { Trigger::Start } else { Trigger::Save };
        self.builds.retain(|older, _| build.saturating_sub(*older) < MOST);
        self.builds.insert(build, (cause, at));
    }

    /// Records that the application has asked for a build again.
    pub(super) fn asked(&mut self, build: u32, at: Instant) {
        self.builds.insert(build, (Trigger::Asked, at));
    }

    /// Records that the drawing generation has ended.
    pub(super) fn crashed(&mut self, at: Instant) {
        self.failure = Some((Trigger::Crash, at));
    }

    /// Records that the drawing generation has left a tick unanswered for `unanswered`.
    pub(super) fn hangs(&mut self, unanswered: Duration, at: Instant) {
        self.failure = Some((Trigger::Hang(unanswered), at));
    }

    /// Records the launch of a generation; `recovery` is set if it replaces one that failed.
    pub(super) fn launched(&mut self, generation: u32, build: u32, recovery: bool) {
        let failure = self.failure.filter(|_| recovery);
        if let Some(cause) = failure.or_else(|| self.builds.get(&build).copied()) {
            self.generations.insert(generation, cause);
        }
    }

    /// Removes a generation that has drawn its first frame or ended, and returns the time it took.
    pub(super) fn take(&mut self, generation: u32, at: Instant) -> Option<Since> {
        let (cause, since) = self.generations.remove(&generation)?;
        Some(Since(cause, at.saturating_duration_since(since)))
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Since(cause, time) = self;
        match cause {
            Trigger::Start => write!(f, "{time:.0?} after the start"),
            Trigger::Save => write!(f, "{time:.0?} after the save"),
            Trigger::Asked => write!(f, "{time:.0?} after it was asked for"),
            Trigger::Crash => write!(f, "{time:.0?} after the crash"),
            Trigger::Hang(unanswered) => {
                let hang = *unanswered + *time;
                write!(f, "{hang:.1?} after the last answer, {time:.0?} after the hang was noticed")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_a_cause_of_its_own() {
        let begun = Instant::now();
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        let mut causes = Causes::default();
        let drawn = |causes: &mut Causes, generation, time| {
            causes.take(generation, at(time)).map(|since| since.to_string()).unwrap_or_default()
        };
        causes.build_begun(1, at(0));
        causes.launched(1, 1, false);
        assert_eq!(drawn(&mut causes, 1, 400), "400ms after the start");
        causes.build_begun(2, at(1000));
        causes.launched(2, 2, false);
        // Another save while its generation is starting.
        causes.build_begun(3, at(1150));
        assert_eq!(drawn(&mut causes, 2, 1200), "200ms after the save");
        causes.hangs(Duration::from_secs(2), at(5000));
        causes.launched(3, 2, true);
        let words = drawn(&mut causes, 3, 5059);
        assert_eq!(words, "2.1s after the last answer, 59ms after the hang was noticed");
        causes.crashed(at(6000));
        causes.launched(4, 2, true);
        causes.launched(5, 3, false);
        assert_eq!(drawn(&mut causes, 4, 6020), "20ms after the crash");
        assert_eq!(drawn(&mut causes, 5, 6150), "5s after the save");
        causes.asked(3, at(7000));
        causes.launched(6, 3, false);
        assert_eq!(drawn(&mut causes, 6, 7100), "100ms after it was asked for");
        assert_eq!(drawn(&mut causes, 6, 7100), "", "once");
    }
}

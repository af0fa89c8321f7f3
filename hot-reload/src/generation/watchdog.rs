//! The watchdog: measures how long a tick goes unanswered, and decides when that is a hang.
//!
//! The owner's main thread measures, because only it knows when it was away itself. The supervisor
//! decides, because it knows whether a debugger is attached. Both use the times of this file.

use std::time::Duration;
#[cfg(feature = "owner")]
use std::time::Instant;

/// Time after which the status and the supervisor learn of an unanswered tick.
pub(crate) const REPORTED_AFTER: Duration = Duration::from_millis(250);
/// Time after which people are told of it.
#[cfg(any(feature = "owner", feature = "terminal"))]
pub(crate) const SHOWN_AFTER: Duration = Duration::from_millis(500);
/// Interval between two reports to the supervisor.
#[cfg(feature = "owner")]
const REPORT_INTERVAL: Duration = Duration::from_millis(50);
/// Longest time between two looks that counts. An owner that was itself away was not waiting.
const LONGEST_LOOK: Duration = Duration::from_millis(250);
/// Interval at which the supervisor looks for a debugger.
#[cfg(feature = "owner")]
pub(crate) const DEBUGGER_INTERVAL: Duration = Duration::from_millis(250);

/// The owner's view of a generation at one look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Last tick that it claims to have answered.
    pub(crate) answered: u64,
    /// Last tick that it was given.
    pub(crate) given: u64,
    /// True once its set-up has ended.
    pub(crate) ready: bool,
    /// True while it takes over what the previous generation has left.
    pub(crate) takes_over: bool,
}

/// The owner's side: measures how long the oldest tick of a generation has been unanswered.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    /// Last tick that was answered.
    answered: u64,
    /// Time that the owner has been ticking since that answer.
    waited: Duration,
    /// Time that the generation has spent taking over.
    took_over: Duration,
    #[cfg(feature = "owner")]
    reported: Option<Instant>,
}

impl Watchdog {
    /// Starts to watch over a generation that continues from a tick.
    pub(crate) fn new(from: u64) -> Self {
        Watchdog { answered: from, ..Watchdog::default() }
    }

    /// Returns how long the oldest tick has been unanswered. `passed` is the time since the last
    /// look.
    ///
    /// A generation that takes over a large state, or many parked values, may use as much time for
    /// that as for its `start` before it is expected to answer.
    pub(crate) fn look(&mut self, seen: Seen, passed: Duration, start: Duration) -> Duration {
        let passed = passed.min(LONGEST_LOOK);
        if seen.answered != self.answered || seen.answered >= seen.given {
            (self.answered, self.waited) = (seen.answered, Duration::ZERO);
        } else if seen.ready && seen.takes_over && self.took_over < start {
            self.took_over += passed;
        } else if seen.ready {
            self.waited += passed;
        }
        self.waited
    }

    /// Returns the last tick that the generation had answered at the last look.
    #[cfg(feature = "owner")]
    pub(crate) fn answered(&self) -> u64 {
        self.answered
    }

    /// Returns true if the supervisor is to be told now, and assumes that it will be.
    #[cfg(feature = "owner")]
    pub(crate) fn reports(&mut self, now: Instant) -> bool {
        let due = self.reported.is_none_or(|last| now - last >= REPORT_INTERVAL);
        if due {
            self.reported = Some(now);
        }
        due
    }
}

/// The supervisor's side: decides whether an unanswered tick is a hang.
#[cfg(feature = "owner")]
#[derive(Debug, Default)]
pub(crate) struct HangRule {
    /// Time at which a debugger was last seen attached to the drawing generation.
    debugger: Option<Instant>,
}

#[cfg(feature = "owner")]
impl HangRule {
    /// Returns the time that counts as a hang, if that is what a tick that has `waited` is. Time
    /// spent in a debugger does not count, even after it has detached.
    pub(crate) fn hang(
        &mut self,
        waited: Duration,
        limit: Duration,
        debugged: bool,
        now: Instant,
    ) -> Option<Duration> {
        if debugged {
            self.debugger = Some(now);
            return None;
        }
        let waited = self.debugger.map_or(waited, |seen| waited.min(now - seen));
        (waited >= limit).then_some(waited)
    }

    /// Returns true if a debugger was attached when a tick was last reported.
    pub(crate) fn is_debugged(&self, now: Instant) -> bool {
        self.debugger.is_some_and(|seen| now - seen <= 2 * DEBUGGER_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(100);
    const START: Duration = Duration::from_millis(300);

    #[test]
    fn time_counts_from_the_last_answer_once_the_renderer_is_ready() {
        let mut watchdog = Watchdog::new(7);
        let given = Seen { answered: 7, given: 9, ready: true, takes_over: false };
        let table = [
            (Seen { ready: false, ..given }, STEP, 0),
            (given, STEP, 100),
            (given, STEP, 200),
            (given, Duration::from_secs(9), 450),
            (Seen { answered: 8, ..given }, STEP, 0),
            (Seen { answered: 8, ..given }, STEP, 100),
            (Seen { answered: 9, ..given }, STEP, 0),
            (Seen { answered: 9, ..given }, STEP, 0),
        ];
        for (row, (seen, passed, waited)) in table.into_iter().enumerate() {
            let found = watchdog.look(seen, passed, START);
            assert_eq!(found, Duration::from_millis(waited), "row {row}: {seen:?}");
        }
    }

    #[test]
    fn taking_over_may_take_as_long_as_a_start() {
        let mut watchdog = Watchdog::new(7);
        let seen = Seen { answered: 7, given: 9, ready: true, takes_over: true };
        let waited = [(); 5].map(|()| watchdog.look(seen, STEP, START));
        assert_eq!(waited, [0, 0, 0, 100, 200].map(Duration::from_millis));
    }

    #[cfg(feature = "owner")]
    #[test]
    fn time_in_a_debugger_does_not_count_even_after_it_has_detached() {
        let (mut rule, begun) = (HangRule::default(), Instant::now());
        let limit = Duration::from_secs(2);
        let ms = Duration::from_millis;
        let table = [
            (1_999, false, 0, None),
            (2_000, false, 0, Some(2_000)),
            (9_000, true, 100, None),
            (9_500, false, 600, None),
            (11_100, false, 2_100, Some(2_000)),
            (11_600, false, 2_600, Some(2_500)),
        ];
        for (waited, debugged, at, hang) in table {
            let found = rule.hang(ms(waited), limit, debugged, begun + ms(at));
            assert_eq!(found, hang.map(ms), "after {waited} ms, at {at} ms");
        }
        assert!(rule.is_debugged(begun + ms(500)) && !rule.is_debugged(begun + ms(700)));
    }
}

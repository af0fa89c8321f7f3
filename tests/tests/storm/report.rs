//! Statistics of the storm.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The statistics.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Number of generations launched.
    pub(crate) generations: u32,
    /// Number of signals that have hit a living renderer.
    pub(crate) kills: u32,
    /// Number of renderers that have ended themselves at each fail point.
    pub(crate) fired: BTreeMap<String, u32>,
    pub(crate) reloaded: u32,
    pub(crate) failed: u32,
    pub(crate) put_back: u32,
    pub(crate) recovered: u32,
    pub(crate) given_up: u32,
    /// Number of ticks whose input was left out.
    pub(crate) skipped: u32,
    /// Number of messages that were left out with them.
    pub(crate) skipped_messages: u32,
    /// Number of messages that the owner has accepted.
    pub(crate) sent: u32,
    /// Duration of the owner's turns: wall-clock time and processor time.
    pub(crate) ticks: Vec<(Duration, Duration)>,
    pub(crate) frames: u64,
    pub(crate) states: u64,
}

impl Report {
    pub(crate) fn fired(&self) -> u32 {
        self.fired.values().sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  {} generations: {} killed by signals, {} ended at fail points {:?}",
            self.generations,
            self.kills,
            self.fired(),
            self.fired
        )?;
        writeln!(
            f,
            "  {} have drawn; {} failures, {} put back, {} recoveries, {} builds given up",
            self.reloaded, self.failed, self.put_back, self.recovered, self.given_up
        )?;
        writeln!(
            f,
            "  {} messages; {} ticks skipped with {} of them; {} frames and {} states looked at",
            self.sent, self.skipped, self.skipped_messages, self.frames, self.states
        )?;
        let (clock, work) = self.ticks.iter().copied().unzip();
        writeln!(f, "  {} turns of the owner took {}", self.ticks.len(), Spread(clock))?;
        write!(f, "  and were at work for {}", Spread(work))
    }
}

/// Some durations, displayed as four figures.
struct Spread(Vec<Duration>);

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |part: usize| {
            let index = (sorted.len() * part / 1000).min(sorted.len().saturating_sub(1));
            sorted.get(index).copied().unwrap_or_default()
        };
        let [p50, p99, p999, max] = [500, 990, 999, 1000].map(at);
        write!(f, "p50 {p50:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, at most {max:.1?}")
    }
}

//! Benchmark of the renderer's runtime: its cost per tick in addition to the application's own
//! code, with almost no state and almost no picture.

use super::bare_wake::BareWake;
use super::self_timed::{SelfTimedOwner, Turn};
use crate::Failure;
use crate::statistics::Samples;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Promised limit in microseconds.
const BOUND: f64 = 20.0;
/// Number of turns before the measurement.
const WARM_UP: usize = 30;
const PAIRS: &str = "two turns at once, 60 times a second";
const ROW: &str = "a turn after the other";
/// Interval between pairs.
const PERIOD: Duration = Duration::from_micros(16_667);
/// Limit on the time until the next drawing, below which the next tick was already there.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Measurements at one pace of the owner, in milliseconds.
pub(super) struct Row {
    pace: &'static str,
    /// Processor time of the renderer's process without the drawing, in turns after which the next
    /// tick was already there.
    own: Samples,
    /// Wall-clock time from the end of the drawing until the next can begin, in the same turns.
    clock: Samples,
    /// The part of that time until everything is published and committed.
    present: Samples,
    /// Same as `own`, in turns after which the renderer had to wait for the next tick.
    waited: Samples,
    /// Processor time of a process that is woken in the same way and does nothing.
    bare: Samples,
}

impl Row {
    fn of(pace: &'static str, turns: &[Turn], bare: Samples) -> Self {
        let [mut own, mut clock, mut present, mut waited] =
            [const { Samples { all: Vec::new() } }; 4];
        for turn in turns {
            if turn.gap < AT_ONCE {
                own.push(turn.runtime);
                clock.push(turn.present + turn.gap);
                present.push(turn.present);
            } else {
                waited.push(turn.runtime);
            }
        }
        Row { pace, own, clock, present, waited, bare }
    }

    fn is_within(&self) -> bool {
        let (median, mean) = middle(&self.own);
        median < BOUND && mean < BOUND
    }
}

/// Returns median and mean in microseconds.
fn middle(samples: &Samples) -> (f64, f64) {
    let mean = samples.all.iter().sum::<f64>() / samples.all.len() as f64;
    (samples.percentile(50).unwrap_or(f64::NAN) * 1e3, mean * 1e3)
}

/// Measures both paces.
pub(super) fn measure(is_quick: bool, folder: &Path) -> Result<Vec<Row>, Failure> {
    let (pairs, fast) = if is_quick { (60, 60) } else { (600, 3_000) };
    let mut owner = SelfTimedOwner::start(0, folder, |builder| builder)?;
    eprintln!("{PAIRS}");
    let mut bare = BareWake::start(folder, pairs + WARM_UP)?;
    let mut is_second = false;
    let turns = turns(&mut owner, 2 * pairs, || {
        if is_second {
            // Halfway between two pairs, so that neither benefits from the other's caches.
            std::thread::sleep(PERIOD / 2);
            bare.wake();
            std::thread::sleep(PERIOD / 2);
        }
        is_second = !is_second;
    })?;
    let pairs = Row::of(PAIRS, &turns, bare.used(WARM_UP)?);
    eprintln!("{ROW}");
    let turns = self::turns(&mut owner, fast, || ())?;
    Ok(vec![pairs, Row::of(ROW, &turns, Samples::default())])
}

fn turns(
    owner: &mut SelfTimedOwner,
    count: usize,
    mut pause: impl FnMut(),
) -> Result<Vec<Turn>, Failure> {
    let mut turns = Vec::new();
    owner.hear();
    while turns.len() < count + WARM_UP {
        owner.turn()?;
        turns.extend(owner.hear());
        pause();
    }
    Ok(turns.split_off(WARM_UP))
}

/// Returns every value.
pub(super) fn json(rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        json!({
            "pace": row.pace,
            "own_cpu_ms": row.own.all,
            "clock_ms": row.clock.all,
            "present_ms": row.present.all,
            "waited_cpu_ms": row.waited.all,
            "bare_wake_cpu_ms": row.bare.all,
        })
    });
    rows.collect()
}

/// Returns the table, with the verdict on the promise.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut page = format!(
        "## What the renderer's runtime adds to a tick\n\n\
         Microseconds of processor time of all threads of the renderer's process, from the end of one \
         drawing until the next can begin; median / mean. Promised: less than {BOUND:.0} µs, both of them, \
         where the next tick is there.\n\n\
         | the owner | turns | the runtime's own | | on the clock | of it until published | \
         where the next tick is waited for | a bare wake |\n\
         | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |\n"
    );
    let pair = |samples: &Samples| match middle(samples) {
        _ if samples.all.is_empty() => String::new(),
        (median, mean) => format!("{median:.1} / {mean:.1}"),
    };
    for row in rows {
        let verdict = if row.is_within() { "met" } else { "**not met**" };
        // Without bare wakes, the few turns that waited were only interrupted.
        let waited = if row.bare.all.is_empty() { String::new() } else { pair(&row.waited) };
        page += &format!(
            "| {} | {} | {} | {verdict} | {} | {} | {waited} | {} |\n",
            row.pace,
            row.own.all.len(),
            pair(&row.own),
            pair(&row.clock),
            pair(&row.present),
            pair(&row.bare),
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_turns_that_did_not_wait_are_the_runtimes_own() {
        let turn = |gap, runtime| Turn {
            number: 1,
            present: Duration::from_micros(2),
            runtime: Duration::from_micros(runtime),
            gap: Duration::from_micros(gap),
        };
        let row = Row::of(PAIRS, &[turn(9, 4), turn(16_000, 70), turn(11, 6)], Samples::default());
        assert_eq!((row.own.all.len(), row.waited.all.len()), (2, 1));
        assert!(row.is_within());
        let slow = Row::of(PAIRS, &[turn(9, 4), turn(11, 60)], Samples::default());
        assert!(!slow.is_within(), "the mean is 32");
    }
}

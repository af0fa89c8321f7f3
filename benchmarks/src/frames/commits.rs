//! Benchmark of the state's commit in the renderer, and of its acceptance by the owner, compared
//! with a `memcpy` of as many bytes, from 1 KiB to 1 GiB.
//!
//! The renderer's runtime decides when to commit: cheap commits with every tick, expensive ones
//! with pauses that are 50 times as long. Each commit is therefore timed separately, and their
//! number means nothing.

use super::picture::{Axis, Chart, Line};
use super::self_timed::SelfTimedOwner;
use super::tasks::CommitCopier;
use crate::statistics::Samples;
use crate::{Failure, process};
use rustix::fs::statvfs;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Name, number of bytes in addition to the state, number of measured commits.
const SIZES: [(&str, u64, usize); 4] = [
    ("1 KiB", 1 << 10, 300),
    ("1 MiB", 1 << 20, 300),
    ("64 MiB", 64 << 20, 15),
    ("1 GiB", 1 << 30, 3),
];
/// Number of commits before the measurement, so that each of the three slots and of the owner's
/// copies has been used once.
const WARM_UP: usize = 3;
/// Limit on the time for these commits.
const WARM_UP_LIMIT: Duration = Duration::from_secs(100);
/// Interval between the owner's turns.
const PAUSE: Duration = Duration::from_millis(1);
/// Time limit; commits that are not made by then are omitted.
const LIMIT: Duration = Duration::from_secs(300);
/// Time after which the copier sleeps again, so that its processor time is up to date.
const TO_SLEEP: Duration = Duration::from_micros(200);
/// Cost in milliseconds up to which every tick is committed (`renderer/memory.rs`).
const CHEAP_MS: f64 = 0.33;

/// Measurements at one size, in milliseconds.
pub(super) struct Row {
    name: &'static str,
    bytes: u64,
    outcome: Result<Times, Failure>,
}

/// The measured times.
#[derive(Default)]
struct Times {
    memcpy: Samples,
    /// Duration of the renderer's `present` with a commit that the owner has taken.
    commit: Samples,
    /// Duration of its `present` in turns without a commit.
    without: Samples,
    /// Processor time of the owner's copier for each commit that it took.
    take: Samples,
    /// Duration of the owner's turns on the main thread, regardless of the copier's work.
    turn: Samples,
}

/// Measures all sizes.
pub(super) fn measure(is_quick: bool, folder: &Path) -> Result<Vec<Row>, Failure> {
    let sizes = if is_quick { &SIZES[..2] } else { &SIZES[..] };
    let mut rows = Vec::new();
    for (name, bytes, commits) in sizes {
        eprintln!("{name} of state");
        let commits = if is_quick { 20 } else { *commits };
        let outcome = room(*bytes).and_then(|()| times(*bytes, commits, folder));
        // A size that does not fit says nothing about the others.
        process::go_on()?;
        rows.push(Row { name, bytes: *bytes, outcome });
    }
    Ok(rows)
}

/// Checks whether there is memory for a state of this size, so that the run is not killed.
fn room(bytes: u64) -> Result<(), Failure> {
    const REST: u64 = 256 << 20;
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    let free = |what: &str, free: u64, needed: u64| match free >= needed + REST {
        true => Ok(()),
        false => Err(format!(
            "{:.1} GB of {what} free, {:.1} needed",
            gigabytes(free),
            gigabytes(needed + REST)
        )),
    };
    if let Ok(disk) = statvfs("/dev/shm") {
        // The three slots of commits.
        free("/dev/shm", disk.f_bavail * disk.f_frsize, 3 * bytes)?;
    }
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kibibytes = available.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    // Also the state itself, the owner's copies (at most three), and the buffers of memcpy.
    kibibytes.map_or(Ok(()), |kibibytes| free("memory", kibibytes << 10, 9 * bytes))
}

fn times(bytes: u64, commits: usize, folder: &Path) -> Result<Times, Failure> {
    let mut owner = SelfTimedOwner::start(bytes, folder, |builder| builder)?;
    let copier = CommitCopier::find()?;
    let mut copy = Copy::new(usize::try_from(bytes).unwrap_or(usize::MAX));
    let (mut times, mut presents) = (Times::default(), BTreeMap::new());
    let (mut taken, mut last) = (BTreeSet::new(), owner.committed());
    let (mut used, mut count_from) = (copier.cpu()?, u64::MAX);
    let begin = Instant::now();
    while times.take.all.len() < commits && begin.elapsed() < LIMIT {
        let took = owner.turn()?;
        presents.extend(owner.hear().into_iter().map(|turn| (turn.number, turn.present)));
        let counts = taken.len() >= WARM_UP || begin.elapsed() > WARM_UP_LIMIT;
        if counts {
            times.turn.push(took);
        }
        if owner.committed() != last {
            last = owner.committed();
            std::thread::sleep(TO_SLEEP);
            let before = std::mem::replace(&mut used, copier.cpu()?);
            if counts {
                count_from = count_from.min(last);
                times.take.push(used.saturating_sub(before));
                // Measured with every commit, so that other work on the machine affects both.
                times.memcpy.push(copy.once());
            }
            taken.insert(last);
        }
        std::thread::sleep(PAUSE);
    }
    // The cost of the last turn is reported in the next picture.
    owner.until(PAUSE, |owner| {
        presents.extend(owner.hear().into_iter().map(|turn| (turn.number, turn.present)));
        presents.last_key_value().is_some_and(|(number, _)| *number >= last)
    })?;
    for (number, present) in presents.range(count_from..) {
        let kind = if taken.contains(number) { &mut times.commit } else { &mut times.without };
        kind.push(*present);
    }
    if times.commit.all.is_empty() {
        return Err(format!("no commit within {LIMIT:?}"));
    }
    if times.commit.percentile(50).is_some_and(|cost| cost <= CHEAP_MS) {
        // Every turn has committed, including those whose commit the owner did not take.
        times.without = Samples::default();
    }
    Ok(times)
}

/// A copy of this many bytes from one place to another in this process.
struct Copy {
    from: Vec<u8>,
    to: Vec<u8>,
    /// Number of repetitions, so that reading the clock does not matter.
    repeats: u32,
}

impl Copy {
    fn new(bytes: usize) -> Self {
        let repeats = u32::try_from((1 << 18) / bytes.max(1)).unwrap_or(1).max(1);
        let mut copy = Copy { from: vec![0x5a; bytes], to: vec![1; bytes], repeats };
        copy.once();
        copy
    }

    fn once(&mut self) -> Duration {
        let begin = Instant::now();
        for _ in 0..self.repeats {
            self.to.copy_from_slice(black_box(&self.from));
            black_box(&mut self.to);
        }
        begin.elapsed() / self.repeats
    }
}

/// Returns every value.
pub(super) fn json(rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| match &row.outcome {
        Ok(times) => json!({
            "size": row.name,
            "bytes": row.bytes,
            "memcpy_ms": times.memcpy.all,
            "commit_ms": times.commit.all,
            "without_commit_ms": times.without.all,
            "take_cpu_ms": times.take.all,
            "owner_turn_ms": times.turn.all,
        }),
        Err(failure) => json!({ "size": row.name, "bytes": row.bytes, "failure": failure }),
    });
    rows.collect()
}

/// Returns the table.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut page = "## State commits\n\n\
        ![the growth with the size](commits.svg)\n\n\
        | state | commits | memcpy p50 ms | the renderer's turn with a commit p50 ms | ratio | max ms | \
        without one p50 ms | the owner's copier p50 ms | ratio | the owner's turn p50 / p99 µs |\n\
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for row in rows {
        let times = match &row.outcome {
            Ok(times) => times,
            Err(failure) => {
                let why = failure.replace(['|', '\n'], " ");
                page += &format!("| {} | n/a: {why} |\n", row.name);
                continue;
            }
        };
        let at = |samples: &Samples, percent| samples.percentile(percent).unwrap_or(f64::NAN);
        let [copy, commit, take] =
            [&times.memcpy, &times.commit, &times.take].map(|samples| at(samples, 50));
        let without = times.without.percentile(50);
        let without = without.map_or("every turn commits".to_owned(), |it| format!("{it:.4}"));
        page += &format!(
            "| {} | {} | {copy:.5} | {commit:.4} | {:.2} | {:.4} | {without} | {take:.4} | {:.2} | \
             {:.1} / {:.1} |\n",
            row.name,
            times.commit.all.len(),
            commit / copy,
            at(&times.commit, 100),
            take / copy,
            at(&times.turn, 50) * 1e3,
            at(&times.turn, 99) * 1e3,
        );
    }
    page
}

/// Draws the growth with the size.
pub(super) fn picture(rows: &[Row]) -> String {
    let line = |name, color, values: fn(&Times) -> &Samples| {
        let point = |row: &Row| {
            let times = row.outcome.as_ref().ok()?;
            Some((row.bytes as f64, values(times).percentile(50)?))
        };
        Line { name, color, points: rows.iter().filter_map(point).collect() }
    };
    let chart = Chart {
        title: "A commit of the state, by its size (medians)",
        bytes: Axis { from: 1e3, to: 1e10 },
        milliseconds: Axis { from: 1e-5, to: 1e4 },
        lines: vec![
            line("memcpy", "#9a9a9a", |times| &times.memcpy),
            line("turn with a commit", "#d9480f", |times| &times.commit),
            line("taken by the owner", "#4c7fb0", |times| &times.take),
        ],
    };
    chart.svg()
}

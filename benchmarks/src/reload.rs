//! Benchmark from save to effect. Each edit is made in every system in turn, so that other work on
//! the machine affects all of them.

mod bounds;
mod picture;
mod table;

use crate::contest::{BASELINE, Contestant, OURS, SYSTEMS, System};
use crate::source::{Size, color};
use crate::statistics::Samples;
use crate::{Failure, Options, environment, process};
use serde_json::json;
use std::time::{Duration, Instant};

/// Time for a program to come to rest before the clock starts.
const PAUSE: Duration = Duration::from_millis(200);
/// Number of missed edits after which a system is out.
const MISSES: u32 = 3;

/// Results of one run.
pub(crate) struct Run {
    /// Load average at the beginning.
    load: String,
    edits: u32,
    is_quick: bool,
    races: Vec<Race>,
}

/// Results for one size of renderer.
struct Race {
    size: Size,
    entries: Vec<Entry>,
}

/// Results of one system at one size.
struct Entry {
    system: System,
    samples: Samples,
    /// Number of edits that were not seen within the limit.
    missed: u32,
    /// Reason why there are no samples, or no more of them.
    failure: Option<Failure>,
}

/// Measures and writes the results.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let all = if options.quick { vec![Size::Small] } else { Size::ALL.to_vec() };
    let sizes = if options.sizes.is_empty() { all } else { options.sizes.clone() };
    let edits = if options.quick { 2 } else { options.edits };
    let load = environment::load();
    let mut run = Run { load, edits, is_quick: options.quick, races: Vec::new() };
    for size in sizes {
        let race = race(size, &systems(options)?, edits)?;
        run.races.push(race);
        // Written after each size, so that these results survive a later failure.
        write(&run, options)?;
    }
    eprintln!("{}", table::markdown(&run));
    let own = run.races.iter().flat_map(|race| &race.entries).find(|entry| {
        [OURS, BASELINE].contains(&entry.system.name)
            && (entry.failure.is_some() || entry.missed > 0)
    });
    own.map_or(Ok(()), |entry| {
        let why = entry.failure.as_deref().unwrap_or("an edit was not seen");
        Err(format!("{}: {why}", entry.system.name))
    })
}

fn systems(options: &Options) -> Result<Vec<System>, Failure> {
    let wanted = |name: &str| {
        options.systems.is_empty() || options.systems.iter().any(|word| name.starts_with(word))
    };
    if let Some(word) = options
        .systems
        .iter()
        .find(|word| !SYSTEMS.iter().any(|system| system.name.starts_with(*word)))
    {
        let names: Vec<_> = SYSTEMS.iter().map(|system| system.name).collect();
        return Err(format!("there is no system `{word}`; there are {}", names.join(", ")));
    }
    let chosen = SYSTEMS.into_iter();
    Ok(chosen.filter(|system| system.name == BASELINE || wanted(system.name)).collect())
}

fn race(size: Size, systems: &[System], edits: u32) -> Result<Race, Failure> {
    let mut entries = Vec::new();
    let mut contestants = Vec::new();
    for system in systems {
        eprintln!("{}: {} builds and starts", size.name(), system.name);
        let (contestant, failure) = match begin(*system, size) {
            Ok(contestant) => (Some(contestant), None),
            Err(failure) => (None, Some(environment::without_paths(&failure))),
        };
        process::go_on()?;
        if let Some(failure) = &failure {
            eprintln!("{}: {} does not take part: {failure}", size.name(), system.name);
        }
        contestants.push(contestant);
        entries.push(Entry { system: *system, samples: Samples::default(), missed: 0, failure });
    }
    // The first edit of each is a warm-up: for caches, and for cargo's second check of everything.
    for number in 0..=edits {
        // The order rotates, so that no system always follows the same one.
        let count = entries.len();
        for place in (0..count).map(|place| (place + number as usize) % count) {
            turn(&mut entries[place], &mut contestants[place], number)?;
        }
        eprintln!("{}: edit {number} of {edits}", size.name());
    }
    Ok(Race { size, entries })
}

fn begin(system: System, size: Size) -> Result<Box<dyn Contestant>, Failure> {
    let mut contestant = system.prepare(size)?;
    contestant.start()?;
    contestant.rest();
    Ok(contestant)
}

/// Makes one edit in one system.
fn turn(
    entry: &mut Entry,
    place: &mut Option<Box<dyn Contestant>>,
    number: u32,
) -> Result<(), Failure> {
    let Some(contestant) = place else {
        return Ok(());
    };
    contestant.wake();
    std::thread::sleep(PAUSE);
    let begin = Instant::now();
    let seen = contestant.edit(color(number + 1));
    contestant.rest();
    process::go_on()?;
    match seen {
        Ok(seen) if number > 0 => entry.samples.push(seen - begin),
        Ok(_) => {}
        Err(failure) => {
            let failure = environment::without_paths(&failure);
            eprintln!("{} misses an edit: {failure}", entry.system.name);
            entry.missed += 1;
            if entry.missed == MISSES {
                entry.failure = Some(failure);
                *place = None;
            }
        }
    }
    Ok(())
}

fn write(run: &Run, options: &Options) -> Result<(), Failure> {
    options.write(
        "reload.json",
        &format!(
            "{:#}
",
            raw(run)
        ),
    )?;
    options.write("reload.md", &table::markdown(run))?;
    options.write("reload.svg", &picture::svg(run))
}

fn raw(run: &Run) -> serde_json::Value {
    let machine: serde_json::Map<_, _> = environment::machine()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let races = run.races.iter().map(|race| {
        let systems = race.entries.iter().map(|entry| {
            json!({
                "name": entry.system.name,
                "seen": entry.system.seen,
                "failure": entry.failure,
                "missed": entry.missed,
                "ms": entry.samples.all,
            })
        });
        json!({
            "size": race.size.name(),
            "lines": race.size.lines(),
            "systems": systems.collect::<Vec<_>>(),
        })
    });
    json!({
        "machine": machine,
        "load": { "begin": run.load, "end": environment::load() },
        "edits": run.edits,
        "quick": run.is_quick,
        "races": races.collect::<Vec<_>>(),
    })
}

impl Race {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.system.name == name)
    }

    /// Returns a percentile of a system as a ratio to that of `cargo build`.
    fn ratio(&self, entry: &Entry, percent: usize) -> Option<f64> {
        let baseline = self.entry(BASELINE)?.samples.percentile(percent)?;
        Some(entry.samples.percentile(percent)? / baseline)
    }
}

//! Benchmark of an application that draws on demand while there is nothing to draw.

use super::self_timed::SelfTimedOwner;
use super::tasks::{Task, tasks};
use crate::{Failure, process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Time after the first picture in which work that it has started ends, such as the check of the
/// handover.
const SETTLED: Duration = Duration::from_secs(1);

/// Behavior of the loop in the owner's program.
#[derive(Debug, Clone, Copy)]
enum Loop {
    /// A loop that turns although there is nothing to do.
    Turns,
    /// A loop that waits for an event of the window, which does not come.
    Waits,
}

impl Loop {
    fn words(self) -> &'static str {
        match self {
            Loop::Turns => "turns 60 times a second",
            Loop::Waits => "waits for an event",
        }
    }
}

/// Work of one thread in a second.
struct Used {
    process: &'static str,
    thread: String,
    cpu_ms: f64,
    wakes: f64,
}

/// Measurements of one kind of loop.
pub(super) struct Row {
    kind: Loop,
    /// Threads of both processes that did anything.
    threads: Vec<Used>,
}

impl Row {
    /// Returns the processor time in milliseconds and the number of wakes of one process in a
    /// second.
    fn sum(&self, process: &str) -> (f64, f64) {
        let own = self.threads.iter().filter(|used| used.process == process);
        own.fold((0.0, 0.0), |(cpu, wakes), used| (cpu + used.cpu_ms, wakes + used.wakes))
    }
}

const OWNER: &str = "owner";
const RENDERER: &str = "renderer";
/// Name of the observing thread; the kernel keeps 15 bytes of a name.
const OBSERVER: &str = "observer";
/// Time for which the owner keeps turning after the observation.
const LONGER: Duration = Duration::from_millis(50);

/// Measures both kinds of loop.
pub(super) fn measure(is_quick: bool, folder: &Path) -> Result<Vec<Row>, Failure> {
    let time = Duration::from_secs(if is_quick { 1 } else { 5 });
    let mut owner = SelfTimedOwner::start(0, folder, |builder| builder.on_demand())?;
    let renderer = owner.renderer()?;
    turn(&mut owner, SETTLED)?;
    let mut rows = Vec::new();
    for kind in [Loop::Turns, Loop::Waits] {
        eprintln!("nothing to do, and the loop {}", kind.words());
        let drawn = owner.owner.picture().tick();
        let observer = std::thread::Builder::new().name(OBSERVER.to_owned());
        let observer = observer.spawn(move || observe(renderer, time));
        let observer = observer.map_err(|error| format!("no thread: {error}"))?;
        if let Loop::Turns = kind {
            turn(&mut owner, time + LONGER)?;
        }
        let threads = observer.join().map_err(|_| "the observer has panicked")??;
        process::go_on()?;
        owner.turn()?;
        if owner.owner.picture().tick() != drawn {
            return Err("a frame was drawn that nothing had asked for".to_owned());
        }
        rows.push(Row { kind, threads });
    }
    Ok(rows)
}

fn turn(owner: &mut SelfTimedOwner, time: Duration) -> Result<(), Failure> {
    let begin = Instant::now();
    while begin.elapsed() < time {
        owner.turn()?;
        owner.owner.pace();
    }
    Ok(())
}

/// Observes the threads of owner and renderer. This runs on a separate thread, because observing is
/// work as well.
fn observe(renderer: u32, time: Duration) -> Result<Vec<Used>, Failure> {
    let processes = [(OWNER, std::process::id()), (RENDERER, renderer)];
    let look = || processes.map(|(_, process)| tasks(process));
    let (begin, before) = (Instant::now(), look());
    std::thread::sleep(time);
    let (seconds, after) = (begin.elapsed().as_secs_f64(), look());
    let mut threads = Vec::new();
    for ((process, _), (before, after)) in processes.into_iter().zip(before.into_iter().zip(after))
    {
        threads.extend(used(process, &before?, &after?, seconds));
    }
    Ok(threads)
}

/// Returns the work of the threads between two observations.
fn used(
    process: &'static str,
    before: &BTreeMap<u32, Task>,
    after: &BTreeMap<u32, Task>,
    seconds: f64,
) -> Vec<Used> {
    let used = after.iter().map(|(number, task)| {
        let was = before.get(number);
        let cpu = task.cpu.saturating_sub(was.map_or(Duration::ZERO, |was| was.cpu));
        let wakes = task.wakes.saturating_sub(was.map_or(0, |was| was.wakes));
        let (cpu_ms, wakes) = (cpu.as_secs_f64() * 1e3 / seconds, wakes as f64 / seconds);
        Used { process, thread: task.name.clone(), cpu_ms, wakes }
    });
    let used = used.filter(|used| used.thread != OBSERVER);
    used.filter(|used| used.cpu_ms > 0.0 || used.wakes > 0.0).collect()
}

/// Returns every value.
pub(super) fn json(rows: &[Row]) -> Value {
    let thread = |used: &Used| {
        json!({
            "process": used.process,
            "thread": used.thread,
            "cpu_ms_per_second": used.cpu_ms,
            "wakes_per_second": used.wakes,
        })
    };
    let rows = rows.iter().map(|row| {
        json!({
            "loop": row.kind.words(),
            "threads": row.threads.iter().map(thread).collect::<Vec<_>>(),
        })
    });
    rows.collect()
}

/// Returns the table.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut page = "## Nothing to do\n\n\
        An application that draws on demand, without input. Processor time in milliseconds a second, and \
        how often threads woke up.\n\n\
        | the owner's loop | owner ms/s | wakes/s | renderer ms/s | wakes/s | who |\n\
        | --- | ---: | ---: | ---: | ---: | --- |\n"
        .to_owned();
    for row in rows {
        let (owner, renderer) = (row.sum(OWNER), row.sum(RENDERER));
        let who = row
            .threads
            .iter()
            .map(|used| format!("{}: `{}` {:.3} ms/s", used.process, used.thread, used.cpu_ms));
        let who = who.collect::<Vec<_>>().join(", ");
        page += &format!(
            "| {} | {:.3} | {:.1} | {:.3} | {:.1} | {} |\n",
            row.kind.words(),
            owner.0,
            owner.1,
            renderer.0,
            renderer.1,
            if who.is_empty() { "nobody" } else { &who },
        );
    }
    page
}

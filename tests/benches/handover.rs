//! Benchmark of reloads and crashes, printed as a report. No compiler runs except where noted.
//!
//!     cargo bench -p two-process-tests --bench handover
//!     cargo bench -p two-process-tests --bench handover -- cut
//!     cargo bench -p two-process-tests --bench handover -- recovery
//!
//! - *Handover*: 100 reloads of a prebuilt program at 60 Hz, 1920 × 1080 pixels, a state of 1 MiB.
//!   The renderer draws the number of its tick. Tick n is on time if its picture is there when tick
//!   n + 2 begins; the others are listed. Then the same with `cargo build` running at the same
//!   time.
//! - *Recovery*: from SIGKILL to the first frame of the next generation, for three sizes of state; and
//!   from SIGSEGV, before which the renderer writes its stack.
//! - *Cut*: from the order to the old generation to park until the first frame of the next, with a
//!   state of the same layout; and the additional time for 64 MiB, in copies of the state (memcpy).
//! - *Hang*: from SIGSTOP to the status that reports it, with the default limit of 2 s.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a report")]

#[path = "../tests/support/mod.rs"]
mod support;

use rustix::process::{Pid, Signal, kill_process};

use hot_reload::{
    Owner, TickRate, WindowInput,
    status::{Problem, ReloadEvent},
};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{LIMIT, Workbench, renderers};
use two_process_tests::big::{self, Big};

const SIZE: (u32, u32) = (1920, 1080);
const MIB: usize = 262_144;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        // `cargo test` also runs benchmarks; this one takes minutes.
        return;
    }
    let bench = Workbench::of("big");
    let program = built(&bench);
    for argument in std::env::args() {
        match argument.as_str() {
            "cut" => return report_cut(&program),
            "recovery" => return report_recovery(&program),
            _ => {}
        }
    }
    println!("handover, 1920 × 1080 at 60 Hz, 1 MiB of state");
    println!("  the machine otherwise idle: {}", handovers(&program, 100));
    let mut cargo = Cargo::start(&bench);
    println!("  with cargo at work beside:  {}", handovers(&program, 30));
    cargo.stop();
    report_recovery(&program);
    report_cut(&program);
    println!("hang, limit 2 s: stop to word");
    println!("  {}", hangs(&program, 5));
}

fn report_recovery(program: &Path) {
    println!("recovery, 1920 × 1080 at 60 Hz: signal to first frame");
    for (name, by) in [("SIGKILL", Signal::KILL), ("SIGSEGV, with a stack trace", Signal::SEGV)] {
        println!("  {name}");
        println!("    64 KiB: {}", recoveries::<16384>(program, 40, by));
        println!("     1 MiB: {}", recoveries::<MIB>(program, 40, by));
    }
    println!("  SIGKILL, 64 MiB: {}", recoveries::<{ big::CELLS }>(program, 12, Signal::KILL));
}

fn report_cut(program: &Path) {
    println!("cut, 1920 × 1080 at 1000 Hz: park to first frame");
    let (small, large) = (cuts::<16384>(program, 25), cuts::<{ big::CELLS }>(program, 25));
    let copy = memcpy(4 * big::CELLS);
    println!("  64 KiB: {small:.1?}; 64 MiB: {large:.1?}; one memcpy of it: {copy:.1?}");
    let copies = large.saturating_sub(small).as_secs_f64() / copy.as_secs_f64();
    println!("  64 MiB lengthen the cut by {copies:.1} memcpys");
}

/// Builds the renderer's program with the settings of the hot profile.
fn built(bench: &Workbench) -> PathBuf {
    let status = cargo(bench, "target").status();
    assert!(status.unwrap().success());
    bench.target().join("hot/two-process-tests")
}

fn cargo(bench: &Workbench, target: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--profile", "hot"]).current_dir(&bench.folder);
    cargo.args(["--config", "profile.hot.inherits='dev'", "--config", "profile.hot.opt-level=1"]);
    cargo.arg("--target-dir").arg(bench.path("..").join(target));
    cargo
}

/// A compiler that is always running.
struct Cargo {
    shell: Child,
}

impl Cargo {
    fn start(bench: &Workbench) -> Self {
        let command = cargo(bench, "busy-target");
        let arguments = command
            .get_args()
            .map(|it| format!("'{}'", it.to_str().unwrap().replace('\'', "'\\''")));
        let arguments = arguments.collect::<Vec<_>>().join(" ");
        let turn = format!("while true; do touch src/lib.rs; cargo {arguments}; done");
        let mut shell = Command::new("setsid");
        shell.args(["sh", "-c", &turn]).current_dir(&bench.folder).stderr(Stdio::null());
        let shell = shell.spawn().unwrap();
        std::thread::sleep(Duration::from_secs(20));
        Cargo { shell }
    }

    fn stop(&mut self) {
        let group = format!("-{}", self.shell.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.shell.wait();
    }
}

/// An owner, and the number of its last tick, once [`Turns::number`] has been called.
struct Turns<const CELLS: usize> {
    owner: Owner<Big<CELLS>>,
    ticks: u64,
    /// Interval between turns; `None` for the owner's own pace.
    rate: Option<Duration>,
}

impl<const CELLS: usize> Turns<CELLS> {
    fn start(program: &Path) -> Self {
        let owner = Owner::<Big<CELLS>>::builder(()).size(SIZE.0, SIZE.1).artifact(program);
        let owner = owner.program_arguments(["big".into(), CELLS.to_string().into()]);
        let owner = owner.tick_rate(TickRate::per_second(60)).start(big::render::<CELLS>);
        let mut turns = Turns { owner: owner.unwrap(), ticks: 0, rate: None };
        turns.until(|owner| owner.state().is_some_and(|state| state.frames > 20));
        turns
    }

    /// Runs one turn, and returns the time that its tick took.
    fn turn(&mut self) -> Duration {
        match self.rate {
            Some(rate) => std::thread::sleep(rate),
            None => self.owner.pace(),
        }
        let begin = Instant::now();
        self.owner.tick(&WindowInput::idle(SIZE.0, SIZE.1));
        self.ticks += 1;
        begin.elapsed()
    }

    /// Learns the number of the last tick: ticks are numbered from the first that a renderer has
    /// taken, and without a reload the picture of each is there at the next one.
    fn number(&mut self) {
        let behind = (0..60).map(|_| {
            self.turn();
            self.ticks - self.owner.picture().tick()
        });
        let behind = behind.min().unwrap_or_default();
        self.ticks -= behind - 1;
    }

    fn until(&mut self, mut holds: impl FnMut(&Owner<Big<CELLS>>) -> bool) {
        let begin = Instant::now();
        while !holds(&self.owner) {
            assert!(begin.elapsed() < LIMIT, "{:?}", self.owner.status());
            self.turn();
        }
    }

    /// Starts the newest build again, and waits until only it draws.
    fn reload(&mut self) {
        let generation = self.owner.status().generation;
        self.owner.reload();
        self.until(|owner| owner.status().generation > generation);
        self.until(|_| renderers().len() == 1);
    }
}

fn handovers(program: &Path, reloads: u32) -> String {
    let mut turns = Turns::<MIB>::start(program);
    turns.number();
    let (mut late, mut costs) = (Vec::new(), Vec::new());
    for reload in 0..reloads {
        let generation = turns.owner.status().generation;
        turns.owner.reload();
        // Some more turns after each reload, which include the end of the old generation.
        let mut after = 20 + reload % 7;
        while after > 0 {
            costs.push(turns.turn());
            let picture = turns.owner.picture();
            assert_eq!(u64::from(picture.frame()[500]), picture.tick(), "it is the tick's number");
            // This turn has begun tick n + 2.
            if picture.tick() + 2 < turns.ticks {
                late.push(turns.ticks - 2);
            }
            after -= u32::from(turns.owner.status().generation > generation);
        }
    }
    assert_eq!(turns.owner.state().unwrap().gaps, 0, "ticks lost or given twice");
    let (ticks, count) = (costs.len(), late.len());
    late.truncate(20);
    costs.sort_unstable();
    let at = |share: usize| costs[(costs.len() - 1) * share / 100];
    format!(
        "{reloads} reloads in {ticks} ticks, {count} late {late:?}; the owner's tick p50 {:.1?}, p99 \
         {:.1?}, max {:.1?}",
        at(50),
        at(99),
        at(100)
    )
}

fn recoveries<const CELLS: usize>(program: &Path, count: usize, by: Signal) -> String {
    let mut turns = Turns::<CELLS>::start(program);
    let mut times = Vec::new();
    for _ in 0..count {
        let generation = turns.owner.status().generation;
        let watch = turns.owner.status_watch();
        let [renderer] = renderers()[..] else { panic!("one renderer") };
        let waiting = std::thread::spawn(move || {
            let begin = Instant::now();
            signal(renderer, by);
            let seen = watch.wait_for(LIMIT, |status| status.generation > generation);
            seen.map(|_| begin.elapsed())
        });
        turns.until(|owner| owner.status().generation > generation);
        times.push(waiting.join().unwrap().unwrap());
        // A reload after each crash, so that the crashes do not add up until the build is given up.
        turns.reload();
    }
    assert_eq!(turns.owner.state().unwrap().gaps, 0, "ticks lost or given twice");
    summary(times)
}

/// Returns the median time of some reloads.
fn cuts<const CELLS: usize>(program: &Path, count: usize) -> Duration {
    let mut turns = Turns::<CELLS>::start(program);
    turns.rate = Some(Duration::from_millis(1));
    let mut times = Vec::new();
    for _ in 0..count {
        turns.owner.reload_events().count();
        turns.owner.reload();
        let (mut parking, mut drawn) = (None, None);
        while drawn.is_none() {
            turns.turn();
            for event in turns.owner.reload_events() {
                match event {
                    ReloadEvent::Draining { .. } => parking = Some(Instant::now()),
                    ReloadEvent::Reloaded { .. } => drawn = Some(Instant::now()),
                    _ => {}
                }
            }
        }
        times.push(drawn.unwrap().duration_since(parking.unwrap()));
        turns.until(|_| renderers().len() == 1);
    }
    assert_eq!(turns.owner.state().unwrap().gaps, 0, "ticks lost or given twice");
    median(times)
}

/// Returns the median time of some copies between pages that are already present.
fn memcpy(bytes: usize) -> Duration {
    let (from, mut to) = (vec![1_u8; bytes], vec![2_u8; bytes]);
    let copies = (0..15).map(|_| {
        let begin = Instant::now();
        to.copy_from_slice(std::hint::black_box(&from));
        std::hint::black_box(&to);
        begin.elapsed()
    });
    median(copies.collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn hangs(program: &Path, count: usize) -> String {
    let mut turns = Turns::<MIB>::start(program);
    let mut times = Vec::new();
    for _ in 0..count {
        let [renderer] = renderers()[..] else { panic!("one renderer") };
        signal(renderer, Signal::STOP);
        let begin = Instant::now();
        turns.until(|owner| matches!(owner.status().problem, Some(Problem::NotResponding { .. })));
        times.push(begin.elapsed());
        turns.until(|owner| owner.status().problem.is_none());
        turns.reload();
    }
    summary(times)
}

fn signal(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).unwrap();
    kill_process(process, signal).unwrap();
}

fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let (least, most) = (times[0], times[times.len() - 1]);
    let median = times[times.len() / 2];
    format!("median {median:.1?}, {least:.1?} to {most:.1?} ({} times)", times.len())
}

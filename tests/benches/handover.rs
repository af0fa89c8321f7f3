//! What a reload and a crash cost, as a report; no compiler is at work but where it says so.
//!
//!     cargo bench -p two-process-tests --bench handover
//!
//! - *Handover*: 100 reloads of a ready-made program at 60 Hz, 1920 × 1080 pixels, a state of 1 MiB.
//!   The renderer draws its tick's number. On time is tick n whose picture is there when tick n + 2
//!   begins; the others are listed. Then the same with `cargo build` at work beside it.
//! - *Recovery*: from SIGKILL to the first frame of the next generation, for three sizes of state.
//! - *Hang*: from SIGSTOP to the status that says so, with the default limit of 2 s.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a report")]

#[path = "../tests/support/mod.rs"]
mod support;

use rustix::process::{Pid, Signal, kill_process};

use hot_reload::{Owner, Problem, TickRate, WindowInput};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{LIMIT, Workbench, renderers};
use two_process_tests::big::{self, Big};

const SIZE: (u32, u32) = (1920, 1080);
const MIB: usize = 262_144;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        // `cargo test` runs benchmarks as well; this one takes minutes.
        return;
    }
    let bench = Workbench::new();
    let program = built(&bench);
    println!("handover, 1920 × 1080 at 60 Hz, 1 MiB of state");
    println!("  the machine otherwise idle: {}", handovers(&program, 100));
    let mut cargo = Cargo::start(&bench);
    println!("  with cargo at work beside:  {}", handovers(&program, 30));
    cargo.stop();
    println!("recovery, 1920 × 1080 at 60 Hz: kill to first frame");
    println!("  64 KiB: {}", recoveries::<16384>(&program, 40));
    println!("   1 MiB: {}", recoveries::<MIB>(&program, 40));
    println!("  64 MiB: {}", recoveries::<{ big::CELLS }>(&program, 12));
    println!("hang, limit 2 s: stop to word");
    println!("  {}", hangs(&program, 5));
}

/// The renderer's program, with the settings of the hot profile.
fn built(bench: &Workbench) -> PathBuf {
    let status = cargo(bench, "renderer-target").status();
    assert!(status.unwrap().success());
    bench.path("../renderer-target/hot/two-process-tests")
}

fn cargo(bench: &Workbench, target: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--profile", "hot"]).current_dir(&bench.folder);
    cargo.args(["--config", "profile.hot.inherits='dev'", "--config", "profile.hot.opt-level=1"]);
    cargo.args(["--config", "profile.hot.package.hot-reload.opt-level=3"]);
    cargo.arg("--target-dir").arg(bench.path("..").join(target));
    cargo
}

/// A compiler that is always at work.
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

fn owner<const CELLS: usize>(program: &Path) -> Owner<Big<CELLS>> {
    let owner = Owner::<Big<CELLS>>::builder(()).size(SIZE.0, SIZE.1).artifact(program);
    let owner = owner.program_arguments(["big".into(), CELLS.to_string().into()]);
    let mut owner = owner.tick_rate(TickRate::per_second(60)).start(big::render::<CELLS>).unwrap();
    until(&mut owner, |owner| owner.state().is_some_and(|state| state.frames > 20));
    owner
}

fn turn<const CELLS: usize>(owner: &mut Owner<Big<CELLS>>) {
    owner.tick(&WindowInput::idle(SIZE.0, SIZE.1));
    owner.pace();
}

fn until<const CELLS: usize>(
    owner: &mut Owner<Big<CELLS>>,
    mut holds: impl FnMut(&Owner<Big<CELLS>>) -> bool,
) {
    let begin = Instant::now();
    while !holds(owner) {
        assert!(begin.elapsed() < LIMIT, "{:?}", owner.status());
        turn(owner);
    }
}

fn handovers(program: &Path, reloads: u32) -> String {
    let mut owner = owner::<MIB>(program);
    let (mut late, mut ticks, mut costs) = (Vec::new(), 0_u64, Vec::new());
    let first = owner.picture().tick();
    let mut sent = first;
    let window = WindowInput::idle(SIZE.0, SIZE.1);
    for reload in 0..reloads {
        let generation = owner.status().generation;
        owner.reload();
        // Some time more after each, so that the ends of the old ones are in it.
        let mut after = 20 + reload % 7;
        while after > 0 {
            let begin = Instant::now();
            owner.tick(&window);
            costs.push(begin.elapsed());
            (sent, ticks) = (sent.max(owner.picture().tick()), ticks + 1);
            let (tick, number) = (owner.picture().tick(), owner.picture().frame()[500]);
            assert_eq!(u64::from(number), tick, "the picture is the tick's number");
            late.push(tick);
            after -= u32::from(owner.status().generation > generation);
            owner.pace();
        }
    }
    let state = owner.state().unwrap();
    assert_eq!(state.gaps, 0, "ticks lost or given twice");
    // Turn i has sent some tick n; at turn i + 2 the picture must be n's or a later one's.
    let numbers = late;
    let offset = numbers[0].max(1);
    let behind =
        numbers.iter().zip(0_u64..).filter(|&(&shown, turn)| shown + 2 < offset + 1 + turn);
    let behind = behind.map(|(shown, turn)| (turn, shown)).collect::<Vec<_>>();
    costs.sort_unstable();
    let at = |share: usize| costs[(costs.len() - 1) * share / 100];
    format!(
        "{reloads} reloads in {ticks} ticks, {} late {:?}; the owner's tick p50 {:.1?}, p99 {:.1?}, \
         max {:.1?}",
        behind.len(),
        behind.iter().map(|(turn, _)| turn).take(20).collect::<Vec<_>>(),
        at(50),
        at(99),
        at(100)
    )
}

fn recoveries<const CELLS: usize>(program: &Path, count: usize) -> String {
    let mut owner = owner::<CELLS>(program);
    let mut times = Vec::new();
    for _ in 0..count {
        let generation = owner.status().generation;
        let watch = owner.status_watch();
        let [renderer] = renderers()[..] else { panic!("one renderer") };
        let waiting = std::thread::spawn(move || {
            let begin = Instant::now();
            signal(renderer, Signal::KILL);
            let seen = watch.wait_for(LIMIT, |status| status.generation > generation);
            seen.map(|_| begin.elapsed())
        });
        until(&mut owner, |owner| owner.status().generation > generation);
        times.push(waiting.join().unwrap().unwrap());
        // A fresh try, so that the crashes do not add up to a given-up build.
        let generation = owner.status().generation;
        owner.reload();
        until(&mut owner, |owner| owner.status().generation > generation);
        until(&mut owner, |_| renderers().len() == 1);
    }
    assert_eq!(owner.state().unwrap().gaps, 0, "ticks lost or given twice");
    summary(times)
}

fn hangs(program: &Path, count: usize) -> String {
    let mut owner = owner::<MIB>(program);
    let mut times = Vec::new();
    for _ in 0..count {
        let [renderer] = renderers()[..] else { panic!("one renderer") };
        signal(renderer, Signal::STOP);
        let begin = Instant::now();
        let hangs = |owner: &Owner<Big<MIB>>| {
            matches!(owner.status().problem, Some(Problem::NotResponding { .. }))
        };
        until(&mut owner, hangs);
        times.push(begin.elapsed());
        until(&mut owner, |owner| owner.status().problem.is_none());
        owner.reload();
        let generation = owner.status().generation;
        until(&mut owner, |owner| owner.status().generation > generation);
        until(&mut owner, |_| renderers().len() == 1);
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

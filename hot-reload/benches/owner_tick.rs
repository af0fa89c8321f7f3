//! Benchmark of a turn of the owner at 1920 × 1080, compared with one `memcpy` of the frame in the
//! same run. It measures a turn with a frame to take, and a turn with a stopped renderer.
//!
//! `cargo bench -p hot-reload --features owner` prints the times, and their ratios at the end.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

use criterion::{BenchmarkId, Criterion};
use hot_reload::{App, Frame, Owner, WindowInput};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SIZE: (u32, u32) = (1920, 1080);
/// Pause before each turn. It is longer than the renderer needs for a frame, so that each measured
/// turn finds one.
const FRAME: Duration = Duration::from_millis(12);

/// Baseline of all comparisons.
const MEMCPY: &str = "memcpy";

struct Painter;

impl App for Painter {
    const RENDERER: &'static str = "painter";
    type Arguments = ();
    type State = u64;
    type ToRenderer = ();
    type ToOwner = ();
}

const RENDERER: &str = r#"
struct Painter;
impl hot_reload::App for Painter {
    const RENDERER: &'static str = "painter";
    type Arguments = ();
    type State = u64;
    type ToRenderer = ();
    type ToOwner = ();
}
fn main() -> hot_reload::Result<()> {
    hot_reload::run::<Painter>(|frame| {
        *frame.state += 1;
        frame.canvas.fill(*frame.state as u32);
    })
}
"#;

/// Starts an owner whose renderer is a separate program in a workspace made for it.
fn start() -> (Owner<Painter>, WindowInput) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("painter");
    fs::create_dir_all(folder.join("src")).unwrap();
    let library = env!("CARGO_MANIFEST_DIR");
    let manifest = format!(
        "[package]\nname = \"painter\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
         [profile.hot]\ninherits = \"dev\"\nopt-level = 1\n[dependencies]\n\
         hot-reload = {{ path = {library:?}, features = [\"renderer\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), RENDERER).unwrap();
    let lock = Path::new(library).join("../Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    let builder = Owner::<Painter>::builder(()).size(SIZE.0, SIZE.1).workspace(folder);
    let owner = builder.start(|_: &mut Frame<'_, Painter>| {}).unwrap();
    let mut owner = (owner, WindowInput::idle(SIZE.0, SIZE.1));
    while owner.0.picture().generation() == 0 {
        assert_eq!(owner.0.status().problem, None);
        owner.0.tick(&owner.1);
        std::thread::sleep(Duration::from_millis(5));
    }
    owner
}

/// Times `turn` with a pause before each run, so that all candidates find their caches in the same
/// state.
fn timed(turns: u64, times: &mut Vec<Duration>, mut turn: impl FnMut()) -> Duration {
    (0..turns)
        .map(|_| {
            std::thread::sleep(FRAME);
            let begin = Instant::now();
            turn();
            let took = begin.elapsed();
            times.push(took);
            took
        })
        .sum()
}

fn signal(name: &str) {
    let mine = format!("HOT_RELOAD_OWNER={}\0", std::process::id());
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains(&mine) {
            let id = entry.file_name();
            assert!(Command::new("kill").arg(name).arg(id).status().unwrap().success());
        }
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    let (mut owner, input) = start();
    let pixels = (SIZE.0 * SIZE.1) as usize;
    let frame = vec![0x0012_3456_u32; pixels];
    let mut copy = vec![0_u32; pixels];
    let mut medians = BTreeMap::new();
    let mut group = criterion.benchmark_group("owner_tick/1920x1080");
    for name in [MEMCPY, "tick and picture", "renderer stopped"] {
        let mut times = Vec::new();
        let (mut fresh, mut turns) = (0_u64, 0_u64);
        if name == "renderer stopped" {
            signal("-STOP");
            owner.tick(&input); // takes the frame that is already there
        }
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|iterations| match name {
                MEMCPY => timed(iterations, &mut times, || {
                    copy.copy_from_slice(std::hint::black_box(&frame));
                    std::hint::black_box(&copy);
                }),
                _ => timed(iterations, &mut times, || {
                    let shown = owner.picture().tick();
                    owner.tick(&input);
                    std::hint::black_box(owner.picture().pixels());
                    turns += 1;
                    fresh += u64::from(owner.picture().tick() != shown);
                }),
            });
        });
        times.sort();
        medians.insert(name, (times[times.len() / 2], times[times.len() * 99 / 100], fresh, turns));
    }
    group.finish();
    signal("-CONT");
    let copy = medians[MEMCPY].0;
    for (name, (median, high, fresh, turns)) in medians {
        let ratio = median.as_secs_f64() / copy.as_secs_f64();
        println!(
            "{name}: median {median:.1?}, p99 {high:.1?}, {ratio:.2} × memcpy, \
             {fresh} fresh frames in {turns} turns"
        );
    }
}

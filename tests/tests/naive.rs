//! Tests the negative control of the storm: a naive exchange must fail the same checks.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use two_process_tests::naive::Naive;
use two_process_tests::storm::tear;

/// Limit on the time until all faults have been found; a few rounds suffice.
const LIMIT: Duration = Duration::from_secs(120);

/// Findings of the checks.
#[derive(Debug, Default)]
struct Found {
    rounds: u32,
    /// Number of frames that were torn while the renderer was alive.
    torn_alive: u32,
    /// Number of killed renderers whose last frame was torn.
    torn_dead: u32,
    /// Number of killed renderers whose state was torn, from which the next one would continue.
    broken: u32,
    lost: u32,
}

impl Found {
    fn everything(&self) -> bool {
        [self.torn_alive, self.torn_dead, self.broken, self.lost].iter().all(|&count| count > 0)
    }
}

#[test]
fn a_naive_exchange_tears_frames_and_states_and_loses_messages() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("naive");
    let _ = fs::remove_file(&file);
    let naive = Naive::open(&file).unwrap();
    let (mut found, mut sent) = (Found::default(), 0);
    let begin = Instant::now();
    while !found.everything() {
        assert!(begin.elapsed() < LIMIT, "the checks do not find what is there: {found:?}");
        found.rounds += 1;
        let renderer = Renderer::start(&file);
        renderer.until_it_draws(&naive);
        for _ in 0..=found.rounds % 50 {
            sent += 1;
            naive.send(sent).unwrap();
            found.torn_alive += u32::from(is_torn(naive.frame().unwrap()));
        }
        // Kills the renderer at an arbitrary point.
        drop(renderer);
        found.torn_dead += u32::from(is_torn(naive.frame().unwrap()));
        found.broken += u32::from(is_torn(naive.state().unwrap()));
        found.lost = naive.seen().unwrap().missing;
    }
    eprintln!("{found:?}");
    fs::remove_file(&file).unwrap();
}

fn is_torn((tick, words): (u64, Vec<u32>)) -> bool {
    tick > 0 && tear(&words, tick, 0).is_some()
}

/// A process that is killed when dropped.
struct Renderer(Child);

impl Renderer {
    fn start(file: &Path) -> Self {
        let program = env!("CARGO_BIN_EXE_two-process-tests");
        Renderer(Command::new(program).arg("naive").arg(file).spawn().unwrap())
    }

    fn until_it_draws(&self, naive: &Naive) {
        let (begin, before) = (Instant::now(), naive.state().unwrap().0);
        while naive.state().unwrap().0 == before {
            assert!(begin.elapsed() < LIMIT, "the naive renderer does not draw");
            std::thread::yield_now();
        }
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

//! Benchmarks of reloads, calls and frames, compared with other systems: see README.md.

#[expect(unreachable_pub, reason = "the same file is a library of its own in the contest")]
#[path = "../templates/application.rs"]
mod application;
mod call;
#[expect(unreachable_pub, reason = "the same file is a library of its own")]
#[path = "../templates/calls_application.rs"]
mod call_application;
mod contest;
mod environment;
mod frames;
mod process;
mod reload;
mod screen;
#[expect(unreachable_pub, reason = "the same file is a library of its own")]
#[path = "../templates/self_timed_application.rs"]
mod self_timed_application;
mod source;
mod statistics;

use clap::Parser;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A description of what went wrong.
pub(crate) type Failure = String;

/// One of the benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Benchmark {
    /// The time from save to effect.
    Reload,
    /// One call of a reloadable function.
    Call,
    /// One frame from the renderer's process to the owner's picture, commits, and doing nothing.
    Frames,
}

/// Measures, with all systems side by side in one run.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The benchmark to run.
    #[arg(value_enum, default_value_t = Benchmark::Reload)]
    benchmark: Benchmark,
    /// Number of edits for each system.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) edits: u32,
    /// Make only two edits of the small renderer, to test the benchmark itself.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Sizes of renderer; all by default.
    #[arg(long, value_delimiter = ',')]
    pub(crate) sizes: Vec<source::Size>,
    /// Systems, by the beginnings of their names; `cargo build` is always included.
    #[arg(long, value_delimiter = ',')]
    pub(crate) systems: Vec<String>,
    /// Folder for the results; `results` by default, or `target/quick` with `--quick`.
    #[arg(long)]
    pub(crate) results: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = environment::clean().and_then(|()| run(&Options::parse()));
    let Err(failure) = done else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {failure}");
    ExitCode::FAILURE
}

fn run(options: &Options) -> Result<(), Failure> {
    process::listen()?;
    match options.benchmark {
        Benchmark::Reload => reload::run(options),
        Benchmark::Call => call::run(options),
        Benchmark::Frames => frames::run(options),
    }
}

impl Options {
    /// Writes one of the results.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let usual = if self.quick { "target/quick" } else { "results" };
        let folder = self.results.clone().unwrap_or_else(|| here().join(usual));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join(name), text))
            .map_err(|error| format!("{name} cannot be written: {error}"))
    }
}

/// Returns the folder of this workspace.
pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

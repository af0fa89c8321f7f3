//! The example's owner: an ordinary minifb loop plus a few lines.
//!
//! Without a display, the picture is shown in the terminal. Without a terminal either, the owner
//! does the same work with synthetic input and shows no picture.

#![forbid(unsafe_code)]

mod arguments;
mod headless;
mod inspect;
mod png_file;
mod script;
#[cfg(feature = "terminal")]
mod terminal;
mod window;

use arguments::Cli;
use clap::Parser;
#[cfg(feature = "terminal")]
use hot_reload::Terminal;
use hot_reload::{MinifbWindow, Owner, Snapshot, TickRate};
use hot_reloaded_state::{Arguments, Demo};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::Uptime;

/// Failures that end the example with exit code 2.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Owner(#[from] hot_reload::Error),
    #[error("{0}, and `--terminal` and `--headless` work without one")]
    NoWindow(#[source] hot_reload::Error),
    #[error(transparent)]
    Snapshot(#[from] hot_reload::snapshot::SnapshotError),
    #[error(transparent)]
    Script(#[from] script::ScriptError),
    #[error(transparent)]
    Png(#[from] png_file::PngError),
    #[error("there is no state to save: no renderer has drawn yet")]
    NothingToSave,
    #[error("the state cannot be printed: {0}")]
    Print(#[from] std::io::Error),
    #[error("Ctrl+C cannot be handled: {0}")]
    Interrupt(#[from] ctrlc::Error),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colors = std::io::stderr().is_terminal();
    // A separate thread writes the log, so that a stopped terminal (Ctrl+S) does not block the
    // loop.
    let (stderr, _written_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    log.with_timer(Uptime::default()).with_ansi(colors).with_writer(stderr).init();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("example-app: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    if let Some(file) = &cli.inspect {
        return inspect::print(file, cli.form);
    }
    // Load first: a bad file is an error before anything is built or shown.
    let load = cli.load.as_ref().map(Snapshot::load).transpose()?;
    let script = cli.script.as_deref().map(script::Script::read).transpose()?;
    let surface = surface(cli);
    // Ctrl+C ends the loop, so that the renderer commits and `at_end` is called.
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    // Open the surface first: a display that refuses it is an error before anything is built.
    let surface = match surface {
        Surface::Window => {
            Opened::Window(Box::new(window::open(cli.size).map_err(Failure::NoWindow)?))
        }
        #[cfg(feature = "terminal")]
        Surface::Terminal => Opened::Terminal(Box::new(Terminal::open(cli.size.0, cli.size.1)?)),
        Surface::None => Opened::None,
    };
    let mut builder = Owner::<Demo>::builder(Arguments { balls: cli.balls })
        .size(cli.size.0, cli.size.1)
        .tick_rate(TickRate::per_second(cli.rate))
        .resume(cli.resume)
        .at_end(|state| {
            tracing::info!("the end, after {} ticks and {} clicks", state.ticks, state.clicks);
        });
    if let Some((width, height)) = cli.canvas {
        builder = builder.canvas_size(width, height);
    }
    if let Some(seed) = cli.seed {
        builder = builder.seed(seed);
    }
    if let Some(snapshot) = load {
        builder = builder.restore(snapshot);
    }
    let mut owner = builder.start(example_impl::render)?;
    let ended = match surface {
        Opened::Window(window) => window::run(*window, &mut owner, cli, &interrupted),
        #[cfg(feature = "terminal")]
        Opened::Terminal(terminal) => terminal::run(*terminal, &mut owner, cli, &interrupted),
        Opened::None => headless::run(&mut owner, cli, script, &interrupted),
    };
    ended.inspect_err(|_| owner.leave_state())?;
    if cli.timings {
        eprintln!("{}", owner.history());
    }
    if let Some(file) = &cli.save {
        let snapshot = owner.finish().ok_or(Failure::NothingToSave)?;
        snapshot.save(file)?;
        tracing::info!("the state was saved to {}", file.display());
    }
    Ok(())
}

/// Place where the picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surface {
    Window,
    #[cfg(feature = "terminal")]
    Terminal,
    None,
}

/// An opened surface.
enum Opened {
    Window(Box<MinifbWindow>),
    #[cfg(feature = "terminal")]
    Terminal(Box<Terminal>),
    None,
}

/// Returns the surface that the command line asks for, or the best one available.
fn surface(cli: &Cli) -> Surface {
    if cli.headless {
        return Surface::None;
    }
    if cli.script.is_some() {
        tracing::info!("a script is played without a window");
        return Surface::None;
    }
    #[cfg(feature = "terminal")]
    if cli.terminal {
        return Surface::Terminal;
    }
    if has_display() {
        return Surface::Window;
    }
    #[cfg(feature = "terminal")]
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Surface::Terminal;
    }
    tracing::warn!("neither DISPLAY nor WAYLAND_DISPLAY is set: running without a window");
    Surface::None
}

#[cfg(all(unix, not(target_os = "macos")))]
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn has_display() -> bool {
    true
}

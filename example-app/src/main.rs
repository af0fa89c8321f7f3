//! The example's owner. The library has the window, the terminal, the options and the loop.

#![forbid(unsafe_code)]

use clap::Parser;
use hot_reload::{Options, Owner, Play};
use hot_reloaded_state::{Arguments, Command, Demo};
use std::process::ExitCode;

/// Keep the window, keep the state, swap the code: edit example-impl/src/lib.rs while this runs.
#[derive(Debug, Parser)]
#[command(version, after_help = "Keys: F1 shows the development keys; Escape ends")]
struct Cli {
    /// Number of balls at the start
    #[arg(long, value_name = "N", default_value_t = 7)]
    balls: u32,
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    let Cli { balls, options } = Cli::parse();
    let mut size = None;
    let builder = Owner::<Demo>::builder(Arguments { balls }).at_end(|state| {
        tracing::info!("the end, after {} ticks and {} clicks", state.ticks, state.clicks);
    });
    let played = Play::new(builder)
        .title("hot-reload")
        .options(options)
        .on_turn(move |owner, now| {
            if size.replace(now).is_some_and(|before| before != now) {
                // A full queue only means that no renderer receives the shake.
                let _ = owner.send(Command::Shake { strength: 250.0 });
            }
            owner.messages().for_each(|report| tracing::debug!("{report:?}"));
        })
        .run(example_impl::render);
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-app: {error}");
            ExitCode::from(2)
        }
    }
}

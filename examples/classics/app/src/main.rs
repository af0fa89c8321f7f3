//! Three classics in a window: `cargo run -p classics -- chip8`, `sand` or `rasteriser`.
//!
//! One loop serves all three: an owner does not know what is drawn.

#![allow(clippy::print_stdout, reason = "without a window the title is printed")]

use clap::{Parser, ValueEnum};
use hot_reload::{App, MinifbWindow, Owner, OwnerBuilder, Request, TickRate, WindowInput};
use rasteriser::Rasteriser;
use std::process::ExitCode;

/// Edit the program's sources in examples/classics while this runs.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    program: Classic,
    /// Open no window; print each change of its title
    #[arg(long)]
    headless: bool,
}

/// Program to run.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Classic {
    /// A machine of 1977 with a ball and a paddle, moved by Q and E
    Chip8,
    /// The mouse pours, keys 1 to 3 select the material, C clears
    Sand,
    /// The mouse turns the camera, space stops the boxes
    Rasteriser,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().with_target(false).init();
    let cli = Cli::parse();
    let shown = match cli.program {
        Classic::Chip8 => show(&cli, (960, 480), (960, 480), |owner| owner.start(chip8::turn)),
        Classic::Sand => {
            let world = (side(sand::WIDTH), side(sand::HEIGHT));
            show(&cli, world, world, |owner| owner.start(sand::turn))
        }
        Classic::Rasteriser => show(&cli, (800, 600), (400, 300), |owner| {
            owner
                .assets("examples/classics/rasteriser/assets")
                .start_with(|renderer| renderer.run_with(Rasteriser::default()))
        }),
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("classics: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs a program in a window of this size, which scales the program's canvas.
fn show<A: App<Arguments = ()>>(
    cli: &Cli,
    size: (u32, u32),
    canvas: (u32, u32),
    start: impl FnOnce(OwnerBuilder<A>) -> hot_reload::Result<Owner<A>>,
) -> hot_reload::Result<()> {
    let builder = Owner::<A>::builder(()).size(size.0, size.1).canvas_size(canvas.0, canvas.1);
    let builder = builder.program_arguments([]).tick_rate(TickRate::per_second(60));
    if cli.headless {
        return without_window(start(builder)?, size);
    }
    let window = MinifbWindow::open(A::RENDERER, size.0, size.1)?;
    window.run(&mut start(builder)?)
}

fn without_window<A: App>(mut owner: Owner<A>, size: (u32, u32)) -> hot_reload::Result<()> {
    let input = WindowInput::idle(size.0, size.1);
    while owner.is_running() {
        owner.tick(&input);
        for request in owner.requests() {
            if let Request::Title(title) = request {
                println!("{title}");
            }
        }
        owner.pace();
    }
    Ok(())
}

fn side(cells: usize) -> u32 {
    u32::try_from(cells).unwrap_or(u32::MAX)
}

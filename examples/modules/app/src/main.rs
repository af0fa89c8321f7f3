//! A program of three parts: *update* moves the world, *view* draws it, *hud* draws on top.
//!
//! Run `cargo run -p orbits`, then edit one of examples/modules/{update,view,hud}/src/lib.rs: that
//! part is rebuilt and replaced, and the others keep running. An edit of examples/modules/world
//! replaces all three. `--headless` needs no display and prints what would be visible.

#![allow(clippy::print_stdout, reason = "without a window it says what is to be seen")]

use hot_reload::{MinifbWindow, Owner, WindowInput};
use orbits_hud::Hud;
use orbits_update::Update;
use orbits_view::View;
use std::process::ExitCode;

const SIZE: (u32, u32) = (640, 480);

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().with_target(false).init();
    let headless = std::env::args().any(|argument| argument == "--headless");
    match if headless { without_window() } else { in_window() } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("orbits: {error}");
            ExitCode::from(2)
        }
    }
}

/// Starts the parts. The leading part owns the state; the others draw, in this order.
fn start() -> hot_reload::Result<Owner<Update>> {
    Owner::<Update>::builder(())
        .size(SIZE.0, SIZE.1)
        .without_canvas()
        .module::<View>(orbits_view::render)
        .module::<Hud>(orbits_hud::render)
        .start(orbits_update::update)
}

fn in_window() -> hot_reload::Result<()> {
    let window = MinifbWindow::open("orbits", SIZE.0, SIZE.1)?;
    window.run(&mut start()?)
}

fn without_window() -> hot_reload::Result<()> {
    let mut owner = start()?;
    let input = WindowInput::idle(SIZE.0, SIZE.1);
    let mut told = None;
    while owner.is_running() {
        owner.tick(&input);
        let turns = owner.state().map_or(0, |world| world.turns);
        let parts = [
            ("update", owner.status().generation),
            ("view", owner.module::<View>().map_or(0, |view| view.generation())),
            ("hud", owner.module::<Hud>().map_or(0, |hud| hud.generation())),
        ];
        let parts = parts.map(|(name, generation)| format!("{name} {generation}")).join(" · ");
        let status = owner.status();
        let problem = status.problem.as_ref().map(|problem| {
            format!("{}: {problem}", status.part.unwrap_or_default()).replace('\n', " ")
        });
        if told != problem {
            println!("problem {}", problem.as_deref().unwrap_or("none"));
            told = problem;
        }
        let picture = owner.picture();
        if picture.is_fresh() {
            let pixel = |x: usize, y: usize| {
                let pixel = picture.frame().get(y * picture.width() + x);
                pixel.copied().unwrap_or_default() & 0x00ff_ffff
            };
            println!(
                "turn {turns} · {parts} · sky {:06x} · panel {:06x}",
                pixel(630, 470),
                pixel(2, 2)
            );
        }
        owner.pace();
    }
    Ok(())
}

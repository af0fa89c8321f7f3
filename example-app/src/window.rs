//! The loop with a window of minifb.

use crate::arguments::Cli;
use crate::{Failure, png_file};
use hot_reload::{
    Event, Key, Owner, Request, TickRate,
    input::MinifbInput,
    status::{Activity, Problem},
};
use hot_reloaded_state::{Command, Demo};
use minifb::{Window, WindowOptions};
use std::sync::atomic::{AtomicBool, Ordering};

const TITLE: &str = "hot-reload";

pub(crate) fn open((width, height): (u32, u32)) -> Result<Window, minifb::Error> {
    let options = WindowOptions { resize: true, ..WindowOptions::default() };
    Window::new(TITLE, width as usize, height as usize, options)
}

pub(crate) fn run(
    mut window: Window,
    owner: &mut Owner<Demo>,
    cli: &Cli,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let mut keys = MinifbInput::attach(&mut window);
    let mut title = Title::default();
    let mut strip_key = false;
    let mut frames = 0;
    let mut size = window.get_size();
    pace(&mut window, owner.tick_rate());
    while window.is_open() && owner.is_running() && !interrupted.load(Ordering::Relaxed) {
        if cli.frames.is_some_and(|last| frames >= last) {
            break;
        }
        if window.get_size() != size {
            size = window.get_size();
            // A full queue only means that no renderer receives the shake.
            let _ = owner.send(Command::Shake { strength: 250.0 });
        }
        let input = keys.read(&window);
        if is_pressed(Key::F1, &input.events, &mut strip_key) {
            owner.set_strip(!owner.strip());
        }
        owner.tick(input);
        for report in owner.messages() {
            tracing::debug!("{report:?}");
        }
        for request in owner.requests() {
            match request {
                Request::Title(text) => title.text = text,
                Request::TickRate(rate) => pace(&mut window, rate),
                Request::Cursor(visible) => window.set_cursor_visibility(visible),
                // minifb cannot resize an open window.
                other => tracing::debug!("{other:?}"),
            }
        }
        title.show(&mut window, owner);
        let picture = owner.picture();
        if picture.is_fresh() {
            frames += 1;
            window.update_with_buffer(picture.pixels(), picture.width(), picture.height())?;
        } else {
            window.update();
        }
    }
    png_file::write_last(cli, owner)
}

/// Returns true if a key went down an odd number of times. Repeated reports of a held key are
/// ignored. The renderer receives the key's events as well.
fn is_pressed(key: Key, events: &[Event], held: &mut bool) -> bool {
    let mut pressed = false;
    for event in events {
        if *event == Event::KeyDown(key) {
            pressed ^= !std::mem::replace(held, true);
        } else if *event == Event::KeyUp(key) {
            *held = false;
        }
    }
    pressed
}

/// Sets the rate at which minifb sleeps in its update.
fn pace(window: &mut Window, rate: TickRate) {
    match rate {
        TickRate::PerSecond(ticks) => window.set_target_fps(ticks.get() as usize),
        TickRate::Uncapped => window.set_target_fps(0),
    }
}

/// The window's title: the text requested by the renderer, and the current activity.
#[derive(Default)]
struct Title {
    text: String,
    shown: String,
}

impl Title {
    fn show(&mut self, window: &mut Window, owner: &Owner<Demo>) {
        let status = owner.status();
        let what = match (&status.problem, status.activity) {
            (Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }), _) => {
                " · build failed"
            }
            (Some(Problem::NotResponding { .. }), _) => " · not responding",
            (Some(_), _) => " · crashed",
            (None, Activity::Building) => " · building…",
            (None, _) => "",
        };
        let text = if self.text.is_empty() { TITLE } else { &self.text };
        if self.shown.strip_prefix(text) != Some(what) {
            self.shown = format!("{text}{what}");
            window.set_title(&self.shown);
        }
    }
}

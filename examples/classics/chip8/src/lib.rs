//! A CHIP-8 machine of 1977 with its own program: a ball, a paddle, a score.
//!
//! The state is the whole machine, so it keeps running when its code is replaced. The program is
//! part of the source: a new one is inserted like a cartridge and starts from its beginning.

#![forbid(unsafe_code)]

mod cpu;
mod font;
mod rom;

pub use cpu::Machine;

use hot_reload::{App, Frame, Key, Request};

/// Colors of a dark and a lit pixel, 0RGB.
const COLORS: [u32; 2] = [0x0012_1a14, 0x0084_e07a];
/// Instructions per tick; there are sixty ticks per second.
const SPEED: u32 = 12;

/// Keyboard keys for the machine's keys 0 to F, which are arranged in four rows of four.
#[rustfmt::skip]
const KEYS: [Key; 16] = [
    Key::X, Key::Key1, Key::Key2, Key::Key3, Key::Q, Key::W, Key::E, Key::A,
    Key::S, Key::D, Key::Z, Key::C, Key::Key4, Key::R, Key::F, Key::V,
];

/// Application type of the program.
#[derive(Debug)]
pub struct Chip8;

impl App for Chip8 {
    const RENDERER: &'static str = "chip8";
    type Arguments = ();
    type State = Machine;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Runs the machine for a sixtieth of a second.
pub fn turn(frame: &mut Frame<'_, Chip8>) {
    let machine = &mut *frame.state;
    if machine.program != rom::NAME {
        machine.insert(rom::NAME, &rom::ROM);
    }
    let input = frame.input;
    for (number, key) in KEYS.into_iter().enumerate() {
        // A tap can be shorter than a tick.
        machine.keys[number] = input.is_key_down(key) || input.is_key_pressed(key);
    }
    machine.chance = machine.chance.wrapping_add(input.seed);
    // `steps` follows real time, at any rate of the window's loop.
    for _ in 0..input.steps {
        (0..SPEED).for_each(|_| machine.step());
        machine.count_down();
    }

    // Large pixels are drawn here rather than scaled by the window, because compilers' messages are
    // drawn on the same canvas.
    let (pixels, width, height) = frame.canvas.parts();
    for (y, row) in pixels.chunks_exact_mut(width).enumerate() {
        let lit = machine.rows[y * 32 / height];
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = COLORS[usize::from(lit >> (63 - x * 64 / width) & 1 == 1)];
        }
    }
    let score = machine.v[rom::SCORE];
    let title = match machine.stopped.as_str() {
        "" => format!("chip8 · score {score} · {} instructions", machine.instructions),
        why => format!("chip8 · stopped: {why}"),
    };
    frame.owner.request(Request::Title(title));
}

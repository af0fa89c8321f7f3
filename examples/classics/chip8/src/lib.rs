//! A CHIP-8 machine of 1977 with a program of its own: a ball, a paddle, a score.
//!
//! What the machine is made of is the state, so that it runs on when its code is replaced. The program is part
//! of the source: another one is put in like a cartridge, and begins anew.

#![forbid(unsafe_code)]

mod cpu;
mod font;
mod rom;

pub use cpu::Machine;

use hot_reload::{App, Frame, Key, Request};

/// Colors of a pixel that is dark or lit, 0RGB.
const COLORS: [u32; 2] = [0x0012_1a14, 0x0084_e07a];
/// Instructions in a tick, of which there are sixty a second.
const SPEED: u32 = 12;

/// Where the sixteen keys are, 0 to F: the machine's are four rows of four.
#[rustfmt::skip]
const KEYS: [Key; 16] = [
    Key::X, Key::Key1, Key::Key2, Key::Key3, Key::Q, Key::W, Key::E, Key::A,
    Key::S, Key::D, Key::Z, Key::C, Key::Key4, Key::R, Key::F, Key::V,
];

/// The program, for the owner.
#[derive(Debug)]
pub struct Chip8;

impl App for Chip8 {
    const RENDERER: &'static str = "chip8";
    type Arguments = ();
    type State = Machine;
    type ToRenderer = ();
    type ToOwner = ();
}

/// A sixtieth of a second of the machine.
pub fn turn(frame: &mut Frame<'_, Chip8>) {
    let machine = &mut *frame.state;
    if machine.program != rom::NAME {
        machine.insert(rom::NAME, &rom::ROM);
    }
    let input = frame.input;
    for (number, key) in KEYS.into_iter().enumerate() {
        // A tap may be shorter than a tick.
        machine.keys[number] = input.is_key_down(key) || input.is_key_pressed(key);
    }
    machine.chance = machine.chance.wrapping_add(input.seed);
    // As many as real time asks for, at any rate of the window's loop.
    for _ in 0..input.steps {
        (0..SPEED).for_each(|_| machine.step());
        machine.count_down();
    }

    // Large pixels rather than a small canvas that the window scales: compilers' messages are drawn in it, too.
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

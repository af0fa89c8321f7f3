//! A world of falling sand, of 1200 by 800 cells. Edit the rules while it falls.
//!
//! The state is the whole world: nearly a million cells, initialized in place.

#![forbid(unsafe_code)]

mod world;

pub use world::{Cell, HEIGHT, WIDTH, World};

use hot_reload::{App, Canvas, Frame, Key, MouseButton, Request};

/// Colors of the cells, 0RGB, in the order of [`Cell`].
const COLORS: [u32; 4] = [0x000e_1018, 0x00dc_b35c, 0x0038_74c8, 0x0070_7078];
/// Radius of pouring around the mouse, in cells.
const REACH: usize = 9;

/// Application type of the program.
#[derive(Debug)]
pub struct Sand;

impl App for Sand {
    const RENDERER: &'static str = "sand";
    type Arguments = ();
    type State = World;
    type ToRenderer = ();
    type ToOwner = ();

    // Initialized in place: a value would be copied on the stack several times.
    fn init(world: &mut World, (): &()) {
        world.build();
    }
}

/// Runs one turn: pours at the mouse, lets the cells fall, and draws.
pub fn turn(frame: &mut Frame<'_, Sand>) {
    let (world, input) = (&mut *frame.state, frame.input);
    let kinds = [(Key::Key1, Cell::Sand), (Key::Key2, Cell::Water), (Key::Key3, Cell::Stone)];
    for (key, cell) in kinds {
        if input.is_key_pressed(key) {
            world.poured = cell;
        }
    }
    if input.is_key_pressed(Key::C) {
        world.build();
    }
    let buttons = input.mouse.down;
    let (pours, clears) =
        (buttons.contains(MouseButton::Left), buttons.contains(MouseButton::Right));
    if pours || clears {
        let cell = if clears { Cell::Empty } else { world.poured };
        world.pour(cell, (input.mouse.x, input.mouse.y), REACH);
    }
    world.fall(input.seed);
    draw(&mut frame.canvas, world);
    let title = format!("sand · {} grains · turn {}", world.count(Cell::Sand), world.turns);
    frame.owner.request(Request::Title(title));
}

/// Draws one pixel per cell.
fn draw(canvas: &mut Canvas<'_>, world: &World) {
    let (pixels, width, _) = canvas.parts();
    for (row, cells) in pixels.chunks_exact_mut(width).zip(world.cells.rows()) {
        for (pixel, cell) in row.iter_mut().zip(cells) {
            *pixel = COLORS[*cell as usize];
        }
    }
}

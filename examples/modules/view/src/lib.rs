//! The sky: reads the state and draws it. Its writes to the state are discarded.

#![forbid(unsafe_code)]

use hot_reload::{App, Canvas, Frame};
use orbits_world::World;

const SKY: u32 = 0x0008_0c18;
const SUN: u32 = 0x00ff_d040;
const BODY: u32 = 0x0060_b0ff;

/// Application type of the part that draws the sky.
#[derive(Debug)]
pub struct View;

impl App for View {
    const RENDERER: &'static str = "orbits-view";
    type Arguments = ();
    type State = World;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Draws the sun and the bodies around it.
pub fn render(frame: &mut Frame<'_, View>) {
    let canvas = &mut frame.canvas;
    canvas.fill(SKY);
    disc(canvas, (0.0, 0.0), 14.0, SUN);
    for body in &frame.state.bodies {
        disc(canvas, body.place, 5.0, BODY);
    }
}

/// Draws a disc around a place, in pixels from the middle.
fn disc(canvas: &mut Canvas<'_>, (x, y): (f32, f32), radius: f32, color: u32) {
    let (pixels, width, height) = canvas.parts();
    let middle = (x + width as f32 / 2.0, y + height as f32 / 2.0);
    #[expect(clippy::cast_possible_truncation, reason = "rounded down, and never negative")]
    let pixel = |at: f32| at.max(0.0) as usize;
    let range = |at: f32, limit: usize| pixel(at - radius)..(pixel(at + radius) + 1).min(limit);
    for row in range(middle.1, height) {
        for column in range(middle.0, width) {
            let (dx, dy) = (column as f32 + 0.5 - middle.0, row as f32 + 0.5 - middle.1);
            if dx * dx + dy * dy <= radius * radius {
                pixels[row * width + column] = color;
            }
        }
    }
}

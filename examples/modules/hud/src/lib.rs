//! A panel over the sky: a layer whose pixels have alpha.

#![forbid(unsafe_code)]

use embedded_graphics::mono_font::{MonoTextStyle, ascii::FONT_9X15};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::text::Text;
use hot_reload::{App, Frame, Request};
use orbits_world::World;

/// Color of the panel; half of the picture below shines through.
const PANEL: u32 = 0x8020_2830;
/// Width and height of the panel in pixels.
const SIZE: (usize, usize) = (190, 52);

/// Application type of the part that draws the panel.
#[derive(Debug)]
pub struct Hud;

impl App for Hud {
    const RENDERER: &'static str = "orbits-hud";
    type Arguments = ();
    type State = World;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Draws the panel; everything else stays transparent.
pub fn render(frame: &mut Frame<'_, Hud>) {
    let (world, canvas) = (&*frame.state, &mut frame.canvas);
    canvas.fill(0);
    for row in canvas.rows().take(SIZE.1) {
        row.iter_mut().take(SIZE.0).for_each(|pixel| *pixel = PANEL);
    }
    let words = format!("{} bodies\nturn {}", world.bodies.len(), world.turns);
    let style = MonoTextStyle::new(&FONT_9X15, Rgb888::WHITE);
    // Drawing on a canvas cannot fail.
    let Ok(_) = Text::new(&words, Point::new(10, 20), style).draw(canvas);
    frame.owner.request(Request::Title(format!("orbits · {} bodies", world.bodies.len())));
}

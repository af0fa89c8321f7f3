//! The laws of motion: the leading part, which owns the state and draws nothing.

#![forbid(unsafe_code)]

use hot_reload::{App, Frame, MouseButton};
use orbits_world::{Body, World};

/// Strength of the sun's pull, in pixels³ per tick².
const PULL: f32 = 200.0;
/// Smallest distance from the sun in pixels that counts: closer bodies are pulled as if at this
/// distance.
const NEAREST: f32 = 8.0;

/// Application type of the leading part.
#[derive(Debug)]
pub struct Update;

impl App for Update {
    const RENDERER: &'static str = "orbits-update";
    type Arguments = ();
    type State = World;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Advances the world by one tick; a click adds a body.
pub fn update(frame: &mut Frame<'_, Update>) {
    let (world, input) = (&mut *frame.state, frame.input);
    if input.mouse.pressed.contains(MouseButton::Left) {
        let (width, height) = (input.width as f32, input.height as f32);
        let place = (input.mouse.x - width / 2.0, input.mouse.y - height / 2.0);
        // The speed of a circular orbit.
        let speed = (PULL / distance(place)).sqrt();
        let (x, y) = (place.0 / distance(place), place.1 / distance(place));
        let body = Body { place, velocity: (-y * speed, x * speed) };
        if world.bodies.is_full() {
            let _ = world.bodies.remove(0);
        }
        let _ = world.bodies.push(body);
    }
    for body in &mut world.bodies {
        let pull = PULL / distance(body.place).powi(3);
        body.velocity.0 -= body.place.0 * pull;
        body.velocity.1 -= body.place.1 * pull;
        body.place.0 += body.velocity.0;
        body.place.1 += body.velocity.1;
    }
    world.turns += 1;
}

fn distance((x, y): (f32, f32)) -> f32 {
    x.hypot(y).max(NEAREST)
}

//! Edit this file while the program runs, and save.

use hot_reload::{Frame, Key, MouseButton, Request, SharedState, Sketch};

const BACKGROUND: u32 = 0x20_30_40;
const BALL: u32 = 0xff_c0_40;
const RADIUS: f32 = 24.0;

/// Survives every edit, also those of its fields: they are carried over by name.
#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct State {
    position: (f32, f32),
    /// Pixels per second.
    speed: (f32, f32),
}

impl Default for State {
    fn default() -> Self {
        State { position: (100.0, 100.0), speed: (160.0, 110.0) }
    }
}

/// Called once per tick.
fn render(frame: &mut Frame<'_, Sketch<State>>) {
    let (state, input, canvas) = (&mut *frame.state, frame.input, &mut frame.canvas);
    if input.is_key_pressed(Key::Escape) {
        frame.owner.request(Request::Quit);
    }
    if input.mouse.down.contains(MouseButton::Left) {
        state.position = (input.mouse.x, input.mouse.y);
    }
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    bounce(&mut state.position.0, &mut state.speed.0, width, input.dt().as_secs_f32());
    bounce(&mut state.position.1, &mut state.speed.1, height, input.dt().as_secs_f32());

    canvas.fill(BACKGROUND);
    let (pixels, width, _) = canvas.parts();
    for (y, row) in pixels.chunks_exact_mut(width).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let (across, down) = (x as f32 - state.position.0, y as f32 - state.position.1);
            if across * across + down * down < RADIUS * RADIUS {
                *pixel = BALL;
            }
        }
    }
}

fn bounce(position: &mut f32, speed: &mut f32, end: f32, seconds: f32) {
    *position += *speed * seconds;
    if *position < RADIUS || *position > end - RADIUS {
        *speed = if *position < RADIUS { speed.abs() } else { -speed.abs() };
    }
}

#[cfg(test)]
mod tests;

fn main() -> hot_reload::Result<()> {
    hot_reload::play(render)
}

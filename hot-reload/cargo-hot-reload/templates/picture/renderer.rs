//! The code of the program. Edit it while the program runs.

use hot_reload::{Frame, Key, MouseButton, Request};
use {{crate}}_state::{Game, State};

const BACKGROUND: u32 = 0x20_30_40;
const BALL: u32 = 0xff_c0_40;
const SPOT: u32 = 0x60_a0_d0;
const RADIUS: f32 = 24.0;

/// Runs one turn; called once per tick.
pub fn render(frame: &mut Frame<'_, Game>) {
    let input = frame.input;
    if input.is_key_pressed(Key::Escape) {
        frame.owner.request(Request::Quit);
    }
    if input.mouse.down.contains(MouseButton::Left) {
        // The capacity is fixed: decide what to drop when the list is full.
        if frame.state.spots.is_full() {
            frame.state.spots.remove(0);
        }
        let _ = frame.state.spots.push((input.mouse.x, input.mouse.y));
    }
    let (width, height) = (frame.canvas.width() as f32, frame.canvas.height() as f32);
    bounce(frame.state, input.dt().as_secs_f32(), width, height);

    frame.canvas.fill(BACKGROUND);
    let (pixels, width, _) = frame.canvas.parts();
    for spot in &frame.state.spots {
        disc(pixels, width, *spot, 4.0, SPOT);
    }
    disc(pixels, width, frame.state.ball, RADIUS, BALL);
}

fn bounce(state: &mut State, seconds: f32, width: f32, height: f32) {
    let axis = |position: &mut f32, speed: &mut f32, end: f32| {
        *position += *speed * seconds;
        if *position < RADIUS || *position > end - RADIUS {
            *speed = if *position < RADIUS { speed.abs() } else { -speed.abs() };
        }
    };
    axis(&mut state.ball.0, &mut state.speed.0, width);
    axis(&mut state.ball.1, &mut state.speed.1, height);
}

fn disc(pixels: &mut [u32], width: usize, (x, y): (f32, f32), radius: f32, color: u32) {
    let rows = pixels.chunks_exact_mut(width).enumerate();
    let (top, bottom) = ((y - radius).max(0.0) as usize, (y + radius).max(0.0) as usize);
    for (row, line) in rows.skip(top).take((bottom + 1).saturating_sub(top)) {
        let above = row as f32 - y;
        let half = (radius * radius - above * above).max(0.0).sqrt();
        let begin = ((x - half).max(0.0) as usize).min(width);
        let end = ((x + half).max(0.0) as usize).clamp(begin, width);
        line[begin..end].fill(color);
    }
}

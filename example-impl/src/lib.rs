//! The example's renderer. Edit it while `cargo run` is running: the window and the balls stay, and
//! the code is replaced.

#![forbid(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "pixels and color channels are small numbers")]

// ---- Change these, save, and look at the window. ------------------------------------------------

/// The sky at its top and at its horizon, 0RGB.
const SKY: (u32, u32) = (0x0010_1433, 0x00c8_6a5a);
/// The ground, 0RGB.
const GROUND: u32 = 0x0022_3a33;
/// Radius of a ball in pixels.
const RADIUS: f32 = 22.0;
/// Fraction of its speed that a ball keeps when it bounces; above 1 it never comes to rest.
const BOUNCE: f32 = 0.97;
/// Strength of the mouse's pull while its right button is held.
const PULL: f32 = 2400.0;
/// Beginning of the window's title.
const TITLE: &str = "hot-reload";

// -------------------------------------------------------------------------------------------------

use embedded_graphics::mono_font::{MonoTextStyle, ascii::FONT_8X13};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{Drawable, Point};
use embedded_graphics::text::Text;
use hot_reload::{Canvas, Frame, Key, MouseButton, Request};
use hot_reloaded_state::{Ball, Command, Demo, Report, Spot, State};

/// Height of the ground in pixels.
const GROUND_HEIGHT: usize = 60;

/// Runs one turn: messages, keys and mouse, physics, picture.
pub fn render(frame: &mut Frame<'_, Demo>) {
    let before = (frame.state.clicks, frame.state.balls.len(), frame.first);
    obey(frame);
    control(frame);
    let size = (frame.canvas.width() as f32, frame.canvas.height() as f32);
    if !frame.state.paused {
        advance(frame.state, size, frame.input.fixed_dt().as_secs_f32().min(0.1));
    }
    let State { clicks, balls, ticks, .. } = &mut *frame.state;
    *ticks += 1;
    // Also set after a reload, because the new code may write the title differently.
    if before != (*clicks, balls.len(), false) {
        let title = format!("{TITLE} · {clicks} clicks · {} balls", balls.len());
        frame.owner.request(Request::Title(title));
    }
    draw(&mut frame.canvas, frame.state, frame.generation);
}

/// Handles the owner's messages.
fn obey(frame: &mut Frame<'_, Demo>) {
    while let Some(command) = frame.owner.try_recv() {
        match command {
            Command::Shake { strength } => {
                for ball in &mut frame.state.balls {
                    ball.velocity.1 -= strength;
                }
            }
            Command::Reset => reset(frame),
        }
    }
}

fn reset(frame: &mut Frame<'_, Demo>) {
    <Demo as hot_reload::App>::init(frame.state, frame.arguments);
    // A full queue means that the owner reads no messages; it would only log this one.
    let _ = frame.owner.send(Report::Begun);
}

/// Handles the user's input.
fn control(frame: &mut Frame<'_, Demo>) {
    let input = frame.input;
    if input.is_key_pressed(Key::Escape) {
        frame.owner.request(Request::Quit);
    }
    if input.is_key_pressed(Key::R) {
        reset(frame);
    }
    let state = &mut *frame.state;
    state.paused ^= input.is_key_pressed(Key::Space);
    state.gravity = (state.gravity + 0.1 * input.mouse.wheel_y).clamp(-3.0, 3.0);
    let dt = input.fixed_dt().as_secs_f32();
    let steer =
        |less, more| f32::from(input.is_key_down(more)) - f32::from(input.is_key_down(less));
    let push = (900.0 * dt * steer(Key::Left, Key::Right), 1500.0 * dt * steer(Key::Up, Key::Down));
    let pulled = input.mouse.down.contains(MouseButton::Right);
    for ball in &mut state.balls {
        ball.velocity = (ball.velocity.0 + push.0, ball.velocity.1 + push.1);
        if pulled {
            let (dx, dy) = (input.mouse.x - ball.position.0, input.mouse.y - ball.position.1);
            let distance = dx.hypot(dy).max(30.0);
            ball.velocity.0 += PULL * dt * dx / distance;
            ball.velocity.1 += PULL * dt * dy / distance;
        }
    }
    if input.mouse.pressed.contains(MouseButton::Left) {
        state.clicks += 1;
        let thrown = Ball::thrown(state.clicks);
        let ball = Ball { position: (input.mouse.x, input.mouse.y), ..thrown };
        if state.balls.is_full() {
            state.balls.remove(0);
        }
        if state.balls.push(ball).is_ok() {
            let _ = frame.owner.send(Report::Clicked { clicks: state.clicks });
        }
    }
}

/// Moves the balls for `dt` seconds.
fn advance(state: &mut State, (width, height): (f32, f32), dt: f32) {
    let floor = height - GROUND_HEIGHT as f32 - RADIUS;
    for ball in &mut state.balls {
        let Ball { position: (x, y), velocity: (vx, vy), .. } = ball;
        *vy += 600.0 * state.gravity * dt;
        (*x, *y) = (*x + *vx * dt, *y + *vy * dt);
        bounce(x, vx, RADIUS, width - RADIUS);
        bounce(y, vy, RADIUS, floor);
    }
    if state.ticks.is_multiple_of(3) {
        let room = state.trail.capacity() - state.trail.len();
        let excess = state.balls.len().saturating_sub(room);
        state.trail.drain(..excess);
        for ball in &state.balls {
            // The drain above has made room.
            let _ = state.trail.push(Spot { position: ball.position, hue: ball.hue });
        }
        let wanted = 24 * state.balls.len();
        let excess = state.trail.len().saturating_sub(wanted);
        state.trail.drain(..excess);
    }
}

/// Turns a ball back at both ends of its range.
fn bounce(at: &mut f32, velocity: &mut f32, low: f32, high: f32) {
    if *at < low && *velocity < 0.0 || *at > high && *velocity > 0.0 {
        *velocity *= -BOUNCE;
    }
    *at = at.clamp(low.min(high), high.max(low));
}

fn draw(canvas: &mut Canvas<'_>, state: &State, generation: u32) {
    draw_background(canvas);
    let spots = state.trail.len().max(1) as f32;
    for (age, spot) in state.trail.iter().enumerate() {
        let strength = 0.35 * age as f32 / spots;
        glow(canvas, spot.position, 0.5 * RADIUS, color(spot.hue), strength);
    }
    for ball in &state.balls {
        glow(canvas, ball.position, 2.2 * RADIUS, color(ball.hue), 0.5);
        disc(canvas, ball.position, RADIUS, color(ball.hue));
    }
    let pause = if state.paused { " · PAUSED" } else { "" };
    let lines = format!(
        "generation {generation}{pause}\n\
         click: a ball   right button: pull   wheel: gravity {:.1}   arrows: push\n\
         space: pause   R: reset   escape: close",
        state.gravity
    );
    let style = MonoTextStyle::new(&FONT_8X13, Rgb888::WHITE);
    let Ok(_) = Text::new(&lines, Point::new(12, 22), style).draw(canvas);
}

fn draw_background(canvas: &mut Canvas<'_>) {
    let horizon = canvas.height().saturating_sub(GROUND_HEIGHT);
    for (y, row) in canvas.rows().enumerate() {
        row.fill(match y < horizon {
            true => mix(SKY.0, SKY.1, (y as f32 / horizon as f32).powi(2)),
            false => GROUND,
        });
    }
}

/// Draws a filled circle with a soft edge, lit from above.
fn disc(canvas: &mut Canvas<'_>, middle: (f32, f32), radius: f32, color: u32) {
    around(canvas, middle, radius + 1.0, |pixel, dx, dy| {
        let edge = (radius + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0);
        let light = (0.35 - 0.5 * (dx + 1.6 * dy) / radius).clamp(0.0, 0.9);
        *pixel = mix(*pixel, mix(color, 0x00ff_ffff, light * light), edge);
    });
}

/// Draws light that fades outwards, added to the existing colors.
fn glow(canvas: &mut Canvas<'_>, middle: (f32, f32), radius: f32, color: u32, strength: f32) {
    around(canvas, middle, radius, |pixel, dx, dy| {
        let fade = 1.0 - (dx * dx + dy * dy) / (radius * radius);
        if fade > 0.0 {
            *pixel = mix(*pixel, color, strength * fade * fade);
        }
    });
}

/// Calls `paint` for every pixel in the square around a point, with its distance on both axes.
fn around(
    canvas: &mut Canvas<'_>,
    (x, y): (f32, f32),
    radius: f32,
    mut paint: impl FnMut(&mut u32, f32, f32),
) {
    let (pixels, width, height) = canvas.parts();
    let span = |middle: f32, limit: usize| {
        let low = (middle - radius).max(0.0) as usize;
        low.min(limit)..((middle + radius).max(0.0) as usize + 1).min(limit)
    };
    for row in span(y, height) {
        for column in span(x, width) {
            let pixel = &mut pixels[row * width + column];
            paint(pixel, column as f32 - x, row as f32 - y);
        }
    }
}

/// Returns the color of a hue from 0 to 1, bright but not too saturated.
fn color(hue: f32) -> u32 {
    let channel = |shift: f32| {
        let angle = std::f32::consts::TAU * (hue + shift);
        (170.0 + 85.0 * angle.cos()) as u32
    };
    channel(0.0) << 16 | channel(0.667) << 8 | channel(0.333)
}

/// Mixes two colors; `way` runs from 0 (`from`) to 1 (`to`).
fn mix(from: u32, to: u32, way: f32) -> u32 {
    let way = (way * 256.0) as u32;
    let channel = |shift: u32| {
        let (from, to) = (from >> shift & 0xff, to >> shift & 0xff);
        ((from * (256 - way) + to * way) >> 8) << shift
    };
    channel(16) | channel(8) | channel(0)
}

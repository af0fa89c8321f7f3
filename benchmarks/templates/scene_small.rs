//! A small scene: a sky with a sun and some balls over a plain ground.

const BALLS: u64 = 12;

#[derive(Clone, Copy)]
struct Ball {
    x: f32,
    y: f32,
    radius: f32,
    color: u32,
}

pub fn draw(pixels: &mut [u32], width: usize, height: usize, tick: u64) {
    let horizon = height / 3;
    let (above, below) = pixels.split_at_mut(horizon * width);
    sky(above, width, horizon);
    sun(above, width, horizon, tick);
    for number in 0..BALLS {
        let ball = ball(number, tick, width as f32, horizon as f32);
        disc(above, width, horizon, ball);
    }
    below.fill(ground());
}

fn sky(pixels: &mut [u32], width: usize, height: usize) {
    for (row, line) in pixels.chunks_exact_mut(width).enumerate() {
        let share = row as f32 / height.max(1) as f32;
        line.fill(mix(0x20_40_80, 0x90_b0_e0, share));
    }
}

fn sun(pixels: &mut [u32], width: usize, height: usize, tick: u64) {
    let day = tick as f32 / 600.0;
    let ball = Ball {
        x: width as f32 * (0.5 + 0.4 * day.cos()),
        y: height as f32 * (0.5 - 0.3 * day.sin().abs()),
        radius: height as f32 / 6.0,
        color: 0xff_e0_80,
    };
    disc(pixels, width, height, ball);
}

/// Returns the color of the ground, which the edit changes.
fn ground() -> u32 {
    0x0011_2233
}

fn ball(number: u64, tick: u64, width: f32, height: f32) -> Ball {
    let own = random(number);
    let speed = 0.2 + (own % 100) as f32 / 100.0;
    let phase = (own % 628) as f32 / 100.0;
    let time = tick as f32 / 60.0 * speed + phase;
    Ball {
        x: (time.sin() * 0.5 + 0.5) * width,
        y: (1.0 - time.cos().abs()) * height,
        radius: 2.0 + (own % 5) as f32,
        color: color(own),
    }
}

fn disc(pixels: &mut [u32], width: usize, height: usize, ball: Ball) {
    let reach = ball.radius.ceil() as usize;
    let (x, y) = (ball.x as usize, ball.y as usize);
    for row in y.saturating_sub(reach)..(y + reach).min(height) {
        for column in x.saturating_sub(reach)..(x + reach).min(width) {
            let (dx, dy) = (column as f32 - ball.x, row as f32 - ball.y);
            if dx * dx + dy * dy < ball.radius * ball.radius {
                pixels[row * width + column] = ball.color;
            }
        }
    }
}

fn mix(from: u32, to: u32, share: f32) -> u32 {
    let channel = |shift: u32| {
        let (from, to) = ((from >> shift & 0xff) as f32, (to >> shift & 0xff) as f32);
        ((from + (to - from) * share) as u32) << shift
    };
    channel(16) | channel(8) | channel(0)
}

fn color(seed: u64) -> u32 {
    let bright = (seed >> 16) as u32 & 0x7f_7f_7f;
    bright + 0x40_40_40
}

fn random(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

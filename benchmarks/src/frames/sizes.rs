//! Benchmark of one frame on its way from the renderer's process to the owner's picture, compared
//! with a `memcpy` of the same size, from 320 × 240 to 8K.

use super::picture::{Axis, Chart, Line};
use super::tasks;
use crate::application::Contest;
use crate::contest::{BUILD_LIMIT, EDIT_LIMIT, pin_versions, write_hot_workspace};
use crate::source::write;
use crate::statistics::Samples;
use crate::{Failure, here, process};
use hot_reload::{Owner, WindowInput};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const APPLICATION: &str = include_str!("../../templates/application.rs");
const RENDERER: &str = include_str!("../../templates/frames_renderer.rs");

const SIZES: [(&str, u32, u32); 4] =
    [("320 × 240", 320, 240), ("1080p", 1920, 1080), ("4K", 3840, 2160), ("8K", 7680, 4320)];
/// Number of measured frames of each size, and of frames before them.
const FRAMES: usize = 300;
const WARM_UP: usize = 20;

/// Measurements at one size, in milliseconds.
pub(super) struct Row {
    name: &'static str,
    bytes: usize,
    memcpy: Samples,
    /// Duration of the owner's turns that found a frame.
    turn: Samples,
    /// Time from the end of the renderer's function to the picture.
    latency: Samples,
    frames_per_second: f64,
}

/// Measures all sizes.
pub(super) fn measure(is_quick: bool) -> Result<Vec<Row>, Failure> {
    let (sizes, frames) = if is_quick { (&SIZES[..1], 20) } else { (&SIZES[..], FRAMES) };
    let folder = prepare()?;
    let mut rows = Vec::new();
    for (name, width, height) in sizes {
        eprintln!("{name}");
        rows.push(row(name, (*width, *height), frames, &folder)?);
    }
    Ok(rows)
}

/// Writes the workspace of a renderer that draws two pixels: everything else is the cost of the
/// frame.
fn prepare() -> Result<PathBuf, Failure> {
    let folder = here().join("target/contest/frames");
    pin_versions(&folder)?;
    let time = "rustix = { version = \"1.1\", features = [\"time\"] }\n";
    let main = "fn main() -> hot_reload::Result<()> {\n    \
         hot_reload::run::<application::Contest>(renderer::render)\n}\n";
    write_hot_workspace(&folder, APPLICATION, time)?;
    write(&folder.join("renderer/src/lib.rs"), RENDERER)?;
    write(&folder.join("renderer/src/main.rs"), main)?;
    Ok(folder)
}

fn row(
    name: &'static str,
    (width, height): (u32, u32),
    frames: usize,
    folder: &Path,
) -> Result<Row, Failure> {
    let builder = Owner::<Contest>::builder(()).size(width, height).workspace(folder);
    let owner = builder.program_arguments([]).start(|_| {});
    let owner = owner.map_err(|error| format!("the owner does not start: {error}"))?;
    let mut turns = Turns { owner, input: WindowInput::idle(width, height), tick: 0 };
    turns.next(BUILD_LIMIT)?;
    while tasks::is_priming() {
        turns.next(BUILD_LIMIT)?;
    }
    for _ in 0..WARM_UP {
        turns.next(EDIT_LIMIT)?;
    }
    let pixels = width as usize * height as usize;
    let (from, mut to) = (vec![0x5a_u32; pixels], vec![1_u32; pixels]);
    let [mut memcpy, mut turn, mut latency] = [const { Samples { all: Vec::new() } }; 3];
    for _ in 0..frames {
        let (took, late) = turns.next(EDIT_LIMIT)?;
        turn.push(took);
        latency.push(late);
        // One copy of as many bytes with every frame, so that other work on the machine affects
        // both.
        let begin = Instant::now();
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
        memcpy.push(begin.elapsed());
    }
    let begin = Instant::now();
    for _ in 0..frames {
        turns.next(EDIT_LIMIT)?;
    }
    let frames_per_second = frames as f64 / begin.elapsed().as_secs_f64();
    Ok(Row { name, bytes: pixels * 4, memcpy, turn, latency, frames_per_second })
}

/// An owner that turns as fast as it can.
struct Turns {
    owner: Owner<Contest>,
    input: WindowInput,
    /// Tick of the last picture.
    tick: u64,
}

impl Turns {
    /// Turns until there is a new picture; returns the duration of that turn and the age of the
    /// picture.
    fn next(&mut self, limit: Duration) -> Result<(Duration, Duration), Failure> {
        let end = Instant::now() + limit;
        loop {
            let begin = Instant::now();
            self.owner.tick(&self.input);
            let took = begin.elapsed();
            let picture = self.owner.picture();
            if picture.generation() > 0 && picture.tick() != self.tick {
                self.tick = picture.tick();
                return Ok((took, since(picture.frame())));
            }
            process::go_on()?;
            if begin > end {
                return Err(format!("no frame within {limit:?}: {:?}", self.owner.status()));
            }
            if self.tick == 0 {
                // The first build is still running.
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Returns the time since the renderer wrote its stamp into the first two pixels.
fn since(frame: &[u32]) -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    let now = Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0));
    let stamp =
        frame.first_chunk::<2>().map_or(0, |[low, high]| u64::from(*low) | u64::from(*high) << 32);
    now.saturating_sub(Duration::from_nanos(stamp))
}

/// Returns every value.
pub(super) fn json(rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        json!({
            "size": row.name,
            "bytes": row.bytes,
            "memcpy_ms": row.memcpy.all,
            "turn_ms": row.turn.all,
            "latency_ms": row.latency.all,
            "frames_per_second": row.frames_per_second,
        })
    });
    rows.collect()
}

/// Returns the table.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut page = "| size | MB | memcpy p50 ms | turn with a frame p50 ms | ratio | p95 ms | frames a second | \
             drawn to visible p50 ms | p95 ms |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for row in rows {
        let at = |samples: &Samples, percent| samples.percentile(percent).unwrap_or(f64::NAN);
        let (copy, turn) = (at(&row.memcpy, 50), at(&row.turn, 50));
        page += &format!(
            "| {} | {:.1} | {copy:.3} | {turn:.3} | {:.2} | {:.3} | {:.0} | {:.3} | {:.3} |\n",
            row.name,
            row.bytes as f64 / 1e6,
            turn / copy,
            at(&row.turn, 95),
            row.frames_per_second,
            at(&row.latency, 50),
            at(&row.latency, 95),
        );
    }
    page
}

/// Draws the growth with the size.
pub(super) fn picture(rows: &[Row]) -> String {
    let line = |name, color, values: fn(&Row) -> &Samples| {
        let points =
            rows.iter().filter_map(|row| Some((row.bytes as f64, values(row).percentile(50)?)));
        Line { name, color, points: points.collect() }
    };
    let chart = Chart {
        title: "One frame, by its size (medians)",
        bytes: Axis { from: 1e5, to: 1e9 },
        milliseconds: Axis { from: 0.01, to: 1e3 },
        lines: vec![
            line("memcpy", "#9a9a9a", |row| &row.memcpy),
            line("turn with a frame", "#d9480f", |row| &row.turn),
            line("drawn to visible", "#4c7fb0", |row| &row.latency),
        ],
    };
    chart.svg()
}

//! The renderer's private memory beside the state, and the way of both into a commit.

use super::own::AnyApp;
use crate::fail;
use crate::handshake::BodyShape;
use crate::segment::{CommitHead, CommitWriter, Nonsense};
use crate::state::BufferStore;
use std::time::{Duration, Instant};

/// What a commit holds beside the state, and the canvas if that is kept.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) buffers: BufferStore,
    /// What the state has no place for, as it travels with the state.
    pub(crate) parked: Vec<u8>,
}

impl Memory {
    /// Blank buffers, and the shape of the application's commits.
    pub(crate) fn blank(own: &dyn AnyApp) -> (Self, BodyShape) {
        let plan = own.buffer_plan();
        let shape = own.shape(&plan);
        (Memory { buffers: plan.allocate(), parked: Vec::new() }, shape)
    }

    /// Buffers as at a fresh start, in place of what a rehearsal has left.
    pub(crate) fn blank_buffers(&mut self, own: &dyn AnyApp) {
        self.buffers = own.buffer_plan().allocate();
    }
}

/// A canvas whose contents are kept: private, copied into each frame and each commit.
#[derive(Debug, Default)]
pub(crate) struct KeptCanvas {
    pub(crate) size: (u32, u32),
    pub(crate) pixels: Vec<u32>,
}

impl KeptCanvas {
    /// The pixels at a size; what lies in both sizes stays where it is, the rest is black.
    pub(crate) fn resized(&mut self, (width, height): (u32, u32)) -> &mut [u32] {
        if self.size != (width, height) {
            let mut pixels = vec![0; width as usize * height as usize];
            if self.size.0 > 0 && width > 0 {
                let common = self.size.0.min(width) as usize;
                let rows = self.pixels.chunks_exact(self.size.0 as usize);
                for (from, to) in rows.zip(pixels.chunks_exact_mut(width as usize)) {
                    to[..common].copy_from_slice(&from[..common]);
                }
            }
            (self.size, self.pixels) = ((width, height), pixels);
        }
        &mut self.pixels
    }
}

/// Writes state, buffers and kept canvas, and makes them visible in one swap. A view has no contents of its own.
pub(crate) fn commit(
    commits: &mut CommitWriter,
    shape: &BodyShape,
    contents: Option<(&dyn AnyApp, &Memory)>,
    kept: Option<&KeptCanvas>,
    tick: u64,
    received: u64,
) -> Result<(), Nonsense> {
    let (buffers_at, parked_at) = (shape.buffers_at(), shape.parked_at());
    let parked = contents.map_or(0, |(_, memory)| memory.parked.len());
    let canvas_at = shape.canvas_at(parked);
    let canvas: &[u8] = kept.map_or(&[], |kept| bytemuck::cast_slice(&kept.pixels));
    let settled = commits.settle();
    let body = commits.body(canvas_at + canvas.len());
    if let Some((own, memory)) = contents {
        own.write(&mut body[..shape.state.size()]);
        memory.buffers.write(&mut body[buffers_at..parked_at]);
        if !settled {
            body[parked_at..parked_at + parked].copy_from_slice(&memory.parked);
        }
    }
    body[canvas_at..].copy_from_slice(canvas);
    let body = body.len() as u64;
    fail::point("committing");
    let canvas = kept.map_or((0, 0), |kept| kept.size);
    commits.publish(CommitHead { tick, received, body, parked: parked as u64, canvas })
}

/// When to commit in a tick: in each while that is cheap, else so that it costs 2 % of the time, or 20 %
/// where others look at the state.
#[derive(Debug)]
pub(crate) struct Pacing {
    /// How many times its cost is from one commit to the next.
    rest: u32,
    cost: Duration,
    last: Option<Instant>,
}

impl Pacing {
    /// What costs less than this is committed every tick: 1 MiB is copied in a fraction of it, and
    /// it is 2 % of a frame at 60 Hz.
    const CHEAP: Duration = Duration::from_micros(330);

    pub(crate) fn new(looked_at: bool) -> Self {
        Pacing { rest: if looked_at { 5 } else { 50 }, cost: Duration::ZERO, last: None }
    }

    pub(crate) fn is_due(&self) -> bool {
        let rested = |last: Instant| last.elapsed() >= self.rest * self.cost;
        self.cost <= Self::CHEAP || self.last.is_none_or(rested)
    }

    /// Runs a commit and remembers what it cost.
    pub(crate) fn measure<T>(&mut self, commit: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = commit();
        self.cost = start.elapsed();
        self.last = Some(Instant::now());
        done
    }
}

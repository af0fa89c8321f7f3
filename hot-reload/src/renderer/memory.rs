//! The renderer's private memory beside the state, and the copying of both into a commit.

use super::erased::ErasedApp;
use crate::fail;
use crate::handshake::CommitShape;
use crate::segment::{CommitHead, CommitWriter, Nonsense};
use hot_reload_pod::internal::BufferStore;
use std::time::{Duration, Instant};

/// Contents of a commit beside the state and the kept canvas.
#[derive(Debug)]
pub(crate) struct AppMemory {
    pub(crate) buffers: BufferStore,
    /// Parked values, in the form in which a commit holds them.
    pub(crate) parked: Vec<u8>,
}

impl AppMemory {
    /// Returns blank buffers, and the shape of the application's commits.
    pub(crate) fn blank(own: &dyn ErasedApp) -> (Self, CommitShape) {
        let plan = own.buffer_plan();
        let shape = own.shape(&plan);
        (AppMemory { buffers: plan.allocate(), parked: Vec::new() }, shape)
    }

    /// Replaces the buffers by blank ones, which discards the changes of a rehearsal.
    pub(crate) fn blank_buffers(&mut self, own: &dyn ErasedApp) {
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
    /// Returns the pixels at a size. The area common to both sizes stays in place; the rest is
    /// black.
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

/// Writes state, buffers and kept canvas, and publishes them in one swap. A view has no contents to
/// commit.
pub(crate) fn commit(
    commits: &mut CommitWriter,
    shape: &CommitShape,
    contents: Option<(&dyn ErasedApp, &AppMemory)>,
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

/// Decides in which ticks to commit: in each while a commit is cheap, otherwise at a rate that
/// costs 2 % of the time, or 20 % if other parts read the state.
#[derive(Debug)]
pub(crate) struct Pacing {
    /// Minimum interval between commits, as a multiple of their cost.
    rest: u32,
    cost: Duration,
    last: Option<Instant>,
}

impl Pacing {
    /// Cost below which every tick is committed. Copying 1 MiB takes a fraction of it, and it is 2
    /// % of a frame at 60 Hz.
    const CHEAP: Duration = Duration::from_micros(330);

    pub(crate) fn new(looked_at: bool) -> Self {
        Pacing { rest: if looked_at { 5 } else { 50 }, cost: Duration::ZERO, last: None }
    }

    pub(crate) fn is_due(&self) -> bool {
        let rested = |last: Instant| last.elapsed() >= self.rest * self.cost;
        self.cost <= Self::CHEAP || self.last.is_none_or(rested)
    }

    /// Runs a commit and records its cost.
    pub(crate) fn measure<T>(&mut self, commit: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = commit();
        self.cost = start.elapsed();
        self.last = Some(Instant::now());
        done
    }
}

//! The renderer's private memory, and its way into a commit.

use crate::fail;
use crate::handshake::BodyShape;
use crate::segment::{CommitHead, CommitWriter, Nonsense};
use crate::state::{BufferPlan, BufferStore, boxed_blank};
use crate::{App, SharedState};
use std::time::{Duration, Instant};

/// What user code works on and a commit holds: private, so that `&mut` is sound.
pub(crate) struct Memory<A: App> {
    pub(crate) state: Box<A::State>,
    pub(crate) buffers: BufferStore,
}

impl<A: App> Memory<A> {
    /// A blank state and blank buffers, and their shape.
    pub(crate) fn blank(arguments: &A::Arguments) -> (Self, BodyShape) {
        let mut plan = BufferPlan::default();
        A::buffers(arguments, &mut plan);
        let shape = BodyShape::of::<A>(plan.shapes());
        (Memory { state: boxed_blank(), buffers: plan.allocate() }, shape)
    }

    /// Buffers as at a fresh start, in place of what a rehearsal has left.
    #[cfg(feature = "renderer")]
    pub(crate) fn blank_buffers(&mut self, arguments: &A::Arguments) {
        let mut plan = BufferPlan::default();
        A::buffers(arguments, &mut plan);
        self.buffers = plan.allocate();
    }

    /// A blank state, for `App::init` to fill.
    #[cfg(feature = "renderer")]
    pub(crate) fn blank_state(&mut self) {
        self.state = boxed_blank();
    }

    /// The memory of a fresh start.
    pub(crate) fn fresh(arguments: &A::Arguments) -> (Self, BodyShape) {
        let (mut memory, shape) = Self::blank(arguments);
        A::init(&mut memory.state, arguments);
        (memory, shape)
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

/// Writes state, buffers and kept canvas, and makes them visible in one swap.
pub(crate) fn commit<A: App>(
    commits: &mut CommitWriter,
    shape: &BodyShape,
    memory: &Memory<A>,
    kept: Option<&KeptCanvas>,
    tick: u64,
    received: u64,
) -> Result<(), Nonsense> {
    let (buffers_at, canvas_at) = (shape.buffers_at(), shape.canvas_at());
    let canvas: &[u8] = kept.map_or(&[], |kept| bytemuck::cast_slice(&kept.pixels));
    let body = commits.body(canvas_at + canvas.len());
    memory.state.write_bytes(&mut body[..size_of::<A::State>()]);
    memory.buffers.write(&mut body[buffers_at..canvas_at]);
    body[canvas_at..].copy_from_slice(canvas);
    let body = body.len() as u64;
    fail::point("committing");
    let canvas = kept.map_or((0, 0), |kept| kept.size);
    commits.publish(CommitHead { tick, received, body, canvas })
}

/// When to commit: every tick while that is cheap, else so that it costs 2 % of the time.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    cost: Duration,
    last: Option<Instant>,
}

impl Pacing {
    /// What costs less than this is committed every tick: 1 MiB is copied in a fraction of it, and
    /// it is 2 % of a frame at 60 Hz.
    const CHEAP: Duration = Duration::from_micros(330);

    pub(crate) fn is_due(&self) -> bool {
        let rested = |last: Instant| last.elapsed() >= 50 * self.cost;
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

//! The drawing side: `run`, `Renderer`, `Frame`.

#[cfg(feature = "renderer")]
mod attach;
mod mail;
mod memory;

#[cfg(feature = "owner")]
pub(crate) use attach::environment;
pub use mail::OwnerLink;

use crate::handshake::{BodyShape, CanvasMode, TickRecord};
use crate::segment::{
    Channel, CommitWriter, FrameHead, FrameWriter, Nonsense, Phase, Reader, Segment,
};
use crate::state::{blank, load};
use crate::{App, Buffers, Canvas, Error, Input, Result};
use mail::Mail;
use memory::{KeptCanvas, Memory, Pacing};
use std::sync::Arc;

/// Runs a renderer: the whole `main` of its program.
///
/// It attaches to the owner that has started this program, and calls `render` once a tick until
/// the owner wants it to end. What the closure captures (caches, devices) is made once a
/// generation.
///
/// ```no_run
/// # use hot_reload::{App, Frame};
/// # struct Demo;
/// # impl App for Demo {
/// #     const RENDERER: &'static str = "demo";
/// #     type Arguments = ();
/// #     type State = u32;
/// #     type ToRenderer = ();
/// #     type ToOwner = ();
/// # }
/// # fn render(_: &mut Frame<'_, Demo>) {}
/// fn main() -> hot_reload::Result<()> {
///     hot_reload::run::<Demo>(render)
/// }
/// ```
///
/// Started without an owner, it prints what to do and ends the process with code 2.
///
/// # Errors
/// When the owner's segment cannot be used.
pub fn run<A: App>(render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
    Renderer::<A>::attach()?.run(render)
}

/// One turn of the renderer: what there is to draw, and where.
///
/// The fields are public, so that each can be borrowed beside the others.
#[derive(Debug)]
#[non_exhaustive]
pub struct Frame<'f, A: App> {
    /// The state, which survives every reload.
    pub state: &'f mut A::State,
    /// What happened since the last tick.
    pub input: &'f Input,
    /// Where to draw.
    pub canvas: Canvas<'f>,
    /// What the owner was started with.
    pub arguments: &'f A::Arguments,
    /// Messages and requests.
    pub owner: OwnerLink<'f, A>,
    /// The extra buffers.
    pub buffers: Buffers<'f>,
    /// Counts from 1; one more with every reload.
    pub generation: u32,
    /// Whether this is the first tick of this generation.
    pub first: bool,
    /// Whether the state has just been initialised, so that nothing was carried over.
    pub fresh: bool,
    /// Whether this frame is a rehearsal, which nobody sees.
    pub rehearsal: bool,
}

impl<A: App> Frame<'_, A> {
    /// Whether this is the first tick of this generation.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// Whether the state has just been initialised, so that nothing was carried over.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Whether this frame is a rehearsal, which nobody sees.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal
    }
}

/// A renderer that turns its own loop, for code that keeps caches or blocks in its own way.
///
/// ```no_run
/// # use hot_reload::{App, Renderer, Result};
/// # fn play<Demo: App>(_: ()) {}
/// pub fn play_loop<Demo: App>(mut renderer: Renderer<Demo>) -> Result<()> {
///     while let Some(mut frame) = renderer.next_frame() {
///         frame.canvas.fill(0x0020_3040);
///         renderer.present();
///     }
///     Ok(())
/// }
/// ```
///
/// In the renderer's program `main` is `play_loop(Renderer::attach()?)`; the owner takes the same
/// function by [`start_loop`](crate::OwnerBuilder::start_loop).
pub struct Renderer<A: App> {
    segment: Arc<Segment>,
    ticks: Reader,
    frames: FrameWriter,
    commits: CommitWriter,
    mail: Mail<A>,
    arguments: A::Arguments,
    memory: Memory<A>,
    kept: Option<KeptCanvas>,
    shape: BodyShape,
    mode: CanvasMode,
    generation: u32,
    tick: TickRecord,
    scratch: Vec<u8>,
    pacing: Pacing,
    stage: Stage,
    unchanged: bool,
    size: (u32, u32),
    first: bool,
    fresh: bool,
}

/// Where in a turn the renderer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Drawing,
    Ended,
}

/// What a renderer starts with.
pub(crate) struct Start<A: App> {
    pub(crate) segment: Arc<Segment>,
    pub(crate) generation: u32,
    pub(crate) arguments: A::Arguments,
    pub(crate) mode: CanvasMode,
    /// Whether owner and renderer agree about the messages to the renderer, and to the owner.
    pub(crate) channels: (bool, bool),
    pub(crate) memory: Memory<A>,
    pub(crate) kept: Option<KeptCanvas>,
    pub(crate) shape: BodyShape,
    pub(crate) fresh: bool,
    /// Messages received before.
    pub(crate) received: u64,
}

impl<A: App> Start<A> {
    /// A renderer of this process, with a state of its own.
    pub(crate) fn in_process(
        segment: Arc<Segment>,
        arguments: A::Arguments,
        mode: CanvasMode,
    ) -> Self {
        let (memory, shape) = Memory::fresh(&arguments);
        let kept = mode.keep.then(KeptCanvas::default);
        let (channels, received) = ((true, true), 0);
        let (generation, fresh) = (1, true);
        Start {
            segment,
            generation,
            arguments,
            mode,
            channels,
            memory,
            kept,
            shape,
            fresh,
            received,
        }
    }
}

impl<A: App> Renderer<A> {
    pub(crate) fn new(start: Start<A>) -> Self {
        let segment = start.segment;
        Renderer {
            ticks: Reader::new(segment.clone(), Channel::Ticks),
            frames: FrameWriter::new(segment.clone()),
            commits: CommitWriter::new(segment.clone()),
            mail: Mail::new(&segment, start.channels, start.received),
            arguments: start.arguments,
            memory: start.memory,
            kept: start.kept,
            shape: start.shape,
            mode: start.mode,
            generation: start.generation,
            tick: blank(),
            scratch: vec![0; size_of::<TickRecord>()],
            pacing: Pacing::default(),
            stage: Stage::Waiting,
            unchanged: false,
            size: (0, 0),
            first: true,
            fresh: start.fresh,
            segment,
        }
    }

    /// Attaches to the owner that has started this program.
    ///
    /// Started without an owner, it prints what to do and ends the process with code 2.
    ///
    /// # Errors
    /// When the owner's segment cannot be used.
    #[cfg(feature = "renderer")]
    pub fn attach() -> Result<Self> {
        attach::attach().map(Self::new).inspect_err(exit_without_owner)
    }

    /// Prints what to do and ends the process with code 2: without hot mode there is no owner.
    ///
    /// # Errors
    /// Does not return; the signature is that of hot mode.
    #[cfg(not(feature = "renderer"))]
    pub fn attach() -> Result<Self> {
        Err(Error::BuiltWithoutHotMode).inspect_err(exit_without_owner)
    }

    /// Turns the loop: `render`, then present, until the owner wants the renderer to end.
    ///
    /// # Errors
    /// None today.
    pub fn run(mut self, mut render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
        while let Some(mut frame) = self.next_frame() {
            render(&mut frame);
            self.present();
        }
        Ok(())
    }

    /// Waits for the next tick; `None` when the owner wants the renderer to end.
    ///
    /// A frame that was not presented counts as unchanged.
    pub fn next_frame(&mut self) -> Option<Frame<'_, A>> {
        if self.stage == Stage::Drawing {
            self.unchanged = true;
            self.present();
        }
        if self.stage == Stage::Ended || !self.wait() {
            return None;
        }
        self.stage = Stage::Drawing;
        self.unchanged = false;
        let (first, fresh) = (self.first, self.fresh);
        (self.first, self.fresh) = (false, false);
        self.size = match self.mode.canvas {
            true => (self.tick.input.width, self.tick.input.height),
            false => (0, 0),
        };
        let pixels = match &mut self.kept {
            Some(kept) => kept.resized(self.size),
            None if self.mode.canvas => self.frames.pixels(self.size.0, self.size.1),
            None => &mut [],
        };
        Some(Frame {
            state: &mut self.memory.state,
            input: &self.tick.input,
            canvas: Canvas::new(pixels, self.size, &mut self.unchanged),
            arguments: &self.arguments,
            owner: self.mail.link(),
            buffers: Buffers { store: &mut self.memory.buffers },
            generation: self.generation,
            first,
            fresh,
            rehearsal: false,
        })
    }

    /// Ends the frame: publishes the picture unless it is unchanged, makes the messages visible
    /// and commits the state.
    pub fn present(&mut self) {
        if self.stage != Stage::Drawing {
            return;
        }
        self.stage = Stage::Waiting;
        if let Err(nonsense) = self.finish() {
            self.end_over(nonsense);
        }
    }

    fn finish(&mut self) -> Result<(), Nonsense> {
        let tick = self.tick.input.tick;
        if self.mode.canvas && !self.unchanged {
            let (width, height) = self.size;
            if let Some(kept) = &self.kept {
                self.frames.pixels(width, height).copy_from_slice(&kept.pixels);
            }
            self.frames.publish(FrameHead { tick, width, height })?;
            self.segment.first_frame().set();
        }
        self.mail.flush(tick)?;
        self.segment.set_answered(tick);
        self.pacing.ticked();
        if self.pacing.is_due() { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), Nonsense> {
        let (tick, received) = (self.tick.input.tick, self.mail.received());
        let (commits, shape, memory, kept) =
            (&mut self.commits, &self.shape, &self.memory, self.kept.as_ref());
        self.pacing.measure(|| memory::commit(commits, shape, memory, kept, tick, received))
    }

    /// Waits until there is a tick; false when the owner wants the renderer to end.
    fn wait(&mut self) -> bool {
        loop {
            self.segment.lower_wake();
            if self.segment.stop().is_set() {
                self.drain();
                return false;
            }
            match self.ticks.available() {
                Ok(0) => std::thread::park(),
                Ok(_) => {
                    self.ticks.read(&mut self.scratch);
                    match load(&mut self.tick, &self.scratch) {
                        Ok(()) => match self.mail.begin(self.tick.messages) {
                            Ok(()) => return true,
                            Err(nonsense) => self.end_over(nonsense),
                        },
                        Err(_) => self.end_over(Nonsense(0)),
                    }
                }
                Err(nonsense) => self.end_over(nonsense),
            }
            if self.stage == Stage::Ended {
                return false;
            }
        }
    }

    /// The last commit, whatever the pacing says.
    fn drain(&mut self) {
        self.stage = Stage::Ended;
        let committed = if self.pacing.is_behind() { self.commit() } else { Ok(()) };
        if committed.is_ok() {
            self.segment.set_phase(Phase::Drained);
        }
    }

    /// The owner's words make no sense: only something that overwrites its memory does that.
    fn end_over(&mut self, Nonsense(word): Nonsense) {
        eprintln!("hot-reload: the segment of this renderer is damaged (read {word:#x}); it ends");
        self.stage = Stage::Ended;
    }
}

impl<A: App> std::fmt::Debug for Renderer<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Renderer { generation, stage, size, .. } = self;
        write!(f, "Renderer(generation {generation}, {stage:?}, {} × {} pixels)", size.0, size.1)
    }
}

/// A `main` that returns an error would exit with 1, and print it as a `Debug` text.
fn exit_without_owner(error: &Error) {
    eprintln!("{error}");
    std::process::exit(2);
}

//! `Renderer`: waits for what the owner wants, and turns it into frames.

#[cfg(feature = "renderer")]
use super::attach;
use super::kept::Kept;
use super::mail::Mail;
use super::memory::{self, KeptCanvas, Memory, Pacing};
use super::{Frame, Render, Start};
use crate::fail;
use crate::handshake::{BodyShape, CanvasMode, TickRecord};
use crate::segment::{
    Channel, Command, CommitWriter, FrameHead, FrameWriter, Nonsense, Order, Phase, Reader, Segment,
};
use crate::state::{blank, load};
use crate::{App, Buffers, Canvas, Error, Result};
use std::sync::Arc;

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
/// function by [`start_loop`](crate::OwnerBuilder::start_loop). What comes before the first
/// `next_frame` is the set-up: in a reload it runs while the generation before still draws.
pub struct Renderer<A: App> {
    segment: Arc<Segment>,
    ticks: Reader,
    frames: FrameWriter,
    commits: CommitWriter,
    mail: Mail<A>,
    arguments: A::Arguments,
    memory: Memory<A>,
    kept_canvas: Option<KeptCanvas>,
    kept: Kept,
    shape: BodyShape,
    mode: CanvasMode,
    generation: u32,
    tick: TickRecord,
    scratch: Vec<u8>,
    pacing: Pacing,
    /// The last order that was carried out.
    obeyed: Order,
    stage: Stage,
    /// The frame in the making.
    turn: Option<Kind>,
    unchanged: bool,
    size: (u32, u32),
    first: bool,
    fresh: bool,
}

/// A turn of a renderer's loop; see [`Renderer::next_turn`].
pub enum Turn<'f, A: App> {
    /// A frame is to be drawn.
    Frame(Frame<'f, A>),
    /// About to be replaced; see [`Render::on_drain`].
    Drain(Frame<'f, A>),
    /// Not replaced after all; see [`Render::on_resume`].
    Resume(Frame<'f, A>),
}

impl<A: App> std::fmt::Debug for Turn<'_, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Turn::Frame(_) => "Frame",
            Turn::Drain(_) => "Drain",
            Turn::Resume(_) => "Resume",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rehearsal,
    Tick,
    Drain,
    Resume,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was drawn yet, but for a rehearsal.
    Waiting,
    /// Answers ticks.
    Drawing,
    /// Has committed for the last time, unless it is resumed.
    Parked,
    Ended,
}

impl<A: App> Renderer<A> {
    pub(crate) fn new(start: Start<A>) -> Self {
        let segment = start.segment;
        let mut tick: TickRecord = blank();
        tick.input.tick = start.tick;
        Renderer {
            ticks: Reader::new(segment.clone(), Channel::Ticks),
            frames: FrameWriter::new(segment.clone()),
            commits: CommitWriter::new(segment.clone()),
            mail: Mail::new(&segment, start.channels, start.received),
            arguments: start.arguments,
            memory: start.memory,
            kept_canvas: start.kept_canvas,
            kept: start.kept,
            shape: start.shape,
            mode: start.mode,
            generation: start.generation,
            tick,
            scratch: vec![0; size_of::<TickRecord>()],
            pacing: Pacing::default(),
            obeyed: Order::default(),
            stage: Stage::Waiting,
            turn: None,
            unchanged: false,
            size: start.size,
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

    /// Turns the loop for a renderer that wants to know when it is about to be replaced.
    ///
    /// # Errors
    /// None today.
    pub fn run_with(mut self, mut renderer: impl Render<A>) -> Result<()> {
        while let Some(turn) = self.next_turn() {
            match turn {
                Turn::Frame(mut frame) => renderer.render(&mut frame),
                Turn::Drain(mut frame) => renderer.on_drain(&mut frame),
                Turn::Resume(mut frame) => renderer.on_resume(&mut frame),
            }
            self.present();
        }
        Ok(())
    }

    /// Waits for the next tick; `None` when the owner wants the renderer to end.
    ///
    /// A frame that was not presented counts as unchanged.
    pub fn next_frame(&mut self) -> Option<Frame<'_, A>> {
        loop {
            match self.next_kind()? {
                kind @ (Kind::Rehearsal | Kind::Tick) => return Some(self.frame(kind)),
                Kind::Drain | Kind::Resume => self.present(),
            }
        }
    }

    /// Waits for the next turn, be it a frame or word of a handover; `None` when the owner wants the
    /// renderer to end. Each turn ends with [`present`](Self::present).
    pub fn next_turn(&mut self) -> Option<Turn<'_, A>> {
        let kind = self.next_kind()?;
        let frame = self.frame(kind);
        Some(match kind {
            Kind::Rehearsal | Kind::Tick => Turn::Frame(frame),
            Kind::Drain => Turn::Drain(frame),
            Kind::Resume => Turn::Resume(frame),
        })
    }

    /// Ends the turn: publishes the picture unless it is unchanged, makes the messages visible
    /// and commits the state.
    pub fn present(&mut self) {
        let Some(kind) = self.turn.take() else {
            return;
        };
        let finished = match kind {
            Kind::Rehearsal => {
                self.finish_rehearsal();
                Ok(())
            }
            Kind::Tick => self.finish_tick(),
            Kind::Drain => self.finish_drain(),
            Kind::Resume => Ok(()),
        };
        if let Err(nonsense) = finished {
            self.end_over(nonsense);
        }
    }

    fn next_kind(&mut self) -> Option<Kind> {
        if self.turn.is_some() {
            self.unchanged = true;
            self.present();
        }
        let kind = self.wait()?;
        self.turn = Some(kind);
        Some(kind)
    }

    fn frame(&mut self, kind: Kind) -> Frame<'_, A> {
        self.unchanged = false;
        let rehearsal = kind == Kind::Rehearsal;
        let (first, fresh) = (self.first, self.fresh);
        if kind == Kind::Tick {
            (self.first, self.fresh) = (false, false);
        }
        if kind == Kind::Drain {
            self.mail.close();
        }
        let size = match kind {
            Kind::Rehearsal | Kind::Tick if self.mode.canvas => self.size,
            _ => (0, 0),
        };
        let pixels = match &mut self.kept_canvas {
            _ if size == (0, 0) => &mut [],
            Some(kept) => kept.resized(size),
            None => self.frames.pixels(size.0, size.1),
        };
        self.kept.rehearsal = rehearsal;
        Frame {
            state: &mut self.memory.state,
            input: &self.tick.input,
            canvas: Canvas::new(pixels, size, &mut self.unchanged),
            arguments: &self.arguments,
            owner: self.mail.link(),
            buffers: Buffers { store: &mut self.memory.buffers },
            generation: self.generation,
            first,
            fresh,
            rehearsal,
            kept: &mut self.kept,
        }
    }

    /// Nobody sees it: neither the picture nor what it did to the state, nor what it sent.
    fn finish_rehearsal(&mut self) {
        fail::point("rehearsed");
        self.mail.discard();
        #[cfg(feature = "renderer")]
        self.segment.touch_canvas(self.size.0 as usize * self.size.1 as usize);
        self.segment.set_phase(Phase::Ready);
        self.segment.answer(self.obeyed);
    }

    fn finish_tick(&mut self) -> Result<(), Nonsense> {
        let tick = self.tick.input.tick;
        fail::point("drawn");
        if self.mode.canvas && !self.unchanged {
            let (width, height) = self.size;
            if let Some(kept) = &self.kept_canvas {
                self.frames.pixels(width, height).copy_from_slice(&kept.pixels);
            }
            self.frames.publish(FrameHead { tick, width, height })?;
            self.segment.first_frame().set();
        }
        fail::point("published");
        self.mail.flush(tick)?;
        fail::point("flushed");
        self.segment.set_answered(tick);
        fail::point("answered");
        if self.pacing.is_due() { self.commit() } else { Ok(()) }
    }

    /// The last commit, whatever the pacing says, and what is not plain old data.
    fn finish_drain(&mut self) -> Result<(), Nonsense> {
        fail::point("draining");
        self.mail.discard();
        self.commit()?;
        if let Err(error) = self.kept.write(self.generation) {
            eprintln!(
                "hot-reload: kept values cannot be written ({error}); the next generation \
                       finds those of the one before"
            );
        }
        fail::point("drained");
        if self.segment.stop().is_set() {
            self.stage = Stage::Ended;
            self.segment.set_phase(Phase::Drained);
        } else {
            self.stage = Stage::Parked;
            self.segment.answer(self.obeyed);
            fail::point("parked");
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Nonsense> {
        let (tick, received) = (self.tick.input.tick, self.mail.received());
        let (commits, shape, memory, kept) =
            (&mut self.commits, &self.shape, &self.memory, self.kept_canvas.as_ref());
        self.pacing.measure(|| memory::commit(commits, shape, memory, kept, tick, received))
    }

    /// Waits until there is something to do; `None` when the owner wants the renderer to end.
    fn wait(&mut self) -> Option<Kind> {
        while self.stage != Stage::Ended {
            self.segment.lower_wake();
            if self.segment.stop().is_set() {
                match self.stage {
                    Stage::Drawing if !self.first => return Some(Kind::Drain),
                    _ => break,
                }
            }
            let order = self.segment.order();
            if order != self.obeyed {
                self.obeyed = order;
                if let Some(kind) = self.obey(order) {
                    return Some(kind);
                }
            } else if self.stage != Stage::Drawing {
                std::thread::park();
            } else {
                match self.next_tick() {
                    Ok(true) => return Some(Kind::Tick),
                    Ok(false) => std::thread::park(),
                    Err(nonsense) => self.end_over(nonsense),
                }
            }
        }
        self.stage = Stage::Ended;
        None
    }

    fn obey(&mut self, order: Order) -> Option<Kind> {
        match order.command() {
            Command::Rehearse => {
                self.segment.set_phase(Phase::Rehearsing);
                return Some(Kind::Rehearsal);
            }
            Command::Draw => {
                // Without a rehearsal what is to be taken over was there from the start.
                #[cfg(feature = "renderer")]
                if self.segment.is_ready() {
                    self.take_over();
                }
                fail::point("taken over");
                self.stage = Stage::Drawing;
                self.segment.set_phase(Phase::Ready);
            }
            Command::Park if self.stage == Stage::Drawing => return Some(Kind::Drain),
            Command::Park => {}
            Command::Resume => {
                self.stage = Stage::Drawing;
                self.segment.answer(order);
                return Some(Kind::Resume);
            }
        }
        self.segment.answer(order);
        None
    }

    /// Goes on from the last commit of the generation before, in place of what it rehearsed with.
    #[cfg(feature = "renderer")]
    fn take_over(&mut self) {
        let (arguments, shape) = (&self.arguments, &self.shape);
        let (memory, kept_canvas) = (&mut self.memory, self.kept_canvas.as_mut());
        let taken = attach::take_over_again(
            &self.segment,
            &self.commits,
            arguments,
            shape,
            memory,
            kept_canvas,
        );
        match taken {
            Some(taken) => {
                self.fresh = taken.fresh;
                self.tick.input.tick = taken.tick;
                self.mail.follow(taken.received);
                self.kept.follow(taken.kept);
            }
            None => self.end_over(Nonsense(0)),
        }
    }

    /// Reads the next tick, if there is one.
    fn next_tick(&mut self) -> Result<bool, Nonsense> {
        if self.ticks.available()? == 0 {
            return Ok(false);
        }
        self.ticks.read(&mut self.scratch);
        load(&mut self.tick, &self.scratch).map_err(|_| Nonsense(0))?;
        self.mail.begin(self.tick.messages)?;
        if self.mode.canvas {
            self.size = (self.tick.input.width, self.tick.input.height);
        }
        fail::point("begun");
        Ok(true)
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

//! The loop of a renderer, independent of the application's types: waits for orders, commits,
//! publishes.

#[cfg(feature = "renderer")]
use super::cut;
use super::erased::ErasedApp;
use super::feed::Feed;
use super::kept_values::KeptValues;
use super::link::Link;
use super::memory::{self, AppMemory, KeptCanvas, Pacing};
use super::start::{Prepared, Restores, Translators};
use super::takeover::{Handed, Takeover};
use crate::assets::{AssetChange, Assets};
use crate::canvas::Canvas;
use crate::fail;
#[cfg(feature = "renderer")]
use crate::handshake::RendererInfo;
use crate::handshake::{CanvasMode, CommitBody, CommitShape, PartRole, TickRecord};
#[cfg(feature = "renderer")]
use crate::handshake::{REHEARSED, REHEARSES};
use crate::input::Input;
use crate::segment::{
    Channel, Command, CommitWriter, FrameHead, FrameWriter, Nonsense, Order, Phase, Reader, Segment,
};
use hot_reload_pod::Buffers;
use hot_reload_pod::internal::{Translator, blank, load};
use std::ops::DerefMut;
use std::sync::Arc;

/// A runtime that is dropped by code of this library. Otherwise each program that holds one would
/// compile the code that drops its parts.
pub(super) type Held = Box<dyn DerefMut<Target = Runtime> + Send>;

pub(super) struct Runtime {
    segment: Arc<Segment>,
    ticks: Reader,
    /// Translates the owner's tick records to those of this build.
    translator: Translator,
    frames: FrameWriter,
    commits: CommitWriter,
    link: Link,
    memory: AppMemory,
    kept_canvas: Option<KeptCanvas>,
    kept: KeptValues,
    assets: Assets,
    shape: CommitShape,
    #[cfg(feature = "renderer")]
    description: RendererInfo,
    takeover: Takeover,
    /// The leading part's state, if this is a module.
    feed: Option<Feed>,
    restores: Option<Restores>,
    mode: CanvasMode,
    generation: u32,
    tick: TickRecord,
    scratch: Vec<u8>,
    pacing: Pacing,
    /// Set if other parts read the state.
    looked_at: bool,
    /// Set while the last tick is not committed.
    uncommitted: bool,
    /// Last order that was carried out.
    obeyed: Order,
    stage: TickStage,
    /// Frame that is being drawn.
    turn: Option<FrameKind>,
    unchanged: bool,
    size: (u32, u32),
    first: bool,
    fresh: bool,
    shows_rehearsal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    Rehearsal,
    Tick,
    Drain,
    Resume,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TickStage {
    /// State before the first frame; a rehearsal does not count.
    Waiting,
    /// Answers ticks.
    Drawing,
    /// Has made its last commit, unless it is resumed.
    Parked,
    Ended,
}

/// A frame without the application's own values.
pub(super) struct FrameParts<'f> {
    pub(super) input: &'f Input,
    pub(super) canvas: Canvas<'f>,
    pub(super) link: &'f mut Link,
    pub(super) buffers: Buffers<'f>,
    pub(super) kept: &'f mut KeptValues,
    pub(super) assets: &'f [AssetChange],
    pub(super) generation: u32,
    pub(super) first: bool,
    pub(super) fresh: bool,
    pub(super) rehearsal: bool,
}

impl Runtime {
    pub(super) fn held(start: Prepared) -> Held {
        Box::new(Box::new(Runtime::new(start)))
    }

    fn new(start: Prepared) -> Self {
        let segment = start.segment;
        let Translators { tick: translator, to_renderer, to_owner } = start.translators;
        let mut tick: TickRecord = blank();
        tick.input.tick = start.tick;
        Runtime {
            ticks: Reader::new(segment.clone(), Channel::Ticks),
            frames: FrameWriter::new(segment.clone()),
            commits: CommitWriter::new(segment.clone()),
            link: Link::new(&segment, start.types, (to_renderer, to_owner), start.received),
            memory: start.memory,
            kept_canvas: start.kept_canvas,
            kept: start.kept,
            assets: start.assets,
            shape: start.shape,
            #[cfg(feature = "renderer")]
            description: start.description,
            takeover: start.takeover,
            feed: start.feed,
            restores: start.restores,
            mode: start.mode,
            generation: start.generation,
            tick,
            scratch: vec![0; translator.size()],
            translator,
            pacing: Pacing::new(start.role == PartRole::Leads),
            looked_at: start.role == PartRole::Leads,
            uncommitted: false,
            obeyed: Order::default(),
            stage: TickStage::Waiting,
            turn: None,
            unchanged: false,
            size: start.size,
            first: true,
            fresh: start.fresh,
            shows_rehearsal: start.shows_rehearsal,
            segment,
        }
    }

    /// Ends the turn: publishes the picture unless it is unchanged, makes the messages visible and
    /// commits the state.
    pub(super) fn present(&mut self, own: &dyn ErasedApp) {
        let Some(kind) = self.turn.take() else {
            return;
        };
        let finished = match kind {
            FrameKind::Rehearsal => self.finish_rehearsal(own),
            FrameKind::Tick => self.finish_tick(own),
            FrameKind::Drain => self.finish_drain(own),
            FrameKind::Resume => Ok(()),
        };
        if let Err(nonsense) = finished {
            self.end_over(nonsense);
        }
    }

    /// Waits for the next turn. Returns `None` when the renderer should end.
    pub(super) fn next_kind(&mut self, own: &mut dyn ErasedApp) -> Option<FrameKind> {
        if self.turn.is_some() {
            self.unchanged = true;
            self.present(own);
        }
        let kind = self.wait(own)?;
        if let Some(feed) = &mut self.feed
            && let Err(nonsense) = feed.look(own, &mut self.memory, &mut self.takeover)
        {
            self.end_over(nonsense);
            return None;
        }
        self.turn = Some(kind);
        Some(kind)
    }

    pub(super) fn parts(&mut self, kind: FrameKind) -> FrameParts<'_> {
        self.unchanged = false;
        let rehearsal = kind == FrameKind::Rehearsal;
        let (first, fresh) = (self.first, self.fresh);
        if kind == FrameKind::Tick {
            (self.first, self.fresh) = (false, false);
        }
        if kind == FrameKind::Drain {
            self.link.close();
        }
        let size = match kind {
            FrameKind::Rehearsal | FrameKind::Tick if self.mode.canvas => self.size,
            _ => (0, 0),
        };
        let pixels = match &mut self.kept_canvas {
            _ if size == (0, 0) => &mut [],
            Some(kept) => kept.resized(size),
            None => self.frames.pixels(size.0, size.1),
        };
        self.kept.rehearsal = rehearsal;
        FrameParts {
            input: &self.tick.input,
            canvas: Canvas::new(pixels, size, &mut self.unchanged).of_layer(self.mode.layer),
            link: &mut self.link,
            buffers: Buffers::new(&mut self.memory.buffers),
            kept: &mut self.kept,
            assets: if kind == FrameKind::Tick { self.assets.changes() } else { &[] },
            generation: self.generation,
            first,
            fresh,
            rehearsal,
        }
    }

    /// Ends the rehearsal: discards the picture, the changes to the state, and the messages. If the
    /// owner wants only a rehearsal, for a comparison, picture and state are published.
    fn finish_rehearsal(&mut self, own: &dyn ErasedApp) -> Result<(), Nonsense> {
        fail::point("rehearsed");
        #[cfg(feature = "renderer")]
        mark(REHEARSED);
        self.link.discard();
        if self.shows_rehearsal {
            self.publish_frame()?;
            self.commit(own)?;
        } else {
            #[cfg(feature = "renderer")]
            self.segment.touch_canvas(self.size.0 as usize * self.size.1 as usize);
            #[cfg(feature = "renderer")]
            self.segment.touch_commits();
        }
        self.segment.set_phase(Phase::Ready);
        self.segment.answer(self.obeyed);
        Ok(())
    }

    fn finish_tick(&mut self, own: &dyn ErasedApp) -> Result<(), Nonsense> {
        let tick = self.tick.input.tick;
        fail::point("drawn");
        if self.publish_frame()? {
            self.segment.first_frame().set();
        }
        fail::point("published");
        self.link.flush(tick)?;
        fail::point("flushed");
        self.segment.set_answered(tick);
        fail::point("answered");
        self.uncommitted = true;
        let is_due = self.tick.settles || self.pacing.is_due();
        if is_due { self.commit(own) } else { Ok(()) }
    }

    /// Publishes the picture unless it is unchanged. Returns whether it did.
    fn publish_frame(&mut self) -> Result<bool, Nonsense> {
        if !self.mode.canvas || self.unchanged {
            return Ok(false);
        }
        let (width, height) = self.size;
        if let Some(kept) = &self.kept_canvas {
            self.frames.pixels(width, height).copy_from_slice(&kept.pixels);
        }
        self.frames.publish(FrameHead { tick: self.tick.input.tick, width, height })?;
        Ok(true)
    }

    /// Commits for the last time, regardless of the pacing, and writes the kept values.
    fn finish_drain(&mut self, own: &dyn ErasedApp) -> Result<(), Nonsense> {
        fail::point("draining");
        self.link.discard();
        self.commit(own)?;
        if let Err(error) = self.kept.write(self.generation) {
            eprintln!(
                "hot-reload: kept values cannot be written ({error}); the next generation \
                       receives the previous ones"
            );
        }
        fail::point("drained");
        if self.segment.stop().is_set() {
            self.stage = TickStage::Ended;
            self.segment.set_phase(Phase::Drained);
        } else {
            self.stage = TickStage::Parked;
            self.segment.answer(self.obeyed);
            fail::point("parked");
        }
        Ok(())
    }

    fn commit(&mut self, own: &dyn ErasedApp) -> Result<(), Nonsense> {
        let (tick, received) = (self.tick.input.tick, self.link.received());
        let (commits, shape, memory, kept) =
            (&mut self.commits, &self.shape, &self.memory, self.kept_canvas.as_ref());
        self.uncommitted = false;
        let contents = self.feed.is_none().then_some((own, memory));
        self.pacing.measure(|| memory::commit(commits, shape, contents, kept, tick, received))
    }

    /// Waits for the next thing to do. Returns `None` when the renderer should end.
    fn wait(&mut self, own: &mut dyn ErasedApp) -> Option<FrameKind> {
        while self.stage != TickStage::Ended {
            self.segment.lower_wake();
            if self.segment.stop().is_set() {
                match self.stage {
                    TickStage::Drawing if !self.first => return Some(FrameKind::Drain),
                    _ => break,
                }
            }
            let order = self.segment.order();
            if order != self.obeyed {
                self.obeyed = order;
                if let Some(kind) = self.obey(order, own) {
                    return Some(kind);
                }
            } else if self.stage != TickStage::Drawing {
                std::thread::park();
            } else {
                match self.next_tick(own) {
                    Ok(true) => return Some(FrameKind::Tick),
                    // The renderer is idle: commit the state that other parts wait to see.
                    Ok(false) if self.looked_at && self.uncommitted => {
                        if let Err(nonsense) = self.commit(own) {
                            self.end_over(nonsense);
                        }
                    }
                    Ok(false) => std::thread::park(),
                    Err(nonsense) => self.end_over(nonsense),
                }
            }
        }
        self.stage = TickStage::Ended;
        None
    }

    #[cfg_attr(
        not(feature = "renderer"),
        expect(unused_variables, reason = "in one process nothing is taken over")
    )]
    fn obey(&mut self, order: Order, own: &mut dyn ErasedApp) -> Option<FrameKind> {
        match order.command() {
            Command::Rehearse => {
                self.segment.set_phase(Phase::Rehearsing);
                #[cfg(feature = "renderer")]
                mark(REHEARSES);
                return Some(FrameKind::Rehearsal);
            }
            Command::Draw => {
                // Without a rehearsal, the commit to take over was there from the start.
                #[cfg(feature = "renderer")]
                if self.segment.is_ready() {
                    self.take_over(own);
                }
                fail::point("taken over");
                self.stage = TickStage::Drawing;
                self.segment.set_phase(Phase::Ready);
            }
            Command::Park if self.stage == TickStage::Drawing => return Some(FrameKind::Drain),
            Command::Park => {}
            Command::Resume => {
                self.stage = TickStage::Drawing;
                self.segment.answer(order);
                return Some(FrameKind::Resume);
            }
        }
        self.segment.answer(order);
        None
    }

    /// Continues from the last commit of the previous generation, instead of the one it rehearsed
    /// with.
    #[cfg(feature = "renderer")]
    fn take_over(&mut self, own: &mut dyn ErasedApp) {
        let taken = cut::take_over_again(
            &self.segment,
            &mut self.commits,
            own,
            &mut self.memory,
            self.kept_canvas.as_mut(),
            (&mut self.takeover, &mut self.description),
            self.feed.is_some(),
        );
        let Some((handover, fresh)) = taken else {
            return self.end_over(Nonsense(0));
        };
        self.fresh = fresh;
        let (tick, received) = handover.carried.map_or((0, 0), |it| (it.tick, it.received));
        self.tick.input.tick = tick;
        self.link.follow(received);
        self.kept.follow(handover.kept);
    }

    /// Reads the next tick, if there is one.
    fn next_tick(&mut self, own: &mut dyn ErasedApp) -> Result<bool, Nonsense> {
        if self.ticks.available()? == 0 {
            return Ok(false);
        }
        self.ticks.read(&mut self.scratch);
        let record = self.translator.translate(&self.scratch).ok_or(Nonsense(0))?;
        load(&mut self.tick, record).map_err(|_| Nonsense(0))?;
        self.restore(own);
        if self.fresh {
            // Time that passed before a new state existed does not count for it.
            self.tick.input.begin();
        }
        self.link.begin(self.tick.messages)?;
        self.assets.advance(self.tick.assets);
        if self.mode.canvas {
            self.size = (self.tick.input.width, self.tick.input.height);
        }
        fail::point("begun");
        Ok(true)
    }

    /// Continues from a state that the owner restores, in one process.
    fn restore(&mut self, own: &mut dyn ErasedApp) {
        let Some(restores) = &self.restores else { return };
        let Some(body) = restores.bodies.try_iter().last() else { return };
        let read = |offset: usize, to: &mut [u8]| body.read(offset, to);
        let CommitBody { shape, parked, canvas, .. } = &*body;
        let handed = Handed { shape, parked: *parked, canvas: *canvas, read: &read };
        self.memory.blank_buffers(own);
        self.commits.unsettle();
        let (memory, kept) = (&mut self.memory, self.kept_canvas.as_mut());
        let taken = self.takeover.take(Some(&handed), own, memory, kept);
        self.fresh = taken.fresh;
        let room = self.commits.capacity();
        if self.shape.canvas_at(self.memory.parked.len()) > room {
            eprintln!(
                "hot-reload: the parked values of the restored state are too large and are dropped"
            );
            self.memory.parked = Vec::new();
        }
        // Ignore an owner that is gone.
        let _ = restores.taken.send(taken);
    }

    /// Ends because the owner's data makes no sense: something has overwritten the owner's memory.
    fn end_over(&mut self, Nonsense(word): Nonsense) {
        eprintln!("hot-reload: the segment of this renderer is damaged (read {word:#x}); it ends");
        self.stage = TickStage::Ended;
    }
}

/// Marks the output of a rehearsal for the owner. Errors are ignored: a closed stream needs no
/// mark.
#[cfg(feature = "renderer")]
fn mark(mark: &[u8]) {
    use std::io::Write;
    let (mut output, mut error) = (std::io::stdout().lock(), std::io::stderr().lock());
    let _ = output.write_all(mark).and_then(|()| output.flush());
    let _ = error.write_all(mark);
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Runtime { generation, stage, size, .. } = self;
        write!(f, "Renderer(generation {generation}, {stage:?}, {} × {} pixels)", size.0, size.1)
    }
}

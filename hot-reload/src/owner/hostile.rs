//! Test and fuzz harness: an owner against a peer that follows a script of arbitrary bytes.
//!
//! Peer and owner take turns on one segment on the heap, so that findings are reproducible. The
//! owner is the real one, and the supervisor's checks (description, signs) and the copier's work
//! run in turn; only the threads are missing. After every step everything that the owner holds is
//! checked.

mod side;
#[cfg(test)]
mod tests;

use super::in_process::RendererThread;
use super::{Backend, Owner};
use crate::app::App;
use crate::generation::{
    CommitCopier, CommitStore, Committed, GenerationChange, NewSession, OpenCommits, Wake,
};
use crate::handshake::{CanvasMode, CommitShape, Needs, RendererInfo, SPARE, geometry};
use crate::input::{Event, Key, WindowInput};
use crate::lock::lock;
use crate::segment::{
    Channel, Command, Commander, CommitHead, CommitReader, CommitWriter, DESCRIPTION, FrameHead,
    FrameWriter, Geometry, Memory, QUEUE, Segment, Sizes, Writer,
};
use crate::status::{Crash, Problem, Status, StatusBoard};
use crate::supervisor::Monitor;
use hot_reload_pod::{FixedOption, FixedString, FixedVec, OwnedLayout, SharedState};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// An application whose types have invalid bit patterns.
struct Prey;

impl App for Prey {
    const RENDERER: &'static str = "prey";
    type Arguments = ();
    type State = State;
    type ToRenderer = u32;
    type ToOwner = FixedOption<FixedString<8>>;
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct State {
    flag: bool,
    letter: char,
    text: FixedString<16>,
    list: FixedVec<(u8, u16), 4>,
}

impl Default for State {
    fn default() -> Self {
        State { flag: true, letter: 'a', text: FixedString::new(), list: FixedVec::new() }
    }
}

/// Largest side of a canvas, in pixels.
const SIDE: u32 = 48;
/// Largest canvas, in pixels.
const LARGEST: usize = (SIDE * SIDE) as usize;
/// Room in a commit beside what the application needs.
const ROOM: usize = 4096;

/// Plays a script to its end. Panics if the owner does, or if the owner holds something invalid.
pub(crate) fn play(script: &[u8]) {
    let mut script = Script(script);
    let mut table = Table::new();
    while !script.0.is_empty() {
        table.step(&mut script);
        table.check();
    }
}

/// Bytes that choose the steps; zeros after the end.
struct Script<'s>(&'s [u8]);

impl Script<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    fn long(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn index(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = usize::from(self.byte());
        (0..len).map(|_| self.byte()).collect()
    }

    /// Returns a number that a check may have forgotten.
    fn nasty(&mut self, tick: u64) -> u64 {
        let limits = [DESCRIPTION as u64, u64::from(QUEUE), LARGEST as u64, u64::from(SIDE)];
        let near = usize::from(self.byte() % 4);
        match self.byte() % 16 {
            0 => u64::MAX,
            1 => u64::MAX - 1,
            2 => u64::from(u32::MAX),
            3 => 1 << 31,
            4 => 1 << 32,
            5 => i64::MAX.unsigned_abs(),
            6 => limits[near],
            7 => limits[near] + 1,
            8 => tick,
            9 => tick + 1,
            10 => self.long(),
            11 => u64::MAX - 127,
            small => u64::from(small % 4 + self.byte() % 8),
        }
    }

    fn narrow(&mut self, tick: u64) -> u32 {
        u32::try_from(self.nasty(tick)).unwrap_or(u32::MAX)
    }
}

/// A generation: the owner's end and the peer's.
struct Side {
    generation: u32,
    segment: Arc<Segment>,
    commander: Commander,
    monitor: Monitor,
    frames: FrameWriter,
    commits: CommitWriter,
    to_owner: Writer,
    requests: Writer,
}

/// A parked generation.
struct Behind {
    side: Side,
    base: Arc<Committed>,
    commits: Option<OpenCommits>,
}

/// Owner and peer.
struct Table {
    owner: Owner<Prey>,
    side: Side,
    behind: Option<Behind>,
    /// Generations whose commits the copier rejected.
    faults: Arc<Mutex<Vec<u32>>>,
    input: WindowInput,
    /// Number of generations since the messages were taken.
    untaken: usize,
    replaced: u32,
}

impl Table {
    fn new() -> Self {
        let builder = Owner::<Prey>::builder(()).size(SIDE, SIDE).seed(1);
        let faults: Arc<Mutex<Vec<u32>>> = Arc::default();
        let told = faults.clone();
        let on_fault = move |generation, _| {
            lock(&told).push(generation);
        };
        let commit_copier: CommitCopier =
            match CommitStore::start::<Prey>(shape(), Box::new(on_fault)) {
                Ok(commit_copier) => commit_copier,
                Err(error) => panic!("no commit copier: {error}"),
            };
        let side = Side::new(1, false, 0);
        let none = RendererThread {
            thread: None,
            segment: side.segment.clone(),
            wake: Arc::new(Wake::Thread(std::thread::current())),
            restores: std::sync::mpsc::channel().0,
            taken: std::sync::mpsc::channel().1,
            _feed: None,
        };
        let board = Arc::new(StatusBoard::default());
        let owner = Owner::new(builder, commit_copier, Backend::Thread(none), board);
        let input = WindowInput::idle(SIDE, SIDE);
        let mut table = Table { owner, side, behind: None, faults, input, untaken: 0, replaced: 0 };
        table.open(shape(), false);
        table
    }

    /// Gives the ticks to the current generation.
    fn open(&mut self, shape: CommitShape, parks: bool) {
        let Side { generation, segment, monitor, .. } = &mut self.side;
        let commit_store = self.owner.commit_copier.commit_store();
        let from = commit_store.latest().head;
        commit_store.open(*generation, CommitReader::new(segment.clone()), Arc::new(shape));
        monitor.opened(from.tick);
        self.owner.open(GenerationChange::New(NewSession {
            generation: *generation,
            segment: segment.clone(),
            wake: Arc::new(Wake::Thread(std::thread::current())),
            channels: (true, true),
            from: (from.tick, from.received),
            pixels: 0,
            ready: Arc::new(AtomicBool::new(true)),
            accepted: Arc::new(AtomicBool::new(*generation % 4 != 0)),
            parks,
            skip: (*generation % 3 == 0).then_some(from.tick),
        }));
        self.untaken += 1;
    }

    /// Replaces this generation by another, which describes itself as the script says.
    fn replace(&mut self, script: &mut Script<'_>) {
        let (base, commits) = self.owner.commit_copier.commit_store().close();
        let tick = self.tick();
        self.replaced += 1;
        let generation = 1 + self.replaced;
        let side = Side::new(generation, script.byte().is_multiple_of(3), base.image.bytes().len());
        let before = std::mem::replace(&mut self.side, side);
        let parks = script.byte().is_multiple_of(2);
        self.side.describe(script, tick);
        self.look();
        let described = RendererInfo::read(&self.side.segment).and_then(|it| it.body);
        let mut reader = CommitReader::new(self.side.segment.clone());
        let handed = reader.hand_over(base.image.bytes());
        assert_eq!(handed, Ok(()), "there is room for the last commit");
        self.open(described.unwrap_or_else(shape), parks);
        self.behind = parks.then_some(Behind { side: before, base, commits });
    }

    /// Puts the parked generation back.
    fn put_back(&mut self) {
        let Some(Behind { side, base, commits }) = self.behind.take() else { return };
        let from = (base.head.tick, base.head.received);
        self.owner.commit_copier.commit_store().open_again(base, commits);
        self.owner.open(GenerationChange::Resume { generation: side.generation, from });
        self.untaken += 1;
        self.side = side;
    }

    fn tick(&self) -> u64 {
        self.owner.assembler.tick()
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let tick = self.tick();
        let side = &mut self.side;
        match script.byte() % 16 {
            0..3 => self.turn(script),
            3 => {
                let index = script.index();
                side.segment.write_word(index, script.nasty(tick));
            }
            4 => {
                let (index, place) = (script.index(), script.index());
                side.segment.write_bytes(index, place, &script.bytes());
            }
            5 => side.scribble(script.long(), script.index()),
            6 => side.describe(script, tick),
            7 => side.draw(script, tick),
            8 => side.commit(script, tick),
            9 => side.send(script),
            10 => self.take(),
            11 => {
                self.owner.commit_copier.commit_store().copy();
            }
            12 => self.look(),
            13 => self.replace(script),
            14 => self.put_back(),
            _ => {
                let _ = self.owner.send(u32::from(script.byte()));
                side.segment.set_answered(script.nasty(tick));
            }
        }
        let mut faults = lock(&self.faults);
        let faulty = faults.drain(..).any(|generation| generation == self.side.generation);
        drop(faults);
        if faulty || self.owner.session.is_none() {
            self.replace(script);
        }
    }

    /// Runs one turn of the owner's loop.
    fn turn(&mut self, script: &mut Script<'_>) {
        let size = script.byte();
        if size > 200 {
            let sides = [1, 2, SIDE - 1, SIDE];
            let side = |index: u8| sides[usize::from(index % 4)];
            self.input.size = (side(size), side(size / 4));
        }
        self.input.events = vec![Event::KeyDown(Key::A), Event::KeyUp(Key::A)];
        self.owner.tick(&self.input);
        // In one process the overlay is not drawn, so it is drawn here.
        let shown = &self.owner.shown;
        self.owner.overlay.update(&crashed(), None, Duration::from_secs(1), Instant::now());
        self.owner.overlay.composite(&shown.pixels, shown.width, shown.height, true);
    }

    /// Takes what the application takes from its owner.
    fn take(&mut self) {
        let count = self.owner.messages().flat_map(Option::from).map(words).count();
        assert!(count <= (self.untaken + 1) * QUEUE as usize, "{count} messages");
        assert!(self.owner.requests().count() <= 5);
        self.untaken = 0;
    }

    /// Runs the checks of the supervisor.
    fn look(&mut self) {
        let Side { generation, segment, monitor, commander, .. } = &mut self.side;
        monitor.parking = true;
        let events = monitor.look(*generation, segment, commander);
        assert!(events.len() <= 8, "{events:?}");
        let _ = (Monitor::waits_for_debugger(segment), monitor.refused_protocol(segment));
        let _ = (monitor.awaits(), segment.stop().is_set());
        let Some(RendererInfo { refused, body, notices, .. }) = RendererInfo::read(segment) else {
            return;
        };
        let words = notices.iter().chain(&refused).map(|text| text.chars().count());
        assert!(notices.len() <= 32 && words.max().unwrap_or(0) <= 2000);
        if let Some(body) = body {
            let _ = {
                let needs = Needs { body: body.canvas_at(0), ..Needs::default() };
                geometry::<Prey>(&shape(), needs, 0, CANVAS)
            };
        }
    }

    /// Checks that everything the owner holds is complete and bounded.
    fn check(&self) {
        let owner = &self.owner;
        let picture = owner.picture();
        let pixels = picture.width() * picture.height();
        assert_eq!(picture.frame().len(), pixels, "the picture is as large as it says");
        assert!(
            pixels <= LARGEST && owner.shown.pixels.capacity() <= 2 * LARGEST,
            "{pixels} pixels"
        );
        assert!(picture.tick() <= self.tick(), "a picture of tick {}", picture.tick());
        assert!(
            owner.inbox.len() <= self.untaken * QUEUE as usize,
            "{} messages",
            owner.inbox.len()
        );
        assert!(owner.scratch.capacity() <= 1 << 16, "{} bytes", owner.scratch.capacity());
        let last = owner.commit_copier.commit_store().latest();
        let CommitHead { tick, received, .. } = last.head;
        assert!(tick <= self.tick(), "a commit of tick {tick}, of {}", self.tick());
        let sent = owner.outgoing.messages();
        assert!(received <= sent, "a commit after {received} messages, of {sent}");
        let bytes = last.image.bytes().len();
        assert!(bytes <= 4 * LARGEST + 2 * ROOM + SPARE, "a commit of {bytes} bytes");
        if let Some(state) = last.state::<State>() {
            let State { flag, letter, text, list } = state;
            assert!(u8::from(*flag) <= 1 && char::from_u32(u32::from(*letter)).is_some());
            assert!(words(*text) <= 16 && list.len() <= 4);
        }
    }
}

/// Checks that a text is UTF-8. Returns its length.
fn words<const N: usize>(text: FixedString<N>) -> usize {
    assert!(std::str::from_utf8(text.as_str().as_bytes()).is_ok(), "text is UTF-8");
    text.len()
}

fn crashed() -> Arc<Status> {
    let crash = Crash { how: "it was scribbled over".to_owned(), ..Crash::default() };
    let problem = Some(Problem::Crashed { generation: 1, build: 1, crash });
    Arc::new(Status { problem, ..Status::default() })
}

const CANVAS: CanvasMode = CanvasMode { canvas: true, keep: true, layer: false };

fn shape() -> CommitShape {
    CommitShape::of::<Prey>(Vec::new())
}

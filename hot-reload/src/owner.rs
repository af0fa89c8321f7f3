//! The window side: `Owner`, which outlives every renderer.

mod builder;
mod ledger;
mod outgoing;
mod picture;
mod session;
mod thread;

pub use builder::OwnerBuilder;
#[cfg(feature = "owner")]
pub(crate) use builder::Supervised;
#[cfg(feature = "owner")]
pub(crate) use ledger::{Committed, Keeper, Ledger, OnFault};
pub use picture::Picture;
#[cfg(feature = "owner")]
pub(crate) use session::{Opening, Wake};

use crate::handshake::TickRecord;
use crate::input::Assembler;
use crate::request::RequestRecord;
use crate::segment::{MAX_PIXELS, Nonsense};
use crate::state::{blank, load};
use crate::status::Status;
use crate::{App, Full, Request, TickRate, WindowInput};
#[cfg(not(feature = "owner"))]
use ledger::{Committed, Keeper};
use outgoing::Outgoing;
use picture::Shown;
#[cfg(not(feature = "owner"))]
use session::Opening;
use session::Session;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thread::RendererThread;

pub(crate) type AtEnd<A> = Box<dyn FnOnce(&<A as App>::State)>;

/// Holds the application's state and the last good picture, and keeps a renderer drawing.
///
/// ```no_run
/// # use hot_reload::{App, Frame, Owner, Request, WindowInput};
/// # struct Demo;
/// # impl App for Demo {
/// #     const RENDERER: &'static str = "demo";
/// #     type Arguments = ();
/// #     type State = u32;
/// #     type ToRenderer = ();
/// #     type ToOwner = ();
/// # }
/// # fn render(_: &mut Frame<'_, Demo>) {}
/// # fn main() -> hot_reload::Result<()> {
/// let mut owner = Owner::<Demo>::builder(()).size(320, 240).start(render)?;
/// while owner.is_running() {
///     owner.tick(&WindowInput::idle(320, 240)); // never blocks
///     for request in owner.requests() {
///         if let Request::Title(title) = request { /* the window's title */ }
///     }
///     let picture = owner.picture();
///     if picture.is_fresh() { /* show picture.pixels() */ }
///     owner.pace();
/// }
/// # Ok(())
/// # }
/// ```
pub struct Owner<A: App> {
    assembler: Assembler,
    outgoing: Outgoing<A>,
    session: Option<Session>,
    keeper: Keeper,
    committed: Arc<Committed>,
    shown: Shown,
    status: Arc<Status>,
    fixed_canvas: Option<(u32, u32)>,
    /// The size for which the last one that does not fit was reported.
    clamped: Option<(u32, u32)>,
    tick_rate: TickRate,
    on_demand: bool,
    /// The last tick whose messages were handed out.
    handed_out: u64,
    /// Messages of generations that are gone.
    inbox: VecDeque<A::ToOwner>,
    requests: [Option<RequestRecord>; RequestRecord::KINDS],
    running: bool,
    next_turn: Instant,
    scratch: Vec<u8>,
    at_end: Option<AtEnd<A>>,
    /// Last, so that the renderer is stopped while everything else is there.
    backend: Backend,
}

/// What keeps a renderer drawing.
#[derive(Debug)]
pub(crate) enum Backend {
    /// One process.
    Thread(RendererThread),
    /// Hot mode.
    #[cfg(feature = "owner")]
    Supervisor(crate::supervisor::Supervisor),
}

impl<A: App> Owner<A> {
    /// Begins to set an owner up; every generation of the renderer is given the arguments.
    pub fn builder(arguments: A::Arguments) -> OwnerBuilder<A> {
        OwnerBuilder::new(arguments)
    }

    fn new(builder: OwnerBuilder<A>, keeper: Keeper, backend: Backend) -> Self {
        let now = Instant::now();
        let committed = keeper.ledger().latest();
        Owner {
            assembler: Assembler::new(now, builder.seed),
            outgoing: Outgoing::new(),
            session: None,
            keeper,
            committed,
            shown: Shown::new(fitting(builder.fixed_canvas.unwrap_or(builder.size))),
            status: Arc::default(),
            fixed_canvas: builder.fixed_canvas,
            clamped: None,
            tick_rate: builder.tick_rate,
            on_demand: builder.on_demand,
            handed_out: 0,
            inbox: VecDeque::new(),
            requests: [None; RequestRecord::KINDS],
            running: true,
            next_turn: now,
            scratch: Vec::new(),
            at_end: builder.at_end,
            backend,
        }
    }

    /// One turn: hands the input to the renderer and takes its newest picture. Never blocks, and
    /// costs the same whether the renderer is well, stopped or dead.
    ///
    /// # Panics
    /// In one process, with the renderer's panic.
    pub fn tick(&mut self, window: &WindowInput) {
        let now = Instant::now();
        self.supervise();
        let canvas = self.canvas_size(window.size);
        let fixed_dt = self.tick_rate.period().unwrap_or(Duration::from_nanos(16_666_667));
        let input = self.assembler.assemble(window, canvas, now, fixed_dt);
        let messages = self.outgoing.messages();
        let due = !self.on_demand || !input.is_idle() || messages > self.committed.head.received;
        self.outgoing.push(TickRecord { input, messages }, due);
        let new = match self.exchange() {
            Ok(new) => new,
            Err(nonsense) => {
                self.fault(nonsense);
                false
            }
        };
        self.shown.turn(new, window, now);
    }

    /// The last good frame; a plain dark one before the first.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        Picture::new(&self.shown)
    }

    /// What goes on behind the picture.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The state as of the last commit; `None` before the first, and while the renderer's state
    /// has another layout than this program was compiled with.
    #[must_use]
    pub fn state(&self) -> Option<&A::State> {
        self.committed.state::<A::State>()
    }

    /// Whether the application goes on: no renderer has asked to quit, and in one process the
    /// renderer still draws.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// How often the loop should turn; a renderer can change it.
    #[must_use]
    pub fn tick_rate(&self) -> TickRate {
        self.tick_rate
    }

    /// Sends a message to the renderer, which sees it in the next tick. Never blocks.
    ///
    /// # Errors
    /// Gives the message back when the queue is full: the renderer does not take messages, is
    /// slow or not there, or its message type has been changed since this program was compiled.
    pub fn send(&mut self, message: A::ToRenderer) -> Result<(), Full<A::ToRenderer>> {
        self.outgoing.send(message)
    }

    /// Takes the messages of the renderer, in order, each once.
    pub fn messages(&mut self) -> impl Iterator<Item = A::ToOwner> + use<A> {
        if let Err(nonsense) = self.receive() {
            self.fault(nonsense);
        }
        std::mem::take(&mut self.inbox).into_iter()
    }

    /// Takes the requests of the renderer, the latest of each kind.
    pub fn requests(&mut self) -> impl Iterator<Item = Request> + use<A> {
        let requests = std::mem::replace(&mut self.requests, [None; RequestRecord::KINDS]);
        requests.into_iter().flatten().map(Request::from)
    }

    /// Sleeps until the next tick is due, for loops that no window paces.
    pub fn pace(&mut self) {
        let Some(period) = self.tick_rate.period() else {
            return;
        };
        let now = Instant::now();
        self.next_turn += period;
        if self.next_turn + period < now {
            // Too late for more than a turn: go on from here instead of catching up.
            self.next_turn = now;
        }
        std::thread::sleep(self.next_turn.saturating_duration_since(now));
    }

    /// What the backend has to tell: a panic, a new status, a new generation.
    fn supervise(&mut self) {
        let opening = match &mut self.backend {
            Backend::Thread(thread) => {
                self.running &= thread.is_running();
                None
            }
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => {
                if let Some(status) = supervisor.new_status() {
                    self.status = status;
                }
                supervisor.next_opening()
            }
        };
        if let Some(opening) = opening {
            self.open(opening);
        }
    }

    /// Goes on with a new generation, which gets everything that its state has not seen.
    fn open(&mut self, opening: Opening) {
        // What the generation before has still sent is not lost.
        let last = self.receive().and_then(|()| self.take_requests());
        if last.is_err() {
            self.session = None;
        }
        let (tick, received) = opening.from;
        self.outgoing.committed(tick, received);
        self.outgoing.rewind();
        self.session = Some(Session::new(opening));
    }

    /// Everything between the renderer and us; whether there is a new picture.
    fn exchange(&mut self) -> Result<bool, Nonsense> {
        self.committed = self.keeper.ledger().latest();
        let Some(session) = &mut self.session else {
            return Ok(false);
        };
        // A commit of an earlier generation says nothing about what this one was given.
        if self.committed.generation == session.generation {
            self.outgoing.committed(self.committed.head.tick, self.committed.head.received);
        }
        if self.outgoing.feed(session)? {
            session.wake.wake(&session.segment);
        }
        self.keeper.poke(&session.segment);
        let frame = session.acquire(&mut self.shown.pixels)?;
        if let Some(head) = frame {
            (self.shown.width, self.shown.height) = (head.width, head.height);
            (self.shown.tick, self.shown.generation) = (head.tick, session.generation);
        }
        self.report_room();
        self.take_requests()?;
        Ok(frame.is_some())
    }

    fn take_requests(&mut self) -> Result<(), Nonsense> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        for _ in 0..session.requests.available()? {
            self.scratch.resize(size_of::<RequestRecord>(), 0);
            session.requests.read(&mut self.scratch);
            let mut record = RequestRecord::Quit;
            load(&mut record, &self.scratch).map_err(|_| Nonsense(0))?;
            match record {
                RequestRecord::Quit => self.running = false,
                RequestRecord::TickRate(ticks) => self.tick_rate = TickRate::per_second(ticks),
                _ => {}
            }
            self.requests[record.kind()] = Some(record);
        }
        Ok(())
    }

    /// Takes the messages that have come, but for those of ticks that were handed out before.
    fn receive(&mut self) -> Result<(), Nonsense> {
        let now = self.assembler.tick();
        let Some(reader) = self.session.as_mut().and_then(|session| session.to_owner.as_mut())
        else {
            return Ok(());
        };
        let before = self.handed_out;
        for _ in 0..reader.available()? {
            let head = size_of::<u64>();
            self.scratch.resize(head + size_of::<A::ToOwner>(), 0);
            reader.read(&mut self.scratch);
            let (tick, bytes) = self.scratch.split_at(head);
            let tick = bytemuck::pod_read_unaligned::<u64>(tick);
            let mut message = blank();
            if tick > now || load(&mut message, bytes).is_err() {
                return Err(Nonsense(0));
            }
            if tick > before {
                self.inbox.push_back(message);
                self.handed_out = tick;
            }
        }
        Ok(())
    }

    /// The size of the canvas for a window, clamped to what address space is reserved for.
    fn canvas_size(&mut self, window: (u32, u32)) -> (u32, u32) {
        let wanted = self.fixed_canvas.unwrap_or((window.0.max(1), window.1.max(1)));
        let fitting = fitting(wanted);
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.set_canvas(fitting);
        }
        if fitting != wanted && self.clamped != Some(wanted) {
            self.clamped = Some(wanted);
            self.note(format_args!(
                "a canvas of {} × {} pixels is larger than 8K: it is drawn at {} × {} and scaled",
                wanted.0, wanted.1, fitting.0, fitting.1
            ));
        }
        fitting
    }

    fn report_room(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        if let Some(error) = session.no_room.take() {
            self.note(format_args!(
                "there is no shared memory for a larger canvas ({error}): it keeps its size and is \
                 scaled; make /dev/shm larger (in a container: --shm-size)"
            ));
        }
    }

    /// Drops a generation whose words make no sense.
    fn fault(&mut self, Nonsense(word): Nonsense) {
        let Some(session) = self.session.take() else {
            return;
        };
        match &mut self.backend {
            // The renderer is this process itself: nothing but a bug gets here.
            Backend::Thread(_) => self.running = false,
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => {
                let reason = format!("its segment is damaged (read {word:#x})");
                supervisor.fault(session.generation, reason);
            }
        }
        let _ = (session, word);
    }

    /// Says something once, on the log where there is one.
    fn note(&self, what: std::fmt::Arguments<'_>) {
        #[cfg(feature = "owner")]
        tracing::warn!("{what}");
        #[cfg(not(feature = "owner"))]
        eprintln!("hot-reload: {what}");
    }
}

/// How long a renderer may take for its last tick when the application ends.
const GRACE: Duration = Duration::from_millis(500);

impl<A: App> Drop for Owner<A> {
    fn drop(&mut self) {
        match &mut self.backend {
            Backend::Thread(thread) => thread.stop(GRACE),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.stop(),
        }
        if let Some(save) = self.at_end.take() {
            let last = self.keeper.ledger().settle();
            if let Some(state) = last.state::<A::State>() {
                save(state);
            }
        }
    }
}

impl<A: App> std::fmt::Debug for Owner<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owner")
            .field("tick", &self.assembler.tick())
            .field("status", &self.status)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// The largest canvas of the same shape that is not larger than 8K.
fn fitting((width, height): (u32, u32)) -> (u32, u32) {
    let pixels = f64::from(width) * f64::from(height);
    if pixels <= MAX_PIXELS as f64 {
        return (width, height);
    }
    let scale = (MAX_PIXELS as f64 / pixels).sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "smaller than before, and not negative")]
    let side = |side: u32| ((f64::from(side) * scale).floor() as u32).max(1);
    let (width, height) = (side(width), side(height));
    // A side of one pixel is not scaled down any further.
    let limit = |other: u32| u32::try_from(MAX_PIXELS / other as usize).unwrap_or(u32::MAX);
    let width = width.min(limit(height));
    (width, height.min(limit(width)))
}

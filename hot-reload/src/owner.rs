//! The window side: `Owner`, which outlives every renderer.

mod builder;
mod call;
mod exchange;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) mod hostile;
mod layers;
mod module;
mod outgoing;
mod parts;
mod picture;
mod restore;
mod thread;

pub use builder::OwnerBuilder;
pub use module::Module;
pub use picture::Picture;

use crate::app::App;
use crate::generation::{Committed, Keeper, Session, StatusBoard};
use crate::handshake::TickRecord;
use crate::history::History;
use crate::input::WindowInput;
use crate::input::{Assembler, Input};
#[cfg(feature = "owner")]
use crate::overlay::Overlay;
use crate::request::{Request, RequestRecord, TickRate};
use crate::segment::MAX_PIXELS;
use crate::state::Full;
use crate::status::{ReloadEvent, Status};
use call::Question;
use layers::Layers;
use module::AnyModule;
use outgoing::Outgoing;
use picture::Shown;
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
    /// This part's own picture.
    shown: Shown,
    /// The picture, where there are several parts.
    layers: Option<Layers>,
    /// The parts that look at the state.
    modules: Vec<Box<dyn AnyModule>>,
    /// The commit that they were last told of: its generation and tick.
    looked_at: (u32, u64),
    /// Whether this part draws.
    draws: bool,
    /// Since when its picture is the last one for now.
    dead: Option<Instant>,
    /// How long it has been leaving a tick unanswered, once that is worth a word.
    silent: Option<Duration>,
    /// The generation that may be put back.
    parked: Option<Session>,
    board: Arc<StatusBoard>,
    /// What the board said last.
    told: Arc<Status>,
    /// The same, with what only the main thread knows, and with what the modules say.
    status: Arc<Status>,
    /// What the modules said last.
    merged: Vec<Arc<Status>>,
    #[cfg(feature = "owner")]
    overlay: Overlay,
    overlay_on: bool,
    strip_on: bool,
    history: History,
    deadlines: Deadlines,
    last_tick: Instant,
    fixed_canvas: Option<(u32, u32)>,
    /// The size for which the last one that does not fit was reported.
    clamped: Option<(u32, u32)>,
    tick_rate: TickRate,
    on_demand: bool,
    /// Whether the contents of the canvas are part of the state.
    keep_canvas: bool,
    /// The newest tick.
    sent: u64,
    /// The last tick whose messages were handed out.
    handed_out: u64,
    /// Messages that nobody has taken yet.
    inbox: VecDeque<A::ToOwner>,
    /// What somebody waits for an answer to.
    question: Option<Question<A::ToOwner>>,
    /// Changes of assets that the last tick has told.
    assets_said: u64,
    /// The window as it was in the last tick, without what happened in it.
    window: WindowInput,
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

    fn new(
        builder: OwnerBuilder<A>,
        keeper: Keeper,
        backend: Backend,
        board: Arc<StatusBoard>,
    ) -> Self {
        let now = Instant::now();
        let committed = keeper.ledger().latest();
        Owner {
            assembler: Assembler::new(builder.seed),
            outgoing: Outgoing::new(),
            session: None,
            keeper,
            committed,
            shown: Shown::new(fitting(builder.fixed_canvas.unwrap_or(builder.size))),
            layers: None,
            modules: Vec::new(),
            looked_at: (0, 0),
            draws: builder.mode.canvas,
            dead: None,
            silent: None,
            parked: None,
            merged: Vec::new(),
            told: board.latest(),
            status: board.latest(),
            board,
            #[cfg(feature = "owner")]
            overlay: Overlay::default(),
            overlay_on: builder.overlay,
            strip_on: false,
            history: History::default(),
            deadlines: builder.deadlines,
            last_tick: now,
            fixed_canvas: builder.fixed_canvas,
            clamped: None,
            tick_rate: builder.tick_rate,
            on_demand: builder.on_demand,
            keep_canvas: builder.mode.keep,
            sent: 0,
            handed_out: 0,
            inbox: VecDeque::new(),
            question: None,
            assets_said: 0,
            window: WindowInput::idle(builder.size.0, builder.size.1),
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
        self.say(window, now);
        let new = self.hear(now);
        let composed = self.compose(new, now);
        self.top_mut().turn(new || composed, window, now);
        let WindowInput { size, focused, mouse, .. } = *window;
        self.window = WindowInput { size, focused, mouse, ..WindowInput::idle(0, 0) };
    }

    /// Puts together what the renderer is to know of a tick.
    fn say(&mut self, window: &WindowInput, now: Instant) {
        if !self.outgoing.has_begun() {
            self.assembler.begin();
        }
        let canvas = self.canvas_size(window.size);
        let input = self.assembler.assemble(window, canvas, now, self.tick_rate.step());
        #[cfg(feature = "owner")]
        let input = self.scroll_overlay(input);
        let due = !self.on_demand || !input.is_idle();
        self.say_to_modules(&input, due);
        self.send_tick(input, due);
    }

    /// Gives the renderer a tick, or merges it into the next one when nothing is due.
    fn send_tick(&mut self, input: Input, due: bool) {
        self.sent = input.tick;
        let messages = self.outgoing.messages();
        let assets = self.assets();
        let changed = std::mem::replace(&mut self.assets_said, assets) != assets;
        let unread = messages > self.committed.head.received;
        let due = due || unread || changed;
        self.keeper.ledger().sent(input.tick, messages, input.time());
        self.outgoing.push(TickRecord { input, messages, assets }, due);
    }

    /// Gives the renderer what there is, and takes what it has drawn and said; whether there is a new
    /// picture.
    fn hear(&mut self, now: Instant) -> bool {
        let passed = now.duration_since(std::mem::replace(&mut self.last_tick, now));
        let new = match self.exchange() {
            Ok(new) => new,
            Err(nonsense) => {
                self.fault(nonsense);
                false
            }
        };
        let new = self.hear_modules(new, now);
        self.watch_over(passed);
        self.compose_layers(new, now)
    }

    /// The last good frame, a plain dark one before the first; with the overlay, if there is
    /// something to say.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        let top = self.top();
        #[cfg(feature = "owner")]
        if top.covered {
            return Picture::new(top, self.overlay.pixels());
        }
        Picture::new(top, &top.pixels)
    }

    /// Turns the overlay on or off; an application that shows [`status`](Self::status) in its own
    /// way turns it off.
    pub fn set_overlay(&mut self, on: bool) {
        self.overlay_on = on;
    }

    /// Shows the strip along the picture's lower edge, or no longer: which generation and build drew
    /// the picture, whether a newer one is on its way or has failed, and the steps of its reload
    /// ([`history`](Self::history)) as words and as a bar. It is off at first and independent of
    /// [`set_overlay`](Self::set_overlay); in one process there is none.
    pub fn set_strip(&mut self, on: bool) {
        self.strip_on = on;
    }

    /// Whether the strip is shown.
    #[must_use]
    pub fn strip(&self) -> bool {
        self.strip_on
    }

    /// What goes on behind the picture.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Takes what has changed behind the picture since the last call, in order. Of what nobody takes,
    /// the last 1,024 events are kept.
    pub fn reload_events(&mut self) -> impl Iterator<Item = ReloadEvent> + use<A> {
        self.board.take_events().into_iter()
    }

    /// When each step of the last 1,000 reloads was, from the save to the picture; nothing in one
    /// process. Costs a pointer; what happens later is not in it.
    #[must_use]
    pub fn history(&self) -> History {
        let mut history = self.history.clone();
        // The next turn writes it down for good.
        if let Some((generation, taken, asked)) = self.shown.seen() {
            history.seen(generation, taken, asked);
        }
        history
    }

    /// A handle with which another thread can wait for a status while this one ticks. Of several parts it is the
    /// leading one's; [`Module::status_watch`] is another's.
    #[must_use]
    pub fn status_watch(&self) -> StatusWatch {
        StatusWatch::new(self.board.clone())
    }

    /// Holds reloads back as long as the hold lives: the generation that draws goes on, whatever is
    /// saved; a new one is built and warmed up, and takes over when the last hold is dropped. A
    /// renderer that crashes is still recovered.
    ///
    /// ```no_run
    /// # use hot_reload::{App, Owner};
    /// # fn record<Demo: App>(owner: &mut Owner<Demo>) {
    /// let hold = owner.hold();
    /// // … record a film …
    /// drop(hold);
    /// # }
    /// ```
    pub fn hold(&mut self) -> Hold {
        let own = match &self.backend {
            Backend::Thread(_) => Hold::of_nothing(),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.hold(),
        };
        self.modules.iter_mut().fold(own, |hold, module| hold.with(module.hold()))
    }

    /// Starts the newest build again, as after a save: for programs that are to begin anew, and
    /// for tests. Nothing happens in one process, and before the first build.
    pub fn reload(&mut self) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.reload();
        }
        self.modules.iter_mut().for_each(|module| module.reload());
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
        if let Some(due) = self.next_tick_at() {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    /// When the next tick is due, for event loops that wait by themselves; called once after each tick.
    /// `None` where ticks are not limited.
    pub fn next_tick_at(&mut self) -> Option<Instant> {
        let period = self.tick_rate.period()?;
        let now = Instant::now();
        self.next_turn += period;
        if self.next_turn + period < now {
            // Too late for more than a turn: go on from here instead of catching up.
            self.next_turn = now;
        }
        Some(self.next_turn)
    }
}

/// How long a renderer may take for its last tick when the application ends.
const GRACE: Duration = Duration::from_millis(500);

impl<A: App> Owner<A> {
    /// Lets the renderers end in order, without waiting for it.
    fn quit(&mut self) {
        self.modules.iter_mut().for_each(|module| module.quit());
        match &self.backend {
            Backend::Thread(thread) => thread.quit(),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.quit(),
        }
    }

    /// Lets the renderers end in order.
    fn stop(&mut self) {
        self.quit();
        self.modules.iter_mut().for_each(|module| module.stop());
        match &mut self.backend {
            Backend::Thread(thread) => thread.stop(GRACE),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.stop(),
        }
    }
}

impl<A: App> Drop for Owner<A> {
    fn drop(&mut self) {
        self.stop();
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

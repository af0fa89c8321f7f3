//! The window side: `Owner`, which outlives every renderer.

mod builder;
mod call;
#[cfg_attr(
    not(all(
        feature = "owner",
        any(feature = "minifb", feature = "winit-window"),
        not(hot_reload_renderer)
    )),
    allow(dead_code, clippy::unused_self, reason = "only a window with an overlay needs it")
)]
mod development;
#[cfg(feature = "owner")]
mod editor;
mod exchange;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) mod hostile;
mod in_process;
mod layers;
mod lockstep;
mod module;
mod outgoing;
mod parts;
mod pause;
mod picture;
mod restore;
mod turn;

pub use builder::OwnerBuilder;
#[cfg(all(any(feature = "minifb", feature = "winit-window"), not(hot_reload_renderer)))]
pub(crate) use development::Clicked;
pub use module::Module;
pub use picture::Picture;

use crate::app::App;
use crate::generation::{CommitCopier, Committed, Deadlines, Hold, Session};
#[cfg(feature = "owner")]
use crate::handshake::environment::WAIT_FOR_DEBUGGER;
use crate::history::History;
use crate::input::Assembler;
use crate::input::WindowInput;
#[cfg(feature = "owner")]
use crate::overlay::Overlay;
use crate::request::{Request, RequestRecord, TickRate};
use crate::segment::MAX_PIXELS;
use crate::status::{ReloadEvent, Status, StatusBoard, StatusWatch};
use call::Question;
use hot_reload_pod::Full;
use in_process::RendererThread;
use layers::Layers;
use lockstep::Step;
use module::AnyModule;
use outgoing::Outgoing;
use pause::Pause;
use picture::Shown;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use turn::InputObserver;

pub(crate) type AtEnd<A> = Box<dyn FnOnce(&<A as App>::State)>;

/// Holds the application's state and the last good picture, and keeps a renderer drawing.
///
/// Dropping it ends the application, and waits until the renderer has finished its tick and
/// committed: at most five seconds, half a second in one process.
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
    commit_copier: CommitCopier,
    committed: Arc<Committed>,
    /// Picture of this part alone.
    shown: Shown,
    /// The composed picture, if there are several parts.
    layers: Option<Layers>,
    /// Modules: parts that read the state.
    modules: Vec<Box<dyn AnyModule>>,
    /// Generation and tick of the commit that the modules were last told of.
    looked_at: (u32, u64),
    /// True if this part draws.
    draws: bool,
    /// Time at which this part stopped drawing, while it does not.
    dead: Option<Instant>,
    /// Time that the renderer has left a tick unanswered, once it is long enough to report.
    silent: Option<Duration>,
    /// Parked generation, which may be put back.
    parked: Option<Session>,
    board: Arc<StatusBoard>,
    /// Last status read from the board.
    told: Arc<Status>,
    /// The same status, completed with what only the main thread knows and with the modules'
    /// statuses.
    status: Arc<Status>,
    /// Last statuses of the modules.
    merged: Vec<Arc<Status>>,
    #[cfg(feature = "owner")]
    overlay: Overlay,
    overlay_on: bool,
    strip_on: bool,
    history: History,
    deadlines: Deadlines,
    last_tick: Instant,
    fixed_canvas: Option<(u32, u32)>,
    /// Last requested size that was too large and was reported.
    clamped: Option<(u32, u32)>,
    tick_rate: TickRate,
    on_demand: bool,
    /// Time of the next frame that the renderer has asked for.
    redraw_at: Option<Instant>,
    /// Set if the contents of the canvas are part of the state.
    keep_canvas: bool,
    /// Number of the newest tick.
    sent: u64,
    /// Last tick whose messages were returned to the application.
    handed_out: u64,
    /// Messages that the application has not taken yet.
    inbox: VecDeque<A::ToOwner>,
    /// Message whose answer `call` is waiting for.
    question: Option<Question<A::ToOwner>>,
    /// Number of asset changes that the last tick reported.
    assets_said: u64,
    /// State of the window in the last tick, without its events.
    window: WindowInput,
    pause: Pause,
    /// Last step, until its picture is there.
    step: Option<Step>,
    observer: Option<InputObserver>,
    requests: [Option<RequestRecord>; RequestRecord::KINDS],
    running: bool,
    /// Error with which the renderer has asked to end.
    failure: Option<String>,
    next_turn: Instant,
    scratch: Vec<u8>,
    at_end: Option<AtEnd<A>>,
    /// Last field, so that the renderer is stopped while everything else still exists.
    backend: Backend,
}

/// Part of the owner that keeps a renderer drawing.
#[derive(Debug)]
pub(crate) enum Backend {
    /// One process: the renderer is a thread.
    Thread(RendererThread),
    /// Hot mode.
    #[cfg(feature = "owner")]
    Supervisor(crate::supervisor::Supervisor),
}

impl<A: App> Owner<A> {
    /// Starts to configure an owner; every generation of the renderer receives `arguments`.
    pub fn builder(arguments: A::Arguments) -> OwnerBuilder<A> {
        OwnerBuilder::new(arguments)
    }

    fn new(
        mut builder: OwnerBuilder<A>,
        commit_copier: CommitCopier,
        backend: Backend,
        board: Arc<StatusBoard>,
    ) -> Self {
        let now = Instant::now();
        let committed = commit_copier.commit_store().latest();
        Owner {
            assembler: Assembler::new(builder.settle_seed()),
            outgoing: Outgoing::new(),
            session: None,
            commit_copier,
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
            redraw_at: None,
            keep_canvas: builder.mode.keep,
            sent: 0,
            handed_out: 0,
            inbox: VecDeque::new(),
            question: None,
            assets_said: 0,
            window: WindowInput::idle(builder.size.0, builder.size.1),
            pause: Pause::default(),
            step: None,
            observer: None,
            requests: [None; RequestRecord::KINDS],
            running: true,
            failure: None,
            next_turn: now,
            scratch: Vec::new(),
            at_end: builder.at_end,
            backend,
        }
    }

    /// Runs one turn: hands the input to the renderer and takes its newest picture. Never blocks,
    /// and costs the same whether the renderer is well, stopped or dead.
    ///
    /// # Panics
    /// Panics in one process if the renderer has panicked.
    pub fn tick(&mut self, window: &WindowInput) {
        let now = Instant::now();
        self.poll_backend();
        self.give(window, now);
        self.show(window, now);
        self.remember(window);
    }

    /// Returns the last good frame, with the overlay over it if there is something to report.
    /// Before the first frame it is plain and dark.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        let top = self.top();
        #[cfg(feature = "owner")]
        if top.covered {
            return Picture::new(top, self.overlay.pixels());
        }
        Picture::new(top, &top.pixels)
    }

    /// Turns the overlay on or off. An application that shows [`status`](Self::status) in its own
    /// way turns it off.
    pub fn set_overlay(&mut self, on: bool) {
        self.overlay_on = on;
    }

    /// Shows or hides the strip along the picture's lower edge. It shows which generation and build
    /// drew the picture, whether a newer one is on its way or has failed, and the steps of its
    /// reload ([`history`](Self::history)) as words and as a bar. Default: off. It is independent
    /// of [`set_overlay`](Self::set_overlay). There is no strip in one process.
    pub fn set_strip(&mut self, on: bool) {
        self.strip_on = on;
    }

    /// Returns whether the strip is shown.
    #[must_use]
    pub fn strip(&self) -> bool {
        self.strip_on
    }

    /// Lets this program draw until the first build has ended. It must be its renderer as well if it
    /// is started by an owner.
    pub(crate) fn stand_in(&self) {
        // A debugger would be attached to a program that soon ends, and is not the one that is edited.
        #[cfg(feature = "owner")]
        let is_debugged = std::env::var_os(WAIT_FOR_DEBUGGER).is_some();
        #[cfg(feature = "owner")]
        if let (Backend::Supervisor(supervisor), Ok(program), false) =
            (&self.backend, std::env::current_exe(), is_debugged)
        {
            supervisor.stand_in(program);
        }
    }

    /// Returns what the owner and its renderer are currently doing.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Takes the events since the last call, in order. At most the last 1,024 events are kept until
    /// they are taken.
    pub fn reload_events(&mut self) -> impl Iterator<Item = ReloadEvent> + use<A> {
        self.board.take_events().into_iter()
    }

    /// Returns the times of each step of the last 1,000 reloads, from the save to the picture;
    /// empty in one process. It is cheap: the copy shares its memory. Later reloads are not added
    /// to it.
    #[must_use]
    pub fn history(&self) -> History {
        let mut history = self.history.clone();
        // The next turn records it permanently.
        if let Some((generation, taken, asked)) = self.shown.seen() {
            history.seen(generation, taken, asked);
        }
        history
    }

    /// Returns a handle with which another thread can wait for a status while this one ticks. In an
    /// application of several parts it watches the leading part; [`Module::status_watch`] watches a
    /// module.
    #[must_use]
    pub fn status_watch(&self) -> StatusWatch {
        StatusWatch::new(self.board.clone())
    }

    /// Pauses reloads until the returned hold is dropped. The generation that draws keeps running,
    /// whatever is saved. A new one is built and rehearses, and takes over when the last hold is
    /// dropped. A renderer that crashes is still recovered.
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

    /// Starts the newest build again, as after a save: for programs that want a fresh renderer, and
    /// for tests. Does nothing in one process, and before the first build.
    pub fn reload(&mut self) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.reload();
        }
        self.modules.iter_mut().for_each(|module| module.reload());
    }

    /// Returns the state as of the last commit; `None` before the first, and while the renderer's
    /// state has another layout than this program was compiled with.
    #[must_use]
    pub fn state(&self) -> Option<&A::State> {
        self.committed.state::<A::State>()
    }

    /// Returns false once a renderer has asked to quit, or, in one process, once the renderer has
    /// ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Returns the error with which the renderer has asked to end ([`Request::Fail`]).
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Returns the rate at which the loop should turn; a renderer can change it.
    #[must_use]
    pub fn tick_rate(&self) -> TickRate {
        self.tick_rate
    }

    /// Sends a message to the renderer, which sees it in the next tick. Never blocks.
    ///
    /// # Errors
    /// Returns the message if the queue is full: the renderer does not take messages, is slow or
    /// does not exist, or its message type has changed since this program was compiled.
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

    /// Returns the time at which the next tick is due, for event loops that do their own waiting.
    /// Call it once after each tick. `None` if ticks are not limited.
    pub fn next_tick_at(&mut self) -> Option<Instant> {
        let period = self.tick_rate.period()?;
        let now = Instant::now();
        self.next_turn += period;
        if self.next_turn + period < now {
            // More than one turn late: continue from now instead of catching up.
            self.next_turn = now;
        }
        Some(self.next_turn)
    }
}

/// Time allowed for the renderer's last tick when the application ends.
const GRACE: Duration = Duration::from_millis(500);

impl<A: App> Owner<A> {
    /// Tells the renderers to end in an orderly way, without waiting for them.
    fn quit(&mut self) {
        self.modules.iter_mut().for_each(|module| module.quit());
        match &self.backend {
            Backend::Thread(thread) => thread.quit(),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.quit(),
        }
    }

    /// Ends the renderers in an orderly way and waits for them.
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
            let last = self.commit_copier.commit_store().settle();
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

/// Returns the largest canvas of the same shape that is not larger than 8K.
fn fitting((width, height): (u32, u32)) -> (u32, u32) {
    let pixels = f64::from(width) * f64::from(height);
    if pixels <= MAX_PIXELS as f64 {
        return (width, height);
    }
    let scale = (MAX_PIXELS as f64 / pixels).sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "smaller than before, and not negative")]
    let side = |side: u32| ((f64::from(side) * scale).floor() as u32).max(1);
    let (width, height) = (side(width), side(height));
    // A side of one pixel cannot be scaled down any further.
    let limit = |other: u32| u32::try_from(MAX_PIXELS / other as usize).unwrap_or(u32::MAX);
    let width = width.min(limit(height));
    (width, height.min(limit(width)))
}

//! The ready-made owner: all that is between `main` and the renderer's function.

mod headless;
mod inspect;
mod interrupt;
#[cfg(feature = "options")]
mod log;
mod options;
mod recording;
pub(crate) mod script;
mod size;
mod surface;

#[cfg(feature = "options")]
pub use options::Options;

use crate::app::{App, package};
use crate::error::Result;
#[cfg(any(feature = "owner", feature = "options", not(feature = "renderer")))]
use crate::handshake::environment::is_of_renderer;
use crate::owner::{Owner, OwnerBuilder};
use crate::renderer::{Frame, Renderer, run};
use crate::window::DevelopmentKeys;
#[cfg(not(feature = "options"))]
use options::Options;
use std::cell::RefCell;
use std::rc::Rc;
use surface::Surface;

/// Runs a program: the whole `main` of an application without arguments of its own.
///
/// Started by a person, the program is the owner: it opens a window, or uses the terminal if there
/// is no display, and builds, starts and replaces its renderer. Started by its owner, the same
/// program is the renderer. Without the feature `owner`, the renderer is a thread.
///
/// With the feature `options`, the command line has the options of `Options`, and the log is
/// written to standard error. [`Play`] is for programs that need more.
///
/// See [`Sketch`](crate::Sketch) for a complete program.
///
/// # Errors
/// Fails as [`Play::run`] does.
pub fn play<A: App<Arguments = ()>>(
    render: impl FnMut(&mut Frame<'_, A>) + Send + 'static,
) -> Result<()> {
    #[cfg(all(feature = "renderer", not(feature = "owner")))]
    return run(render);
    #[cfg(any(feature = "owner", not(feature = "renderer")))]
    {
        if is_of_renderer() {
            return run(render);
        }
        Play::new(Owner::builder(())).command_line().run(render)
    }
}

type OnTurn<A> = Box<dyn FnMut(&mut Owner<A>, (u32, u32))>;

/// The ready-made owner: a window, a terminal or neither, and the loop around an [`Owner`].
///
/// It applies the renderer's requests, paces the loop and handles Ctrl+C. With the feature
/// `options` it adds the options of the command line. [`play`] is enough for a program without
/// arguments or messages.
///
/// ```no_run
/// # use hot_reload::{App, Frame, Owner, Play};
/// # struct Demo;
/// # impl App for Demo {
/// #     const RENDERER: &'static str = "demo";
/// #     type Arguments = u32;
/// #     type State = u32;
/// #     type ToRenderer = ();
/// #     type ToOwner = u32;
/// # }
/// # fn render(_: &mut Frame<'_, Demo>) {}
/// fn main() -> hot_reload::Result<()> {
///     let balls = 7;
///     Play::new(Owner::<Demo>::builder(balls))
///         .title("My program")
///         .on_turn(|owner, _| owner.messages().for_each(|message| println!("{message:?}")))
///         .run(render)
/// }
/// ```
pub struct Play<A: App> {
    builder: OwnerBuilder<A>,
    title: String,
    on_turn: OnTurn<A>,
    options: Options,
    awaits_build: bool,
    keys: DevelopmentKeys,
}

impl<A: App> Play<A> {
    /// Creates the owner of the application that a builder configures. Options of the command line
    /// take precedence over the builder's settings.
    pub fn new(builder: OwnerBuilder<A>) -> Self {
        Play {
            builder,
            title: package::<A>().to_owned(),
            on_turn: Box::new(|_, _| {}),
            options: Options::default(),
            awaits_build: false,
            keys: DevelopmentKeys::default(),
        }
    }

    /// Shows no picture before the first hot build if `await_build` is true. Default: false.
    ///
    /// The first hot build compiles the renderer's dependencies, which can take a minute. Until it
    /// has ended, [`run`](Self::run) and [`run_with`](Self::run_with) start this program a second
    /// time as the renderer, with the renderer's arguments: the owner's own, unless
    /// [`OwnerBuilder::program_arguments`] sets others. It draws as it was compiled, usually without
    /// optimisation. If it cannot start or is too slow, the first picture is that of the first build.
    /// Use `true` if `main` must not run twice at the same time.
    ///
    /// Applications of several parts, renderers built by other tools, and programs that are not in
    /// cargo's target folder wait for the first build in any case.
    #[must_use]
    pub fn await_build(mut self, await_build: bool) -> Self {
        self.awaits_build = await_build;
        self
    }

    /// Uses other development keys than F1 to F12 in the window.
    #[must_use]
    pub fn keys(mut self, keys: DevelopmentKeys) -> Self {
        self.keys = keys;
        self
    }

    /// Sets the window's title until the renderer requests another. Default: the name of the
    /// package.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// Reads the options of the command line of a program without arguments of its own. Prints the
    /// help or a mistake and ends the process, if there is one. Does nothing without the feature
    /// `options`, and in a renderer's process.
    #[must_use]
    #[cfg_attr(not(feature = "options"), allow(unused_mut, reason = "changed with the feature"))]
    pub fn command_line(mut self) -> Self {
        #[cfg(feature = "options")]
        if !is_of_renderer() {
            self.options = Options::of_command_line();
        }
        self
    }

    /// Uses these options of the command line. Requires the feature `options`.
    #[cfg(feature = "options")]
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Calls a function after each turn, with the owner and the size of the window's content in
    /// pixels. It can send and receive messages.
    #[must_use]
    pub fn on_turn(mut self, turn: impl FnMut(&mut Owner<A>, (u32, u32)) + 'static) -> Self {
        self.on_turn = Box::new(turn);
        self
    }

    /// Runs the program with a renderer that is called once per tick, until the window is closed or
    /// the renderer requests the end.
    ///
    /// # Errors
    /// Fails if the owner cannot [start](OwnerBuilder::start), if the window cannot be opened or is
    /// lost, and if a file named on the command line cannot be read or written.
    pub fn run(self, render: impl FnMut(&mut Frame<'_, A>) + Send + 'static) -> Result<()> {
        // With a `cfg`, because generic code of the owner would be compiled again with every edit.
        #[cfg(all(feature = "renderer", not(feature = "owner")))]
        return run(render);
        #[cfg(any(feature = "owner", not(feature = "renderer")))]
        {
            if is_of_renderer() {
                return run(render);
            }
            self.run_owner(true, |builder| builder.start(render))
        }
    }

    /// Runs the program with a function that runs the renderer's loop, as
    /// [`OwnerBuilder::start_with`] takes it: `.run_with(|renderer| renderer.run_with(Scene::default()))`.
    /// It is called in the renderer's process, or on the renderer's thread. What it makes need not
    /// be `Send`, and an owner in hot mode does not make it.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does.
    pub fn run_with(
        self,
        play: impl FnOnce(Renderer<A>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        #[cfg(all(feature = "renderer", not(feature = "owner")))]
        return play(Renderer::attach()?);
        #[cfg(any(feature = "owner", not(feature = "renderer")))]
        {
            if is_of_renderer() {
                return play(Renderer::attach()?);
            }
            self.run_owner(true, |builder| builder.start_with(play))
        }
    }

    /// Runs the owner that `start` makes of the builder, for a renderer whose program is another
    /// package and calls [`run`](crate::run()) itself.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does.
    pub fn show(self, start: impl FnOnce(OwnerBuilder<A>) -> Result<Owner<A>>) -> Result<()> {
        self.run_owner(false, start)
    }

    /// Runs the owner that `start` makes. `draws_itself` is set if this program is its renderer as
    /// well.
    fn run_owner(
        mut self,
        draws_itself: bool,
        start: impl FnOnce(OwnerBuilder<A>) -> Result<Owner<A>>,
    ) -> Result<()> {
        let options = std::mem::take(&mut self.options);
        if let Some((file, form)) = options.inspected() {
            return inspect::print(file, form);
        }
        #[cfg(feature = "options")]
        let _log = log::start();
        let is_interrupted = interrupt::watch()?;
        // Files are read and the surface is opened first: a mistake is an error before anything is
        // built.
        let mut builder = options.configure(self.builder)?;
        let script = options.script()?;
        if let Some(script) = &script {
            builder = builder.default_seed(script.seed().unwrap_or(0));
        }
        let recording = options
            .recording(builder.settle_seed())?
            .map(|recording| Rc::new(RefCell::new(recording)));
        let mut surface =
            Surface::open(&options, script, &self.title, builder.window_size(), self.keys)?;
        let mut owner = start(builder)?;
        if draws_itself && !self.awaits_build && !options.awaits_build() {
            owner.stand_in();
        }
        surface.prepare(&mut owner);
        if let Some(recording) = recording.clone() {
            owner.observe_input(move |input, has_picture| {
                recording.borrow_mut().tick(input, has_picture);
            });
        }
        let mut frames = 0;
        let ended = loop {
            let shown = owner.picture().tick();
            let is_open = match surface.turn(&mut owner) {
                Ok(is_open) => is_open,
                Err(error) => break Err(error),
            };
            // Also after the last turn, whose messages may matter most.
            (self.on_turn)(&mut owner, surface.size());
            frames += u64::from(owner.picture().tick() != shown);
            if !is_open || options.is_last(frames) || is_interrupted() {
                break Ok(());
            }
        };
        // The terminal is itself again before anything is printed.
        drop(surface);
        // Whole also after a failure, which may be worth playing again.
        let recorded = recording.map_or(Ok(()), |recording| recording.borrow_mut().finish());
        ended.and_then(|()| options.write_picture(&owner)).inspect_err(|_| owner.leave_state())?;
        options.finish(owner)?;
        recorded
    }
}

impl<A: App> std::fmt::Debug for Play<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Play").field("title", &self.title).finish_non_exhaustive()
    }
}

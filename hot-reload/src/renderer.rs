//! The drawing side: `run`, `Render`, `Frame`, `Renderer`.

#[cfg(feature = "renderer")]
mod attach;
mod feed;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
mod hostile;
mod kept;
mod mail;
mod memory;
mod own;
mod runtime;
mod start;
mod takeover;
mod turns;

#[cfg(feature = "renderer")]
pub(crate) use attach::environment;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use hostile::play;
#[cfg(feature = "owner")]
pub(crate) use kept::file as kept_file;
pub use mail::OwnerLink;
pub(crate) use start::Restores;
pub(crate) use takeover::Taken;
pub use turns::{Renderer, Turn};

use crate::app::App;
use crate::assets::AssetChange;
use crate::canvas::Canvas;
use crate::error::Result;
use crate::input::Input;
use crate::state::Buffers;
use kept::Kept;
use serde::Serialize;
use serde::de::DeserializeOwned;
use start::Start;

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
/// Programs that it starts end with it and with the owner, however these end, unless they leave its process
/// group (`setsid`, a daemon, a shell with job control).
///
/// Started without an owner, it prints what to do and ends the process with code 2.
///
/// # Errors
/// When the owner's segment cannot be used.
pub fn run<A: App>(render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
    Renderer::<A>::attach()?.run(render)
}

/// Runs a renderer that also wants to know when it is about to be replaced: the whole `main` of
/// its program.
///
/// ```no_run
/// # use hot_reload::{App, Frame, Render};
/// # struct Demo;
/// # impl App for Demo {
/// #     const RENDERER: &'static str = "demo";
/// #     type Arguments = ();
/// #     type State = u32;
/// #     type ToRenderer = ();
/// #     type ToOwner = ();
/// # }
/// /// What is not plain old data, and expensive to make.
/// #[derive(Default)]
/// struct Scene {
///     names: Vec<String>,
/// }
///
/// impl Render<Demo> for Scene {
///     fn render(&mut self, frame: &mut Frame<'_, Demo>) {
///         if frame.is_first() {
///             match frame.take("names") {
///                 Ok(names) => self.names = names.unwrap_or_default(),
///                 Err(changed) => eprintln!("{changed}"),
///             }
///         }
///     }
///
///     fn on_drain(&mut self, frame: &mut Frame<'_, Demo>) {
///         if let Err(error) = frame.keep("names", &self.names) {
///             eprintln!("{error}");
///         }
///     }
/// }
///
/// fn main() -> hot_reload::Result<()> {
///     hot_reload::run_with::<Demo>(Scene::default())
/// }
/// ```
///
/// # Errors
/// When the owner's segment cannot be used.
pub fn run_with<A: App>(renderer: impl Render<A>) -> Result<()> {
    Renderer::<A>::attach()?.run_with(renderer)
}

/// A renderer with values of its own, for [`run_with`]; a function or a closure is enough for
/// [`run`].
pub trait Render<A: App> {
    /// Called once a tick, and once before the first for the rehearsal.
    fn render(&mut self, frame: &mut Frame<'_, A>);

    /// Called after the last tick, before the last commit: the place to [`keep`](Frame::keep) what
    /// is not plain old data. There is no canvas and nobody to send messages to, the input is that
    /// of the last tick; the state may be changed.
    ///
    /// It counts against [`Deadlines::drain`](crate::Deadlines::drain).
    fn on_drain(&mut self, _frame: &mut Frame<'_, A>) {}

    /// Called in place of the end after [`on_drain`](Self::on_drain), when the generation that
    /// should have taken over has failed and this one goes on. What was kept can be taken again.
    fn on_resume(&mut self, _frame: &mut Frame<'_, A>) {}
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
    /// Files of the asset folders ([`OwnerBuilder::assets`](crate::OwnerBuilder::assets)) that have
    /// changed since the last tick, each once. What has changed during the set-up comes with the first
    /// tick.
    pub assets: &'f [AssetChange],
    /// Counts from 1; one more with every reload.
    pub generation: u32,
    /// Whether this is the first tick of this generation.
    pub first: bool,
    /// Whether the state has just been initialised, so that nothing was carried over.
    pub fresh: bool,
    /// Whether this frame is a rehearsal, which nobody sees.
    pub rehearsal: bool,
    kept: &'f mut Kept,
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

    /// Whether this frame is a rehearsal: a new generation proves that it can draw while the one
    /// before it still does. Nobody sees it, its changes of the state and its messages are thrown
    /// away. Code with side effects (sounds, files) asks for it.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal
    }

    /// Keeps a value for the next generation, by name; a value of the same name is replaced.
    ///
    /// Kept values are handed over when the renderer drains, so [`Render::on_drain`] is the place to
    /// do it. A generation that crashes hands over nothing new: the one that recovers gets what the
    /// crashed one had got. In a rehearsal nothing is kept.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn keep<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        self.kept.keep(name, value)
    }

    /// Takes a kept value; `None` when there is none of that name, and in a rehearsal: kept values
    /// are there from the first real tick on. What is not taken goes on to the next generation.
    ///
    /// # Errors
    /// When it cannot be read as a `T`, since the type has changed; it stays, and can be taken as
    /// another type.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        self.kept.take(name)
    }
}

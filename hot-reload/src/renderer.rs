//! The drawing side: `run`, `Render`, `Frame`, `Renderer`.

#[cfg(feature = "renderer")]
mod attach;
#[cfg(feature = "renderer")]
mod cut;
mod erased;
mod feed;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
mod hostile;
mod kept_values;
mod link;
mod memory;
mod own_loop;
mod runtime;
mod start;
mod takeover;

#[cfg(feature = "renderer")]
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use hostile::play;
pub use link::OwnerLink;
pub use own_loop::{Renderer, Turn};
pub(crate) use start::Restores;
pub(crate) use takeover::Taken;

use crate::app::App;
use crate::assets::AssetChange;
use crate::canvas::Canvas;
use crate::error::Result;
use crate::input::Input;
use hot_reload_pod::Buffers;
pub use kept_values::KeptValues;
use start::Prepared;

/// Runs a renderer: the whole `main` of its program.
///
/// It attaches to the owner that started this program, and calls `render` once per tick until the
/// owner ends it. Values that the closure captures (caches, devices) are made once per generation.
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
/// Programs that the renderer starts end with it and with the owner, however those end, unless they
/// leave its process group (`setsid`, a daemon, a shell with job control).
///
/// If the program was started without an owner, it prints what to do and exits with code 2.
///
/// # Errors
/// Fails if the owner's segment cannot be used.
pub fn run<A: App>(render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
    Renderer::<A>::attach()?.run(render)
}

/// Runs a renderer that is notified before it is replaced: the whole `main` of its program.
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
/// /// Values that are not plain old data and are expensive to make.
/// #[derive(Default)]
/// struct Scene {
///     names: Vec<String>,
/// }
///
/// impl Render<Demo> for Scene {
///     fn render(&mut self, frame: &mut Frame<'_, Demo>) {
///         if frame.first {
///             match frame.kept.take("names") {
///                 Ok(names) => self.names = names.unwrap_or_default(),
///                 Err(changed) => eprintln!("{changed}"),
///             }
///         }
///     }
///
///     fn on_drain(&mut self, frame: &mut Frame<'_, Demo>) {
///         if let Err(error) = frame.kept.keep("names", &self.names) {
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
/// Fails if the owner's segment cannot be used.
pub fn run_with<A: App>(renderer: impl Render<A>) -> Result<()> {
    Renderer::<A>::attach()?.run_with(renderer)
}

/// A renderer with its own values, for [`run_with`]. For [`run`], a function or a closure is
/// enough.
pub trait Render<A: App> {
    /// Draws a frame; called once per tick, and once before the first tick for the rehearsal.
    fn render(&mut self, frame: &mut Frame<'_, A>);

    /// Prepares for the replacement; called after the last tick and before the last commit. Use it
    /// to [`keep`](crate::KeptValues::keep) values that are not plain old data. The frame has no
    /// canvas and cannot send messages, and its input is that of the last tick. The state may be
    /// changed.
    ///
    /// The call counts against [`Deadlines::drain`](crate::Deadlines::drain).
    fn on_drain(&mut self, _frame: &mut Frame<'_, A>) {}

    /// Resumes drawing; called after [`on_drain`](Self::on_drain) if the generation that was to
    /// take over has failed and this one continues. Kept values can be taken again.
    fn on_resume(&mut self, _frame: &mut Frame<'_, A>) {}
}

/// One turn of the renderer: its input, and the canvas to draw on.
///
/// The fields are public, so that each can be borrowed independently of the others.
#[derive(Debug)]
#[non_exhaustive]
pub struct Frame<'f, A: App> {
    /// State, which survives every reload.
    pub state: &'f mut A::State,
    /// Input since the last tick.
    pub input: &'f Input,
    /// Canvas to draw on.
    pub canvas: Canvas<'f>,
    /// Arguments that the owner was started with.
    pub arguments: &'f A::Arguments,
    /// Link to the owner, for messages and requests.
    pub owner: OwnerLink<'f, A>,
    /// Extra buffers.
    pub buffers: Buffers<'f>,
    /// Files of the asset folders ([`OwnerBuilder::assets`](crate::OwnerBuilder::assets)) that have
    /// changed since the last tick, each once. Changes made during the set-up are in the first
    /// tick.
    pub assets: &'f [AssetChange],
    /// Number of the generation, counted from 1; it grows with every reload.
    pub generation: u32,
    /// True in the first tick of this generation.
    pub first: bool,
    /// True if the state has just been initialised and nothing was carried over. Unrelated to
    /// [`Picture::is_fresh`](crate::Picture::is_fresh).
    pub fresh: bool,
    /// True in a rehearsal: a new generation proves that it can draw while the previous one still
    /// does. The frame is never shown, and its changes to the state and its messages are discarded.
    /// Code with side effects (sounds, files) should check for it.
    pub rehearsal: bool,
    /// Values that are not plain old data, for the next generation and from the previous one.
    pub kept: &'f mut KeptValues,
}

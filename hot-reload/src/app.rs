//! `App`: the declaration of an application, made once, visible to owner and renderer.

use hot_reload_pod::{BufferPlan, OldState, SharedState};
use serde::{Serialize, de::DeserializeOwned};

/// Declares what an application's owner and renderer share.
///
/// Implement it in the crate that both depend on, for an empty marker type:
///
/// ```
/// use hot_reload::{App, SharedState};
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// pub struct State {
///     pub clicks: u32,
/// }
///
/// impl Default for State {
///     fn default() -> Self {
///         State { clicks: 0 }
///     }
/// }
///
/// pub struct Demo;
///
/// impl App for Demo {
///     const RENDERER: &'static str = "my-renderer"; // the package that is rebuilt
///     type Arguments = ();
///     type State = State;
///     type ToRenderer = ();
///     type ToOwner = ();
/// }
/// ```
pub trait App: Sized + 'static {
    /// Name of the package that is rebuilt and replaced; its binary calls [`run`](crate::run).
    const RENDERER: &'static str;

    /// Arguments that every generation of the renderer receives at its start.
    type Arguments: Serialize + DeserializeOwned + Send + 'static;

    /// State that survives every reload.
    type State: SharedState + Default;

    /// Messages to the renderer; `()` for none.
    type ToRenderer: SharedState;

    /// Messages to the owner; `()` for none.
    type ToOwner: SharedState;

    /// Initialises the state of a fresh start in place. On entry it is blank: numbers are zero,
    /// collections empty, enums at their first variant.
    ///
    /// The default implementation assigns `State::default()`.
    ///
    /// A state of more than 256 KiB is initialised on a separate thread, whose stack has room for
    /// eight copies. A state of many megabytes is better filled in directly than assigned.
    fn init(state: &mut Self::State, _arguments: &Self::Arguments) {
        *state = Self::State::default();
    }

    /// Adapts a state that was carried over from another layout.
    ///
    /// It runs after fields were matched by name, numbers converted, and new fields set as
    /// [`init`](Self::init) leaves them. Use it for conversions that names and types cannot
    /// express.
    ///
    /// ```
    /// # use hot_reload::{migration::OldState, App, SharedState};
    /// # #[derive(Clone, Copy, Default, SharedState)]
    /// #[repr(C)]
    /// pub struct State {
    ///     /// Was `degrees`.
    ///     pub radians: f32,
    /// }
    /// # struct Demo;
    /// # impl App for Demo {
    /// #     const RENDERER: &'static str = "my-renderer";
    /// #     type Arguments = ();
    /// #     type State = State;
    /// #     type ToRenderer = ();
    /// #     type ToOwner = ();
    ///
    /// // in `impl App`
    /// fn migrate(old: &OldState<'_>, new: &mut State) {
    ///     if let Some(degrees) = old.get::<f32>("degrees") {
    ///         new.radians = degrees.to_radians();
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// It runs before the new generation's rehearsal, and again when that generation takes over. If
    /// it panics or hangs, the new generation is discarded, and the previous one keeps running with
    /// its state unchanged.
    fn migrate(_old: &OldState<'_>, _new: &mut Self::State) {}

    /// Requests the extra buffers, whose lengths are known only at run time, by
    /// [`BufferPlan::add`]. The renderer reaches them by [`Frame::buffers`](crate::Frame::buffers).
    ///
    /// ```
    /// # use hot_reload::{buffers::BufferPlan, App, Frame};
    /// # struct Demo;
    /// # impl App for Demo {
    /// #     const RENDERER: &'static str = "my-renderer";
    /// #     type Arguments = (usize, usize);
    /// #     type State = u32;
    /// #     type ToRenderer = ();
    /// #     type ToOwner = ();
    ///
    /// // in `impl App`
    /// fn buffers(&(width, height): &(usize, usize), plan: &mut BufferPlan) {
    ///     plan.add::<f32>("heights", width * height);
    /// }
    /// # }
    ///
    /// // in the renderer
    /// fn render(frame: &mut Frame<'_, Demo>) {
    ///     let heights: &mut [f32] = frame.buffers.get_mut("heights");
    ///     heights[0] += frame.input.dt().as_secs_f32();
    /// }
    /// ```
    fn buffers(_arguments: &Self::Arguments, _plan: &mut BufferPlan) {}
}

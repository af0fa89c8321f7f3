//! `App`: the declaration of an application, made once, visible to owner and renderer.

use hot_reload_pod::{BufferPlan, OldState, SharedState};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;
use std::sync::OnceLock;

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
    /// Name of the package that is rebuilt and replaced; its binary calls [`run`](crate::run) or
    /// [`play`](crate::play). An empty name means the package that declares the type of the state.
    const RENDERER: &'static str;

    /// Arguments that every generation of the renderer receives at its start.
    type Arguments: Serialize + DeserializeOwned + Send + 'static;

    /// State that survives every reload.
    type State: InitialState<Self::Arguments>;

    /// Messages to the renderer; `()` for none.
    type ToRenderer: SharedState;

    /// Messages to the owner; `()` for none.
    type ToOwner: SharedState;

    /// Initialises the state of a fresh start in place. On entry it is blank: numbers are zero,
    /// collections empty, enums at their first variant.
    ///
    /// The default implementation calls [`InitialState::init`], which assigns `State::default()` if
    /// the state has one.
    ///
    /// A state of more than 256 KiB is initialised on a separate thread, whose stack has room for
    /// eight copies. A state of many megabytes is better filled in directly than assigned.
    fn init(state: &mut Self::State, arguments: &Self::Arguments) {
        state.init(arguments);
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

/// A state that knows its initial value, which may depend on the application's arguments.
///
/// Every state with a `Default` implements it. Implement it for a state without one, for example
/// because it is too large to be made on a stack.
///
/// ```
/// use hot_reload::{InitialState, SharedState};
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// struct World {
///     cells: [u8; 1 << 20],
///     walls: u32,
/// }
///
/// impl InitialState for World {
///     fn init(&mut self, (): &()) {
///         self.cells[0] = 1; // all others are zero
///         self.walls = 7;
///     }
/// }
/// ```
pub trait InitialState<Arguments = ()>: SharedState {
    /// Initialises a blank state in place: numbers are zero, collections empty, enums at their
    /// first variant.
    fn init(&mut self, arguments: &Arguments);
}

impl<S: SharedState + Default, Arguments> InitialState<Arguments> for S {
    fn init(&mut self, _arguments: &Arguments) {
        *self = S::default();
    }
}

/// The [`App`] of a program that has a state, and neither arguments nor messages.
///
/// The package that is rebuilt is the one that declares the state's type.
///
/// ```no_run
/// use hot_reload::{Frame, MouseButton, SharedState, Sketch};
///
/// #[derive(Clone, Copy, Default, SharedState)]
/// #[repr(C)]
/// struct State {
///     clicks: u32,
/// }
///
/// fn render(frame: &mut Frame<'_, Sketch<State>>) {
///     if frame.input.mouse.pressed.contains(MouseButton::Left) {
///         frame.state.clicks += 1;
///     }
///     frame.canvas.fill(0x20_30_40 + frame.state.clicks);
/// }
///
/// fn main() -> hot_reload::Result<()> {
///     hot_reload::play(render)
/// }
/// ```
#[derive(Debug)]
pub struct Sketch<S>(PhantomData<S>);

impl<S: InitialState> App for Sketch<S> {
    const RENDERER: &'static str = "";
    type Arguments = ();
    type State = S;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Returns the package that is rebuilt. If the application does not name one, the name is that of
/// a crate, in which cargo has replaced `-` by `_`.
pub(crate) fn package<A: App>() -> &'static str {
    if !A::RENDERER.is_empty() {
        return A::RENDERER;
    }
    crate_of(std::any::type_name::<A::State>()).unwrap_or_else(program)
}

/// Returns the crate at the beginning of a type's path; `None` for a type of the standard library
/// or of this one.
fn crate_of(type_name: &'static str) -> Option<&'static str> {
    let path = type_name.trim_start_matches(|it: char| !it.is_alphanumeric() && it != '_');
    let (first, _) = path.split_once("::")?;
    let named = first.chars().all(|it| it.is_alphanumeric() || it == '_');
    let foreign = ["core", "std", "alloc", "hot_reload", "hot_reload_pod"];
    (named && !foreign.contains(&first)).then_some(first)
}

/// Returns the name of this program's file.
fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let file = std::env::current_exe().unwrap_or_default();
        file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_the_one_that_declares_the_state() {
        assert_eq!(crate_of("my_game::world::State"), Some("my_game"));
        assert_eq!(crate_of("[my_game::Cell; 4]"), Some("my_game"));
        for foreign in ["u32", "(f32, my_game::Cell)", "hot_reload_pod::FixedVec<my_game::Cell, 4>"]
        {
            assert_eq!(crate_of(foreign), None, "{foreign}");
        }
        let own = program();
        assert!(own.starts_with("hot_reload"), "{own}");
        assert_eq!(package::<Sketch<u32>>(), own);
    }
}

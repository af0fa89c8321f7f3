//! `App`: what an application declares, once, where owner and renderer can both see it.

use crate::state::{BufferPlan, OldState, SharedState};
use serde::{Serialize, de::DeserializeOwned};

/// What an application's owner and renderer share.
///
/// It is implemented in the crate that both depend on, for a type that is only a name:
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
    /// The package that is rebuilt and replaced; its binary calls [`run`](crate::run).
    const RENDERER: &'static str;

    /// What every generation of the renderer is given at its start.
    type Arguments: Serialize + DeserializeOwned + Send + 'static;

    /// What survives every reload.
    type State: SharedState + Default;

    /// Messages to the renderer; `()` for none.
    type ToRenderer: SharedState;

    /// Messages to the owner; `()` for none.
    type ToOwner: SharedState;

    /// Makes the state of a fresh start, in place, out of a blank one: numbers zero, collections
    /// empty, enums at their first variant.
    ///
    /// By default the state is its `Default`. A large one is made on a thread of its own, whose stack has
    /// room for eight of it; a state of many megabytes is better filled in here, where it lies.
    fn init(state: &mut Self::State, _arguments: &Self::Arguments) {
        const ROOMY: usize = 256 * 1024;
        if size_of::<Self::State>() <= ROOMY {
            return make_default(state);
        }
        // Without optimisation, each function that passes the value on has a copy of it in its frame.
        let stack = 8 * size_of::<Self::State>() + (8 << 20);
        with_stack(stack, &mut || make_default(state));
    }

    /// Adapts a state that was carried over from another layout.
    ///
    /// By then fields are matched by name, numbers converted, and new fields as
    /// [`init`](Self::init) has left them; this is for what names and types do not tell.
    ///
    /// ```
    /// # use hot_reload::{App, OldState, SharedState};
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
    /// It runs in the new generation's warm-up and again at the cut. One that panics or hangs costs the
    /// new generation, and the one before goes on with its state as it was.
    fn migrate(_old: &OldState<'_>, _new: &mut Self::State) {}

    /// Names the extra buffers, whose lengths only the run knows.
    fn buffers(_arguments: &Self::Arguments, _plan: &mut BufferPlan) {}
}

/// A function of its own and not inlined: its frame contains a whole state, also in a branch that is not taken.
#[inline(never)]
fn make_default<S: Default>(state: &mut S) {
    *state = S::default();
}

/// Runs `make` on a stack of that size, in bytes. Without a type of the application's, so that it is
/// compiled here, and not anew with every edit of a renderer.
fn with_stack(stack: usize, make: &mut (dyn FnMut() + Send)) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack);
        let made = thread.spawn_scoped(scope, make);
        let ended = made.expect("address space for the stack of `Default`").join();
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
    });
}

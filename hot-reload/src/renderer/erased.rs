//! The application's own part of a renderer, and the interface by which the rest uses it without
//! knowing its types.
//!
//! Code that depends on an application's types is compiled into the renderer's program again with
//! every edit. Therefore there is little of it: these values and a frame. The rest of the runtime
//! uses [`ErasedApp`], and is compiled once, in this library.

use crate::app::App;
use crate::handshake::CommitShape;
use hot_reload_pod::internal::{AlignedBytes, boxed_blank, load, overwrite};
use hot_reload_pod::{BufferPlan, Invalid, Layout, OldState, SharedState};

/// The values of an application's own types.
pub(crate) struct AppData<A: App> {
    /// State in private memory, so that `&mut` is sound.
    pub(crate) state: Box<A::State>,
    pub(crate) arguments: A::Arguments,
}

impl<A: App> AppData<A> {
    /// Returns the values with a blank state.
    pub(crate) fn new(arguments: A::Arguments) -> Self {
        AppData { state: boxed_blank(), arguments }
    }
}

/// The types of an application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types {
    pub(crate) state: &'static Layout,
    pub(crate) to_renderer: &'static Layout,
    pub(crate) to_owner: &'static Layout,
}

impl Types {
    pub(crate) const fn of<A: App>() -> Self {
        Types {
            state: A::State::LAYOUT,
            to_renderer: A::ToRenderer::LAYOUT,
            to_owner: A::ToOwner::LAYOUT,
        }
    }
}

/// An application of any types.
pub(crate) trait ErasedApp {
    /// Returns the package of its program.
    #[cfg(feature = "renderer")]
    fn package(&self) -> &'static str;
    fn types(&self) -> Types;
    fn plan_buffers(&self, plan: &mut BufferPlan);
    /// Makes the state blank, ready for `init`.
    fn blank(&mut self);
    fn init(&mut self);
    fn migrate(&mut self, old: &OldState<'_>);
    fn load(&mut self, bytes: &[u8]) -> Result<(), Invalid>;
    /// Overwrites the state in place. If the result is not valid, the state becomes blank.
    fn overwrite(&mut self, fill: &mut dyn FnMut(&mut [u8])) -> Result<(), Invalid>;
    fn settle(&mut self);
    /// Writes the state's bytes, with padding as zeros.
    fn write(&self, place: &mut [u8]);
}

impl<A: App> ErasedApp for AppData<A> {
    #[cfg(feature = "renderer")]
    fn package(&self) -> &'static str {
        crate::app::package::<A>()
    }

    fn types(&self) -> Types {
        Types::of::<A>()
    }

    fn plan_buffers(&self, plan: &mut BufferPlan) {
        A::buffers(&self.arguments, plan);
    }

    fn blank(&mut self) {
        self.state = boxed_blank();
    }

    fn init(&mut self) {
        let AppData { state, arguments } = self;
        // `move` takes the exclusive reference to the arguments, which may not be `Sync`.
        let mut init = move || A::init(state, arguments);
        // Without optimisation, each function that passes the state on has a copy in its frame.
        on_stack_for(8 * size_of::<A::State>(), &mut init);
    }

    fn migrate(&mut self, old: &OldState<'_>) {
        A::migrate(old, &mut self.state);
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), Invalid> {
        load(&mut *self.state, bytes)
    }

    fn overwrite(&mut self, fill: &mut dyn FnMut(&mut [u8])) -> Result<(), Invalid> {
        overwrite(&mut *self.state, fill)
    }

    fn settle(&mut self) {
        self.state.settle();
    }

    fn write(&self, place: &mut [u8]) {
        self.state.write_bytes(place);
    }
}

/// Runs `init` where the stack has room for `bytes`: on a thread of its own if they are many. It
/// names no type of the application, so that it is compiled in this library.
fn on_stack_for(bytes: usize, init: &mut (dyn FnMut() + Send)) {
    /// Size that any stack has room for.
    const FEW: usize = 2 << 20;
    /// Room for everything that is no state.
    const OTHERS: usize = 8 << 20;
    if bytes <= FEW {
        return init();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("init".to_owned());
        let started = thread.stack_size(bytes + OTHERS).spawn_scoped(scope, init);
        let ended = started.expect("address space for the stack of `App::init`").join();
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
    });
}

impl dyn ErasedApp + '_ {
    /// Returns the state's bytes, with padding as zeros.
    pub(crate) fn bytes(&self) -> AlignedBytes {
        let mut bytes = AlignedBytes::zeroed(self.types().state.size);
        self.write(&mut bytes);
        bytes
    }

    /// Returns the plan of its buffers.
    pub(crate) fn buffer_plan(&self) -> BufferPlan {
        let mut plan = BufferPlan::default();
        self.plan_buffers(&mut plan);
        plan
    }

    /// Returns the shape of its commits, with these buffers.
    pub(crate) fn shape(&self, plan: &BufferPlan) -> CommitShape {
        CommitShape { state: self.types().state.into(), buffers: plan.shapes() }
    }
}

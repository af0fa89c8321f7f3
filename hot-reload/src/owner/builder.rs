//! How an owner is set up.

#[cfg(feature = "owner")]
use super::module::SetOut;
use super::module::{Added, Viewing};
use super::restore::restorable;
use super::thread::{Play, RendererThread, Spawned};
use super::{Backend, Owner};
use crate::app::App;
use crate::error::Result;
use crate::handshake::{BodyShape, CanvasMode, Role};
use crate::renderer::{Frame, Render, Renderer};
use crate::request::TickRate;
use crate::state::BufferPlan;
use crate::state::Snapshot;
use crate::status::Status;
#[cfg(feature = "owner")]
use crate::supervisor::{Inbox, Part};
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Sets an [`Owner`] up; made by [`Owner::builder`].
#[must_use = "an owner begins with `start`"]
pub struct OwnerBuilder<A: App> {
    pub(super) arguments: A::Arguments,
    pub(super) size: (u32, u32),
    pub(super) fixed_canvas: Option<(u32, u32)>,
    pub(super) mode: CanvasMode,
    pub(super) tick_rate: TickRate,
    pub(super) on_demand: bool,
    pub(super) seed: u64,
    pub(super) stack: usize,
    pub(super) at_end: Option<super::AtEnd<A>>,
    restored: Option<Snapshot>,
    pub(super) overlay: bool,
    pub(super) deadlines: Deadlines,
    one_process: bool,
    /// Whether one process is what the application has asked for.
    asked_for_one: bool,
    pub(super) supervised: Supervised,
    /// Beside the leading part.
    pub(super) modules: Vec<Added<A>>,
}

/// A main thread's stack is as large on Linux.
const LEAST_STACK: usize = 8 << 20;

impl<A: App> OwnerBuilder<A> {
    pub(super) fn new(arguments: A::Arguments) -> Self {
        OwnerBuilder {
            arguments,
            size: (800, 600),
            fixed_canvas: None,
            mode: CanvasMode { canvas: true, keep: false, layer: false },
            tick_rate: TickRate::per_second(60),
            on_demand: false,
            seed: RandomState::new().hash_one(std::process::id()),
            stack: LEAST_STACK,
            at_end: None,
            restored: None,
            overlay: true,
            deadlines: Deadlines::default(),
            one_process: !cfg!(feature = "owner"),
            asked_for_one: false,
            supervised: Supervised::default(),
            modules: Vec::new(),
        }
    }

    /// The same for a module.
    pub(super) fn of_module<V>(&self, mode: CanvasMode) -> Result<OwnerBuilder<Viewing<V>>>
    where
        V: App<Arguments = A::Arguments>,
    {
        let arguments = self.copied_arguments()?;
        Ok(OwnerBuilder {
            size: self.size,
            fixed_canvas: self.fixed_canvas,
            mode,
            tick_rate: self.tick_rate,
            on_demand: self.on_demand,
            stack: self.stack,
            overlay: false,
            deadlines: self.deadlines,
            one_process: self.one_process,
            supervised: self.supervised.clone(),
            ..OwnerBuilder::new(arguments)
        })
    }

    /// Through JSON, as in hot mode, so that both modes are given the same.
    fn copied_arguments(&self) -> Result<A::Arguments> {
        let json = serde_json::to_value(&self.arguments).map_err(crate::Error::Arguments)?;
        serde_json::from_value(json).map_err(crate::Error::Arguments)
    }

    pub(super) fn is_one_process(&self) -> bool {
        self.one_process
    }

    /// The window's size in pixels at the start (800 × 600).
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(1), height.max(1));
        self
    }

    /// A canvas of this size in pixels, which the window scales; without it the canvas follows
    /// the window's size.
    pub fn canvas_size(mut self, width: u32, height: u32) -> Self {
        self.fixed_canvas = Some((width.max(1), height.max(1)));
        self
    }

    /// Keeps the contents of the canvas from tick to tick and across a reload, for renderers that
    /// draw incrementally. It costs two copies of the picture a tick.
    pub fn keep_canvas(mut self) -> Self {
        self.mode.keep = self.mode.canvas;
        self
    }

    /// No canvas at all, for renderers that do not draw.
    pub fn without_canvas(mut self) -> Self {
        self.mode = CanvasMode { canvas: false, keep: false, layer: false };
        self
    }

    /// How often the owner ticks (60 times a second), and how long a fixed step is
    /// ([`Input::fixed_dt`](crate::Input::fixed_dt)). The loop calls [`Owner::pace`], or paces itself. Fixed steps
    /// add up to real time in either case: a loop that turns at another rate gets several with a tick, or none.
    pub fn tick_rate(mut self, rate: TickRate) -> Self {
        self.tick_rate = rate;
        self
    }

    /// Draws a frame only for input, for a message, for a changed asset and after each reload, not with every tick.
    ///
    /// The frame after a reload shows what the new code draws. It is a tick like others, with the time that
    /// has passed since the last one; a program that counts ticks counts this one as well.
    /// [`Input::lost`](crate::Input::lost) says how a long rest is counted.
    pub fn on_demand(mut self) -> Self {
        self.on_demand = true;
        self
    }

    /// Where [`Input::seed`](crate::Input::seed) begins; without it, somewhere else every time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The stack of the renderer's thread in one process, in bytes; 8 MiB at least.
    pub fn renderer_stack(mut self, bytes: usize) -> Self {
        self.stack = bytes.max(LEAST_STACK);
        self
    }

    /// What to do with the last committed state when the owner ends: save it, say. Not called when
    /// the renderer's state has another layout than the owner was compiled with.
    pub fn at_end(mut self, save: impl FnOnce(&A::State) + 'static) -> Self {
        self.at_end = Some(Box::new(save));
        self
    }

    /// Begins with the state of a snapshot, of this build or another, in place of a fresh one; see
    /// [`Owner::restore`].
    pub fn restore(mut self, snapshot: Snapshot) -> Self {
        self.restored = Some(snapshot);
        self
    }

    /// Resumes from the state that was rescued when the owner before this one did not end in order: it
    /// was killed, panicked, or lost its window. Default: off. Nothing changes where there is none, where
    /// [`restore`](Self::restore) says what to begin with, and in one process.
    ///
    /// Every few seconds, and less often where it is large, the last commit is written into the
    /// folder of the owner's builds; an owner that is dropped removes it. The next owner says in the
    /// log where a state was left.
    pub fn resume(mut self, resume: bool) -> Self {
        self.supervised.resume = resume;
        self
    }

    /// The folder of the workspace that holds the package [`App::RENDERER`]. Without it, it is
    /// looked for above the package that `cargo run` runs, the program and the working folder.
    pub fn workspace(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.workspace = Some(folder.into());
        self
    }

    /// The cargo profile of the hot builds (`hot`).
    pub fn profile(mut self, name: &str) -> Self {
        name.clone_into(&mut self.supervised.profile);
        self
    }

    /// The command-line arguments of the renderer's program; without it, those of this program.
    pub fn program_arguments(mut self, arguments: impl IntoIterator<Item = OsString>) -> Self {
        self.supervised.program_arguments = arguments.into_iter().collect();
        self
    }

    /// An environment variable of the renderer's program, beside those of this program.
    pub fn program_environment(
        mut self,
        name: impl Into<OsString>,
        value: impl Into<OsString>,
    ) -> Self {
        self.supervised.program_environment.push((name.into(), value.into()));
        self
    }

    /// The renderer's program itself, where cargo is not to build it: somebody else does (an IDE,
    /// `cargo watch`, a terminal), or the [build command](Self::build_command). The renderer is replaced
    /// whenever the file has changed and is whole. A path that is not absolute begins at the folder of
    /// [`workspace`](Self::workspace), or the working folder.
    pub fn artifact(mut self, program: impl Into<PathBuf>) -> Self {
        self.supervised.artifact = Some(program.into());
        self
    }

    /// A file that is run with the renderer and that cargo does not build: a library in C that it loads,
    /// say. Whenever the file has changed and is whole, it is copied beside a new generation's program,
    /// which takes over as after an edit; the renderer asks [`artifact`](crate::artifact()) for its path.
    /// A path that is not absolute begins at the workspace's root. Called again, it adds a file.
    ///
    /// What is called like a dynamic library must be one for this machine; everything else is taken as
    /// it is.
    pub fn watch_artifact(mut self, file: impl Into<PathBuf>) -> Self {
        self.supervised.watched_artifacts.push(file.into());
        self
    }

    /// What builds the artifacts: `cmake --build build`, `just renderer`, whatever a shell runs in the
    /// workspace's root. It runs at the start and whenever something has changed in the folders of
    /// [`watch_sources`](Self::watch_sources), before cargo; what it prints is shown when it fails. One
    /// that takes longer than [`Deadlines::build`] is killed.
    pub fn build_command(mut self, command: impl Into<OsString>) -> Self {
        self.supervised.build_command = Some(command.into());
        self
    }

    /// A folder, or a file, that the [build command](Self::build_command) reads; called again, it adds
    /// one. Every file in it counts but hidden ones, what compilers leave (`.o` and the like), and the
    /// folders in it that the artifacts are in. Without it, that is the workspace's root where the renderer's program is
    /// an [artifact](Self::artifact), and nothing where cargo builds it. A path that is not absolute
    /// begins at the workspace's root.
    pub fn watch_sources(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.sources.push(folder.into());
        self
    }

    /// A folder with files that the renderer reads at run time: pictures, sounds, levels. What changes in
    /// it is told to the renderer ([`Frame::assets`]) and builds nothing, unless the compiler reads the
    /// file as well (`include_bytes!`). A path that is not absolute begins at the workspace's root. Called
    /// again, it adds a folder. In one process nothing is watched, and nothing told.
    pub fn assets(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.assets.push(folder.into());
        self
    }

    /// Whether a new generation sets itself up and rehearses beside the running one (it does).
    ///
    /// An application whose set-up cannot run twice at the same time (it opens a port, or an audio
    /// device) turns this off: the running generation is stopped before the new one starts, and the
    /// last picture stays in the meantime. The same is done for a reload when there is too little shared
    /// memory for two generations.
    pub fn rehearsal(mut self, rehearsal: bool) -> Self {
        self.supervised.rehearsal = rehearsal;
        self
    }

    /// How long a renderer may take.
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Whether the owner says over the picture what is the matter (it does); see
    /// [`Owner::set_overlay`].
    pub fn overlay(mut self, overlay: bool) -> Self {
        self.overlay = overlay;
        self
    }

    /// One process, although hot mode is compiled in: the renderer on a thread, never replaced.
    pub fn one_process(mut self) -> Self {
        (self.one_process, self.asked_for_one) = (true, true);
        self
    }

    /// Starts with a renderer that is called once a tick.
    ///
    /// In hot mode the function is not called here, but in the renderer's own program; a build of
    /// it begins at once, and [`Owner::picture`] is plain until its first frame.
    ///
    /// # Errors
    /// When the arguments cannot be serialized, when two parts are of one package, when state and buffers
    /// fit into no address space, when a snapshot to begin with is of another application, or when the system
    /// gives no thread. What goes wrong later is in [`Owner::status`].
    pub fn start(self, render: impl FnMut(&mut Frame<'_, A>) + Send + 'static) -> Result<Owner<A>> {
        self.start_loop(|renderer| renderer.run(render))
    }

    /// Starts with a renderer that wants to know when it is about to be replaced; see
    /// [`run_with`](crate::run_with).
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with(self, renderer: impl Render<A> + Send + 'static) -> Result<Owner<A>> {
        self.start_loop(|turns| turns.run_with(renderer))
    }

    /// Starts with a renderer that turns its own loop; see [`Renderer`].
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_loop(
        mut self,
        play: impl FnOnce(Renderer<A>) -> Result<()> + Send + 'static,
    ) -> Result<Owner<A>> {
        let mut plan = BufferPlan::default();
        A::buffers(&self.arguments, &mut plan);
        let shape = BodyShape::of::<A>(plan.shapes());
        let snapshot = self.restored.clone();
        if let Some(snapshot) = &snapshot {
            restorable::<A>(snapshot, false)?;
        }
        let modules = self.set_out()?;
        let mut owner = match self.one_process {
            true => {
                if cfg!(debug_assertions) && !self.asked_for_one {
                    eprintln!(
                        "hot-reload: nothing is reloaded: this program was built without the feature \
                         `hot-reload/owner`, so that the renderer is a thread of it"
                    );
                }
                let role = if modules.is_empty() { Role::Whole } else { Role::Leads };
                let turn = move |spawned: Spawned<A::Arguments>| {
                    let Spawned { segment, arguments, mode, restores } = spawned;
                    play(Renderer::in_process(segment, arguments, mode, restores, role))
                };
                self.start_thread(Box::new(turn), shape, None)?
            }
            #[cfg(feature = "owner")]
            false => self.start_supervised(shape, SetOut::leading(&modules), None)?,
            #[cfg(not(feature = "owner"))]
            false => unreachable!("without hot mode there is one process"),
        };
        for module in modules {
            owner.add(module)?;
        }
        if let Some(snapshot) = &snapshot {
            owner.restore(snapshot)?;
        }
        Ok(owner)
    }

    /// `looks_at` is whose state it looks at.
    pub(super) fn start_thread(
        self,
        play: Play<A::Arguments>,
        shape: BodyShape,
        looks_at: Option<&Arc<Ledger>>,
    ) -> Result<Owner<A>> {
        debug_assert!(self.one_process);
        let keeper = Ledger::start::<A>(shape.clone(), Box::new(|_, _| {}))?;
        let arguments = self.copied_arguments()?;
        let (mode, stack) = (self.mode, self.stack);
        let (thread, opening) = RendererThread::start::<A>(
            play,
            arguments,
            &shape,
            mode,
            stack,
            keeper.ledger(),
            looks_at,
        )?;
        let board = Arc::new(StatusBoard::default());
        board.post(Status { generation: 1, drawing: true, ..Status::default() });
        let mut owner = Owner::new(self, keeper, Backend::Thread(thread), board);
        owner.open(opening);
        Ok(owner)
    }

    #[cfg(feature = "owner")]
    pub(super) fn start_supervised(
        self,
        shape: BodyShape,
        part: Part,
        inbox: Option<Inbox>,
    ) -> Result<Owner<A>> {
        use crate::handshake::Needs;
        use crate::supervisor::{Plan, Supervisor};
        let arguments = serde_json::to_value(&self.arguments).map_err(crate::Error::Arguments)?;
        // Refuses a state that fits nowhere before anything is built.
        crate::handshake::geometry::<A>(&shape, Needs::default(), 0, self.mode)?;
        let canvas = self.fixed_canvas.unwrap_or(self.size);
        let supervised = &self.supervised;
        let board = Arc::new(StatusBoard::default());
        let (supervisor, keeper) = Supervisor::start(
            Plan::new::<A>(
                supervised,
                self.deadlines,
                arguments,
                shape.clone(),
                self.mode,
                canvas,
                part,
            ),
            board.clone(),
            |on_fault| Ledger::start::<A>(shape, on_fault),
            inbox,
        )?;
        Ok(Owner::new(self, keeper, Backend::Supervisor(supervisor), board))
    }
}

impl<A: App> std::fmt::Debug for OwnerBuilder<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnerBuilder({} × {} pixels, {:?})", self.size.0, self.size.1, self.tick_rate)
    }
}

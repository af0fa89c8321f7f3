//! Configuration of an owner.

mod modules;

pub(super) use modules::SetOut;

use super::in_process::{Play, RendererThread, Spawned};
use super::module::Viewing;
use super::restore::restorable;
use super::{Backend, Owner};
use crate::app::App;
use crate::error::{Error, Result};
use crate::generation::{CommitStore, Deadlines, Supervised};
use crate::handshake::{CanvasMode, CommitShape, PartRole};
use crate::renderer::{Frame, Renderer};
use crate::request::TickRate;
use crate::status::{Status, StatusBoard};
#[cfg(feature = "owner")]
use crate::supervisor::{Inbox, Part};
use hot_reload_pod::BufferPlan;
use hot_reload_pod::Snapshot;
use modules::Added;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

/// Configures an [`Owner`]; made by [`Owner::builder`].
///
/// ```no_run
/// # use hot_reload::{App, Frame, Owner, TickRate};
/// # fn start<Demo: App<Arguments = u32>>(render: fn(&mut Frame<'_, Demo>)) -> hot_reload::Result<()> {
/// let owner = Owner::<Demo>::builder(7) // an argument of every generation
///     .size(800, 600)
///     .tick_rate(TickRate::per_second(120))
///     .assets("assets") // a folder whose changes the renderer is told about
///     .resume(true) // the state of a run that was killed
///     .start(render)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an owner begins with `start`"]
pub struct OwnerBuilder<A: App> {
    pub(super) arguments: A::Arguments,
    pub(super) size: (u32, u32),
    pub(super) fixed_canvas: Option<(u32, u32)>,
    pub(super) mode: CanvasMode,
    pub(super) tick_rate: TickRate,
    pub(super) on_demand: bool,
    pub(super) seed: Option<u64>,
    pub(super) stack: usize,
    pub(super) at_end: Option<super::AtEnd<A>>,
    restored: Option<Snapshot>,
    pub(super) overlay: bool,
    pub(super) deadlines: Deadlines,
    one_process: bool,
    /// Set if the application asked for one process.
    asked_for_one: bool,
    pub(super) supervised: Supervised,
    /// Parts beside the leading one.
    pub(super) modules: Vec<Added<A>>,
}

/// Smallest stack of the renderer's thread: the size of a main thread's stack on Linux.
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
            seed: None,
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

    /// Returns a builder for a module, with the same settings.
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

    /// Copies the arguments through JSON, as hot mode does, so that both modes pass the same
    /// values.
    fn copied_arguments(&self) -> Result<A::Arguments> {
        let json = serde_json::to_value(&self.arguments).map_err(Error::Arguments)?;
        serde_json::from_value(json).map_err(Error::Arguments)
    }

    pub(super) fn is_one_process(&self) -> bool {
        self.one_process
    }

    /// Returns the window's initial size in pixels.
    pub(crate) fn window_size(&self) -> (u32, u32) {
        self.size
    }

    /// Sets the window's initial size in pixels, at least 1 × 1. Default: 800 × 600.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(1), height.max(1));
        self
    }

    /// Fixes the canvas at this size in pixels; the window scales it. Without it, the canvas
    /// follows the window's size. A canvas of more pixels than 7680 × 4320 is scaled down.
    pub fn canvas_size(mut self, width: u32, height: u32) -> Self {
        self.fixed_canvas = Some((width.max(1), height.max(1)));
        self
    }

    /// Keeps the contents of the canvas from tick to tick and across a reload, for renderers that
    /// draw incrementally. This costs two copies of the picture per tick.
    pub fn keep_canvas(mut self) -> Self {
        self.mode.keep = self.mode.canvas;
        self
    }

    /// Removes the canvas, for renderers that do not draw.
    pub fn without_canvas(mut self) -> Self {
        self.mode = CanvasMode { canvas: false, keep: false, layer: false };
        self
    }

    /// Sets the tick rate, and with it the length of a fixed step
    /// ([`Input::fixed_dt`](crate::Input::fixed_dt)). Default: 60 ticks per second. The loop calls
    /// [`Owner::pace`], or paces itself. Fixed steps add up to real time in either case: a loop
    /// that turns at another rate gets several steps in a tick, or none. Without a limit
    /// ([`TickRate::Uncapped`]) a fixed step is a sixtieth of a second.
    pub fn tick_rate(mut self, rate: TickRate) -> Self {
        self.tick_rate = rate;
        self
    }

    /// Draws a frame only for input (also if the mouse has moved), a message, a changed asset, a
    /// [`Request::Redraw`](crate::Request::Redraw), and after each reload, instead of with every
    /// tick.
    ///
    /// The frame after a reload shows what the new code draws. It is an ordinary tick, whose length
    /// is the time since the last one; a program that counts ticks counts it as well.
    /// [`Input::lost`](crate::Input::lost) describes how a long pause is counted.
    pub fn on_demand(mut self) -> Self {
        self.on_demand = true;
        self
    }

    /// Sets the start of [`Input::seed`](crate::Input::seed). Default: a different one in each run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Returns the seed, and chooses one if there is none.
    pub(crate) fn settle_seed(&mut self) -> u64 {
        *self.seed.get_or_insert_with(|| RandomState::new().hash_one(std::process::id()))
    }

    /// Sets the seed unless one was set.
    pub(crate) fn default_seed(mut self, seed: u64) -> Self {
        self.seed.get_or_insert(seed);
        self
    }

    /// Sets the stack size, in bytes, of the renderer's thread in one process; at least 8 MiB.
    pub fn renderer_stack(mut self, bytes: usize) -> Self {
        self.stack = bytes.max(LEAST_STACK);
        self
    }

    /// Calls `save` with the last committed state when the owner ends. It is not called if the
    /// renderer's state has another layout than the owner was compiled with.
    pub fn at_end(mut self, save: impl FnOnce(&A::State) + 'static) -> Self {
        self.at_end = Some(Box::new(save));
        self
    }

    /// Starts with the state of a snapshot instead of a fresh one. The snapshot may be of this
    /// build or another; see [`Owner::restore`].
    pub fn restore(mut self, snapshot: Snapshot) -> Self {
        self.restored = Some(snapshot);
        self
    }

    /// Resumes from the state that was rescued if the previous owner did not end in an orderly way:
    /// it was killed, panicked, or lost its window. Default: off. It has no effect if no state was
    /// rescued, if [`restore`](Self::restore) is used, and in one process.
    ///
    /// Every few seconds, and less often if the state is large, the last commit is written into the
    /// folder of the owner's builds. An owner that is dropped removes it. The next owner logs where
    /// a rescued state is found.
    pub fn resume(mut self, resume: bool) -> Self {
        self.supervised.resume = resume;
        self
    }

    /// Sets the folder of the workspace that holds the package [`App::RENDERER`]. Without it, the
    /// workspace is searched for above the package that `cargo run` runs, above the program, and
    /// above the working folder.
    pub fn workspace(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.workspace = Some(folder.into());
        self
    }

    /// Sets the cargo profile of the hot builds. Default: `hot`.
    pub fn profile(mut self, name: &str) -> Self {
        name.clone_into(&mut self.supervised.profile);
        self
    }

    /// Sets the command-line arguments of the renderer's program. Default: those of this program.
    pub fn program_arguments(mut self, arguments: impl IntoIterator<Item = OsString>) -> Self {
        self.supervised.program_arguments = arguments.into_iter().collect();
        self
    }

    /// Adds an environment variable for the renderer's program, which otherwise inherits those of
    /// this program.
    pub fn program_environment(
        mut self,
        name: impl Into<OsString>,
        value: impl Into<OsString>,
    ) -> Self {
        self.supervised.program_environment.push((name.into(), value.into()));
        self
    }

    /// Uses this program as the renderer instead of one built by cargo. Another tool builds it (an
    /// IDE, `cargo watch`, a terminal), or the [build command](Self::build_command). The renderer
    /// is replaced whenever the file has changed and is complete. A relative path starts at the
    /// folder of [`workspace`](Self::workspace), or at the working folder. The function
    /// [`artifact`](crate::artifact()) is about other files:
    /// [`watch_artifact`](Self::watch_artifact).
    pub fn artifact(mut self, program: impl Into<PathBuf>) -> Self {
        self.supervised.artifact = Some(program.into());
        self
    }

    /// Watches a file that the renderer uses and that cargo does not build, for example a library
    /// in C that it loads. Whenever the file has changed and is complete, it is copied beside the
    /// program of a new generation, which takes over as after an edit. The renderer asks
    /// [`artifact`](crate::artifact()) for the path of the copy. A relative path starts at the
    /// workspace's root. Each call adds a file.
    ///
    /// A file with the name of a dynamic library must be one for this machine; any other file is
    /// accepted as it is.
    pub fn watch_artifact(mut self, file: impl Into<PathBuf>) -> Self {
        self.supervised.watched_artifacts.push(file.into());
        self
    }

    /// Sets the command that builds the artifacts: `cmake --build build`, `just renderer`, or
    /// anything that a shell can run in the workspace's root. It runs at the start and whenever
    /// something has changed in the folders of [`watch_sources`](Self::watch_sources), before
    /// cargo. Its output is shown if it fails. If it takes longer than [`Deadlines::build`], it is
    /// killed.
    pub fn build_command(mut self, command: impl Into<OsString>) -> Self {
        self.supervised.build_command = Some(command.into());
        self
    }

    /// Watches a folder or a file that the [build command](Self::build_command) reads. Each call
    /// adds one. Every file in the folder counts, except hidden files, compiler output (`.o` and
    /// the like), and folders that contain the artifacts. Default: the workspace's root if the
    /// renderer's program is an [artifact](Self::artifact), and nothing if cargo builds it. A
    /// relative path starts at the workspace's root.
    pub fn watch_sources(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.sources.push(folder.into());
        self
    }

    /// Watches a folder of files that the renderer reads at run time: pictures, sounds, levels.
    /// Changes in it are reported to the renderer ([`Frame::assets`]) and trigger no build, unless
    /// the compiler also reads the file (`include_bytes!`). A relative path starts at the
    /// workspace's root. Each call adds a folder. In one process nothing is watched or reported.
    pub fn assets(mut self, folder: impl Into<PathBuf>) -> Self {
        self.supervised.assets.push(folder.into());
        self
    }

    /// Sets whether a new generation runs its set-up and rehearsal beside the running one. Default:
    /// on.
    ///
    /// Turn it off if the set-up cannot run twice at the same time, for example because it opens a
    /// port or an audio device. The running generation is then stopped before the new one starts,
    /// and the last picture stays in between. The same happens for a single reload if there is too
    /// little shared memory for two generations.
    pub fn rehearsal(mut self, rehearsal: bool) -> Self {
        self.supervised.rehearsal = rehearsal;
        self
    }

    /// Limits how long a renderer may take.
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Shows problems as an overlay on the picture. Default: on. See [`Owner::set_overlay`].
    pub fn overlay(mut self, overlay: bool) -> Self {
        self.overlay = overlay;
        self
    }

    /// Runs the renderer on a thread of this process, where it is never replaced, even if hot mode
    /// is compiled in.
    pub fn one_process(mut self) -> Self {
        (self.one_process, self.asked_for_one) = (true, true);
        self
    }

    /// Starts with a renderer that is called once per tick.
    ///
    /// In hot mode the function is called by the renderer's own program and not by this one. A
    /// build of that program starts at once, and [`Owner::picture`] is plain until its first frame.
    ///
    /// # Errors
    /// Fails if the arguments cannot be serialized, if two parts have the same package, if an
    /// [`artifact`](Self::artifact) has modules, if state and buffers do not fit into the address
    /// space, if the snapshot to start from is of another application, or if the system cannot
    /// start a thread. [`Owner::status`] reports later problems.
    pub fn start(self, render: impl FnMut(&mut Frame<'_, A>) + Send + 'static) -> Result<Owner<A>> {
        self.start_with(|renderer| renderer.run(render))
    }

    /// Starts with a function that runs the renderer's loop: for a renderer with values of its own
    /// ([`Render`](crate::Render)), or with a loop of its own ([`Renderer::next_frame`]).
    ///
    /// ```no_run
    /// # use hot_reload::{App, Frame, Owner, OwnerBuilder, Render};
    /// # #[derive(Default)]
    /// # struct Scene;
    /// # impl<A: App> Render<A> for Scene {
    /// #     fn render(&mut self, _: &mut Frame<'_, A>) {}
    /// # }
    /// # fn start<Demo: App>(builder: OwnerBuilder<Demo>) -> hot_reload::Result<Owner<Demo>> {
    /// builder.start_with(|renderer| renderer.run_with(Scene::default()))
    /// # }
    /// ```
    ///
    /// In one process it is called on the renderer's thread, so that what it makes need not be
    /// `Send`. In hot mode it is not called.
    ///
    /// # Errors
    /// Fails as [`start`](Self::start) does.
    pub fn start_with(
        mut self,
        play: impl FnOnce(Renderer<A>) -> Result<()> + Send + 'static,
    ) -> Result<Owner<A>> {
        let mut plan = BufferPlan::default();
        A::buffers(&self.arguments, &mut plan);
        let shape = CommitShape::of::<A>(plan.shapes());
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
                         `hot-reload/owner`, so the renderer runs as a thread"
                    );
                }
                let role = if modules.is_empty() { PartRole::Whole } else { PartRole::Leads };
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

    /// Starts the renderer on a thread. `looks_at` is the commit store whose state a module reads.
    pub(super) fn start_thread(
        self,
        play: Play<A::Arguments>,
        shape: CommitShape,
        looks_at: Option<&Arc<CommitStore>>,
    ) -> Result<Owner<A>> {
        debug_assert!(self.one_process);
        let commit_copier = CommitStore::start::<A>(shape.clone(), Box::new(|_, _| {}))?;
        let arguments = self.copied_arguments()?;
        let (mode, stack) = (self.mode, self.stack);
        let (thread, generation_change) = RendererThread::start::<A>(
            play,
            arguments,
            &shape,
            mode,
            stack,
            commit_copier.commit_store(),
            looks_at,
        )?;
        let board = Arc::new(StatusBoard::default());
        board.post(Status { generation: 1, drawing: true, ..Status::default() });
        let mut owner = Owner::new(self, commit_copier, Backend::Thread(thread), board);
        owner.open(generation_change);
        Ok(owner)
    }

    #[cfg(feature = "owner")]
    pub(super) fn start_supervised(
        self,
        shape: CommitShape,
        part: Part,
        inbox: Option<Inbox>,
    ) -> Result<Owner<A>> {
        use crate::handshake::Needs;
        use crate::supervisor::{Plan, Supervisor};
        let arguments = serde_json::to_value(&self.arguments).map_err(Error::Arguments)?;
        // Refuses a state that cannot fit, before anything is built.
        crate::handshake::geometry::<A>(&shape, Needs::default(), 0, self.mode)?;
        let canvas = self.fixed_canvas.unwrap_or(self.size);
        let supervised = &self.supervised;
        let board = Arc::new(StatusBoard::default());
        let (supervisor, commit_copier) = Supervisor::start(
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
            |on_fault| CommitStore::start::<A>(shape, on_fault),
            inbox,
        )?;
        Ok(Owner::new(self, commit_copier, Backend::Supervisor(supervisor), board))
    }
}

impl<A: App> std::fmt::Debug for OwnerBuilder<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnerBuilder({} × {} pixels, {:?})", self.size.0, self.size.1, self.tick_rate)
    }
}

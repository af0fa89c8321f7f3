//! The supervisor's thread: tells the machine what happened, and does what it says.

use super::build::{self, Built, Cancel, Program};
use super::folder::{self, Folder};
use super::inputs::Roots;
use super::launch::{self, Launched};
use super::machine::{Action, Event, Limits, Machine, Outcome, Timer};
use super::watch::Watcher;
use super::workspace::{Search, Workspace};
use super::{Message, Plan};
use crate::handshake::TypeShape;
use crate::owner::{Ledger, Opening};
use crate::status::{Activity, Problem, Status};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

const LIMITS: Limits = Limits { start: Duration::from_secs(20), stop: Duration::from_millis(250) };

/// Everything the thread holds.
pub(super) struct Runner {
    plan: Plan,
    ledger: Arc<Ledger>,
    watcher: Arc<Watcher>,
    events: Sender<Message>,
    openings: Sender<Opening>,
    statuses: Sender<Arc<Status>>,
    told: Status,
    pixels: Arc<AtomicUsize>,
    workspace: Option<Workspace>,
    /// Files whose content has changed since the last good build began.
    changed: BTreeSet<PathBuf>,
    cancel: Arc<Cancel>,
    /// Where the builds that may still be launched lie.
    programs: HashMap<u32, PathBuf>,
    folder: Option<Folder>,
    launched: Option<(u32, Launched)>,
    /// The longest commit that a generation has asked for, in bytes.
    body: usize,
    timers: Vec<(Instant, Timer)>,
    begun: Instant,
}

impl Runner {
    pub(super) fn new(
        plan: Plan,
        watcher: Arc<Watcher>,
        ledger: Arc<Ledger>,
        events: Sender<Message>,
        openings: Sender<Opening>,
        statuses: Sender<Arc<Status>>,
        pixels: Arc<AtomicUsize>,
    ) -> Self {
        Runner {
            plan,
            watcher,
            ledger,
            events,
            openings,
            statuses,
            pixels,
            told: Status::default(),
            workspace: None,
            changed: BTreeSet::new(),
            cancel: Arc::default(),
            programs: HashMap::new(),
            folder: None,
            launched: None,
            body: 0,
            timers: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// Turns until everything has ended.
    pub(super) fn turn(mut self, incoming: &Receiver<Message>) {
        let limits = self.limits();
        let (mut machine, actions) = Machine::start(limits);
        let mut finished = self.perform(&machine, actions);
        while !finished {
            let event = match incoming.recv_timeout(self.until_timer()) {
                Ok(message) => self.translate(message),
                Err(RecvTimeoutError::Timeout) => self.due_timer().map(Event::Timeout),
                Err(RecvTimeoutError::Disconnected) => Some(Event::Quit),
            };
            let Some(event) = event else { continue };
            self.before(&event);
            let actions = machine.on(event);
            finished = self.perform(&machine, actions);
        }
        if let Some((_, launched)) = self.launched.take() {
            launched.kill();
        }
    }

    /// A large state takes longer to be committed: a millisecond a megabyte is generous.
    fn limits(&self) -> Limits {
        let mebibytes = u32::try_from(self.plan.shape.canvas_at() >> 20).unwrap_or(u32::MAX);
        let extra = Duration::from_millis(4).saturating_mul(mebibytes);
        Limits { start: LIMITS.start + extra, stop: LIMITS.stop + extra }
    }

    fn until_timer(&self) -> Duration {
        let next = self.timers.iter().map(|(at, _)| *at).min();
        let now = Instant::now();
        next.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(now))
    }

    fn due_timer(&mut self) -> Option<Timer> {
        let now = Instant::now();
        let due = self.timers.iter().position(|(at, _)| *at <= now)?;
        Some(self.timers.swap_remove(due).1)
    }

    fn translate(&mut self, message: Message) -> Option<Event> {
        Some(match message {
            Message::Event(event) => event,
            Message::Saved(files) => {
                for file in &files {
                    tracing::info!("saved {}", self.relative(file));
                }
                let configures = |file: &PathBuf| {
                    file.extension().is_none_or(|ending| ending == "toml" || ending == "lock")
                };
                if files.iter().any(configures) {
                    self.workspace = None;
                }
                self.changed.extend(files);
                Event::Changed
            }
            Message::Built { build, built, took, workspace } => {
                if let Some(workspace) = workspace {
                    self.workspace = Some(*workspace);
                }
                Event::Built { build, outcome: self.built(build, built, took) }
            }
        })
    }

    fn relative(&self, file: &Path) -> String {
        let root = self.workspace.as_ref().map(|workspace| workspace.root.as_path());
        let file = root.and_then(|root| file.strip_prefix(root).ok()).unwrap_or(file);
        file.display().to_string()
    }

    /// Keeps what a build has made, and says what it has come to.
    fn built(&mut self, build: u32, built: Built, took: Duration) -> Outcome {
        match built {
            Built::Cancelled => {
                tracing::info!("build {build} cancelled after {took:.0?}: the source has changed");
                Outcome::Cancelled
            }
            Built::Failed { message, files } => {
                // Not through the log, which would escape the compiler's colors.
                anstream::eprintln!("{}", message.trim_end());
                tracing::error!("build {build} failed after {took:.0?}; the last good one goes on");
                let root = self.workspace.as_ref().map(|workspace| workspace.root.clone());
                let root = root.unwrap_or_default();
                self.watcher.know(files.iter().map(|file| root.join(file)).collect());
                Outcome::Failed { message }
            }
            Built::CannotBuild { message } => Outcome::CannotBuild { message },
            Built::Program { program, fresh } => {
                self.watcher.know(build::dep_info(&program.binary));
                self.changed.clear();
                // Fresh for cargo may still be new here: a build that was cancelled too late to be
                // stopped has left a program that nobody has seen.
                if fresh && self.is_kept(&program) {
                    tracing::info!("build {build} finished after {took:.0?}: nothing has changed");
                    return Outcome::Fresh;
                }
                match self.keep(build, &program) {
                    Ok(()) => {
                        tracing::info!("build {build} finished after {took:.0?}");
                        Outcome::New { took }
                    }
                    Err(message) => Outcome::CannotBuild { message },
                }
            }
        }
    }

    /// Whether the program is the one that was kept last.
    fn is_kept(&self, program: &Program) -> bool {
        let newest = self.programs.iter().max_by_key(|(build, _)| **build);
        newest.is_some_and(|(_, kept)| folder::same_contents(kept, &program.binary))
    }

    fn keep(&mut self, build: u32, program: &Program) -> Result<(), String> {
        let target = match &self.workspace {
            Some(workspace) => workspace.target.clone(),
            None => return Err("the workspace has gone".to_owned()),
        };
        let unwritable = |error: std::io::Error| {
            let folder = target.join("hot-reload");
            format!(
                "the build cannot be copied to {}: {error}; make the folder writable, or free space",
                folder.display()
            )
        };
        if self.folder.is_none() {
            self.folder = Some(Folder::create(&target).map_err(unwritable)?);
        }
        if let Some(folder) = &self.folder {
            self.programs.insert(build, folder.keep(build, program).map_err(unwritable)?);
        }
        Ok(())
    }

    /// What must be done before the machine hears of an event.
    fn before(&mut self, event: &Event) {
        let live = |launched: &mut Option<(u32, Launched)>, wanted: u32| {
            launched.as_ref().is_some_and(|(generation, _)| *generation == wanted)
        };
        match event {
            Event::Attached { generation, .. } if live(&mut self.launched, *generation) => {
                self.open(*generation);
            }
            Event::Misfit { generation } if live(&mut self.launched, *generation) => {
                let described =
                    self.launched.as_ref().and_then(|(_, it)| launch::description(&it.segment));
                if let Some(shape) = described.and_then(|described| described.body) {
                    self.body = self.body.max(shape.canvas_at());
                    tracing::info!(
                        "generation {generation} needs a larger segment: starting it again"
                    );
                }
            }
            Event::Ended { generation, how } if live(&mut self.launched, *generation) => {
                self.ledger.settle();
                self.launched = None;
                tracing::info!("generation {generation} stopped: {how}");
            }
            Event::FirstFrame { generation } => {
                let since = if *generation == 1 { "start" } else { "save" };
                let took = self.begun.elapsed();
                tracing::info!(
                    "generation {generation} draws its first frame ({took:.0?} after the {since})"
                );
            }
            _ => {}
        }
    }

    /// A generation takes ticks: its commits are ours from now on, and the main thread's its rest.
    fn open(&mut self, generation: u32) {
        let Some((_, launched)) = &mut self.launched else {
            return;
        };
        let described = launch::description(&launched.segment);
        let (Some(described), Some(reader)) = (described, launched.reader.take()) else {
            launched.kill();
            return;
        };
        let agrees = |theirs: &Option<TypeShape>, ours: &TypeShape| {
            theirs.as_ref().is_some_and(|theirs| theirs.agrees(ours))
        };
        let to_renderer = agrees(&described.to_renderer, &self.plan.to_renderer);
        let to_owner = agrees(&described.to_owner, &self.plan.to_owner);
        let Some(shape) = described.body else {
            launched.kill();
            return;
        };
        self.ledger.open(generation, reader, Arc::new(shape));
        let _ = self.openings.send(launched.opening(generation, (to_renderer, to_owner)));
    }

    /// What changed about the message types, in words.
    fn channel_notices(&self) -> Vec<String> {
        let described = self.launched.as_ref().and_then(|(_, it)| launch::description(&it.segment));
        let Some(described) = described else {
            return Vec::new();
        };
        let plan = &self.plan;
        let channels = [
            ("App::ToRenderer", described.to_renderer, &plan.to_renderer),
            ("App::ToOwner", described.to_owner, &plan.to_owner),
        ];
        let changed = channels
            .into_iter()
            .filter(|(_, theirs, ours)| theirs.as_ref().is_some_and(|theirs| !theirs.agrees(ours)));
        changed
            .map(|(name, _, ours)| {
                format!(
                    "`{name}` (`{}`) has been changed since the owner was compiled: this channel is \
                     switched off until it is changed back, or the owner started again",
                    ours.name
                )
            })
            .collect()
    }

    /// Does what the machine says, and tells its status; whether everything has ended.
    fn perform(&mut self, machine: &Machine, actions: Vec<Action>) -> bool {
        let mut finished = false;
        for action in actions {
            match action {
                Action::Build { build } => self.build(build),
                Action::Cancel { .. } => self.cancel.cancel(),
                Action::Launch { generation, build } => self.launch(generation, build),
                Action::Stop { generation } => {
                    tracing::debug!("stopping generation {generation}");
                    if let Some((_, launched)) = &self.launched {
                        launched.stop();
                    }
                }
                Action::Kill { .. } => {
                    if let Some((_, launched)) = &self.launched {
                        launched.kill();
                    }
                }
                Action::Arm { timer, after } => self.timers.push((Instant::now() + after, timer)),
                Action::Finished => finished = true,
            }
        }
        self.tell(machine);
        let unused = self.programs.keys().copied().filter(|build| !machine.uses_build(*build));
        for build in unused.collect::<Vec<_>>() {
            self.programs.remove(&build);
            if let Some(folder) = &self.folder {
                folder.forget(build);
            }
        }
        finished
    }

    /// Tells the main thread and the log what is new in the status.
    fn tell(&mut self, machine: &Machine) {
        let mut status = machine.status().clone();
        if status.generation > 0 && status.activity != Activity::Starting {
            let notices = self.channel_notices();
            status.notices.extend(notices);
        }
        if status == self.told {
            return;
        }
        for notice in status.notices.iter().filter(|notice| !self.told.notices.contains(notice)) {
            tracing::warn!("generation {}: {notice}", status.generation);
        }
        if status.problem != self.told.problem {
            match &status.problem {
                // Its message has been logged with the build.
                None | Some(Problem::BuildFailed { .. }) => {}
                Some(problem) => tracing::error!("{problem}"),
            }
        }
        self.told = status.clone();
        let _ = self.statuses.send(Arc::new(status));
    }

    fn build(&mut self, build: u32) {
        self.begun = Instant::now();
        self.cancel = Arc::default();
        let (cancel, watcher, events) =
            (self.cancel.clone(), self.watcher.clone(), self.events.clone());
        let (search, known) = (self.plan.search.clone(), self.workspace.clone());
        let changed = self.changed.clone();
        let package = search.package.clone();
        tracing::info!("build {build}: `{package}` in profile `{}`", search.profile);
        let turn = move || {
            let begun = Instant::now();
            let mut found = None;
            let built = match known.map_or_else(|| look(&search, &watcher), Ok) {
                Ok(workspace) => {
                    let built = build::build(&workspace, &search.profile, &changed, &cancel);
                    found = Some(Box::new(workspace));
                    built
                }
                Err(message) => Built::CannotBuild { message },
            };
            let took = begun.elapsed();
            let _ = events.send(Message::Built { build, built, took, workspace: found });
        };
        let thread = thread::Builder::new().name(format!("hot-reload build {build}")).spawn(turn);
        if let Err(error) = thread {
            let message = format!("no thread for the build: {error}");
            let outcome = Outcome::CannotBuild { message };
            let _ = self.events.send(Message::Event(Event::Built { build, outcome }));
        }
    }

    fn launch(&mut self, generation: u32, build: u32) {
        let committed = self.ledger.latest();
        let pixels = if self.plan.mode.canvas { self.pixels.load(Ordering::Relaxed) } else { 0 };
        let events = self.events.clone();
        let on = move |event| {
            let _ = events.send(Message::Event(event));
        };
        let launched = match self.programs.get(&build) {
            Some(program) => {
                launch::launch(&self.plan, generation, program, self.body, pixels, &committed, on)
            }
            None => Err(format!("build {build} is not there any more")),
        };
        match launched {
            Ok(launched) => {
                tracing::info!("generation {generation} launched (build {build})");
                self.launched = Some((generation, launched));
            }
            Err(reason) => {
                let event = Event::NotLaunched { generation, reason };
                let _ = self.events.send(Message::Event(event));
            }
        }
    }
}

/// Asks cargo what there is, and watches it; what is watched when cargo cannot say is where the
/// mistake must be.
fn look(search: &Search, watcher: &Watcher) -> Result<Workspace, String> {
    let workspace = search.workspace();
    watcher.watch(match &workspace {
        Ok(workspace) => Roots::new(workspace),
        Err(_) => Roots::manifests(&search.folders()),
    });
    workspace
}

//! The supervisor's thread: tells the machine what happened, and does what it says.

mod generations;

use super::build::{self, Built, Cancel, Program, Report};
use super::folder::{self, Folder};
use super::inputs::Roots;
use super::launch::Launched;
use super::machine::{Action, Event, Machine, Outcome, Settings, Timer};
use super::watch::Watcher;
use super::workspace::{Search, Workspace};
use super::{Message, Plan};
use crate::handshake::Description;
use crate::owner::{Committed, Ledger, OpenCommits, Opening, StatusBoard};
use crate::segment::Command;
use crate::status::{Activity, Crash, Problem, Progress, Status};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// From the first frame until accepted, where there are no further ticks.
const ACCEPT: Duration = Duration::from_millis(250);
/// From accepted until its crashes are forgotten.
const STABLE: Duration = Duration::from_secs(10);
/// How often the segment of a generation is looked at of which something is awaited.
const LOOK: Duration = Duration::from_micros(500);
/// The same when it has been awaited for a second: a long set-up, say.
const LOOK_LATER: Duration = Duration::from_millis(5);
/// A clock that is over while a debugger is attached is looked at again so much later.
const DEBUGGED: Duration = Duration::from_millis(250);

/// Everything the thread holds.
pub(super) struct Runner {
    plan: Plan,
    ledger: Arc<Ledger>,
    watcher: Arc<Watcher>,
    events: Sender<Message>,
    openings: Sender<Opening>,
    board: Arc<StatusBoard>,
    told: Status,
    /// Width and height of the canvas now.
    canvas: Arc<AtomicU64>,
    workspace: Option<Workspace>,
    /// Files whose content has changed since the last good build began.
    changed: BTreeSet<PathBuf>,
    cancel: Arc<Cancel>,
    /// Where the builds that may still be launched lie.
    programs: HashMap<u32, PathBuf>,
    folder: Option<Folder>,
    launched: HashMap<u32, Launched>,
    /// What the builds that have run say of themselves.
    described: HashMap<u32, Description>,
    /// What a parked generation goes on from, should it be put back.
    base: Option<Base>,
    /// The generation that has left the newest kept values.
    kept: Option<u32>,
    /// The longest commit that a generation has asked for, in bytes.
    body: usize,
    timers: Vec<(Instant, Timer)>,
    /// When the build that runs, or the last one, began.
    begun: Instant,
    /// What a first frame is waited for, and since when.
    cause: (&'static str, Instant),
    /// The build that runs, or the last one.
    building: u32,
    progress: Option<Progress>,
    /// When a debugger was last seen at the generation that draws.
    debugger: Option<Instant>,
}

/// The commit that was handed over, the generation that made it, and its end of the commits.
struct Base {
    generation: u32,
    committed: Arc<Committed>,
    commits: Option<OpenCommits>,
    kept: Option<u32>,
}

/// What the thread is connected with.
pub(super) struct Connections {
    pub(super) watcher: Arc<Watcher>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) events: Sender<Message>,
    pub(super) openings: Sender<Opening>,
    pub(super) board: Arc<StatusBoard>,
    pub(super) canvas: Arc<AtomicU64>,
}

impl Runner {
    pub(super) fn new(plan: Plan, connections: Connections) -> Self {
        let Connections { watcher, ledger, events, openings, board, canvas } = connections;
        Runner {
            plan,
            watcher,
            ledger,
            events,
            openings,
            board,
            canvas,
            told: Status::default(),
            workspace: None,
            changed: BTreeSet::new(),
            cancel: Arc::default(),
            programs: HashMap::new(),
            folder: None,
            launched: HashMap::new(),
            described: HashMap::new(),
            base: None,
            kept: None,
            body: 0,
            timers: Vec::new(),
            begun: Instant::now(),
            cause: ("start", Instant::now()),
            building: 0,
            progress: None,
            debugger: None,
        }
    }

    /// Turns until everything has ended.
    pub(super) fn turn(mut self, incoming: &Receiver<Message>) {
        let (mut machine, actions) = Machine::start(self.settings());
        let mut finished = self.perform(&machine, actions);
        while !finished {
            let mut events = match incoming.recv_timeout(self.until_next()) {
                Ok(message) => self.translate(message),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => vec![Event::Quit],
            };
            events.extend(self.due_timer(machine.is_quitting()).map(Event::Timeout));
            events.extend(self.look());
            let nothing = events.is_empty();
            for event in events {
                self.before(&event);
                let actions = machine.on(event);
                finished |= self.perform(&machine, actions);
            }
            if nothing {
                self.tell(&machine);
            }
        }
        for launched in self.launched.values() {
            launched.kill();
        }
        self.board.close();
    }

    /// A large state takes longer to be committed: four milliseconds a mebibyte are generous.
    fn settings(&self) -> Settings {
        let mebibytes = u32::try_from(self.plan.shape.canvas_at() >> 20).unwrap_or(u32::MAX);
        let extra = Duration::from_millis(4).saturating_mul(mebibytes);
        let deadlines = self.plan.deadlines;
        Settings {
            start: deadlines.start + extra,
            rehearsal: deadlines.rehearsal,
            drain: deadlines.drain + extra,
            tick: deadlines.tick,
            accept: ACCEPT,
            stable: STABLE,
            rehearse: self.plan.rehearsal,
        }
    }

    /// How long there is nothing to do.
    fn until_next(&self) -> Duration {
        let now = Instant::now();
        let timers = self.timers.iter().map(|(at, _)| at.saturating_duration_since(now));
        let awaited = self.launched.values().filter(|launched| launched.awaits());
        let looks = awaited.map(|launched| match launched.begun.elapsed().as_secs() {
            0 => LOOK,
            _ => LOOK_LATER,
        });
        let debugger = self.told.debugger.then_some(DEBUGGED);
        timers.chain(looks).chain(debugger).min().unwrap_or(Duration::from_secs(3600))
    }

    /// A debugger puts the limits off, but not the program's end.
    fn due_timer(&mut self, quitting: bool) -> Option<Timer> {
        let now = Instant::now();
        let due = self.timers.iter().position(|(at, _)| *at <= now)?;
        let (_, timer) = self.timers.swap_remove(due);
        let limit = matches!(
            timer,
            Timer::Start { .. } | Timer::Rehearsal { .. } | Timer::Park { .. } | Timer::Stop { .. }
        );
        let launched = timer.generation().and_then(|generation| self.launched.get(&generation));
        if limit && !quitting && launched.is_some_and(Launched::is_debugged) {
            self.timers.push((now + DEBUGGED, timer));
            return None;
        }
        Some(timer)
    }

    fn look(&mut self) -> Vec<Event> {
        self.launched.values_mut().flat_map(Launched::look).collect()
    }

    fn translate(&mut self, message: Message) -> Vec<Event> {
        vec![match message {
            Message::Event(event) => event,
            Message::Gone { generation, crash } => return self.gone(generation, crash),
            Message::Unanswered { generation, answered, waited } => {
                let launched = self.launched.get(&generation);
                if launched.is_some_and(Launched::is_debugged) {
                    self.debugger = Some(Instant::now());
                    return Vec::new();
                }
                // The time in a debugger's hands does not count, even now that it has let go.
                let waited = self.debugger.map_or(waited, |seen| waited.min(seen.elapsed()));
                if waited < self.plan.deadlines.tick {
                    return Vec::new();
                }
                self.cause = ("hang", Instant::now());
                Event::Unanswered { generation, answered }
            }
            Message::Progress { build, done, total, at_work } => {
                if let Some(progress) = self.progress.as_mut().filter(|_| build == self.building) {
                    (progress.done, progress.total, progress.at_work) = (done, total, at_work);
                }
                return Vec::new();
            }
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
                self.progress = None;
                Event::Built { build, outcome: self.built(build, built, took) }
            }
        }]
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
                if self.plan.artifact.is_none() {
                    self.watcher.know(build::dep_info(&program.binary));
                }
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
        let target = match (&self.plan.artifact, &self.workspace) {
            (Some(artifact), _) => artifact.parent().unwrap_or(Path::new(".")).to_path_buf(),
            (None, Some(workspace)) => workspace.target.clone(),
            (None, None) => return Err("the workspace has gone".to_owned()),
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

    /// Does what the machine says, and tells its status; whether everything has ended.
    fn perform(&mut self, machine: &Machine, actions: Vec<Action>) -> bool {
        let mut finished = false;
        for action in actions {
            match action {
                Action::Build { build } => self.build(build),
                Action::Cancel { .. } => self.cancel.cancel(),
                Action::Launch { generation, build, start } => {
                    self.launch(generation, build, start);
                }
                Action::Open { generation } => self.open(generation, false),
                Action::Park { generation } => self.order(generation, Command::Park),
                Action::Cut { from, to } => self.cut(from, to),
                Action::Resume { generation } => self.resume(generation),
                Action::Accept { generation } => self.accept(generation),
                Action::Stop { generation } => {
                    tracing::debug!("stopping generation {generation}");
                    if let Some(launched) = self.launched.get(&generation) {
                        launched.stop();
                    }
                }
                Action::Kill { generation } => self.kill(generation, machine),
                Action::Tell(event) => self.board.tell(event),
                Action::Arm { timer, after } => self.timers.push((Instant::now() + after, timer)),
                Action::Finished => finished = true,
            }
        }
        self.tell(machine);
        let unused = self.programs.keys().copied().filter(|build| !machine.uses_build(*build));
        for build in unused.collect::<Vec<_>>() {
            self.programs.remove(&build);
            self.described.remove(&build);
            if let Some(folder) = &self.folder {
                folder.forget(build);
            }
        }
        finished
    }

    fn kill(&mut self, generation: u32, machine: &Machine) {
        let Some(launched) = self.launched.get(&generation) else { return };
        let debugged = launched.is_debugged();
        launched.kill();
        // The system tells us of its end when its debugger has asked for it, which may be never.
        if debugged && machine.is_quitting() {
            let crash = Crash { how: "it was killed in a debugger".to_owned(), ..Crash::default() };
            let _ = self.events.send(Message::Gone { generation, crash });
        }
    }

    /// Tells the main thread and the log what is new in the status.
    fn tell(&mut self, machine: &Machine) {
        let mut status = machine.status().clone();
        status.progress = self.progress.clone();
        status.debugger = self.debugger.is_some_and(|seen| seen.elapsed() <= 2 * DEBUGGED);
        if status.generation > 0 && status.activity != Activity::Starting {
            status.notices.extend(self.channel_notices(machine.current()));
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
        self.board.post(status);
    }

    fn build(&mut self, build: u32) {
        self.begun = Instant::now();
        if build > 1 {
            self.cause = ("save", self.begun);
        }
        self.building = build;
        self.cancel = Arc::default();
        let (cancel, watcher, events) =
            (self.cancel.clone(), self.watcher.clone(), self.events.clone());
        let (search, known) = (self.plan.search.clone(), self.workspace.clone());
        let changed = self.changed.clone();
        let package = search.package.clone();
        match &self.plan.artifact {
            Some(artifact) => tracing::info!("build {build}: {}", artifact.display()),
            None => tracing::info!("build {build}: `{package}` in profile `{}`", search.profile),
        }
        self.progress =
            Some(Progress { begun: self.begun, done: 0, total: 0, at_work: String::new() });
        let artifact = self.plan.artifact.clone();
        let report: Report = {
            let events = events.clone();
            Box::new(move |done, total, at_work| {
                let _ = events.send(Message::Progress { build, done, total, at_work });
            })
        };
        let turn = move || {
            let begun = Instant::now();
            let mut found = None;
            if let Some(artifact) = artifact {
                watcher.watch(Roots::artifact(&artifact));
                let built = build::take(&artifact, &cancel);
                let took = begun.elapsed();
                let _ = events.send(Message::Built { build, built, took, workspace: None });
                return;
            }
            let built = match known.map_or_else(|| look(&search, &watcher), Ok) {
                Ok(workspace) => {
                    let profile = &search.profile;
                    let built = build::build(&workspace, profile, &changed, &cancel, report);
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

//! The supervisor's thread: reports events to the machine and carries out its actions.

mod assets;
mod builds;
mod causes;
mod following;
mod generations;
mod recording;
mod rescued;
mod room;
mod saves;
mod stacks;
mod stand_in;
mod telling;

use super::builds::{Cancel, Changed, Due, ScriptPhase, SharedReplay};
use super::echoes::Echoes;
use super::inputs::Saved;
use super::launch::{Guard, Launched};
use super::machine::{Action, BuildOutcome, Event, Machine, STAND_IN, Settings, Timer};
use super::message::Message;
use super::parts::Newest;
use super::plan::Plan;
use super::recorder::Recorder;
use super::rescue;
use super::run_dir::RunDir;
use super::watch::Watcher;
use super::workspace::Workspace;
use super::workspaces::Workspaces;
use crate::generation::{
    CommitStore, Committed, DEBUGGER_INTERVAL, GenerationChange, HangRule, OpenCommits,
};
use crate::handshake::{CommitBody, Needs, RendererInfo};
use crate::history::{Cause, Step};
use crate::log;
use crate::segment::Command;
use crate::status::{Crash, Panic, Progress, Status, StatusBoard};
use causes::Causes;
use hot_reload_pod::MigrationReport;
use hot_reload_pod::internal::escaped;
use room::Waiting;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Number of the build that is made at the start.
const FIRST_BUILD: u32 = 1;
/// Time from the first frame to acceptance if there are no further ticks.
const ACCEPT: Duration = Duration::from_millis(250);
/// Time from acceptance until earlier crashes are forgotten.
const STABLE: Duration = Duration::from_secs(10);
/// Interval for polling the segment of a generation of which something is awaited.
const LOOK: Duration = Duration::from_micros(500);
/// Polling interval after the first second, for example during a long set-up.
const LOOK_LATER: Duration = Duration::from_millis(5);

/// The data of the supervisor's thread.
pub(super) struct Runner {
    plan: Arc<Plan>,
    commit_store: Arc<CommitStore>,
    /// The watcher; `None` if another part leads.
    watcher: Option<Arc<Watcher>>,
    events: Sender<Message>,
    generation_changes: Sender<GenerationChange>,
    board: Arc<StatusBoard>,
    told: Status,
    /// Current width and height of the canvas.
    canvas: Arc<AtomicU64>,
    /// Number of asset changes written down.
    assets: Arc<AtomicU64>,
    workspaces: Option<Workspaces>,
    /// Path of the last good build, shared with the leading part.
    newest: Newest,
    /// Files whose content has changed since the last build began.
    saved: BTreeSet<PathBuf>,
    /// Files that the next build is for.
    build_for: BTreeSet<PathBuf>,
    /// Changes made while a build ran, perhaps by the build itself.
    aside: Saved,
    echoes: Echoes,
    /// Time of the compiler call that read each file, in the last good build by cargo.
    read_at: HashMap<PathBuf, SystemTime>,
    /// Tells whether build scripts are running.
    scripts: ScriptPhase,
    /// Sources of the owner that have changed since it was started.
    owner_edited: BTreeSet<PathBuf>,
    /// Set once a manifest or similar file was saved after the last build began.
    reconfigured: bool,
    /// Reason why the last build needed cargo.
    by_cargo: Option<Arc<str>>,
    /// Files that the current or last build covers.
    changed: Changed,
    /// Work due in the next build.
    due: Due,
    /// Set if an artifact changed while a build ran, possibly because of that build.
    meanwhile: bool,
    cancel: Cancel,
    /// Builds without cargo.
    replay: Arc<SharedReplay>,
    /// Cancels a check.
    background: Cancel,
    /// Cancels priming.
    priming: Cancel,
    checking: Option<JoinHandle<()>>,
    /// Paths of the builds that may still be launched.
    programs: HashMap<u32, PathBuf>,
    /// The owner's own program, if it may draw until the first build has ended.
    stand_in: Option<PathBuf>,
    /// Names the file to edit, until something is saved.
    hint: Option<String>,
    /// Writer of rescued states; dropped before the folder that it writes to.
    rescue: Option<rescue::Writer>,
    /// Set if the state is to outlive this owner.
    leaves_state: bool,
    folder: Option<Arc<RunDir>>,
    launched: HashMap<u32, Launched>,
    /// Descriptions of the builds that have run.
    described: HashMap<u32, RendererInfo>,
    /// Starting point of a parked generation, if it is put back.
    base: Option<Base>,
    /// Generation that has left the newest kept values.
    kept: Option<u32>,
    /// Largest sizes that a generation has asked for, in bytes.
    needs: Needs,
    /// State for the next generation to begin with, and that generation once it is known.
    restore: Option<(Arc<CommitBody>, Option<u32>)>,
    /// Result of the state's migration, with the generation that took the state over.
    report: Option<(u32, Arc<MigrationReport>)>,
    timers: Vec<(Instant, Timer)>,
    /// Launch that is waiting for memory.
    waiting: Option<Waiting>,
    /// Set once a warning has said that there is no memory for two generations.
    short: bool,
    /// Time at which the current or last build began.
    begun: Instant,
    causes: Causes,
    /// Last panic in the log.
    panicked: Option<Panic>,
    /// Last generation that has failed with a stack, and its place.
    placed: (u32, String),
    /// Set while the program is ending.
    quitting: bool,
    recorder: Recorder,
    /// Number of the current or last build.
    building: u32,
    progress: Option<Progress>,
    hang_rule: HangRule,
}

/// The commit that was handed over, with the generation that made it and its commit channel.
struct Base {
    generation: u32,
    committed: Arc<Committed>,
    commits: Option<OpenCommits>,
    kept: Option<u32>,
}

/// The runner's channels and shared data.
pub(super) struct Connections {
    pub(super) watcher: Option<Arc<Watcher>>,
    pub(super) commit_store: Arc<CommitStore>,
    pub(super) events: Sender<Message>,
    pub(super) generation_changes: Sender<GenerationChange>,
    pub(super) board: Arc<StatusBoard>,
    pub(super) canvas: Arc<AtomicU64>,
    pub(super) assets: Arc<AtomicU64>,
    pub(super) newest: Newest,
}

impl Runner {
    pub(super) fn new(plan: Plan, connections: Connections) -> Self {
        let Connections {
            watcher, commit_store, events, generation_changes, board, canvas, ..
        } = connections;
        let Connections { assets, newest, .. } = connections;
        let saved = if plan.recipe.program.is_some() { Cause::Artifact } else { Cause::Save };
        Runner {
            plan: Arc::new(plan),
            watcher,
            commit_store,
            events,
            generation_changes,
            board,
            canvas,
            assets,
            told: Status::default(),
            workspaces: None,
            newest,
            saved: BTreeSet::new(),
            build_for: BTreeSet::new(),
            aside: Saved::default(),
            echoes: Echoes::default(),
            read_at: HashMap::new(),
            scripts: ScriptPhase::default(),
            owner_edited: BTreeSet::new(),
            reconfigured: false,
            by_cargo: None,
            changed: Changed::default(),
            due: Due { watch: true, command: true, program: true },
            meanwhile: false,
            cancel: Cancel::default(),
            replay: Arc::default(),
            background: Cancel::default(),
            priming: Cancel::default(),
            checking: None,
            programs: HashMap::new(),
            stand_in: None,
            hint: None,
            rescue: None,
            leaves_state: false,
            folder: None,
            launched: HashMap::new(),
            described: HashMap::new(),
            base: None,
            kept: None,
            needs: Needs::default(),
            restore: None,
            report: None,
            timers: Vec::new(),
            waiting: None,
            short: false,
            begun: Instant::now(),
            causes: Causes::default(),
            panicked: None,
            placed: (0, String::new()),
            quitting: false,
            recorder: Recorder::new(saved),
            building: 0,
            progress: None,
            hang_rule: HangRule::default(),
        }
    }

    /// Runs until everything has ended.
    pub(super) fn turn(mut self, incoming: &Receiver<Message>) {
        if self.plan.part.is_one_of_several() {
            log::name_part(&self.plan.search.package);
        }
        // Held as long as there may be generations, which share it.
        let _guard = Guard::shared();
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
            events.extend(self.look_a_last_time());
            self.launch_what_waits();
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
        // Waits until all compilers have ended: nothing may outlive the owner.
        self.stop_background();
        self.priming.cancel();
        self.replay.rest();
        for launched in self.launched.values() {
            launched.kill();
        }
        if self.leaves_state {
            self.leave_state();
        }
        self.board.close();
    }

    /// Returns the machine's settings, with 4 ms per MiB for large states, which is generous.
    fn settings(&self) -> Settings {
        let mebibytes = u32::try_from(self.plan.shape.parked_at() >> 20).unwrap_or(u32::MAX);
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

    /// Returns the time until there is something to do.
    fn until_next(&self) -> Duration {
        let now = Instant::now();
        let timers = self.timers.iter().map(|(at, _)| at.saturating_duration_since(now));
        let awaited = self.launched.values().filter(|launched| launched.awaits());
        let looks = awaited.map(|launched| match launched.asked.elapsed().as_secs() {
            0 => LOOK,
            _ => LOOK_LATER,
        });
        let debugger = self.told.debugger.then_some(DEBUGGER_INTERVAL);
        let waiting = self.waiting.as_ref().map(|_| LOOK_LATER);
        let last_look = self.echoes.next_look().filter(|_| self.progress.is_none());
        let last_look = last_look.map(|at| at.saturating_duration_since(now));
        timers
            .chain(looks)
            .chain(debugger)
            .chain(waiting)
            .chain(last_look)
            .min()
            .unwrap_or(Duration::from_secs(3600))
    }

    /// Returns a timer that has expired. A debugger postpones the limits, except while the program
    /// is ending.
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
            self.timers.push((now + DEBUGGER_INTERVAL, timer));
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
            Message::Restore(body) => return self.restore(body),
            Message::StandIn(program) => return self.stand_in(program),
            Message::LeaveState => {
                self.leaves_state = true;
                return Vec::new();
            }
            Message::Gone { generation, crash } => return self.gone(generation, crash),
            Message::Panicked { generation, panic } => {
                self.note_panic(generation, &panic);
                return Vec::new();
            }
            Message::Unanswered { generation, answered, waited } => {
                let debugged = self.launched.get(&generation).is_some_and(Launched::is_debugged);
                let (limit, now) = (self.plan.deadlines.tick, Instant::now());
                let Some(hang) = self.hang_rule.hang(waited, limit, debugged, now) else {
                    return Vec::new();
                };
                self.causes.hangs(hang, now);
                Event::Unanswered { generation, answered }
            }
            Message::Progress { build, done, total, at_work } => {
                if let Some(progress) = self.progress.as_mut().filter(|_| build == self.building) {
                    (progress.done, progress.total, progress.at_work) = (done, total, at_work);
                }
                return Vec::new();
            }
            Message::Saved { saved, noticed } => return self.saved(saved, noticed),
            Message::Built { build, done, took } => {
                let (outcome, again) = self.done(build, done, took);
                let built = Event::Built { build, outcome };
                return match std::mem::take(&mut self.meanwhile) || again {
                    true => vec![built, Event::Changed],
                    false => vec![built],
                };
            }
            Message::Told(told) => return self.told_by_leader(told).into_iter().collect(),
            Message::FeedTooLarge { generation, bytes } => {
                let Some(launched) = self.launched.get(&generation).filter(|it| !it.is_ending())
                else {
                    return Vec::new();
                };
                let newest = self.programs.keys().max() == Some(&launched.build);
                log::info!(
                    "generation {generation} looks at a state that has outgrown its segment"
                );
                self.needs.feed = self.needs.feed.max(bytes);
                if !newest {
                    // An older build that keeps running because the newest one failed.
                    let reason = "the state that it looks at has outgrown its segment".to_owned();
                    return vec![Event::Fault { generation, reason }];
                }
                Event::Reload
            }
            Message::Checked { build, verdict } => return self.checked(build, verdict),
        }]
    }

    /// Returns this part's workspace, as cargo describes it.
    fn workspace(&self) -> Option<&Workspace> {
        self.workspaces.as_ref().map(|all| &all.own)
    }

    fn relative(&self, file: &Path) -> String {
        let root = self.workspace().map(|workspace| workspace.root.as_path());
        let file = root.and_then(|root| file.strip_prefix(root).ok()).unwrap_or(file);
        escaped(&file.to_string_lossy()).into_owned()
    }

    /// Carries out actions and reports the status. Returns true if everything has ended.
    fn perform(&mut self, machine: &Machine, actions: Vec<Action>) -> bool {
        let mut finished = false;
        for action in actions {
            match action {
                Action::Build { build } => self.build(build),
                Action::Cancel { build } if self.plan.part.follows() => {
                    // Another part's supervisor builds, so there is no end to wait for.
                    let cancelled = Event::Built { build, outcome: BuildOutcome::Cancelled };
                    let _ = self.events.send(Message::Event(cancelled));
                }
                Action::Cancel { .. } => self.cancel.cancel(),
                Action::Launch { generation, build, start, recovery } => {
                    self.causes.launched(generation, build, recovery);
                    self.launch(generation, build, start);
                    // The program has been loading while its pages were reserved.
                    let launched = self.launched.get(&generation);
                    let at = launched.map_or_else(Instant::now, |launched| launched.begun);
                    self.recorder.launched(generation, build, recovery, at);
                }
                Action::Open { generation } => self.open(generation, false),
                Action::Shorten { answered } => {
                    let _ = self.generation_changes.send(GenerationChange::TooSlow { answered });
                }
                Action::Park { generation } => self.order(generation, Command::Park),
                Action::Cut { from, to } => {
                    self.recorder.reached(to, Step::Cut, Instant::now());
                    self.cut(from, to);
                }
                Action::Resume { generation } => {
                    self.resume(generation);
                    self.record_return(generation);
                }
                Action::Accept { generation } => self.accept(generation),
                Action::Stop { generation } => {
                    log::debug!("stopping generation {generation}");
                    if let Some(launched) = self.launched.get(&generation) {
                        launched.stop();
                    }
                }
                Action::Trace { generation } => self.trace(generation),
                Action::Kill { generation } => self.kill(generation, machine),
                Action::Tell(event) => {
                    self.record_failure(&event);
                    self.board.tell(event);
                }
                Action::Arm { timer, after } => self.timers.push((Instant::now() + after, timer)),
                Action::Finished => finished = true,
            }
        }
        self.recorder.settle(machine.has_candidate());
        self.tell(machine);
        let unused = self.programs.keys().copied().filter(|build| !machine.uses_build(*build));
        for build in unused.collect::<Vec<_>>() {
            self.programs.remove(&build);
            self.described.remove(&build);
            if let Some(folder) = &self.folder {
                folder.forget(&build.to_string());
            }
        }
        finished
    }

    fn kill(&mut self, generation: u32, machine: &Machine) {
        if let Some(never) = self.waiting.take_if(|waiting| waiting.generation == generation) {
            let reason = "it was not needed any more".to_owned();
            let event = Event::NotLaunched { generation: never.generation, reason };
            let _ = self.events.send(Message::Event(event));
        }
        let Some(launched) = self.launched.get(&generation) else { return };
        let debugged = launched.is_debugged();
        launched.kill();
        // The system reports its end only once the debugger has collected it, which may be never.
        if debugged && machine.is_quitting() {
            let crash = Crash { how: "it was killed in a debugger".to_owned(), ..Crash::default() };
            let _ = self.events.send(Message::Gone { generation, crash });
        }
    }
}

//! Tests of the machine with tables and random sequences; all invariants are checked after each
//! step.

use super::*;
use crate::status::{BuiltBy, Crash};
use std::collections::BTreeMap;
use std::time::Duration;

mod handover;
mod random;
mod recovery;
mod stand_in;

const SETTINGS: Settings = Settings {
    start: Duration::from_secs(9),
    rehearsal: Duration::from_secs(5),
    drain: Duration::from_millis(50),
    tick: Duration::from_secs(2),
    accept: Duration::from_millis(250),
    stable: Duration::from_secs(10),
    rehearse: true,
};

/// A generation as the threads would know it.
#[derive(Debug, Clone, Default)]
struct Process {
    build: u32,
    warm: bool,
    ready: bool,
    opened: bool,
    park_ordered: bool,
    parked: bool,
    stopped: bool,
    killed: bool,
    /// True if it has said that it does not fit.
    leaving: bool,
    skip: Option<u64>,
    /// Tick that was shortened before it was launched, if any.
    shortened: Option<u64>,
}

impl Process {
    fn is_ending(&self) -> bool {
        self.stopped || self.killed || self.leaving
    }
}

/// A model of the threads' work, as the machine has requested it.
#[derive(Debug, Default)]
struct World {
    building: Option<u32>,
    cancelled: bool,
    cancels_in_a_row: u32,
    live: BTreeMap<u32, Process>,
    /// Generation that is given ticks.
    drawing: Option<u32>,
    /// Generation that may be put back.
    base: Option<u32>,
    good: BTreeSet<u32>,
    /// Number of saves since the current or last build began.
    unseen_saves: u32,
    finished: bool,
    quit: bool,
    held: bool,
    armed: Vec<(Timer, Duration)>,
    told: Vec<ReloadEvent>,
    launches: u32,
    /// Last tick that was answered before one that took too long.
    shortened: Option<u64>,
}

impl World {
    fn process(&mut self, generation: u32) -> &mut Process {
        self.live.get_mut(&generation).unwrap_or_else(|| panic!("{generation} is dead"))
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            assert!(!self.finished, "{action:?} after the end");
            match action {
                Action::Build { build } => {
                    assert_eq!(self.building, None, "two builds at once");
                    assert!(!self.quit, "a build after the application's end");
                    (self.building, self.cancelled, self.unseen_saves) = (Some(build), false, 0);
                }
                Action::Cancel { build } => {
                    assert_eq!(self.building, Some(build), "cancels what does not run");
                    assert!(!self.cancelled, "cancels twice");
                    self.cancelled = true;
                    self.cancels_in_a_row += 1;
                    assert!(self.quit || self.cancels_in_a_row <= 2, "builds would never finish");
                }
                Action::Launch { generation, build, start, .. } => {
                    self.launch(generation, build, start)
                }
                Action::Open { generation } => {
                    let process = self.process(generation);
                    assert!(process.ready && !process.warm && !process.opened, "{process:?}");
                    process.opened = true;
                    (self.drawing, self.base) = (Some(generation), None);
                }
                Action::Shorten { answered } => self.shortened = Some(answered),
                Action::Trace { generation } => {
                    assert!(!self.process(generation).is_ending(), "a trace after the kill");
                }
                Action::Park { generation } => {
                    assert_eq!(self.drawing, Some(generation), "parks one that does not draw");
                    assert!(!self.held, "a reload although it is held");
                    self.process(generation).park_ordered = true;
                }
                Action::Cut { from, to } => {
                    let process = self.process(to);
                    assert!(process.ready && process.warm && !process.opened, "{process:?}");
                    process.opened = true;
                    if let Some(from) = from {
                        assert!(self.process(from).parked, "cut before {from} has committed");
                    } else if let Some(before) = self.drawing {
                        let before = self.live.get(&before);
                        assert!(before.is_none_or(Process::is_ending), "two draw: {before:?}");
                    }
                    (self.drawing, self.base) = (Some(to), from);
                }
                Action::Resume { generation } => {
                    let before = self.drawing.filter(|&drawing| drawing != generation);
                    let ended = |it: u32| self.live.get(&it).is_none_or(Process::is_ending);
                    assert!(before.is_none_or(ended), "two draw");
                    let process = self.process(generation);
                    assert!(process.parked && !process.is_ending(), "{process:?}");
                    (process.parked, process.park_ordered) = (false, false);
                    (self.drawing, self.base) = (Some(generation), None);
                }
                Action::Accept { generation } => {
                    assert_eq!(self.drawing, Some(generation));
                    self.base = None;
                }
                Action::Stop { generation } => {
                    assert!(self.quit || self.base != Some(generation), "stops what is needed");
                    let process = self.process(generation);
                    assert!(!process.stopped, "stops twice");
                    process.stopped = true;
                }
                Action::Kill { generation } => {
                    assert!(self.quit || self.base != Some(generation), "kills what is needed");
                    self.process(generation).killed = true;
                }
                Action::Arm { timer, after } => self.armed.push((timer, after)),
                Action::Tell(event) => self.told.push(event),
                Action::Finished => {
                    assert!(self.quit && self.building.is_none() && self.live.is_empty());
                    self.finished = true;
                }
            }
        }
    }

    fn launch(&mut self, generation: u32, build: u32, start: Start) {
        assert!(self.good.contains(&build), "launches a build that failed");
        assert!(!self.quit, "a launch after the application's end");
        let (warm, skip) = match start {
            Start::Warm => (true, None),
            Start::Direct { skip } => (false, skip),
        };
        let alive = |it: &&Process| !it.is_ending();
        let others = self.live.values().filter(alive).filter(|it| it.warm && !it.opened);
        assert!(!warm || others.count() == 0, "two warm up");
        if !warm && let Some(drawing) = self.drawing {
            let drawing = self.live.get(&drawing);
            assert!(drawing.is_none_or(Process::is_ending), "two would draw: {drawing:?}");
        }
        let shortened = self.shortened;
        self.live
            .insert(generation, Process { build, warm, skip, shortened, ..Process::default() });
        assert!(self.live.values().filter(alive).count() <= 3, "too many: {:?}", self.live);
        self.launches += 1;
    }

    /// Checks what must hold whenever the machine is at rest.
    fn check(&self, machine: &Machine) {
        assert_eq!(machine.building.map(|it| it.build), self.building);
        if self.unseen_saves > 0 && !self.quit {
            assert!(self.building.is_some() && machine.again, "a save that nobody builds");
        }
        let roles = [&machine.current, &machine.next, &machine.parked];
        let held = roles.into_iter().flatten().map(|it| it.generation).collect::<BTreeSet<_>>();
        for (generation, process) in &self.live {
            if !process.is_ending() {
                let ending = machine.ending.contains(generation);
                assert!(held.contains(generation) || ending, "{generation} is forgotten");
                assert!(ending || machine.uses_build(process.build), "its program is removed");
            }
        }
        for generation in &held {
            let process = &self.live[generation];
            assert!(!process.killed || process.stopped, "relies on {generation}, which is killed");
        }
        if !self.quit {
            assert_eq!(machine.parked.as_ref().map(|it| it.generation), self.base, "the base");
        }
        if machine.candidate.is_some() {
            let busy = machine.current.as_ref().is_some_and(|it| {
                let undrawn = Stage::Proving { drawn: false };
                [Stage::Parking, Stage::Stopping, undrawn].contains(&it.stage)
                    || (self.held && (!machine.settings.rehearse || machine.alone))
            });
            assert!(busy || machine.parked.is_some() || self.quit, "a build waits for nothing");
        }
        let busy = self.building.is_some();
        assert_eq!(machine.status.activity == Activity::Building, busy);
    }
}

struct Run {
    machine: Machine,
    world: World,
}

impl Run {
    fn with(settings: Settings) -> Self {
        let (machine, actions) = Machine::start(settings);
        let mut run = Run { machine, world: World::default() };
        run.world.perform(actions);
        run.world.check(&run.machine);
        run
    }

    fn start() -> Self {
        Run::with(SETTINGS)
    }

    fn on(&mut self, event: Event) {
        let world = &mut self.world;
        match &event {
            Event::Quit => world.quit = true,
            Event::StandIn => _ = world.good.insert(STAND_IN),
            Event::Hold(held) => world.held = *held,
            Event::Changed => world.unseen_saves += 1,
            Event::Built { build, outcome } => {
                world.building = None;
                if matches!(outcome, BuildOutcome::New { .. }) {
                    world.good.insert(*build);
                }
                if *outcome != BuildOutcome::Cancelled {
                    world.cancels_in_a_row = 0;
                }
            }
            Event::Ready { generation } => {
                if let Some(process) = world.live.get_mut(generation) {
                    process.ready = true;
                }
            }
            Event::Misfit { generation } => {
                if let Some(process) = world.live.get_mut(generation) {
                    process.leaving |= !process.ready;
                }
            }
            Event::Parked { generation } => {
                if let Some(process) = world.live.get_mut(generation) {
                    process.parked = true;
                }
            }
            // A generation that lies cannot be put back.
            Event::Fault { generation, .. } | Event::Refused { generation, .. } => {
                world.base.take_if(|base| base == generation);
            }
            Event::Ended { generation, .. }
            | Event::NotLaunched { generation, .. }
            | Event::NoRoom { generation } => {
                world.live.remove(generation);
                world.drawing.take_if(|drawing| drawing == generation);
                world.base.take_if(|base| base == generation);
            }
            _ => {}
        }
        let actions = self.machine.on(event);
        self.world.perform(actions);
        self.world.check(&self.machine);
    }

    fn built(&mut self, outcome: BuildOutcome) {
        let build = self.world.building.expect("a build runs");
        self.on(Event::Built { build, outcome });
    }

    fn good_build(&mut self) {
        self.built(BuildOutcome::New { took: Duration::ZERO, by: BuiltBy::Cargo });
    }

    fn save(&mut self) {
        self.on(Event::Changed);
        self.good_build();
    }

    /// Lets a generation attach, rehearse if it has to, and become ready.
    fn becomes_ready(&mut self, generation: u32) {
        self.on(Event::Attached { generation, notices: Vec::new() });
        if self.world.process(generation).warm {
            self.on(Event::Rehearsing { generation });
        }
        self.on(Event::Ready { generation });
    }

    fn draws(&mut self, generation: u32) {
        self.on(Event::FirstFrame { generation });
    }

    /// Takes a generation from ready to accepted, and parks the previous one in order.
    fn takes_over(&mut self, generation: u32) {
        self.becomes_ready(generation);
        if let Some(before) = self.world.drawing.filter(|&it| it != generation) {
            self.on(Event::Parked { generation: before });
        }
        self.draws(generation);
        self.on(Event::Answered { generation });
    }

    fn crashes(&mut self, generation: u32, answered: u64) {
        let crash = Crash { how: "in a test".to_owned(), ..Crash::default() };
        self.on(Event::Ended { generation, crash, answered });
    }

    fn problem(&self) -> Option<&Problem> {
        self.machine.status.problem.as_ref()
    }

    /// Returns the generations that were not told to end, with their builds.
    fn alive(&self) -> Vec<(u32, u32)> {
        let alive = self.world.live.iter().filter(|(_, process)| !process.is_ending());
        alive.map(|(&generation, process)| (generation, process.build)).collect()
    }

    fn last_told(&self) -> &ReloadEvent {
        self.world.told.last().expect("something was told")
    }
}

/// Returns a run in which build 1 draws as generation 1.
fn drawing() -> Run {
    let mut run = Run::start();
    run.good_build();
    run.takes_over(1);
    assert_eq!(run.alive(), [(1, 1)]);
    run
}

/// Returns a run in which build 2 draws as generation 2, after build 1.
fn drawing_second() -> Run {
    let mut run = drawing();
    run.save();
    run.takes_over(2);
    run.crashes(1, 0);
    assert_eq!(run.alive(), [(2, 2)]);
    run
}

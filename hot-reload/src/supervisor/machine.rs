//! The supervisor's decisions: events in, actions out. No I/O, no clock, no threads.
//!
//! At most one build runs. At most three generations live beside those that are ending: the
//! *current* one, which draws; the *next*, which warms up; and one *parked* behind a current one
//! that has not answered its first ticks yet. `handover` advances the next one; `recovery` decides
//! what to do about one that failed.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod events;
mod handover;
mod recovery;

pub(crate) use events::{Action, BuildOutcome, Direction, Event, STAND_IN, Settings, Start, Timer};

use crate::status::{Activity, Problem, ReloadEvent, Status};
use std::collections::BTreeSet;

/// Limit on consecutive builds that a save cancels; after that, a build may finish.
const CANCELS: u32 = 2;

/// The supervisor's state.
#[derive(Debug)]
pub(crate) struct Machine {
    settings: Settings,
    status: Status,
    actions: Vec<Action>,
    building: Option<Building>,
    /// Set if a change has come that the running build may not have seen.
    again: bool,
    cancels: u32,
    last_build: u32,
    last_generation: u32,
    /// Newest build that succeeded.
    newest: Option<u32>,
    /// Accepted builds, in order: the last one, and the one to fall back to.
    proven: Vec<u32>,
    /// Build that a person has gone back to, until the next save.
    wanted: Option<u32>,
    /// Build that should draw.
    candidate: Option<u32>,
    /// Set if the candidate can only be launched after the drawing generation has ended, because
    /// there is not enough memory for both.
    alone: bool,
    /// The build that was started again with a larger segment, and the number of times.
    misfit: Option<(u32, u32)>,
    current: Option<Live>,
    next: Option<Live>,
    parked: Option<Live>,
    /// Generations that were told to end or have announced their end.
    ending: BTreeSet<u32>,
    strikes: recovery::Strikes,
    restart: Option<recovery::Restart>,
    /// Reason why the newest source was not built.
    build_problem: Option<Problem>,
    /// Reason why the newest build does not draw.
    run_problem: Option<Problem>,
    held: bool,
    quitting: bool,
}

#[derive(Debug, Clone, Copy)]
struct Building {
    build: u32,
    cancelled: bool,
}

/// A generation that was launched.
#[derive(Debug, Clone)]
struct Live {
    generation: u32,
    build: u32,
    stage: Stage,
    /// True if it replaces one that failed.
    recovery: bool,
    notices: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Starting,
    SettingUp,
    Rehearsing,
    /// Waiting for the cut.
    Ready,
    /// Taking ticks, but not accepted yet.
    Proving {
        drawn: bool,
    },
    Drawing,
    /// Asked to park for the next one.
    Parking,
    /// Asked to end, for another build or for the application's end.
    Stopping,
}

impl Machine {
    /// Creates a machine that begins with the first build.
    pub(crate) fn start(settings: Settings) -> (Machine, Vec<Action>) {
        let mut machine = Machine {
            settings,
            status: Status::default(),
            actions: Vec::new(),
            building: None,
            again: false,
            cancels: 0,
            last_build: 0,
            last_generation: 0,
            newest: None,
            proven: Vec::new(),
            wanted: None,
            candidate: None,
            alone: false,
            misfit: None,
            current: None,
            next: None,
            parked: None,
            ending: BTreeSet::new(),
            strikes: recovery::Strikes::default(),
            restart: None,
            build_problem: None,
            run_problem: None,
            held: false,
            quitting: false,
        };
        machine.build();
        machine.describe();
        let actions = std::mem::take(&mut machine.actions);
        (machine, actions)
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// Returns true if the program is ending.
    pub(crate) fn is_quitting(&self) -> bool {
        self.quitting
    }

    /// Returns true if a build waits to be launched.
    pub(crate) fn has_candidate(&self) -> bool {
        self.candidate.is_some()
    }

    /// Returns true if a build may still be launched.
    pub(crate) fn uses_build(&self, build: u32) -> bool {
        let live = [&self.current, &self.next, &self.parked].into_iter().flatten();
        let restart = self.restart.as_ref().map(|restart| restart.build);
        live.map(|live| live.build).any(|used| used == build)
            || self.proven.contains(&build)
            || [self.newest, self.wanted, self.candidate, restart].contains(&Some(build))
    }

    pub(crate) fn on(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Changed => self.changed(),
            Event::StandIn => {
                if self.newest.is_none() && self.current.is_none() {
                    self.candidate = Some(STAND_IN);
                    self.proceed();
                }
            }
            Event::Built { build, outcome } => self.built(build, outcome),
            Event::Reload => {
                // Before the first build has ended, its stand-in is the newest.
                let stand_in = self.current.as_ref().map(|live| live.build);
                let wanted = self.wanted;
                if let Some(build) = wanted.or(self.newest).or(stand_in) {
                    self.good_source(build);
                    self.wanted = wanted;
                    self.proceed();
                }
            }
            Event::Go(direction) => self.go(direction),
            Event::Hold(held) => self.hold(held),
            Event::Quit => self.quit(),
            Event::Attached { generation, notices } => self.attached(generation, notices),
            Event::Rehearsing { generation } => self.rehearsing(generation),
            Event::Ready { generation } => self.ready(generation),
            Event::Parked { generation } => self.parked(generation),
            Event::FirstFrame { generation } => self.drawn(generation),
            Event::Answered { generation } => self.accept(generation),
            Event::Misfit { generation } => self.misfit(generation),
            Event::NotLaunched { generation, reason } => {
                self.ending.remove(&generation);
                self.failed(generation, Problem::CannotStart { message: reason }, None);
            }
            Event::NoRoom { generation } => self.no_room(generation),
            Event::Refused { generation, reason } => {
                self.condemn(generation, Problem::CannotStart { message: reason }, None);
            }
            Event::Fault { generation, reason } => self.faulty(generation, reason),
            Event::Unanswered { generation, answered } => self.unanswered(generation, answered),
            Event::Ended { generation, crash, answered } => self.ended(generation, crash, answered),
            Event::Located { generation, stack } => self.located(generation, &stack),
            Event::Timeout(timer) => self.timeout(timer),
        }
        if self.quitting {
            self.end();
        }
        self.describe();
        std::mem::take(&mut self.actions)
    }

    fn changed(&mut self) {
        let Some(building) = &mut self.building else {
            return self.build();
        };
        self.again = true;
        if !building.cancelled && self.cancels < CANCELS {
            building.cancelled = true;
            self.cancels += 1;
            let build = building.build;
            self.actions.push(Action::Cancel { build });
        }
    }

    fn build(&mut self) {
        if self.quitting {
            return;
        }
        self.last_build += 1;
        self.again = false;
        let build = self.last_build;
        self.building = Some(Building { build, cancelled: false });
        self.actions.push(Action::Build { build });
        self.tell(ReloadEvent::BuildStarted { build });
    }

    fn built(&mut self, build: u32, outcome: BuildOutcome) {
        if self.building.is_none_or(|building| building.build != build) {
            return;
        }
        self.building = None;
        if outcome != BuildOutcome::Cancelled {
            self.cancels = 0;
        }
        match outcome {
            BuildOutcome::New { took, by } => {
                self.status.built_in = Some(took);
                self.newest = Some(build);
                self.good_source(build);
                self.tell(ReloadEvent::BuildFinished { build, took, by });
            }
            // Back at the source of the newest build, which may have to be started again.
            BuildOutcome::Fresh => {
                if let Some(newest) = self.newest {
                    let live = [&self.current, &self.next].into_iter().flatten();
                    if live.map(|live| live.build).any(|build| build == newest) {
                        self.build_problem = None;
                    } else {
                        self.good_source(newest);
                    }
                }
            }
            BuildOutcome::Failed { message } => {
                self.build_problem = Some(Problem::BuildFailed { message });
                self.tell(ReloadEvent::BuildFailed { build });
            }
            BuildOutcome::CannotBuild { message } => {
                self.build_problem = Some(Problem::CannotBuild { message });
                self.tell(ReloadEvent::BuildFailed { build });
            }
            BuildOutcome::Cancelled | BuildOutcome::Unconcerned => {}
        }
        if self.again {
            self.build();
        }
        self.proceed();
    }

    /// Makes a build the candidate, and gives it a fresh start, whatever happened before.
    fn good_source(&mut self, build: u32) {
        (self.candidate, self.wanted) = (Some(build), None);
        (self.build_problem, self.run_problem, self.status.recovered) = (None, None, None);
        self.strikes = recovery::Strikes::default();
        self.misfit = None;
    }

    /// Starts another build, at the request of a person. The source's own problem, if it has one,
    /// stays.
    fn go(&mut self, direction: Direction) {
        let Some(drawing) = self.current.as_ref().map(|live| live.build) else { return };
        let build = match direction {
            Direction::Back => {
                let mut before = self.proven.iter().rev().copied();
                before.find(|build| (STAND_IN + 1..drawing).contains(build))
            }
            Direction::Forward => self.newest.filter(|newest| *newest > drawing),
        };
        if let Some(build) = build {
            (self.candidate, self.run_problem, self.misfit) = (Some(build), None, None);
            self.wanted = Some(build).filter(|_| direction == Direction::Back);
            self.strikes = recovery::Strikes::default();
            self.proceed();
        }
    }

    fn hold(&mut self, held: bool) {
        if self.held != held {
            self.held = held;
            self.tell(ReloadEvent::Held(held));
        }
        self.try_cut();
        self.proceed();
    }

    fn quit(&mut self) {
        if self.quitting {
            return;
        }
        self.quitting = true;
        (self.again, self.candidate, self.restart) = (false, None, None);
        if let Some(building) = self.building.as_mut().filter(|building| !building.cancelled) {
            building.cancelled = true;
            let build = building.build;
            self.actions.push(Action::Cancel { build });
        }
    }

    /// Ends all living generations; the drawing one in order.
    fn end(&mut self) {
        for live in [self.next.take(), self.parked.take()].into_iter().flatten() {
            self.discard(&live);
        }
        match self.current.as_ref().map(|live| live.stage) {
            Some(Stage::Stopping) | None => {}
            Some(Stage::Proving { .. } | Stage::Drawing | Stage::Parking) => self.stop_current(),
            Some(_) => {
                if let Some(live) = self.current.take() {
                    self.discard(&live);
                }
            }
        }
        if self.current.is_none() && self.ending.is_empty() && self.building.is_none() {
            self.actions.push(Action::Finished);
        }
    }

    /// Returns a generation that is not ending.
    fn live(&self, generation: u32) -> Option<Live> {
        let live = [&self.current, &self.next, &self.parked].into_iter().flatten();
        live.into_iter().find(|live| live.generation == generation).cloned()
    }

    fn tell(&mut self, event: ReloadEvent) {
        self.actions.push(Action::Tell(event));
    }

    fn describe(&mut self) {
        let drawing = |live: &Live| {
            let drawn = Stage::Proving { drawn: true };
            [drawn, Stage::Drawing, Stage::Parking].contains(&live.stage)
        };
        let draws = self.current.as_ref().is_some_and(drawing);
        let starting =
            self.next.is_some() || self.restart.is_some() || (self.current.is_some() && !draws);
        self.status.activity = match () {
            () if self.building.is_some() => Activity::Building,
            () if starting => Activity::Starting,
            () => Activity::Idle,
        };
        (self.status.held, self.status.drawing) = (self.held, draws);
        // The problem that stops the picture comes first.
        let (first, second) = match draws {
            true => (&self.build_problem, &self.run_problem),
            false => (&self.run_problem, &self.build_problem),
        };
        self.status.problem = first.as_ref().or(second.as_ref()).cloned();
    }
}

#[cfg(test)]
mod tests;

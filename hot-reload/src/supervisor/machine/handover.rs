//! The way from a new build to the drawing generation: launch, warm up, cut, accept.

use super::{Action, Live, Machine, STAND_IN, Stage, Start, Timer};
use crate::status::{Problem, ReloadEvent};

/// Limit on consecutive larger segments for one build: for its state, for the parked values beside
/// it, and for the description of both. A generation may discover each need only when there is room
/// for the one before.
const MISFITS: u32 = 3;

/// The stages of a generation that is not ready yet.
const BEFORE: [Stage; 3] = [Stage::Starting, Stage::SettingUp, Stage::Rehearsing];

impl Machine {
    /// Launches the candidate if there is one and nothing is in its way.
    pub(super) fn proceed(&mut self) {
        // A handover that has begun is finished first; that takes a few frames.
        let Some(build) = self.candidate.filter(|_| !self.quitting && self.parked.is_none()) else {
            return;
        };
        match self.current.as_ref().map(|live| live.stage) {
            Some(Stage::Parking | Stage::Stopping) => {}
            Some(Stage::Drawing | Stage::Proving { drawn: true }) => {
                if self.settings.rehearse && !self.alone {
                    self.candidate = None;
                    self.discard_next();
                    let live = self.launch(build, Start::Warm, false);
                    self.next = Some(live);
                } else if !self.held {
                    self.stop_current();
                }
            }
            // A generation that has not drawn yet has nothing to lose.
            _ => {
                self.candidate = None;
                self.discard_next();
                if let Some(live) = self.current.take() {
                    self.discard(&live);
                }
                (self.restart, self.alone) = (None, false);
                let live = self.launch(build, Start::Direct { skip: None }, false);
                self.current = Some(live);
            }
        }
    }

    pub(super) fn launch(&mut self, build: u32, start: Start, recovery: bool) -> Live {
        self.last_generation += 1;
        let generation = self.last_generation;
        self.actions.push(Action::Launch { generation, build, start, recovery });
        self.arm(Timer::Start { generation });
        self.tell(ReloadEvent::WarmingUp { generation, build });
        Live { generation, build, stage: Stage::Starting, recovery, notices: Vec::new() }
    }

    pub(super) fn attached(&mut self, generation: u32, notices: Vec<String>) {
        if let Some(live) = self.starting(generation, &[Stage::Starting]) {
            live.stage = Stage::SettingUp;
            live.notices = notices;
        }
    }

    pub(super) fn rehearsing(&mut self, generation: u32) {
        if let Some(live) = self.starting(generation, &[Stage::Starting, Stage::SettingUp]) {
            live.stage = Stage::Rehearsing;
            self.arm(Timer::Rehearsal { generation });
        }
    }

    pub(super) fn ready(&mut self, generation: u32) {
        let warm = self.next.as_ref().is_some_and(|live| live.generation == generation);
        let Some(live) = self.starting(generation, &BEFORE) else {
            return;
        };
        if warm {
            live.stage = Stage::Ready;
            self.try_cut();
        } else {
            live.stage = Stage::Proving { drawn: false };
            self.actions.push(Action::Open { generation });
        }
    }

    /// Begins the cut if the next generation is waiting for it.
    pub(super) fn try_cut(&mut self) {
        if self.quitting || self.parked.is_some() || !self.next_is_ready() {
            return;
        }
        let Some(live) = &mut self.current else {
            return self.cut(None);
        };
        match live.stage {
            Stage::Parking | Stage::Stopping => {}
            Stage::Drawing | Stage::Proving { drawn: true } => {
                if !self.held {
                    live.stage = Stage::Parking;
                    let generation = live.generation;
                    self.actions.push(Action::Park { generation });
                    self.arm(Timer::Park { generation });
                    self.tell(ReloadEvent::Draining { generation });
                }
            }
            _ => {
                if let Some(live) = self.current.take() {
                    self.discard(&live);
                }
                self.cut(None);
            }
        }
    }

    pub(super) fn next_is_ready(&self) -> bool {
        self.next.as_ref().is_some_and(|live| live.stage == Stage::Ready)
    }

    /// Lets the next generation draw from now on, starting with the last commit.
    pub(super) fn cut(&mut self, parked: Option<Live>) {
        let Some(next) = self.next.take() else { return };
        self.restart = None;
        let from = parked.as_ref().map(|live| live.generation);
        self.actions.push(Action::Cut { from, to: next.generation });
        self.parked = parked;
        self.current = Some(Live { stage: Stage::Proving { drawn: false }, ..next });
    }

    pub(super) fn parked(&mut self, generation: u32) {
        let asked = |live: &mut Live| live.generation == generation && live.stage == Stage::Parking;
        let Some(mut live) = self.current.take_if(asked) else {
            return;
        };
        live.stage = Stage::Drawing;
        if self.next_is_ready() {
            self.cut(Some(live));
        } else {
            // The next generation has failed in the meantime.
            self.current = Some(live);
            self.actions.push(Action::Resume { generation });
            self.proceed();
        }
    }

    pub(super) fn drawn(&mut self, generation: u32) {
        let Some(live) = self.current.as_mut().filter(|live| live.generation == generation) else {
            return;
        };
        if live.stage != (Stage::Proving { drawn: false }) {
            return;
        }
        live.stage = Stage::Proving { drawn: true };
        let build = live.build;
        self.status.notices = std::mem::take(&mut live.notices);
        (self.status.generation, self.status.build) = (generation, build);
        self.status.reloads += 1;
        self.tell(ReloadEvent::Reloaded { generation, build });
        self.arm(Timer::Accept { generation });
        self.try_cut();
        self.proceed();
    }

    pub(super) fn accept(&mut self, generation: u32) {
        let Some(live) = self.current.as_mut().filter(|live| live.generation == generation) else {
            return;
        };
        if live.stage != (Stage::Proving { drawn: true }) {
            return;
        }
        live.stage = Stage::Drawing;
        let (build, recovery) = (live.build, live.recovery);
        self.actions.push(Action::Accept { generation });
        if let Some(parked) = self.parked.take() {
            // In order, so that its destructors run.
            self.stop(parked.generation);
        }
        if self.proven.last() != Some(&build) {
            self.proven.retain(|&proven| proven != build);
            self.proven.push(build);
            let surplus = self.proven.len().saturating_sub(2);
            self.proven.drain(..surplus);
        }
        // A fallback that draws does not resolve the failure of the build that should have drawn.
        if self.wanted.or(self.newest).unwrap_or(STAND_IN) == build {
            let problem = self.run_problem.take();
            if recovery {
                self.status.recovered = problem;
            }
        }
        self.arm(Timer::Stable { generation });
        self.try_cut();
        self.proceed();
    }

    pub(super) fn misfit(&mut self, generation: u32) {
        let warm = self.next.as_ref().is_some_and(|live| live.generation == generation);
        let role = if warm { &mut self.next } else { &mut self.current };
        let starting =
            |live: &mut Live| live.generation == generation && BEFORE.contains(&live.stage);
        let Some(live) = role.take_if(starting) else {
            return;
        };
        // It ends on its own; the timer kills it otherwise.
        self.ending.insert(generation);
        self.arm(Timer::Stop { generation });
        let before = self.misfit.filter(|(build, _)| *build == live.build);
        let count = before.map_or(1, |(_, count)| count + 1);
        self.misfit = Some((live.build, count));
        if count > MISFITS {
            let message = "it keeps asking for a larger segment".to_owned();
            let problem = Problem::CannotStart { message };
            match warm {
                true => self.next = Some(live),
                false => self.current = Some(live),
            }
            return self.failed(generation, problem, None);
        }
        let start = if warm { Start::Warm } else { Start::Direct { skip: None } };
        let again = self.launch(live.build, start, live.recovery);
        match warm {
            true => self.next = Some(again),
            false => self.current = Some(again),
        }
    }

    /// Lets the drawing generation end before the next one begins: there is no memory for two.
    pub(super) fn no_room(&mut self, generation: u32) {
        self.ending.remove(&generation);
        let Some(live) = self.next.take_if(|live| live.generation == generation) else {
            return;
        };
        self.alone = true;
        self.candidate.get_or_insert(live.build);
        self.proceed();
    }

    pub(super) fn discard_next(&mut self) {
        if let Some(live) = self.next.take() {
            self.discard(&live);
        }
    }

    /// Ends a generation that is no longer needed.
    pub(super) fn discard(&mut self, live: &Live) {
        let generation = live.generation;
        self.ending.insert(generation);
        self.actions.push(Action::Kill { generation });
    }

    pub(super) fn stop_current(&mut self) {
        if let Some(live) = &mut self.current {
            live.stage = Stage::Stopping;
            let generation = live.generation;
            self.tell(ReloadEvent::Draining { generation });
            self.stop(generation);
        }
    }

    fn stop(&mut self, generation: u32) {
        self.ending.insert(generation);
        self.actions.push(Action::Stop { generation });
        self.arm(Timer::Stop { generation });
    }

    pub(super) fn arm(&mut self, timer: Timer) {
        let settings = &self.settings;
        let after = match timer {
            Timer::Start { .. } => settings.start,
            Timer::Rehearsal { .. } => settings.rehearsal,
            Timer::Park { .. } | Timer::Stop { .. } => settings.drain,
            Timer::Accept { .. } => settings.accept,
            Timer::Stable { .. } => settings.stable,
            Timer::Restart { attempt } => super::recovery::pause(attempt),
        };
        self.actions.push(Action::Arm { timer, after });
    }

    /// Returns a generation that is in one of these stages of its start.
    pub(super) fn starting(&mut self, generation: u32, stages: &[Stage]) -> Option<&mut Live> {
        let live = [&mut self.current, &mut self.next].into_iter().flatten();
        live.into_iter().find(|it| it.generation == generation && stages.contains(&it.stage))
    }
}

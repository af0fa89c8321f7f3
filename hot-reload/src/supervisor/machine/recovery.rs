//! Decisions about a generation that failed.
//!
//! If it was warming up, nothing changes. If it had not answered its first ticks, the one parked
//! behind it takes its place. If it fails later, it is started again from the last commit: first at
//! once, then without what happened in the tick that it died of, then at growing intervals. If
//! there is an earlier build, that takes its place.

use super::{Action, Live, Machine, STAND_IN, Stage, Start, Timer};
use crate::status::{Crash, Doing, Problem, ReloadEvent, StackFrame};
use std::time::Duration;

/// Number of consecutive failures after which a build gives way to the one before it.
const GIVE_UP: u32 = 3;
/// Number of consecutive failures after which the machine waits for the next save, if there is no
/// earlier build.
const ATTEMPTS: u32 = 7;
/// The same limit for a build that never drew.
const ATTEMPTS_UNPROVEN: u32 = 2;

/// Consecutive failures.
#[derive(Debug, Default)]
pub(super) struct Strikes {
    count: u32,
    /// Last tick that the failed generation had answered.
    answered: Option<u64>,
}

/// A build to be started again when its timer expires.
#[derive(Debug)]
pub(super) struct Restart {
    pub(super) build: u32,
    skip: Option<u64>,
    attempt: u32,
}

/// Returns the pause before an attempt: none for the first attempts, then longer and longer.
pub(super) fn pause(attempt: u32) -> Duration {
    match attempt {
        0..GIVE_UP => Duration::ZERO,
        _ => Duration::from_millis(250 << (attempt - GIVE_UP).min(5)),
    }
}

impl Machine {
    pub(super) fn ended(&mut self, generation: u32, crash: Crash, answered: u64) {
        self.ending.remove(&generation);
        let Some(live) = self.live(generation) else {
            return;
        };
        let crash = self.explained(&live, crash);
        let problem = match live.stage {
            // A panic names its place, whether it was in `App::init` or in `App::migrate`.
            Stage::Starting if crash.panic.is_none() => Problem::CannotStart {
                message: format!(
                    "{} before it attached to its owner; is its `main` built with this library \
                     (`hot_reload::run`)?{}",
                    crash.how,
                    crash.stderr.iter().map(|line| format!("\n{line}")).collect::<String>()
                ),
            },
            _ => Problem::Crashed { generation, build: live.build, crash },
        };
        self.failed(generation, problem, Some(answered));
    }

    /// Adds advice if a set-up cannot run beside the drawing generation.
    fn explained(&self, live: &Live, mut crash: Crash) -> Crash {
        const SIGNS: [&str; 3] = ["AddrInUse", "Address already in use", "address in use"];
        const ADVICE: &str = "the generation that draws still has the address: with \
             `OwnerBuilder::rehearsal(false)` it ends before the next one begins";
        let is_next = |next: &Live| next.generation == live.generation;
        let is_beside = self.current.is_some() && self.next.as_ref().is_some_and(is_next);
        let says = |words: &String| SIGNS.iter().any(|sign| words.contains(sign));
        let in_panic = crash.panic.as_ref().is_some_and(|panic| says(&panic.message));
        if is_beside && (in_panic || crash.stderr.iter().any(says)) {
            match &mut crash.panic {
                Some(panic) => panic.message = format!("{}\n{ADVICE}", panic.message),
                None => crash.stderr.push(ADVICE.to_owned()),
            }
        }
        crash
    }

    pub(super) fn faulty(&mut self, generation: u32, reason: String) {
        if let Some(live) = self.live(generation) {
            let crash = Crash { how: reason, ..Crash::default() };
            let problem = Problem::Crashed { generation, build: live.build, crash };
            self.condemn(generation, problem, None);
        }
    }

    pub(super) fn unanswered(&mut self, generation: u32, answered: u64) {
        let Some(live) = self.current.as_ref().filter(|live| live.generation == generation) else {
            return;
        };
        if matches!(live.stage, Stage::Drawing | Stage::Proving { .. }) {
            self.actions.push(Action::Shorten { answered });
            self.too_slow(generation, Doing::Drawing, Some(answered));
        }
    }

    pub(super) fn timeout(&mut self, timer: Timer) {
        match timer {
            Timer::Start { generation } => {
                if self.starting(generation, &[Stage::SettingUp]).is_some() {
                    self.too_slow(generation, Doing::Starting, None);
                } else if self.starting(generation, &[Stage::Starting]).is_some() {
                    let message = format!(
                        "it did not attach within {:?}: `App::init` or `App::migrate` takes longer, \
                         or its `main` is not built with this library (`hot_reload::run`)",
                        self.settings.start
                    );
                    self.condemn(generation, Problem::CannotStart { message }, None);
                }
            }
            Timer::Rehearsal { generation } => {
                if self.starting(generation, &[Stage::Rehearsing]).is_some() {
                    self.too_slow(generation, Doing::Rehearsing, None);
                }
            }
            Timer::Park { generation } => self.does_not_park(generation),
            Timer::Accept { generation } => self.accept(generation),
            Timer::Stable { generation } => {
                let draws =
                    |live: &Live| live.generation == generation && live.stage == Stage::Drawing;
                if self.current.as_ref().is_some_and(draws) {
                    self.strikes = Strikes::default();
                    self.status.recovered = None;
                }
            }
            Timer::Stop { generation } => {
                if self.ending.contains(&generation) {
                    self.actions.push(Action::Kill { generation });
                }
            }
            Timer::Restart { attempt } => {
                if let Some(restart) = self.restart.take_if(|it| it.attempt == attempt) {
                    self.recover_with(restart.build, restart.skip);
                }
            }
        }
    }

    fn too_slow(&mut self, generation: u32, doing: Doing, answered: Option<u64>) {
        let Some(live) = self.live(generation) else {
            return;
        };
        let limit = match doing {
            Doing::Starting => self.settings.start,
            Doing::Rehearsing => self.settings.rehearsal,
            Doing::Drawing => self.settings.tick,
        };
        self.actions.push(Action::Trace { generation });
        let (build, stack) = (live.build, Vec::new());
        let problem = Problem::NotResponding { generation, build, doing, limit, stack };
        self.condemn(generation, problem, answered);
    }

    /// Adds its stack to the problem of a generation that has failed.
    pub(super) fn located(&mut self, failed: u32, found: &[StackFrame]) {
        let problems = [&mut self.run_problem, &mut self.status.recovered];
        for problem in problems.into_iter().flatten() {
            if let Some((_, stack)) = problem.stack_mut().filter(|(of, _)| *of == failed) {
                *stack = found.to_vec();
            }
        }
    }

    /// Kills a generation that did not park in time. Its last commit stands, and anything that it
    /// writes later is ignored.
    fn does_not_park(&mut self, generation: u32) {
        let asked = |live: &mut Live| live.generation == generation && live.stage == Stage::Parking;
        let Some(live) = self.current.take_if(asked) else {
            return;
        };
        self.discard(&live);
        if self.next_is_ready() {
            self.cut(None);
        } else {
            self.recover_with(live.build, None);
        }
    }

    /// Ends a generation for a reason that is already known.
    pub(super) fn condemn(&mut self, generation: u32, problem: Problem, answered: Option<u64>) {
        let Some(live) = self.live(generation) else {
            return;
        };
        // A generation that is stopping has its own time limit.
        if live.stage != Stage::Stopping {
            self.discard(&live);
            self.failed(generation, problem, answered);
        }
    }

    /// Handles the failure of a generation that is gone or about to be killed.
    pub(super) fn failed(&mut self, generation: u32, problem: Problem, answered: Option<u64>) {
        let this = |live: &mut Live| live.generation == generation;
        if self.parked.take_if(this).is_some() {
            // A build may have waited for the end of this handover.
            return self.proceed();
        }
        if self.next.take_if(this).is_some() {
            self.report(generation, problem);
            // A generation that is asked to park resumes once it has parked.
            let nobody =
                self.current.is_none() && self.restart.is_none() && self.candidate.is_none();
            if let Some(&build) = self.proven.last().filter(|_| nobody) {
                self.recover_with(build, None);
            }
            return self.proceed();
        }
        let Some(live) = self.current.take_if(this) else {
            return;
        };
        match live.stage {
            Stage::Stopping => self.proceed(),
            // It may be too slow, or not made to run beside its owner. The first build will tell.
            _ if live.build == STAND_IN && !self.proven.contains(&STAND_IN) => {
                match self.candidate.is_none() && self.next_is_ready() {
                    true => self.try_cut(),
                    false => self.proceed(),
                }
            }
            // It was about to be replaced anyway.
            Stage::Parking if self.next_is_ready() => {
                self.tell(ReloadEvent::Failed { generation, problem });
                self.cut(None);
            }
            _ => {
                self.report(generation, problem);
                match self.parked.take() {
                    Some(parked) => self.put_back(parked),
                    None => self.recover(&live, answered),
                }
            }
        }
    }

    fn report(&mut self, generation: u32, problem: Problem) {
        self.tell(ReloadEvent::Failed { generation, problem: problem.clone() });
        self.run_problem = Some(problem);
    }

    fn put_back(&mut self, parked: Live) {
        let (generation, build) = (parked.generation, parked.build);
        (self.status.generation, self.status.build) = (generation, build);
        self.current = Some(Live { stage: Stage::Drawing, ..parked });
        self.actions.push(Action::Resume { generation });
        self.tell(ReloadEvent::PutBack { generation, build });
        self.proceed();
    }

    /// Decides which build continues from the last commit, and when.
    fn recover(&mut self, live: &Live, answered: Option<u64>) {
        if self.quitting {
            return;
        }
        if self.candidate.is_some() {
            return self.proceed();
        }
        if self.next_is_ready() {
            return self.try_cut();
        }
        let build = live.build;
        let proven = self.proven.contains(&build);
        if let Some(&good) = self.proven.last().filter(|_| !proven) {
            return self.recover_with(good, None);
        }
        self.strikes.count += 1;
        let count = self.strikes.count;
        let again = self.strikes.answered.is_some() && self.strikes.answered == answered;
        self.strikes.answered = answered;
        if count >= GIVE_UP && self.proven.len() > 1 && self.proven.last() == Some(&build) {
            self.proven.pop();
            self.strikes = Strikes::default();
            self.tell(ReloadEvent::GivenUp { build });
            if let Some(&before) = self.proven.last() {
                self.recover_with(before, None);
            }
            return;
        }
        if count >= if proven { ATTEMPTS } else { ATTEMPTS_UNPROVEN } {
            self.tell(ReloadEvent::GivenUp { build });
            return;
        }
        let skip = answered.filter(|_| again);
        if pause(count).is_zero() {
            self.recover_with(build, skip);
        } else {
            self.restart = Some(Restart { build, skip, attempt: count });
            self.arm(Timer::Restart { attempt: count });
        }
    }

    fn recover_with(&mut self, build: u32, skip: Option<u64>) {
        if self.quitting {
            return;
        }
        let live = self.launch(build, Start::Direct { skip }, true);
        let generation = live.generation;
        self.current = Some(live);
        self.tell(ReloadEvent::Recovering { generation, build });
    }
}

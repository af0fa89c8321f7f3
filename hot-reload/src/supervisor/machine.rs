//! What the supervisor decides: events in, actions out. No I/O, no clock, no threads.
//!
//! At most one build runs and at most one generation lives. A new build stops the generation that
//! draws, and the next is launched when that has ended, from the state it left behind; the owner
//! shows the last picture all the while. A generation that ends by itself leaves its picture; a
//! build that never drew gives way to the last one that did.

use crate::status::{Activity, Problem, Status};
use std::time::Duration;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The content of something that the renderer is built from has changed.
    Changed,
    /// A build has ended.
    Built { build: u32, outcome: Outcome },
    /// A generation has attached and takes ticks.
    Attached { generation: u32, notices: Vec<String> },
    /// A generation needs a larger segment, and ends.
    Misfit { generation: u32 },
    /// A generation says why it cannot run, and ends.
    Refused { generation: u32, reason: String },
    /// A generation could not even be launched.
    NotLaunched { generation: u32, reason: String },
    /// A generation has drawn its first frame (or answered its first tick, without a canvas).
    FirstFrame { generation: u32 },
    /// A generation's words make no sense.
    Fault { generation: u32, reason: String },
    /// A generation's process is gone.
    Ended { generation: u32, how: String },
    /// A time that was armed is over.
    Timeout(Timer),
    /// The application ends.
    Quit,
}

/// How a build has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is a new program.
    New { took: Duration },
    /// There was nothing to build.
    Fresh,
    /// The source does not compile.
    Failed { message: String },
    /// The build could not begin.
    CannotBuild { message: String },
    /// It was cancelled, and nothing of it runs any more.
    Cancelled,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Build {
        build: u32,
    },
    Cancel {
        build: u32,
    },
    Launch {
        generation: u32,
        build: u32,
    },
    /// Ask a generation to finish its tick, commit and end.
    Stop {
        generation: u32,
    },
    Kill {
        generation: u32,
    },
    Arm {
        timer: Timer,
        after: Duration,
    },
    /// Everything has ended.
    Finished,
}

/// A time to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A generation should have attached.
    Start { generation: u32 },
    /// A generation should have ended.
    Stop { generation: u32 },
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// From launch to attached: the loading of the program and the user's `init`.
    pub(crate) start: Duration,
    /// From stop to ended: one tick and one commit.
    pub(crate) stop: Duration,
}

/// A save during a build cancels it so many times in a row; then the build may finish.
const CANCELS: u32 = 2;

/// The supervisor's state.
#[derive(Debug)]
pub(crate) struct Machine {
    limits: Limits,
    status: Status,
    building: Option<Building>,
    /// A change has come that the build that runs may not have seen.
    again: bool,
    cancels: u32,
    last_build: u32,
    last_generation: u32,
    /// The newest build that succeeded.
    newest: Option<u32>,
    /// The last build that drew a first frame.
    proven: Option<u32>,
    /// A build that waits for the generation before it to end.
    waiting: Option<u32>,
    /// The build that was started again with a larger segment.
    misfit: Option<u32>,
    live: Option<Live>,
    quitting: bool,
}

#[derive(Debug, Clone, Copy)]
struct Building {
    build: u32,
    cancelled: bool,
}

#[derive(Debug, Clone)]
struct Live {
    generation: u32,
    build: u32,
    stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Starting,
    Attached,
    Drawing,
    /// Asked to end, for another build or for the application's end.
    Stopping,
    /// Has said that it needs a larger segment.
    Misfit,
    /// To be killed, or ending by itself, for a reason that is known already.
    Condemned {
        problem: Problem,
    },
}

impl Machine {
    /// Begins with the first build.
    pub(crate) fn start(limits: Limits) -> (Machine, Vec<Action>) {
        let mut machine = Machine {
            limits,
            status: Status::default(),
            building: None,
            again: false,
            cancels: 0,
            last_build: 0,
            last_generation: 0,
            newest: None,
            proven: None,
            waiting: None,
            misfit: None,
            live: None,
            quitting: false,
        };
        let mut actions = Vec::new();
        machine.build(&mut actions);
        machine.describe_activity();
        (machine, actions)
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// Builds that may still be launched.
    pub(crate) fn uses_build(&self, build: u32) -> bool {
        let live = self.live.as_ref().map(|live| live.build);
        [self.newest, self.proven, self.waiting, live].contains(&Some(build))
    }

    pub(crate) fn on(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Changed => self.changed(&mut actions),
            Event::Built { build, outcome } => self.built(build, outcome, &mut actions),
            Event::Quit => self.quit(&mut actions),
            Event::NotLaunched { generation, reason } => {
                if self.live_mut(generation).is_some() {
                    self.live = None;
                    self.status.problem = Some(Problem::CannotStart { message: reason });
                    self.proceed(&mut actions);
                }
            }
            Event::Ended { generation, how } => self.ended(generation, how, &mut actions),
            Event::Timeout(Timer::Start { generation }) => {
                let limit = self.limits.start;
                if self.live_mut(generation).is_some_and(|live| live.stage == Stage::Starting) {
                    let message = format!(
                        "it did not attach within {limit:?}; is its `main` built with this library \
                         (`hot_reload::run`)?"
                    );
                    self.condemn(generation, Problem::CannotStart { message }, &mut actions);
                }
            }
            Event::Timeout(Timer::Stop { generation }) => {
                let overdue =
                    |live: &mut Live| matches!(live.stage, Stage::Stopping | Stage::Misfit);
                if self.live_mut(generation).is_some_and(overdue) {
                    actions.push(Action::Kill { generation });
                }
            }
            Event::Fault { generation, reason } => {
                let problem = Problem::Ended { generation, how: reason };
                self.condemn(generation, problem, &mut actions);
            }
            Event::Refused { generation, reason } => {
                self.condemn(generation, Problem::CannotStart { message: reason }, &mut actions);
            }
            Event::Misfit { generation } => {
                self.stage(generation, Stage::Starting, Stage::Misfit);
                // It ends by itself; if not, it is made to.
                let after = self.limits.stop;
                actions.push(Action::Arm { timer: Timer::Stop { generation }, after });
            }
            Event::Attached { generation, notices } => {
                if let Some(Live { stage: Stage::Starting, build, .. }) = self.live_mut(generation)
                {
                    let build = *build;
                    self.stage(generation, Stage::Starting, Stage::Attached);
                    self.status.notices = notices;
                    (self.status.generation, self.status.build) = (generation, build);
                }
            }
            Event::FirstFrame { generation } => self.drawn(generation),
        }
        self.describe_activity();
        actions
    }

    fn changed(&mut self, actions: &mut Vec<Action>) {
        let Some(building) = &mut self.building else {
            return self.build(actions);
        };
        self.again = true;
        if !building.cancelled && self.cancels < CANCELS {
            building.cancelled = true;
            self.cancels += 1;
            actions.push(Action::Cancel { build: building.build });
        }
    }

    fn build(&mut self, actions: &mut Vec<Action>) {
        if self.quitting {
            return;
        }
        self.last_build += 1;
        self.again = false;
        self.building = Some(Building { build: self.last_build, cancelled: false });
        actions.push(Action::Build { build: self.last_build });
    }

    fn built(&mut self, build: u32, outcome: Outcome, actions: &mut Vec<Action>) {
        if self.building.is_none_or(|building| building.build != build) {
            return;
        }
        self.building = None;
        if outcome != Outcome::Cancelled {
            self.cancels = 0;
        }
        match outcome {
            Outcome::New { took } => {
                self.status.built_in = Some(took);
                self.newest = Some(build);
                self.good_source(build);
            }
            // Back to the source of the newest build: it may have to be started (again).
            Outcome::Fresh => {
                if let Some(newest) = self.newest {
                    if self.live.as_ref().is_none_or(|live| live.build != newest) {
                        self.good_source(newest);
                    } else if self.problem_of_build() {
                        self.status.problem = None;
                    }
                }
            }
            Outcome::Failed { message } => {
                self.status.problem = Some(Problem::BuildFailed { message });
            }
            Outcome::CannotBuild { message } => {
                self.status.problem = Some(Problem::CannotBuild { message });
            }
            Outcome::Cancelled => {}
        }
        if self.again {
            self.build(actions);
        }
        self.proceed(actions);
    }

    /// There is a build that should draw.
    fn good_source(&mut self, build: u32) {
        self.waiting = Some(build);
        self.status.problem = None;
    }

    fn problem_of_build(&self) -> bool {
        let problem = &self.status.problem;
        matches!(problem, Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }))
    }

    /// Launches what waits, after stopping what lives; ends when the application does.
    fn proceed(&mut self, actions: &mut Vec<Action>) {
        if self.quitting {
            self.waiting = None;
        }
        match &mut self.live {
            Some(live) => {
                let ending =
                    !matches!(live.stage, Stage::Starting | Stage::Attached | Stage::Drawing);
                if (self.waiting.is_some() || self.quitting) && !ending {
                    live.stage = Stage::Stopping;
                    let generation = live.generation;
                    actions.push(Action::Stop { generation });
                    let after = self.limits.stop;
                    actions.push(Action::Arm { timer: Timer::Stop { generation }, after });
                }
            }
            None => {
                if let Some(build) = self.waiting.take() {
                    self.launch(build, actions);
                } else if self.quitting && self.building.is_none() {
                    actions.push(Action::Finished);
                }
            }
        }
    }

    fn launch(&mut self, build: u32, actions: &mut Vec<Action>) {
        self.last_generation += 1;
        let generation = self.last_generation;
        self.live = Some(Live { generation, build, stage: Stage::Starting });
        actions.push(Action::Launch { generation, build });
        actions.push(Action::Arm { timer: Timer::Start { generation }, after: self.limits.start });
    }

    fn drawn(&mut self, generation: u32) {
        let Some(live) = self.live_mut(generation) else {
            return;
        };
        if live.stage != Stage::Attached {
            return;
        }
        live.stage = Stage::Drawing;
        let build = live.build;
        // A fallback draws, but the build that should have drawn has not been mended.
        if !self.problem_of_build() && self.newest == Some(build) {
            self.status.problem = None;
        }
        self.status.reloads += 1;
        self.proven = Some(build);
    }

    fn ended(&mut self, generation: u32, how: String, actions: &mut Vec<Action>) {
        if self.live_mut(generation).is_none() {
            return;
        }
        let Some(live) = self.live.take() else { return };
        match live.stage {
            Stage::Stopping => {}
            Stage::Misfit if self.misfit == Some(live.build) => {
                let message = "it wants a larger segment again and again".to_owned();
                self.failed(live.build, Problem::CannotStart { message });
            }
            Stage::Misfit => {
                self.misfit = Some(live.build);
                self.waiting.get_or_insert(live.build);
            }
            Stage::Condemned { problem } => self.failed(live.build, problem),
            Stage::Starting => {
                let message = format!(
                    "{how} before it attached to its owner; is its `main` built with this library \
                     (`hot_reload::run`)?"
                );
                self.failed(live.build, Problem::CannotStart { message });
            }
            Stage::Attached | Stage::Drawing => {
                self.failed(live.build, Problem::Ended { generation, how });
            }
        }
        self.proceed(actions);
    }

    /// A build did not do what it should: the last one that drew is started again, once.
    fn failed(&mut self, build: u32, problem: Problem) {
        self.status.problem = Some(problem);
        if let Some(proven) = self.proven.filter(|&proven| proven != build) {
            self.waiting.get_or_insert(proven);
        }
    }

    fn condemn(&mut self, generation: u32, problem: Problem, actions: &mut Vec<Action>) {
        let Some(live) = self.live_mut(generation) else {
            return;
        };
        if matches!(live.stage, Stage::Starting | Stage::Attached | Stage::Drawing) {
            live.stage = Stage::Condemned { problem };
            actions.push(Action::Kill { generation });
        }
    }

    fn quit(&mut self, actions: &mut Vec<Action>) {
        if self.quitting {
            return;
        }
        self.quitting = true;
        self.again = false;
        if let Some(building) = self.building.as_mut().filter(|building| !building.cancelled) {
            building.cancelled = true;
            actions.push(Action::Cancel { build: building.build });
        }
        self.proceed(actions);
    }

    fn live_mut(&mut self, generation: u32) -> Option<&mut Live> {
        self.live.as_mut().filter(|live| live.generation == generation)
    }

    fn stage(&mut self, generation: u32, from: Stage, to: Stage) {
        if let Some(live) = self.live_mut(generation).filter(|live| live.stage == from) {
            live.stage = to;
        }
    }

    fn describe_activity(&mut self) {
        let starting = self.live.as_ref().is_some_and(|live| live.stage != Stage::Drawing);
        self.status.activity = match () {
            () if self.building.is_some() => Activity::Building,
            () if starting => Activity::Starting,
            () => Activity::Idle,
        };
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

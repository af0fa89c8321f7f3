//! The machine under tables and under random sequences, with all invariants checked after each step.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const LIMITS: Limits = Limits { start: Duration::from_secs(9), stop: Duration::from_millis(50) };

/// What the threads would be doing, as the machine has asked for it.
#[derive(Debug, Default)]
struct World {
    building: Option<u32>,
    cancelled: bool,
    cancels_in_a_row: u32,
    live: Option<(u32, u32)>,
    killed: bool,
    stopped: bool,
    good: BTreeSet<u32>,
    /// Saves since the build that runs, or the last one, began.
    unseen_saves: u32,
    finished: bool,
    quit: bool,
    armed: BTreeSet<(u32, bool)>,
    launches: u32,
}

impl World {
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
                Action::Launch { generation, build } => {
                    assert_eq!(self.live, None, "two generations at once");
                    assert!(self.good.contains(&build), "launches a build that failed");
                    assert!(!self.quit, "a launch after the application's end");
                    (self.live, self.killed, self.stopped) =
                        (Some((generation, build)), false, false);
                    self.launches += 1;
                }
                Action::Stop { generation } => {
                    assert_eq!(self.live.map(|live| live.0), Some(generation), "stops the dead");
                    assert!(!self.stopped, "stops twice");
                    self.stopped = true;
                }
                Action::Kill { generation } => {
                    assert_eq!(self.live.map(|live| live.0), Some(generation), "kills the dead");
                    self.killed = true;
                }
                Action::Arm { timer, after } => {
                    let expected = match timer {
                        Timer::Start { .. } => LIMITS.start,
                        Timer::Stop { .. } => LIMITS.stop,
                    };
                    assert_eq!(after, expected);
                    self.armed.insert(match timer {
                        Timer::Start { generation } => (generation, false),
                        Timer::Stop { generation } => (generation, true),
                    });
                }
                Action::Finished => {
                    assert!(self.quit && self.building.is_none() && self.live.is_none());
                    self.finished = true;
                }
            }
        }
    }

    /// What must hold whenever the machine rests.
    fn check(&self, machine: &Machine) {
        assert_eq!(machine.building.map(|it| it.build), self.building);
        assert_eq!(machine.live.as_ref().map(|it| (it.generation, it.build)), self.live);
        if self.unseen_saves > 0 && !self.quit {
            assert!(self.building.is_some() && machine.again, "a save that nobody builds");
        }
        if let Some((_, build)) = self.live {
            assert!(machine.uses_build(build), "the program that runs would be removed");
        }
        if machine.waiting.is_some() && !self.quit {
            let (generation, _) = self.live.expect("a build waits although nothing lives");
            let ending = self.stopped || self.killed || self.armed.contains(&(generation, true));
            assert!(ending, "a build waits for a generation that nobody ends");
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
    fn start() -> Self {
        let (machine, actions) = Machine::start(LIMITS);
        let mut run = Run { machine, world: World::default() };
        run.world.perform(actions);
        run.world.check(&run.machine);
        run
    }

    fn on(&mut self, event: Event) {
        self.world.quit |= event == Event::Quit;
        match &event {
            Event::Changed => self.world.unseen_saves += 1,
            Event::Built { build, outcome } => {
                self.world.building = None;
                if matches!(outcome, Outcome::New { .. }) {
                    self.world.good.insert(*build);
                }
                if *outcome != Outcome::Cancelled {
                    self.world.cancels_in_a_row = 0;
                }
            }
            Event::Ended { .. } | Event::NotLaunched { .. } => self.world.live = None,
            _ => {}
        }
        let actions = self.machine.on(event);
        self.world.perform(actions);
        self.world.check(&self.machine);
    }

    fn built(&mut self, outcome: Outcome) {
        let build = self.world.building.expect("a build runs");
        self.on(Event::Built { build, outcome });
    }

    fn good_build(&mut self) {
        self.built(Outcome::New { took: Duration::ZERO });
    }

    fn generation(&self) -> u32 {
        self.world.live.expect("a generation lives").0
    }

    fn draws(&mut self) {
        let generation = self.generation();
        self.on(Event::Attached { generation, notices: Vec::new() });
        self.on(Event::FirstFrame { generation });
    }

    fn ends(&mut self) {
        let generation = self.generation();
        self.on(Event::Ended { generation, how: "in a test".to_owned() });
    }

    fn problem(&self) -> Option<&Problem> {
        self.machine.status.problem.as_ref()
    }
}

fn drawing() -> Run {
    let mut run = Run::start();
    run.good_build();
    run.draws();
    run
}

#[test]
fn a_new_build_stops_the_old_generation_and_is_launched_when_that_has_ended() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.good_build();
    assert_eq!((run.generation(), run.world.stopped), (1, true));
    run.ends();
    assert_eq!(run.world.live, Some((2, 2)));
    run.draws();
    assert_eq!(run.machine.status.reloads, 2);
    assert_eq!(run.problem(), None);
}

#[test]
fn a_generation_that_does_not_stop_is_killed() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.good_build();
    run.on(Event::Timeout(Timer::Stop { generation: 1 }));
    assert!(run.world.killed);
    run.ends();
    assert_eq!(run.world.live, Some((2, 2)));
}

#[test]
fn a_failed_build_touches_nothing_that_draws() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.built(Outcome::Failed { message: "expected `;`".to_owned() });
    assert_eq!((run.world.live, run.world.stopped), (Some((1, 1)), false));
    assert!(matches!(run.problem(), Some(Problem::BuildFailed { .. })));
    run.on(Event::Changed);
    run.built(Outcome::Fresh);
    assert_eq!(run.problem(), None, "the source of what runs is back");
}

#[test]
fn saves_cancel_a_build_twice_in_a_row_and_no_more() {
    let mut run = Run::start();
    for _ in 0..2 {
        run.on(Event::Changed);
        assert!(run.world.cancelled);
        run.built(Outcome::Cancelled);
    }
    run.on(Event::Changed);
    assert!(!run.world.cancelled, "this one may finish");
    run.good_build();
    assert_eq!(run.world.building, Some(4), "and the next follows");
    run.on(Event::Changed);
    assert!(run.world.cancelled, "the count begins anew");
}

#[test]
fn a_build_that_never_drew_gives_way_to_the_one_before() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.good_build();
    run.ends();
    let generation = run.generation();
    run.on(Event::Attached { generation, notices: Vec::new() });
    run.ends();
    assert_eq!(run.world.live, Some((3, 1)), "the proven build again");
    assert!(matches!(run.problem(), Some(Problem::Ended { generation: 2, .. })));
    run.draws();
    assert!(run.problem().is_some(), "the fallback draws, but the source is not mended");
    run.ends();
    assert_eq!(run.world.live, None, "a fallback that ends is not started for ever");
    run.on(Event::Changed);
    run.good_build();
    assert_eq!(run.world.live, Some((4, 3)), "a save gets a fresh try");
    run.draws();
    assert_eq!(run.problem(), None);
}

#[test]
fn a_misfit_is_started_once_more_and_then_given_up() {
    let mut run = Run::start();
    run.good_build();
    run.on(Event::Misfit { generation: 1 });
    run.ends();
    assert_eq!(run.world.live, Some((2, 1)));
    run.on(Event::Misfit { generation: 2 });
    run.ends();
    assert_eq!(run.world.live, None);
    assert!(matches!(run.problem(), Some(Problem::CannotStart { .. })));
}

#[test]
fn a_program_that_does_not_attach_is_killed_and_named() {
    let mut run = Run::start();
    run.good_build();
    run.on(Event::Timeout(Timer::Start { generation: 1 }));
    assert!(run.world.killed);
    run.ends();
    assert!(matches!(run.problem(), Some(Problem::CannotStart { .. })));
}

#[test]
fn words_of_generations_that_are_gone_change_nothing() {
    let mut run = drawing();
    let before = run.machine.status.clone();
    run.on(Event::FirstFrame { generation: 7 });
    run.on(Event::Attached { generation: 0, notices: Vec::new() });
    run.on(Event::Fault { generation: 9, reason: String::new() });
    run.on(Event::Timeout(Timer::Start { generation: 1 }));
    run.on(Event::Timeout(Timer::Stop { generation: 1 }));
    assert_eq!((run.machine.status.clone(), run.world.killed), (before, false));
}

/// One step of the world; what does not apply is left out.
#[derive(Debug, Clone, Copy)]
enum Step {
    Save,
    Builds(u8),
    Attaches,
    Draws,
    Ends,
    Fault,
    Misfit,
    Refused,
    NotLaunched,
    StartTimeout,
    StopTimeout,
    Quit,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Save),
        6 => (0_u8..6).prop_map(Step::Builds),
        4 => Just(Step::Attaches),
        4 => Just(Step::Draws),
        4 => Just(Step::Ends),
        1 => Just(Step::Fault),
        1 => Just(Step::Misfit),
        1 => Just(Step::Refused),
        1 => Just(Step::NotLaunched),
        2 => Just(Step::StartTimeout),
        2 => Just(Step::StopTimeout),
        1 => Just(Step::Quit),
    ]
}

impl Run {
    fn step(&mut self, step: Step) {
        let live = self.world.live.map(|live| live.0);
        let on_live = |event: fn(u32) -> Event| live.map(event);
        let event = match step {
            Step::Save => Some(Event::Changed),
            Step::Builds(kind) => self.world.building.map(|build| {
                let outcome = match kind {
                    _ if self.world.cancelled => Outcome::Cancelled,
                    0 => Outcome::Failed { message: String::new() },
                    1 => Outcome::CannotBuild { message: String::new() },
                    2 if !self.world.good.is_empty() => Outcome::Fresh,
                    _ => Outcome::New { took: Duration::ZERO },
                };
                Event::Built { build, outcome }
            }),
            Step::Attaches => on_live(|generation| Event::Attached { generation, notices: vec![] }),
            Step::Draws => on_live(|generation| Event::FirstFrame { generation }),
            Step::Ends => on_live(|generation| Event::Ended { generation, how: String::new() }),
            Step::Fault => on_live(|generation| Event::Fault { generation, reason: String::new() }),
            Step::Misfit => on_live(|generation| Event::Misfit { generation }),
            Step::Refused => {
                on_live(|generation| Event::Refused { generation, reason: String::new() })
            }
            Step::NotLaunched => {
                on_live(|generation| Event::NotLaunched { generation, reason: String::new() })
            }
            Step::StartTimeout => on_live(|generation| Event::Timeout(Timer::Start { generation })),
            Step::StopTimeout => on_live(|generation| Event::Timeout(Timer::Stop { generation })),
            Step::Quit => Some(Event::Quit),
        };
        if let Some(event) = event.filter(|_| !self.world.finished) {
            self.on(event);
        }
    }

    /// Lets everything that was begun end well.
    fn settle(&mut self) {
        for _ in 0..20 {
            if self.world.building.is_some() {
                self.step(Step::Builds(3));
            } else if self.world.stopped || self.world.killed {
                self.step(Step::Ends);
            } else {
                self.step(Step::StopTimeout);
            }
            self.step(Step::Attaches);
            self.step(Step::Draws);
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_invariants_and_a_save_always_arrives(
        steps in prop::collection::vec(step(), 0..120)
    ) {
        let mut run = Run::start();
        for step in steps {
            run.step(step);
        }
        if !run.world.quit {
            // Whatever happened before: a good source that is saved is what draws in the end.
            run.step(Step::Save);
            run.settle();
            let newest = run.world.good.last().copied();
            prop_assert_eq!(run.world.live.map(|live| live.1), newest);
            prop_assert_eq!(run.problem(), None);
            prop_assert_eq!(run.machine.status.activity, Activity::Idle);
            run.step(Step::Quit);
        }
        for _ in 0..4 {
            run.step(Step::Builds(3));
            run.step(Step::Ends);
        }
        prop_assert!(run.world.finished, "{:?}", run.machine);
    }
}

//! Random sequences of all possible events, including those of a renderer that lies.

use super::*;
use proptest::prelude::*;

/// One step of the world; steps that do not apply are skipped. Numbers choose among the living
/// generations.
#[derive(Debug, Clone, Copy)]
enum Step {
    StandIn,
    Save,
    Builds(u8),
    Says(u8, u8),
    Ends(u8),
    Timer(u8),
    Reload,
    Hold(bool),
    Quit,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::StandIn),
        4 => Just(Step::Save),
        6 => (0_u8..6).prop_map(Step::Builds),
        24 => (any::<u8>(), 0_u8..14).prop_map(|(whom, what)| Step::Says(whom, what)),
        5 => any::<u8>().prop_map(Step::Ends),
        4 => any::<u8>().prop_map(Step::Timer),
        1 => Just(Step::Reload),
        1 => any::<bool>().prop_map(Step::Hold),
        1 => Just(Step::Quit),
    ]
}

impl Run {
    fn chosen(&self, number: u8) -> Option<u32> {
        let count = self.world.live.len();
        (count > 0).then(|| *self.world.live.keys().nth(usize::from(number) % count).unwrap())
    }

    fn step(&mut self, step: Step) {
        if self.world.finished {
            return;
        }
        match step {
            Step::StandIn => self.on(Event::StandIn),
            Step::Save => self.on(Event::Changed),
            Step::Builds(kind) => {
                let Some(build) = self.world.building else { return };
                let outcome = match kind {
                    _ if self.world.cancelled => BuildOutcome::Cancelled,
                    0 => BuildOutcome::Failed { message: String::new() },
                    1 => BuildOutcome::CannotBuild { message: String::new() },
                    2 if !self.world.good.is_empty() => BuildOutcome::Fresh,
                    _ => BuildOutcome::New { took: Duration::ZERO, by: BuiltBy::Cargo },
                };
                self.on(Event::Built { build, outcome });
            }
            Step::Says(whom, what) => {
                let Some(generation) = self.chosen(whom) else { return };
                self.says(generation, what);
            }
            Step::Ends(whom) => {
                let Some(generation) = self.chosen(whom) else { return };
                self.crashes(generation, u64::from(whom % 3));
            }
            Step::Timer(which) => {
                let count = self.world.armed.len();
                if count > 0 {
                    let (timer, _) = self.world.armed.swap_remove(usize::from(which) % count);
                    self.on(Event::Timeout(timer));
                }
            }
            Step::Reload => self.on(Event::Reload),
            Step::Hold(held) => self.on(Event::Hold(held)),
            Step::Quit => self.on(Event::Quit),
        }
    }

    fn says(&mut self, generation: u32, what: u8) {
        let process = &self.world.live[&generation];
        let reason = String::new();
        self.on(match what {
            0..3 => Event::Attached { generation, notices: Vec::new() },
            3 => Event::Rehearsing { generation },
            4..6 => Event::Ready { generation },
            // The runner looks for an answer only after it has asked.
            6 if process.park_ordered => Event::Parked { generation },
            7 if process.opened => Event::FirstFrame { generation },
            8 if process.opened => Event::Answered { generation },
            9 => Event::Misfit { generation },
            10 => Event::Refused { generation, reason },
            11 => Event::Fault { generation, reason },
            12 => Event::Unanswered { generation, answered: 1 },
            // A generation with a process was launched.
            13 if process.warm && !process.ready => Event::NoRoom { generation },
            _ => return,
        });
    }

    /// Lets everything in progress end successfully.
    fn settle(&mut self) {
        for _ in 0..40 {
            self.step(Step::Builds(3));
            for generation in self.world.live.keys().copied().collect::<Vec<_>>() {
                let Some(process) = self.world.live.get(&generation) else { continue };
                if process.is_ending() || self.machine.ending.contains(&generation) {
                    self.crashes(generation, 0);
                    continue;
                }
                for what in [0, 3, 4, 6, 7, 8] {
                    if self.world.live.contains_key(&generation) {
                        self.says(generation, what);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_sequence_keeps_the_invariants_and_a_save_always_arrives(
        steps in prop::collection::vec(step(), 0..150),
        rehearse in prop::bool::weighted(0.8),
    ) {
        let mut run = Run::with(Settings { rehearse, ..SETTINGS });
        for step in steps {
            run.step(step);
        }
        if !run.world.quit {
            // Whatever happened before, a good source that is saved draws in the end.
            run.step(Step::Hold(false));
            run.step(Step::Save);
            run.settle();
            let newest = run.world.good.last().copied();
            let drawing = run.world.drawing.and_then(|it| run.world.live.get(&it));
            prop_assert_eq!(drawing.map(|it| it.build), newest, "{:?}", run.machine);
            prop_assert_eq!(run.alive().len(), 1, "{:?}", run.world.live);
            prop_assert_eq!(run.problem(), None);
            prop_assert_eq!(run.machine.status.activity, Activity::Idle);
            run.step(Step::Quit);
        }
        for _ in 0..4 {
            run.step(Step::Builds(3));
            for generation in run.world.live.keys().copied().collect::<Vec<_>>() {
                run.crashes(generation, 0);
            }
        }
        prop_assert!(run.world.finished, "{:?}", run.machine);
    }
}

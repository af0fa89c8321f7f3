//! The machine under tables and under random sequences, with all invariants checked after each step.

use super::*;
use crate::status::Crash;
use std::collections::BTreeMap;
use std::time::Duration;

mod random;

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
    /// Has said that it does not fit.
    leaving: bool,
    skip: Option<u64>,
}

impl Process {
    fn is_ending(&self) -> bool {
        self.stopped || self.killed || self.leaving
    }
}

/// What the threads would be doing, as the machine has asked for it.
#[derive(Debug, Default)]
struct World {
    building: Option<u32>,
    cancelled: bool,
    cancels_in_a_row: u32,
    live: BTreeMap<u32, Process>,
    /// The generation that is given ticks.
    drawing: Option<u32>,
    /// The one that may be put back.
    base: Option<u32>,
    good: BTreeSet<u32>,
    /// Saves since the build that runs, or the last one, began.
    unseen_saves: u32,
    finished: bool,
    quit: bool,
    held: bool,
    armed: Vec<(Timer, Duration)>,
    told: Vec<ReloadEvent>,
    launches: u32,
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
                Action::Launch { generation, build, start } => {
                    self.launch(generation, build, start)
                }
                Action::Open { generation } => {
                    let process = self.process(generation);
                    assert!(process.ready && !process.warm && !process.opened, "{process:?}");
                    process.opened = true;
                    (self.drawing, self.base) = (Some(generation), None);
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
        self.live.insert(generation, Process { build, warm, skip, ..Process::default() });
        assert!(self.live.values().filter(alive).count() <= 3, "too many: {:?}", self.live);
        self.launches += 1;
    }

    /// What must hold whenever the machine rests.
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
                    || (self.held && !machine.settings.rehearse)
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
            Event::Hold(held) => world.held = *held,
            Event::Changed => world.unseen_saves += 1,
            Event::Built { build, outcome } => {
                world.building = None;
                if matches!(outcome, Outcome::New { .. }) {
                    world.good.insert(*build);
                }
                if *outcome != Outcome::Cancelled {
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
            // One that lies is no base to go back to.
            Event::Fault { generation, .. } | Event::Refused { generation, .. } => {
                world.base.take_if(|base| base == generation);
            }
            Event::Ended { generation, .. } | Event::NotLaunched { generation, .. } => {
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

    fn built(&mut self, outcome: Outcome) {
        let build = self.world.building.expect("a build runs");
        self.on(Event::Built { build, outcome });
    }

    fn good_build(&mut self) {
        self.built(Outcome::New { took: Duration::ZERO });
    }

    fn save(&mut self) {
        self.on(Event::Changed);
        self.good_build();
    }

    /// Attaches, rehearses if it has to, and is ready.
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

    /// From ready to accepted, with the one before it parked in order.
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

    /// Generations that were not told to end, with their builds.
    fn alive(&self) -> Vec<(u32, u32)> {
        let alive = self.world.live.iter().filter(|(_, process)| !process.is_ending());
        alive.map(|(&generation, process)| (generation, process.build)).collect()
    }

    fn last_told(&self) -> &ReloadEvent {
        self.world.told.last().expect("something was told")
    }
}

/// Build 1 draws as generation 1.
fn drawing() -> Run {
    let mut run = Run::start();
    run.good_build();
    run.takes_over(1);
    assert_eq!(run.alive(), [(1, 1)]);
    run
}

/// Build 2 draws as generation 2, and build 1 is the one before it.
fn drawing_second() -> Run {
    let mut run = drawing();
    run.save();
    run.takes_over(2);
    run.crashes(1, 0);
    assert_eq!(run.alive(), [(2, 2)]);
    run
}

#[test]
fn a_new_build_warms_up_beside_the_old_one_and_takes_over() {
    let mut run = drawing();
    run.save();
    assert_eq!(run.alive(), [(1, 1), (2, 2)]);
    run.on(Event::Attached { generation: 2, notices: Vec::new() });
    run.on(Event::Rehearsing { generation: 2 });
    assert!(!run.world.process(1).park_ordered, "not before it has rehearsed");
    run.on(Event::Ready { generation: 2 });
    assert!(run.world.process(1).park_ordered);
    run.on(Event::Parked { generation: 1 });
    assert_eq!((run.world.drawing, run.world.base), (Some(2), Some(1)));
    run.draws(2);
    assert!(!run.world.process(1).stopped, "not before it has proven itself");
    run.on(Event::Answered { generation: 2 });
    assert!(run.world.process(1).stopped);
    assert_eq!((run.machine.status.reloads, run.machine.status.build), (2, 2));
    assert_eq!(run.problem(), None);
}

#[test]
fn without_further_ticks_a_generation_is_accepted_after_a_while() {
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.on(Event::Parked { generation: 1 });
    run.draws(2);
    run.on(Event::Timeout(Timer::Accept { generation: 2 }));
    assert!(run.world.process(1).stopped);
}

/// What goes wrong in a warm-up, and what the problem is called.
#[test]
fn what_fails_before_the_cut_changes_nothing_but_the_status() {
    type Fails = fn(&mut Run);
    let table: [(&str, Fails); 7] = [
        ("cannot start", |run| run.on(Event::Timeout(Timer::Start { generation: 2 }))),
        ("cannot start", |run| {
            run.on(Event::Refused { generation: 2, reason: "another protocol".to_owned() });
        }),
        ("cannot start", |run| run.crashes(2, 0)),
        ("its start and set-up", |run| {
            run.on(Event::Attached { generation: 2, notices: Vec::new() });
            run.on(Event::Timeout(Timer::Start { generation: 2 }));
        }),
        ("its rehearsal frame", |run| {
            run.on(Event::Attached { generation: 2, notices: Vec::new() });
            run.on(Event::Rehearsing { generation: 2 });
            run.on(Event::Timeout(Timer::Rehearsal { generation: 2 }));
        }),
        ("crashed", |run| {
            run.on(Event::Attached { generation: 2, notices: Vec::new() });
            run.crashes(2, 0);
        }),
        ("nonsense", |run| {
            run.on(Event::Attached { generation: 2, notices: Vec::new() });
            run.on(Event::Fault { generation: 2, reason: "nonsense".to_owned() });
        }),
    ];
    for (words, fails) in table {
        let mut run = drawing();
        run.save();
        fails(&mut run);
        assert_eq!(run.alive(), [(1, 1)], "{words}");
        assert!(!run.world.process(1).park_ordered, "{words}");
        let problem = run.problem().map(ToString::to_string).unwrap_or_default();
        assert!(problem.contains(words), "{words}: {problem}");
    }
}

#[test]
fn one_that_fails_before_its_first_ticks_gives_way_to_the_one_that_is_parked() {
    for drawn in [false, true] {
        let mut run = drawing();
        run.save();
        run.becomes_ready(2);
        run.on(Event::Parked { generation: 1 });
        if drawn {
            run.draws(2);
        }
        run.crashes(2, 7);
        assert_eq!((run.world.drawing, run.alive()), (Some(1), vec![(1, 1)]), "drawn: {drawn}");
        assert_eq!(*run.last_told(), ReloadEvent::PutBack { generation: 1, build: 1 });
        assert!(matches!(run.problem(), Some(Problem::Crashed { generation: 2, .. })));
        // And a save gets a fresh try.
        run.save();
        run.takes_over(3);
        assert_eq!((run.world.drawing, run.problem()), (Some(3), None));
    }
}

#[test]
fn one_that_does_not_park_in_time_is_killed_and_its_last_commit_stands() {
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.on(Event::Timeout(Timer::Park { generation: 1 }));
    assert!(run.world.process(1).killed);
    assert_eq!((run.world.drawing, run.world.base), (Some(2), None));
}

#[test]
fn one_that_crashes_while_it_parks_is_replaced_as_it_was_to_be() {
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.crashes(1, 9);
    assert_eq!((run.world.drawing, run.problem()), (Some(2), None));
}

#[test]
fn one_that_parked_for_a_generation_that_failed_goes_on() {
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.crashes(2, 0);
    run.on(Event::Parked { generation: 1 });
    assert_eq!((run.world.drawing, run.world.process(1).parked), (Some(1), false));
}

#[test]
fn a_crash_is_recovered_at_once_then_without_its_tick_then_by_the_build_before() {
    let mut run = drawing_second();
    run.crashes(2, 100);
    assert_eq!(run.alive(), [(3, 2)], "the same build again");
    assert_eq!(run.world.process(3).skip, None);
    assert!(matches!(run.problem(), Some(Problem::Crashed { .. })));
    run.takes_over(3);
    assert_eq!(run.problem(), None, "the picture moves again");
    assert!(run.machine.status.recovered.is_some(), "but it is not forgotten at once");
    run.crashes(3, 100);
    assert_eq!(run.alive(), [(4, 2)]);
    assert_eq!(run.world.process(4).skip, Some(100), "the tick after 100 has killed two");
    run.takes_over(4);
    run.crashes(4, 120);
    assert_eq!(run.alive(), [(5, 1)], "the build before it");
    assert!(run.world.told.contains(&ReloadEvent::GivenUp { build: 2 }));
    run.takes_over(5);
    assert!(run.problem().is_some(), "it draws, but the newest source is not what draws");
    run.save();
    run.takes_over(6);
    assert_eq!((run.machine.status.build, run.problem()), (3, None));
}

#[test]
fn two_crashes_of_different_ticks_take_nothing_out() {
    let mut run = drawing_second();
    run.crashes(2, 100);
    run.takes_over(3);
    run.crashes(3, 101);
    assert_eq!(run.world.process(4).skip, None);
}

#[test]
fn crashes_that_lie_far_apart_do_not_add_up() {
    let mut run = drawing_second();
    for generation in 2..12 {
        run.crashes(generation, 100);
        run.takes_over(generation + 1);
        run.on(Event::Timeout(Timer::Stable { generation: generation + 1 }));
        assert_eq!(run.machine.status.recovered, None);
    }
    assert_eq!(run.alive(), [(12, 2)]);
}

#[test]
fn a_crash_loop_without_a_build_before_pauses_longer_and_longer_and_ends() {
    let mut run = drawing();
    let mut pauses = Vec::new();
    for generation in 1..20 {
        if run.alive().is_empty() {
            let Some((timer @ Timer::Restart { .. }, after)) = run.world.armed.last().copied()
            else {
                break;
            };
            pauses.push(after.as_millis());
            run.on(Event::Timeout(timer));
        }
        if run.alive().is_empty() {
            break;
        }
        run.becomes_ready(generation);
        run.crashes(generation, 5);
    }
    assert_eq!(pauses, [250, 500, 1000, 2000]);
    assert_eq!(*run.last_told(), ReloadEvent::GivenUp { build: 1 });
    assert!(run.problem().is_some() && run.machine.status.activity == Activity::Idle);
    run.save();
    assert_eq!(run.alive().len(), 1, "a save gets a fresh try at once");
}

#[test]
fn a_save_in_a_pause_is_tried_at_once() {
    let mut run = drawing();
    for generation in 1..=3 {
        run.crashes(generation, 5);
        if generation < 3 {
            run.becomes_ready(generation + 1);
        }
    }
    assert!(run.alive().is_empty(), "it pauses");
    run.save();
    assert_eq!(run.alive(), [(4, 2)]);
    run.on(Event::Timeout(Timer::Restart { attempt: 3 }));
    assert_eq!(run.alive(), [(4, 2)], "the pause is forgotten");
}

#[test]
fn a_first_build_that_never_draws_is_tried_twice() {
    let mut run = Run::start();
    run.good_build();
    for generation in 1..=2 {
        run.becomes_ready(generation);
        run.crashes(generation, 0);
    }
    assert!(run.alive().is_empty() && run.problem().is_some());
}

#[test]
fn a_hang_is_replaced_by_the_last_good_build() {
    let mut run = drawing_second();
    run.on(Event::Unanswered { generation: 2, answered: 55 });
    assert!(run.world.process(2).killed);
    assert_eq!(run.alive(), [(3, 2)]);
    let problem = run.problem().map(ToString::to_string).unwrap_or_default();
    assert!(problem.contains("2s"), "{problem}");
    run.crashes(2, 55);
    assert_eq!(run.alive(), [(3, 2)], "its end is no second failure");
}

#[test]
fn a_crash_during_a_warm_up_is_recovered_beside_it() {
    let mut run = drawing();
    run.save();
    run.crashes(1, 4);
    assert_eq!(run.alive(), [(2, 2), (3, 1)]);
    run.takes_over(3);
    run.takes_over(2);
    assert_eq!(run.world.drawing, Some(2));
}

#[test]
fn a_hold_keeps_the_old_one_drawing_until_it_is_dropped() {
    let mut run = drawing();
    run.on(Event::Hold(true));
    run.save();
    run.becomes_ready(2);
    assert_eq!((run.world.drawing, run.machine.status.held), (Some(1), true));
    run.save();
    assert_eq!(run.alive(), [(1, 1), (3, 3)], "the newest is what waits");
    run.becomes_ready(3);
    run.on(Event::Hold(false));
    run.on(Event::Parked { generation: 1 });
    assert_eq!(run.world.drawing, Some(3));
}

#[test]
fn a_crash_while_reloads_are_held_is_recovered() {
    let mut run = drawing();
    run.on(Event::Hold(true));
    run.crashes(1, 3);
    assert_eq!(run.alive(), [(2, 1)]);
}

#[test]
fn without_rehearsal_the_old_one_ends_before_the_new_one_starts() {
    let mut run = Run::with(Settings { rehearse: false, ..SETTINGS });
    run.good_build();
    run.takes_over(1);
    run.save();
    assert_eq!((run.world.live.len(), run.world.process(1).stopped), (1, true));
    run.on(Event::Timeout(Timer::Stop { generation: 1 }));
    assert!(run.world.process(1).killed, "it was given its time");
    run.crashes(1, 3);
    assert_eq!(run.alive(), [(2, 2)]);
    run.becomes_ready(2);
    run.crashes(2, 0);
    assert_eq!(run.alive(), [(3, 1)], "back to the one before");
}

#[test]
fn a_failed_build_touches_nothing_that_draws() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.built(Outcome::Failed { message: "expected `;`".to_owned() });
    assert_eq!(run.alive(), [(1, 1)]);
    assert!(matches!(run.problem(), Some(Problem::BuildFailed { .. })));
    run.crashes(1, 3);
    assert!(matches!(run.problem(), Some(Problem::Crashed { .. })), "what stops the picture first");
    run.takes_over(2);
    assert!(matches!(run.problem(), Some(Problem::BuildFailed { .. })), "still not mended");
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
fn a_newer_build_takes_the_place_of_one_that_warms_up() {
    let mut run = drawing();
    run.save();
    run.save();
    assert_eq!(run.alive(), [(1, 1), (3, 3)]);
    run.crashes(2, 0);
    run.takes_over(3);
    assert_eq!((run.world.drawing, run.problem()), (Some(3), None));
}

#[test]
fn a_reload_starts_the_newest_build_again() {
    let mut run = drawing();
    run.on(Event::Reload);
    run.takes_over(2);
    assert_eq!((run.world.drawing, run.machine.status.build), (Some(2), 1));
}

#[test]
fn a_misfit_is_started_once_more_and_then_given_up() {
    let mut run = drawing();
    run.save();
    run.on(Event::Misfit { generation: 2 });
    assert_eq!(run.world.live[&3].build, 2);
    run.crashes(2, 0);
    assert_eq!(run.problem(), None);
    run.on(Event::Misfit { generation: 3 });
    assert!(matches!(run.problem(), Some(Problem::CannotStart { .. })));
    run.crashes(3, 0);
    assert_eq!(run.alive(), [(1, 1)]);
}

#[test]
fn words_of_generations_that_are_gone_change_nothing() {
    let mut run = drawing_second();
    let before = run.machine.status.clone();
    for generation in [0, 1, 7] {
        run.on(Event::FirstFrame { generation });
        run.on(Event::Attached { generation, notices: Vec::new() });
        run.on(Event::Ready { generation });
        run.on(Event::Parked { generation });
        run.on(Event::Unanswered { generation, answered: 0 });
        run.on(Event::Fault { generation, reason: String::new() });
        run.on(Event::Timeout(Timer::Park { generation }));
        run.on(Event::Timeout(Timer::Stop { generation }));
    }
    assert_eq!((&run.machine.status, run.alive()), (&before, vec![(2, 2)]));
}

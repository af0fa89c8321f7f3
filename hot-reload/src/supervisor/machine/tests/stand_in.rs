//! The owner's own program, which draws until the first build has ended.

use super::*;

/// Returns a run in which the owner's own program draws as generation 1.
fn standing_in() -> Run {
    let mut run = Run::start();
    run.on(Event::StandIn);
    run.takes_over(1);
    assert_eq!(run.alive(), [(1, STAND_IN)]);
    assert_eq!(run.machine.status.activity, Activity::Building);
    run
}

#[test]
fn the_first_build_takes_over_from_its_stand_in() {
    let mut run = standing_in();
    run.good_build();
    run.takes_over(2);
    assert!(run.world.process(1).stopped);
    assert_eq!((run.machine.status.generation, run.machine.status.build), (2, 1));
    assert_eq!(run.problem(), None);
}

#[test]
fn a_stand_in_that_fails_before_it_is_accepted_fails_silently() {
    let failures: [fn(&mut Run); 4] = [
        |run| run.crashes(1, 0),
        |run| run.on(Event::Timeout(Timer::Start { generation: 1 })),
        |run| run.on(Event::NotLaunched { generation: 1, reason: "gone".to_owned() }),
        |run| {
            run.becomes_ready(1);
            run.on(Event::Unanswered { generation: 1, answered: 0 });
        },
    ];
    for fails in failures {
        let mut run = Run::start();
        run.on(Event::StandIn);
        fails(&mut run);
        assert_eq!((run.problem(), run.alive()), (None, Vec::new()));
        run.good_build();
        run.takes_over(2);
        assert_eq!(run.machine.status.build, 1);
    }
}

#[test]
fn a_stand_in_that_crashes_later_is_reported_and_started_again() {
    let mut run = standing_in();
    run.crashes(1, 5);
    assert!(run.problem().is_some());
    assert_eq!(run.alive(), [(2, STAND_IN)]);
    run.takes_over(2);
    assert_eq!(run.problem(), None, "it draws again");
    assert!(run.machine.status.recovered.is_some());
}

#[test]
fn a_build_that_waits_for_a_stand_in_draws_when_that_ends() {
    let mut run = Run::start();
    run.on(Event::StandIn);
    run.becomes_ready(1);
    run.draws(1);
    run.good_build();
    run.becomes_ready(2);
    assert!(run.world.process(1).park_ordered);
    run.crashes(1, 0);
    assert_eq!(run.world.drawing, Some(2));
    run.draws(2);
    assert_eq!((run.problem(), run.machine.status.build), (None, 1));
}

#[test]
fn a_stand_in_keeps_drawing_while_the_source_does_not_compile() {
    let mut run = standing_in();
    run.built(BuildOutcome::Failed { message: "error".to_owned() });
    assert!(run.problem().is_some());
    assert_eq!(run.alive(), [(1, STAND_IN)]);
    run.save();
    run.takes_over(2);
    assert_eq!((run.problem(), run.machine.status.build), (None, 2));
}

#[test]
fn a_state_is_restored_into_the_stand_in() {
    let mut run = standing_in();
    run.on(Event::Reload);
    run.takes_over(2);
    assert_eq!(run.world.live[&2].build, STAND_IN);
}

#[test]
fn nothing_stands_in_once_a_build_draws() {
    let mut run = drawing();
    run.on(Event::StandIn);
    assert_eq!(run.alive(), [(1, 1)]);
}

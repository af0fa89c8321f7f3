//! The way from a build to the drawing generation.

use super::*;

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

/// Lists failures in a warm-up, and the problem that each is reported as.
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
        // A save gets a fresh try.
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
fn where_there_is_no_room_for_two_the_old_one_ends_first_and_is_recovered_when_the_new_one_fails() {
    let mut run = drawing();
    run.save();
    run.on(Event::NoRoom { generation: 2 });
    assert_eq!((run.world.live.len(), run.world.process(1).stopped), (1, true));
    assert_eq!(run.problem(), None, "nothing is wrong with the build");
    run.crashes(1, 3);
    assert_eq!(run.alive(), [(3, 2)]);
    run.becomes_ready(3);
    run.crashes(3, 0);
    assert_eq!(run.alive(), [(4, 1)], "back to the one before");
    run.takes_over(4);
    // The next generation is tried beside the drawing one again: there may be room by now.
    run.save();
    assert!(run.world.process(5).warm);
}

#[test]
fn a_reload_without_room_waits_while_reloads_are_held() {
    let mut run = drawing();
    run.on(Event::Hold(true));
    run.save();
    run.on(Event::NoRoom { generation: 2 });
    assert!(!run.world.process(1).is_ending(), "it is held");
    run.on(Event::Hold(false));
    assert!(run.world.process(1).stopped);
    run.crashes(1, 3);
    assert_eq!(run.alive(), [(3, 2)]);
}

#[test]
fn a_failed_build_touches_nothing_that_draws() {
    let mut run = drawing();
    run.on(Event::Changed);
    run.built(BuildOutcome::Failed { message: "expected `;`".to_owned() });
    assert_eq!(run.alive(), [(1, 1)]);
    assert!(matches!(run.problem(), Some(Problem::BuildFailed { .. })));
    run.crashes(1, 3);
    assert!(matches!(run.problem(), Some(Problem::Crashed { .. })), "what stops the picture first");
    run.takes_over(2);
    assert!(matches!(run.problem(), Some(Problem::BuildFailed { .. })), "still not mended");
    run.on(Event::Changed);
    run.built(BuildOutcome::Fresh);
    assert_eq!(run.problem(), None, "the source of what runs is back");
}

#[test]
fn saves_cancel_a_build_twice_in_a_row_and_no_more() {
    let mut run = Run::start();
    for _ in 0..2 {
        run.on(Event::Changed);
        assert!(run.world.cancelled);
        run.built(BuildOutcome::Cancelled);
    }
    run.on(Event::Changed);
    assert!(!run.world.cancelled, "this one may finish");
    run.good_build();
    assert_eq!(run.world.building, Some(4), "and the next follows");
    run.on(Event::Changed);
    assert!(run.world.cancelled, "the count starts again");
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
fn a_misfit_is_started_three_times_more_and_then_given_up() {
    let mut run = drawing();
    run.save();
    for generation in 2..5 {
        run.on(Event::Misfit { generation });
        assert_eq!(run.world.live[&(generation + 1)].build, 2);
        run.crashes(generation, 0);
        assert_eq!(run.problem(), None);
    }
    run.on(Event::Misfit { generation: 5 });
    assert!(matches!(run.problem(), Some(Problem::CannotStart { .. })));
    run.crashes(5, 0);
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

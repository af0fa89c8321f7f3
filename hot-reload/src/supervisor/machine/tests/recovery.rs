//! Reactions to generations that fail.

use super::*;
use crate::status::Panic;

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
fn an_address_that_the_generation_before_still_has_is_explained() {
    let says = |run: &Run| run.problem().unwrap().to_string().contains("rehearsal(false)");
    let panicked = |message: &str| Crash {
        panic: Some(Panic { message: message.to_owned(), place: "src/lib.rs:1:1".to_owned() }),
        ..Crash::default()
    };
    let message = "called `Result::unwrap()` on an `Err` value: Os { code: 98, kind: AddrInUse, \
                   message: \"Address already in use\" }";
    let mut run = drawing();
    run.save();
    run.on(Event::Attached { generation: 2, notices: Vec::new() });
    run.on(Event::Ended { generation: 2, crash: panicked(message), answered: 0 });
    assert!(says(&run), "{:?}", run.problem());
    run.save();
    let stderr = vec!["Error: Address already in use (os error 98)".to_owned()];
    let crash = Crash { how: "exit code 1".to_owned(), stderr, ..Crash::default() };
    run.on(Event::Ended { generation: 3, crash, answered: 0 });
    assert!(says(&run), "{:?}", run.problem());
    run.save();
    run.on(Event::Ended { generation: 4, crash: panicked("something else"), answered: 0 });
    assert!(!says(&run), "{:?}", run.problem());
    // Without another generation, a foreign program has the address.
    let mut run = Run::start();
    run.good_build();
    run.on(Event::Ended { generation: 1, crash: panicked(message), answered: 0 });
    assert!(!says(&run), "{:?}", run.problem());
}

#[test]
fn a_tick_that_took_too_long_is_shortened_before_anything_is_given_it_again() {
    let mut run = drawing_second();
    run.on(Event::Unanswered { generation: 2, answered: 100 });
    assert_eq!((run.alive(), run.world.process(3).shortened), (vec![(3, 2)], Some(100)));
    // The crash says nothing about the length of the tick.
    run.takes_over(3);
    run.crashes(3, 130);
    assert_eq!(run.world.shortened, Some(100));
    // A generation that gives way to the previous one.
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.on(Event::Parked { generation: 1 });
    run.on(Event::Unanswered { generation: 2, answered: 7 });
    assert_eq!((run.world.drawing, run.world.shortened), (Some(1), Some(7)));
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
fn a_build_that_waits_for_a_handover_goes_on_when_the_parked_one_dies() {
    let mut run = drawing();
    run.save();
    run.becomes_ready(2);
    run.on(Event::Parked { generation: 1 });
    run.draws(2);
    run.on(Event::Reload);
    assert_eq!(run.alive(), [(1, 1), (2, 2)], "it waits");
    run.crashes(1, 0);
    assert_eq!(run.alive(), [(2, 2), (3, 2)]);
    run.takes_over(3);
    assert_eq!(run.world.drawing, Some(3));
}

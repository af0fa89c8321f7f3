//! Tests of calls: asking the renderer and waiting for its answer.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{Deadlines, Error, Event, Frame, Key, Owner, WindowInput};
use std::time::Duration;
use support::{Driver, FIRST_LIMIT, LIMIT, Workbench};
use two_process_tests::{Arguments, COLOR, Ping, Pong, Probe, render};

/// Code that answers, but fails at some questions the first time.
const ANSWER: &str = r#"
        assert!(number != 13 || frame.generation > 1, "an unlucky number");
        while number == 14 && frame.generation < 3 {
            std::hint::spin_loop();
        }
        assert!(frame.owner.reply(pong).is_ok(), "the owner takes its answers");
"#;
const SEND: &str =
    "        assert!(frame.owner.send(pong).is_ok(), \"the owner takes its messages\");\n";

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.edit("src/lib.rs", SEND, ANSWER);
    bench
}

fn start(bench: &Workbench) -> Driver<Probe> {
    let deadlines = Deadlines { tick: Duration::from_secs(1), ..Deadlines::default() };
    let builder = bench.builder(Arguments::default()).deadlines(deadlines);
    Driver::new(builder.start(render).unwrap())
}

#[test]
fn a_call_is_answered_by_the_newest_code() {
    let bench = bench();
    let mut driver = start(&bench);
    // The call waits for the first renderer.
    let answer = driver.owner.call(Ping { number: 1 }, FIRST_LIMIT).unwrap();
    assert_eq!(answer, Pong { number: 1, generation: 1 });
    bench.edit("src/lib.rs", "Pong { number, ", "Pong { number: number + 100, ");
    bench.color(COLOR, COLOR + 1);
    driver.until_color(COLOR + 1);
    let answer = driver.owner.call(Ping { number: 2 }, LIMIT).unwrap();
    assert_eq!(answer, Pong { number: 102, generation: 2 });
    // Anything but the answer to a call is an ordinary message.
    driver.owner.send(Ping { number: 3 }).unwrap();
    assert_eq!(driver.owner.call(Ping { number: 4 }, LIMIT).unwrap().number, 104);
    let messages = driver.owner.messages().map(|pong| pong.number).collect::<Vec<_>>();
    assert_eq!(messages, [103]);
    driver.until("the state", |driver| driver.owner.state().unwrap().last_ping == 4);
    let state = driver.owner.state().unwrap();
    assert_eq!((state.disorder, state.gaps), (0, 0), "each message once, no tick twice");
}

#[test]
fn a_renderer_that_fails_over_a_call_is_replaced_and_asked_again() {
    let bench = bench();
    let mut driver = start(&bench);
    let panicked = driver.owner.call(Ping { number: 13 }, LIMIT).unwrap();
    assert_eq!(panicked, Pong { number: 13, generation: 2 });
    let hung = driver.owner.call(Ping { number: 14 }, LIMIT).unwrap();
    assert_eq!(hung, Pong { number: 14, generation: 3 });
}

/// Acts as a renderer that answers a ping only when the key A goes down.
fn answer_late(frame: &mut Frame<'_, Probe>) {
    while let Some(ping) = frame.owner.try_recv() {
        frame.state.last_ping = ping.number;
    }
    frame.state.presses += u32::from(frame.input.is_key_down(Key::A));
    if frame.input.is_key_pressed(Key::A) {
        let pong = Pong { number: frame.state.last_ping, generation: frame.generation };
        frame.owner.reply(pong).unwrap();
    }
}

#[test]
fn a_call_without_an_answer_ends_in_time_and_a_late_answer_is_a_message() {
    let builder = Owner::<Probe>::builder(Arguments::default()).without_canvas().one_process();
    let mut owner = builder.start(answer_late).unwrap();
    let limit = Duration::from_millis(40);
    let refused = owner.call(Ping { number: 7 }, limit).unwrap_err();
    assert!(matches!(refused, Error::Unanswered { waited } if waited >= limit), "{refused}");
    let mut driver = Driver::new(owner);
    driver.input = WindowInput::idle(0, 0);
    driver.input.events = vec![Event::KeyDown(Key::A)];
    let mut messages = Vec::new();
    driver.until("the late answer", |driver| {
        messages.extend(driver.owner.messages());
        !messages.is_empty()
    });
    assert_eq!(messages.iter().map(|pong| pong.number).collect::<Vec<_>>(), [7]);
    // The tick of a call repeats the window's input: the key does not go down once more.
    driver.until("the state", |driver| driver.owner.state().is_some());
    let refused = driver.owner.call(Ping { number: 8 }, limit).unwrap_err();
    assert!(matches!(refused, Error::Unanswered { .. }), "{refused}");
    assert_eq!(driver.owner.messages().count(), 0);
}

#[test]
fn what_finds_no_room_in_the_queue_is_not_asked() {
    let builder = Owner::<Probe>::builder(Arguments::default()).without_canvas().one_process();
    let mut owner = builder.start(|_: &mut Frame<'_, Probe>| {}).unwrap();
    while owner.send(Ping { number: 1 }).is_ok() {}
    let refused = owner.call(Ping { number: 2 }, LIMIT).unwrap_err();
    assert!(matches!(refused, Error::CannotAsk { .. }), "{refused}");
}

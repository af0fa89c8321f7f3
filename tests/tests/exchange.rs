//! Tests of everything that crosses between the two processes: messages, requests, input, sizes,
//! buffers.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{Event, Key, Request, status::Problem};
use support::{Driver, Workbench};
use two_process_tests::{Arguments, COLOR, Ping, render};

#[test]
fn messages_arrive_in_order_once_and_across_a_reload() {
    let bench = Workbench::new();
    let mut driver = bench.start();
    // Messages sent before there is a renderer are kept for it.
    for number in 1..=10 {
        driver.owner.send(Ping { number }).unwrap();
    }
    let (mut sent, mut pongs) = (10, Vec::new());
    let mut exchange = |driver: &mut Driver<_>, color| {
        driver.until_color(color);
        bench.color(color, color + 1);
        driver.until("the next color", |driver| {
            if driver.owner.send(Ping { number: sent + 1 }).is_ok() {
                sent += 1;
            }
            pongs.extend(driver.owner.messages());
            driver.color() == color + 1
        });
    };
    exchange(&mut driver, COLOR);
    exchange(&mut driver, COLOR + 1);
    driver.until("all answers", |driver| {
        pongs.extend(driver.owner.messages());
        pongs.last().is_some_and(|pong| pong.number == sent)
    });
    let numbers = pongs.iter().map(|pong| pong.number).collect::<Vec<_>>();
    assert_eq!(numbers, (1..=sent).collect::<Vec<_>>(), "each answer once and in order");
    assert_eq!(pongs.last().unwrap().generation, 3);
    driver.until("the state", |driver| driver.owner.state().unwrap().last_ping == sent);
    let state = driver.owner.state().unwrap();
    assert_eq!((state.disorder, state.pings), (0, u64::from(sent) * u64::from(sent + 1) / 2));
}

#[test]
fn a_renderer_that_takes_no_messages_fills_the_queue_and_no_more() {
    let bench = Workbench::new();
    let arguments = Arguments { deaf: true, ..Arguments::default() };
    let mut driver = Driver::new(bench.builder(arguments).start(render).unwrap());
    driver.until_color(COLOR);
    let mut taken = 0;
    let refused = loop {
        match driver.owner.send(Ping { number: taken + 1 }) {
            Ok(()) => taken += 1,
            Err(full) => break full.0,
        }
        driver.tick();
    };
    assert!(taken >= 256, "at least 256 fit, {taken} did");
    assert_eq!(refused.number, taken + 1, "what does not fit comes back");
    driver.until("frames", |driver| driver.owner.state().unwrap().frames > 20);
}

#[test]
fn of_a_kind_of_request_the_latest_wins_and_quit_ends_the_loop() {
    let (_bench, mut driver) = Workbench::running();
    driver.input.events = vec![Event::KeyDown(Key::T)];
    let mut requests = Vec::new();
    driver.until("requests", |driver| {
        requests.extend(driver.owner.requests());
        !requests.is_empty()
    });
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(matches!(&requests[0], Request::Title(title) if title.starts_with("ticks ")));
    assert_eq!(requests[1], Request::Cursor(false));
    assert!(driver.owner.is_running());
    driver.input.events = vec![Event::KeyDown(Key::Q)];
    driver.until("the end", |driver| !driver.owner.is_running());
}

#[test]
fn input_reaches_the_renderer_as_it_happened() {
    let (_bench, mut driver) = Workbench::running();
    let typed = "grüße".chars().map(Event::Text);
    driver.input.events = typed.chain([Event::KeyDown(Key::A), Event::KeyUp(Key::A)]).collect();
    driver.until("the input", |driver| driver.owner.state().is_some_and(|it| it.presses == 1));
    let state = driver.owner.state().unwrap();
    assert_eq!((state.text.as_str(), state.releases), ("grüße", 1));
}

#[test]
fn a_resize_needs_no_restart_and_8k_is_the_limit() {
    let (_bench, mut driver) = Workbench::running();
    for (window, picture) in [
        ((640, 480), (640, 480)),
        ((33, 7), (33, 7)),
        ((1920, 1080), (1920, 1080)),
        ((20_000, 10_000), (8145, 4072)),
        ((64, 48), (64, 48)),
    ] {
        driver.input.size = window;
        driver.until(&format!("{window:?}"), |driver| {
            let shown = driver.owner.picture();
            (shown.width(), shown.height()) == picture
        });
        assert_eq!(driver.owner.picture().frame().len(), picture.0 * picture.1);
        assert_eq!((driver.drawn_by(), driver.color()), (1, COLOR), "at {window:?}");
    }
}

#[test]
fn an_unchanged_canvas_leaves_the_picture() {
    let (_bench, mut driver) = Workbench::running();
    driver.input.events = vec![Event::KeyDown(Key::U)];
    driver.tick();
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames without a picture", |driver| {
        assert_eq!(driver.color(), COLOR, "what was drawn must not be shown");
        driver.owner.state().unwrap().frames > frames + 20
    });
    assert!(driver.owner.picture().tick() + 10 < driver.ticks);
}

#[test]
fn a_kept_canvas_and_extra_buffers_survive_a_reload() {
    let bench = Workbench::new();
    let arguments = Arguments { incremental: true, heights: 1000, ..Arguments::default() };
    let owner = bench.builder(arguments).canvas_size(7000, 1).keep_canvas().start(render).unwrap();
    let mut driver = Driver::new(owner);
    let drawn = |driver: &Driver<_>, color| {
        driver.owner.picture().frame().iter().filter(|&&pixel| pixel == color).count()
    };
    driver.until("some pixels", |driver| drawn(driver, COLOR) > 20);
    bench.color(COLOR, 0x51);
    driver.until("pixels of the new code", |driver| drawn(driver, 0x51) > 20);
    let (old, new) = (drawn(&driver, COLOR), drawn(&driver, 0x51));
    let pixels = driver.owner.picture().frame();
    let frames = usize::try_from(driver.owner.state().unwrap().frames).unwrap();
    // Every tick has drawn one pixel, and none of them has been lost.
    assert!(pixels[1..=old].iter().all(|&pixel| pixel == COLOR), "the old code's, without a gap");
    assert!(pixels[old + 1..=old + new].iter().all(|&pixel| pixel == 0x51));
    assert!(old + new <= frames + 5 && frames <= old + new + 5, "{old} + {new} of {frames}");
}

#[test]
fn command_line_and_working_folder_are_the_owners() {
    let bench = Workbench::new();
    let folder = std::env::current_dir().unwrap();
    let check = format!(
        "    assert_eq!(std::env::args().nth(1).as_deref(), Some(\"--level=3\"));\n    \
         assert_eq!(std::env::current_dir().unwrap(), std::path::Path::new({folder:?}));\n    \
         hot_reload::run::<Probe>(render)"
    );
    bench.edit("src/main.rs", "    hot_reload::run::<Probe>(render)", &check);
    let builder = bench.builder(Arguments::default()).program_arguments(["--level=3".into()]);
    let mut driver = Driver::new(builder.start(render).unwrap());
    driver.until("a frame", |driver| {
        assert_eq!(driver.owner.status().problem, None);
        driver.color() == COLOR
    });
}

#[test]
fn arguments_that_a_build_cannot_read_are_refused_in_words() {
    let (bench, mut driver) = Workbench::running();
    bench.edit(
        "src/lib.rs",
        "    pub heights: usize,\n",
        "    pub heights: usize,\n    pub unknown: u8,\n",
    );
    driver.until("the refusal", |driver| driver.owner.status().problem.is_some());
    let Some(Problem::CannotStart { message }) = &driver.owner.status().problem else {
        panic!("{:?}", driver.owner.status())
    };
    assert!(message.contains("unknown") && message.contains("serde(default)"), "{message}");
    // The previous build keeps running.
    let frames = driver.owner.state().unwrap().frames;
    driver.until("frames of the old code", |driver| {
        driver.owner.state().unwrap().frames > frames + 10
    });
    assert_eq!((driver.drawn_by(), driver.color()), (1, COLOR));
}

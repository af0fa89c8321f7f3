//! Tests of the overlay as its owner uses it: what is shown when, and how it looks.
//!
//! If `HOT_RELOAD_SCREENSHOTS` names a folder, [`every_panel_at_every_size`] writes what it draws
//! there as PPM files for inspection.

use super::palette::{self, AMBER, BLUE, GREEN, RED, RULE, STRONG, TEXT};
use super::*;
use crate::history::{Cause, Reload, Step, Times};
use crate::status::{Activity, Crash, Doing, Panic, Problem, Progress};
use proptest::prelude::*;

const LIMIT: Duration = Duration::from_secs(2);

/// A message of rustc, with its colors.
const MESSAGE: &str = concat!(
    "\x1b[1m\x1b[91merror[E0425]\x1b[0m\x1b[1m: cannot find value `colour` in this scope\x1b[0m\n",
    "  \x1b[1m\x1b[94m--> \x1b[0mexample-impl/src/lib.rs:42:27\n",
    "   \x1b[1m\x1b[94m|\x1b[0m\n",
    "\x1b[1m\x1b[94m42\x1b[0m \x1b[1m\x1b[94m|\x1b[0m         frame.canvas.set(x, y, colour);\n",
    "   \x1b[1m\x1b[94m|\x1b[0m                                \x1b[1m\x1b[91m^^^^^^\x1b[0m ",
    "\x1b[1m\x1b[91mhelp: a local variable with a similar name exists: `color`\x1b[0m\n\n",
    "\x1b[1m\x1b[33mwarning\x1b[0m\x1b[1m: unused variable: `width`\x1b[0m\n",
    "  \x1b[1m\x1b[94m--> \x1b[0mexample-impl/src/lib.rs:17:9\n",
    "   \x1b[1m\x1b[94m|\x1b[0m\n",
    "\x1b[1m\x1b[94m17\x1b[0m \x1b[1m\x1b[94m|\x1b[0m     let width = frame.canvas.width();\n",
    "   \x1b[1m\x1b[94m|\x1b[0m         \x1b[1m\x1b[33m^^^^^\x1b[0m ",
    "\x1b[1m\x1b[33mhelp: if this is intentional, prefix it with an underscore: `_width`\x1b[0m\n",
    "   \x1b[1m\x1b[94m|\x1b[0m\n",
    "   \x1b[1m\x1b[94m= \x1b[0m\x1b[1mnote\x1b[0m: `#[warn(unused_variables)]` on by default\n",
);

/// An overlay, its status and the time.
struct Run {
    overlay: Overlay,
    status: Arc<Status>,
    unanswered: Option<Duration>,
    now: Instant,
}

impl Run {
    fn new() -> Run {
        let status = Status { generation: 1, build: 1, ..Status::default() };
        let now = Instant::now();
        Run { overlay: Overlay::default(), status: Arc::new(status), unanswered: None, now }
    }

    fn with(change: impl FnOnce(&mut Status, Instant)) -> Run {
        let mut run = Run::new();
        let now = run.now;
        run.change(|status| change(status, now));
        run
    }

    fn change(&mut self, change: impl FnOnce(&mut Status)) {
        let mut status = Status::clone(&self.status);
        change(&mut status);
        self.status = Arc::new(status);
        self.after(0);
    }

    fn after(&mut self, milliseconds: u64) {
        self.now += Duration::from_millis(milliseconds);
        self.overlay.update(&self.status, self.unanswered, LIMIT, self.now);
    }

    /// Returns whether something is shown over a picture of this size.
    fn shows(&mut self, (width, height): (u32, u32)) -> bool {
        let picture = vec![GROUND; (width * height) as usize];
        self.overlay.composite(&picture, width, height, true).is_some()
    }

    /// Returns how many pixels of the last composed picture have a color.
    fn count(&self, color: u32) -> usize {
        self.overlay.pixels().iter().filter(|&&pixel| pixel == color).count()
    }
}

/// A picture of one color, and that color dimmed under a panel.
const GROUND: u32 = 0x0040_8060;
const DIMMED: u32 = 0x0010_2018;
const SIZE: (u32, u32) = (640, 480);

fn build_failed(message: &str) -> Option<Problem> {
    Some(Problem::BuildFailed { message: message.to_owned() })
}

fn crashed() -> Option<Problem> {
    let place = "example-impl/src/lib.rs:88:13".to_owned();
    let message = "index out of bounds: the len is 64 but the index is 64".to_owned();
    let lines = "   Loading 14 textures
[src/world.rs:31:5] spots.len() = 64
thread 'main' panicked at example-impl/src/lib.rs:88:13:
index out of bounds: the len is 64 but the index is 64
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";
    let crash = Crash {
        how: "it ended with exit code 101".to_owned(),
        panic: Some(Panic { message, place }),
        stderr: lines.lines().map(str::to_owned).collect(),
        ..Crash::default()
    };
    Some(Problem::Crashed { generation: 4, build: 3, crash })
}

fn not_responding() -> Option<Problem> {
    let (doing, limit, stack) = (Doing::Drawing, LIMIT, Vec::new());
    Some(Problem::NotResponding { generation: 2, build: 2, doing, limit, stack })
}

fn progress(begun: Instant, total: u32) -> Option<Progress> {
    let at_work = "wayland-client, naga, serde_derive, example-impl".to_owned();
    Some(Progress { begun, done: total / 3, total, at_work })
}

#[test]
fn each_cause_is_shown_in_its_color_and_goes_away() {
    type Change = fn(&mut Status, Instant);
    let table: [(&str, Change, u32, bool); 8] = [
        ("failed", |status, _| status.problem = build_failed("error: no"), RED, true),
        ("crashed", |status, _| status.problem = crashed(), RED, true),
        ("silent", |status, _| status.problem = not_responding(), AMBER, true),
        ("building", |status, now| status.progress = progress(now, 0), BLUE, false),
        ("bar", |status, now| status.progress = progress(now, 9), BLUE, false),
        ("recovered", |status, _| status.recovered = crashed(), GREEN, false),
        (
            "notice",
            |status, _| status.notices = vec!["the state is reset to its default".into()],
            AMBER,
            false,
        ),
        ("held", |status, _| status.held = true, AMBER, false),
    ];
    for (name, change, color, dimmed) in table {
        let mut run = Run::with(change);
        run.after(1_500);
        assert!(run.shows(SIZE), "{name}");
        assert!(run.count(color) > 0, "{name}");
        assert!(run.count(TEXT) + run.count(STRONG) > 0, "{name}");
        assert_eq!(run.overlay.pixels()[320], if dimmed { DIMMED } else { GROUND }, "{name}");
        assert!(!run.overlay.takes_wheel(), "{name}");
        run.change(|status| {
            *status = Status { generation: status.generation, ..Status::default() };
        });
        assert!(!run.shows(SIZE), "{name}");
    }
}

#[test]
fn short_builds_are_not_worth_a_word() {
    let mut run = Run::with(|status, now| status.progress = progress(now, 0));
    run.after(149);
    assert!(!run.shows(SIZE));
    run.after(1);
    assert!(run.shows(SIZE));
}

#[test]
fn news_go_away_after_their_time() {
    let mut run = Run::with(|status, _| {
        status.recovered = crashed();
        status.notices = vec!["the state is reset to its default".into()];
    });
    run.after(3_900);
    assert!(run.shows(SIZE));
    let both = run.count(TEXT);
    // An equal status in another allocation is not news.
    run.change(|_| {});
    run.after(200);
    assert!(run.shows(SIZE) && run.count(TEXT) < both);
    run.after(1_800);
    assert!(run.shows(SIZE));
    run.after(100);
    assert!(!run.shows(SIZE));
    run.change(|status| status.notices.push("and another".into()));
    assert!(run.shows(SIZE));
}

#[test]
fn a_renderer_that_does_not_answer_is_counted() {
    let mut run = Run::new();
    run.unanswered = Some(Duration::from_millis(499));
    run.after(0);
    assert!(!run.shows(SIZE));
    run.unanswered = Some(Duration::from_millis(1_300));
    run.after(0);
    assert!(run.shows(SIZE) && run.count(AMBER) > 0 && run.count(DIMMED) > 0);

    let picture = vec![GROUND; (SIZE.0 * SIZE.1) as usize];
    let mut compose = |milliseconds| {
        run.unanswered = Some(Duration::from_millis(milliseconds));
        run.after(0);
        run.overlay.composite(&picture, SIZE.0, SIZE.1, false)
    };
    assert_eq!(compose(1_380), Some(false), "the same tenth");
    assert_eq!(compose(1_400), Some(true));

    run.change(|status| status.debugger = true);
    assert!(run.shows(SIZE) && run.count(DIMMED) == 0, "a note is enough for a debugger");
    run.unanswered = None;
    run.after(0);
    assert!(!run.shows(SIZE));
}

#[test]
fn the_picture_moves_under_the_panel() {
    let mut run = Run::with(|status, _| status.problem = build_failed(MESSAGE));
    assert!(run.shows((64, 48)));
    assert_eq!(run.overlay.pixels()[0], DIMMED);
    let next = vec![0x0080_0000; 64 * 48];
    assert_eq!(run.overlay.composite(&next, 64, 48, false), Some(false));
    assert_eq!(run.overlay.composite(&next, 64, 48, true), Some(true));
    assert_eq!(run.overlay.pixels()[0], 0x0020_0000);
    assert_eq!(run.overlay.composite(&next[..9], 64, 48, true), None, "not a picture of that size");
}

#[test]
fn messages_are_readable_at_any_size_in_their_colors() {
    for (width, height) in [(320, 240), (3840, 2160)] {
        let mut run = Run::with(|status, _| status.problem = build_failed(MESSAGE));
        assert!(run.shows((width, height)));
        for number in [3, 9, 12] {
            assert!(run.count(palette::indexed(number)) > 20, "color {number} at {width}");
        }
        let pixels = run.overlay.pixels();
        let lit = |row: &&[u32]| row.contains(&TEXT);
        let rows = pixels.chunks(width as usize).filter(lit).count();
        assert!(rows > height as usize / 8, "{rows} rows of {height} have text");
        let border =
            pixels.iter().take(width as usize).chain(pixels.iter().step_by(width as usize));
        assert!(border.copied().all(|pixel| pixel == DIMMED), "the panel is inside");
    }
}

#[test]
fn the_wheel_scrolls_long_messages_to_their_end_and_no_further() {
    let message = |word: &str| (0..99).map(|line| format!("{word} {line}\n")).collect::<String>();
    let mut run = Run::with(|status, _| status.problem = build_failed(&message("a")));
    assert!(!run.overlay.takes_wheel(), "nobody knows yet whether it fits");
    assert!(run.shows(SIZE) && run.overlay.takes_wheel());
    let first = run.overlay.pixels().to_vec();
    let picture = vec![GROUND; first.len()];
    let mut scroll = |lines| {
        run.overlay.scroll(lines);
        run.overlay.composite(&picture, SIZE.0, SIZE.1, false)
    };
    let changes =
        [-3.0, 0.6, 0.6, f32::NAN, f32::MAX, 3.0, -0.9].map(&mut scroll).map(Option::unwrap);
    assert_eq!(changes, [false, false, true, false, true, false, true]);
    assert_eq!(scroll(f32::MIN), Some(true));
    assert_eq!(run.overlay.pixels(), first);

    run.overlay.scroll(5.0);
    run.change(|status| status.problem = build_failed(&message("b")));
    assert!(run.shows(SIZE));
    run.overlay.scroll(-1.0);
    assert_eq!(run.overlay.composite(&picture, SIZE.0, SIZE.1, false), Some(false), "at the top");
}

#[test]
fn progress_behind_a_panel_keeps_the_scroll_position() {
    let mut run = Run::with(|status, _| status.problem = build_failed(&"line\n".repeat(99)));
    assert!(run.shows(SIZE));
    run.overlay.scroll(5.0);
    run.change(|status| status.activity = Activity::Building);
    assert!(run.shows(SIZE));
    run.overlay.scroll(-5.0);
    let picture = vec![GROUND; (SIZE.0 * SIZE.1) as usize];
    assert_eq!(run.overlay.composite(&picture, SIZE.0, SIZE.1, false), Some(true));
}

/// Returns the strip's content for a generation whose reload took 100 ms.
fn strip(generation: u32, status: &Status) -> Option<Drawn> {
    let begun = Instant::now();
    let mut times = Times::default();
    for (step, at) in [(Step::Noticed, 0), (Step::BuildFinished, 75), (Step::Published, 100)] {
        times[step as usize] = Some(begun + Duration::from_millis(at));
    }
    let reload = Reload::new(generation, generation, Cause::Save, times);
    Some(Drawn::new(generation, status.build, reload.as_ref(), status))
}

#[test]
fn the_strip_is_a_bar_and_a_row_of_text_below_the_rest_of_the_picture() {
    let mut run = Run::new();
    assert!(!run.shows(SIZE));
    let drawn = strip(1, &run.status);
    run.overlay.show_strip(drawn);
    assert!(run.shows(SIZE));
    let rows = run.overlay.pixels().chunks(SIZE.0 as usize).collect::<Vec<_>>();
    let first = rows.iter().position(|row| row[0] != GROUND).unwrap();
    assert!(rows[..first].iter().all(|row| row.iter().all(|pixel| *pixel == GROUND)));
    // The bar fills the width, and the build takes three quarters of it.
    let (built, drawn) = (palette::indexed(4), palette::indexed(2 + 8));
    let count = |color| rows[first].iter().filter(|&&pixel| pixel == color).count();
    assert_eq!((count(built), count(drawn)), (480, 160));
    assert!(rows[first..].iter().flat_map(|row| *row).any(|pixel| *pixel == TEXT), "words");
    assert!(rows.len() - first < 24, "{} rows", rows.len() - first);

    run.overlay.show_strip(None);
    assert!(!run.shows(SIZE), "it goes away");
}

#[test]
fn the_strip_is_drawn_anew_only_when_it_says_something_else() {
    let mut run = Run::new();
    let picture = vec![GROUND; (SIZE.0 * SIZE.1) as usize];
    let compose = |run: &mut Run, drawn, new| {
        run.overlay.show_strip(drawn);
        run.overlay.composite(&picture, SIZE.0, SIZE.1, new)
    };
    let drawn = strip(1, &run.status);
    assert_eq!(compose(&mut run, drawn.clone(), false), Some(true), "although the picture is old");
    assert_eq!(compose(&mut run, drawn.clone(), false), Some(false));
    assert_eq!(compose(&mut run, drawn, true), Some(true));
    run.change(|status| status.activity = Activity::Building);
    let drawn = strip(1, &run.status);
    assert_eq!(compose(&mut run, drawn, false), Some(true));
    let drawn = strip(2, &run.status);
    assert_eq!(compose(&mut run, drawn, false), Some(true));
    assert_eq!(compose(&mut run, None, false), None);
}

#[test]
fn panels_and_notes_lie_above_the_strip_which_stays_without_them() {
    let long = build_failed(&"line\n".repeat(99));
    for (problem, recovered) in [(long, None), (None, crashed())] {
        let mut run = Run::with(|status, _| {
            (status.problem, status.recovered) = (problem.clone(), recovered.clone());
        });
        let drawn = strip(1, &run.status);
        run.overlay.show_strip(drawn);
        assert!(run.shows(SIZE));
        let last = (SIZE.0 * (SIZE.1 - 1)) as usize;
        let with = run.overlay.pixels()[last..].to_vec();
        run.overlay.keep_quiet();
        assert!(run.shows(SIZE));
        assert_eq!(run.overlay.pixels()[0], GROUND, "nothing is dimmed any more");
        let colors = [RED, GREEN, RULE].map(|color| run.count(color));
        assert_eq!(colors, [0; 3], "nothing but the strip is left");
        if problem.is_none() {
            assert_eq!(run.overlay.pixels()[last..], with);
        }
    }
}

/// Returns situations to look at, with the time for which no tick was answered.
fn situations(now: Instant) -> Vec<(&'static str, Status, Option<Duration>)> {
    let status = || Status { generation: 3, build: 2, ..Status::default() };
    let silence = Some(Duration::from_millis(1_340));
    let notices = vec![
        "the state is reset to its default: its layout has changed (spots: 64 to 128)".to_owned(),
    ];
    let long = format!("{MESSAGE}\n{}", MESSAGE.repeat(6));
    let early = now.checked_sub(Duration::from_secs(3)).unwrap_or(now);
    vec![
        ("building", Status { progress: progress(now, 0), ..status() }, None),
        ("bar", Status { progress: progress(early, 87), held: true, ..status() }, None),
        ("failed", Status { problem: build_failed(MESSAGE), ..status() }, None),
        (
            "failed_long",
            Status { problem: build_failed(&long), progress: progress(early, 87), ..status() },
            None,
        ),
        ("crashed", Status { problem: crashed(), ..status() }, None),
        ("replaced", Status { problem: not_responding(), ..status() }, None),
        ("silent", status(), silence),
        ("debugger", Status { debugger: true, ..status() }, silence),
        ("recovered", Status { recovered: crashed(), notices, ..status() }, None),
    ]
}

#[test]
fn every_panel_at_every_size() {
    let folder = std::env::var_os("HOT_RELOAD_SCREENSHOTS");
    for (width, height) in [(320, 240), (800, 600), (1920, 1080), (3840, 2160)] {
        let picture = colorful(width, height);
        for (name, status, unanswered) in situations(Instant::now()) {
            let mut run = Run::new();
            (run.status, run.unanswered) = (Arc::new(status), unanswered);
            run.after(0);
            run.after(400);
            assert_eq!(run.overlay.composite(&picture, width, height, true), Some(true), "{name}");
            if let Some(folder) = &folder {
                let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
                bytes.extend(
                    run.overlay.pixels().iter().flat_map(|it| it.to_be_bytes()[1..].to_vec()),
                );
                let file = std::path::Path::new(folder).join(format!("{name}_{width}.ppm"));
                std::fs::write(file, bytes).expect("a folder that can be written to");
            }
        }
    }
}

/// Returns a picture with every brightness and many edges.
fn colorful(width: u32, height: u32) -> Vec<u32> {
    let pixel = |index: u32| {
        let (x, y) = (index % width * 255 / width, index / width * 255 / height);
        let ring = if ((x * x + y * y) / 900) % 2 == 0 { 255 } else { 90 };
        (x.max(40)) << 16 | ring << 8 | (255 - y)
    };
    (0..width * height).map(pixel).collect()
}

#[test]
fn tiny_and_odd_pictures_are_no_trouble() {
    for size in [(1, 1), (3, 2), (20, 500), (7680, 10), (320, 240)] {
        for (name, status, unanswered) in situations(Instant::now()) {
            let mut run = Run::new();
            (run.status, run.unanswered) = (Arc::new(status), unanswered);
            run.after(0);
            run.after(400);
            assert!(run.shows(size), "{name} at {size:?}");
            run.overlay.scroll(7.0);
            assert!(run.shows(size), "{name} at {size:?}");
            let drawn = strip(1, &run.status);
            run.overlay.show_strip(drawn);
            assert!(run.shows(size), "{name} at {size:?}");
        }
    }
    assert_eq!(Run::new().overlay.composite(&[], 0, 0, true), None);
}

proptest! {
    #[test]
    fn hostile_words_are_shown_somehow(
        bytes in prop::collection::vec(any::<u8>(), 0..3_000),
        (width, height) in (1u32..200, 1u32..200),
        lines in any::<f32>(),
    ) {
        let words = String::from_utf8_lossy(&bytes).into_owned();
        let crash = Crash {
            how: words.clone(),
            panic: Some(Panic { message: words.clone(), place: words.clone() }),
            stderr: vec![words.clone(); 3],
            ..Crash::default()
        };
        let problem = Some(Problem::Crashed { generation: 0, build: 0, crash });
        let at_work = Some(Progress { begun: Instant::now(), done: 7, total: 3, at_work: words.clone() });
        let notices = vec![words; 9];
        let calm = Status { recovered: problem.clone(), notices, progress: at_work, ..Status::default() };
        for status in [Status { problem, ..Status::default() }, calm] {
            let mut run = Run::with(|to, _| *to = status);
            run.after(2_000);
            prop_assert!(run.shows((width, height)));
            run.overlay.scroll(lines);
            prop_assert!(run.shows((width, height)));
        }
    }
}

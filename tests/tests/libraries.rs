//! Tests of ordinary code that would break in a library that is loaded into a running program again
//! and again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::status::Activity;
use support::{Driver, Workbench, edits};
use two_process_tests::Probe;

/// Number of edits in an ordinary run.
const EDITS: u32 = 12;
/// Number of restarts without an edit after that.
const RELOADS: u32 = 200;

const NEEDS: &str = "\
tracing = \"0.1\"
tracing-subscriber = \"0.3\"
rand = \"0.10\"
ctrlc = \"3\"
spell = { path = \"spell\" }
";

const MACRO: &str = "\
use proc_macro::TokenStream;

#[proc_macro_derive(Spelled)]
pub fn spelled(_: TokenStream) -> TokenStream {
    \"impl Shape { pub fn spelled() -> u32 { 7 } }\".parse().unwrap()
}
";

/// Code in which every habit sets its bit if it works.
const HABITS: &str = r#"
use rand::prelude::*;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};

thread_local! {
    static WORDS: RefCell<Vec<Box<dyn Fn() -> String>>> = RefCell::default();
}

static SET_UP: OnceLock<Mutex<Receiver<u32>>> = OnceLock::new();
static STARTS: AtomicU32 = AtomicU32::new(0);
static PANICS: AtomicU32 = AtomicU32::new(0);
static EVENTS: AtomicU32 = AtomicU32::new(0);

struct Counter;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Counter {
    fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        EVENTS.fetch_add(1, Relaxed);
    }
}

fn set_up() -> Mutex<Receiver<u32>> {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    STARTS.fetch_add(1, Relaxed);
    // Each of these may be done only once in the life of a process.
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Relaxed);
    }));
    tracing_subscriber::registry().with(Counter).init();
    ctrlc::set_handler(|| {}).unwrap();
    let (say, heard) = channel();
    std::thread::spawn(move || {
        for number in 0.. {
            let _ = say.send(number);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    });
    Mutex::new(heard)
}

fn generic<T: Default + std::fmt::Debug>() -> String {
    format!("{:?}", T::default())
}

pub fn works() -> u32 {
    let heard = SET_UP.get_or_init(set_up).lock().unwrap();
    let span = tracing::info_span!("turn", number = 1);
    let before = EVENTS.load(Relaxed);
    span.in_scope(|| tracing::info!("within"));
    let logged = EVENTS.load(Relaxed) == before + 1 && !span.is_disabled();
    let panics = PANICS.load(Relaxed);
    let caught = std::panic::catch_unwind(|| panic!("on purpose")).is_err();
    WORDS.with_borrow_mut(|words| words.push(Box::new(|| "word".to_owned())));
    let local = WORDS.with_borrow(|words| words.iter().all(|word| word() == "word"));
    let random: [u64; 2] = [rand::random(), rand::rng().random()];
    let habits = [
        STARTS.load(Relaxed) == 1,
        heard.recv().is_ok(),
        logged,
        caught && PANICS.load(Relaxed) == panics + 1,
        local,
        random[0] != random[1],
        Shape::spelled() == 7,
        generic::<Option<Shape>>() == "None",
        shape(ARGUMENTS!()) == EXPECTED,
    ];
    habits.iter().enumerate().map(|(bit, works)| u32::from(*works) << bit).sum()
}
"#;

/// Variants with another enum and another signature, alternating with every edit.
const VARIANTS: [&str; 2] = [
    r#"
#[derive(Debug, Default, spell::Spelled)]
pub enum Shape { #[default] Round, Square }
macro_rules! ARGUMENTS { () => { Shape::Square } }
const EXPECTED: u32 = 1;
fn shape(shape: Shape) -> u32 { shape as u32 }
"#,
    r#"
#[derive(Debug, Default, spell::Spelled)]
pub enum Shape { Star { points: u64 }, #[default] Square, Round }
macro_rules! ARGUMENTS { () => { (&[Shape::Star { points: 5 }, Shape::Round] as &[Shape], "name") } }
const EXPECTED: (u64, &str) = (5, "name");
fn shape((shapes, name): (&[Shape], &'static str)) -> (u64, &'static str) {
    let points = |shape: &Shape| if let Shape::Star { points } = shape { *points } else { 0 };
    (shapes.iter().map(points).sum(), name)
}
"#,
];

fn habits(edit: u32) -> String {
    format!("{}{HABITS}", VARIANTS[edit as usize % 2])
}

/// Returns this process's memory in kibibytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

fn until_all_work(driver: &mut Driver<Probe>, color: u32) {
    driver.until_color(color);
    let works = |driver: &mut Driver<Probe>| driver.owner.state().unwrap().magic;
    driver.until("every habit works", |driver| works(driver) == 0x1ff);
}

#[test]
#[cfg(target_os = "linux")]
fn what_only_a_process_can_have_works_across_reloads_and_the_owner_does_not_grow() {
    let bench = Workbench::new();
    let manifest =
        bench.read("Cargo.toml").replace("[dependencies]\n", &format!("[dependencies]\n{NEEDS}"));
    bench.write("Cargo.toml", &manifest);
    bench.write(
        "spell/Cargo.toml",
        "[package]\nname = \"spell\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n",
    );
    bench.write("spell/src/lib.rs", MACRO);
    bench.write("src/habits.rs", &habits(0));
    bench.edit("src/lib.rs", "pub mod big;", "pub mod big;\nmod habits;");
    bench.edit(
        "src/lib.rs",
        "    observe(frame);\n",
        "    observe(frame);\n    frame.state.magic = habits::works();\n",
    );
    let mut driver = bench.start();
    until_all_work(&mut driver, two_process_tests::COLOR);
    let edits = edits(EDITS);
    for edit in 1..=edits {
        bench.write("src/habits.rs", &habits(edit));
        bench.color(two_process_tests::COLOR + edit - 1, two_process_tests::COLOR + edit);
        until_all_work(&mut driver, two_process_tests::COLOR + edit);
    }
    assert_eq!(driver.owner.state().unwrap().gaps, 0);
    driver.until("idle", |driver| driver.owner.status().activity == Activity::Idle);
    let mut after_five = 0;
    for reload in 1..=RELOADS {
        let before = driver.owner.status().generation;
        driver.owner.reload();
        driver.until("the reload", |driver| driver.owner.status().generation > before);
        if reload == 5 {
            after_five = resident();
        }
    }
    until_all_work(&mut driver, two_process_tests::COLOR + edits);
    let grown = resident().saturating_sub(after_five);
    // A leaked segment or thread stack per reload would exceed this.
    assert!(grown < 4096, "{grown} KiB more after {RELOADS} reloads than {after_five} KiB after 5");
}

//! Tests of stack traces: a renderer that crashes or hangs is found at its line.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

mod support;

use hot_reload::Deadlines;
use hot_reload::status::{Problem, ReloadEvent, StackFrame};
use std::time::Duration;
use support::{Driver, Workbench};
use two_process_tests::{Arguments, Probe, render};

/// Functions that fail three calls deep, each in its own way.
const FAILING: &str = r#"
mod failing {
    unsafe extern "C" {
        fn mmap(at: *mut u8, bytes: usize, mode: i32, flags: i32, file: i32, from: i64) -> *mut u8;
        fn strlen(text: *const u8) -> usize;
        fn dlopen(file: *const u8, flags: i32) -> *mut u8;
        fn dlsym(library: *mut u8, name: *const u8) -> *mut u8;
    }

    #[inline(never)]
    pub fn outer(how: &str) -> usize {
        middle(how) + 1 // calls middle
    }

    #[inline(never)]
    fn middle(how: &str) -> usize {
        std::hint::black_box(how.len());
        inner(how) + 1 // calls inner
    }

    #[inline(never)]
    fn inner(how: &str) -> usize {
        match how {
            "SIGSEGV" => unsafe { std::hint::black_box(std::ptr::null_mut::<usize>()).write_volatile(1) }, // SIGSEGV
            "SIGBUS" => bus(),
            "SIGILL" => unsafe { std::arch::asm!(ILLEGAL) }, // SIGILL
            "SIGABRT" => std::process::abort(), // SIGABRT
            "overflow" => return overflow(how.len()),
            "library" => return unsafe { strlen(std::hint::black_box(std::ptr::null())) }, // library
            "null" => unsafe { std::mem::transmute::<usize, fn()>(std::hint::black_box(1))() }, // null
            "c" => native(how.len()), // c
            "hang" => loop {
                std::hint::spin_loop(); // hang
            },
            _ => {}
        }
        0
    }

    #[cfg(target_arch = "x86_64")]
    macro_rules! illegal { () => { "ud2" }; }
    #[cfg(target_arch = "aarch64")]
    macro_rules! illegal { () => { "udf #0" }; }

    #[inline(never)]
    fn bus() {
        use std::os::fd::AsRawFd;
        let name = std::env::temp_dir().join(format!("hot-reload-bus-{}", std::process::id()));
        let file = std::fs::File::options().read(true).write(true).create(true).open(&name).unwrap();
        std::fs::remove_file(name).unwrap();
        // A page that the file does not have.
        let page = unsafe { mmap(std::ptr::null_mut(), 4096, 3, 1, file.as_raw_fd(), 0) };
        unsafe { page.write_volatile(1) }; // SIGBUS
    }

    fn native(number: usize) {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/libsmash.so\0");
        let smash = unsafe { dlsym(dlopen(file.as_ptr(), 2), c"smash".as_ptr().cast()) };
        let smash: extern "C" fn(usize) = unsafe { std::mem::transmute(smash) };
        smash(number);
    }

    #[inline(never)]
    #[allow(unconditional_recursion)]
    fn overflow(depth: usize) -> usize {
        let room = std::hint::black_box([depth; 512]);
        overflow(room[depth % 512] + 1) + room[0] // overflow
    }
}
"#;

/// A library in C that fails two calls deep.
const SMASH: &str = "static void crush(volatile unsigned long *at, unsigned long number) {
    *at = number;
}
void smash(unsigned long number) {
    crush(0, number);
}
";

/// Returns `src/lib.rs:LINE` of the line that ends with a comment.
fn line(bench: &Workbench, comment: &str) -> String {
    let text = bench.read("src/lib.rs");
    let number = text.lines().position(|line| line.ends_with(&format!("// {comment}"))).unwrap();
    format!("src/lib.rs:{}", number + 1)
}

/// Lets the code fail in a way, once, and returns the stack that the status reports.
fn fail(bench: &Workbench, how: &str, marker: &str) -> (String, Vec<StackFrame>) {
    bench.edit(
        "src/lib.rs",
        "    observe(frame);\n",
        &format!(
            "    observe(frame);\n    if !frame.rehearsal && frame.state.frames == 5 && frame.generation == 1 {{\n        \
             failing::outer({how:?}); // calls outer\n    }}\n"
        ),
    );
    let deadlines = Deadlines { tick: Duration::from_secs(1), ..Deadlines::default() };
    let builder = bench.builder(Arguments::default()).deadlines(deadlines);
    let mut driver = Driver::<Probe>::new(builder.start(render).unwrap());
    let mut stack = Vec::new();
    let mut told = String::new();
    driver.until(&format!("the stack of {how} ({marker})"), |driver| {
        let status = driver.owner.status();
        let problem = status.problem.as_ref().or(status.recovered.as_ref());
        match problem {
            Some(Problem::Crashed { crash, .. }) => {
                (stack, told) = (crash.stack.clone(), crash.how.clone());
            }
            Some(Problem::NotResponding { stack: found, .. }) => stack.clone_from(found),
            _ => {}
        }
        !stack.is_empty()
    });
    driver.until("another generation", |driver| driver.owner.status().generation > 1);
    let failed = driver.owner.reload_events();
    assert_eq!(failed.filter(|it| matches!(it, ReloadEvent::Failed { .. })).count(), 1);
    (told, stack)
}

/// The places of the workspace's frames, innermost first.
fn own(stack: &[StackFrame]) -> Vec<(&str, &str)> {
    let own = stack.iter().filter(|frame| frame.is_own);
    own.map(|frame| {
        let function = frame.function.rsplit("::").next().unwrap();
        (frame.place.as_deref().unwrap(), function)
    })
    .collect()
}

fn bench() -> Workbench {
    let bench = Workbench::new();
    let illegal = if cfg!(target_arch = "x86_64") { "\"ud2\"" } else { "\"udf #0\"" };
    let text = bench.read("src/lib.rs") + &FAILING.replace("ILLEGAL", illegal);
    bench.write("src/lib.rs", &text);
    bench.write("smash.c", SMASH);
    let built = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-g", "-O0", "-o", "libsmash.so", "smash.c"])
        .current_dir(&bench.folder)
        .status();
    assert!(built.unwrap().success());
    bench
}

#[test]
fn a_fault_an_abort_and_an_endless_loop_are_found_at_their_line() {
    let bench = bench();
    let original = bench.read("src/lib.rs");
    let ways = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "library", "c", "hang", "overflow"];
    for how in ways {
        bench.write("src/lib.rs", &original);
        let (told, stack) = fail(&bench, how, how);
        let expected = match how {
            "overflow" | "library" | "c" | "hang" => "",
            signal => signal,
        };
        assert!(told.contains(expected), "{how}: {told}");
        let found = own(&stack);
        if how == "c" {
            let native = [("smash.c:2", "crush"), ("smash.c:5", "smash")];
            assert_eq!(found[..2], native, "{stack:#?}");
            assert_eq!(found[2].1, "native", "{stack:#?}");
            continue;
        }
        let places = [how, "calls inner", "calls middle", "calls outer"].map(|it| line(&bench, it));
        if how == "overflow" {
            assert!(found.len() > 10, "{found:?}");
            assert!(found.iter().skip(1).all(|it| *it == (&*places[0], "overflow")), "{found:?}");
            assert_eq!(found[0].1, "overflow", "{found:?}");
            continue;
        }
        let names = ["inner", "middle", "outer", "render"];
        let mut expected = places.iter().map(String::as_str).zip(names).collect::<Vec<_>>();
        if how == "SIGBUS" {
            expected[0].1 = "bus";
            expected.insert(1, (found[1].0, "inner"));
        }
        assert_eq!(found[..expected.len()], expected, "{how}: {stack:#?}");
        let innermost = &stack[0];
        let in_library =
            innermost.function.contains("strlen") || innermost.function.contains("libc.so");
        assert!(how != "library" || in_library, "{innermost:?}");
    }
}

#[test]
fn without_symbols_or_a_stack_to_walk_the_signal_is_kept() {
    let bench = bench();
    let original = bench.read("src/lib.rs");
    // A call of no code: the unwinder knows nothing of that place.
    let (told, stack) = fail(&bench, "null", "null");
    assert!(told.contains("SIGSEGV"), "{told}");
    assert_eq!(stack[0].to_string(), "in 0x1", "{stack:#?}");
    assert_eq!(own(&stack), [(&*line(&bench, "null"), "inner")], "who called it: {stack:#?}");

    bench.write("src/lib.rs", &original);
    bench.edit(".cargo/config.toml", "inherits = \"dev\"\n", "inherits = \"dev\"\nstrip = true\n");
    let (told, stack) = fail(&bench, "SIGSEGV", "SIGSEGV");
    assert!(told.contains("SIGSEGV"), "{told}");
    assert!(stack.iter().all(|frame| !frame.is_own && frame.place.is_none()), "{stack:#?}");
    assert!(stack[0].function.starts_with("two-process-tests+0x"), "{stack:#?}");
}

//! Tests of the program in an environment that lacks something: it reports the reason and ends in
//! order.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{PipeReader, PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Time limit, long enough for the first build, which compiles all dependencies.
const LIMIT: Duration = Duration::from_secs(900);

/// The program without a window, with its log in a file; killed when the test ends.
struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Runs `program`, through a command that ends by running its arguments if `through` names one.
    fn start(name: &str, through: &[&str], set: impl FnOnce(&mut Command)) -> Self {
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"));
        let program = [env!("CARGO_BIN_EXE_example-app"), "--headless", "--await-build"];
        let mut words = through.iter().chain(&program);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env("RUST_LOG", "info").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(File::create(&log).expect("a log file"));
        set(&mut command);
        Program { child: command.spawn().expect("the program starts"), log }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn until_it_says(&mut self, what: &str) {
        let begin = Instant::now();
        while !self.text().contains(what) {
            let ended = self.child.try_wait().expect("a child");
            let late = begin.elapsed() > LIMIT;
            assert!(!late && ended.is_none(), "no `{what}` ({ended:?}) in\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends Ctrl+C and waits for the program to end.
    fn interrupt(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(begin.elapsed() < LIMIT, "it does not end\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn without_cargo_on_the_path_it_says_so_and_goes_on() {
    // As under `cargo run`, whose variables name a cargo that the user's shell would not find.
    let mut program = Program::start("no-cargo", &[], |command| {
        command.env("PATH", "/nonexistent").env("CARGO", env!("CARGO"));
    });
    program.until_it_says("cargo is not on the PATH");
    program.until_it_says("rustup.rs");
    assert_eq!(program.interrupt().code(), Some(0));
}

/// Returns a pipe that is full, and stays so until its reader is dropped.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let written = Arc::new(AtomicUsize::new(0));
    let (mut filler, count) = (writer.try_clone().expect("a pipe"), written.clone());
    // A thread with more to write keeps the pipe full.
    std::thread::spawn(move || {
        while filler.write_all(&[b'.'; 1024]).is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (mut last, mut same) = (0, 0);
    while last == 0 || same < 20 {
        std::thread::sleep(Duration::from_millis(5));
        let now = written.load(Ordering::Relaxed);
        (last, same) = (now, if now == last { same + 1 } else { 0 });
    }
    (reader, writer)
}

/// Returns the processes that belong to an owner.
fn renderers(owner: u32) -> Vec<u32> {
    let wanted = format!("HOT_RELOAD_OWNER={owner}\0");
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&wanted)
    })
    .collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_crash_is_recovered_although_nobody_reads_what_is_printed() {
    let (reader, writer) = full_pipe();
    let mut program = Program::start("nobody-reads", &[], |command| {
        command.stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        command.env("RUST_LOG", "debug").args(["--frames", "240"]);
    });
    let begun = Instant::now();
    let mut wait = |what: &str, looks: &mut dyn FnMut(&mut Child) -> bool| {
        while !looks(&mut program.child) {
            assert!(begun.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let mut killed = Vec::new();
    wait("a renderer", &mut |child| {
        killed = renderers(child.id());
        !killed.is_empty()
    });
    let id = killed[0].to_string();
    assert!(Command::new("kill").args(["-KILL", &id]).status().expect("kill").success());
    wait("another renderer", &mut |child| {
        renderers(child.id()).iter().any(|renderer| !killed.contains(renderer))
    });
    let mut status = None;
    wait("all pictures, and the end", &mut |child| {
        status = child.try_wait().expect("a child");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(0));
    drop(reader);
}

#[test]
fn a_target_folder_that_cannot_be_written_is_named() {
    let mut program = Program::start("no-target", &[], |command| {
        command.env("CARGO_TARGET_DIR", "/proc/no-such-folder");
    });
    program.until_it_says("cannot be built");
    program.until_it_says("/proc/no-such-folder");
    assert_eq!(program.interrupt().code(), Some(0));
}

/// Runs the program in its own mount namespace, in which `/dev/shm` is mounted with `options`.
fn with_shared_memory(name: &str, options: &str, more: &[&str]) -> Option<Program> {
    let mount = format!("mount -t tmpfs -o {options} tmpfs /dev/shm && exec \"$0\" \"$@\"");
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0"));
    let unshare = ["unshare", if root { "-m" } else { "-rm" }];
    let mut probe = Command::new(unshare[0]);
    probe.args([unshare[1], "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        let needed = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!needed, "CI must allow mount namespaces (`unshare -m`)");
        eprintln!("skipped: {name}: mount namespaces are not allowed here");
        return None;
    }
    let through = [unshare[0], unshare[1], "sh", "-c", &mount];
    Some(Program::start(name, &through, |command| {
        command.args(more);
    }))
}

#[test]
fn shared_memory_that_is_too_small_is_an_error_and_no_crash() {
    let Some(mut program) = with_shared_memory("small-shm", "size=3m", &[]) else { return };
    program.until_it_says("there is no shared memory");
    program.until_it_says("--shm-size");
    assert_eq!(program.interrupt().code(), Some(0));
}

#[test]
fn shared_memory_that_cannot_be_written_is_an_error_and_no_crash() {
    let Some(mut program) = with_shared_memory("readonly-shm", "ro", &[]) else { return };
    program.until_it_says("there is no shared memory");
    assert_eq!(program.interrupt().code(), Some(0));
}

#[test]
fn a_canvas_that_finds_no_room_to_grow_keeps_its_size() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (script, picture) = (folder.join("grow.script"), folder.join("grow.png"));
    // Three frames of 800 × 600 need 6 MB; of 1920 × 1080, 25 MB.
    fs::write(&script, "5 resize 1920x1080\n60 resize 400x300\n").expect("a script");
    let more = ["--script", script.to_str().expect("text"), "--frames", "90"];
    let more = [&more[..], &["--png", picture.to_str().expect("text")]].concat();
    let Some(mut program) = with_shared_memory("growing-shm", "size=20m", &more) else { return };
    program.until_it_says("there is no shared memory for a larger canvas");
    program.until_it_says("the last picture is in");
    let decoder = png::Decoder::new(std::io::BufReader::new(File::open(picture).expect("a file")));
    let reader = decoder.read_info().expect("a picture");
    let size = (reader.info().width, reader.info().height);
    assert_eq!(size, (400, 300), "smaller sizes still work");
}

#[test]
fn the_program_draws_with_its_own_arguments_before_the_first_build_has_ended() {
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("draws_itself.log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-app"));
    command.args(["--headless", "--balls", "3", "--frames", "3"]).env("RUST_LOG", "info");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).expect("a log"));
    let mut program = Program { child: command.spawn().expect("the program starts"), log };
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = program.child.try_wait().expect("a child") {
            break status;
        }
        assert!(begin.elapsed() < LIMIT, "it does not end\n{}", program.text());
        std::thread::sleep(Duration::from_millis(20));
    };
    let text = program.text();
    assert!(status.success(), "{text}");
    // A build that was made before may end in time to draw the last of the pictures.
    assert!(text.contains("generation 1 launched (this program, until"), "{text}");
    assert!(text.contains("generation 1 draws its first frame"), "{text}");
}

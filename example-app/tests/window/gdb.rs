//! A gdb that is attached to a process and executes a script.

use super::copy::Copy;
use super::processes;
use super::program::Program;
use super::screen;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A running gdb. Dropping it kills it, and the system detaches the process.
#[derive(Debug)]
pub(super) struct Gdb {
    child: Child,
    said: PathBuf,
    stopped: PathBuf,
    go_on: PathBuf,
}

/// Returns whether gdb is available to a test.
pub(super) fn is_there(test: &str) -> bool {
    screen::are_installed(test, &["gdb"])
}

impl Gdb {
    /// Attaches to a process and executes the lines. The line `wait` reports that it has been
    /// reached, and then waits for [`go_on`](Self::go_on).
    pub(super) fn attach(copy: &Copy, name: &str, process: u32, lines: &[&str]) -> Self {
        let file = |kind: &str| copy.results.join(format!("{name}.gdb.{kind}"));
        let (script, said, stopped, go_on) =
            (file("script"), file("log"), file("stopped"), file("go"));
        for file in [&stopped, &go_on] {
            let _ = fs::remove_file(file);
        }
        let wait = format!(
            "shell touch '{}'; while [ ! -e '{}' ]; do sleep 0.02; done",
            stopped.display(),
            go_on.display()
        );
        let lines = lines.iter().map(|line| if *line == "wait" { &wait } else { *line });
        // An unknown breakpoint ends the script instead of staying pending.
        let settings =
            ["set pagination off", "set confirm off", "set breakpoint pending off"].into_iter();
        let text = settings.chain(lines).map(|line| format!("{line}\n")).collect::<String>();
        fs::write(&script, text).expect("the script can be written");
        let output = File::create(&said).expect("the log of gdb");
        let mut command = Command::new("gdb");
        command.args(["-nx", "-batch", "-p", &process.to_string(), "-x"]).arg(&script);
        command.env_remove("DEBUGINFOD_URLS").current_dir(&copy.results).stdin(Stdio::null());
        command.stderr(output.try_clone().expect("a second handle")).stdout(output);
        let child = command.spawn().expect("gdb can be started");
        Gdb { child, said, stopped, go_on }
    }

    /// Waits until the script has reached its `wait`; the program keeps running.
    pub(super) fn wait_until_stopped(&mut self, program: &mut Program) {
        let Gdb { child, said, stopped, .. } = self;
        program.wait("gdb to stop the renderer", || {
            let said = fs::read_to_string(&*said).unwrap_or_default();
            if let Ok(Some(status)) = child.try_wait() {
                panic!("gdb has ended ({status}), saying:\n{said}");
            }
            if stopped.exists() { Ok(()) } else { Err(said) }
        });
    }

    /// Lets the script continue after its `wait`.
    pub(super) fn go_on(&self) {
        File::create(&self.go_on).expect("the sign for gdb");
    }

    /// Waits for the end of the script while the program keeps running, and returns gdb's output.
    pub(super) fn finish(&mut self, program: &mut Program) -> String {
        let Gdb { child, said, .. } = self;
        let read = || fs::read_to_string(&*said).unwrap_or_default();
        let status =
            program.wait("the end of gdb", || child.try_wait().expect("a child").ok_or_else(read));
        assert!(status.success(), "gdb: {status}, saying:\n{}", read());
        read()
    }
}

impl Drop for Gdb {
    fn drop(&mut self) {
        // gdb's shell waits for this file.
        self.go_on();
        processes::signal("TERM", self.child.id());
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = fs::read_to_string(&self.said).unwrap_or_default();
            eprintln!("gdb has said:\n{said}");
        }
    }
}

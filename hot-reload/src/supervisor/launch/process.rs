//! A generation's process: started, waited for, killed.

use super::guard::Guard;
use crate::lock::lock;
use crate::supervisor::{Message, output::Output};
use crate::sys;
use crate::threads;
use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A process that can be killed until its id is released.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    reaped: Mutex<bool>,
}

impl Process {
    pub(super) fn new(child: &Child) -> Self {
        Process { id: child.id(), reaped: Mutex::new(false) }
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Kills the process and everything that it has started.
    pub(super) fn kill(&self) {
        let reaped = lock(&self.reaped);
        if !*reaped {
            sys::kill_group(self.id);
        }
    }
}

/// Starts a program that may just have been copied. Retries while its file is busy: a process that
/// another thread is starting holds the file open for writing until it has executed its own
/// program.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    const LONGEST: Duration = Duration::from_secs(1);
    let begun = Instant::now();
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                if begun.elapsed() > LONGEST {
                    return Err(error);
                }
                thread::sleep(Duration::from_millis(1));
            }
            spawned => return spawned,
        }
    }
}

/// Starts a thread that waits for the end of a generation.
pub(super) fn watch(
    mut child: Child,
    process: Arc<Process>,
    generation: u32,
    events: Sender<Message>,
) -> Result<(), String> {
    let killer = process.clone();
    let guarded = Guard::shared().over(process.id);
    let tell = events.clone();
    let panicked = move |panic| drop(tell.send(Message::Panicked { generation, panic }));
    let output = Output::forward(child.stdout.take(), child.stderr.take(), panicked);
    let turn = move || {
        sys::wait_unreaped(&child);
        let status = {
            let mut reaped = lock(&process.reaped);
            // Its id is still reserved, so this kills only programs that it has started.
            sys::kill_group(process.id);
            drop(guarded);
            let status = child.wait();
            *reaped = true;
            status
        };
        let how = match status {
            Ok(status) => sys::describe_exit(status),
            Err(error) => format!("ended in an unknown way: {error}"),
        };
        let crash = output.last_words(how);
        let _ = events.send(Message::Gone { generation, crash });
    };
    let thread = threads::spawn(format!("hot-reload generation {generation}"), turn);
    thread.map(|_| ()).map_err(|error| {
        killer.kill();
        format!("no thread to wait for it: {error}")
    })
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_that_somebody_still_holds_open_for_writing_is_waited_for() {
        let program = std::env::temp_dir().join(format!("hot-reload-busy-{}", std::process::id()));
        std::fs::copy("/bin/true", &program).unwrap();
        let writer = std::fs::OpenOptions::new().append(true).open(&program).unwrap();
        let busy = std::process::Command::new(&program).spawn();
        assert_eq!(busy.unwrap_err().kind(), std::io::ErrorKind::ExecutableFileBusy);
        let holder = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(writer);
        });
        let mut child = super::spawn(&mut std::process::Command::new(&program)).unwrap();
        assert!(child.wait().unwrap().success());
        holder.join().unwrap();
        std::fs::remove_file(program).unwrap();
    }
}

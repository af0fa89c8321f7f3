//! The work of a process's threads, as counted by the kernel.

use crate::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// One thread.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// First 15 bytes of its name.
    pub(super) name: String,
    /// Processor time so far. The time since the thread was last scheduled may be missing, but not
    /// while it sleeps.
    pub(super) cpu: Duration,
    /// Number of times it has waited for something, and thus been woken.
    pub(super) wakes: u64,
}

/// Returns the threads of a process by their numbers.
pub(super) fn tasks(process: u32) -> Result<BTreeMap<u32, Task>, Failure> {
    let say = |error: std::io::Error| format!("the threads of {process} cannot be read: {error}");
    let folder = format!("/proc/{process}/task");
    let mut tasks = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(say)? {
        let path = entry.map_err(say)?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        // A thread that has just ended is skipped.
        if let (Some(number), Some(task)) = (number, task(&path)) {
            tasks.insert(number, task);
        }
    }
    match tasks.is_empty() {
        true => Err("this kernel reports nothing about threads (no schedstat)".to_owned()),
        false => Ok(tasks),
    }
}

fn task(path: &Path) -> Option<Task> {
    let status = fs::read_to_string(path.join("status")).ok()?;
    let wakes = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    let name = fs::read_to_string(path.join("comm")).ok()?.trim().to_owned();
    Some(Task { name, cpu: cpu(path)?, wakes: wakes.trim().parse().ok()? })
}

/// Returns the processor time in nanoseconds, which is the first number in `schedstat`.
fn cpu(path: &Path) -> Option<Duration> {
    let times = fs::read_to_string(path.join("schedstat")).ok()?;
    times.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The thread of this process that takes the owner's copy of a commit.
pub(super) struct CommitCopier {
    path: String,
}

impl CommitCopier {
    pub(super) fn find() -> Result<Self, Failure> {
        let process = std::process::id();
        let tasks = tasks(process)?;
        let found = tasks.iter().find(|(_, task)| task.name == "hot-reload copi");
        let (number, _) = found.ok_or("the owner's copier cannot be found")?;
        Ok(CommitCopier { path: format!("/proc/{process}/task/{number}") })
    }

    pub(super) fn cpu(&self) -> Result<Duration, Failure> {
        cpu(Path::new(&self.path)).ok_or_else(|| "the owner's copier has ended".to_owned())
    }
}

/// Returns whether this process is compiling ahead for the next edit, as an owner does after a
/// build by cargo. That takes processors away from the measurement.
pub(super) fn is_priming() -> bool {
    let tasks = tasks(std::process::id()).unwrap_or_default();
    tasks.values().any(|task| task.name == "hot-reload prim")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_is_seen_to() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let worker = std::thread::Builder::new().name("a worker".to_owned()).spawn(move || {
            let begin = std::time::Instant::now();
            while begin.elapsed() < Duration::from_millis(20) {
                std::hint::black_box(0);
            }
            sender.send(tasks(std::process::id())).unwrap();
        });
        let tasks = receiver.recv().unwrap().unwrap();
        worker.unwrap().join().unwrap();
        let worker = tasks.values().find(|task| task.name == "a worker").unwrap();
        assert!(worker.cpu > Duration::ZERO, "{worker:?}");
    }
}

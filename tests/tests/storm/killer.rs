//! Kills renderers from a separate thread, so that a kill can come at any point of the owner's
//! turn.

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Limit on the search for a process to kill.
const SEARCH: Duration = Duration::from_secs(5);

/// The killing thread, which ends when this is dropped.
pub(crate) struct Killer {
    orders: Option<Sender<Duration>>,
    killed: Receiver<bool>,
    awaited: u32,
    thread: Option<JoinHandle<()>>,
}

impl Killer {
    pub(crate) fn new() -> Self {
        let (orders, incoming) = channel();
        let (report, killed) = channel();
        let turn = move || {
            for after in incoming {
                thread::sleep(after);
                if report.send(kill_any()).is_err() {
                    break;
                }
            }
        };
        let thread = Some(thread::spawn(turn));
        Killer { orders: Some(orders), killed, awaited: 0, thread }
    }

    /// Orders the kill of some living renderer after this time, counted from the last kill.
    pub(crate) fn order(&mut self, after: Duration) {
        self.orders.as_ref().unwrap().send(after).unwrap();
        self.awaited += 1;
    }

    /// Returns whether all orders have been carried out, and counts the kills.
    pub(crate) fn is_done(&mut self, kills: &mut u32) -> bool {
        for killed in self.killed.try_iter() {
            self.awaited -= 1;
            *kills += u32::from(killed);
        }
        self.awaited == 0
    }
}

impl Drop for Killer {
    fn drop(&mut self) {
        self.orders = None;
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Kills one of the living renderers; returns false if there was none for a long time.
fn kill_any() -> bool {
    let begin = Instant::now();
    while begin.elapsed() < SEARCH {
        let living: Vec<u32> = children().into_iter().filter(|&child| lives(child)).collect();
        if let Some(&chosen) = living.get(random(living.len()))
            && kill(chosen)
        {
            return true;
        }
        thread::sleep(Duration::from_micros(200));
    }
    false
}

/// Kills a living child of this process, and no other process: the id is checked again after its
/// handle has been opened.
pub(crate) fn kill(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw).unwrap();
    let Ok(handle) = pidfd_open(id, PidfdFlags::empty()) else { return false };
    lives(process) && pidfd_send_signal(handle, Signal::KILL).is_ok()
}

/// Returns whether this is a living child of this process.
pub(crate) fn lives(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let Some((_, rest)) = stat.rsplit_once(')') else { return false };
    let mut words = rest.split_whitespace();
    let (state, parent) = (words.next(), words.next());
    state != Some("Z") && state != Some("X") && parent == Some(&std::process::id().to_string())
}

/// Returns the children of this process, started by any of its threads.
pub(crate) fn children() -> Vec<u32> {
    let mut children = Vec::new();
    for thread in fs::read_dir("/proc/self/task").unwrap().flatten() {
        let list = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        children.extend(list.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    children
}

/// Returns a random number below a limit.
pub(crate) fn random(below: usize) -> usize {
    let number = RandomState::new().hash_one(below);
    usize::try_from(number % below.max(1) as u64).unwrap()
}

//! Measures the cost of waiting alone: a byte wakes a thread, which wakes another, as in the
//! renderer's runtime. Nothing else happens.

use rustix::time::{ClockId, clock_gettime};
use std::io::Read;
use std::thread;

/// Waits `times` times, then prints the processor time that each wake took, in nanoseconds.
pub fn run(times: usize) {
    let waiter = thread::current();
    thread::spawn(move || {
        let mut bytes = [0; 64];
        while std::io::stdin().read(&mut bytes).is_ok_and(|count| count > 0) {
            waiter.unpark();
        }
        // The sender has closed the pipe.
        std::process::exit(1);
    });
    let mut told = Vec::with_capacity(times);
    while told.len() < times {
        let begin = used();
        thread::park();
        told.push(used() - begin);
    }
    told.iter().for_each(|time| println!("{time}"));
}

/// Returns the processor time of all threads of this process, in nanoseconds.
fn used() -> u64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

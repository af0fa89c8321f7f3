//! Measures how long a call takes.

use std::hint::black_box;
use std::time::Instant;

const CALLS: u32 = 300_000;

/// Returns the nanoseconds per call of the empty function and of the 20th Fibonacci number, each
/// measured in a separate loop.
pub fn round(mut empty: impl FnMut(), mut fibonacci: impl FnMut(u64) -> u64) -> (f64, f64) {
    let begin = Instant::now();
    for _ in 0..CALLS {
        empty();
    }
    let first = begin.elapsed();
    let begin = Instant::now();
    for _ in 0..CALLS {
        black_box(fibonacci(black_box(20)));
    }
    let second = begin.elapsed();
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e9 / f64::from(CALLS);
    (each(first), each(second))
}

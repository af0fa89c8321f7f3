//! How long a call takes.

use std::hint::black_box;
use std::time::Instant;

const CALLS: u32 = 300_000;

/// Nanoseconds of a call in a loop of its own: an empty one, and one of the 20th number of Fibonacci's.
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

//! Functions that the benchmark calls.

/// Does nothing, in a way that the compiler cannot see.
/* attribute */
pub fn empty() {
    std::hint::black_box(());
}

/// Computes a Fibonacci number without recursion: a little work.
/* attribute */
pub fn fibonacci(number: u64) -> u64 {
    let (mut this, mut next) = (0_u64, 1_u64);
    for _ in 0..number {
        (this, next) = (next, this.wrapping_add(next));
    }
    this
}

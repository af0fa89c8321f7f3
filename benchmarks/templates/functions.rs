//! The functions that are called.

/// Nothing; and the compiler does not know it.
/* attribute */
pub fn empty() {
    std::hint::black_box(());
}

/// A little work, without recursion.
/* attribute */
pub fn fibonacci(number: u64) -> u64 {
    let (mut this, mut next) = (0_u64, 1_u64);
    for _ in 0..number {
        (this, next) = (next, this.wrapping_add(next));
    }
    this
}

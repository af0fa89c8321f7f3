//! Collections without pointers: a fixed capacity, with the elements stored inline.
//!
//! Names and behaviour are those of `std` wherever they mean the same. The difference: a method
//! that would have to grow returns [`Full`] with whatever did not fit.

mod grid;
mod map;
mod option;
mod pool;
mod ring;
mod serial;
mod string;
#[cfg(test)]
mod tests;
mod time;
mod vec;

pub use grid::{Grid, GridNeighbours};
pub use map::{FixedMap, MapIntoIter, MapIter, MapIterMut};
pub use option::FixedOption;
pub use pool::{Handle, Pool, PoolIter, PoolIterMut};
pub use ring::{Ring, RingIntoIter, RingIter, RingIterMut};
pub use string::FixedString;
pub use time::{FixedDuration, FixedInstant};
pub use vec::{Drain, FixedVec, IntoIter};

use std::fmt;
use std::ops::{Bound, Range, RangeBounds};

/// An error that returns what did not fit into a collection or a queue of messages.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Full<T>(pub T);

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(..)")
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no room left: the capacity is fixed")
    }
}

impl<T> std::error::Error for Full<T> {}

/// Converts a range of `len` items to indices; panics if it is invalid.
fn range_within(range: &impl RangeBounds<usize>, len: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.checked_add(1).expect("a range that begins"),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.checked_add(1).expect("a range that ends"),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    assert!(start <= end && end <= len, "range {start}..{end} of {len}");
    start..end
}

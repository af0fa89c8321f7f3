//! Collections without pointers: a fixed capacity, the elements in place.
//!
//! The names and the behaviour are those of `std` wherever they mean the same. What differs: a
//! method that would have to grow returns [`Full`] with what did not fit.

mod option;
mod string;
mod vec;

pub use option::FixedOption;
pub use string::FixedString;
pub use vec::{Drain, FixedVec, IntoIter};

use std::fmt;

/// What did not fit: a collection at its capacity, or a channel whose queue is full.
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

//! Tests of the collections of fixed capacity, with those of `std` as the oracle.
//!
//! One rule does not exist in `std`: an element that exceeds the capacity is returned as `Full`,
//! and the collection is unchanged.

mod grid;
mod map;
mod option;
mod pool;
mod ring;
mod serial;
mod string;
mod time;
mod values;
mod vec;

use hot_reload::{FixedVec, SharedState, collections::Full};
use proptest::prelude::*;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

/// An element with padding, which is therefore written field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, SharedState)]
#[repr(C)]
struct Padded {
    key: u8,
    value: u32,
}

impl From<u8> for Padded {
    fn from(key: u8) -> Self {
        let value = u32::from(key) * 3;
        Padded { key, value }
    }
}

/// Checks that the answer agrees with `fits`, and returns whether `what` was accepted.
#[track_caller]
fn taken<T: Debug + PartialEq>(answer: Result<(), Full<T>>, fits: bool, what: T) -> bool {
    assert_eq!(answer, if fits { Ok(()) } else { Err(Full(what)) });
    fits
}

fn vec_of<const N: usize>(elements: &[u8]) -> FixedVec<u8, N> {
    elements.try_into().expect("a slice that fits")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Checks that the value writes bytes that are accepted as a value.
#[track_caller]
fn accepted<T: SharedState>(value: &T) {
    let mut bytes = vec![0xff; size_of::<T>()];
    value.write_bytes(&mut bytes);
    assert_eq!(T::check(&bytes), Ok(()), "{}", T::LAYOUT);
}

//! Plain old data: the types that survive a reload of [hot-reload], their layouts, their migration,
//! and files of them.
//!
//! This crate knows types and bytes, but neither processes nor shared memory. A value is written
//! without uninitialised padding. Bytes become a value only after a check, because another process
//! wrote them.
//!
//! Programs use these names through the crate `hot-reload`, which re-exports them.
//!
//! [hot-reload]: https://docs.rs/hot-reload

#![deny(unsafe_code)]

// The derive's output names the crate that programs depend on.
extern crate self as hot_reload;

#[allow(unsafe_code, reason = "values as bytes")]
mod buffers;
#[allow(unsafe_code, reason = "values as bytes")]
mod bytes;
#[allow(unsafe_code, reason = "values as bytes")]
mod collections;
mod escaped;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(test, fuzzing))]
mod hostile;
mod layout;
mod migrate;
mod old_state;
mod owned_layout;
#[allow(unsafe_code, reason = "values as bytes")]
mod primitives;
mod snapshot;
mod translate;
mod values;
mod variants;

pub use buffers::{BufferPlan, Buffers};
pub use bytes::Invalid;
pub use collections::{
    Drain, FixedDuration, FixedInstant, FixedMap, FixedOption, FixedString, FixedVec, Full, Grid,
    GridNeighbours, Handle, IntoIter, MapIntoIter, MapIter, MapIterMut, Pool, PoolIter,
    PoolIterMut, Ring, RingIntoIter, RingIter, RingIterMut,
};
pub use hot_reload_derive::SharedState;
pub use layout::{Field, Kind, Layout, Role, Variant, WriteDefault};
pub use migrate::{FieldReport, MigrationReport, Outcome};
pub use old_state::OldState;
pub use owned_layout::OwnedLayout;
pub use snapshot::{Snapshot, SnapshotError};

use bytes::{AlignedBytes, blank, load, round_up};
use escaped::escaped;

/// Names for the crate `hot-reload` alone; they may change at any time.
#[doc(hidden)]
pub mod internal {
    pub use crate::buffers::{BufferShape, BufferStore};
    pub use crate::bytes::{AlignedBytes, Image, blank, boxed_blank, load, overwrite, round_up};
    pub use crate::escaped::escaped;
    pub use crate::migrate::{Migrated, Migration, ParkedSet};
    pub use crate::snapshot::{Parts, SavedBuffer, SavedCanvas};
    pub use crate::translate::Translator;
}

/// Names of the derive's output; not for other uses.
#[doc(hidden)]
pub mod derived {
    pub use super::bytes::{Invalid, copy_whole, part, part_mut, write_pod};
    pub use super::layout::{Field, Kind, Layout, Role, Variant};
    pub use super::variants::*;
}

/// A plain-old-data type: no pointers, a fixed size, every value a sequence of bytes.
///
/// Derive it with `#[derive(Clone, Copy, SharedState)]` on a `#[repr(C)]` struct, on an enum
/// without data and with an integer `repr`, or on an enum with data and `#[repr(C, u8)]`. Numbers,
/// `bool`, `char`, arrays and tuples of such types already implement it, and so do the collections
/// of this crate. Mark a field whose foreign type is `bytemuck::Pod` with `#[shared(pod)]`.
///
/// The type may change while the program runs. On a field or variant, `#[shared(was = "old_name")]`
/// gives its previous name. On a field, `#[shared(default = …)]` gives its value in elements of
/// collections that are older than the field. On the type, `#[shared(version = 2)]` says that a
/// meaning has changed, for `App::migrate`.
///
/// ```
/// use hot_reload::{FixedVec, SharedState};
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// struct Ball {
///     position: (f32, f32),
///     visible: bool,
/// }
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// struct World {
///     balls: FixedVec<Ball, 64>,
///     score: u32,
/// }
/// ```
///
/// # Safety
/// An implementation promises that
/// 1. the type holds no pointer and no reference, and nothing in it needs `Drop`;
/// 2. [`check`](Self::check) accepts `size_of::<Self>()` bytes only if they are a valid value of
///    the type;
/// 3. zeroed bytes on which [`write_blank`](Self::write_blank) has run are a valid value;
/// 4. `HAS_PADDING` is false only if every byte of every value is initialised;
/// 5. `ANY_BYTES` is true only if every pattern of bytes is a valid value;
/// 6. `ZERO_IS_BLANK` is true only if zero bytes are what `write_blank` makes of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in shared state",
    label = "not plain old data",
    note = "text: `FixedString<N>`; lists: `FixedVec<T, N>` or `[T; N]`; `Option`: `FixedOption<T>`",
    note = "maps: `FixedMap<K, V, N>`; `Box` and references: `Pool<T, N>` and `Handle<T>`",
    note = "a struct or enum of your own: `#[derive(Clone, Copy, SharedState)]` with `#[repr(C)]`",
    note = "a foreign type that is `bytemuck::Pod`: put `#[shared(pod)]` on the field"
)]
#[allow(unsafe_code, reason = "only the implementation can promise what bytes are a value")]
pub unsafe trait SharedState: Copy + Send + Sync + 'static {
    /// True if a value has bytes that belong to no field.
    const HAS_PADDING: bool;
    /// True if all-zero bytes are the blank value.
    const ZERO_IS_BLANK: bool;
    /// True if any bytes are a valid value, so that nothing needs to be checked.
    const ANY_BYTES: bool;
    /// True if [`settle`](Self::settle) has anything to do.
    const SETTLES: bool = false;
    /// The description of the type, known at compile time.
    const LAYOUT: &'static Layout;

    /// Turns `place`, which is `size_of::<Self>()` zero bytes, into the blank value: numbers are
    /// zero, collections are empty, enums are at their first variant.
    fn write_blank(place: &mut [u8]);

    /// Writes the value into `place`, which is `size_of::<Self>()` bytes long; padding becomes
    /// zeros.
    fn write_bytes(&self, place: &mut [u8]);

    /// Checks that `bytes`, which are `size_of::<Self>()` long, are a valid value.
    ///
    /// # Errors
    /// Names the first invalid place and the value found there.
    fn check(bytes: &[u8]) -> Result<(), Invalid>;

    /// Restores what only code maintains, after another build's code or a migration has written the
    /// value: a [`FixedMap`] sorts its keys. Called once when a new generation
    /// takes the value over.
    fn settle(&mut self) {}
}

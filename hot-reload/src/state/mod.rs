//! Plain old data: which types may survive a reload, what they look like, how they become bytes.
//!
//! This module knows types and bytes, neither processes nor shared memory. A value leaves as
//! bytes without any uninitialised padding in them, and bytes come in only through a check,
//! because another process wrote them.

mod buffers;
mod bytes;
mod collections;
mod escaped;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) mod hostile;
mod layout;
mod migrate;
mod old_state;
mod owned_layout;
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
pub(crate) use escaped::escaped;
pub use layout::{Field, Kind, Layout, Role, Variant, WriteDefault};
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use migrate::play as play_migration;
pub use migrate::{FieldReport, MigrationReport, Outcome};
pub(crate) use migrate::{Migration, ParkedSet};
pub use old_state::OldState;
pub use owned_layout::OwnedLayout;
pub use snapshot::Snapshot;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use snapshot::play as play_snapshot;
pub(crate) use snapshot::{Parts, SavedBuffer, SavedCanvas};
pub(crate) use translate::Translator;

pub(crate) use buffers::{BufferShape, BufferStore};
pub(crate) use bytes::{AlignedBytes, Image, blank, boxed_blank, load, overwrite, round_up};

/// What the derive's output calls; not for other uses.
#[doc(hidden)]
pub mod derived {
    pub use super::bytes::{copy_whole, part, part_mut, write_pod};
    pub use super::variants::*;
}

/// A type of plain old data: no pointers, a fixed size, every value a row of bytes.
///
/// Derive it: `#[derive(Clone, Copy, SharedState)]` on a `#[repr(C)]` struct, on an enum without
/// data and with an integer `repr`, or on an enum with data and `#[repr(C, u8)]`. Numbers, `bool`,
/// `char`, arrays and tuples of such types have it already, and so have the collections of this
/// crate. A field of a foreign type that is `bytemuck::Pod` is taken with `#[shared(pod)]`.
///
/// The type may change while the program runs. On a field or variant, `#[shared(was = "old_name")]`
/// tells what it was called; on a field, `#[shared(default = …)]` is its value in elements of
/// collections from before there was the field; on the type, `#[shared(version = 2)]` says that a
/// meaning has changed, for [`App::migrate`](crate::App::migrate).
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
/// 2. [`check`](Self::check) accepts a row of `size_of::<Self>()` bytes only when it is a valid
///    value of the type;
/// 3. zeroed bytes on which [`write_blank`](Self::write_blank) has run are a valid value;
/// 4. `HAS_PADDING` is false only when every byte of every value is initialised.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in shared state",
    label = "not plain old data",
    note = "text: `FixedString<N>`; lists: `FixedVec<T, N>` or `[T; N]`; `Option`: `FixedOption<T>`",
    note = "maps: `FixedMap<K, V, N>`; `Box` and references: `Pool<T, N>` and `Handle<T>`",
    note = "a struct or enum of your own: `#[derive(Clone, Copy, SharedState)]` with `#[repr(C)]`",
    note = "a foreign type that is `bytemuck::Pod`: put `#[shared(pod)]` on the field"
)]
pub unsafe trait SharedState: Copy + Send + Sync + 'static {
    /// Whether a value has bytes that belong to no field.
    const HAS_PADDING: bool;
    /// Whether all-zero bytes are the blank value.
    const ZERO_IS_BLANK: bool;
    /// Whether any bytes whatever are a valid value, so that nothing needs to be checked.
    const ANY_BYTES: bool;
    /// Whether [`settle`](Self::settle) has anything to do.
    const SETTLES: bool = false;
    /// The description of the type, known at compile time.
    const LAYOUT: &'static Layout;

    /// Turns `place`, which is `size_of::<Self>()` bytes of zeros, into the blank value: numbers
    /// zero, collections empty, enums at their first variant.
    fn write_blank(place: &mut [u8]);

    /// Writes the value into `place`, which is `size_of::<Self>()` bytes long, padding as zeros.
    fn write_bytes(&self, place: &mut [u8]);

    /// Says whether `bytes`, which are `size_of::<Self>()` long, are a valid value.
    ///
    /// # Errors
    /// Names the first place where they are not, and what stands there.
    fn check(bytes: &[u8]) -> Result<(), Invalid>;

    /// Puts in order what is ordered by code, after another build's code or a migration has written
    /// it: a [`FixedMap`](crate::FixedMap) sorts its keys. Called once when a new generation takes
    /// the value over.
    fn settle(&mut self) {}
}

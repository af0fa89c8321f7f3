//! The state as it was before a migration, for `App::migrate`.

use super::migrate::{Migration, ParkedSet, blank_of};
use super::values::Value;
use super::{AlignedBytes, OwnedLayout, SharedState, blank, escaped, load};
use std::fmt;

/// The state of the generation before, whose layout was another: what [`App::migrate`] reads from.
///
/// [`App::migrate`]: crate::App::migrate
pub struct OldState<'o> {
    layout: &'o OwnedLayout,
    /// As many as the layout says.
    bytes: &'o [u8],
}

impl<'o> OldState<'o> {
    pub(crate) fn new(layout: &'o OwnedLayout, bytes: &'o [u8]) -> Self {
        OldState { layout, bytes }
    }

    /// The value at a path, by the names of then: `player.speed`, `balls[3].hue`,
    /// `shape.Circle.radius`. Indices count the elements in use; an option that is `Some` is looked
    /// through; the empty path leads to the whole state.
    ///
    /// `None` where nothing is, and where what is there cannot be a `T` without loss: a `u8` can be
    /// read as a `u32`, and a `u32` of 300 not as a `u8`.
    #[must_use]
    pub fn get<T: SharedState>(&self, path: &str) -> Option<T> {
        read_as(&self.whole()?.at(path)?)
    }

    /// How many elements the list, text, ring, map, pool or array at a path has in use.
    #[must_use]
    pub fn len(&self, path: &str) -> Option<usize> {
        self.whole()?.at(path)?.len()
    }

    /// The version of the type at a path: what was set with `#[shared(version = …)]`.
    #[must_use]
    pub fn version(&self, path: &str) -> Option<u32> {
        let found = self.whole()?.at(path)?;
        Some(found.layout().node(found.id()).version)
    }

    /// What the bytes meant.
    #[must_use]
    pub fn layout(&self) -> &OwnedLayout {
        self.layout
    }

    fn whole(&self) -> Option<Value<'_>> {
        Value::whole(self.layout, self.bytes)
    }
}

/// The values as a tree.
impl fmt::Display for OldState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole().map_or(Ok(()), |value| value.write_tree(f, "state", 0))
    }
}

impl fmt::Debug for OldState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OldState({}, {} bytes)", escaped(self.layout.name()), self.bytes.len())
    }
}

/// A value of another layout as a `T`, if nothing is lost by it.
pub(crate) fn read_as<T: SharedState>(value: &Value<'_>) -> Option<T> {
    let new = OwnedLayout::from(T::LAYOUT);
    let mut read = blank::<T>();
    if value.layout().fingerprint_of(value.id()) == new.fingerprint() {
        load(&mut read, value.bytes()).ok()?;
    } else {
        let old = value.layout().part(value.id());
        let mut bytes = AlignedBytes::zeroed(size_of::<T>());
        bytes.copy_from_slice(&blank_of(&new, new.root()));
        let plan = Migration::plan(&old, &new, ParkedSet::default(), "");
        let migrated = plan.run(value.bytes(), &mut bytes);
        if !migrated.exact {
            return None;
        }
        load(&mut read, &bytes).ok()?;
    }
    read.settle();
    Some(read)
}

//! The state before a migration, for `App::migrate`.

use super::migrate::{Migration, ParkedSet, blank_of};
use super::values::Value;
use super::{AlignedBytes, OwnedLayout, SharedState, blank, escaped, load};
use std::fmt;

/// The previous generation's state, in its own layout: the input of `App::migrate`.
pub struct OldState<'o> {
    layout: &'o OwnedLayout,
    /// The state's bytes, as many as the layout says.
    bytes: &'o [u8],
}

impl<'o> OldState<'o> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(layout: &'o OwnedLayout, bytes: &'o [u8]) -> Self {
        OldState { layout, bytes }
    }

    /// Returns the value at a path of old names: `player.speed`, `balls[3].hue`,
    /// `shape.Circle.radius`. Indices count the elements in use. A path goes through an option that
    /// is `Some`. The empty path is the whole state.
    ///
    /// Returns `None` if there is no value at the path, or if the value cannot become a `T` without
    /// loss: a `u8` can be read as a `u32`, but a `u32` of 300 cannot be read as a `u8`.
    #[must_use]
    pub fn get<T: SharedState>(&self, path: &str) -> Option<T> {
        read_as(&self.whole()?.at(path)?)
    }

    /// Returns the number of elements in use in the list, text, ring, map, pool or array at a path.
    #[must_use]
    pub fn len(&self, path: &str) -> Option<usize> {
        self.whole()?.at(path)?.len()
    }

    /// Returns the version of the type at a path, as set with `#[shared(version = …)]`.
    #[must_use]
    pub fn version(&self, path: &str) -> Option<u32> {
        let found = self.whole()?.at(path)?;
        Some(found.layout().node(found.id()).version)
    }

    /// Returns the layout of the old state.
    #[must_use]
    pub fn layout(&self) -> &OwnedLayout {
        self.layout
    }

    fn whole(&self) -> Option<Value<'_>> {
        Value::whole(self.layout, self.bytes)
    }
}

/// Prints the values as a tree.
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

/// Reads a value of another layout as a `T`, if that loses nothing.
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

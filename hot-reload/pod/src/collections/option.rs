//! `FixedOption<T>`: an option with a fixed layout.

use crate::SharedState;

/// An `Option` with a fixed layout; the layout of `std`'s may change from build to build.
///
/// It is an enum with data, so that `match` works on it. Methods that return another option return
/// `std`'s, which `into` converts back. Methods that are missing here are available through
/// [`get`](Self::get), [`as_ref`](Self::as_ref) and [`as_mut`](Self::as_mut).
///
/// ```
/// use hot_reload::collections::FixedOption;
///
/// let mut target = FixedOption::Some(7_u32);
/// if let FixedOption::Some(distance) = &mut target {
///     *distance -= 1;
/// }
/// assert_eq!(target.take(), Some(6));
/// assert!(target.is_none());
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    hot_reload_derive::SharedState,
)]
#[repr(C, u8)]
#[shared(role = Option)]
pub enum FixedOption<T> {
    /// No value.
    #[default]
    None,
    /// A value.
    Some(T),
}

impl<T: SharedState> FixedOption<T> {
    /// Returns a copy of the value as `std`'s `Option`.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.into()
    }

    /// Returns a reference to the value.
    #[must_use]
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            FixedOption::None => None,
            FixedOption::Some(value) => Some(value),
        }
    }

    /// Returns a mutable reference to the value.
    pub fn as_mut(&mut self) -> Option<&mut T> {
        match self {
            FixedOption::None => None,
            FixedOption::Some(value) => Some(value),
        }
    }

    /// Returns whether there is a value.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.as_ref().is_some()
    }

    /// Returns whether there is no value.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.as_ref().is_none()
    }

    /// Returns whether there is a value that satisfies `condition`.
    #[must_use]
    pub fn is_some_and(self, condition: impl FnOnce(T) -> bool) -> bool {
        self.get().is_some_and(condition)
    }

    /// Applies `change` to the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Option<U> {
        self.get().map(change)
    }

    /// Applies `next` to the value; `next` may return `None`.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Option<U>) -> Option<U> {
        self.get().and_then(next)
    }

    /// Returns the value if it satisfies `condition`.
    pub fn filter(self, condition: impl FnOnce(&T) -> bool) -> Option<T> {
        self.get().filter(condition)
    }

    /// Returns the value, or `error` if there is none.
    ///
    /// # Errors
    /// Returns `error` if there is no value.
    pub fn ok_or<E>(self, error: E) -> Result<T, E> {
        self.get().ok_or(error)
    }

    /// Returns the value, or `other`.
    #[must_use]
    pub fn unwrap_or(self, other: T) -> T {
        self.get().unwrap_or(other)
    }

    /// Returns the value, or the result of `other`.
    pub fn unwrap_or_else(self, other: impl FnOnce() -> T) -> T {
        self.get().unwrap_or_else(other)
    }

    /// Returns the value, or the default of `T`.
    #[must_use]
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.get().unwrap_or_default()
    }

    /// Returns the value.
    ///
    /// # Panics
    /// Panics with `message` if there is no value.
    #[must_use]
    #[track_caller]
    pub fn expect(self, message: &str) -> T {
        self.get().expect(message)
    }

    /// Returns the value.
    ///
    /// # Panics
    /// Panics if there is no value.
    #[must_use]
    #[track_caller]
    pub fn unwrap(self) -> T {
        match self {
            FixedOption::None => panic!("called `FixedOption::unwrap()` on a `None` value"),
            FixedOption::Some(value) => value,
        }
    }

    /// Inserts a value and returns a mutable reference to it.
    pub fn insert(&mut self, value: T) -> &mut T {
        *self = FixedOption::Some(value);
        self.get_or_insert(value)
    }

    /// Inserts `value` if there is none; returns a mutable reference to the value.
    pub fn get_or_insert(&mut self, value: T) -> &mut T {
        self.get_or_insert_with(|| value)
    }

    /// Inserts the result of `value` if there is none; returns a mutable reference to the value.
    pub fn get_or_insert_with(&mut self, value: impl FnOnce() -> T) -> &mut T {
        if let FixedOption::None = self {
            *self = FixedOption::Some(value());
        }
        match self {
            FixedOption::Some(value) => value,
            FixedOption::None => unreachable!("a value has just been put in"),
        }
    }

    /// Returns an iterator over the value, if there is one.
    pub fn iter(&self) -> std::option::IntoIter<&T> {
        self.as_ref().into_iter()
    }

    /// Returns an iterator over a mutable reference to the value, if there is one.
    pub fn iter_mut(&mut self) -> std::option::IntoIter<&mut T> {
        self.as_mut().into_iter()
    }

    /// Takes the value and leaves `None`.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into()
    }

    /// Replaces the value and returns the old one.
    pub fn replace(&mut self, value: T) -> Option<T> {
        std::mem::replace(self, FixedOption::Some(value)).into()
    }
}

impl<T: SharedState> IntoIterator for FixedOption<T> {
    type Item = T;
    type IntoIter = std::option::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.get().into_iter()
    }
}

impl<'a, T: SharedState> IntoIterator for &'a FixedOption<T> {
    type Item = &'a T;
    type IntoIter = std::option::IntoIter<&'a T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: SharedState> IntoIterator for &'a mut FixedOption<T> {
    type Item = &'a mut T;
    type IntoIter = std::option::IntoIter<&'a mut T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T> From<Option<T>> for FixedOption<T> {
    fn from(option: Option<T>) -> Self {
        option.map_or(FixedOption::None, FixedOption::Some)
    }
}

impl<T> From<FixedOption<T>> for Option<T> {
    fn from(option: FixedOption<T>) -> Self {
        match option {
            FixedOption::None => None,
            FixedOption::Some(value) => Some(value),
        }
    }
}

//! `FixedOption<T>`: an option whose layout is fixed.

use crate::state::SharedState;

/// `Option`, whose own layout the compiler chooses as it likes, with a layout that it may not.
///
/// A data enum, so that `match` works on it. What makes another option of it returns `std`'s, which
/// becomes one of these by `into`; what is missing here is reached by [`get`](Self::get),
/// [`as_ref`](Self::as_ref) and [`as_mut`](Self::as_mut).
///
/// ```
/// use hot_reload::FixedOption;
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
    /// A copy of the value as `std`'s `Option`.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.into()
    }

    /// The value by reference.
    #[must_use]
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            FixedOption::None => None,
            FixedOption::Some(value) => Some(value),
        }
    }

    /// The value, to be changed.
    pub fn as_mut(&mut self) -> Option<&mut T> {
        match self {
            FixedOption::None => None,
            FixedOption::Some(value) => Some(value),
        }
    }

    /// Whether there is a value.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.as_ref().is_some()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.as_ref().is_none()
    }

    /// Whether there is a value for which `condition` holds.
    #[must_use]
    pub fn is_some_and(self, condition: impl FnOnce(T) -> bool) -> bool {
        self.get().is_some_and(condition)
    }

    /// What `change` makes of the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Option<U> {
        self.get().map(change)
    }

    /// What `next` makes of the value, which may be nothing.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Option<U>) -> Option<U> {
        self.get().and_then(next)
    }

    /// The value, if `condition` holds for it.
    pub fn filter(self, condition: impl FnOnce(&T) -> bool) -> Option<T> {
        self.get().filter(condition)
    }

    /// The value, or `error`.
    ///
    /// # Errors
    /// Without a value.
    pub fn ok_or<E>(self, error: E) -> Result<T, E> {
        self.get().ok_or(error)
    }

    /// The value, or `other`.
    #[must_use]
    pub fn unwrap_or(self, other: T) -> T {
        self.get().unwrap_or(other)
    }

    /// The value, or what `other` makes.
    pub fn unwrap_or_else(self, other: impl FnOnce() -> T) -> T {
        self.get().unwrap_or_else(other)
    }

    /// The value, or the default one.
    #[must_use]
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.get().unwrap_or_default()
    }

    /// The value.
    ///
    /// # Panics
    /// With `message` when there is none.
    #[must_use]
    #[track_caller]
    pub fn expect(self, message: &str) -> T {
        self.get().expect(message)
    }

    /// The value.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn unwrap(self) -> T {
        match self {
            FixedOption::None => panic!("called `FixedOption::unwrap()` on a `None` value"),
            FixedOption::Some(value) => value,
        }
    }

    /// Puts a value in, to be changed there.
    pub fn insert(&mut self, value: T) -> &mut T {
        *self = FixedOption::Some(value);
        self.get_or_insert(value)
    }

    /// The value, which is `value` if there was none, to be changed.
    pub fn get_or_insert(&mut self, value: T) -> &mut T {
        self.get_or_insert_with(|| value)
    }

    /// The value, which `value` makes if there was none, to be changed.
    pub fn get_or_insert_with(&mut self, value: impl FnOnce() -> T) -> &mut T {
        if let FixedOption::None = self {
            *self = FixedOption::Some(value());
        }
        match self {
            FixedOption::Some(value) => value,
            FixedOption::None => unreachable!("a value has just been put in"),
        }
    }

    /// The value, if there is one, as an iterator.
    pub fn iter(&self) -> std::option::IntoIter<&T> {
        self.as_ref().into_iter()
    }

    /// The value, if there is one, as an iterator, to be changed.
    pub fn iter_mut(&mut self) -> std::option::IntoIter<&mut T> {
        self.as_mut().into_iter()
    }

    /// Takes the value and leaves none.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into()
    }

    /// Puts a value in and hands the one before it out.
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

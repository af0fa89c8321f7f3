//! `FixedOption<T>`: an option whose layout is fixed.

use crate::state::SharedState;

/// `Option`, whose own layout the compiler chooses as it likes, with a layout that it may not.
///
/// A data enum, so that `match` works on it; everything else goes through `std`'s `Option` by
/// [`get`](Self::get), [`as_mut`](Self::as_mut) and `into`.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, hot_reload_derive::SharedState)]
#[repr(C, u8)]
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

    /// Takes the value and leaves none.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into()
    }

    /// Puts a value in and hands the one before it out.
    pub fn replace(&mut self, value: T) -> Option<T> {
        std::mem::replace(self, FixedOption::Some(value)).into()
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

//! `FixedString<N>`: text whose capacity is part of its type.

use super::{Full, range_within};
use crate::{Invalid, blank};
use std::fmt;
use std::ops::{Deref, DerefMut, RangeBounds};

/// Text of at most `N` bytes of UTF-8, without pointers.
///
/// It derefs to `str`, and `write!` writes to it.
///
/// ```
/// use hot_reload::FixedString;
/// use std::fmt::Write;
///
/// let mut name = FixedString::<8>::new();
/// write!(name, "ball {}", 7)?;
/// assert_eq!(name, "ball 7");
/// assert!(name.push_str(" of 9").is_err()); // nothing is cut in half
/// assert_eq!(name, "ball 7");
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(check = Self::check_text, role = Text)]
pub struct FixedString<const N: usize> {
    /// Length in bytes, at most `N`; the first `len` bytes are UTF-8. Every method upholds this;
    /// `check_text` checks it on incoming bytes.
    len: usize,
    bytes: [u8; N],
}

impl<const N: usize> FixedString<N> {
    /// Creates an empty text.
    #[must_use]
    pub fn new() -> Self {
        blank()
    }

    /// Copies the beginning of `text`, as many whole characters as fit.
    #[must_use]
    pub fn truncated(text: &str) -> Self {
        let mut string = Self::new();
        let fitting = text.floor_char_boundary_at(N);
        string.bytes[..fitting].copy_from_slice(&text.as_bytes()[..fitting]);
        string.len = fitting;
        string
    }

    fn check_text(bytes: &[u8]) -> Result<(), Invalid> {
        let (len, text) = bytes.split_at(size_of::<usize>());
        let len = bytemuck::pod_read_unaligned::<usize>(len);
        let Some(text) = text[..N].get(..len) else {
            return Err(Invalid::new(format_args!("length {len} of at most {N}")));
        };
        std::str::from_utf8(text).map(|_| ()).map_err(Invalid::new)
    }

    /// Returns `N`, the capacity in bytes.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // SAFETY: the invariant of the private fields: the first `len` bytes are UTF-8.
        unsafe { std::str::from_utf8_unchecked(&self.bytes[..self.len]) }
    }

    /// Appends a character.
    ///
    /// # Errors
    /// Returns the character if it does not fit.
    pub fn push(&mut self, character: char) -> Result<(), Full<char>> {
        self.push_str(character.encode_utf8(&mut [0; 4])).map_err(|_| Full(character))
    }

    /// Appends a text.
    ///
    /// # Errors
    /// Changes nothing and returns the text if it does not fit.
    pub fn push_str<'a>(&mut self, text: &'a str) -> Result<(), Full<&'a str>> {
        self.insert_str(self.len, text)
    }

    /// Inserts a character at the byte `index`.
    ///
    /// # Errors
    /// Returns the character if it does not fit.
    ///
    /// # Panics
    /// Panics if `index` is not on a character boundary.
    pub fn insert(&mut self, index: usize, character: char) -> Result<(), Full<char>> {
        self.insert_str(index, character.encode_utf8(&mut [0; 4])).map_err(|_| Full(character))
    }

    /// Inserts a text at the byte `index`.
    ///
    /// # Errors
    /// Changes nothing and returns the text if it does not fit.
    ///
    /// # Panics
    /// Panics if `index` is not on a character boundary.
    pub fn insert_str<'a>(&mut self, index: usize, text: &'a str) -> Result<(), Full<&'a str>> {
        assert!(self.is_char_boundary(index), "byte {index} is not at the boundary of a character");
        if self.len + text.len() > N {
            return Err(Full(text));
        }
        self.bytes.copy_within(index..self.len, index + text.len());
        self.bytes[index..index + text.len()].copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }

    /// Removes the last character.
    pub fn pop(&mut self) -> Option<char> {
        let last = self.chars().next_back()?;
        self.len -= last.len_utf8();
        Some(last)
    }

    /// Removes the character at the byte `index`.
    ///
    /// # Panics
    /// Panics if no character begins there.
    pub fn remove(&mut self, index: usize) -> char {
        let Some(removed) = self[index..].chars().next() else {
            panic!("no character at byte {index} of {}", self.len)
        };
        self.bytes.copy_within(index + removed.len_utf8()..self.len, index);
        self.len -= removed.len_utf8();
        removed
    }

    /// Keeps only the characters for which `keep` returns true, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(char) -> bool) {
        let before = *self;
        self.len = 0;
        for character in before.chars().filter(|&character| keep(character)) {
            // A part of a text that fitted fits as well.
            let _ = self.push(character);
        }
    }

    /// Shortens the text to its first `len` bytes.
    ///
    /// # Panics
    /// Panics if `len` is not on a character boundary.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            assert!(self.is_char_boundary(len), "byte {len} is not at the boundary of a character");
            self.len = len;
        }
    }

    /// Shortens the text to `at` bytes and returns the rest.
    ///
    /// # Panics
    /// Panics if `at` is not on a character boundary.
    #[must_use = "to remove the rest only, use `truncate`"]
    pub fn split_off(&mut self, at: usize) -> Self {
        let rest = Self::truncated(&self[at..]);
        self.truncate(at);
        rest
    }

    /// Replaces the bytes of `range` with a text.
    ///
    /// # Errors
    /// Changes nothing and returns the text if it does not fit.
    ///
    /// # Panics
    /// Panics if the range is reversed or ends after the length, or if one of its ends is not on a
    /// character boundary.
    pub fn replace_range<'a>(
        &mut self,
        range: impl RangeBounds<usize>,
        text: &'a str,
    ) -> Result<(), Full<&'a str>> {
        let range = range_within(&range, self.len);
        let replaced = self[range.clone()].len();
        if text.len() > N - (self.len - replaced) {
            return Err(Full(text));
        }
        self.bytes.copy_within(range.end..self.len, range.start + text.len());
        self.bytes[range.start..range.start + text.len()].copy_from_slice(text.as_bytes());
        self.len = self.len - replaced + text.len();
        Ok(())
    }

    /// Removes all text.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

/// `str::floor_char_boundary`, which is newer than our `rust-version`.
trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, index: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, index: usize) -> usize {
        let mut boundary = index.min(self.len());
        while !self.is_char_boundary(boundary) {
            boundary -= 1;
        }
        boundary
    }
}

impl<const N: usize> Deref for FixedString<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> DerefMut for FixedString<N> {
    fn deref_mut(&mut self) -> &mut str {
        // SAFETY: the invariant of the private fields: the first `len` bytes are UTF-8, and remain
        // so under a `&mut str`.
        unsafe { std::str::from_utf8_unchecked_mut(&mut self.bytes[..self.len]) }
    }
}

impl<const N: usize> Default for FixedString<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Write for FixedString<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text).map_err(|_| fmt::Error)
    }
}

impl<'a, const N: usize> TryFrom<&'a str> for FixedString<N> {
    type Error = Full<&'a str>;

    fn try_from(text: &'a str) -> Result<Self, Full<&'a str>> {
        let mut string = Self::new();
        string.push_str(text)?;
        Ok(string)
    }
}

impl<const N: usize> TryFrom<String> for FixedString<N> {
    type Error = Full<String>;

    fn try_from(text: String) -> Result<Self, Full<String>> {
        let fitting = Self::try_from(text.as_str()).ok();
        fitting.ok_or(Full(text))
    }
}

impl<const N: usize> std::str::FromStr for FixedString<N> {
    type Err = Full<()>;

    fn from_str(text: &str) -> Result<Self, Full<()>> {
        Self::try_from(text).map_err(|_| Full(()))
    }
}

impl<const N: usize> From<FixedString<N>> for String {
    fn from(text: FixedString<N>) -> String {
        text.as_str().to_owned()
    }
}

impl<const N: usize> fmt::Debug for FixedString<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for FixedString<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl<S: AsRef<str> + ?Sized, const N: usize> PartialEq<S> for FixedString<N> {
    fn eq(&self, other: &S) -> bool {
        self.as_str() == other.as_ref()
    }
}

impl<const N: usize> Eq for FixedString<N> {}

impl<const N: usize> PartialOrd for FixedString<N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for FixedString<N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other)
    }
}

/// Allows lookups by `&str` in a [`FixedMap`](crate::FixedMap).
impl<const N: usize> std::borrow::Borrow<str> for FixedString<N> {
    fn borrow(&self) -> &str {
        self
    }
}

impl<const N: usize> AsRef<str> for FixedString<N> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl<const N: usize> std::hash::Hash for FixedString<N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

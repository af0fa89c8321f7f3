//! Keys, named as in minifb, and sets of them.

use hot_reload_pod::SharedState;

macro_rules! keys {
    ($($key:ident)*) => {
        /// A key, named as in minifb.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, SharedState)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Key {
            $($key),*
        }

        impl Key {
            /// All keys.
            pub const ALL: &'static [Key] = &[$(Key::$key),*];

            /// Returns the key's name as written in the source.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Key::$key => stringify!($key)),*
                }
            }

            #[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
            pub(super) fn from_minifb(key: minifb::Key) -> Key {
                match key {
                    $(minifb::Key::$key => Key::$key,)*
                    minifb::Key::Count => Key::Unknown,
                }
            }
        }
    };
}

keys! {
    Key0 Key1 Key2 Key3 Key4 Key5 Key6 Key7 Key8 Key9
    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15
    Down Left Right Up
    Apostrophe Backquote Backslash Comma Equal LeftBracket Minus Period RightBracket Semicolon
    Slash Backspace Delete End Enter Escape Home Insert Menu PageDown PageUp Pause Space Tab
    NumLock CapsLock ScrollLock LeftShift RightShift LeftCtrl RightCtrl
    NumPad0 NumPad1 NumPad2 NumPad3 NumPad4 NumPad5 NumPad6 NumPad7 NumPad8 NumPad9
    NumPadDot NumPadSlash NumPadAsterisk NumPadMinus NumPadPlus NumPadEnter
    LeftAlt RightAlt LeftSuper RightSuper Unknown
}

/// A set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, SharedState)]
#[repr(C)]
pub struct KeySet {
    bits: [u64; 2],
}

const _: () = assert!(Key::ALL.len() <= 128, "two words of bits");

impl KeySet {
    /// Returns whether a key is in the set.
    #[must_use]
    pub const fn contains(self, key: Key) -> bool {
        self.bits[key as usize / 64] & 1 << (key as usize % 64) != 0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == [0, 0]
    }

    /// Returns the number of keys in the set.
    #[must_use]
    pub fn len(self) -> usize {
        (self.bits[0].count_ones() + self.bits[1].count_ones()) as usize
    }

    /// Returns the keys in the set, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Key> {
        Key::ALL.iter().copied().filter(move |&key| self.contains(key))
    }

    /// Adds a key. Returns whether it was not in the set before.
    pub(super) fn insert(&mut self, key: Key) -> bool {
        let before = self.contains(key);
        self.bits[key as usize / 64] |= 1 << (key as usize % 64);
        !before
    }

    /// Removes a key. Returns whether it was in the set.
    pub(super) fn remove(&mut self, key: Key) -> bool {
        let before = self.contains(key);
        self.bits[key as usize / 64] &= !(1 << (key as usize % 64));
        before
    }

    pub(super) fn union(self, other: KeySet) -> KeySet {
        KeySet { bits: [self.bits[0] | other.bits[0], self.bits[1] | other.bits[1]] }
    }
}

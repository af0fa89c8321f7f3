//! The development keys: each does something to the owner, and the renderer does not see it.

use crate::input::Key;

/// Development keys: they control the owner, in a ready-made window and in hot mode.
///
/// By default they are the keys F1 to F12. Each can be another key or none; the renderer does not see
/// a key that is used here, nor a click on a panel. In one process they have no effect, and the renderer sees all
/// keys.
///
/// ```no_run
/// use hot_reload::{DevelopmentKeys, Key};
/// # use hot_reload::{Owner, Play, Sketch};
/// # let play = Play::new(Owner::<Sketch<u32>>::builder(()));
/// play.keys(DevelopmentKeys { reset: Some(Key::Home), editor: None, ..DevelopmentKeys::default() });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevelopmentKeys {
    /// Shows the keys. Default: F1.
    pub sheet: Option<Key>,
    /// Shows which build drew the picture, and how long that took. Default: F2.
    pub strip: Option<Key>,
    /// Puts the panel away until the next failure, or shows it again. Default: F3.
    pub panel: Option<Key>,
    /// Opens the place of the failure in the editor. Default: F4.
    pub editor: Option<Key>,
    /// Resets the state. Default: F5.
    pub reset: Option<Key>,
    /// Pauses the application or lets it continue. Default: F6.
    pub pause: Option<Key>,
    /// Pauses, and advances by one tick. Default: F7.
    pub step: Option<Key>,
    /// Saves the state to a file in the working folder. Default: F8.
    pub save: Option<Key>,
    /// Loads that file. Default: F9.
    pub load: Option<Key>,
    /// Goes back to the build before. Default: F10.
    pub back: Option<Key>,
    /// Goes forward to the newest build. Default: F11.
    pub forward: Option<Key>,
    /// Writes the picture to a PNG file in the working folder; needs the feature `options`. Default:
    /// F12.
    pub picture: Option<Key>,
}

impl Default for DevelopmentKeys {
    fn default() -> Self {
        DevelopmentKeys {
            sheet: Some(Key::F1),
            strip: Some(Key::F2),
            panel: Some(Key::F3),
            editor: Some(Key::F4),
            reset: Some(Key::F5),
            pause: Some(Key::F6),
            step: Some(Key::F7),
            save: Some(Key::F8),
            load: Some(Key::F9),
            back: Some(Key::F10),
            forward: Some(Key::F11),
            picture: cfg!(feature = "options").then_some(Key::F12),
        }
    }
}

impl DevelopmentKeys {
    /// Returns no keys: the renderer sees all of them.
    #[must_use]
    pub fn none() -> Self {
        DevelopmentKeys {
            sheet: None,
            strip: None,
            panel: None,
            editor: None,
            reset: None,
            pause: None,
            step: None,
            save: None,
            load: None,
            back: None,
            forward: None,
            picture: None,
        }
    }
}

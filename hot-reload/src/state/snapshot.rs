//! A state that outlives its program: bytes with their layout, to be shown, asked and put in a file.
//!
//! The bytes may come from another build, or from a file that somebody has written by hand: what they
//! say is checked where it is read.

mod file;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
mod hostile;
mod replace;
mod show;
#[cfg(test)]
mod tests;

#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use hostile::{look, play};

use super::SharedState;
use super::escaped::escaped;
use super::old_state::read_as;
use super::owned_layout::OwnedLayout;
use super::values::Value;
use crate::error::{Error, Result};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// A state as it was at the end of a tick, with all that tells what its bytes mean.
///
/// It needs no type of the program: `Display` prints the values as a tree, [`to_json`](Self::to_json)
/// hands them to other programs, [`get`](Self::get) reads one of them, and a file that was
/// [saved](Self::save) can be loaded by any later build.
///
/// ```
/// use hot_reload::{FixedVec, SharedState, Snapshot};
///
/// #[derive(Clone, Copy, SharedState)]
/// #[repr(C)]
/// struct State {
///     score: u32,
///     trail: FixedVec<(f32, f32), 64>,
/// }
///
/// let mut state = State { score: 7, trail: FixedVec::new() };
/// state.trail.push((0.5, 2.0)).expect("there is room");
///
/// let snapshot = Snapshot::of(&state, "my-renderer");
/// assert_eq!(snapshot.get("score"), Some(7_u32));
/// assert_eq!(snapshot.get("trail[0].1"), Some(2.0_f32));
/// assert!(snapshot.to_string().ends_with("    [0]: (f32, f32) = (0.5, 2.0)"));
/// assert_eq!(snapshot.to_json()["state"]["trail"][0][1], 2.0);
/// ```
#[derive(Clone)]
pub struct Snapshot {
    /// The lengths are those that the layouts tell: `from_parts` is the only constructor.
    parts: Parts,
}

/// What a snapshot consists of.
#[derive(Clone)]
pub(crate) struct Parts {
    /// The renderer's package.
    pub(crate) application: String,
    pub(crate) layout: OwnedLayout,
    pub(crate) state: Vec<u8>,
    pub(crate) buffers: Vec<SavedBuffer>,
    /// What the program has kept in a form of its own.
    pub(crate) parked: Vec<u8>,
    pub(crate) canvas: SavedCanvas,
    /// The last one that the state has seen.
    pub(crate) tick: u64,
    /// On the owner's clock.
    pub(crate) time: Duration,
}

/// An extra buffer.
#[derive(Clone)]
pub(crate) struct SavedBuffer {
    pub(crate) name: String,
    pub(crate) element: OwnedLayout,
    /// In elements.
    pub(crate) len: usize,
    pub(crate) bytes: Vec<u8>,
}

/// A canvas whose contents were kept; without pixels when they were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SavedCanvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Four bytes each, or none at all.
    pub(crate) pixels: Vec<u8>,
}

impl Snapshot {
    /// The state of a program that is one process, or has no owner; `application` is the name by
    /// which a later one knows its own.
    #[must_use]
    pub fn of<T: SharedState>(state: &T, application: &str) -> Self {
        let mut bytes = vec![0; size_of::<T>()];
        state.write_bytes(&mut bytes);
        let parts = Parts {
            application: application.to_owned(),
            layout: OwnedLayout::from(T::LAYOUT),
            state: bytes,
            buffers: Vec::new(),
            parked: Vec::new(),
            canvas: SavedCanvas::default(),
            tick: 0,
            time: Duration::ZERO,
        };
        Snapshot { parts }
    }

    /// Loads a state that was saved by this build or another.
    ///
    /// # Errors
    /// [`Error::Load`] when the file cannot be read, is no state, is damaged, or comes from a version
    /// or machine whose bytes mean something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        file::load(path).and_then(Snapshot::from_parts).map_err(|reason| Error::Load {
            path: path.to_owned(),
            reason: escaped(&reason).into_owned(),
        })
    }

    /// Saves the state as a file, or leaves the one that is there as it is: there is never half of
    /// one. A file that is replaced keeps its permissions; where the path is a symbolic link, what it
    /// leads to is replaced.
    ///
    /// ```
    /// use hot_reload::Snapshot;
    ///
    /// let path = std::env::temp_dir().join(format!("doc-{}.state", std::process::id()));
    /// Snapshot::of(&[1_u32, 2, 3], "my-renderer").save(&path)?;
    /// assert_eq!(Snapshot::load(&path)?.get("[2]"), Some(3_u32));
    /// # std::fs::remove_file(&path).expect("it has just been saved");
    /// # Ok::<(), hot_reload::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Save`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        file::save(&self.parts, path)
            .map_err(|source| Error::Save { path: path.to_owned(), source })
    }

    /// Saves the state as a file that another one replaces soon.
    #[cfg(feature = "owner")]
    pub(crate) fn save_in_passing(&self, path: &Path) -> Result<()> {
        file::save_in_passing(&self.parts, path)
            .map_err(|source| Error::Save { path: path.to_owned(), source })
    }

    /// The package of the renderer that the state belongs to: [`App::RENDERER`](crate::App::RENDERER).
    #[must_use]
    pub fn application(&self) -> &str {
        &self.parts.application
    }

    /// What the state's bytes mean.
    #[must_use]
    pub fn layout(&self) -> &OwnedLayout {
        &self.parts.layout
    }

    /// The last tick that the state has seen.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.parts.tick
    }

    /// The owner's time at that tick.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.parts.time
    }

    /// The part of the state that a path leads to: `player.position.0`, `balls[3].hue`,
    /// `shape.Circle.radius`; the empty path leads to the whole state.
    ///
    /// Indices count the elements in use, an option that is `Some` is looked through. `None` where
    /// nothing is, and where what is there cannot be a `T` without loss.
    #[must_use]
    pub fn get<T: SharedState>(&self, path: &str) -> Option<T> {
        read_as(&self.find(path)?)
    }

    /// The part of the state that a path leads to, as bytes with their layout.
    pub(crate) fn find(&self, path: &str) -> Option<Value<'_>> {
        self.value().at(path)
    }

    /// The whole state.
    pub(crate) fn value(&self) -> Value<'_> {
        Value::whole(&self.parts.layout, &self.parts.state)
            .expect("a snapshot's state is as long as its layout: `from_parts`")
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// A snapshot of what was committed or read.
    ///
    /// # Errors
    /// Says what is not as long as its layout.
    pub(crate) fn from_parts(parts: Parts) -> Result<Self, String> {
        let fits = |what: &str, found: usize, wanted: Option<usize>| {
            let fits = wanted == Some(found);
            let wanted = wanted.map_or("more than there can be".to_owned(), |it| it.to_string());
            fits.then_some(()).ok_or_else(|| format!("{what} has {found} bytes, not {wanted}"))
        };
        fits("the state", parts.state.len(), Some(parts.layout.size()))?;
        for buffer in &parts.buffers {
            let what = format!("the extra buffer `{}`", buffer.name);
            fits(&what, buffer.bytes.len(), buffer.element.size().checked_mul(buffer.len))?;
        }
        let SavedCanvas { width, height, pixels } = &parts.canvas;
        if !pixels.is_empty() {
            let wanted = u64::from(*width).checked_mul(u64::from(*height) * 4);
            let wanted = wanted.and_then(|it| usize::try_from(it).ok());
            fits("the canvas", pixels.len(), wanted)?;
        }
        Ok(Snapshot { parts })
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("application", &self.parts.application)
            .field("tick", &self.parts.tick)
            .field("state", &self.parts.layout.name())
            .field("bytes", &self.parts.state.len())
            .finish_non_exhaustive()
    }
}

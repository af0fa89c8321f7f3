//! A state that outlives its program: bytes with their layout, which can be printed, queried and
//! saved to a file.
//!
//! The bytes may come from another build, or from a file that was written by hand. They are checked
//! where they are read.

mod error;
mod file;
#[cfg(any(test, fuzzing))]
mod hostile;
mod replace;
mod show;
#[cfg(test)]
mod tests;

#[cfg(any(test, fuzzing))]
pub(crate) use hostile::{look, play};

pub use error::SnapshotError;

use super::SharedState;
use super::escaped::escaped;
use super::old_state::read_as;
use super::owned_layout::OwnedLayout;
use super::values::Value;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// A state at the end of a tick, with everything needed to interpret its bytes.
///
/// It needs no type of the program. `Display` prints the values as a tree,
/// [`to_json`](Self::to_json) returns them for other programs, and [`get`](Self::get) reads one of
/// them. A [saved](Self::save) file can be loaded by any later build.
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
    /// The parts; their lengths match their layouts, because `from_parts` is the only constructor.
    parts: Parts,
}

/// The contents of a snapshot.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Name of the renderer's package.
    pub application: String,
    /// Layout of the state.
    pub layout: OwnedLayout,
    /// Bytes of the state.
    pub state: Vec<u8>,
    /// The extra buffers.
    pub buffers: Vec<SavedBuffer>,
    /// Values that the program keeps in its own format.
    pub parked: Vec<u8>,
    /// The canvas, if its contents are kept.
    pub canvas: SavedCanvas,
    /// The last tick that the state has seen.
    pub tick: u64,
    /// The owner's time at that tick.
    pub time: Duration,
}

/// An extra buffer.
#[derive(Debug, Clone)]
pub struct SavedBuffer {
    /// Name of the buffer.
    pub name: String,
    /// Layout of one element.
    pub element: OwnedLayout,
    /// Number of elements.
    pub len: usize,
    /// The elements, one after another.
    pub bytes: Vec<u8>,
}

/// The kept contents of a canvas; without pixels if they were not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedCanvas {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Four bytes per pixel, or empty.
    pub pixels: Vec<u8>,
}

impl Snapshot {
    /// Takes a snapshot in a program that is one process or has no owner. `application` is the name
    /// by which a later program recognises its own snapshots.
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

    /// Loads a state that was saved by this or another build.
    ///
    /// # Errors
    /// Returns [`SnapshotError::Load`] if the file cannot be read, is not a saved state, is damaged, or
    /// comes from a version or machine whose bytes have another meaning.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, SnapshotError> {
        let path = path.as_ref();
        file::load(path).and_then(Snapshot::from_parts).map_err(|reason| SnapshotError::Load {
            path: path.to_owned(),
            reason: escaped(&reason).into_owned(),
        })
    }

    /// Saves the state to a file, atomically: if it fails, an existing file stays as it is. A
    /// replaced file keeps its permissions. If the path is a symbolic link, its target is replaced.
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
    /// Returns [`SnapshotError::Save`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SnapshotError> {
        let path = path.as_ref();
        file::save(&self.parts, path)
            .map_err(|source| SnapshotError::Save { path: path.to_owned(), source })
    }

    /// Saves the state to a file that will soon be replaced.
    #[doc(hidden)]
    pub fn save_in_passing(&self, path: &Path) -> Result<(), SnapshotError> {
        file::save_in_passing(&self.parts, path)
            .map_err(|source| SnapshotError::Save { path: path.to_owned(), source })
    }

    /// Returns the package of the renderer that the state belongs to:
    /// `App::RENDERER`.
    #[must_use]
    pub fn application(&self) -> &str {
        &self.parts.application
    }

    /// Returns the layout of the state's bytes.
    #[must_use]
    pub fn layout(&self) -> &OwnedLayout {
        &self.parts.layout
    }

    /// Returns the last tick that the state has seen.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.parts.tick
    }

    /// Returns the owner's time at that tick.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.parts.time
    }

    /// Returns the part of the state at a path: `player.position.0`, `balls[3].hue`,
    /// `shape.Circle.radius`; the empty path is the whole state.
    ///
    /// Indices count the elements in use. A path goes through an option that is `Some`. Returns
    /// `None` if there is no such part, or if it cannot become a `T` without loss.
    #[must_use]
    pub fn get<T: SharedState>(&self, path: &str) -> Option<T> {
        read_as(&self.find(path)?)
    }

    /// Returns the part of the state at a path, as bytes with their layout.
    pub(crate) fn find(&self, path: &str) -> Option<Value<'_>> {
        self.value().at(path)
    }

    /// Returns the whole state.
    pub(crate) fn value(&self) -> Value<'_> {
        Value::whole(&self.parts.layout, &self.parts.state)
            .expect("a snapshot's state is as long as its layout: `from_parts`")
    }

    #[doc(hidden)]
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Builds a snapshot from parts that were committed or read.
    ///
    /// # Errors
    /// Names the part whose length does not match its layout.
    #[doc(hidden)]
    pub fn from_parts(parts: Parts) -> Result<Self, String> {
        let fits = |what: &str, found: usize, wanted: Option<usize>| {
            let fits = wanted == Some(found);
            let wanted = wanted.map_or("an impossible number".to_owned(), |it| it.to_string());
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

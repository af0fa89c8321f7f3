//! The picture that the owner holds and shows: the last good frame, with or without the overlay.

use super::Owner;
use crate::app::App;
use crate::input::WindowInput;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The last good frame; never empty.
///
/// ```no_run
/// # use hot_reload::{App, Owner};
/// # fn paint(_: &[u32], _: usize, _: usize) {}
/// # fn show<Demo: App>(owner: &Owner<Demo>) {
/// let picture = owner.picture();
/// // A window that keeps its content is painted only when there is something new.
/// if picture.is_fresh() {
///     paint(picture.pixels(), picture.width(), picture.height());
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Picture<'o> {
    shown: &'o Shown,
    pixels: &'o [u32],
}

impl<A: App> Owner<A> {
    /// Returns the number of the last tick; [`Picture::tick`] is the one that the picture answers.
    /// Ticks are counted from the moment the first generation takes one: until then, every tick is
    /// the first.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.assembler.tick()
    }
}

impl<'o> Picture<'o> {
    pub(crate) fn new(shown: &'o Shown, pixels: &'o [u32]) -> Self {
        Picture { shown, pixels }
    }

    /// Returns the pixels, 0RGB, row by row without gaps.
    #[must_use]
    pub fn pixels(&self) -> &'o [u32] {
        self.shown.asked.get_or_init(Instant::now);
        self.pixels
    }

    /// Returns the pixels of the last good frame, without the overlay.
    #[must_use]
    pub fn frame(&self) -> &'o [u32] {
        self.shown.asked.get_or_init(Instant::now);
        &self.shown.pixels
    }

    /// Returns whether the overlay covers part of the frame.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.shown.covered
    }

    /// Returns the width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shown.width as usize
    }

    /// Returns the height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.shown.height as usize
    }

    /// Returns the tick that the frame answers; 0 before the first.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.shown.tick
    }

    /// Returns the generation that has drawn it; 0 before the first.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.shown.generation
    }

    /// Returns whether the window should show the picture in this turn: the picture is new, the
    /// window has been resized or has just got the keyboard focus, or half a second has passed (X11
    /// does not keep what was covered). Unrelated to [`Frame::fresh`](crate::Frame::fresh).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.shown.fresh
    }
}

/// Memory of the picture, and when it was last to be presented.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) pixels: Vec<u32>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) tick: u64,
    pub(crate) generation: u32,
    /// Time at which the first frame of that generation was taken.
    taken: Option<Instant>,
    /// Time at which the application first asked for its pixels.
    asked: OnceLock<Instant>,
    /// Set if a frame was taken since the end of the last turn. The last frame of a replaced
    /// generation is taken before the turn takes its own.
    pub(crate) unseen: bool,
    /// Set while the overlay is shown over it.
    pub(crate) covered: bool,
    fresh: bool,
    window: (u32, u32),
    focused: bool,
    presented: Option<Instant>,
}

impl Shown {
    const AGAIN: Duration = Duration::from_millis(500);
    /// A dark color, so that a window does not flash before the first frame.
    const BEFORE: u32 = 0x0010_1418;

    pub(crate) fn new((width, height): (u32, u32)) -> Self {
        Shown {
            pixels: vec![Self::BEFORE; width as usize * height as usize],
            width,
            height,
            tick: 0,
            generation: 0,
            taken: None,
            asked: OnceLock::new(),
            unseen: false,
            covered: false,
            fresh: true,
            window: (0, 0),
            focused: false,
            presented: None,
        }
    }

    /// Records the generation whose frame was taken.
    pub(crate) fn drawn_by(&mut self, generation: u32) {
        if self.generation != generation {
            self.generation = generation;
            (self.taken, self.asked) = (Some(Instant::now()), OnceLock::new());
        }
    }

    /// Returns the generation that has drawn the picture, the time its first frame was taken, and
    /// the time the application asked for its pixels.
    pub(crate) fn seen(&self) -> Option<(u32, Instant, Option<Instant>)> {
        Some((self.generation, self.taken?, self.asked.get().copied()))
    }

    /// Returns whether there was a frame.
    pub(crate) fn is_drawn(&self) -> bool {
        self.generation > 0
    }

    /// Returns the time at which the application first asked for the pixels.
    pub(crate) fn asked(&self) -> Option<Instant> {
        self.asked.get().copied()
    }

    /// Records that the application has asked for a picture that contains this one.
    pub(crate) fn was_asked(&self, at: Instant) {
        if self.taken.is_some_and(|taken| taken <= at) {
            self.asked.get_or_init(|| at);
        }
    }

    /// Returns whether this is the same picture as `other`.
    pub(crate) fn is_of(&self, other: &Shown) -> bool {
        (self.tick, self.generation) == (other.tick, other.generation)
    }

    /// Takes over everything of `other` except its pixels.
    pub(crate) fn follow(&mut self, other: &Shown) {
        (self.width, self.height) = (other.width, other.height);
        (self.tick, self.generation) = (other.tick, other.generation);
        self.asked = OnceLock::new();
    }

    /// Decides whether this turn should present the picture.
    pub(crate) fn turn(&mut self, new: bool, window: &WindowInput, now: Instant) {
        let forgotten = self.presented.is_none_or(|last| now.duration_since(last) >= Self::AGAIN);
        let resized = self.window != window.size;
        let uncovered = window.focused && !self.focused;
        self.fresh = new || resized || uncovered || forgotten;
        (self.window, self.focused) = (window.size, window.focused);
        if self.fresh {
            self.presented = Some(now);
        }
    }
}

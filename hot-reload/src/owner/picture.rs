//! What the owner holds and shows: the last good frame, and perhaps the overlay over it.

use super::Owner;
use crate::app::App;
use crate::input::WindowInput;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The last good frame; never empty.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'o> {
    shown: &'o Shown,
    pixels: &'o [u32],
}

impl<A: App> Owner<A> {
    /// The number of the last tick; [`Picture::tick`] is the one that the picture answers. Ticks count from the moment
    /// that the first generation takes one: until then, the last tick is the first.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.assembler.tick()
    }
}

impl<'o> Picture<'o> {
    pub(crate) fn new(shown: &'o Shown, pixels: &'o [u32]) -> Self {
        Picture { shown, pixels }
    }

    /// The pixels, 0RGB, row by row without gaps.
    #[must_use]
    pub fn pixels(&self) -> &'o [u32] {
        self.shown.asked.get_or_init(Instant::now);
        self.pixels
    }

    /// The pixels of the last good frame itself, without the overlay.
    #[must_use]
    pub fn frame(&self) -> &'o [u32] {
        self.shown.asked.get_or_init(Instant::now);
        &self.shown.pixels
    }

    /// Whether the overlay says something over the frame.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.shown.covered
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shown.width as usize
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.shown.height as usize
    }

    /// The tick that the frame answers; 0 before the first.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.shown.tick
    }

    /// The generation that has drawn it; 0 before the first.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.shown.generation
    }

    /// Whether the window should be given the picture in this turn: it is new, the window has
    /// another size or has just got the keyboard, or half a second has passed (X11 forgets what
    /// was covered).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.shown.fresh
    }
}

/// The picture's memory, and when it was last to be presented.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) pixels: Vec<u32>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) tick: u64,
    pub(crate) generation: u32,
    /// When the first frame of that generation was taken.
    taken: Option<Instant>,
    /// When the application asked for its pixels first.
    asked: OnceLock<Instant>,
    /// A frame was taken since the last turn's end: the last one of a generation that is followed by
    /// another is taken before the turn's own.
    pub(crate) unseen: bool,
    /// The overlay is shown over it.
    pub(crate) covered: bool,
    fresh: bool,
    window: (u32, u32),
    focused: bool,
    presented: Option<Instant>,
}

impl Shown {
    const AGAIN: Duration = Duration::from_millis(500);
    /// Dark, so that a window does not flash before the first frame.
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

    /// A frame was taken: whose it is.
    pub(crate) fn drawn_by(&mut self, generation: u32) {
        if self.generation != generation {
            self.generation = generation;
            (self.taken, self.asked) = (Some(Instant::now()), OnceLock::new());
        }
    }

    /// The generation that has drawn the picture, when its first frame was taken, and when the
    /// application asked for its pixels.
    pub(crate) fn seen(&self) -> Option<(u32, Instant, Option<Instant>)> {
        Some((self.generation, self.taken?, self.asked.get().copied()))
    }

    /// Whether there was a frame.
    pub(crate) fn is_drawn(&self) -> bool {
        self.generation > 0
    }

    /// When the application asked for the pixels first.
    pub(crate) fn asked(&self) -> Option<Instant> {
        self.asked.get().copied()
    }

    /// The application has asked for a picture that this one is a part of.
    pub(crate) fn was_asked(&self, at: Instant) {
        if self.taken.is_some_and(|taken| taken <= at) {
            self.asked.get_or_init(|| at);
        }
    }

    /// Whether this is that picture.
    pub(crate) fn is_of(&self, other: &Shown) -> bool {
        (self.tick, self.generation) == (other.tick, other.generation)
    }

    /// This picture is that one by now, but for its pixels.
    pub(crate) fn follow(&mut self, other: &Shown) {
        (self.width, self.height) = (other.width, other.height);
        (self.tick, self.generation) = (other.tick, other.generation);
        self.asked = OnceLock::new();
    }

    /// Decides whether this turn is one to present in.
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

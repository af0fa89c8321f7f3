//! Replacement for `images` without the feature `terminal-images`: no terminal shows images.

use super::content::{Cells, Content, Placement};
use super::screen::Screen;

/// An uninhabited type: images are never available.
#[derive(Debug, Clone)]
pub(super) enum Images {}

impl Images {
    pub(super) fn ask() -> Option<Self> {
        None
    }

    pub(super) fn cells(&self) -> Cells {
        match *self {}
    }

    pub(super) fn draw(&self, _: &mut Screen, _: &Content, _: Placement) {
        match *self {}
    }
}

//! A small note in a corner, which does not dim the picture.

use super::font::Face;
use super::moment::{Corner, Remark};
use super::palette::{RULE, TEXT};
use super::surface::{Area, Surface};
use super::text::{Style, Text};
use super::wrap::{Row, cut, wrap};

/// Numbers of columns and rows of the largest note.
const WIDEST: usize = 60;
const MOST_ROWS: usize = 6;
/// Number of columns of a note with a bar. It is fixed so that the note does not change size while
/// names change.
const WITH_BAR: usize = 28;

/// A remark as letters.
#[derive(Default)]
pub(super) struct Toast {
    remark: Remark,
    text: Text,
}

impl Toast {
    pub(super) fn is_empty(&self) -> bool {
        self.remark.words.is_empty()
    }

    /// Replaces the remark, which may be empty, and returns whether that changes anything.
    pub(super) fn say(&mut self, remark: &Remark) -> bool {
        if self.remark == *remark || (self.is_empty() && remark.words.is_empty()) {
            return false;
        }
        self.remark.clone_from(remark);
        self.text.clear();
        self.text.add(&remark.words, Style::plain(TEXT));
        true
    }

    /// Draws the note into its corner of the rows above the strip.
    pub(super) fn draw(&self, corner: Corner, height: usize, surface: &mut Surface, face: &Face) {
        if self.is_empty() {
            return;
        }
        let ((width, _), (across, down), factor) = (surface.size(), face.cell(), face.factor());
        let (pad, margin, strip) = (across, across, 3 * factor);
        let room = width.saturating_sub(2 * margin + 2 * pad + strip) / across;
        let rows = self.rows(room);
        let columns = match self.remark.bar {
            Some(_) => room.min(WITH_BAR),
            None => rows.iter().map(Row::columns).max().unwrap_or(0),
        };
        // A bar is drawn in its own space below the first line.
        let bar = if self.remark.bar.is_some() { down / 2 } else { 0 };
        let size = (strip + 2 * pad + columns * across, rows.len() * face.line() + bar + pad);
        let (right, bottom) = (corner == Corner::TopRight, corner == Corner::BottomLeft);
        let at = |far: bool, side: usize, own: usize| {
            if far { side.saturating_sub(own + margin) } else { margin }
        };
        let (x, y) = (at(right, width, size.0), at(bottom, height, size.1));
        let area = Area { x, y, width: size.0, height: size.1 };
        surface.shade(area);
        surface.fill(Area { width: strip, ..area }, self.remark.accent);

        let (x, mut y) = (area.x + strip + pad, area.y + pad / 2 + (face.line() - down) / 2);
        for (number, row) in rows.iter().enumerate() {
            let letters = self.text.letters()[row.letters.clone()].iter().copied();
            surface.write((x + row.indent * across, y), letters, face);
            y += face.line();
            if number == 0 {
                let lane = Area { x, y, width: columns * across, height: (bar / 2).max(1) };
                self.draw_bar(lane, surface);
                y += bar;
            }
        }
    }

    fn rows(&self, room: usize) -> Vec<Row> {
        let mut rows = match self.remark.bar {
            Some(_) => cut(&self.text, room.min(WITH_BAR)),
            None => wrap(&self.text, room.min(WIDEST)),
        };
        rows.truncate(MOST_ROWS);
        rows
    }

    fn draw_bar(&self, lane: Area, surface: &mut Surface) {
        if let Some((done, total)) = self.remark.bar {
            surface.fill(lane, RULE);
            let done = lane.width * done as usize / (total as usize).max(1);
            surface.fill(Area { width: done.min(lane.width), ..lane }, self.remark.accent);
        }
    }
}

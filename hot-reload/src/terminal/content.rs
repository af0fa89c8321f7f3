//! The content of the screen, and the units of its cells.

use super::screen::Area;

/// Number of canvas pixels per character, in each direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Cells {
    /// Returns the cells of the canvas. Where the terminal shows images, they have the size of its
    /// `font`. Elsewhere each half of a character is the mean of a square of pixels. The square is
    /// chosen so that the canvas does not exceed `wanted`, but has a side of at least one pixel.
    pub(super) fn of_canvas(font: Option<Self>, wanted: (u32, u32), size: (u16, u16)) -> Self {
        if let Some(font) = font {
            return font;
        }
        let halves = (u32::from(size.0.max(1)), 2 * u32::from(size.1.max(1)));
        let side = (wanted.0 / halves.0).min(wanted.1 / halves.1).max(1);
        Cells { width: side, height: 2 * side }
    }

    /// Returns the number of pixels of this many columns and rows.
    pub(super) fn pixels(&self, (columns, rows): (u16, u16)) -> (u32, u32) {
        (u32::from(columns.max(1)) * self.width, u32::from(rows.max(1)) * self.height)
    }

    /// Returns the middle of a character in pixels.
    pub(super) fn middle(&self, column: u16, row: u16) -> (f32, f32) {
        #[expect(clippy::cast_precision_loss, reason = "the pixels of a character")]
        let middle = |cell: u16, pixels: u32| (f32::from(cell) + 0.5) * pixels as f32;
        (middle(column, self.width), middle(row, self.height))
    }
}

/// Content of the screen.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// True if the content has changed since it was painted.
    pub(super) fresh: bool,
    /// Pixels as 0RGB, row by row.
    pub(super) pixels: Vec<u32>,
    pub(super) size: (usize, usize),
    /// Description of the problem, shown below the picture.
    pub(super) problem: Option<String>,
    /// Lines at the bottom.
    pub(super) notes: Vec<String>,
    /// Area of the picture when it was last painted; `None` if it filled the screen.
    pub(super) shrunk: Option<Area>,
}

/// Position of the picture in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placement {
    /// Area of the whole picture.
    pub(super) picture: Area,
    /// Upper part of that area, which is visible.
    pub(super) seen: Area,
}

impl Placement {
    /// Places the picture. It shrinks to make room for a problem, which stays for long; a note just
    /// covers its lower edge.
    pub(super) fn new(area: Area, above: Area, problem: bool) -> Self {
        if !problem || above.is_empty() {
            return Placement { picture: area, seen: above };
        }
        let width = u32::from(area.width) * u32::from(above.height) / u32::from(area.height.max(1));
        let width = u16::try_from(width).unwrap_or(above.width).clamp(1, above.width);
        let shrunk = Area { x: above.x + (above.width - width) / 2, width, ..above };
        Placement { picture: shrunk, seen: shrunk }
    }
}

/// Scales the picture: each pixel is the mean of those that fall onto it.
pub(super) fn scaled(content: &Content, (width, height): (usize, usize)) -> Vec<u32> {
    let (wide, high) = content.size;
    if (wide, high) == (width, height) {
        return content.pixels.clone();
    }
    let span = |index: usize, of: usize, from: usize| {
        let begin = index * from / of;
        begin..((index + 1) * from / of).max(begin + 1).min(from)
    };
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let rows = span(y, height, high);
        for x in 0..width {
            let columns = span(x, width, wide);
            let (mut sums, mut count) = ([0_u32; 4], 0);
            for row in rows.clone() {
                for pixel in &content.pixels[row * wide + columns.start..row * wide + columns.end] {
                    let parts = pixel.to_be_bytes();
                    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += u32::from(part));
                    count += 1;
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "the mean of bytes")]
            pixels.push(u32::from_be_bytes(sums.map(|sum| (sum / count) as u8)));
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canvas_is_as_large_as_wanted_but_for_whole_squares() {
        let table = [
            ((800, 600), (100, 30), (800, 480)),
            ((800, 600), (80, 24), (800, 480)),
            ((800, 600), (200, 20), (800, 160)),
            ((10, 10), (80, 24), (80, 48)),
            ((0, 0), (0, 0), (1, 2)),
        ];
        for (wanted, size, pixels) in table {
            assert_eq!(
                Cells::of_canvas(None, wanted, size).pixels(size),
                pixels,
                "{wanted:?} {size:?}"
            );
        }
    }
}

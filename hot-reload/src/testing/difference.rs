//! The difference between two pictures of the same size, in words and as a picture.

use std::fmt;

/// The pixels that differ.
pub(super) struct Difference {
    count: usize,
    total: usize,
    /// Smallest rectangle that contains them, as first column and row, and last column and row.
    first: (usize, usize),
    last: (usize, usize),
    /// Colors of the first of them, row by row.
    at: (usize, usize),
    expected: u32,
    drawn: u32,
}

/// Returns the color of a pixel, whose uppermost byte has no meaning.
fn color(pixel: u32) -> u32 {
    pixel & 0xff_ff_ff
}

impl Difference {
    /// Compares two pictures; returns `None` if they are equal.
    pub(super) fn between(
        (width, _): (usize, usize),
        expected: &[u32],
        drawn: &[u32],
    ) -> Option<Self> {
        let pairs = expected.iter().zip(drawn).map(|(one, other)| (color(*one), color(*other)));
        let mut differing = pairs
            .enumerate()
            .filter(|(_, (expected, drawn))| expected != drawn)
            .map(|(index, colors)| ((index % width, index / width), colors));
        let (at, (expected_color, drawn_color)) = differing.next()?;
        let mut difference = Difference {
            count: 1,
            total: expected.len(),
            first: at,
            last: at,
            at,
            expected: expected_color,
            drawn: drawn_color,
        };
        for ((x, y), _) in differing {
            difference.count += 1;
            let Difference { first, last, .. } = &mut difference;
            *first = (first.0.min(x), first.1.min(y));
            *last = (last.0.max(x), last.1.max(y));
        }
        Some(difference)
    }

    /// Draws expected picture, drawn picture and difference side by side. In the difference, equal
    /// pixels are dark, others are red, and a frame is drawn around them. Small pictures are enlarged.
    pub(super) fn picture(
        &self,
        (width, height): (usize, usize),
        expected: &[u32],
        drawn: &[u32],
    ) -> ((usize, usize), Vec<u32>) {
        /// Width up to which a picture is enlarged.
        const READABLE: usize = 240;
        const GAP: usize = 8;
        const BETWEEN: u32 = 0x40_40_40;
        const DIFFERENT: u32 = 0xff_30_40;
        let scale = (READABLE / width.max(1)).max(1);
        let (panel, rows) = (width * scale, height * scale);
        let whole = (3 * panel + 2 * GAP, rows);
        let mut pixels = vec![BETWEEN; whole.0 * whole.1];
        for (number, row) in pixels.chunks_exact_mut(whole.0).enumerate() {
            for x in 0..panel {
                let index = number / scale * width + x / scale;
                let (expected, drawn) = (color(expected[index]), color(drawn[index]));
                row[x] = expected;
                row[x + panel + GAP] = drawn;
                row[x + 2 * (panel + GAP)] =
                    if expected == drawn { darkened(expected) } else { DIFFERENT };
            }
        }
        self.draw_frame(&mut pixels, whole, 2 * (panel + GAP), scale);
        (whole, pixels)
    }

    /// Draws a frame around the differing pixels, in the panel that begins at a column.
    fn draw_frame(&self, pixels: &mut [u32], whole: (usize, usize), start: usize, scale: usize) {
        const FRAME: u32 = 0xff_d0_00;
        const DISTANCE: usize = 3;
        let left = start + (self.first.0 * scale).saturating_sub(DISTANCE);
        let right = (start + (self.last.0 + 1) * scale + DISTANCE).min(whole.0) - 1;
        let top = (self.first.1 * scale).saturating_sub(DISTANCE);
        let bottom = ((self.last.1 + 1) * scale + DISTANCE).min(whole.1) - 1;
        for x in left..=right {
            for y in [top, bottom] {
                pixels[y * whole.0 + x] = FRAME;
            }
        }
        for y in top..=bottom {
            for x in [left, right] {
                pixels[y * whole.0 + x] = FRAME;
            }
        }
    }
}

/// Returns a dark gray of the same brightness order.
fn darkened(color: u32) -> u32 {
    let [_, red, green, blue] = color.to_be_bytes();
    let gray = (u32::from(red) + 2 * u32::from(green) + u32::from(blue)) / 16;
    gray << 16 | gray << 8 | gray
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { count, total, first, last, at, expected, drawn } = self;
        write!(f, "{count} of {total} pixels, ")?;
        if *count > 1 {
            let (width, height) = (last.0 - first.0 + 1, last.1 - first.1 + 1);
            write!(f, "in {width} × {height} at {}, {}, the first ", first.0, first.1)?;
        }
        write!(f, "at {}, {}: expected #{expected:06x}, was #{drawn:06x}", at.0, at.1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_difference_is_the_rectangle_around_it_and_its_first_pixel() {
        let expected = [0_u32; 80];
        let mut drawn = expected;
        assert!(Difference::between((10, 8), &expected, &drawn).is_none());
        drawn[0] = 0xff_00_00_00;
        assert!(Difference::between((10, 8), &expected, &drawn).is_none(), "not of the color");
        (drawn[24], drawn[57], drawn[33]) = (1, 2, 3);
        let difference = Difference::between((10, 8), &expected, &drawn).unwrap();
        let told =
            "3 of 80 pixels, in 5 × 4 at 3, 2, the first at 4, 2: expected #000000, was #000001";
        assert_eq!(difference.to_string(), told);
        let ((width, height), pixels) = difference.picture((10, 8), &expected, &drawn);
        assert_eq!((width, height), (3 * 240 + 16, 8 * 24));
        let (x, y) = (4 * 24 + 12, 2 * 24 + 12);
        let at = |panel: usize| pixels[y * width + panel * 248 + x];
        assert_eq!([at(0), at(1), at(2)], [0, 1, 0xff_30_40]);
        let frame = pixels.iter().filter(|pixel| **pixel == 0xff_d0_00).count();
        assert_eq!(frame, 2 * (5 * 24 + 6 + 4 * 24 + 6) - 4, "the frame's pixels");
    }
}

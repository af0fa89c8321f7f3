//! The composed pixels: copies and dims the picture, and draws areas and letters over it.
//!
//! Everything is clipped at the edges, so that layout code need not be exact for tiny pictures.

use super::font::Face;
use super::text::Letter;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Area {
    /// Returns the area that remains after removing these amounts from each side.
    pub(super) fn inset(self, (across, down): (usize, usize)) -> Area {
        let (across, down) = (across.min(self.width / 2), down.min(self.height / 2));
        Area {
            x: self.x + across,
            y: self.y + down,
            width: self.width - 2 * across,
            height: self.height - 2 * down,
        }
    }
}

/// The picture and the drawing over it.
#[derive(Default)]
pub(super) struct Surface {
    pixels: Vec<u32>,
    width: usize,
    height: usize,
}

impl Surface {
    pub(super) fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Copies the picture unchanged.
    pub(super) fn copy(&mut self, picture: &[u32], size: (usize, usize)) {
        self.resize(size);
        self.pixels.copy_from_slice(picture);
    }

    /// Copies the picture at a quarter of its brightness, and even darker under the panel, so that
    /// text is readable over anything that moves there.
    pub(super) fn dim(&mut self, picture: &[u32], size: (usize, usize), panel: Area) {
        self.resize(size);
        let rows = self.pixels.chunks_exact_mut(self.width).zip(picture.chunks_exact(self.width));
        for (y, (to, from)) in rows.enumerate() {
            let beside = !(panel.y..panel.y + panel.height).contains(&y);
            let (start, end) = if beside { (0, 0) } else { (panel.x, panel.x + panel.width) };
            map(&mut to[..start], &from[..start], dimmed);
            map(&mut to[start..end], &from[start..end], shaded);
            map(&mut to[end..], &from[end..], dimmed);
        }
    }

    /// Darkens an area so that text on it is readable.
    pub(super) fn shade(&mut self, area: Area) {
        self.rows(area, |row| {
            for pixel in row {
                *pixel = first(shaded(u64::from(*pixel)));
            }
        });
    }

    pub(super) fn fill(&mut self, area: Area, color: u32) {
        self.rows(area, |row| row.fill(color));
    }

    /// Draws lines along the inside of an area's edges.
    pub(super) fn frame(&mut self, area: Area, thickness: usize, color: u32) {
        let Area { x, y, width, height } = area;
        let (right, bottom) = (width.saturating_sub(thickness), height.saturating_sub(thickness));
        self.fill(Area { height: thickness.min(height), ..area }, color);
        self.fill(Area { y: y + bottom, height: height - bottom, ..area }, color);
        self.fill(Area { width: thickness.min(width), ..area }, color);
        self.fill(Area { x: x + right, width: width - right, ..area }, color);
    }

    /// Writes letters from left to right; `x` and `y` are the first cell's top left corner.
    pub(super) fn write(
        &mut self,
        (mut x, y): (usize, usize),
        letters: impl IntoIterator<Item = Letter>,
        face: &Face,
    ) {
        for letter in letters {
            if letter.code != b' ' {
                self.letter((x, y), letter, face);
            }
            x += face.cell().0;
        }
    }

    fn letter(&mut self, (x, y): (usize, usize), letter: Letter, face: &Face) {
        let factor = face.factor();
        for (row, &bits) in face.glyph(letter).iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let start = bits.trailing_zeros();
                let run = (bits >> start).trailing_ones();
                bits &= bits.checked_shr(start + run).unwrap_or(0).wrapping_shl(start + run);
                let area = Area {
                    x: x + start as usize * factor,
                    y: y + row * factor,
                    width: run as usize * factor,
                    height: factor,
                };
                self.fill(area, letter.style.color);
            }
        }
    }

    fn rows(&mut self, area: Area, mut each: impl FnMut(&mut [u32])) {
        let (left, right) = (area.x.min(self.width), (area.x + area.width).min(self.width));
        for y in area.y..(area.y + area.height).min(self.height) {
            each(&mut self.pixels[y * self.width..][left..right]);
        }
    }

    fn resize(&mut self, (width, height): (usize, usize)) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height, 0);
    }
}

/// Maps pixels two at a time, without iterators: in an unoptimised build, which is the usual one of
/// an owner, that takes a third of the time.
fn map(to: &mut [u32], from: &[u32], each: impl Fn(u64) -> u64) {
    let (pairs, last) = to.as_chunks_mut::<2>();
    let (others, other) = from.as_chunks::<2>();
    let mut index = 0;
    while index < pairs.len() {
        let [one, two] = others[index];
        let pair = each(one as u64 | (two as u64) << 32);
        pairs[index] = [first(pair), first(pair >> 32)];
        index += 1;
    }
    if let ([last], [other]) = (last, other) {
        *last = first(each(u64::from(*other)));
    }
}

/// Returns the first pixel of a pair.
#[expect(clippy::cast_possible_truncation, reason = "the other pixel is dropped")]
fn first(pair: u64) -> u32 {
    pair as u32
}

/// Returns a quarter of each channel of two pixels. The mask clears the bits shifted in from the
/// channel above.
fn dimmed(pair: u64) -> u64 {
    (pair >> 2) & 0x003f_3f3f_003f_3f3f
}

/// Returns a sixteenth of each channel of two pixels over a dark ground, so that movement is just
/// visible.
fn shaded(pair: u64) -> u64 {
    ((pair >> 4) & 0x000f_0f0f_000f_0f0f) + 0x0011_151b_0011_151b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_do_not_leak_into_each_other() {
        for (each, table) in [
            (dimmed as fn(u64) -> u64, [(0xffff_ffff, 0x003f_3f3f), (0x0003_0303, 0)]),
            (shaded, [(0xffff_ffff, 0x0020_242a), (0x0003_0303, 0x0011_151b)]),
        ] {
            for (pixel, wanted) in table {
                for length in 1..6 {
                    // Neighbours of the opposite kind would show a leak.
                    let from = (0..length).map(|at| if at % 2 == 0 { pixel } else { !pixel });
                    let from = from.collect::<Vec<_>>();
                    let mut to = vec![0; length];
                    map(&mut to, &from, each);
                    let evens = to.iter().step_by(2).all(|pixel| *pixel == wanted);
                    assert!(evens, "{length} pixels of {pixel:08x}: {to:08x?}");
                }
            }
        }
    }

    #[test]
    fn areas_beyond_the_edges_are_cut() {
        let mut surface = Surface::default();
        surface.copy(&[0; 6], (3, 2));
        surface.fill(Area { x: 2, y: 1, width: 9, height: 9 }, 7);
        surface.fill(Area { x: 9, y: 0, width: 1, height: 1 }, 8);
        assert_eq!(surface.pixels(), [0, 0, 0, 0, 0, 7]);
    }
}

//! The canvas, on which a renderer draws one frame.

#[cfg(feature = "embedded-graphics")]
mod draw_target;

use hot_reload_pod::Full;

/// The pixels that a renderer draws.
///
/// They are 0RGB, row by row: red in bits 16 to 23, green in 8 to 15, blue in 0 to 7. The top byte
/// is ignored, except in the upper layers of an application of several parts
/// ([`OwnerBuilder::module`](crate::OwnerBuilder::module)), where it is alpha, from 0 (transparent)
/// to `0xff`.
///
/// When a frame begins, the canvas contains some earlier frame, or black. Draw every pixel, or
/// [`fill`](Self::fill) it first, unless the owner was built with
/// [`keep_canvas`](crate::OwnerBuilder::keep_canvas), which keeps the contents from tick to tick
/// and across a reload.
#[derive(Debug)]
pub struct Canvas<'f> {
    pixels: &'f mut [u32],
    width: usize,
    height: usize,
    unchanged: &'f mut bool,
    /// Top byte that shapes and text set: full alpha in a layer, otherwise 0.
    #[cfg_attr(not(feature = "embedded-graphics"), expect(dead_code, reason = "for shapes"))]
    opaque: u32,
}

impl<'f> Canvas<'f> {
    pub(crate) fn new(
        pixels: &'f mut [u32],
        (width, height): (u32, u32),
        unchanged: &'f mut bool,
    ) -> Self {
        let (width, height) = (width as usize, height as usize);
        assert_eq!(pixels.len(), width * height);
        Canvas { pixels, width, height, unchanged, opaque: 0 }
    }

    /// Marks the canvas as a layer's.
    pub(crate) fn of_layer(self, layer: bool) -> Self {
        Canvas { opaque: if layer { 0xff00_0000 } else { 0 }, ..self }
    }

    /// Returns pixels, width and height together, for code that indexes by them: the borrow checker
    /// rejects `canvas.pixels()[y * canvas.width() + x]`.
    ///
    /// ```
    /// # fn draw(mut canvas: hot_reload::Canvas<'_>) {
    /// let (pixels, width, height) = canvas.parts();
    /// for y in 0..height {
    ///     for x in 0..width {
    ///         pixels[y * width + x] = ((x ^ y) as u32 & 0xff) << 8;
    ///     }
    /// }
    /// # }
    /// ```
    pub fn parts(&mut self) -> (&mut [u32], usize, usize) {
        (self.pixels, self.width, self.height)
    }

    /// Returns the width in pixels; 0 without a canvas.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the height in pixels; 0 without a canvas.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns all pixels.
    pub fn pixels(&mut self) -> &mut [u32] {
        self.pixels
    }

    /// Returns the rows, from the top.
    pub fn rows(&mut self) -> std::slice::ChunksExactMut<'_, u32> {
        self.pixels.chunks_exact_mut(self.width.max(1))
    }

    /// Fills the canvas with a color.
    pub fn fill(&mut self, color: u32) {
        self.pixels.fill(color);
    }

    /// Sets a pixel. Does nothing outside of the canvas.
    pub fn set(&mut self, x: usize, y: usize, color: u32) {
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] = color;
        }
    }

    /// Copies a picture of 0RGB pixels, `width` per row, with its top left corner at (`x`, `y`).
    /// Parts outside of the canvas are left out.
    ///
    /// # Errors
    /// Returns the slice, in `Full`, if `width` is 0 or the slice is not a whole number of rows.
    pub fn blit<'a>(
        &mut self,
        x: isize,
        y: isize,
        width: usize,
        picture: &'a [u32],
    ) -> Result<(), Full<&'a [u32]>> {
        self.blit_rows(x, y, width, picture, 1, |to, from| to.copy_from_slice(from))
    }

    /// Draws a picture of RGBA8 bytes, `width` pixels per row, with its top left corner at (`x`,
    /// `y`), blended by its alpha.
    ///
    /// # Errors
    /// Returns the slice, in `Full`, if `width` is 0 or the slice is not a whole number of rows.
    pub fn blit_rgba<'a>(
        &mut self,
        x: isize,
        y: isize,
        width: usize,
        picture: &'a [u8],
    ) -> Result<(), Full<&'a [u8]>> {
        self.blit_rows(x, y, width, picture, 4, |to, from| {
            for (to, rgba) in to.iter_mut().zip(from.chunks_exact(4)) {
                *to = over(*to, [rgba[0], rgba[1], rgba[2], rgba[3]]);
            }
        })
    }

    /// Passes the visible part of each row to `copy`; `depth` elements make a pixel.
    fn blit_rows<'a, T>(
        &mut self,
        x: isize,
        y: isize,
        width: usize,
        picture: &'a [T],
        depth: usize,
        copy: impl Fn(&mut [u32], &[T]),
    ) -> Result<(), Full<&'a [T]>> {
        if width == 0 || !picture.len().is_multiple_of(width * depth) {
            return if picture.is_empty() { Ok(()) } else { Err(Full(picture)) };
        }
        let skip = x.min(0).unsigned_abs().min(width);
        let left = usize::try_from(x).unwrap_or(0).min(self.width);
        let visible = (width - skip).min(self.width - left);
        for (row, from) in picture.chunks_exact(width * depth).enumerate() {
            let Some(row) = isize::try_from(row).ok().and_then(|row| y.checked_add(row)) else {
                break;
            };
            let Ok(row) = usize::try_from(row) else {
                continue;
            };
            if row >= self.height {
                break;
            }
            let start = row * self.width + left;
            let to = &mut self.pixels[start..start + visible];
            copy(to, &from[skip * depth..(skip + visible) * depth]);
        }
        Ok(())
    }

    /// Declares the frame unchanged: everything drawn to this canvas is dropped, and the window
    /// keeps its picture.
    pub fn unchanged(&mut self) {
        *self.unchanged = true;
    }
}

/// Blends one pixel over another; alpha is not premultiplied.
pub(crate) fn over(below: u32, [red, green, blue, alpha]: [u8; 4]) -> u32 {
    let alpha = u32::from(alpha);
    let mix = |above: u8, shift: u32| {
        let below = below >> shift & 0xff;
        ((u32::from(above) * alpha + below * (255 - alpha) + 127) / 255) << shift
    };
    mix(red, 16) | mix(green, 8) | mix(blue, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(draw: impl FnOnce(&mut Canvas<'_>)) -> [[u32; 4]; 3] {
        let (mut pixels, mut unchanged) = ([0; 12], false);
        draw(&mut Canvas::new(&mut pixels, (4, 3), &mut unchanged));
        std::array::from_fn(|row| std::array::from_fn(|column| pixels[row * 4 + column]))
    }

    #[test]
    fn set_outside_of_the_canvas_does_nothing() {
        let picture = drawn(|canvas| {
            canvas.set(3, 2, 7);
            canvas.set(4, 0, 8);
            canvas.set(0, 3, 9);
        });
        assert_eq!(picture, [[0; 4], [0; 4], [0, 0, 0, 7]]);
    }

    #[test]
    fn a_blit_is_cut_at_the_edges() {
        let picture = [1, 2, 3, 4, 5, 6];
        let cases: [(isize, isize, [[u32; 4]; 3]); 6] = [
            (0, 0, [[1, 2, 3, 0], [4, 5, 6, 0], [0; 4]]),
            (-1, -1, [[5, 6, 0, 0], [0; 4], [0; 4]]),
            (2, 2, [[0; 4], [0; 4], [0, 0, 1, 2]]),
            (4, 0, [[0; 4]; 3]),
            (-3, 0, [[0; 4]; 3]),
            (isize::MIN, isize::MAX, [[0; 4]; 3]),
        ];
        for (x, y, expected) in cases {
            let drawn = drawn(|canvas| canvas.blit(x, y, 3, &picture).unwrap());
            assert_eq!(drawn, expected, "at ({x}, {y})");
        }
    }

    #[test]
    fn a_picture_of_no_whole_rows_is_refused() {
        drawn(|canvas| {
            assert!(canvas.blit(0, 0, 4, &[0; 6]).is_err());
            assert!(canvas.blit(0, 0, 0, &[0; 6]).is_err());
            assert!(canvas.blit_rgba(0, 0, 2, &[0; 9]).is_err());
        });
    }

    #[test]
    fn rgba_is_drawn_by_its_alpha() {
        let picture = [255, 0, 0, 255, 0, 255, 0, 0, 255, 255, 255, 128];
        let drawn = drawn(|canvas| {
            canvas.fill(0x0000_00ff);
            canvas.blit_rgba(0, 0, 3, &picture).unwrap();
        });
        assert_eq!(drawn[0], [0x00ff_0000, 0x0000_00ff, 0x0080_80ff, 0x0000_00ff]);
    }
}

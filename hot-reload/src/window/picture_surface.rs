//! A winit window's pixels, painted by softbuffer.

use crate::owner::Picture;
use softbuffer::{Context, SoftBufferError};
use std::num::NonZeroU32;
use std::sync::Arc;
use winit::window::Window;

/// The pixels of a window.
pub(super) struct PictureSurface {
    window: Arc<Window>,
    pixels: softbuffer::Surface<Arc<Window>, Arc<Window>>,
}

impl PictureSurface {
    pub(super) fn new(window: Arc<Window>) -> Result<Self, SoftBufferError> {
        let context = Context::new(window.clone())?;
        let pixels = softbuffer::Surface::new(&context, window.clone())?;
        Ok(PictureSurface { window, pixels })
    }

    /// Paints a picture over the whole window.
    pub(super) fn paint(&mut self, picture: &Picture<'_>) -> Result<(), SoftBufferError> {
        let size = self.window.inner_size();
        let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        else {
            // A minimised window.
            return Ok(());
        };
        self.pixels.resize(width, height)?;
        let mut buffer = self.pixels.buffer_mut()?;
        scale(picture.pixels(), (picture.width(), picture.height()), &mut buffer, size.into());
        self.window.pre_present_notify();
        buffer.present()
    }
}

/// Copies a picture to a window of another size, or of the same: while the window is being resized,
/// or because the canvas has a fixed size.
fn scale(
    pixels: &[u32],
    (wide, high): (usize, usize),
    buffer: &mut [u32],
    (width, height): (u32, u32),
) {
    let (width, height) = (width as usize, height as usize);
    if (wide, high) == (width, height) {
        return buffer.copy_from_slice(pixels);
    }
    if pixels.is_empty() {
        return buffer.fill(0);
    }
    for (y, row) in buffer.chunks_exact_mut(width).enumerate() {
        let line = &pixels[y * high / height * wide..];
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = line[x * wide / width];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fills_a_window_of_any_size() {
        let picture = [1, 2, 3, 4];
        let table: [((u32, u32), &[u32]); 4] = [
            ((2, 2), &[1, 2, 3, 4]),
            ((4, 2), &[1, 1, 2, 2, 3, 3, 4, 4]),
            ((1, 1), &[1]),
            ((1, 2), &[1, 3]),
        ];
        for (size, expected) in table {
            let mut buffer = vec![9; (size.0 * size.1) as usize];
            scale(&picture, (2, 2), &mut buffer, size);
            assert_eq!(buffer, expected, "{size:?}");
        }
        let mut buffer = [9; 2];
        scale(&[], (0, 0), &mut buffer, (2, 1));
        assert_eq!(buffer, [0, 0], "before the first picture");
    }
}

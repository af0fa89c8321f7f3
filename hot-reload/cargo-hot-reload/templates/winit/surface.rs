//! A window, and the painting of pictures into it.

use hot_reload::Picture;
use softbuffer::Context;
use std::num::NonZeroU32;
use std::sync::Arc;
use winit::window::Window;

/// A window that shows pictures.
pub(crate) struct Surface {
    window: Arc<Window>,
    pixels: softbuffer::Surface<Arc<Window>, Arc<Window>>,
    title: String,
}

impl Surface {
    /// # Errors
    /// Returns the system's message if it cannot provide a surface.
    pub(crate) fn new(window: Arc<Window>) -> Result<Self, String> {
        let context = Context::new(window.clone()).map_err(|error| error.to_string())?;
        let pixels = softbuffer::Surface::new(&context, window.clone());
        let pixels = pixels.map_err(|error| error.to_string())?;
        Ok(Surface { window, pixels, title: String::new() })
    }

    pub(crate) fn window(&self) -> &Window {
        &self.window
    }

    pub(crate) fn set_title(&mut self, title: String) {
        if title != self.title {
            self.window.set_title(&title);
            self.title = title;
        }
    }

    /// Paints a picture over the whole window. If that fails, the next picture is tried.
    pub(crate) fn paint(&mut self, picture: &Picture<'_>) {
        let size = self.window.inner_size();
        let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        else {
            return; // minimised
        };
        if let Err(error) = self.try_paint(picture, width, height) {
            eprintln!("the window cannot be painted: {error}");
        }
    }

    fn try_paint(
        &mut self,
        picture: &Picture<'_>,
        width: NonZeroU32,
        height: NonZeroU32,
    ) -> Result<(), softbuffer::SoftBufferError> {
        self.pixels.resize(width, height)?;
        let mut buffer = self.pixels.buffer_mut()?;
        let (width, height) = (width.get() as usize, height.get() as usize);
        if (picture.width(), picture.height()) == (width, height) {
            buffer.copy_from_slice(picture.pixels());
        } else {
            // The window is being resized, or the canvas has a fixed size.
            for (y, row) in buffer.chunks_exact_mut(width).enumerate() {
                let line = &picture.pixels()[y * picture.height() / height * picture.width()..];
                for (x, pixel) in row.iter_mut().enumerate() {
                    *pixel = line[x * picture.width() / width];
                }
            }
        }
        self.window.pre_present_notify();
        buffer.present()
    }
}

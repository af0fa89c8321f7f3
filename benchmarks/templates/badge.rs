//! Draws a badge in the corner with `image`: creates, encodes, decodes and scales it.

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

pub(super) fn draw(pixels: &mut [u32], width: usize, tick: u64) {
    let hue = (tick % 255) as u8;
    let badge = RgbaImage::from_fn(8, 8, |x, y| Rgba([hue, (x * 32) as u8, (y * 32) as u8, 255]));
    let format = if tick.is_multiple_of(2) { ImageFormat::Png } else { ImageFormat::Bmp };
    let mut file = Cursor::new(Vec::new());
    if DynamicImage::ImageRgba8(badge).write_to(&mut file, format).is_err() {
        return;
    }
    let Ok(badge) = image::load_from_memory(file.get_ref()) else {
        return;
    };
    let badge = badge.resize_exact(12, 12, FilterType::Triangle).to_rgba8();
    for (x, y, Rgba([red, green, blue, _])) in badge.enumerate_pixels() {
        if let Some(pixel) = pixels.get_mut(y as usize * width + x as usize) {
            *pixel = u32::from_be_bytes([0, *red, *green, *blue]);
        }
    }
}

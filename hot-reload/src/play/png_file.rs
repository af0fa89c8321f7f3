//! Writes a picture to a file.

use crate::error::{Error, Result};
use crate::owner::Picture;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Writes a picture as PNG.
pub(super) fn write(path: &Path, picture: Picture<'_>) -> Result<()> {
    let failed =
        |source: png::EncodingError| Error::Png { path: path.to_path_buf(), source: source.into() };
    let file = File::create(path).map_err(|error| failed(error.into()))?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let (width, height) = (side(picture.width()), side(picture.height()));
    let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    let bytes = picture.pixels().iter().flat_map(|pixel| {
        let [_, red, green, blue] = pixel.to_be_bytes();
        [red, green, blue]
    });
    writer.write_image_data(&bytes.collect::<Vec<u8>>()).map_err(failed)
}

//! Pictures in files.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Writes pixels as PNG: 0RGB, row by row.
pub(crate) fn write(path: &Path, (width, height): (usize, usize), pixels: &[u32]) -> Result<()> {
    let failed =
        |source: png::EncodingError| Error::Png { path: path.to_path_buf(), source: source.into() };
    let file = File::create(path).map_err(|error| failed(error.into()))?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(BufWriter::new(file), side(width), side(height));
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    let bytes = pixels.iter().flat_map(|pixel| {
        let [_, red, green, blue] = pixel.to_be_bytes();
        [red, green, blue]
    });
    writer.write_image_data(&bytes.collect::<Vec<u8>>()).map_err(failed)
}

/// Reads a PNG file of any kind as 0RGB pixels, row by row, with their width and height. Transparency
/// is ignored.
#[cfg(feature = "testing")]
pub(crate) fn read(path: &Path) -> Result<((usize, usize), Vec<u32>), png::DecodingError> {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let frame = reader.next_frame(&mut bytes)?;
    let samples = frame.color_type.samples();
    let pixel = |samples: &[u8]| match *samples {
        [red, green, blue] | [red, green, blue, _] => u32::from_be_bytes([0, red, green, blue]),
        [gray, ..] => u32::from_be_bytes([0, gray, gray, gray]),
        [] => 0,
    };
    let pixels = bytes[..frame.buffer_size()].chunks_exact(samples).map(pixel).collect();
    Ok(((frame.width as usize, frame.height as usize), pixels))
}

//! Writes the last picture to a file.

use crate::Failure;
use crate::arguments::Cli;
use hot_reload::{Owner, Picture};
use hot_reloaded_state::Demo;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Failure to write a picture.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {source}", path.display())]
pub(crate) struct PngError {
    path: PathBuf,
    source: png::EncodingError,
}

/// Writes the last picture if the command line names a file for it.
pub(crate) fn write_last(cli: &Cli, owner: &Owner<Demo>) -> Result<(), Failure> {
    let Some(path) = &cli.png else { return Ok(()) };
    write(path, owner.picture())?;
    tracing::info!("the last picture is in {}", path.display());
    Ok(())
}

fn write(path: &Path, picture: Picture<'_>) -> Result<(), PngError> {
    let failed = |source| PngError { path: path.to_path_buf(), source };
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

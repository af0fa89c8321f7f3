//! Textures from PNG files.

use glam::Vec2;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A texture that repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texture {
    pixels: Vec<u32>,
    width: usize,
}

impl Texture {
    /// Loads a texture. If the file cannot be read, prints the reason and returns checkers.
    pub(crate) fn load_or_checkers(file: &Path) -> Self {
        Self::load(file).unwrap_or_else(|why| {
            eprintln!("the texture {} cannot be used: {why}", file.display());
            let colors = [0x00ff_00ff, 0x0000_0000];
            Texture { pixels: vec![colors[0], colors[1], colors[1], colors[0]], width: 2 }
        })
    }

    /// Returns a texture of a single color.
    #[cfg(test)]
    pub(crate) fn plain(color: u32) -> Self {
        Texture { pixels: vec![color], width: 1 }
    }

    fn load(file: &Path) -> Result<Self, png::DecodingError> {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(file)?));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let size = reader.output_buffer_size();
        let mut bytes = vec![0; size.ok_or(png::DecodingError::LimitsExceeded)?];
        let picture = reader.next_frame(&mut bytes)?;
        bytes.truncate(picture.buffer_size());
        let color = |sample: &[u8]| match *sample {
            [red, green, blue, ..] => u32::from_be_bytes([0, red, green, blue]),
            [gray, ..] => u32::from_be_bytes([0, gray, gray, gray]),
            [] => 0,
        };
        let pixels = bytes.chunks_exact(picture.color_type.samples()).map(color).collect();
        Ok(Texture { pixels, width: picture.width as usize })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// Returns the color at a place. The texture covers 0 to 1 on each axis and repeats beyond.
    pub(crate) fn at(&self, place: Vec2) -> u32 {
        let pixel = |place: f32, size: usize| {
            #[expect(clippy::cast_precision_loss, reason = "pixels")]
            let at = (place - place.floor()) * size as f32;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative"
            )]
            let at = at as usize;
            at.min(size - 1)
        };
        self.pixels[pixel(place.y, self.height()) * self.width + pixel(place.x, self.width)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texture_repeats_in_all_directions() {
        let texture = Texture { pixels: vec![1, 2, 3, 4], width: 2 };
        for (x, y, color) in [(0.1, 0.1, 1), (0.9, 0.1, 2), (1.1, 1.6, 3), (-0.1, -0.1, 4)] {
            assert_eq!(texture.at(Vec2::new(x, y)), color, "{x}, {y}");
        }
    }

    #[test]
    fn the_files_are_there_and_what_is_none_is_seen_as_checkers() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        for file in crate::FILES {
            let texture = Texture::load(&folder.join(file)).expect("a picture");
            assert_eq!((texture.width(), texture.height()), (64, 64), "{file}");
        }
        let checkers = Texture::load_or_checkers(Path::new("nowhere.png"));
        assert_eq!((checkers.width(), checkers.height()), (2, 2));
    }
}

//! Rasterises triangles in bands of rows, which rayon distributes to its threads.

use crate::scene::{Corner, Triangle};
use crate::texture::Texture;
use glam::Vec2;
use rayon::prelude::*;

/// Number of rows that a thread draws at once.
const BAND: usize = 32;
/// The sky, 0RGB.
const SKY: u32 = 0x0018_2030;

/// Draws triangles in any order.
#[derive(Debug, Default)]
pub(crate) struct Raster {
    /// Reciprocal of each pixel's distance: a larger value is nearer.
    depths: Vec<f32>,
}

impl Raster {
    pub(crate) fn draw(
        &mut self,
        pixels: &mut [u32],
        (width, height): (usize, usize),
        triangles: &[Triangle],
        textures: &[Texture],
    ) {
        self.depths.resize(width * height, 0.0);
        let bands =
            pixels.par_chunks_mut(width * BAND).zip(self.depths.par_chunks_mut(width * BAND));
        bands.enumerate().for_each(|(number, (pixels, depths))| {
            pixels.fill(SKY);
            depths.fill(0.0);
            let mut band = Band { pixels, depths, width, top: number * BAND };
            for triangle in triangles {
                if let Some(texture) = textures.get(triangle.texture) {
                    band.fill(triangle, texture);
                }
            }
        });
    }
}

/// A band of rows of the picture.
struct Band<'p> {
    pixels: &'p mut [u32],
    depths: &'p mut [f32],
    width: usize,
    top: usize,
}

impl Band<'_> {
    fn fill(&mut self, triangle: &Triangle, texture: &Texture) {
        let [a, b, c] = triangle.corners;
        let area = (b.at - a.at).perp_dot(c.at - a.at);
        if area == 0.0 {
            return;
        }
        let rows = self.pixels.len() / self.width;
        let least = a.at.min(b.at).min(c.at);
        let most = a.at.max(b.at).max(c.at);
        let span = |from: f32, to: f32, begin: usize, end: usize| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let pixel = |at: f32| at.clamp(0.0, 65_535.0) as usize;
            pixel(from.floor()).max(begin)..pixel(to.ceil()).min(end)
        };
        for y in span(least.y, most.y, self.top, self.top + rows) {
            for x in span(least.x, most.x, 0, self.width) {
                #[expect(clippy::cast_precision_loss, reason = "pixels")]
                let at = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                // Weights of the corners at this pixel.
                let of_b = (at - a.at).perp_dot(c.at - a.at) / area;
                let of_c = (b.at - a.at).perp_dot(at - a.at) / area;
                let parts = [1.0 - of_b - of_c, of_b, of_c];
                if parts.iter().all(|part| *part >= 0.0) {
                    let place = (y - self.top) * self.width + x;
                    self.light(place, &triangle.corners, parts, texture, triangle.light);
                }
            }
        }
    }

    /// Draws a pixel unless something nearer covers it.
    fn light(
        &mut self,
        place: usize,
        corners: &[Corner; 3],
        parts: [f32; 3],
        texture: &Texture,
        light: f32,
    ) {
        let mixed = corners.iter().zip(parts);
        let inverse: f32 = mixed.clone().map(|(corner, part)| corner.inverse * part).sum();
        if inverse <= self.depths[place] {
            return;
        }
        self.depths[place] = inverse;
        // Texture coordinates are linear in space; on the screen they need a division by the
        // distance.
        let at = mixed.map(|(corner, part)| corner.texture * corner.inverse * part).sum::<Vec2>()
            / inverse;
        let [_, red, green, blue] = texture.at(at).to_be_bytes();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a byte by at most 1"
        )]
        let [red, green, blue] = [red, green, blue].map(|part| (f32::from(part) * light) as u8);
        self.pixels[place] = u32::from_be_bytes([0, red, green, blue]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triangle(corners: [(f32, f32); 3], inverse: f32, texture: usize) -> Triangle {
        let corner = |(x, y)| Corner { at: Vec2::new(x, y), inverse, texture: Vec2::ZERO };
        Triangle { corners: corners.map(corner), texture, light: 1.0 }
    }

    #[test]
    fn what_is_nearer_hides_what_is_behind_in_any_order() {
        let textures = [Texture::plain(0x00ff_0000), Texture::plain(0x0000_00ff)];
        let all = [(0.0, 0.0), (200.0, 0.0), (0.0, 200.0)];
        let (near, far) = (triangle(all, 0.5, 0), triangle(all, 0.2, 1));
        for order in [[near, far], [far, near]] {
            let mut pixels = vec![0; 100 * 70];
            Raster::default().draw(&mut pixels, (100, 70), &order, &textures);
            assert!(pixels.iter().all(|pixel| *pixel == 0x00ff_0000), "{:x?}", &pixels[..4]);
        }
    }

    #[test]
    fn pixels_whose_middle_is_inside_are_drawn() {
        let textures = [Texture::plain(0x00ff_ffff)];
        let half = triangle([(0.0, 0.0), (40.0, 0.0), (0.0, 40.0)], 1.0, 0);
        let mut pixels = vec![0; 40 * 40];
        Raster::default().draw(&mut pixels, (40, 40), &[half], &textures);
        let drawn = pixels.iter().filter(|pixel| **pixel != SKY).count();
        assert!((760..=840).contains(&drawn), "{drawn}");
        assert_eq!((pixels[0], pixels[40 * 40 - 1]), (0x00ff_ffff, SKY));
    }
}

//! The canvas as a `DrawTarget` of embedded-graphics, for its shapes and text.

use super::Canvas;
use embedded_graphics_core::Pixel;
use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{OriginDimensions, Size};
use embedded_graphics_core::pixelcolor::raw::RawU24;
use embedded_graphics_core::pixelcolor::{Rgb888, raw::RawData};
use embedded_graphics_core::primitives::Rectangle;
use std::convert::Infallible;

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        Size::new(side(self.width), side(self.height))
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(point, color) in pixels {
            if let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) {
                self.set(x, y, self.opaque | rgb(color));
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let clip = |start: i32, len: u32, limit: usize| {
            let end = i64::from(start) + i64::from(len);
            let clamp = |at: i64| usize::try_from(at.max(0)).unwrap_or(limit).min(limit);
            clamp(i64::from(start))..clamp(end)
        };
        let columns = clip(area.top_left.x, area.size.width, self.width);
        for y in clip(area.top_left.y, area.size.height, self.height) {
            let row = &mut self.pixels[y * self.width..][..self.width];
            row[columns.clone()].fill(self.opaque | rgb(color));
        }
        Ok(())
    }

    fn clear(&mut self, color: Rgb888) -> Result<(), Infallible> {
        self.fill(self.opaque | rgb(color));
        Ok(())
    }
}

fn rgb(color: Rgb888) -> u32 {
    RawU24::from(color).into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics_core::geometry::Point;

    #[test]
    fn areas_beyond_the_canvas_are_cut() {
        let (mut pixels, mut unchanged) = ([0; 12], false);
        let mut canvas = Canvas::new(&mut pixels, (4, 3), &mut unchanged);
        let area = Rectangle::new(Point::new(-5, 1), Size::new(7, u32::MAX));
        let Ok(()) = canvas.fill_solid(&area, Rgb888::new(1, 2, 3));
        let Ok(()) = canvas.draw_iter([
            Pixel(Point::new(3, 0), Rgb888::new(0, 0, 9)),
            Pixel(Point::new(-1, 0), Rgb888::new(9, 9, 9)),
            Pixel(Point::new(4, 0), Rgb888::new(9, 9, 9)),
        ]);
        let c = 0x0001_0203;
        assert_eq!(pixels, [0, 0, 0, 9, c, c, 0, 0, c, c, 0, 0]);
    }
}

//! Letters: the bitmap fonts of embedded-graphics, enlarged by whole factors.
//!
//! Each font is drawn once into bit masks, because a long message has thousands of letters and is
//! redrawn with every frame under it.

use super::text::Letter;
use embedded_graphics::mono_font::iso_8859_1::{
    FONT_5X8, FONT_6X10, FONT_6X13, FONT_6X13_BOLD, FONT_7X13, FONT_7X13_BOLD, FONT_8X13,
    FONT_8X13_BOLD, FONT_9X15, FONT_9X15_BOLD, FONT_9X18, FONT_9X18_BOLD,
};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Drawable, OriginDimensions, Pixel, Point, Size};
use embedded_graphics::text::{Baseline, Text};
use std::convert::Infallible;

/// Fonts from small to large. Those without a bold version are never enlarged: a better font fits
/// by then.
const FONTS: [(&MonoFont<'_>, Option<&MonoFont<'_>>); 7] = [
    (&FONT_5X8, None),
    (&FONT_6X10, None),
    (&FONT_6X13, Some(&FONT_6X13_BOLD)),
    (&FONT_7X13, Some(&FONT_7X13_BOLD)),
    (&FONT_8X13, Some(&FONT_8X13_BOLD)),
    (&FONT_9X15, Some(&FONT_9X15_BOLD)),
    (&FONT_9X18, Some(&FONT_9X18_BOLD)),
];

/// Numbers of lines and columns that should fit into a picture.
const LINES: usize = 36;
const COLUMNS: usize = 64;
const LARGEST_FACTOR: usize = 16;

/// A font, and the width and height in pixels of one of its dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    font: usize,
    factor: usize,
}

impl Choice {
    /// Returns the largest choice that leaves room for enough text, or the smallest one for small
    /// pictures.
    fn fitting((width, height): (usize, usize)) -> Choice {
        let mut best = (Choice { font: 0, factor: 1 }, (0, 0));
        for (font, (regular, bold)) in FONTS.iter().enumerate() {
            let Size { width: across, height: down } = regular.character_size;
            for factor in 1..=if bold.is_some() { LARGEST_FACTOR } else { 1 } {
                let (across, down) = (across as usize * factor, down as usize * factor);
                let fits = down * LINES <= height && across * COLUMNS <= width;
                if fits && (down, across) > best.1 {
                    best = (Choice { font, factor }, (down, across));
                }
            }
        }
        best.0
    }
}

/// A font at one size.
pub(super) struct Face {
    choice: Choice,
    /// Width and height of a letter before it is enlarged.
    size: (usize, usize),
    regular: Vec<u16>,
    bold: Option<Vec<u16>>,
}

impl Face {
    /// Builds the face for a picture of this size.
    pub(super) fn fitting(size: (usize, usize)) -> Face {
        let choice = Choice::fitting(size);
        let (regular, bold) = FONTS[choice.font];
        let Size { width, height } = regular.character_size;
        Face {
            choice,
            size: (width as usize, height as usize),
            regular: masks(regular),
            bold: bold.map(masks),
        }
    }

    /// Returns true if this is still the right face for a picture of this size.
    pub(super) fn fits(&self, size: (usize, usize)) -> bool {
        self.choice == Choice::fitting(size)
    }

    /// Returns the number of picture pixels per dot of the font, in each direction.
    pub(super) fn factor(&self) -> usize {
        self.choice.factor
    }

    /// Returns the width and height of a letter's cell in pixels.
    pub(super) fn cell(&self) -> (usize, usize) {
        (self.size.0 * self.choice.factor, self.size.1 * self.choice.factor)
    }

    /// Returns the distance from the top of one line to the top of the next. It exceeds the cell's
    /// height, because the letters of the small fonts fill their cells.
    pub(super) fn line(&self) -> usize {
        let leading = if self.size.1 <= 10 { 1 } else { 2 };
        (self.size.1 + leading) * self.choice.factor
    }

    /// Returns the rows of a letter; the lowest bit is the leftmost pixel.
    pub(super) fn glyph(&self, letter: Letter) -> &[u16] {
        let bold = self.bold.as_ref().filter(|_| letter.style.bold);
        let rows = usize::from(letter.code) * self.size.1;
        &bold.unwrap_or(&self.regular)[rows..][..self.size.1]
    }
}

/// Draws all letters of ISO 8859-1 one after another, one word per row; control characters stay
/// empty.
fn masks(font: &MonoFont<'_>) -> Vec<u16> {
    let height = font.character_size.height;
    let mut masks = Vec::new();
    for code in 0..=u8::MAX {
        let mut mask = Mask { rows: vec![0; height as usize], size: font.character_size };
        let letter = char::from(code);
        if !letter.is_control() {
            let style = MonoTextStyle::new(font, BinaryColor::On);
            let text = letter.to_string();
            let text = Text::with_baseline(&text, Point::zero(), style, Baseline::Top);
            let Ok(_) = text.draw(&mut mask);
        }
        masks.append(&mut mask.rows);
    }
    masks
}

/// A drawing target for one letter.
struct Mask {
    rows: Vec<u16>,
    size: Size,
}

impl OriginDimensions for Mask {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Mask {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<BinaryColor>>,
    {
        for Pixel(Point { x, y }, color) in pixels {
            let row = usize::try_from(y).ok().and_then(|y| self.rows.get_mut(y));
            if let (Some(row), 0..16, BinaryColor::On) = (row, x, color) {
                *row |= 1 << x;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::text::Style;

    #[test]
    fn pictures_have_room_for_a_screen_of_text() {
        let table = [
            // Picture, cell, factor.
            ((1, 1), (5, 8), 1),
            ((320, 240), (5, 8), 1),
            ((640, 480), (8, 13), 1),
            ((800, 600), (9, 15), 1),
            ((1280, 720), (9, 18), 1),
            ((1920, 1080), (18, 30), 2),
            ((3840, 2160), (36, 60), 4),
            ((7680, 4320), (72, 120), 8),
            ((7680, 10), (5, 8), 1),
        ];
        for (picture, cell, factor) in table {
            let face = Face::fitting(picture);
            assert_eq!((face.cell(), face.factor()), (cell, factor), "{picture:?}");
            assert!(face.fits(picture));
        }
    }

    #[test]
    fn letters_are_there_in_both_weights() {
        let face = Face::fitting((800, 600));
        for code in (0x21..=0x7e).chain(0xa1..=0xff) {
            let glyph = |bold| face.glyph(Letter { code, style: Style { color: 0, bold } });
            assert!(glyph(false).iter().any(|&row| row != 0), "{code:#x}");
            assert!(glyph(true).iter().any(|&row| row != 0), "{code:#x}");
        }
        let w = |bold| face.glyph(Letter { code: b'w', style: Style { color: 0, bold } });
        assert_ne!(w(false), w(true));
    }
}

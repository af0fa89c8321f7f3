//! Reads the overlay's text from a window's pixels.
//!
//! This uses no code of the library. Positions and letters are defined here a second time, so that
//! unreadable text fails a test.

use super::screen::Picture;
use embedded_graphics::mono_font::iso_8859_1::{FONT_5X8, FONT_8X13, FONT_9X15, FONT_9X15_BOLD};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Drawable, OriginDimensions, Pixel, Point, Size};
use embedded_graphics::text::{Baseline, Text};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::LazyLock;

pub(super) const RED: u32 = 0x00b4_2b2b;
pub(super) const AMBER: u32 = 0x0096_6410;
pub(super) const BLUE: u32 = 0x004c_9be8;
pub(super) const GREEN: u32 = 0x0056_b870;
/// Lines that only divide.
const RULE: u32 = 0x003c_444f;

/// Returns a color as it appears below a panel.
pub(super) fn dimmed(color: u32) -> u32 {
    (color >> 2) & 0x003f_3f3f
}

/// The panel over the picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel {
    pub(super) color: u32,
    pub(super) title: String,
    pub(super) body: Vec<String>,
    pub(super) hint: String,
    /// Height of a letter in pixels.
    pub(super) letter: usize,
}

/// A note in a corner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) lines: Vec<String>,
    /// Filled part of its bar, from 0 to 1.
    pub(super) bar: Option<f32>,
}

impl Panel {
    /// Reads the panel; returns an error if there is none.
    pub(super) fn read(picture: &Picture) -> Result<Panel, String> {
        let letters = Letters::of_overlay(picture)?;
        let middle = picture.width / 2;
        let is_title = |y: &usize| [RED, AMBER, BLUE].contains(&picture.pixel(middle, *y));
        let top = (0..picture.height).find(is_title).ok_or("no panel")?;
        let color = picture.pixel(middle, top);
        let left = (0..middle).rev().take_while(|x| picture.pixel(*x, top) == color).count();
        let right = (middle..picture.width).take_while(|x| picture.pixel(*x, top) == color).count();
        let (x, width) = (middle - left, left + right);
        if width < picture.width / 3 {
            return Err(format!("only {width} pixels of a title bar"));
        }
        let edge = |y: &usize| [color, RULE].contains(&picture.pixel(x, *y));
        let height = (top..picture.height).take_while(edge).count();

        let ((across, down), line) = (letters.cell(), letters.line);
        let (pad, bar, gap) = (across, line + line / 2, line / 2);
        let rows = height.checked_sub(2 * bar + 2 * gap).ok_or("a panel without its foot")? / line;
        let columns = (width - 2 * pad) / across;
        let title = letters.read(picture, (x + pad, top + (bar - down) / 2), columns, is_white);
        let title = title.split("  ").next().unwrap_or_default().to_owned();
        let first = top + bar + gap;
        let body = (0..rows).map(|row| {
            let columns = (width - 3 * pad) / across;
            letters.read(picture, (x + pad, first + row * line), columns, is_light)
        });
        let body = body.collect();
        let foot = top + height - bar + (bar - down) / 2;
        let hint = letters.read(picture, (x + pad, foot), columns, is_light);
        Ok(Panel { color, title, body, hint, letter: down })
    }

    /// Returns the body's lines as one text.
    pub(super) fn text(&self) -> String {
        let lines = self.body.iter().map(|line| line.trim());
        lines.collect::<Vec<_>>().join(" ")
    }
}

impl Note {
    /// Reads the note with this accent; returns an error if there is none.
    pub(super) fn read(picture: &Picture, accent: u32) -> Result<Note, String> {
        let letters = Letters::of_overlay(picture)?;
        let ((across, down), line) = (letters.cell(), letters.line);
        let (pad, strip) = (across, 3 * letters.factor);
        let (x, y) = strip_of(picture, accent, strip, line).ok_or("no note")?;
        let height = (y..picture.height).take_while(|y| picture.pixel(x, *y) == accent).count();
        let right = (x + strip..picture.width).take_while(|x| is_shaded(picture.pixel(*x, y)));
        let columns = (right.count() / across).saturating_sub(2);

        let bar = if (height - pad).is_multiple_of(line) { 0 } else { down / 2 };
        let rows = (height - pad - bar) / line;
        let (left, first) = (x + strip + pad, y + pad / 2 + (line - down) / 2);
        let lines = (0..rows).map(|row| {
            let below_bar = if row == 0 { 0 } else { bar };
            letters.read(picture, (left, first + row * line + below_bar), columns, is_light)
        });
        let lines = lines.collect();
        let lane = columns * across;
        let done = (left..left + lane).filter(|x| picture.pixel(*x, first + line) == accent);
        let bar = (bar > 0).then(|| done.count() as f32 / lane as f32);
        Ok(Note { lines, bar })
    }
}

/// Reads the words of the strip along the lower edge.
pub(super) fn strip(picture: &Picture) -> Result<String, String> {
    let letters = Letters::of_overlay(picture)?;
    let ((across, _), factor) = (letters.cell(), letters.factor);
    let (bar, height) = (4 * factor, letters.line + 5 * factor);
    let top = picture.height - height;
    if !is_shaded(picture.pixel(0, top + bar)) || is_shaded(picture.pixel(0, top)) {
        return Err("no strip".to_owned());
    }
    let columns = (picture.width - across) / across;
    Ok(letters.read(picture, (across, top + bar + factor), columns, is_light))
}

/// Reads the first line of the text that the example draws at the top of the scene.
pub(super) fn scene_text(picture: &Picture) -> String {
    scene_line(picture, 0)
}

/// Reads another line of that text.
pub(super) fn scene_line(picture: &Picture, line: usize) -> String {
    // The scene defines the baseline of its first line.
    let top = 22 - FONT_8X13.baseline as usize;
    SCENE.read(picture, (12, top + line * SCENE.line), 80, |pixel| pixel == 0x00ff_ffff)
}

static SCENE: LazyLock<Letters> = LazyLock::new(|| Letters::of(&[&FONT_8X13], 1, 13));
static SMALL: LazyLock<Letters> = LazyLock::new(|| Letters::of(&[&FONT_5X8], 1, 9));
static USUAL: LazyLock<Letters> =
    LazyLock::new(|| Letters::of(&[&FONT_9X15, &FONT_9X15_BOLD], 1, 17));
static LARGE: LazyLock<Letters> =
    LazyLock::new(|| Letters::of(&[&FONT_9X15, &FONT_9X15_BOLD], 2, 34));

/// Finds the beginning of a note's strip: exactly `width` pixels of its accent side by side, at
/// least as high as a line.
fn strip_of(picture: &Picture, accent: u32, width: usize, line: usize) -> Option<(usize, usize)> {
    let first = picture.pixels.iter().position(|pixel| *pixel == accent)?;
    let (x, y) = (first % picture.width, first / picture.width);
    let across = (x..picture.width).take_while(|x| picture.pixel(*x, y) == accent).count();
    let down = (y..picture.height).take_while(|y| picture.pixel(x, *y) == accent).count();
    (across == width && down >= line).then_some((x, y))
}

fn channels(pixel: u32) -> [u8; 3] {
    let [_, red, green, blue] = pixel.to_be_bytes();
    [red, green, blue]
}

/// Returns whether a pixel belongs to a letter on the dark ground.
fn is_light(pixel: u32) -> bool {
    channels(pixel).into_iter().any(|channel| channel > 0x50)
}

/// Returns whether a pixel belongs to a letter on the title's color.
fn is_white(pixel: u32) -> bool {
    channels(pixel).into_iter().all(|channel| channel > 0xc0)
}

/// Returns whether a pixel is the dark ground of notes and panels, over any picture.
fn is_shaded(pixel: u32) -> bool {
    let ground = channels(0x0011_151b).into_iter();
    channels(pixel).into_iter().zip(ground).all(|(found, dark)| found.wrapping_sub(dark) < 16)
}

/// Letters of a font, by their pixels.
struct Letters {
    by_rows: HashMap<Vec<u16>, char>,
    size: (usize, usize),
    factor: usize,
    /// Distance from the top of a line to the top of the next.
    line: usize,
}

impl Letters {
    /// Returns the overlay's letters for this size of picture.
    fn of_overlay(picture: &Picture) -> Result<&'static Letters, String> {
        match (picture.width, picture.height) {
            (320, 240) => Ok(&*SMALL),
            (800, 600) => Ok(&*USUAL),
            (1920, 1080) => Ok(&*LARGE),
            size => Err(format!("a picture of {size:?}")),
        }
    }

    fn of(weights: &[&MonoFont<'_>], factor: usize, line: usize) -> Letters {
        let Size { width, height } = weights[0].character_size;
        let mut by_rows = HashMap::new();
        for font in weights {
            // Later letters with the same pixels are rarer, such as the no-break space.
            for letter in (' '..='~').chain('\u{a1}'..='\u{ff}') {
                by_rows.entry(rows_of(font, letter)).or_insert(letter);
            }
        }
        Letters { by_rows, size: (width as usize, height as usize), factor, line }
    }

    fn cell(&self) -> (usize, usize) {
        (self.size.0 * self.factor, self.size.1 * self.factor)
    }

    /// Reads a row from its top left corner. Unknown letters become replacement characters.
    fn read(
        &self,
        picture: &Picture,
        (x, y): (usize, usize),
        columns: usize,
        is_lit: impl Fn(u32) -> bool,
    ) -> String {
        let row = |x: usize, y: usize| {
            let lit = (0..self.size.0).map(|column| {
                let (x, inside) = (x + column * self.factor, y < picture.height);
                u16::from(inside && x < picture.width && is_lit(picture.pixel(x, y))) << column
            });
            lit.sum::<u16>()
        };
        let letters = (0..columns).map(|column| {
            let x = x + column * self.cell().0;
            let rows = (0..self.size.1).map(|line| row(x, y + line * self.factor));
            self.by_rows.get(&rows.collect::<Vec<_>>()).copied().unwrap_or('\u{fffd}')
        });
        letters.collect::<String>().trim_end().to_owned()
    }
}

/// Returns the rows of a letter; the lowest bit is the leftmost pixel.
fn rows_of(font: &MonoFont<'_>, letter: char) -> Vec<u16> {
    let size = font.character_size;
    let mut cell = Cell { rows: vec![0; size.height as usize], size };
    let text = letter.to_string();
    let style = MonoTextStyle::new(font, BinaryColor::On);
    let Ok(_) = Text::with_baseline(&text, Point::zero(), style, Baseline::Top).draw(&mut cell);
    cell.rows
}

/// A drawing target for one letter.
struct Cell {
    rows: Vec<u16>,
    size: Size,
}

impl OriginDimensions for Cell {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Cell {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<BinaryColor>>,
    {
        for Pixel(Point { x, y }, color) in pixels {
            let row = usize::try_from(y).ok().and_then(|y| self.rows.get_mut(y));
            if let (Some(row), BinaryColor::On, 0..16) = (row, color, x) {
                *row |= 1 << x;
            }
        }
        Ok(())
    }
}

//! Draws the screen on a separate thread, so that a slow connection blocks only that thread.

use super::images::Images;
use crate::error::{Error, Result};
use crate::lines::printable;
use crate::lock::lock;
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Size of the output buffer in bytes.
const WRITTEN_AT_ONCE: usize = 64 << 10;

/// Number of canvas pixels per character, in each direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Cells {
    /// Returns the cells of the canvas. Where the terminal shows images, they have the size of the
    /// font. Elsewhere each half of a character is the mean of a square of pixels. The square is
    /// chosen so that the canvas does not exceed `wanted`, but has a side of at least one pixel.
    pub(super) fn of_canvas(images: Option<&Images>, wanted: (u32, u32), size: (u16, u16)) -> Self {
        if let Some(images) = images {
            return images.cells();
        }
        let halves = (u32::from(size.0.max(1)), 2 * u32::from(size.1.max(1)));
        let side = (wanted.0 / halves.0).min(wanted.1 / halves.1).max(1);
        Cells { width: side, height: 2 * side }
    }

    /// Returns the number of pixels of this many columns and rows.
    pub(super) fn pixels(&self, (columns, rows): (u16, u16)) -> (u32, u32) {
        (u32::from(columns.max(1)) * self.width, u32::from(rows.max(1)) * self.height)
    }

    /// Returns the middle of a character in pixels.
    pub(super) fn middle(&self, column: u16, row: u16) -> (f32, f32) {
        #[expect(clippy::cast_precision_loss, reason = "the pixels of a character")]
        let middle = |cell: u16, pixels: u32| (f32::from(cell) + 0.5) * pixels as f32;
        (middle(column, self.width), middle(row, self.height))
    }
}

/// Content of the screen.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// True if the content has changed since it was painted.
    pub(super) fresh: bool,
    /// Pixels as 0RGB, row by row.
    pub(super) pixels: Vec<u32>,
    pub(super) size: (usize, usize),
    /// Description of the problem, shown below the picture.
    pub(super) problem: Option<String>,
    /// Lines at the bottom.
    pub(super) notes: Vec<String>,
    /// Area of the picture when it was last painted; `None` if it filled the screen.
    pub(super) shrunk: Option<Rect>,
}

/// Position of the picture in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Area of the whole picture.
    pub(super) picture: Rect,
    /// Upper part of that area, which is visible.
    pub(super) seen: Rect,
}

impl Place {
    /// Places the picture. It shrinks to make room for a problem, which stays for long; a note just
    /// covers its lower edge.
    fn new(area: Rect, above: Rect, problem: bool) -> Self {
        if !problem || above.is_empty() {
            return Place { picture: area, seen: above };
        }
        let width = u32::from(area.width) * u32::from(above.height) / u32::from(area.height.max(1));
        let width = u16::try_from(width).unwrap_or(above.width).clamp(1, above.width);
        let shrunk = Rect { x: above.x + (above.width - width) / 2, width, ..above };
        Place { picture: shrunk, seen: shrunk }
    }
}

/// The thread that writes to the terminal.
#[derive(Debug)]
pub(super) struct Painter {
    orders: Option<SyncSender<()>>,
    thread: JoinHandle<()>,
}

/// Time allowed for the last picture; after it, the terminal is given up.
const LAST_PICTURE: Duration = Duration::from_millis(500);

impl Painter {
    pub(super) fn start(
        tty: impl Write + Send + 'static,
        images: Option<Images>,
        sheet: Arc<Mutex<Sheet>>,
    ) -> Result<Self> {
        const NAME: &str = "hot-reload terminal picture";
        // One order waits while another is carried out, so the newest sheet is always painted.
        let (orders, incoming) = sync_channel(1);
        let turn = move || {
            let backend = CrosstermBackend::new(BufWriter::with_capacity(WRITTEN_AT_ONCE, tty));
            let painted = ratatui::Terminal::new(backend)
                .and_then(|terminal| paint(terminal, images.as_ref(), &sheet, &incoming));
            if let Err(error) = painted {
                eprintln!("hot-reload: the terminal no longer accepts pictures: {error}");
            }
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn(turn);
        let thread = thread.map_err(|source| Error::Thread { name: NAME, source })?;
        Ok(Painter { orders: Some(orders), thread })
    }

    /// Returns true while the terminal accepts output.
    pub(super) fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Orders the sheet to be painted; does not wait for it.
    pub(super) fn paint(&self) {
        if let Some(orders) = &self.orders {
            let _ = orders.try_send(());
        }
    }

    /// Finishes the current write and returns whether the terminal accepted it. A terminal that
    /// accepts nothing (a lost connection) must not keep the program from ending.
    pub(super) fn stop(&mut self) -> bool {
        self.orders = None;
        let deadline = Instant::now() + LAST_PICTURE;
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        self.thread.is_finished()
    }
}

fn paint<W: Write>(
    mut terminal: ratatui::Terminal<CrosstermBackend<W>>,
    images: Option<&Images>,
    sheet: &Mutex<Sheet>,
    orders: &Receiver<()>,
) -> std::io::Result<()> {
    // A private copy, so that the owner can fill the shared sheet while this one is painted.
    let mut painted = Sheet::default();
    for () in orders {
        {
            let mut sheet = lock(sheet);
            if !std::mem::take(&mut sheet.fresh) {
                continue;
            }
            painted.size = sheet.size;
            std::mem::swap(&mut painted.pixels, &mut sheet.pixels);
            painted.problem.clone_from(&sheet.problem);
            painted.notes.clone_from(&sheet.notes);
        }
        if painted.pixels.len() == painted.size.0 * painted.size.1 && !painted.pixels.is_empty() {
            let mut place = None;
            terminal.draw(|frame| place = Some(draw(frame, images, &painted)))?;
            let shrunk = place.map(|place| place.picture).filter(|_| painted.problem.is_some());
            lock(sheet).shrunk = shrunk;
        }
    }
    Ok(())
}

fn draw(frame: &mut Frame<'_>, images: Option<&Images>, sheet: &Sheet) -> Place {
    let area = frame.area();
    let lines = words(sheet, area.height);
    let edge = if sheet.problem.is_some() { Borders::TOP } else { Borders::NONE };
    let below = lines.len() + usize::from(sheet.problem.is_some());
    let below = u16::try_from(below).unwrap_or(area.height).min(area.height);
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    let place = Place::new(area, above, sheet.problem.is_some());
    match images {
        Some(images) => images.draw(frame, sheet, place),
        None => draw_halves(frame.buffer_mut(), sheet, place),
    }
    frame.render_widget(Clear, below);
    let block = Block::new().borders(edge).border_style(Style::new().red());
    frame.render_widget(Paragraph::new(lines).block(block), below);
    place
}

/// Returns the text below the picture. On screens with more than a few rows it leaves a third to
/// the picture.
fn words(sheet: &Sheet, rows: u16) -> Vec<Line<'static>> {
    let notes = sheet.notes.iter().map(|note| Line::from(note.clone()).dark_gray());
    let mut lines = Vec::new();
    if let Some(problem) = &sheet.problem {
        // This includes the edge and the notes.
        let most = (usize::from(rows) * 2 / 3).saturating_sub(sheet.notes.len()).max(3);
        let mut text = problem.trim_end().lines().map(|line| printable(line.as_bytes()));
        lines.extend(text.next().map(|first| Line::from(first).red().bold()));
        lines.extend(text.by_ref().take(most.saturating_sub(3)).map(Line::from));
        if text.next().is_some() {
            lines.push(Line::from("…").dark_gray());
        }
    }
    lines.extend(notes);
    lines
}

/// Draws two pixels per character: the upper one as its color, the lower one as its background.
fn draw_halves(buffer: &mut Buffer, sheet: &Sheet, Place { picture, seen }: Place) {
    let (width, height) = (usize::from(picture.width), 2 * usize::from(picture.height));
    let pixels = scaled(sheet, (width, height));
    let color = |x: u16, y: usize| {
        let [_, red, green, blue] = pixels[y * width + usize::from(x)].to_be_bytes();
        Color::Rgb(red, green, blue)
    };
    for y in 0..seen.height {
        for x in 0..seen.width {
            let upper = 2 * usize::from(y);
            buffer[(seen.x + x, seen.y + y)]
                .set_symbol("▀")
                .set_fg(color(x, upper))
                .set_bg(color(x, upper + 1));
        }
    }
}

/// Scales the picture: each pixel is the mean of those that fall onto it.
pub(super) fn scaled(sheet: &Sheet, (width, height): (usize, usize)) -> Vec<u32> {
    let (wide, high) = sheet.size;
    if (wide, high) == (width, height) {
        return sheet.pixels.clone();
    }
    let span = |index: usize, of: usize, from: usize| {
        let begin = index * from / of;
        begin..((index + 1) * from / of).max(begin + 1).min(from)
    };
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let rows = span(y, height, high);
        for x in 0..width {
            let columns = span(x, width, wide);
            let (mut sums, mut count) = ([0_u32; 4], 0);
            for row in rows.clone() {
                for pixel in &sheet.pixels[row * wide + columns.start..row * wide + columns.end] {
                    let parts = pixel.to_be_bytes();
                    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += u32::from(part));
                    count += 1;
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "the mean of bytes")]
            pixels.push(u32::from_be_bytes(sums.map(|sum| (sum / count) as u8)));
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;

    /// Returns the screen of this many columns and rows after drawing a sheet.
    fn painted(columns: u16, rows: u16, sheet: &Sheet) -> Buffer {
        let mut terminal = ratatui::Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| _ = draw(frame, None, sheet)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn gray(level: u32) -> u32 {
        level << 16 | level << 8 | level
    }

    /// Returns a sheet in which each pixel has its own shade.
    fn sheet(width: usize, height: usize) -> Sheet {
        let pixels = (1..=width * height).map(|shade| gray(u32::try_from(shade).unwrap()));
        Sheet { pixels: pixels.collect(), size: (width, height), ..Sheet::default() }
    }

    fn row(buffer: &Buffer, y: u16) -> String {
        (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
    }

    #[test]
    fn a_character_is_two_pixels() {
        let buffer = painted(2, 2, &sheet(2, 4));
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let cell = &buffer[(x, y)];
            let upper = u8::try_from(4 * y + x + 1).unwrap();
            assert_eq!(cell.symbol(), "▀");
            assert_eq!(cell.fg, Color::Rgb(upper, upper, upper), "upper half of {x}, {y}");
            let lower = upper + 2;
            assert_eq!(cell.bg, Color::Rgb(lower, lower, lower), "lower half of {x}, {y}");
        }
    }

    #[test]
    fn a_picture_of_another_size_fills_the_screen() {
        let mean = scaled(&sheet(4, 2), (2, 1));
        // (1 + 2 + 5 + 6) / 4 and (3 + 4 + 7 + 8) / 4, both rounded down.
        assert_eq!(mean, [gray(3), gray(5)]);
        let larger = scaled(&sheet(2, 1), (5, 2));
        assert_eq!(larger, [1, 1, 1, 2, 2, 1, 1, 1, 2, 2].map(gray));
        for (width, height) in [(1, 1), (3, 7), (100, 30)] {
            assert_eq!(scaled(&sheet(7, 5), (width, height)).len(), width * height);
        }
    }

    #[test]
    fn a_problem_takes_the_lower_part_and_the_picture_shrinks_into_what_is_left() {
        let message = (1..=40).map(|number| format!("line {number}\n")).collect::<String>();
        let problem = Some(format!("\x1b[31mwrong\x1b[m\n{message}"));
        let buffer = painted(20, 12, &Sheet { problem, ..sheet(6, 8) });
        // The picture has a third of the rows and thus a third of the columns, centered.
        let shrunk = format!("{:7}{}{:7}", "", "▀".repeat(6), "");
        assert!((0..4).all(|y| row(&buffer, y) == shrunk), "{buffer:?}");
        let color = |shade| Color::Rgb(shade, shade, shade);
        assert_eq!((buffer[(7, 0)].fg, buffer[(12, 3)].bg), (color(1), color(48)), "all of it");
        let below = (4..12).map(|y| row(&buffer, y).trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(below[..2], ["─".repeat(20), "wrong".to_owned()]);
        assert_eq!(below.last().map(String::as_str), Some("…"), "{below:?}");
        let short = painted(20, 12, &Sheet { problem: Some("wrong\n".to_owned()), ..sheet(4, 4) });
        assert_eq!((row(&short, 10), row(&short, 11).trim_end()), ("─".repeat(20), "wrong"));
    }

    #[test]
    fn a_note_is_one_line_at_the_bottom() {
        let notes = vec!["building…".to_owned()];
        let buffer = painted(12, 3, &Sheet { notes, ..sheet(4, 4) });
        assert_eq!((row(&buffer, 1), row(&buffer, 2)), ("▀".repeat(12), "building…   ".to_owned()));
    }

    #[test]
    fn the_canvas_is_as_large_as_wanted_but_for_whole_squares() {
        let table = [
            ((800, 600), (100, 30), (800, 480)),
            ((800, 600), (80, 24), (800, 480)),
            ((800, 600), (200, 20), (800, 160)),
            ((10, 10), (80, 24), (80, 48)),
            ((0, 0), (0, 0), (1, 2)),
        ];
        for (wanted, size, pixels) in table {
            assert_eq!(
                Cells::of_canvas(None, wanted, size).pixels(size),
                pixels,
                "{wanted:?} {size:?}"
            );
        }
    }
}

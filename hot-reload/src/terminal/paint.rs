//! Draws the screen on a separate thread, so that a slow connection blocks only that thread.

use super::content::{Content, Placement, scaled};
use super::images::Images;
use super::screen::{Area, Cell, Screen, Style};
use crate::error::{Error, Result};
use crate::lines::printable;
use crate::lock::lock;
use crate::threads::spawn;
use crossterm::style::Color;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Size of the output buffer in bytes.
const WRITTEN_AT_ONCE: usize = 64 << 10;

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
        content: Arc<Mutex<Content>>,
    ) -> Result<Self> {
        const NAME: &str = "hot-reload terminal picture";
        // One order waits while another is carried out, so the newest content is always painted.
        let (orders, incoming) = sync_channel(1);
        let turn = move || {
            let tty = BufWriter::with_capacity(WRITTEN_AT_ONCE, tty);
            if let Err(error) = paint(tty, images.as_ref(), &content, &incoming) {
                eprintln!("hot-reload: the terminal no longer accepts pictures: {error}");
            }
        };
        let thread = spawn(NAME, turn).map_err(Error::thread(NAME))?;
        Ok(Painter { orders: Some(orders), thread })
    }

    /// Returns true while the terminal accepts output.
    pub(super) fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Orders the content to be painted; does not wait for it.
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

fn paint(
    mut tty: impl Write,
    images: Option<&Images>,
    content: &Mutex<Content>,
    orders: &Receiver<()>,
) -> std::io::Result<()> {
    // A private copy, so that the owner can fill the shared content while this one is painted.
    let (mut painted, mut screen) = (Content::default(), Screen::default());
    for () in orders {
        {
            let mut content = lock(content);
            if !std::mem::take(&mut content.fresh) {
                continue;
            }
            painted.size = content.size;
            std::mem::swap(&mut painted.pixels, &mut content.pixels);
            painted.problem.clone_from(&content.problem);
            painted.notes.clone_from(&content.notes);
        }
        if painted.pixels.len() == painted.size.0 * painted.size.1 && !painted.pixels.is_empty() {
            screen.begin(crossterm::terminal::size()?);
            let place = draw(&mut screen, images, &painted);
            screen.flush(&mut tty)?;
            let shrunk = Some(place.picture).filter(|_| painted.problem.is_some());
            lock(content).shrunk = shrunk;
        }
    }
    Ok(())
}

fn draw(screen: &mut Screen, images: Option<&Images>, content: &Content) -> Placement {
    let area = screen.area();
    let lines = lines(content, area);
    let below = u16::try_from(lines.len()).unwrap_or(area.height).min(area.height);
    let above = Area { height: area.height - below, ..area };
    let place = Placement::new(area, above, content.problem.is_some());
    match images {
        Some(images) => images.draw(screen, content, place),
        None => draw_halves(screen, content, place),
    }
    for (y, (line, style)) in (above.height..area.height).zip(lines) {
        screen.write_line(y, &line, style);
    }
    place
}

/// Returns the lines below the picture. On screens with more than a few rows they leave a third to
/// the picture.
fn lines(content: &Content, area: Area) -> Vec<(String, Style)> {
    let (gray, red) = (Style::colored(Color::DarkGrey), Style::colored(Color::DarkRed));
    let mut lines = Vec::new();
    if let Some(problem) = &content.problem {
        lines.push(("─".repeat(area.width.into()), red));
        // This includes the edge and the notes.
        let most = (usize::from(area.height) * 2 / 3).saturating_sub(content.notes.len()).max(3);
        let mut text = problem.trim_end().lines().map(|line| printable(line.as_bytes()));
        lines.extend(text.next().map(|first| (first, Style { bold: true, ..red })));
        let rest = text.by_ref().take(most.saturating_sub(3));
        lines.extend(rest.map(|line| (line, Style::PLAIN)));
        if text.next().is_some() {
            lines.push(("…".to_owned(), gray));
        }
    }
    lines.extend(content.notes.iter().map(|note| (note.clone(), gray)));
    lines
}

/// Draws two pixels per character: the upper one as its color, the lower one as its background.
fn draw_halves(screen: &mut Screen, content: &Content, Placement { picture, seen }: Placement) {
    let (width, height) = (usize::from(picture.width), 2 * usize::from(picture.height));
    let pixels = scaled(content, (width, height));
    let color = |x: u16, y: usize| {
        let [_, r, g, b] = pixels[y * width + usize::from(x)].to_be_bytes();
        Color::Rgb { r, g, b }
    };
    for y in 0..seen.height {
        for x in 0..seen.width {
            let upper = 2 * usize::from(y);
            if let Some(cell) = screen.cell(seen.x + x, seen.y + y) {
                let (foreground, background) = (color(x, upper), color(x, upper + 1));
                *cell = Cell {
                    symbol: "▀".into(),
                    style: Style { foreground, background, bold: false },
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the screen of this many columns and rows after drawing some content.
    fn painted(columns: u16, rows: u16, content: &Content) -> Screen {
        let mut screen = Screen::default();
        screen.begin((columns, rows));
        draw(&mut screen, None, content);
        screen
    }

    fn shade(shade: u8) -> Color {
        Color::Rgb { r: shade, g: shade, b: shade }
    }

    fn gray(level: u32) -> u32 {
        level << 16 | level << 8 | level
    }

    /// Returns content in which each pixel has its own shade.
    fn content(width: usize, height: usize) -> Content {
        let pixels = (1..=width * height).map(|shade| gray(u32::try_from(shade).unwrap()));
        Content { pixels: pixels.collect(), size: (width, height), ..Content::default() }
    }

    fn row(screen: &mut Screen, y: u16) -> String {
        let columns = 0..screen.area().width;
        columns.map(|x| screen.cell(x, y).unwrap().symbol.clone()).collect()
    }

    #[test]
    fn a_character_is_two_pixels() {
        let mut screen = painted(2, 2, &content(2, 4));
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let cell = screen.cell(x, y).unwrap();
            let upper = u8::try_from(4 * y + x + 1).unwrap();
            assert_eq!(cell.symbol, "▀");
            assert_eq!(cell.style.foreground, shade(upper), "upper half of {x}, {y}");
            assert_eq!(cell.style.background, shade(upper + 2), "lower half of {x}, {y}");
        }
    }

    #[test]
    fn a_picture_of_another_size_fills_the_screen() {
        let mean = scaled(&content(4, 2), (2, 1));
        // (1 + 2 + 5 + 6) / 4 and (3 + 4 + 7 + 8) / 4, both rounded down.
        assert_eq!(mean, [gray(3), gray(5)]);
        let larger = scaled(&content(2, 1), (5, 2));
        assert_eq!(larger, [1, 1, 1, 2, 2, 1, 1, 1, 2, 2].map(gray));
        for (width, height) in [(1, 1), (3, 7), (100, 30)] {
            assert_eq!(scaled(&content(7, 5), (width, height)).len(), width * height);
        }
    }

    #[test]
    fn a_problem_takes_the_lower_part_and_the_picture_shrinks_into_what_is_left() {
        let message = (1..=40).map(|number| format!("line {number}\n")).collect::<String>();
        let problem = Some(format!("\x1b[31mwrong\x1b[m\n{message}"));
        let mut screen = painted(20, 12, &Content { problem, ..content(6, 8) });
        // The picture has a third of the rows and thus a third of the columns, centered.
        let shrunk = format!("{:7}{}{:7}", "", "▀".repeat(6), "");
        assert!((0..4).all(|y| row(&mut screen, y) == shrunk), "{screen:?}");
        let first = screen.cell(7, 0).unwrap().style.foreground;
        let last = screen.cell(12, 3).unwrap().style.background;
        assert_eq!((first, last), (shade(1), shade(48)), "all of it");
        let below = (4..12).map(|y| row(&mut screen, y).trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(below[..2], ["─".repeat(20), "wrong".to_owned()]);
        assert_eq!(below.last().map(String::as_str), Some("…"), "{below:?}");
        let mut short =
            painted(20, 12, &Content { problem: Some("wrong\n".to_owned()), ..content(4, 4) });
        assert_eq!(
            (row(&mut short, 10), row(&mut short, 11).trim_end()),
            ("─".repeat(20), "wrong")
        );
    }

    #[test]
    fn a_note_is_one_line_at_the_bottom() {
        let notes = vec!["building…".to_owned()];
        let mut screen = painted(12, 3, &Content { notes, ..content(4, 4) });
        assert_eq!(row(&mut screen, 1), "▀".repeat(12));
        assert_eq!(row(&mut screen, 2), "building…   ");
    }
}

//! Draws the screen on a separate thread, so that a slow connection blocks only that thread.

use super::content::{Content, Placement, scaled};
use super::images::Images;
use crate::error::{Error, Result};
use crate::lines::printable;
use crate::lock::lock;
use crate::threads::spawn;
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout};
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
            let backend = CrosstermBackend::new(BufWriter::with_capacity(WRITTEN_AT_ONCE, tty));
            let painted = ratatui::Terminal::new(backend)
                .and_then(|terminal| paint(terminal, images.as_ref(), &content, &incoming));
            if let Err(error) = painted {
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

fn paint<W: Write>(
    mut terminal: ratatui::Terminal<CrosstermBackend<W>>,
    images: Option<&Images>,
    content: &Mutex<Content>,
    orders: &Receiver<()>,
) -> std::io::Result<()> {
    // A private copy, so that the owner can fill the shared content while this one is painted.
    let mut painted = Content::default();
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
            let mut place = None;
            terminal.draw(|frame| place = Some(draw(frame, images, &painted)))?;
            let shrunk = place.map(|place| place.picture).filter(|_| painted.problem.is_some());
            lock(content).shrunk = shrunk;
        }
    }
    Ok(())
}

fn draw(frame: &mut Frame<'_>, images: Option<&Images>, content: &Content) -> Placement {
    let area = frame.area();
    let lines = words(content, area.height);
    let edge = if content.problem.is_some() { Borders::TOP } else { Borders::NONE };
    let below = lines.len() + usize::from(content.problem.is_some());
    let below = u16::try_from(below).unwrap_or(area.height).min(area.height);
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    let place = Placement::new(area, above, content.problem.is_some());
    match images {
        Some(images) => images.draw(frame, content, place),
        None => draw_halves(frame.buffer_mut(), content, place),
    }
    frame.render_widget(Clear, below);
    let block = Block::new().borders(edge).border_style(Style::new().red());
    frame.render_widget(Paragraph::new(lines).block(block), below);
    place
}

/// Returns the text below the picture. On screens with more than a few rows it leaves a third to
/// the picture.
fn words(content: &Content, rows: u16) -> Vec<Line<'static>> {
    let notes = content.notes.iter().map(|note| Line::from(note.clone()).dark_gray());
    let mut lines = Vec::new();
    if let Some(problem) = &content.problem {
        // This includes the edge and the notes.
        let most = (usize::from(rows) * 2 / 3).saturating_sub(content.notes.len()).max(3);
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
fn draw_halves(buffer: &mut Buffer, content: &Content, Placement { picture, seen }: Placement) {
    let (width, height) = (usize::from(picture.width), 2 * usize::from(picture.height));
    let pixels = scaled(content, (width, height));
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

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;

    /// Returns the screen of this many columns and rows after drawing some content.
    fn painted(columns: u16, rows: u16, content: &Content) -> Buffer {
        let mut terminal = ratatui::Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| _ = draw(frame, None, content)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn gray(level: u32) -> u32 {
        level << 16 | level << 8 | level
    }

    /// Returns content in which each pixel has its own shade.
    fn content(width: usize, height: usize) -> Content {
        let pixels = (1..=width * height).map(|shade| gray(u32::try_from(shade).unwrap()));
        Content { pixels: pixels.collect(), size: (width, height), ..Content::default() }
    }

    fn row(buffer: &Buffer, y: u16) -> String {
        (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
    }

    #[test]
    fn a_character_is_two_pixels() {
        let buffer = painted(2, 2, &content(2, 4));
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
        let buffer = painted(20, 12, &Content { problem, ..content(6, 8) });
        // The picture has a third of the rows and thus a third of the columns, centered.
        let shrunk = format!("{:7}{}{:7}", "", "▀".repeat(6), "");
        assert!((0..4).all(|y| row(&buffer, y) == shrunk), "{buffer:?}");
        let color = |shade| Color::Rgb(shade, shade, shade);
        assert_eq!((buffer[(7, 0)].fg, buffer[(12, 3)].bg), (color(1), color(48)), "all of it");
        let below = (4..12).map(|y| row(&buffer, y).trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(below[..2], ["─".repeat(20), "wrong".to_owned()]);
        assert_eq!(below.last().map(String::as_str), Some("…"), "{below:?}");
        let short =
            painted(20, 12, &Content { problem: Some("wrong\n".to_owned()), ..content(4, 4) });
        assert_eq!((row(&short, 10), row(&short, 11).trim_end()), ("─".repeat(20), "wrong"));
    }

    #[test]
    fn a_note_is_one_line_at_the_bottom() {
        let notes = vec!["building…".to_owned()];
        let buffer = painted(12, 3, &Content { notes, ..content(4, 4) });
        assert_eq!((row(&buffer, 1), row(&buffer, 2)), ("▀".repeat(12), "building…   ".to_owned()));
    }
}

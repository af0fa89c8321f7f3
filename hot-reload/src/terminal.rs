//! The picture in a terminal, and the terminal's keys and mouse as input.

#[cfg(unix)]
mod divert;
#[cfg_attr(not(feature = "terminal-images"), path = "terminal/no_images.rs")]
mod images;
mod keys;
mod paint;

use crate::{Error, Picture, Problem, Result, Status, WindowInput};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, Event, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, terminal};
use images::Images;
use keys::TerminalKeys;
use paint::{Cells, Painter, Sheet};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A line that the program prints is shown for so long.
const LINE_FOR: Duration = Duration::from_secs(3);

/// Shows an owner's pictures in the terminal that the program was started in: graphics over SSH.
///
/// The upper and the lower half of each character are colored, in 24 bits, and each is the mean of a square
/// of pixels. With the feature `terminal-images`, a terminal that can show images (by the protocols of kitty
/// and iTerm2, or as sixels, but not within tmux and screen) shows the pixels themselves, and a canvas that
/// follows the window has as many as the terminal. A slow connection costs pictures and never keeps the
/// owner waiting: a thread of its own writes.
///
/// What there is to say is shown as text (turn the [overlay](crate::OwnerBuilder::overlay) off). What the
/// program prints meanwhile would destroy the picture: where standard output and error are this terminal,
/// the last line is shown for three seconds, and the last 200 are printed when the terminal is given back,
/// at the value's end. (Not on Windows, where they do destroy the picture.)
///
/// Ctrl+C ends [`is_open`](Self::is_open). Most terminals tell no key's release: a key is taken to be down
/// for 150 ms after its last press or repetition. Keys are named by their place on a keyboard of the
/// United States.
///
/// ```no_run
/// # use hot_reload::{App, Owner, Terminal};
/// # fn show<Demo: App>(mut owner: Owner<Demo>) -> hot_reload::Result<()> {
/// let mut terminal = Terminal::open(800, 600)?;
/// owner.set_overlay(false);
/// while terminal.is_open() && owner.is_running() {
///     owner.tick(terminal.read()); // never blocks
///     terminal.show(&owner.picture(), owner.status());
///     owner.pace();
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Terminal {
    keys: TerminalKeys,
    /// The canvas's size in pixels, about.
    wanted: (u32, u32),
    images: Option<Images>,
    /// Stopped before the screen is given back.
    painter: Painter,
    sheet: Arc<Mutex<Sheet>>,
    told: Told,
    // In this order: what is printed goes to the terminal again, which is given back, and gets what was
    // printed meanwhile.
    #[cfg(unix)]
    printed: Option<divert::Diverted>,
    _screen: Screen,
    #[cfg(unix)]
    _afterwards: Option<divert::Afterwards>,
}

/// What the words on the screen are made of.
#[derive(Debug, Default)]
struct Told {
    problem: Option<Problem>,
    line: Option<(String, Instant)>,
    note: Option<String>,
}

impl Terminal {
    /// Takes the terminal over until the value is dropped, for a canvas of about so many pixels.
    ///
    /// # Errors
    /// When standard input or output is no terminal, or the terminal cannot be set up.
    pub fn open(width: u32, height: u32) -> Result<Terminal> {
        let no_terminal = |reason: &str| Error::Terminal(io::Error::other(reason.to_owned()));
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(no_terminal("standard input and output are none"));
        }
        let mut screen = Screen::take().map_err(Error::Terminal)?;
        let images = Images::ask();
        let tells_releases = screen.ask_for_releases().map_err(Error::Terminal)?;
        #[cfg(unix)]
        let (tty, mut printed) = {
            let tty = divert::duplicate_of_stdout().map_err(Error::Terminal)?;
            (tty, divert::Diverted::start().map_err(Error::Terminal)?)
        };
        #[cfg(not(unix))]
        let tty = io::stdout();
        let wanted = (width, height);
        let size = terminal::size().map_err(Error::Terminal)?;
        let cells = Cells::of_canvas(images.as_ref(), wanted, size);
        let sheet = Arc::new(Mutex::new(Sheet::default()));
        let painter = Painter::start(tty, images.clone(), sheet.clone())?;
        let mut keys = TerminalKeys::new(tells_releases, cells);
        keys.resize(size, cells);
        Ok(Terminal {
            keys,
            wanted,
            images,
            painter,
            sheet,
            told: Told::default(),
            #[cfg(unix)]
            _afterwards: printed.as_mut().and_then(divert::Diverted::afterwards),
            #[cfg(unix)]
            printed,
            _screen: screen,
        })
    }

    /// Whether the terminal is there, and nobody has pressed Ctrl+C in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.keys.is_open() && self.painter.is_running()
    }

    /// What has happened since the last call; never waits.
    pub fn read(&mut self) -> &WindowInput {
        while self.keys.is_open() && crossterm::event::poll(Duration::ZERO).unwrap_or_default() {
            match crossterm::event::read() {
                Ok(Event::Resize(columns, rows)) => {
                    let size = (columns, rows);
                    self.keys
                        .resize(size, Cells::of_canvas(self.images.as_ref(), self.wanted, size));
                }
                Ok(event) => self.keys.on(&event, Instant::now()),
                Err(_) => self.keys.close(),
            }
        }
        self.keys.turn(Instant::now())
    }

    /// Shows the last good frame, and in words what there is to say of it. Once a tick; what has not
    /// changed is not shown again.
    pub fn show(&mut self, picture: &Picture<'_>, status: &Status) {
        let words = self.told.update(status, self.newest_line());
        if !picture.is_fresh() && !words {
            return;
        }
        {
            let mut sheet = self.sheet.lock().unwrap_or_else(PoisonError::into_inner);
            sheet.fresh = true;
            sheet.pixels.clear();
            sheet.pixels.extend_from_slice(picture.frame());
            sheet.size = (picture.width(), picture.height());
            if words {
                sheet.problem = self.told.problem.as_ref().map(ToString::to_string);
                sheet.note.clone_from(&self.told.note);
            }
        }
        self.painter.paint();
    }

    #[cfg(unix)]
    fn newest_line(&self) -> Option<String> {
        self.printed.as_ref().and_then(divert::Diverted::take_newest)
    }

    #[cfg(not(unix))]
    fn newest_line(&self) -> Option<String> {
        None
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.painter.stop();
    }
}

impl Told {
    /// Takes what there is to say; whether that is something else.
    fn update(&mut self, status: &Status, line: Option<String>) -> bool {
        let mut other = self.problem != status.problem;
        if other {
            self.problem.clone_from(&status.problem);
        }
        if let Some(line) = line {
            self.line = Some((line, Instant::now()));
        }
        self.line.take_if(|(_, since)| since.elapsed() >= LINE_FOR);
        let building = || status.progress.as_ref().map(|_| "building…".to_owned());
        let note = self.line.as_ref().map(|(line, _)| line.clone()).or_else(building);
        if note != self.note {
            self.note = note;
            other = true;
        }
        other
    }
}

/// The terminal in our hands; dropped, it is as it was.
#[derive(Debug)]
struct Screen {
    asked_for_releases: bool,
}

impl Screen {
    fn take() -> io::Result<Screen> {
        terminal::enable_raw_mode()?;
        let screen = Screen { asked_for_releases: false };
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            cursor::Hide,
            EnableMouseCapture,
            EnableFocusChange,
            EnableBracketedPaste
        )?;
        Ok(screen)
    }

    /// Asks the terminal to tell when a key goes up; whether it does.
    fn ask_for_releases(&mut self) -> io::Result<bool> {
        if terminal::supports_keyboard_enhancement().unwrap_or_default() {
            let flags = KeyboardEnhancementFlags::all();
            execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
            self.asked_for_releases = true;
        }
        Ok(self.asked_for_releases)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut stdout = io::stdout();
        // A terminal that is gone cannot be given back.
        if self.asked_for_releases {
            let _ = execute!(stdout, PopKeyboardEnhancementFlags);
        }
        let _ = execute!(
            stdout,
            DisableBracketedPaste,
            DisableFocusChange,
            DisableMouseCapture,
            cursor::Show,
            LeaveAlternateScreen
        );
        let _ = terminal::disable_raw_mode();
        let _ = stdout.flush();
    }
}

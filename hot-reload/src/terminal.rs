//! Shows the picture in a terminal and turns the terminal's keys and mouse into input.

#[cfg(unix)]
mod capture;
mod content;
mod events;
#[cfg(all(feature = "owner", any(test, fuzzing)))]
mod hostile;
#[cfg_attr(not(feature = "terminal-images"), path = "terminal/no_images.rs")]
mod images;
mod keys;
mod paint;
mod screen;
mod status_lines;

#[cfg(all(feature = "owner", any(test, fuzzing)))]
pub(crate) use hostile::play;

use crate::error::{Error, Result};
use crate::input::WindowInput;
use crate::lock::lock;
use crate::owner::Picture;
use crate::status::{Problem, Status};
use content::{Cells, Content};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, Event, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, style, terminal};
use events::Events;
use images::Images;
use keys::TerminalKeys;
use paint::Painter;
use status_lines::StatusLines;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Shows an owner's pictures in the terminal in which the program was started. This works over SSH.
///
/// Each character shows two colors (24 bits each), one in its upper and one in its lower half, and
/// each color is the mean of a square of pixels. With the feature `terminal-images`, a terminal
/// that supports images (by the protocols of kitty or iTerm2, or as sixels, but not inside tmux or
/// screen) shows the pixels themselves, and a canvas that follows the window has the terminal's
/// resolution. A separate thread writes to the terminal, so a slow connection drops pictures but
/// never makes the owner wait.
///
/// Messages (a compile error, a crash, a renderer that does not answer) appear as text below the
/// picture. They replace the [overlay](crate::OwnerBuilder::overlay), which can be turned off.
/// Output that the program prints would destroy the picture. Where standard output and error are
/// this terminal, it is therefore captured: the last line is shown for three seconds, and the
/// beginnings of the last 200 lines are printed when the value is dropped and the terminal is
/// restored. (On Windows the output is not captured and does destroy the picture.)
///
/// A program that ends without dropping the value (an abort, an unhandled signal) does not restore
/// the terminal; the shell's `reset` command does.
///
/// After Ctrl+C, [`is_open`](Self::is_open) returns false. Most terminals do not report key
/// releases: there, a key counts as down until 150 ms after its last press or repetition. Keys are
/// named by their position on a US keyboard. Requires the feature `terminal`.
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
    /// Approximate size of the canvas in pixels.
    wanted: (u32, u32),
    images: Option<Images>,
    events: Events,
    /// Thread that writes the screen; stopped before the screen is restored.
    painter: Painter,
    content: Arc<Mutex<Content>>,
    said: StatusLines,
    problem: Option<Problem>,
    // The order of these three fields matters: dropping them first ends the capture of output, then
    // restores the terminal, then prints the captured lines.
    #[cfg(unix)]
    printed: Option<capture::CapturedStdout>,
    screen: Screen,
    #[cfg(unix)]
    _afterwards: Option<capture::Afterwards>,
}

impl Terminal {
    /// Takes over the terminal until the value is dropped, for a canvas of about `width` × `height`
    /// pixels.
    ///
    /// # Errors
    /// Returns an error if standard input or output is not a terminal, or if the terminal cannot be
    /// set up.
    pub fn open(width: u32, height: u32) -> Result<Terminal> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            let reason = "standard input or output is not a terminal";
            return Err(Error::Terminal(io::Error::other(reason)));
        }
        // `NO_COLOR` asks for text without colors, but here the colors are the picture.
        style::force_color_output(true);
        let mut screen = Screen::take().map_err(Error::Terminal)?;
        let images = Images::ask();
        let tells_releases = screen.ask_for_releases().map_err(Error::Terminal)?;
        #[cfg(unix)]
        let (tty, mut printed) = {
            let tty = capture::duplicate_of_stdout().map_err(Error::Terminal)?;
            (tty, capture::CapturedStdout::start().map_err(Error::Terminal)?)
        };
        #[cfg(not(unix))]
        let tty = io::stdout();
        let wanted = (width, height);
        let size = terminal::size().map_err(Error::Terminal)?;
        let cells = Cells::of_canvas(images.as_ref().map(Images::cells), wanted, size);
        let content = Arc::new(Mutex::new(Content::default()));
        let painter = Painter::start(tty, images.clone(), content.clone())?;
        let mut keys = TerminalKeys::new(tells_releases, cells);
        keys.resize(size, cells);
        Ok(Terminal {
            keys,
            wanted,
            images,
            events: Events::start()?,
            painter,
            content,
            said: StatusLines::default(),
            problem: None,
            #[cfg(unix)]
            _afterwards: printed.as_mut().and_then(capture::CapturedStdout::afterwards),
            #[cfg(unix)]
            printed,
            screen,
        })
    }

    /// Returns true while the terminal works and Ctrl+C has not been pressed in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.keys.is_open() && self.events.are_coming() && self.painter.is_running()
    }

    /// Returns the input since the last call; never waits.
    pub fn read(&mut self) -> &WindowInput {
        let now = Instant::now();
        self.keys.shrink(lock(&self.content).shrunk);
        for event in self.events.take() {
            if let Event::Resize(columns, rows) = event {
                let size = (columns, rows);
                let cells =
                    Cells::of_canvas(self.images.as_ref().map(Images::cells), self.wanted, size);
                self.keys.resize(size, cells);
            }
            self.keys.on(&event, now);
        }
        self.keys.turn(now)
    }

    /// Shows the last good frame, and the status as text. Call it once per tick.
    pub fn show(&mut self, picture: &Picture<'_>, status: &Status) {
        let (line, now) = (self.newest_line(), Instant::now());
        let notes = self.said.update(status, line, now);
        let problem = self.problem != status.problem;
        if problem {
            self.problem.clone_from(&status.problem);
        }
        if !picture.is_fresh() && !notes && !problem {
            return;
        }
        {
            let mut content = lock(&self.content);
            content.fresh = true;
            content.pixels.clear();
            content.pixels.extend_from_slice(picture.frame());
            content.size = (picture.width(), picture.height());
            if notes {
                content.notes = self.said.notes().to_vec();
            }
            if problem {
                let part = status.part.map(|part| format!("{part}: ")).unwrap_or_default();
                content.problem = self.problem.as_ref().map(|problem| format!("{part}{problem}"));
            }
        }
        self.painter.paint();
    }

    #[cfg(unix)]
    fn newest_line(&self) -> Option<String> {
        self.printed.as_ref().and_then(capture::CapturedStdout::take_newest)
    }

    #[cfg(not(unix))]
    fn newest_line(&self) -> Option<String> {
        None
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.events.stop();
        if !self.painter.stop() {
            self.screen.stands_still = true;
        }
    }
}

/// The terminal in our configuration; restored on drop.
#[derive(Debug)]
struct Screen {
    asked_for_releases: bool,
    /// Set once the terminal accepts no more output: writing to it would block forever.
    stands_still: bool,
}

impl Screen {
    fn take() -> io::Result<Screen> {
        terminal::enable_raw_mode()?;
        let screen = Screen { asked_for_releases: false, stands_still: false };
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

    /// Asks the terminal to report key releases and returns whether it will. Requests nothing else:
    /// reporting every key as an escape code, or modifiers alone, would break text input.
    fn ask_for_releases(&mut self) -> io::Result<bool> {
        if cfg!(windows) {
            return Ok(true);
        }
        if terminal::supports_keyboard_enhancement().unwrap_or_default() {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
                | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
            execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
            self.asked_for_releases = true;
        }
        Ok(self.asked_for_releases)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if !self.stands_still {
            let mut stdout = io::stdout();
            // Errors are ignored: a terminal that is gone cannot be restored.
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
            let _ = stdout.flush();
        }
        let _ = terminal::disable_raw_mode();
    }
}

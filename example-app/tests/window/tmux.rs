//! The screen of a real terminal emulator: tmux, on the test's own server.

use super::copy::Copy;
use super::program::users_command;
use super::screen;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Time limit for conditions; see `program`.
const LIMIT: Duration = Duration::from_secs(180);
const FIRST_LIMIT: Duration = Duration::from_secs(900);
const POLL: Duration = Duration::from_millis(30);

/// A terminal with one program in it; both end when it is dropped.
#[derive(Debug)]
pub(super) struct Tmux {
    server: String,
}

/// Appearance of a character on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    pub(super) symbol: char,
    /// Color of 24 bits; `None` for the terminal's default.
    pub(super) foreground: Option<u32>,
    pub(super) background: Option<u32>,
}

/// Content of the screen, row by row.
#[derive(Debug)]
pub(super) struct Characters(Vec<Vec<Cell>>);

/// Returns whether a test can use tmux.
pub(super) fn is_there(test: &str) -> bool {
    screen::are_installed(test, &["tmux"])
}

impl Tmux {
    /// Runs a shell command in a terminal of this size.
    pub(super) fn start(copy: &Copy, name: &str, (columns, rows): (u32, u32), line: &str) -> Self {
        let terminal = Tmux { server: format!("hot-reload-{}-{name}", std::process::id()) };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        // Without the status line the terminal has all rows.
        let mut command = users_command("tmux", &copy.root);
        command.env_remove("TMUX");
        command.args(["-L", &terminal.server, "-f", "/dev/null"]);
        command.args(["new-session", "-d", "-x", &columns, "-y", &rows, line, ";"]);
        command.args(["set-option", "-g", "status", "off"]);
        let said = command.output().expect("tmux can be run");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        terminal.resize(&columns, &rows);
        terminal
    }

    /// Resizes the terminal.
    pub(super) fn resize(&self, columns: &str, rows: &str) {
        self.run(&["resize-window", "-x", columns, "-y", rows]);
    }

    /// Presses a key, by tmux's name for it.
    pub(super) fn press(&self, key: &str) {
        self.run(&["send-keys", key]);
    }

    /// Clicks the left mouse button, with the bytes that terminals send for it.
    pub(super) fn click(&self, column: u32, row: u32) {
        for end in ['M', 'm'] {
            let bytes = format!("\x1b[<0;{};{}{end}", column + 1, row + 1);
            let bytes = bytes.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
            let bytes = bytes.iter().map(String::as_str);
            self.run(&["send-keys", "-H"].into_iter().chain(bytes).collect::<Vec<_>>());
        }
    }

    /// Returns tmux's answer to a format.
    pub(super) fn ask(&self, format: &str) -> String {
        self.run(&["display-message", "-p", format]).trim().to_owned()
    }

    /// Returns all lines, including those that have scrolled off the top.
    pub(super) fn lines(&self) -> String {
        self.run(&["capture-pane", "-p", "-J", "-S", "-"])
    }

    pub(super) fn screen(&self) -> Characters {
        Characters::read(&self.run(&["capture-pane", "-p", "-e"]))
    }

    /// Waits until `look` returns `Ok`; its errors describe what it sees instead.
    pub(super) fn wait<T>(
        &self,
        what: &str,
        look: impl FnMut(&Characters) -> Result<T, String>,
    ) -> T {
        self.wait_up_to(LIMIT, what, look)
    }

    /// Waits for the first result, which may include compiling.
    pub(super) fn wait_first<T>(
        &self,
        what: &str,
        look: impl FnMut(&Characters) -> Result<T, String>,
    ) -> T {
        self.wait_up_to(FIRST_LIMIT, what, look)
    }

    fn wait_up_to<T>(
        &self,
        limit: Duration,
        what: &str,
        mut look: impl FnMut(&Characters) -> Result<T, String>,
    ) -> T {
        let begun = Instant::now();
        loop {
            match look(&self.screen()) {
                Ok(found) => return found,
                Err(seen) if begun.elapsed() > limit => {
                    panic!("no {what} within {limit:?}, but {seen}")
                }
                Err(_) => thread::sleep(POLL),
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux").args(["-L", &self.server]).args(arguments).output();
        let output = output.expect("tmux can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.server, "kill-server"]).output();
    }
}

impl Characters {
    /// Parses text with color escapes, which stay in effect across lines.
    fn read(text: &str) -> Self {
        let mut cell = Cell::default();
        let mut rows = Vec::new();
        for line in text.lines() {
            let mut row = Vec::new();
            let mut rest = line.chars();
            while let Some(symbol) = rest.next() {
                if symbol == '\x1b' {
                    let codes = rest.by_ref().skip(1).take_while(|&it| it != 'm');
                    cell.dress(&codes.collect::<String>());
                } else {
                    row.push(Cell { symbol, ..cell });
                }
            }
            rows.push(row);
        }
        Characters(rows)
    }

    /// Returns the text, one line per row.
    pub(super) fn text(&self) -> String {
        let row =
            |row: &Vec<Cell>| row.iter().map(|cell| cell.symbol).chain(['\n']).collect::<String>();
        self.0.iter().map(row).collect()
    }

    /// Returns the columns and rows of the picture above the text.
    pub(super) fn picture(&self) -> (usize, usize) {
        let columns = |row: &Vec<Cell>| row.iter().filter(|cell| cell.symbol == '▀').count();
        let rows = self.0.iter().take_while(|row| columns(row) > 0);
        (self.0.first().map_or(0, columns), rows.count())
    }

    pub(super) fn cell(&self, column: usize, row: usize) -> Cell {
        self.0.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
    }
}

impl Cell {
    /// Applies the numbers of an escape.
    fn dress(&mut self, codes: &str) {
        let mut codes = codes.split(';').map(|code| code.parse::<u32>().unwrap_or(0));
        while let Some(code) = codes.next() {
            let mut color = || {
                let rgb = codes.next() == Some(2);
                let parts = codes.by_ref().take(if rgb { 3 } else { 1 });
                let color = parts.fold(0, |color, part| color << 8 | part);
                rgb.then_some(color)
            };
            match code {
                0 => (self.foreground, self.background) = (None, None),
                38 => self.foreground = color(),
                48 => self.background = color(),
                39 => self.foreground = None,
                49 => self.background = None,
                _ => {}
            }
        }
    }
}

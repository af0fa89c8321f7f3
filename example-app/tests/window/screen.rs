//! An X server without a monitor, input like a user's, and the pictures shown there.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, ImageFormat, MapState};
use x11rb::rust_connection::RustConnection;

/// A private X server; it ends when dropped.
pub(super) struct Screen {
    connection: RustConnection,
    root: u32,
    pub(super) display: String,
    server: Server,
}

/// The content of a window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels as 0RGB.
    pub(super) pixels: Vec<u32>,
}

/// Returns whether the tests of the window can run here. Panics instead of returning false where
/// they are required.
pub(super) fn is_there(test: &str) -> bool {
    are_installed(test, &["Xvfb", "xdotool"])
}

/// Returns whether a test can use these programs.
pub(super) fn are_installed(test: &str, programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let lacks =
        |name: &&&str| !std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let missing = programs.iter().filter(lacks).copied();
    let missing = missing.collect::<Vec<_>>().join(" and ");
    if missing.is_empty() {
        return true;
    }
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{missing} must be installed where CI is true"
    );
    eprintln!("skipped: {test} needs {missing}");
    false
}

impl Screen {
    /// Starts a server on a free display.
    pub(super) fn start(results: &Path) -> Self {
        let log = results.join("xvfb.log");
        let errors = File::create(&log).expect("the log of the X server");
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1920x1200x24"]);
        // Without `-noreset`, the server resets when its last client leaves.
        command.args(["-nolisten", "tcp", "-noreset"]);
        let child = command.stdout(Stdio::piped()).stderr(errors).spawn();
        let mut server = Server(child.expect("Xvfb can be started"));
        let mut number = String::new();
        let pipe = server.0.stdout.take().expect("a pipe");
        let read = BufReader::new(pipe).read_line(&mut number);
        let number = number.trim();
        assert!(read.is_ok() && !number.is_empty(), "Xvfb names no display; see {}", log.display());
        let display = format!(":{number}");
        let (connection, screen) = x11rb::connect(Some(&display)).expect("a connection to Xvfb");
        Screen { root: connection.setup().roots[screen].root, connection, display, server }
    }

    /// Returns the only window, once it exists.
    pub(super) fn window(&self) -> Result<u32, String> {
        let tree = self.connection.query_tree(self.root).expect("a request");
        let tree = tree.reply().map_err(|error| error.to_string())?;
        let windows = tree.children.into_iter();
        let windows = windows.filter(|window| self.is_visible(*window));
        match windows.collect::<Vec<_>>()[..] {
            [window] => Ok(window),
            ref windows => Err(format!("{} windows", windows.len())),
        }
    }

    fn is_visible(&self, window: u32) -> bool {
        let attributes = self.connection.get_window_attributes(window);
        let attributes = attributes.expect("a request").reply();
        attributes.is_ok_and(|it| it.map_state == MapState::VIEWABLE)
    }

    /// Returns a window's title.
    pub(super) fn title(&self, window: u32) -> String {
        let name = self.atom("_NET_WM_NAME");
        let any = AtomEnum::ANY;
        let property = self.connection.get_property(false, window, name, any, 0, 1024);
        let property = property.expect("a request").reply();
        property.map_or_else(
            |error| format!("(no title: {error})"),
            |it| String::from_utf8_lossy(&it.value).into_owned(),
        )
    }

    fn atom(&self, name: &str) -> u32 {
        let atom = self.connection.intern_atom(false, name.as_bytes());
        atom.expect("a request").reply().expect("an atom").atom
    }

    /// Kills the server, which closes every connection.
    pub(super) fn kill(&mut self) {
        self.server.0.kill().expect("a child can be killed");
        self.server.0.wait().expect("a child can be waited for");
    }

    /// Returns whether the server is still running.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.server.0.try_wait(), Ok(None))
    }

    /// Returns the current content of a window.
    pub(super) fn picture(&self, window: u32) -> Result<Picture, String> {
        let say = |error: x11rb::errors::ReplyError| error.to_string();
        let geometry = self.connection.get_geometry(window).expect("a request");
        let geometry = geometry.reply().map_err(say)?;
        let (width, height) = (geometry.width, geometry.height);
        let format = ImageFormat::Z_PIXMAP;
        let image = self.connection.get_image(format, window, 0, 0, width, height, !0);
        let image = image.expect("a request").reply().map_err(say)?;
        let (words, _) = image.data.as_chunks::<4>();
        let pixels = words.iter().map(|bytes| u32::from_le_bytes(*bytes));
        Ok(Picture {
            width: width.into(),
            height: height.into(),
            pixels: pixels.map(|pixel| pixel & 0x00ff_ffff).collect(),
        })
    }

    /// Returns whether keys go to this window.
    pub(super) fn has_focus(&self, window: u32) -> bool {
        let focus = self.connection.get_input_focus().expect("a request");
        focus.reply().is_ok_and(|focus| focus.focus == window)
    }

    /// Performs a user's actions, written as arguments of xdotool.
    pub(super) fn xdotool(&self, words: &str) {
        let mut command = Command::new("xdotool");
        command.args(words.split(' ')).env("DISPLAY", &self.display);
        let done = command.status().expect("xdotool can be started");
        assert!(done.success(), "`xdotool {words}` failed: {done}");
    }
}

impl Picture {
    /// Returns a pixel; the origin is the upper left corner.
    pub(super) fn pixel(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }

    /// Returns whether any pixel of a rectangle has a color.
    pub(super) fn shows(&self, color: u32, columns: Range<usize>, rows: Range<usize>) -> bool {
        let mut row_pixels = rows.map(|y| &self.pixels[y * self.width..][columns.clone()]);
        row_pixels.any(|pixels| pixels.contains(&color))
    }

    /// Writes the picture to a file.
    pub(super) fn save(&self, path: &Path) -> Result<(), String> {
        let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let side = |side: usize| u32::try_from(side).map_err(|error| say(&error));
        let file = File::create(path).map_err(|error| say(&error))?;
        let mut encoder = png::Encoder::new(file, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let bytes = self.pixels.iter().flat_map(|pixel| {
            let [_, red, green, blue] = pixel.to_be_bytes();
            [red, green, blue]
        });
        let bytes = bytes.collect::<Vec<_>>();
        let mut writer = encoder.write_header().map_err(|error| say(&error))?;
        writer.write_image_data(&bytes).map_err(|error| say(&error))
    }

    /// Returns the color of the lowest rows, or an error if they have several colors: the ground
    /// covers them completely.
    pub(super) fn ground(&self) -> Result<u32, String> {
        let rows = &self.pixels[self.width * self.height.saturating_sub(12)..];
        let Some(color) = rows.first() else {
            return Err("an empty picture".to_owned());
        };
        let other = rows.iter().find(|pixel| *pixel != color);
        other.map_or(Ok(*color), |other| {
            Err(format!("#{color:06x} and #{other:06x} in the lowest rows"))
        })
    }

    /// Checks the color of the ground; the error names the color found.
    pub(super) fn has_ground(&self, color: u32) -> Result<(), String> {
        match self.ground()? {
            found if found == color => Ok(()),
            found => Err(format!("#{found:06x} instead of #{color:06x} as ground")),
        }
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screen({}, {:?})", self.display, self.server)
    }
}

/// The process of the server.
#[derive(Debug)]
struct Server(Child);

impl Drop for Server {
    /// Ends the server in order, so that it removes its socket and its lock.
    fn drop(&mut self) {
        super::processes::signal("TERM", self.0.id());
        let begun = Instant::now();
        while let Ok(None) = self.0.try_wait() {
            if begun.elapsed() > Duration::from_secs(10) {
                let _ = self.0.kill();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

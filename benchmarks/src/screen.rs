//! An X server without a monitor, of the picture's size, and the color of its pixel in the middle.

use crate::process::{self, Group};
use crate::source::{HEIGHT, WIDTH};
use crate::{Failure, environment};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat};
use x11rb::rust_connection::RustConnection;

pub(crate) struct Screen {
    connection: RustConnection,
    root: u32,
    display: String,
    /// The server, which ends when this is dropped.
    _server: Group,
}

impl Screen {
    /// Starts a server on a free display.
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        if !environment::has("Xvfb") {
            return Err("Xvfb is not installed".to_owned());
        }
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &format!("{WIDTH}x{HEIGHT}x24")]);
        // Without `-noreset`, the server resets when its last client leaves.
        command.args(["-nolisten", "tcp", "-noreset"]).stdout(Stdio::piped());
        let mut server = Group::spawn(command, &folder.join("screen.log"))?;
        let lines = server.lines()?;
        let number = lines.next(Duration::from_secs(20))?;
        let display = format!(":{}", number.trim());
        let (connection, screen) = x11rb::connect(Some(&display))
            .map_err(|error| format!("no connection to Xvfb: {error}"))?;
        let root = connection.setup().roots[screen].root;
        Ok(Screen { connection, root, display, _server: server })
    }

    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// Waits until the pixel in the middle has a color, and returns the time of that.
    pub(crate) fn until(&self, color: u32, limit: Duration) -> Result<Instant, Failure> {
        let end = Instant::now() + limit;
        loop {
            let found = self.pixel()?;
            let now = Instant::now();
            if found == color {
                return Ok(now);
            }
            process::go_on()?;
            if now > end {
                return Err(format!("not seen within {limit:?}: #{found:06x}, not #{color:06x}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn pixel(&self) -> Result<u32, Failure> {
        let (x, y) = (i16::try_from(WIDTH / 2), i16::try_from(HEIGHT / 2));
        let (x, y) = (x.unwrap_or(0), y.unwrap_or(0));
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, 1, 1, !0);
        let image = image.map_err(|error| format!("the screen is gone: {error}"))?.reply();
        let image = image.map_err(|error| format!("the screen does not answer: {error}"))?;
        let bytes = image.data.first_chunk::<4>().ok_or("a pixel without bytes")?;
        Ok(u32::from_le_bytes(*bytes) & 0x00ff_ffff)
    }
}

//! The log of a ready-made owner: short lines on standard error.

use crate::outlet::Outlet;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::Uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A separate thread writes the lines, so that a stopped terminal (Ctrl+S) does not block the loop.
static LINES: Outlet = Outlet::new("hot-reload stderr", 4096);

/// Starts the log, unless the program has a subscriber already. `RUST_LOG` selects what is written:
/// a level, or levels by target, as in `warn,my_game=debug`. By default it is everything from
/// `info` on.
#[must_use = "the last lines are written when the value is dropped"]
pub(super) fn start() -> Log {
    let wanted = std::env::var("RUST_LOG").ok();
    let wanted = wanted.and_then(|text| text.parse::<Targets>().ok());
    let wanted = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_timer(Uptime::default())
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(Lines);
    let _ = tracing_subscriber::registry().with(wanted).with(lines).try_init();
    Log
}

/// Writes the last lines when it is dropped.
pub(super) struct Log;

impl Drop for Log {
    fn drop(&mut self) {
        const LAST_WORDS: Duration = Duration::from_millis(250);
        #[cfg(feature = "owner")]
        crate::log::flush();
        LINES.flush(LAST_WORDS);
    }
}

struct Lines;

/// A record, which is written when it is complete.
#[derive(Default)]
struct Line(Vec<u8>);

impl MakeWriter<'_> for Lines {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line::default()
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = std::mem::take(&mut self.0);
        let job = move |dropped| {
            let mut stderr = std::io::stderr().lock();
            if dropped > 0 {
                let _ = writeln!(stderr, "{dropped} lines dropped: standard error was not read");
            }
            let _ = stderr.write_all(&text);
        };
        LINES.hand_over(1, Box::new(job));
    }
}

//! Options of a ready-made owner.

use super::recording::Recording;
use super::script::Script;
#[cfg(feature = "options")]
use super::size::parse_size;
use crate::app::App;
use crate::error::{Error, Result};
use crate::owner::{Owner, OwnerBuilder};
use crate::request::TickRate;
use hot_reload_pod::Snapshot;
use std::path::{Path, PathBuf};

/// Options of the command line, for [`Play::options`](crate::Play::options).
///
/// A program with arguments of its own flattens them into its own parser; [`play`](crate::play())
/// reads them by itself. The parser is that of clap 4. Requires the feature `options`.
///
/// ```no_run
/// # #[cfg(feature = "options")]
/// # fn example() {
/// use clap::Parser;
/// use hot_reload::Options;
///
/// #[derive(Parser)]
/// struct Cli {
///     /// Number of balls at the start
///     #[arg(long, default_value_t = 7)]
///     balls: u32,
///     #[command(flatten)]
///     options: Options,
/// }
///
/// let cli = Cli::parse();
/// # }
/// ```
#[derive(Debug, Default)]
#[cfg_attr(feature = "options", derive(clap::Args))]
#[cfg_attr(not(feature = "options"), allow(unreachable_pub, reason = "public with the feature"))]
pub struct Options {
    /// Size of the window in pixels
    #[cfg_attr(feature = "options", arg(long, value_name = "WxH", value_parser = parse_size))]
    size: Option<(u32, u32)>,
    /// Size of the canvas, which the window scales; by default the canvas follows the window
    #[cfg_attr(feature = "options", arg(long, value_name = "WxH", value_parser = parse_size))]
    canvas: Option<(u32, u32)>,
    /// Ticks per second; 0 removes the limit
    #[cfg_attr(feature = "options", arg(long, value_name = "N"))]
    rate: Option<u32>,
    /// Seed of the random numbers
    #[cfg_attr(feature = "options", arg(long, value_name = "N"))]
    seed: Option<u64>,
    /// Open no window, even if there is a display
    #[cfg_attr(feature = "options", arg(long))]
    headless: bool,
    /// Show the picture in this terminal, even if there is a display
    #[cfg(feature = "terminal")]
    #[cfg_attr(feature = "options", arg(long, conflicts_with_all = ["headless", "script"]))]
    terminal: bool,
    /// Quit after this many pictures
    #[cfg_attr(feature = "options", arg(long, value_name = "N"))]
    frames: Option<u64>,
    /// Write the last picture to this file
    #[cfg(feature = "options")]
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Start with the state saved in this file, by this build or an earlier one
    #[cfg_attr(feature = "options", arg(long, value_name = "FILE"))]
    load: Option<PathBuf>,
    /// Resume the state of the last run if that was killed or lost its window
    #[cfg_attr(feature = "options", arg(long, conflicts_with = "load"))]
    resume: bool,
    /// Save the state to this file on exit
    #[cfg_attr(feature = "options", arg(long, value_name = "FILE"))]
    save: Option<PathBuf>,
    /// Print the state saved in this file, as a tree and as JSON, and quit
    #[cfg_attr(feature = "options", arg(long, value_name = "FILE"))]
    inspect: Option<PathBuf>,
    /// Print only this form, with --inspect
    #[cfg_attr(feature = "options", arg(long, value_name = "FORM", requires = "inspect"))]
    form: Option<Form>,
    /// Show no picture before the first hot build, instead of what this program itself draws
    #[cfg_attr(feature = "options", arg(long))]
    await_build: bool,
    /// Print on exit how long each step of the reloads took, from the save to the picture
    #[cfg_attr(feature = "options", arg(long))]
    timings: bool,
    /// Play the input in this file without a window: each of its ticks waits for its picture, so that
    /// the same script gives the same pictures. Ends after the last action, or after --frames
    #[cfg_attr(feature = "options", arg(long, value_name = "FILE"))]
    script: Option<PathBuf>,
    /// Write what happens in the window to this file, as a script
    #[cfg_attr(feature = "options", arg(long, value_name = "FILE", conflicts_with = "script"))]
    record: Option<PathBuf>,
}

/// Form in which a saved state is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "options", derive(clap::ValueEnum))]
pub(super) enum Form {
    /// Readable by people
    Tree,
    /// Readable by programs
    Json,
}

/// The command line of a program without arguments of its own.
#[cfg(feature = "options")]
#[derive(clap::Parser)]
#[command(after_help = KEYS)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

#[cfg(feature = "options")]
const KEYS: &str = "Keys: F1 shows the development keys of the window";

impl Options {
    /// Parses the command line. Prints the help or a mistake and ends the process, if there is one.
    #[cfg(feature = "options")]
    pub(super) fn of_command_line() -> Self {
        <CommandLine as clap::Parser>::parse().options
    }

    /// Returns the saved state to print instead of running.
    pub(super) fn inspected(&self) -> Option<(&Path, Option<Form>)> {
        Some((self.inspect.as_deref()?, self.form))
    }

    /// Returns true if this program must not draw until the first hot build has ended.
    pub(super) fn awaits_build(&self) -> bool {
        self.await_build
    }

    pub(super) fn is_headless(&self) -> bool {
        self.headless
    }

    #[cfg(feature = "terminal")]
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Returns true if this number of pictures is enough.
    pub(super) fn is_last(&self, frames: u64) -> bool {
        self.frames.is_some_and(|last| frames >= last)
    }

    /// Reads the script.
    pub(super) fn script(&self) -> Result<Option<Script>> {
        self.script.as_deref().map(Script::read).transpose()
    }

    /// Creates the file to which the input is recorded.
    pub(super) fn recording(&self, seed: u64) -> Result<Option<Recording>> {
        self.record.as_deref().map(|path| Recording::create(path, seed)).transpose()
    }

    /// Returns true if the program ends after a number of pictures.
    pub(super) fn counts_frames(&self) -> bool {
        self.frames.is_some()
    }

    /// Applies the options to a builder.
    pub(super) fn configure<A: App>(
        &self,
        mut builder: OwnerBuilder<A>,
    ) -> Result<OwnerBuilder<A>> {
        if let Some((width, height)) = self.size {
            builder = builder.size(width, height);
        }
        if let Some((width, height)) = self.canvas {
            builder = builder.canvas_size(width, height);
        }
        if let Some(rate) = self.rate {
            builder = builder.tick_rate(TickRate::per_second(rate));
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if self.resume {
            builder = builder.resume(true);
        }
        if let Some(file) = &self.load {
            builder = builder.restore(Snapshot::load(file)?);
        }
        Ok(builder)
    }

    /// Writes the last picture.
    #[cfg_attr(
        not(feature = "options"),
        allow(
            clippy::unnecessary_wraps,
            clippy::unused_self,
            unused_variables,
            reason = "no file"
        )
    )]
    pub(super) fn write_picture<A: App>(&self, owner: &Owner<A>) -> Result<()> {
        #[cfg(feature = "options")]
        if let Some(path) = &self.png {
            let picture = owner.picture();
            let size = (picture.width(), picture.height());
            crate::png_file::write(path, size, picture.pixels())?;
            tracing::info!("the last picture is in {}", path.display());
        }
        Ok(())
    }

    /// Prints the timings, ends the owner and saves its state. Fails if the renderer has failed.
    pub(super) fn finish<A: App>(&self, owner: Owner<A>) -> Result<()> {
        let failure = owner.failure().map(|error| Error::Failed(error.to_owned()));
        if self.timings {
            eprintln!("{}", owner.history());
        }
        if let Some(file) = &self.save {
            owner.finish().ok_or(Error::NothingToSave)?.save(file)?;
            #[cfg(feature = "options")]
            tracing::info!("the state was saved to {}", file.display());
        }
        failure.map_or(Ok(()), Err)
    }
}

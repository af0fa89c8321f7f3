//! The command line.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const KEYS: &str =
    "Keys: F1 shows which build drew the picture, and how long that took; Escape ends";

/// Keep the window, keep the state, swap the code: edit example-impl/src/lib.rs while this runs.
#[derive(Debug, Parser)]
#[command(version, after_help = KEYS)]
pub(crate) struct Cli {
    /// Size of the window in pixels
    #[arg(long, value_name = "WxH", default_value = "800x600", value_parser = parse_size)]
    pub(crate) size: (u32, u32),
    /// Size of the canvas, which the window scales; by default the canvas follows the window
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub(crate) canvas: Option<(u32, u32)>,
    /// Ticks per second; 0 removes the limit
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) rate: u32,
    /// Number of balls at the start
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) balls: u32,
    /// Seed of the random numbers
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Open no window, even if there is a display
    #[arg(long)]
    pub(crate) headless: bool,
    /// Show the picture in this terminal, even if there is a display
    #[cfg(feature = "terminal")]
    #[arg(long, conflicts_with_all = ["headless", "script"])]
    pub(crate) terminal: bool,
    /// Quit after this many pictures
    #[arg(long, value_name = "N")]
    pub(crate) frames: Option<u64>,
    /// Write the last picture to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) png: Option<PathBuf>,
    /// Start with the state saved in this file, by this build or an earlier one
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Option<PathBuf>,
    /// Resume the state of the last run if that was killed or lost its window
    #[arg(long, conflicts_with = "load")]
    pub(crate) resume: bool,
    /// Save the state to this file on exit
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Print the state saved in this file, as a tree and as JSON, and quit
    #[arg(long, value_name = "FILE")]
    pub(crate) inspect: Option<PathBuf>,
    /// Print only this form, with --inspect
    #[arg(long, value_name = "FORM", requires = "inspect")]
    pub(crate) form: Option<Form>,
    /// Print on exit how long each step of the reloads took, from the save to the picture
    #[arg(long)]
    pub(crate) timings: bool,
    /// Play the input in this file, by tick, without a window
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
}

/// Form in which a saved state is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Readable by people
    Tree,
    /// Readable by programs
    Json,
}

pub(crate) fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let parse = |side: &str| side.parse::<u32>().ok().filter(|side| (1..=65_535).contains(side));
    let sides = text.split_once(['x', 'X', '×']);
    sides.and_then(|(width, height)| Some((parse(width)?, parse(height)?))).ok_or_else(|| {
        format!("`{text}` is not a size: use two numbers from 1 to 65535, as in 800x600")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!(parse_size("1920x1080"), Ok((1920, 1080)));
        for wrong in ["", "800", "x600", "0x600", "800x-1", "99999x1", "800x600x2"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}

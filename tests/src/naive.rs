//! An exchange without any protocol: one slot for the frame, one for the state and one for the
//! message, all in a file that both processes read and write at any time.
//!
//! This is the negative control of the storm: its checks must find the faults here.

use crate::storm::{Numbers, WORDS, draw};
use std::fs::File;
use std::io::Result;
use std::path::Path;

/// Number of pixels of the frame.
pub const PIXELS: usize = 160 * 120;

/// The exchange. The file contains, in words: tick and pixels, tick and state, numbers seen, number
/// sent.
#[derive(Debug)]
pub struct Naive {
    file: File,
}

const STATE: usize = 1 + PIXELS;
const SEEN: usize = STATE + 1 + WORDS;
const SENT: usize = SEEN + 3;

impl Naive {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn open(path: &Path) -> Result<Self> {
        let options = File::options().read(true).write(true).create(true).truncate(false).clone();
        let file = options.open(path)?;
        file.set_len((SENT as u64 + 1) * 4)?;
        Ok(Naive { file })
    }

    /// Returns the frame's tick and pixels.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn frame(&self) -> Result<(u64, Vec<u32>)> {
        self.read(0, 1 + PIXELS).map(headed)
    }

    /// Returns the state's tick and words.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn state(&self) -> Result<(u64, Vec<u32>)> {
        self.read(STATE, 1 + WORDS).map(headed)
    }

    /// Returns the numbers that the renderer has seen.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn seen(&self) -> Result<Numbers> {
        let words = self.read(SEEN, 3)?;
        Ok(Numbers { last: words[0], missing: words[1], again: words[2] })
    }

    /// Sends a number; it counts as accepted.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn send(&self, number: u32) -> Result<()> {
        self.write(SENT, &[number])
    }

    fn read(&self, at: usize, count: usize) -> Result<Vec<u32>> {
        let mut bytes = vec![0; count * 4];
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, at as u64 * 4)?;
        let words = bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]]);
        Ok(words.map(u32::from_ne_bytes).collect())
    }

    fn write(&self, at: usize, words: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        std::os::unix::fs::FileExt::write_all_at(&self.file, &bytes, at as u64 * 4)
    }

    /// Runs one turn of the renderer without any precautions.
    fn turn(&self) -> Result<()> {
        let mut seen = self.seen()?;
        let sent = self.read(SENT, 1)?[0];
        if sent != seen.last {
            seen.see(sent);
            self.write(SEEN, &[seen.last, seen.missing, seen.again])?;
        }
        let tick = self.read(STATE, 1)?[0].wrapping_add(1);
        for (at, count) in [(STATE, WORDS), (0, PIXELS)] {
            let mut words = vec![0; count];
            draw(&mut words, u64::from(tick), 0);
            let (upper, lower) = words.split_at(count / 2);
            self.write(at, &[&[tick], upper].concat())?;
            self.write(at + 1 + count / 2, lower)?;
        }
        Ok(())
    }
}

fn headed(words: Vec<u32>) -> (u64, Vec<u32>) {
    (u64::from(words[0]), words[1..].to_vec())
}

/// Serves as the renderer's `main`: runs turns until the process is killed.
///
/// # Errors
/// Returns no errors.
///
/// # Panics
/// Panics if the file cannot be read or written.
pub fn main(path: &Path) -> hot_reload::Result<()> {
    let turned = Naive::open(path).and_then(|naive| {
        loop {
            naive.turn()?;
        }
    });
    turned.expect("a file")
}

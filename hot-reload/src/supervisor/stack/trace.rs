//! The file that `stack_trace.rs` writes. Its writer has crashed: anything may be in it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Limit on the file, whose largest part are the mappings.
const MOST_BYTES: u64 = 4 << 20;
/// Limit on the frames that are looked at.
const MOST_FRAMES: usize = 128;

/// Addresses on a stack, innermost first, and what was mapped there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(super) addresses: Vec<u64>,
    mappings: Vec<Mapping>,
}

/// Part of a file in memory.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    start: u64,
    end: u64,
    /// Place in the file of the first byte.
    offset: u64,
    file: PathBuf,
}

impl Trace {
    /// Reads a file; returns `None` if there is none, or if it is not complete.
    pub(crate) fn read(file: &Path) -> Option<Trace> {
        let bytes = read_file(file, MOST_BYTES)?;
        Trace::parse(std::str::from_utf8(&bytes).ok()?)
    }

    pub(crate) fn parse(text: &str) -> Option<Trace> {
        let (frames, mappings) = text.strip_suffix("\nend\n")?.split_once("\nmaps\n")?;
        let (first, frames) = frames.split_once('\n')?;
        first.strip_prefix("signal ")?;
        let addresses = frames.lines().take(MOST_FRAMES).map(|line| u64::from_str_radix(line, 16));
        let addresses = addresses.collect::<Result<Vec<_>, _>>().ok()?;
        let mappings = mappings.lines().filter_map(Mapping::parse).collect();
        (!addresses.is_empty()).then_some(Trace { addresses, mappings })
    }

    /// Returns the file that is mapped at an address, and the place in it.
    pub(super) fn place(&self, address: u64) -> Option<(&Path, u64)> {
        let mapping = self.mappings.iter().find(|it| (it.start..it.end).contains(&address))?;
        Some((&mapping.file, (address - mapping.start).checked_add(mapping.offset)?))
    }
}

/// Reads a file of at most this many bytes. A pipe or a device that took its place could block or
/// never end.
pub(super) fn read_file(file: &Path, most: u64) -> Option<Vec<u8>> {
    let found = std::fs::symlink_metadata(file).ok()?;
    (found.is_file() && found.len() <= most).then_some(())?;
    let mut bytes = Vec::new();
    File::open(file).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

impl Mapping {
    /// Parses a line of `/proc/self/maps`: `start-end rwxp offset device inode path`.
    fn parse(line: &str) -> Option<Mapping> {
        let mut fields = line.splitn(6, ' ');
        let (start, end) = fields.next()?.split_once('-')?;
        let is_code = fields.next()?.contains('x');
        let offset = fields.next()?;
        let file = fields.nth(2)?.trim_start();
        let hex = |text| u64::from_str_radix(text, 16).ok();
        // A file that was replaced since then would explain nothing.
        (is_code && file.starts_with('/') && !file.ends_with(" (deleted)")).then_some(())?;
        Some(Mapping {
            start: hex(start)?,
            end: hex(end)?,
            offset: hex(offset)?,
            file: file.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const TEXT: &str = "signal b\n55d0\n7f01\nmaps\n\
        5000-6000 r-xp 00001000 fe:00 12                         /a program\n\
        6000-7000 rw-p 00002000 fe:00 12                         /a program\n\
        7f00-7f10 r-xp 00000000 00:00 0                          [vdso]\nend\n";

    #[test]
    fn an_address_belongs_to_a_place_in_a_file() {
        let trace = Trace::parse(TEXT).unwrap();
        assert_eq!(trace.addresses, [0x55d0, 0x7f01]);
        assert_eq!(trace.place(0x55d0), Some((Path::new("/a program"), 0x15d0)));
        assert_eq!(trace.place(0x6001), None, "no code");
        assert_eq!(trace.place(0x7f01), None, "no file");
        assert_eq!(trace.place(0), None);
    }

    #[test]
    fn only_files_of_a_limited_size_are_read() {
        for other in ["/dev/zero", "/dev/null", "/proc", "/nowhere", "/"] {
            assert_eq!(read_file(Path::new(other), 1 << 20), None, "{other}");
        }
        let pipe = std::env::temp_dir().join(format!("hot-reload-pipe-{}", std::process::id()));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(read_file(&pipe, 1 << 20), None, "a pipe without a writer");
        std::fs::remove_file(pipe).unwrap();
        let own = std::env::current_exe().unwrap();
        let size = std::fs::metadata(&own).unwrap().len();
        assert!(read_file(&own, size).is_some_and(|bytes| bytes.len() as u64 == size));
        assert_eq!(read_file(&own, size - 1), None);
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_no_trace() {
        for end in 0..TEXT.len() {
            assert_eq!(Trace::parse(&TEXT[..end]), None, "{:?}", &TEXT[..end]);
        }
        for (from, to) in [("55d0", "fffffffffffffffff"), ("\n55d0\n7f01", ""), ("signal", "sig")] {
            assert_eq!(Trace::parse(&TEXT.replace(from, to)), None, "{to}");
        }
        let trace = Trace::parse(&TEXT.replace("00001000", "ffffffffffffffff")).unwrap();
        assert_eq!(trace.place(0x55d0), None, "an offset that overflows");
    }
}

//! Detection of changes in a file's contents.

use std::collections::hash_map::DefaultHasher;
use std::fs::{File, Metadata};
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// Size above which files are compared by length and time alone; reading a file of this size takes
/// some 50 ms.
const LARGEST: u64 = 64 << 20;
/// Number of bytes read at once.
const CHUNK: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
    /// Hash of the contents; `None` for a file that counts only by its existence.
    pub(super) hash: Option<u64>,
    /// True if the file's old content is a prefix of the new one.
    pub(super) appended: bool,
}

impl Stamp {
    /// Reads a file if its times or an event say that it may have changed. Returns `None` for
    /// anything but a regular file: a pipe would wait for its writer, and a device may have no end.
    pub(super) fn of(
        path: &Path,
        counts: bool,
        before: Option<Stamp>,
        touched: bool,
    ) -> Option<Stamp> {
        let metadata = path.metadata().ok().filter(Metadata::is_file)?;
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        let stamp = Stamp { len, modified, hash: None, appended: false };
        if !counts {
            return Some(stamp);
        }
        let before = before.filter(|it| it.hash.is_some());
        let same = before.filter(|it| it.len == len && it.modified == modified);
        if same.is_some() && !touched {
            return same;
        }
        if len > LARGEST {
            let known = before.is_some_and(|before| before.len > LARGEST);
            if !known {
                crate::log::info!(
                    "{} has {} MiB: changes to it are detected by its length and time, not by its \
                     contents",
                    path.display(),
                    len >> 20
                );
            }
            return Some(Stamp { hash: Some(hash_of_times(len, modified)), ..stamp });
        }
        let prefix = before.filter(|before| before.len < len && before.len > 0);
        let (hash, appended) = read(path, prefix).ok()?;
        Some(Stamp { hash: Some(hash), appended, ..stamp })
    }
}

fn hash_of_times(len: u64, modified: Option<SystemTime>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(len);
    let since = modified.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    hasher.write_u128(since.unwrap_or_default().as_nanos());
    hasher.finish()
}

/// Returns the hash of a file, and true if its old content is a prefix of the new one.
fn read(path: &Path, before: Option<Stamp>) -> io::Result<(u64, bool)> {
    let mut file = open(path)?;
    let mut hasher = DefaultHasher::new();
    let mut appended = false;
    if let Some(before) = before {
        feed(&mut hasher, &mut (&mut file).take(before.len))?;
        appended = before.hash == Some(hasher.clone().finish());
    }
    feed(&mut hasher, &mut file.take(LARGEST))?;
    Ok((hasher.finish(), appended))
}

/// Opens a file, which may have become a pipe since it was examined.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn feed(hasher: &mut DefaultHasher, source: &mut impl Read) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => hasher.write(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_added_to_the_end_is_told_from_what_is_written_over() {
        let file = std::env::temp_dir().join(format!("hot-reload-stamp-{}", std::process::id()));
        let mut before = None;
        let long = "x".repeat(3 * CHUNK + 7);
        let longer = format!("{long}{long}");
        let table = [
            ("one\n", false),
            ("one\ntwo\n", true),
            ("one\nTWO\nthree\n", false),
            ("one\n", false),
            ("", false),
            ("one\n", false),
            (&long, false),
            (&longer, true),
        ];
        for (text, expected) in table {
            fs::write(&file, text).unwrap();
            let stamp = Stamp::of(&file, true, before, true).unwrap();
            assert_eq!(stamp.appended, expected, "{text:.20?} after {before:?}");
            before = Some(stamp);
        }
        fs::remove_file(file).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn only_regular_files_are_read_and_of_a_large_one_length_and_time() {
        let folder = std::env::temp_dir().join(format!("hot-reload-kinds-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let pipe = folder.join("pipe.rs");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        assert_eq!(Stamp::of(&pipe, true, None, true), None, "a pipe");
        assert!(open(&pipe).is_err(), "a pipe that was a file when it was looked at");
        let device = folder.join("device.rs");
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        assert_eq!(Stamp::of(&device, true, None, true), None, "a link to a device");
        let large = folder.join("large.bin");
        let file = File::create(&large).unwrap();
        file.set_len(LARGEST + 1).unwrap();
        let first = Stamp::of(&large, true, None, true).unwrap();
        assert_eq!(Stamp::of(&large, true, Some(first), true), Some(first));
        file.set_len(LARGEST + 2).unwrap();
        assert_ne!(Stamp::of(&large, true, Some(first), true).unwrap().hash, first.hash);
        fs::remove_dir_all(folder).unwrap();
    }
}

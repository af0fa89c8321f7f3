//! Folders that belong to this library, and how they are told from everybody else's.
//!
//! A folder is ours if it has a name of ours, is no symbolic link, and holds our marker. Nothing is
//! removed, locked or written in any other. The names begin with a dot: no cargo profile is called
//! so, and no program that cargo builds.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

const MARKER: &str = "made-by-hot-reload";
const TEXT: &str = "hot-reload makes this folder, and removes what it no longer needs of it.\n\
    It may be deleted when no program uses it.\n";
const LOCK: &str = "lock";
/// How many names are tried.
const MOST: u32 = 9;

/// The names under which a folder is looked for: `.hot-reload-builds`, `.hot-reload-builds-2` and so
/// on. Another one is taken only if the one before cannot be.
pub(super) fn candidates(parent: &Path, what: &str) -> impl Iterator<Item = PathBuf> {
    let first = parent.join(format!(".hot-reload-{what}"));
    let more = (2..=MOST).map(move |number| format!("-{number}"));
    std::iter::once(String::new()).chain(more).map(move |end| {
        let mut path = first.clone().into_os_string();
        path.push(end);
        path.into()
    })
}

/// Makes the folder, or takes the one that is there if it is ours.
///
/// # Errors
/// Also when the folder is somebody else's.
pub(super) fn claim(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        // One that is empty is nobody's yet, or an owner is about to mark it.
        Err(_) if !is_folder(folder) || fs::read_dir(folder)?.next().is_some() => {
            return match is_ours(folder) {
                true => Ok(()),
                false => Err(io::Error::new(
                    ErrorKind::AlreadyExists,
                    format!("{} was not made by hot-reload; rename or remove it", folder.display()),
                )),
            };
        }
        _ => {}
    }
    mark(folder)
}

/// Makes a folder of this process again that a `cargo clean` has taken away, and locks it. What has
/// been put there meanwhile was put there by this process.
pub(super) fn reclaim(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    match is_folder(folder) {
        true => mark(folder).and_then(|()| lock(folder)),
        false => Ok(None),
    }
}

fn mark(folder: &Path) -> io::Result<()> {
    write_new(&folder.join(MARKER), TEXT)?;
    // Where it is among sources, nobody shall look for sources in it (https://bford.info/cachedir).
    write_new(&folder.join("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n")
}

/// Whether a folder is ours, and not only called like one of ours.
pub(super) fn is_ours(folder: &Path) -> bool {
    is_folder(folder) && is_file(&folder.join(MARKER))
}

/// Locks a folder of ours until the file is closed; `None` while another process holds it.
pub(super) fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = open_lock(folder, true)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The same, waiting for the other process.
pub(super) fn wait_for_lock(folder: &Path) -> io::Result<File> {
    let file = open_lock(folder, true)?;
    file.lock()?;
    Ok(file)
}

/// Whether a folder has a lock that nobody holds.
pub(super) fn is_abandoned(folder: &Path) -> bool {
    open_lock(folder, false).is_ok_and(|lock| lock.try_lock().is_ok())
}

/// Whether a lock can be taken there: a `cargo clean` takes it away from whoever holds it.
pub(super) fn has_lock(folder: &Path) -> bool {
    is_folder(folder) && is_file(&folder.join(LOCK))
}

/// What is in a folder; nothing in one that a link leads to.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    let entries = is_folder(folder).then(|| fs::read_dir(folder).ok()).flatten();
    entries.into_iter().flatten().flatten()
}

/// A folder itself, and no link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())
}

/// A regular file, and neither a link to one nor a pipe, which would have to be waited for.
pub(super) fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_file())
}

fn open_lock(folder: &Path, create: bool) -> io::Result<File> {
    let path = folder.join(LOCK);
    let mut options = File::options();
    options.read(true).write(true);
    if create {
        match options.clone().create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made,
        }
    }
    match is_file(&path) {
        true => options.open(path),
        false => Err(io::Error::other(format!("{} is no file", path.display()))),
    }
}

/// Writes a file, unless there is one.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    match File::create_new(path) {
        Ok(mut file) => file.write_all(text.as_bytes()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_claimed_if_it_is_new_or_empty_or_marked_and_left_alone_otherwise() {
        let parent = std::env::temp_dir().join(format!("hot-reload-claim-{}", std::process::id()));
        fs::create_dir_all(&parent).unwrap();
        let all: Vec<_> = candidates(&parent, "x").collect();
        assert_eq!(all[0], parent.join(".hot-reload-x"));
        assert_eq!((all.len(), &all[8]), (9, &parent.join(".hot-reload-x-9")));

        claim(&all[0]).unwrap();
        claim(&all[0]).expect("once more");
        assert!(is_ours(&all[0]));
        fs::create_dir(&all[1]).unwrap();
        assert!(!is_ours(&all[1]));
        claim(&all[1]).expect("an empty one is nobody's");

        fs::create_dir(&all[2]).unwrap();
        fs::write(all[2].join("precious"), "text").unwrap();
        let error = claim(&all[2]).unwrap_err().to_string();
        assert!(error.contains(".hot-reload-x-3 was not made by hot-reload"), "{error}");
        assert_eq!(fs::read_dir(&all[2]).unwrap().count(), 1, "nothing was added");
        fs::write(&all[3], "a file").unwrap();
        assert!(claim(&all[3]).is_err() && lock(&all[3]).is_err());
        assert_eq!(fs::read_to_string(&all[3]).unwrap(), "a file");
        #[cfg(unix)]
        {
            // Marked, but somewhere else.
            std::os::unix::fs::symlink(&all[0], &all[4]).unwrap();
            assert!(claim(&all[4]).is_err() && !is_ours(&all[4]));
            assert_eq!(entries(&all[4]).count(), 0);
            // A lock that leads to a file of somebody's.
            let precious = all[2].join("precious");
            std::os::unix::fs::symlink(&precious, all[0].join(LOCK)).unwrap();
            assert!(lock(&all[0]).is_err() && wait_for_lock(&all[0]).is_err());
            assert!(!is_abandoned(&all[0]));
            assert_eq!(fs::read_to_string(&precious).unwrap(), "text");
        }
        fs::remove_dir_all(parent).unwrap();
    }
}

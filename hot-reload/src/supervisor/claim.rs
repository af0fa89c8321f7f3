//! Folders that belong to this library, told apart from everyone else's.
//!
//! A folder is ours if it has one of our names, is not a symbolic link, and contains our marker. No
//! other folder is ever changed or locked, and nothing in it is removed. The names begin with a
//! dot, unlike those of cargo's profiles and of programs that cargo builds.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

const MARKER: &str = "made-by-hot-reload";
const TEXT: &str = "This folder was created by hot-reload, which removes what it no longer needs.\n\
    It may be deleted while no program uses it.\n";
const LOCK: &str = "lock";
/// Number of names that are tried.
const MOST: u32 = 9;

/// Returns the names under which a folder is looked for: `.hot-reload-builds`,
/// `.hot-reload-builds-2` and so on. Each is used only if the ones before cannot be.
pub(super) fn candidates(parent: &Path, what: &str) -> impl Iterator<Item = PathBuf> {
    let first = parent.join(format!(".hot-reload-{what}"));
    let more = (2..=MOST).map(move |number| format!("-{number}"));
    std::iter::once(String::new()).chain(more).map(move |end| {
        let mut path = first.clone().into_os_string();
        path.push(end);
        path.into()
    })
}

/// Creates the folder, or takes over an existing one if it is ours.
///
/// # Errors
/// Fails if the folder cannot be created, or belongs to someone else.
pub(super) fn claim(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        // An empty folder is unclaimed, or an owner is about to mark it.
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

/// Creates and locks a folder of this process again after a `cargo clean` has removed it. Anything
/// put there in the meantime is from this process.
pub(super) fn reclaim(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    match is_folder(folder) {
        true => mark(folder).and_then(|()| lock(folder)),
        false => Ok(None),
    }
}

fn mark(folder: &Path) -> io::Result<()> {
    write_new(&folder.join(MARKER), TEXT)?;
    // Among sources, the tag keeps tools from searching the folder (https://bford.info/cachedir).
    write_new(&folder.join("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n")
}

/// Returns true if a folder is ours, and does not merely have such a name.
pub(super) fn is_ours(folder: &Path) -> bool {
    is_folder(folder) && is_file(&folder.join(MARKER))
}

/// Locks a folder of ours until the returned file is closed; returns `None` while another process
/// holds the lock.
pub(super) fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = open_lock(folder, true)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Locks a folder of ours, waiting for any other process that holds the lock.
pub(super) fn wait_for_lock(folder: &Path) -> io::Result<File> {
    let file = open_lock(folder, true)?;
    file.lock()?;
    Ok(file)
}

/// Returns true if a folder has a lock that no process holds.
pub(super) fn is_abandoned(folder: &Path) -> bool {
    open_lock(folder, false).is_ok_and(|lock| lock.try_lock().is_ok())
}

/// Returns true if a lock can be taken there. A `cargo clean` removes the lock even while it is
/// held.
pub(super) fn has_lock(folder: &Path) -> bool {
    is_folder(folder) && is_file(&folder.join(LOCK))
}

/// Returns the contents of a folder; nothing if the path is a link.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    let entries = is_folder(folder).then(|| fs::read_dir(folder).ok()).flatten();
    entries.into_iter().flatten().flatten()
}

/// Returns true for a folder itself, but not for a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())
}

/// Returns true for a regular file, but not for a link to one or for a pipe, which would block.
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
        false => Err(io::Error::other(format!("{} is not a regular file", path.display()))),
    }
}

/// Writes a file unless it exists.
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
            // Marked, but elsewhere.
            std::os::unix::fs::symlink(&all[0], &all[4]).unwrap();
            assert!(claim(&all[4]).is_err() && !is_ours(&all[4]));
            assert_eq!(entries(&all[4]).count(), 0);
            // A lock that leads to a foreign file.
            let precious = all[2].join("precious");
            std::os::unix::fs::symlink(&precious, all[0].join(LOCK)).unwrap();
            assert!(lock(&all[0]).is_err() && wait_for_lock(&all[0]).is_err());
            assert!(!is_abandoned(&all[0]));
            assert_eq!(fs::read_to_string(&precious).unwrap(), "text");
        }
        fs::remove_dir_all(parent).unwrap();
    }
}

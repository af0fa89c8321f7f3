//! The folder for builds without cargo.

use super::linker::Linker;
use crate::supervisor::paths::canonical;
use crate::supervisor::{builds::wrapper::Wrapper, claim};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A locked folder for builds without cargo. It is kept for the next start, because the compiler's
/// incremental results are worth keeping. A second owner of the workspace finds it locked and uses
/// a second folder.
#[derive(Debug)]
pub(super) struct ReplayDir {
    pub(super) folder: PathBuf,
    pub(super) wrapper: Option<Wrapper>,
    pub(super) linker: Option<Linker>,
    lock: File,
}

impl ReplayDir {
    /// Opens the first folder of the profile in which no other owner builds.
    pub(super) fn open(root: &Path, target: &Path, profile: &str) -> io::Result<Self> {
        let parent = target.join(if profile == "dev" { "debug" } else { profile });
        fs::create_dir_all(&parent)?;
        let mut refused = None;
        for folder in claim::candidates(&parent, "builds") {
            match claim::claim(&folder).and_then(|()| claim::lock(&folder)) {
                Ok(Some(lock)) => return Self::begin(root, &folder, lock),
                Ok(None) => {}
                Err(error) => refused = Some(error),
            }
        }
        let used = || io::Error::other(format!("other owners build in {}", parent.display()));
        Err(refused.unwrap_or_else(used))
    }

    fn begin(root: &Path, folder: &Path, lock: File) -> io::Result<Self> {
        // In the compiler's form: a library that an edit changes is recognized by its path.
        let folder = canonical(folder);
        let wrapper = Wrapper::new(root, &folder)?;
        let linker = Linker::new(&folder.join("linker"), &folder.join("libraries"));
        let linker = linker.unwrap_or_else(|error| {
            crate::log::debug!("programs are compiled after their libraries: {error}");
            None
        });
        Ok(ReplayDir { folder, wrapper, linker, lock })
    }

    /// Returns true if the folder still exists; a `cargo clean` removes it.
    pub(super) fn is_there(&self) -> bool {
        claim::has_lock(&self.folder)
    }

    /// Creates the folder again; returns false if another owner has taken it in the meantime.
    pub(super) fn take_back(&mut self) -> bool {
        let lock = claim::reclaim(&self.folder).ok().flatten();
        lock.map(|lock| self.lock = lock).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_owner_has_a_place_and_nobody_elses_is_taken() {
        let target = std::env::temp_dir().join(format!("hot-reload-place-{}", std::process::id()));
        let profile = target.join("hot");
        // A user's program or folder, and a folder that merely has such a name.
        let foreign = ["hot-reload/linker", ".hot-reload-builds/linker"];
        let foreign = foreign.map(|folder| profile.join(folder));
        for folder in &foreign {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("cc"), "precious").unwrap();
        }
        let open = || ReplayDir::open(&target, &target, "hot").unwrap();
        let (one, mut other) = (open(), open());
        assert!(one.folder.ends_with(".hot-reload-builds-2"), "{one:?}");
        assert!(other.folder.ends_with(".hot-reload-builds-3"), "{other:?}");
        let kept = other.folder.join("incremental");
        fs::create_dir(&kept).unwrap();
        let folder = other.folder.clone();
        drop(other);
        other = open();
        assert!(other.folder == folder && kept.exists(), "what it has learnt is there again");
        drop(one);
        assert!(open().folder.ends_with(".hot-reload-builds-2"));

        // After a `cargo clean`, with a compiler still at work.
        fs::remove_dir_all(&folder).unwrap();
        assert!(!other.is_there());
        fs::create_dir_all(folder.join("compiling")).unwrap();
        assert!(other.take_back() && other.is_there());
        fs::remove_dir_all(&folder).unwrap();
        let (next, after) = (open(), open());
        assert!(next.folder != folder && after.folder == folder, "{next:?} {after:?}");
        assert!(!other.take_back(), "another owner has it");
        for folder in &foreign {
            assert_eq!(fs::read_to_string(folder.join("cc")).unwrap(), "precious");
            assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
        }
        fs::remove_dir_all(target).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn links_in_a_place_are_not_followed() {
        use std::os::unix::fs::symlink;
        let target = std::env::temp_dir().join(format!("hot-reload-links-{}", std::process::id()));
        let precious = target.join("precious");
        fs::create_dir_all(&precious).unwrap();
        fs::write(precious.join("7"), "text").unwrap();
        let place = ReplayDir::open(&target, &target, "dev").unwrap();
        let folder = place.folder.clone();
        assert!(folder.ends_with("debug/.hot-reload-builds"), "{place:?}");
        drop(place);
        fs::remove_dir_all(folder.join("calls")).unwrap();
        fs::remove_dir_all(folder.join("linker")).unwrap();
        fs::remove_file(folder.join("rustc-wrapper.sh")).unwrap();
        for name in ["calls", "linker"] {
            symlink(&precious, folder.join(name)).unwrap();
        }
        symlink(precious.join("7"), folder.join("rustc-wrapper.sh")).unwrap();
        let place = ReplayDir::open(&target, &target, "dev").unwrap();
        assert_eq!(place.wrapper.as_ref().unwrap().take(), []);
        assert_eq!(fs::read_to_string(precious.join("7")).unwrap(), "text");
        assert_eq!(fs::read_dir(&precious).unwrap().count(), 1);
        fs::remove_dir_all(target).unwrap();
    }
}

//! Folder of this owner in `target/`, with a subfolder for each build to run.
//!
//! A program must not be run from where the next build overwrites it. The next owner sweeps what an
//! owner leaves there when it is killed; a lock tells living owners from dead ones. Only folders
//! that [`claim`](super::claim) recognizes as ours are swept.

use super::builds::{Artifact, Program};
use super::contents::same_contents;
use super::{claim, rescue};
use crate::lock::lock;
use crate::status::BuiltBy;
use crate::sys;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Folder of this owner, removed when dropped.
#[derive(Debug)]
pub(super) struct RunDir {
    path: PathBuf,
    /// Lock that is held while this owner lives.
    lock: Mutex<File>,
    /// True if the state stays when the folder is removed.
    leaves_state: AtomicBool,
}

/// Name of the folder with a file for each segment that may still have a name; each file is named
/// after its segment.
const SEGMENTS: &str = "segments";

impl RunDir {
    /// Creates a folder in `target/.hot-reload-owners/`, and removes those of dead owners.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        fs::create_dir_all(target)?;
        let mut claimed = Err(ErrorKind::AlreadyExists.into());
        for all in claim::candidates(target, "owners") {
            claimed = claim::claim(&all).map(|()| all);
            if !matches!(&claimed, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
                break;
            }
        }
        let all = claimed?;
        // Held until our own lock is: otherwise another owner's sweep would take us for dead.
        let _sweep = claim::wait_for_lock(&all)?;
        sweep(&all);
        let random = RandomState::new().hash_one(std::process::id());
        let path = all.join(format!("{}-{random:016x}", std::process::id()));
        fs::create_dir(&path)?;
        let lock = Mutex::new(claim::wait_for_lock(&path)?);
        Ok(RunDir { path, lock, leaves_state: AtomicBool::new(false) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder that contains the folders of all owners.
    pub(super) fn all(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Keeps the state that was written in this folder when the folder is removed.
    pub(super) fn leave_state(&self) {
        self.leaves_state.store(true, Ordering::Relaxed);
    }

    /// Creates the folder again after a `cargo clean` has removed it.
    fn restore(&self) -> io::Result<()> {
        let mut lock = lock(&self.lock);
        if claim::has_lock(&self.path) {
            return Ok(());
        }
        claim::claim(self.all())?;
        let _sweep = claim::wait_for_lock(self.all())?;
        make(&self.path)?;
        *lock = claim::wait_for_lock(&self.path)?;
        Ok(())
    }

    /// Records the name of a segment that is about to be created, so that it can be swept if this
    /// owner is killed before the renderer has opened it.
    pub(super) fn record(&self, segment: &str) {
        let records = self.path.join(SEGMENTS);
        // Best effort: without the record, the segment cannot be swept.
        let _ = make(&records);
        let _ = File::create(records.join(segment.trim_start_matches('/')));
    }

    /// Removes the record of a segment, which has no name any more.
    pub(super) fn strike_out(&self, segment: &str) {
        let _ = fs::remove_file(self.path.join(SEGMENTS).join(segment.trim_start_matches('/')));
    }

    /// Copies the product of a build into the subfolder `name` and returns the program's path.
    /// Moves the files that are not shared with other tools.
    ///
    /// # Errors
    /// Fails if a file cannot be copied, or with [`io::ErrorKind::Interrupted`] if an artifact is
    /// written to during the copy.
    pub(super) fn keep(&self, name: &str, program: &Program) -> io::Result<PathBuf> {
        self.restore()?;
        let folder = self.path.join(name);
        make(&folder)?;
        let place = |file: &Path| {
            let name = file.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
            io::Result::Ok(folder.join(name))
        };
        for artifact in program.artifacts.iter().filter(|it| it.file != program.binary) {
            fs::copy(&artifact.file, place(&artifact.file)?)?;
        }
        let mut copied = PathBuf::new();
        for file in program.libraries.iter().chain([&program.binary]) {
            copied = place(file)?;
            if program.builder != BuiltBy::Compiler || fs::rename(file, &copied).is_err() {
                fs::copy(file, &copied)?;
            }
        }
        // A copy made while its file was written may hold anything.
        match program.artifacts.iter().all(Artifact::is_unchanged) {
            true => Ok(copied),
            false => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    /// Returns true if the kept program equals the product of a build.
    pub(super) fn is_kept(kept: &Path, program: &Program) -> bool {
        let artifacts = program.artifacts.iter().map(|artifact| &artifact.file);
        let beside = artifacts.filter(|file| **file != program.binary);
        beside.chain([&program.binary]).all(|file| {
            let name = file.file_name();
            let before = name.map(|name| kept.with_file_name(name));
            before.is_some_and(|before| before == *file || same_contents(&before, file))
        })
    }

    /// Removes what `keep` has copied.
    pub(super) fn forget(&self, name: &str) {
        let _ = fs::remove_dir_all(self.path.join(name));
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if *self.leaves_state.get_mut() {
            rescue::take_out(&self.path, self.all());
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of dead owners, except for states that can be rescued.
fn sweep(all: &Path) {
    let folders = claim::entries(all).filter(|entry| is_name_of_an_owner(&entry.file_name()));
    for path in folders.map(|entry| entry.path()) {
        if !claim::is_abandoned(&path) {
            // An owner that is killed before it has a lock leaves nothing but an empty folder.
            let _ = fs::remove_dir(&path);
            continue;
        }
        for record in claim::entries(&path.join(SEGMENTS)) {
            sys::unlink_segment(&record.file_name().to_string_lossy());
        }
        rescue::take_out(&path, all);
        // If this fails, the next start tries again.
        let _ = fs::remove_dir_all(path);
    }
}

/// Returns true for `<process>-<random>`, the names that `create` chooses.
fn is_name_of_an_owner(name: &OsStr) -> bool {
    let parts = name.to_str().and_then(|name| name.split_once('-'));
    parts.is_some_and(|(process, random)| {
        let hexadecimal = random.bytes().all(|byte| byte.is_ascii_hexdigit());
        process.parse::<u32>().is_ok() && random.len() == 16 && hexadecimal
    })
}

/// Creates a folder unless it exists.
fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(binary: PathBuf) -> Program {
        Program {
            binary,
            libraries: Vec::new(),
            artifacts: Vec::new(),
            builder: BuiltBy::Cargo,
            fresh: false,
            compiled: None,
            outputs: Vec::new(),
        }
    }

    #[test]
    fn a_living_owners_folder_stays_and_a_dead_ones_goes() {
        let target = std::env::temp_dir().join(format!("hot-reload-folder-{}", std::process::id()));
        let living = RunDir::create(&target).unwrap();
        let dead = living.all().join("1-0123456789abcdef");
        fs::create_dir_all(dead.join("3")).unwrap();
        drop(claim::wait_for_lock(&dead).unwrap());
        let segment = format!("hr-test-{:x}-swept", std::process::id());
        let of_the_living = format!("hr-test-{:x}-kept", std::process::id());
        let file = |name: &str| Path::new("/dev/shm").join(name);
        for name in [&segment, &of_the_living] {
            let _ = cfg!(target_os = "linux").then(|| fs::write(file(name), "").unwrap());
        }
        fs::create_dir_all(dead.join(SEGMENTS)).unwrap();
        fs::write(dead.join(SEGMENTS).join(&segment), "").unwrap();
        living.record(&format!("/{of_the_living}"));
        let other = RunDir::create(&target).unwrap();
        assert!(living.path.exists() && other.path.exists() && living.path != other.path);
        assert!(!dead.exists(), "the folder of a dead owner");
        assert!(!file(&segment).exists(), "and its segment");
        if cfg!(target_os = "linux") {
            assert!(file(&of_the_living).exists(), "the segment of a living owner stays");
            fs::remove_file(file(&of_the_living)).unwrap();
        }
        let binary = target.join("program");
        fs::write(&binary, "text").unwrap();
        let mut program = program(binary);
        let kept = other.keep("4", &program).unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "text");
        assert!(same_contents(&kept, &program.binary));
        fs::write(&program.binary, "next").unwrap();
        assert!(!same_contents(&kept, &program.binary), "as long, but another");
        assert!(!same_contents(&target.join("nowhere"), &target.join("nowhere")));
        other.forget("4");
        assert!(!kept.exists() && program.binary.exists());
        program.builder = BuiltBy::Compiler;
        assert_eq!(fs::read_to_string(other.keep("5", &program).unwrap()).unwrap(), "next");
        assert!(!program.binary.exists(), "moved, since it is nobody else's");
        fs::write(&program.binary, "last").unwrap();
        let part = target.join("part.txt");
        fs::write(&part, "somebody else's").unwrap();
        program.artifacts = vec![Artifact::take_now(&part).unwrap()];
        let kept = other.keep("6", &program).unwrap();
        assert!(part.exists(), "copied, since it is");
        assert_eq!(fs::read_to_string(kept.with_file_name("part.txt")).unwrap(), "somebody else's");
        program.binary = kept.clone();
        assert!(RunDir::is_kept(&kept, &program));
        fs::write(&part, "written to").unwrap();
        assert!(!RunDir::is_kept(&kept, &program), "another part");
        let written = other.keep("7", &program).unwrap_err();
        assert_eq!(written.kind(), io::ErrorKind::Interrupted, "it has been taken as another");
        let path = other.path.clone();
        drop(other);
        assert!(!path.exists(), "an owner takes its folder along");
        let _ = fs::remove_dir_all(target);
    }

    #[test]
    fn nothing_is_swept_that_no_owner_has_made() {
        let target =
            std::env::temp_dir().join(format!("hot-reload-foreign-{}", std::process::id()));
        let write = |file: &str| {
            let path = target.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "precious").unwrap();
        };
        // A copy of this library, a profile of that name, and leftovers of earlier versions.
        let beside = [
            "hot-reload/.git/config",
            "hot-reload/src/lib.rs",
            "hot-reload/deps/libdemo.rlib",
            "hot-reload/4-0/3/demo",
            ".hot-reload-owners/src/lib.rs",
        ];
        beside.into_iter().for_each(write);
        // The first name is taken by a foreign folder, so the second is used.
        let first = RunDir::create(&target).unwrap();
        assert_eq!(first.all(), target.join(".hot-reload-owners-2"));
        let within = [
            ".hot-reload-owners-2/notes/day.txt",
            ".hot-reload-owners-2/5-0123456789abcdef/precious",
            ".hot-reload-owners-2/5-x/lock",
            ".hot-reload-owners-2/5-0123456789abcdeg/lock",
        ];
        within.into_iter().for_each(write);
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            // A folder as a dead owner leaves it, but in another place.
            ["elsewhere/lock", "elsewhere/1/demo"].into_iter().for_each(write);
            let dead = first.all().join("7-0123456789abcdef");
            fs::create_dir(&dead).unwrap();
            drop(claim::wait_for_lock(&dead).unwrap());
            for link in
                ["6-0123456789abcdef", "7-0123456789abcdef/segments", "7-0123456789abcdef/1"]
            {
                symlink(target.join("elsewhere"), first.all().join(link)).unwrap();
            }
        }
        drop(RunDir::create(&target).unwrap());
        assert!(!first.all().join("7-0123456789abcdef").exists(), "that one was an owner's");
        let elsewhere = ["elsewhere/lock", "elsewhere/1/demo"].into_iter().filter(|_| cfg!(unix));
        for file in beside.into_iter().chain(within).chain(elsewhere) {
            let found = fs::read_to_string(target.join(file));
            assert_eq!(found.ok().as_deref(), Some("precious"), "{file}");
        }
        assert!(!target.join("hot-reload/CACHEDIR.TAG").exists(), "nothing is added either");
        fs::remove_dir_all(target).unwrap();
    }

    #[test]
    fn a_folder_that_a_clean_has_taken_away_is_made_again() {
        let target = std::env::temp_dir().join(format!("hot-reload-clean-{}", std::process::id()));
        let folder = RunDir::create(&target).unwrap();
        fs::remove_dir_all(folder.all()).unwrap();
        folder.record("/hr-test");
        assert!(!folder.all().exists(), "nothing is put where no lock is");
        let binary = target.join("program");
        fs::write(&binary, "text").unwrap();
        let kept = folder.keep("1", &program(binary)).unwrap();
        let other = RunDir::create(&target).unwrap();
        assert!(kept.exists(), "another owner sees that this one lives");
        assert_eq!(folder.all(), other.all());
        drop(other);
        drop(folder);
        assert!(!kept.exists());
        fs::remove_dir_all(target).unwrap();
    }
}

//! Files that other tools build: taken once they are complete, and only if they are for this
//! machine.

use super::{Built, Cancel};
use object::read::{File as Object, ReadCache};
use object::{Architecture, BinaryFormat, FileKind, Object as _, ObjectSection as _};
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::supervisor) struct Artifact {
    pub(in crate::supervisor) file: PathBuf,
    stamp: ArtifactStamp,
}

/// Length and time of a file, by which writing is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ArtifactStamp(u64, Option<SystemTime>);

impl ArtifactStamp {
    fn of(file: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(file)?;
        Ok(ArtifactStamp(metadata.len(), metadata.modified().ok()))
    }
}

/// The kind of file that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArtifactKind {
    /// A program, or a script that starts one.
    Program,
    /// A dynamic library if it has the name of one, otherwise anything.
    Part,
}

/// Time without a write after which a file counts as finished.
const SETTLED: Duration = Duration::from_millis(20);
/// Limit on the wait for a file to become a complete program.
const LONGEST: Duration = Duration::from_secs(3);

impl Artifact {
    /// Waits until a file is written completely, and takes it.
    ///
    /// # Errors
    /// Returns the build's result without the file.
    pub(super) fn take(file: &Path, kind: ArtifactKind, cancel: &Cancel) -> Result<Self, Built> {
        let cannot = |message: String| Built::CannotBuild { message };
        let begun = Instant::now();
        let mut before: Option<ArtifactStamp> = None;
        loop {
            if cancel.is_wanted() {
                return Err(Built::Cancelled);
            }
            let now = ArtifactStamp::of(file).map_err(|error| {
                let what = if kind == ArtifactKind::Program { "program" } else { "file" };
                cannot(format!(
                    "there is no {what} {}: {error}; it is used once it is built",
                    file.display()
                ))
            })?;
            if before == Some(now) {
                match check(file, kind) {
                    Ok(()) => return Ok(Artifact { file: file.to_path_buf(), stamp: now }),
                    // A linker that was interrupted may still continue.
                    Err(_) if begun.elapsed() < LONGEST => {}
                    Err(reason) => return Err(cannot(format!("{} {reason}", file.display()))),
                }
            }
            before = Some(now);
            thread::sleep(SETTLED);
        }
    }

    /// Takes a file as it is, without any check.
    #[cfg(test)]
    pub(in crate::supervisor) fn take_now(file: &Path) -> io::Result<Self> {
        Ok(Artifact { file: file.to_path_buf(), stamp: ArtifactStamp::of(file)? })
    }

    /// Returns true if the file has not been written to since it was taken.
    pub(in crate::supervisor) fn is_unchanged(&self) -> bool {
        ArtifactStamp::of(&self.file).is_ok_and(|stamp| stamp == self.stamp)
    }
}

/// Checks that a file can be run or loaded here.
fn check(file: &Path, kind: ArtifactKind) -> Result<(), String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    let mut open = File::open(file).map_err(unreadable)?;
    if kind == ArtifactKind::Part && !is_library(file) {
        return Ok(());
    }
    let end = open.metadata().map_err(unreadable)?.len();
    let mut start = Vec::new();
    open.by_ref().take(64).read_to_end(&mut start).map_err(unreadable)?;
    check_object(&start, open, end, kind)
}

/// Checks that a file with this start and this length (`end`) can be run or loaded here.
pub(super) fn check_object(
    start: &[u8],
    open: impl Read + Seek,
    end: u64,
    kind: ArtifactKind,
) -> Result<(), String> {
    if kind == ArtifactKind::Program && start.starts_with(b"#!") {
        return Ok(());
    }
    if matches!(FileKind::parse(start), Ok(FileKind::MachOFat32 | FileKind::MachOFat64)) {
        return Ok(()); // for several machines
    }
    let what = if kind == ArtifactKind::Program { "program" } else { "dynamic library" };
    let expected = format!("{:?} for {}", BinaryFormat::native_object(), std::env::consts::ARCH);
    let cache = ReadCache::new(open);
    let object = Object::parse(&cache).map_err(|error| {
        format!("is not a whole {what} ({error}): it must be {expected}, as this machine runs it")
    })?;
    if object.format() != BinaryFormat::native_object()
        || native().is_some_and(|native| object.architecture() != native)
    {
        return Err(format!(
            "was built for another machine: it is {:?} for {:?}, and must be {expected}",
            object.format(),
            object.architecture()
        ));
    }
    let ranges = object.sections().filter_map(|section| section.file_range());
    match ranges.map(|(offset, length)| offset.saturating_add(length)).max() {
        Some(last) if last > end => Err(format!("is not whole: {end} bytes of {last}")),
        _ => Ok(()),
    }
}

fn is_library(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let ending = std::env::consts::DLL_SUFFIX;
    name.ends_with(ending) || name.contains(&format!("{ending}."))
}

/// Returns the architecture that this was compiled for, if it is a common one.
fn native() -> Option<Architecture> {
    Some(match std::env::consts::ARCH {
        "x86_64" => Architecture::X86_64,
        "x86" => Architecture::I386,
        "aarch64" => Architecture::Aarch64,
        "arm" => Architecture::Arm,
        "riscv64" => Architecture::Riscv64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        let name = format!("hot-reload-artifact-{}-{name}", std::process::id());
        std::env::temp_dir().join(name)
    }

    #[test]
    fn what_cannot_be_run_here_is_refused_in_words() {
        let this = fs::read(std::env::current_exe().unwrap()).unwrap();
        let mut foreign = this.clone();
        // `e_machine`: IBM S/390.
        if cfg!(target_os = "linux") {
            foreign[18..20].copy_from_slice(&22_u16.to_le_bytes());
        }
        let library = format!("lib{}", std::env::consts::DLL_SUFFIX);
        let cases: [(&str, ArtifactKind, &[u8], Option<&str>); 8] = [
            ("program", ArtifactKind::Program, &this, None),
            ("script", ArtifactKind::Program, b"#!/bin/sh\nexit 1\n", None),
            ("text", ArtifactKind::Program, b"hello", Some("is not a whole program")),
            ("empty", ArtifactKind::Program, b"", Some("is not a whole program")),
            ("half", ArtifactKind::Program, &this[..this.len() / 2], Some("whole")),
            ("foreign", ArtifactKind::Program, &foreign, Some("another machine")),
            (&library, ArtifactKind::Part, b"not yet", Some("is not a whole dynamic library")),
            ("shader.spv", ArtifactKind::Part, b"anything", None),
        ];
        for (name, kind, bytes, refused) in cases {
            if name == "foreign" && !cfg!(target_os = "linux") {
                continue;
            }
            let file = place(name);
            fs::write(&file, bytes).unwrap();
            let checked = check(&file, kind);
            fs::remove_file(&file).unwrap();
            match refused {
                None => assert_eq!(checked, Ok(()), "{name}"),
                Some(words) => {
                    let reason = checked.expect_err(name);
                    assert!(reason.contains(words), "{name}: {reason}");
                }
            }
        }
    }

    #[test]
    fn a_file_is_taken_when_it_is_whole_and_not_before() {
        let this = fs::read(std::env::current_exe().unwrap()).unwrap();
        let file = place(&format!("slow{}", std::env::consts::DLL_SUFFIX));
        fs::write(&file, &this[..this.len() / 3]).unwrap();
        let (slow, whole) = (file.clone(), this.clone());
        let linker = thread::spawn(move || {
            thread::sleep(4 * SETTLED);
            fs::write(slow, whole).unwrap();
        });
        let taken = Artifact::take(&file, ArtifactKind::Part, &Cancel::default()).unwrap();
        assert_eq!(taken.stamp.0, this.len() as u64, "all of it");
        assert!(taken.is_unchanged());
        linker.join().unwrap();
        fs::write(&file, b"other").unwrap();
        assert!(!taken.is_unchanged());
        fs::remove_file(&file).unwrap();
    }
}

//! The compilation of several units, each begun as soon as its dependencies are available.
//!
//! A library is available once the compiler has written its metadata, long before the library is
//! complete. A program's linker waits until all libraries are complete.

use super::linker::{Gate, Linker};
use super::needs_cargo::{NeedsCargo, needs_cargo};
use super::replay::Replay;
use super::unit::{Unit, UnitKind};
use crate::supervisor::{
    builds::child::{BuildChild, Cancel},
    workspace::Options,
};
use crate::threads::spawn;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Instant, SystemTime};

/// Folder for libraries that are not complete yet.
const COMPILING: &str = "compiling";

/// The parameters of a compilation.
pub(super) struct Pipeline<'l> {
    /// Folder of these builds.
    pub(super) folder: &'l Path,
    pub(super) linker: Option<&'l Linker>,
    pub(super) options: &'l Options,
    /// Returns true if the newest version of the library with a key is in this folder; cargo's is
    /// the newest of all others.
    pub(super) is_there: &'l dyn Fn(&str) -> bool,
    pub(super) cancel: &'l Cancel,
}

/// The result of a compilation.
#[derive(Default)]
pub(super) struct Made {
    pub(super) program: Option<PathBuf>,
    /// Sources of each unit.
    pub(super) sources: BTreeMap<String, BTreeSet<PathBuf>>,
    /// Compiler that made the program, which may still be busy with preparations for its next call.
    pub(super) rest: Option<BuildChild>,
}

/// A file that the compiler reports as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Emitted {
    Metadata,
    /// The library or program itself. The compiler's remaining work, some 10 ms, only serves its
    /// next call.
    Whole,
}

/// A unit that is being compiled.
struct Running<'l> {
    unit: &'l Unit,
    child: BuildChild,
    /// Receives the written files; disconnected when the compiler ends.
    written: Receiver<Emitted>,
    gate: Option<Gate>,
    out: PathBuf,
    begun: Instant,
    at: SystemTime,
}

impl<'l> Pipeline<'l> {
    /// Compiles these units, each after those it depends on.
    pub(super) fn compile(
        &self,
        units: impl Iterator<Item = &'l Unit>,
    ) -> Result<Made, NeedsCargo> {
        let mut made = Made::default();
        let mut announced = Vec::new();
        let done = self.run(units.inspect(|unit| announced.push(*unit)), &mut made);
        if done.is_err() {
            let unfinished = announced.iter().filter(|unit| !made.sources.contains_key(&unit.key));
            // A library that is only metadata must not be linked.
            for unit in unfinished.filter(|unit| unit.kind == UnitKind::Library) {
                let _ = fs::remove_file(self.libraries().join(unit.file_name()));
            }
        }
        done.map(|()| made)
    }

    fn run(
        &self,
        units: impl Iterator<Item = &'l Unit>,
        made: &mut Made,
    ) -> Result<(), NeedsCargo> {
        let mut libraries = Vec::new();
        let mut program = None;
        for unit in units {
            match unit.kind {
                UnitKind::Library => {
                    let running = self.start(unit)?;
                    self.announce(&running)?;
                    libraries.push(running);
                }
                UnitKind::Program => {
                    // Without a gate, the program would be linked with incomplete libraries.
                    if self.linker.is_none() || !Linker::can_stand_in(unit) {
                        self.finish(&mut libraries, made)?;
                    }
                    program = Some(self.start(unit)?);
                }
            }
        }
        let Some(mut program) = program else { return self.finish(&mut libraries, made) };
        let mut whole = true;
        for library in &libraries {
            whole &= library.is_written(Emitted::Whole) && self.put_in_place(library.unit).is_ok();
        }
        if !whole {
            self.finish(&mut libraries, made)?;
        }
        if let Some(gate) = &mut program.gate {
            gate.open().map_err(|error| failed(program.unit, &error))?;
        }
        let whole = program.is_written(Emitted::Whole);
        self.finish(&mut libraries, made)?;
        let (unit, sources) = match whole {
            true => (program.unit, program.sources()?),
            false => return needs_cargo("no program was made"),
        };
        made.program = Some(program.out.join(unit.file_name()));
        made.sources.insert(unit.key.clone(), sources);
        made.rest = Some(program.child);
        Ok(())
    }

    fn libraries(&self) -> PathBuf {
        self.folder.join("libraries")
    }

    fn start(&self, unit: &'l Unit) -> Result<Running<'l>, NeedsCargo> {
        // Libraries are moved into place when they are complete.
        let out = self.folder.join(match unit.kind {
            UnitKind::Library => COMPILING,
            UnitKind::Program => "programs",
        });
        let failed = |error: io::Error| failed(unit, &error);
        for folder in [&out, &self.libraries()] {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let replay = Replay {
            unit,
            out: &out,
            incremental: &self.folder.join("incremental"),
            libraries: &self.libraries(),
            is_there: self.is_there,
            options: self.options,
        };
        let mut command = replay.command();
        let linker = self.linker.filter(|_| unit.kind == UnitKind::Program);
        let gate = match linker {
            Some(linker) => linker.stand_in(unit, self.options, &mut command).map_err(failed)?,
            None => None,
        };
        let (begun, at) = (Instant::now(), SystemTime::now());
        let mut child = BuildChild::spawn(&mut command, self.cancel).map_err(failed)?;
        let (tell, written) = channel();
        let stderr = child.child.stderr.take();
        let listen = move || {
            if let Some(stderr) = stderr {
                listen(stderr, |artifact| {
                    let _ = tell.send(artifact);
                });
            }
        };
        spawn("hot-reload compiler", listen).map_err(failed)?;
        Ok(Running { unit, child, written, gate, out, begun, at })
    }

    /// Waits for a library's metadata, and makes it available to others.
    fn announce(&self, running: &Running<'_>) -> Result<(), NeedsCargo> {
        if !running.is_written(Emitted::Metadata) {
            // The compiler has ended; its result is examined later.
            return Ok(());
        }
        let failed = |error: io::Error| failed(running.unit, &error);
        let rlib = self.libraries().join(running.unit.file_name());
        let rmeta = running.out.join(running.unit.file_name()).with_extension("rmeta");
        let metadata = fs::read(rmeta).map_err(failed)?;
        replace(&rlib.with_extension("rmeta"), &metadata).map_err(failed)?;
        replace(&rlib, &archive_of(&metadata)).map_err(failed)
    }

    /// Moves a library to where it is linked from.
    fn put_in_place(&self, library: &Unit) -> io::Result<()> {
        let name = library.file_name();
        fs::rename(self.folder.join(COMPILING).join(&name), self.libraries().join(&name))
    }

    /// Waits for the end of these libraries' compilers.
    fn finish(&self, libraries: &mut Vec<Running<'_>>, made: &mut Made) -> Result<(), NeedsCargo> {
        for library in libraries.drain(..) {
            let (unit, out) = (library.unit, library.out.clone());
            let sources = library.finish()?;
            // Unless it was moved already.
            if out.join(unit.file_name()).exists() {
                self.put_in_place(unit).map_err(|error| failed(unit, &error))?;
            }
            made.sources.insert(unit.key.clone(), sources);
        }
        Ok(())
    }
}

impl Running<'_> {
    /// Waits until something is written; returns false if the compiler ends without that.
    fn is_written(&self, wanted: Emitted) -> bool {
        self.written.iter().any(|artifact| artifact == wanted)
    }

    /// Waits for the compiler's end; returns the unit's sources.
    fn finish(mut self) -> Result<BTreeSet<PathBuf>, NeedsCargo> {
        let unit = self.unit;
        match self.child.wait() {
            Some(Ok(status)) if status.success() => self.sources(),
            Some(Ok(status)) => {
                needs_cargo(format!("the compiler failed on {} ({status})", unit.key))
            }
            Some(Err(error)) => Err(failed(unit, &error)),
            None => needs_cargo("cancelled"),
        }
    }

    /// Returns the sources of the compiled unit.
    fn sources(&self) -> Result<BTreeSet<PathBuf>, NeedsCargo> {
        let Running { unit, out, at, begun, .. } = self;
        crate::log::debug!("{} compiled in {:.0?}", unit.key, begun.elapsed());
        let sources = unit.sources_in(out);
        // A source that is changed and restored before the watcher looks would go unnoticed.
        match sources.iter().find(|file| is_written_after(*at, file)) {
            Some(file) => needs_cargo(format!("{} was written during the build", file.display())),
            None => Ok(sources),
        }
    }
}

/// Reports the files that the compiler says it has written. Reads the stream to its end, whatever
/// it contains, so that the compiler never blocks on it.
fn listen(stderr: impl Read, tell: impl Fn(Emitted)) {
    let lines = BufReader::new(stderr).split(b'\n').map_while(Result::ok);
    lines.filter_map(|line| artifact(line.trim_ascii_end())).for_each(tell);
}

/// Returns the kind of file that a line of the compiler's messages reports as written.
fn artifact(line: &[u8]) -> Option<Emitted> {
    if !line.starts_with(b"{\"$message_type\":\"artifact\"") {
        return None;
    }
    let emits = |kind: &str| line.ends_with(format!("\"emit\":\"{kind}\"}}").as_bytes());
    match () {
        () if emits("metadata") => Some(Emitted::Metadata),
        () if emits("link") => Some(Emitted::Whole),
        () => None,
    }
}

/// Returns a library that consists of metadata alone: an archive with that one member, in the
/// format of ar(5).
fn archive_of(metadata: &[u8]) -> Vec<u8> {
    let length = metadata.len();
    let mut archive = b"!<arch>\n".to_vec();
    let header = format!("{:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`\n", "lib.rmeta/", 0, 0, 0, 644);
    archive.extend(header.into_bytes());
    archive.extend(metadata);
    if length % 2 == 1 {
        archive.push(b'\n');
    }
    archive
}

/// Writes a file beside its place and then moves it there, since a compiler may have the old one
/// open.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(new, file)
}

fn is_written_after(at: SystemTime, file: &Path) -> bool {
    let modified = fs::metadata(file).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified > at)
}

fn failed(unit: &Unit, error: &io::Error) -> NeedsCargo {
    NeedsCargo(format!("{} cannot be called: {error}", unit.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_of_metadata_alone_is_an_archive_with_one_member() {
        for metadata in [&b"rust"[..], b"odd"] {
            let archive = archive_of(metadata);
            let (mark, rest) = archive.split_at(8);
            assert_eq!(mark, b"!<arch>\n");
            let (header, body) = rest.split_at(60);
            assert!(header.starts_with(b"lib.rmeta/") && header.ends_with(b"`\n"), "{header:?}");
            let length = String::from_utf8_lossy(&header[48..58]).trim().parse::<usize>().unwrap();
            assert_eq!(&body[..length], metadata);
            assert!(body.len().is_multiple_of(2), "members begin at even places");
        }
    }

    #[test]
    fn what_is_written_is_told_from_other_messages() {
        let said = |emit: &str| {
            format!("{{\"$message_type\":\"artifact\",\"artifact\":\"/t/a\",\"emit\":\"{emit}\"}}")
        };
        let artifact = |line: &str| artifact(line.as_bytes());
        assert_eq!(artifact(&said("metadata")), Some(Emitted::Metadata));
        assert_eq!(artifact(&said("link")), Some(Emitted::Whole));
        assert_eq!(artifact(&said("dep-info")), None);
        let quoted = "{\"$message_type\":\"diagnostic\",\"message\":\"\\\"emit\\\":\\\"link\\\"\"}";
        assert_eq!(artifact(quoted), None);
    }

    #[test]
    fn what_is_no_text_does_not_end_the_reading() {
        let said = b"caf\xe9 from a macro\n{\"$message_type\":\"artifact\",\"emit\":\"link\"}\r\n";
        let told = std::cell::Cell::new(None);
        let mut pipe = &said[..];
        listen(&mut pipe, |artifact| told.set(Some(artifact)));
        assert_eq!(told.get(), Some(Emitted::Whole));
        assert!(pipe.is_empty(), "all of it is read");
    }
}

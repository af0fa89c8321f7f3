//! The libraries that no edit has changed, combined into one dynamic library.

use super::replay::{ToolStamp, stamp};
use crate::supervisor::builds::child::{BuildChild, Cancel};
use crate::sys;
use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Name prefix of a library that is part of every link; its symbols must not be exported twice.
const BUILTINS: &str = "libcompiler_builtins-";

/// One dynamic library in place of many others.
#[derive(Debug)]
pub(super) struct DependencyDylib {
    pub(super) file: PathBuf,
    parts: Vec<(PathBuf, Option<ToolStamp>)>,
}

impl DependencyDylib {
    /// Links the libraries of a program that was linked with these arguments, except those in
    /// `libraries`, which may change with the next edit. Returns `None` if there is little to link,
    /// or if it was cancelled.
    pub(super) fn link(
        arguments: &[OsString],
        libraries: &Path,
        folder: &Path,
        cancel: &Cancel,
    ) -> io::Result<Option<Self>> {
        let is_part = |argument: &OsStr| {
            let path = Path::new(argument);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let library = path.extension() == Some(OsStr::new("rlib"));
            library && path.parent() != Some(libraries) && !name.starts_with(BUILTINS)
        };
        let is_std = |it: &OsStr| it.to_string_lossy().contains("/libstd-");
        let parts = arguments.iter().filter(|it| is_part(it)).map(PathBuf::from);
        let parts = parts.map(|part| (part.clone(), stamp(&part))).collect::<Vec<_>>();
        // If std is linked statically, the program has its own allocator.
        if parts.len() < 2 || parts.iter().any(|(part, _)| is_std(part.as_os_str())) {
            return Ok(None);
        }
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        let file = folder.join(format!("dependencies-{:016x}.so", hasher.finish()));
        if !file.is_file() {
            let mut command = sys::guarded(Path::new("cc"));
            command.args(shared_arguments(arguments, is_part, &file));
            command.stdout(Stdio::null()).stderr(Stdio::null());
            match BuildChild::spawn(&mut command, cancel)?.wait() {
                Some(Ok(status)) if status.success() => {}
                Some(Ok(status)) => return Err(io::Error::other(format!("the linker: {status}"))),
                Some(Err(error)) => return Err(error),
                None => return Ok(None),
            }
        }
        Ok(Some(DependencyDylib { file, parts }))
    }

    /// Returns true if the library exists and its parts are unchanged.
    pub(super) fn is_there(&self) -> bool {
        self.file.is_file() && self.parts.iter().all(|(part, before)| stamp(part) == *before)
    }
}

/// Returns the arguments to link a program's dependencies as one library, derived from the
/// program's own.
fn shared_arguments(
    program: &[OsString],
    is_part: impl Fn(&OsStr) -> bool,
    file: &Path,
) -> Vec<OsString> {
    const OF_A_PROGRAM: [&str; 4] = ["-pie", "-no-pie", "-static-pie", "-Wl,--gc-sections"];
    let mut whole: Vec<OsString> = vec!["-shared".into(), "-Wl,-Bsymbolic".into()];
    let mut placed = false;
    let mut arguments = program.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == "-o" {
            arguments.next();
        } else if is_part(argument) {
            if !placed {
                placed = true;
                whole.push("-Wl,--whole-archive".into());
                whole.extend(program.iter().filter(|it| is_part(it)).cloned());
                whole.push("-Wl,--no-whole-archive".into());
            }
        } else if !OF_A_PROGRAM.contains(&&*text)
            && !text.ends_with(".o")
            && (!text.ends_with(".rlib") || text.contains(BUILTINS))
        {
            whole.push(argument.clone());
        }
    }
    whole.extend(["-o".into(), file.into()]);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_linked_as_a_program_is_without_what_makes_it_one() {
        let program = [
            "-m64",
            "a.rcgu.o",
            "/own/libown.rlib",
            "/deps/libone.rlib",
            "/deps/libtwo.rlib",
            "/std/libcompiler_builtins-1.rlib",
            "/std/libstd-1.so",
            "-lc",
            "-o",
            "program",
            "-pie",
            "-Wl,--gc-sections",
        ];
        let program = program.map(OsString::from);
        let is_part = |it: &OsStr| it.to_string_lossy().starts_with("/deps/");
        let whole = shared_arguments(&program, is_part, Path::new("/t/all.so"));
        assert_eq!(
            whole,
            [
                "-shared",
                "-Wl,-Bsymbolic",
                "-m64",
                "-Wl,--whole-archive",
                "/deps/libone.rlib",
                "/deps/libtwo.rlib",
                "-Wl,--no-whole-archive",
                "/std/libcompiler_builtins-1.rlib",
                "/std/libstd-1.so",
                "-lc",
                "-o",
                "/t/all.so",
            ]
        );
    }
}

//! One product of the compiler, a library or a program, and the call that makes it.

use super::dep_info;
use crate::supervisor::builds::wrapper::Call;
use crate::supervisor::paths::canonical;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The kinds of products that can be made without cargo. Macros, and libraries that are loaded at
/// run time, cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitKind {
    Library,
    Program,
}

#[derive(Debug)]
pub(super) struct Unit {
    /// The crate's name with cargo's hash.
    pub(super) key: String,
    /// The crate's name.
    pub(super) name: String,
    pub(super) kind: UnitKind,
    pub(super) call: Call,
    /// Folder of the package.
    pub(super) package: PathBuf,
    /// Folder into which cargo has it written.
    pub(super) out_dir: PathBuf,
    /// Keys of the libraries that it is given by name, including those whose calls are not known.
    pub(super) externs: Vec<String>,
    /// Files that it was compiled from.
    pub(super) sources: BTreeSet<PathBuf>,
    /// True if the output made without cargo is the newest, and the compiler has incremental
    /// results to continue from.
    pub(super) primed: bool,
}

/// Kinds of libraries for other languages, which are not linked into a Rust program.
pub(super) const FOR_OTHERS: [&str; 2] = ["cdylib", "staticlib"];

impl Unit {
    /// Parses a call. Returns `None` if it makes something else, or is not in cargo's form.
    pub(super) fn new(call: Call) -> Option<Self> {
        let mut name = None;
        let (mut out_dir, mut extra, mut kinds, mut externs) = (None, None, Vec::new(), Vec::new());
        let mut arguments = call.arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next()?.to_str();
            match argument.to_str()? {
                "--crate-name" => name = value(),
                "--crate-type" => kinds.push(value()?),
                "--out-dir" => out_dir = value(),
                "--extern" => externs.push(value()?),
                "-C" => extra = value()?.strip_prefix("extra-filename=").or(extra),
                "--test" => return None,
                _ => {}
            }
        }
        let name = name?.to_owned();
        let linked = |kind: &&str| matches!(*kind, "lib" | "rlib");
        let kind = match kinds.as_slice() {
            ["bin"] => UnitKind::Program,
            // The other kinds of a library are not linked here, unless one of them is loaded at run
            // time.
            kinds if kinds.iter().any(linked) => {
                let mut others = kinds.iter().filter(|kind| !linked(kind));
                others.all(|kind| FOR_OTHERS.contains(kind)).then_some(UnitKind::Library)?
            }
            _ => return None,
        };
        // cargo adds no hash to libraries that other languages link by name.
        let extra = extra.or((kinds.len() > 1).then_some(""));
        let externs = externs.into_iter().filter_map(|it| key_of(Path::new(it.split_once('=')?.1)));
        let externs = externs.collect();
        let package = call.environment.iter().find(|(name, _)| name == "CARGO_MANIFEST_DIR");
        let package = canonical(Path::new(&package?.1));
        Some(Unit {
            key: format!("{name}{}", extra?),
            out_dir: out_dir?.into(),
            name,
            kind,
            call,
            package,
            externs,
            sources: BTreeSet::new(),
            primed: false,
        })
    }

    /// Returns the name of the file that it is made as.
    pub(super) fn file_name(&self) -> String {
        match self.kind {
            UnitKind::Library => format!("lib{}.rlib", self.key),
            UnitKind::Program => format!("{}{}", self.key, std::env::consts::EXE_SUFFIX),
        }
    }

    /// Returns its sources, according to the dep-info file in a folder.
    pub(super) fn sources_in(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let rules = folder.join(format!("{}.d", self.key));
        let sources = dep_info::sources(&rules);
        sources.into_iter().map(|file| absolute(&self.call.folder, &file)).collect()
    }
}

/// Returns the key of a library from its file name.
pub(super) fn key_of(file: &Path) -> Option<String> {
    let library = matches!(file.extension().and_then(OsStr::to_str), Some("rlib" | "rmeta"));
    let stem = file.file_stem()?.to_str()?;
    library.then(|| stem.strip_prefix("lib").map(str::to_owned))?
}

/// Returns the absolute path of a file that a call in `folder` has named.
pub(super) fn absolute(folder: &Path, file: &Path) -> PathBuf {
    canonical(&folder.join(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(arguments: &[&str]) -> Call {
        Call {
            at: None,
            folder: "/w".into(),
            program: "rustc".into(),
            arguments: arguments.iter().map(Into::into).collect(),
            environment: vec![("CARGO_MANIFEST_DIR".into(), "/w/a".into())],
        }
    }

    #[test]
    fn calls_that_make_a_library_or_a_program_are_told_from_all_others() {
        let common = ["--crate-name", "a_b", "--out-dir", "/t/deps"];
        let hash = ["-C", "opt-level=1", "-C", "extra-filename=-12"];
        let made = |rest: &[&str]| {
            let unit = Unit::new(call(&[&common, rest].concat()))?;
            Some((unit.kind, unit.file_name()))
        };
        let lib = [&hash[..], &["--crate-type", "lib"]].concat();
        let bin = [&hash[..], &["--crate-type", "bin"]].concat();
        assert_eq!(made(&lib), Some((UnitKind::Library, "liba_b-12.rlib".to_owned())));
        assert_eq!(made(&bin).unwrap().0, UnitKind::Program);
        let several = ["--crate-type", "rlib", "--crate-type", "cdylib"];
        assert_eq!(made(&several), Some((UnitKind::Library, "liba_b.rlib".to_owned())));
        let none: &[&[&str]] = &[
            &[&hash[..], &["--crate-type", "proc-macro"]].concat(),
            &[&hash[..], &["--crate-type", "rlib", "--crate-type", "dylib"]].concat(),
            &[&hash[..], &["--crate-type", "cdylib"]].concat(),
            &[&bin[..], &["--test"]].concat(),
            &["--crate-type", "lib"],
            &hash,
        ];
        for rest in none {
            assert_eq!(made(rest), None, "{rest:?}");
        }
    }

    #[test]
    fn what_a_unit_is_given_by_name_is_known_by_its_file() {
        let unit = call(&[
            "--crate-name",
            "a",
            "--crate-type",
            "lib",
            "--out-dir",
            "/t",
            "-C",
            "extra-filename=-1",
            "--extern",
            "b=/t/libb-2.rmeta",
            "--extern",
            "noprelude:c=/t/libc-3.rlib",
            "--extern",
            "m=/t/libm-4.so",
            "--extern",
            "proc_macro",
        ]);
        assert_eq!(Unit::new(unit).unwrap().externs, ["b-2", "c-3"]);
    }
}

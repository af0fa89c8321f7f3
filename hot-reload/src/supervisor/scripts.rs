//! The inputs of local packages' build scripts, as the scripts declare them to cargo.

use super::packages::LocalPackage;
use super::paths::resolved;
use cargo_metadata::BuildScript;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The changes that make cargo run a build script again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reruns {
    /// A change of any file of its package: the script declares nothing.
    AnyFile,
    /// A change of one of these files, or below one of these folders. They need not exist.
    Named(BTreeSet<PathBuf>),
}

/// The known build scripts, by the folders of their packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scripts(pub(super) BTreeMap<PathBuf, Reruns>);

impl Scripts {
    /// Adds a script that cargo reports to have run, in this build or an earlier one.
    pub(super) fn ran(&mut self, script: &BuildScript, package: &LocalPackage) {
        // cargo keeps what a script has printed beside the folder that it writes to.
        let output = script.out_dir.parent().map(|folder| folder.join("output"));
        let output = output.and_then(|output| fs::read(output).ok());
        let reruns = output.map(|output| reruns(&output, &package.folder));
        self.0.insert(package.folder.clone(), reruns.unwrap_or(Reruns::AnyFile));
    }

    /// Adds newer information, which replaces what is known.
    pub(super) fn extend(&mut self, newer: Scripts) {
        self.0.extend(newer.0);
    }

    /// Returns true if a change of this file may run the build script of this package again.
    pub(super) fn reads(&self, package: &LocalPackage, file: &Path) -> bool {
        package.has_build_script
            && match self.0.get(&package.folder) {
                None | Some(Reruns::AnyFile) => file.starts_with(&package.folder),
                Some(Reruns::Named(paths)) => paths.iter().any(|path| file.starts_with(path)),
            }
    }
}

/// Reads a script's output. The cargo book describes the syntax, with one colon or two, under
/// "Build Scripts".
fn reruns(output: &[u8], package: &Path) -> Reruns {
    let (mut paths, mut says_something) = (BTreeSet::new(), false);
    for line in String::from_utf8_lossy(output).lines() {
        let line = line.trim();
        let Some(directive) = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:"))
        else {
            continue;
        };
        match directive.split_once('=') {
            Some(("rerun-if-changed", path)) => {
                says_something = true;
                paths.insert(resolved(&package.join(path.trim_end())));
            }
            Some(("rerun-if-env-changed", _)) => says_something = true,
            _ => {}
        }
    }
    if says_something { Reruns::Named(paths) } else { Reruns::AnyFile }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_depends_on_what_it_names_or_else_on_its_whole_package() {
        let package = Path::new("/nowhere/renderer");
        let named = |paths: &[&str]| Reruns::Named(paths.iter().map(PathBuf::from).collect());
        let table: [(&str, Reruns); 7] = [
            ("", Reruns::AnyFile),
            ("hello\ncargo:rustc-cfg=fast\ncargo:warning=rerun-if-changed=a\n", Reruns::AnyFile),
            ("cargo:rerun-if-changed=build.rs\n", named(&["/nowhere/renderer/build.rs"])),
            ("cargo::rerun-if-changed=../shaders/\r\n", named(&["/nowhere/shaders"])),
            ("  cargo:rerun-if-changed=/data/a b.txt  ", named(&["/data/a b.txt"])),
            ("cargo:rerun-if-env-changed=LEVEL", named(&[])),
            ("cargo:rerun-if-changed=a\ncargo::rerun-if-changed=b/../c", {
                named(&["/nowhere/renderer/a", "/nowhere/renderer/c"])
            }),
        ];
        for (output, expected) in table {
            assert_eq!(reruns(output.as_bytes(), package), expected, "{output:?}");
        }
    }
}

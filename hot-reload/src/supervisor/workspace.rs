//! The workspace as cargo describes it: its location, the sources of the renderer, and the way to
//! call cargo so that its builds equal the user's own.

use super::packages::LocalPackage;
use crate::sys;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The sources of the renderer and their location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) target: PathBuf,
    /// Folder for cargo's intermediate files: the target folder, or `build.build-dir`.
    pub(super) build_folder: PathBuf,
    /// Name of the renderer's package.
    pub(super) package: String,
    pub(super) binary: String,
    /// Features to build with, if not the package's default ones.
    pub(super) features: Option<Vec<String>>,
    /// The renderer's package and those of its dependencies whose sources are on this machine.
    pub(super) packages: Vec<LocalPackage>,
    /// Values of `--config` arguments.
    pub(super) configuration: Vec<String>,
    pub(super) options: Options,
}

/// Options for hot builds, from `[workspace.metadata.hot-reload]` in the workspace's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Options {
    /// True to call the compiler without cargo if the result is the same.
    pub(super) direct: bool,
    /// True to link the standard library dynamically in such calls.
    pub(super) dynamic_std: bool,
    /// True to link the libraries that no edit has changed as one dynamic library.
    pub(super) shared_dependencies: bool,
    /// True to link such programs without `cc` in between.
    pub(super) without_cc: bool,
    /// True to link such programs with `wild` if it is installed.
    pub(super) wild: bool,
    /// True to compare each such build with what cargo makes of the same sources.
    pub(super) check: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            direct: true,
            dynamic_std: true,
            shared_dependencies: true,
            without_cc: true,
            wild: true,
            check: false,
        }
    }
}

impl Workspace {
    /// Returns the renderer's package.
    pub(super) fn renderer(&self) -> Option<&LocalPackage> {
        self.packages.iter().find(|package| package.name == self.package)
    }

    /// Returns the innermost package that a file belongs to.
    pub(super) fn owner_of(&self, file: &Path) -> Option<&LocalPackage> {
        let packages = self.packages.iter().filter(|package| file.starts_with(&package.folder));
        packages.max_by_key(|package| package.folder.as_os_str().len())
    }

    /// Returns true if a missing file may have existed only briefly, as the draft of a source.
    pub(super) fn is_passing(&self, file: &Path) -> bool {
        let configures =
            file.extension().is_some_and(|ending| ending == "toml" || ending == "lock");
        let hidden =
            file.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
        let owner = self.owner_of(file);
        !configures
            && !hidden
            && owner.is_some_and(|package| !package.has_build_script && !package.is_macro)
    }

    /// Returns the packages in these folders and all that depend on them.
    pub(super) fn dependents(&self, folders: &BTreeSet<&Path>) -> Vec<&LocalPackage> {
        let mut reached =
            folders.iter().map(|folder| folder.to_path_buf()).collect::<BTreeSet<_>>();
        loop {
            let next = self.packages.iter().find(|package| {
                !reached.contains(&package.folder)
                    && package.dependencies.iter().any(|folder| reached.contains(folder))
            });
            match next {
                Some(package) => reached.insert(package.folder.clone()),
                None => break,
            };
        }
        self.packages.iter().filter(|package| reached.contains(&package.folder)).collect()
    }
}

/// Returns the cargo on the PATH, which is the one that the user would call, not the one that has
/// started us.
pub(super) fn cargo() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = format!("cargo{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|folder| folder.join(&program))
        .find(|it| it.is_file())
        .ok_or_else(|| {
            "cargo is not on the PATH, so the renderer cannot be built; install Rust \
             (https://rustup.rs) or add cargo's folder to the PATH, and start again"
                .to_owned()
        })
}

/// Prepares a program that builds, such as cargo, in the user's environment; it is killed when we
/// end.
///
/// `cargo run` and rustup's proxy add variables that would make cargo build everything a second
/// time, or use another toolchain than in the user's own terminal. These are removed.
pub(super) fn guarded(program: &Path, target: Option<&Path>) -> Command {
    let mut command = sys::guarded(program);
    for (name, _) in std::env::vars_os() {
        if is_added_by_cargo(&name) {
            command.env_remove(name);
        }
    }
    const LIBRARIES: &str = "LD_LIBRARY_PATH";
    if let Some(libraries) = std::env::var_os(LIBRARIES) {
        let rest = std::env::split_paths(&libraries).filter(|folder| {
            let text = folder.to_string_lossy();
            let of_target = target.is_some_and(|target| folder.starts_with(target));
            !of_target && !text.contains("/target/") && !text.contains("/toolchains/")
        });
        match std::env::join_paths(rest) {
            Ok(rest) if !rest.is_empty() => command.env(LIBRARIES, rest),
            _ => command.env_remove(LIBRARIES),
        };
    }
    command
}

fn is_added_by_cargo(name: &OsStr) -> bool {
    const NAMES: [&str; 11] = [
        "CARGO",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_MANIFEST_LINKS",
        "CARGO_MAKEFLAGS",
        "CARGO_CRATE_NAME",
        "CARGO_BIN_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
        "RUSTUP_TOOLCHAIN",
    ];
    let Some(name) = name.to_str() else {
        return false;
    };
    NAMES.contains(&name) || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_BIN_EXE_")
}

/// Returns the text of a manifest or a configuration. Only small regular files are read: opening a
/// pipe would wait for its writer, and a device may have no end.
pub(super) fn read_small(file: &Path) -> Option<String> {
    const LONGEST: u64 = 4 << 20;
    let about = std::fs::metadata(file).ok()?;
    let small = about.is_file() && about.len() <= LONGEST;
    small.then(|| std::fs::read_to_string(file).ok())?
}

/// Returns the paths at which cargo looks for its configuration, nearest first.
pub(super) fn configurations(root: &Path) -> Vec<PathBuf> {
    let folders = root.ancestors().map(|folder| folder.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let folders = folders.chain(home);
    folders.flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name))).collect()
}

/// Returns the arguments of a hot build of several parts.
pub(super) fn build_arguments(parts: &[&Workspace], profile: &str) -> Vec<OsString> {
    let Some(workspace) = parts.first() else { return Vec::new() };
    let mut arguments = vec![
        "build".into(),
        "--manifest-path".into(),
        workspace.root.join("Cargo.toml").into_os_string(),
        "--profile".into(),
        profile.into(),
        "--message-format=json-diagnostic-rendered-ansi".into(),
    ];
    for part in parts {
        arguments.extend(["--package".into(), part.package.clone().into()]);
        arguments.extend(["--bin".into(), part.binary.clone().into()]);
    }
    if parts.len() > 1 {
        // One part that does not compile must not keep the others from being built.
        arguments.push("--keep-going".into());
    }
    // Features on the command line are those of all packages.
    if let ([_], Some(features)) = (parts, &workspace.features) {
        arguments.extend(["--no-default-features".into(), "--features".into()]);
        arguments.push(features.join(",").into());
    }
    for config in &workspace.configuration {
        arguments.extend(["--config".into(), config.into()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_called_without_the_variables_that_this_very_test_was_given_by_cargo() {
        let command = guarded(Path::new("cargo"), None);
        let removed = command.get_envs().filter(|(_, value)| value.is_none());
        let removed = removed.map(|(name, _)| name).collect::<Vec<_>>();
        for given in ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            assert!(std::env::var_os(given).is_some(), "{given} is not set");
            assert!(removed.contains(&OsStr::new(given)), "{given} is not among {removed:?}");
        }
    }

    #[test]
    fn all_parts_are_built_in_one_call_and_none_waits_for_another() {
        let part = |package: &str| Workspace {
            root: "/w".into(),
            target: "/w/target".into(),
            build_folder: "/w/target".into(),
            package: package.to_owned(),
            binary: format!("{package}-program"),
            features: None,
            packages: Vec::new(),
            configuration: Vec::new(),
            options: Options::default(),
        };
        let parts = [part("update"), part("view")];
        let line = |parts: &[&Workspace]| {
            let words = build_arguments(parts, "hot").into_iter();
            words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        let both = line(&parts.iter().collect::<Vec<_>>());
        let wanted =
            "--package update --bin update-program --package view --bin view-program --keep-going";
        assert!(both.starts_with("build ") && both.ends_with(wanted), "{both}");
        let one = line(&[&parts[0]]);
        assert!(one.ends_with("--package update --bin update-program"), "{one}");
    }

    #[test]
    fn the_variables_of_cargo_run_are_known_and_those_of_the_user_are_not() {
        for added in
            ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN", "OUT_DIR"]
        {
            assert!(is_added_by_cargo(OsStr::new(added)), "{added}");
        }
        for own in ["CARGO_TARGET_DIR", "CARGO_HOME", "CARGO_BUILD_JOBS", "RUSTFLAGS", "PATH"] {
            assert!(!is_added_by_cargo(OsStr::new(own)), "{own}");
        }
    }
}

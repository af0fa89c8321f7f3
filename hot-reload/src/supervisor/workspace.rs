//! The workspace as cargo describes it: its location, the sources of the renderer, and the way to
//! call cargo so that its builds equal the user's own.

use super::names::those_there_are;
use super::packages::{LocalPackage, local_packages};
use super::paths::canonical;
use super::workspaces::Workspaces;
use crate::sys;
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    /// The renderer's package and those of its dependencies whose sources are on this machine.
    pub(super) packages: Vec<LocalPackage>,
    /// Value of the `--config` argument that adds the profile, if the manifest does not define it.
    pub(super) profile_config: Option<String>,
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

/// The search for the workspace.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Folder set by the application; no other is searched then.
    pub(super) folder: Option<PathBuf>,
    pub(super) package: String,
    /// Packages of the application's modules.
    pub(super) modules: Vec<String>,
    pub(super) profile: String,
}

impl Search {
    /// Asks cargo for the workspace.
    pub(super) fn workspaces(&self) -> Result<Workspaces, String> {
        let cargo = cargo()?;
        let folders = self.folders();
        let mut asked = BTreeSet::new();
        let mut packages = BTreeSet::new();
        let mut trouble = None;
        for folder in &folders {
            let Some(manifest) = manifest_above(&canonical(folder)) else {
                continue;
            };
            if !asked.insert(manifest.clone()) {
                continue;
            }
            match metadata(&cargo, &manifest) {
                Ok(metadata) => {
                    packages.extend(package_names(&metadata));
                    if let Some(own) = self.describe(&metadata, &self.package)? {
                        let modules = self.modules.iter();
                        let modules = modules.map(|package| self.module(&metadata, package));
                        return Ok(Workspaces::new(own, modules.collect(), || {
                            manifests(&metadata)
                        }));
                    }
                }
                Err(message) => trouble = trouble.or(Some(message)),
            }
        }
        if let Some(message) = trouble {
            return Err(message);
        }
        let package = &self.package;
        let list = |paths: &mut dyn Iterator<Item = &PathBuf>| {
            paths.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        Err(if asked.is_empty() {
            let folders = list(&mut folders.iter());
            format!("no Cargo.toml is in or above {folders}; name the folder by `workspace(…)`")
        } else {
            let manifests = list(&mut asked.iter());
            format!(
                "there is no package `{package}` in the workspace of {manifests}, which has {}; \
                 correct `App::RENDERER` or the workspace's `members`",
                those_there_are(package, &packages)
            )
        })
    }

    /// Returns the folders from which to search upwards.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        if let Some(folder) = &self.folder {
            return vec![folder.clone()];
        }
        let run = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let program = std::env::current_exe().ok().and_then(|it| it.parent().map(PathBuf::from));
        [run, program, std::env::current_dir().ok()].into_iter().flatten().collect()
    }

    fn module(&self, metadata: &Metadata, package: &str) -> Result<Workspace, String> {
        self.describe(metadata, package)?.ok_or_else(|| {
            let names = those_there_are(package, &package_names(metadata).collect());
            format!(
                "there is no package `{package}` for this module in the workspace of {}, which has \
                 {names}; correct `App::RENDERER` of the module or the workspace's `members`",
                metadata.workspace_root
            )
        })
    }

    fn describe(&self, metadata: &Metadata, name: &str) -> Result<Option<Workspace>, String> {
        let package = metadata.workspace_packages().into_iter();
        let mut package = package.filter(|package| *package.name == name);
        let Some(package) = package.next() else {
            return Ok(None);
        };
        let root = canonical(metadata.workspace_root.as_std_path());
        Ok(Some(Workspace {
            binary: binary(package)?,
            packages: local_packages(metadata, package),
            target: metadata.target_directory.clone().into_std_path_buf(),
            build_folder: build_folder(metadata),
            package: name.to_owned(),
            profile_config: profile_config(&root, &self.profile),
            options: options(&metadata.workspace_metadata),
            root,
        }))
    }
}

/// Returns `build.build-dir`, which cargo reports since 1.91.
fn build_folder(metadata: &Metadata) -> PathBuf {
    let folder = metadata.build_directory.as_ref().unwrap_or(&metadata.target_directory);
    folder.clone().into_std_path_buf()
}

/// Returns the names of a workspace's packages.
fn package_names(metadata: &Metadata) -> impl Iterator<Item = String> {
    metadata.workspace_packages().into_iter().map(|package| package.name.to_string())
}

/// Returns the manifests of a workspace's packages.
fn manifests(metadata: &Metadata) -> Vec<PathBuf> {
    let packages = metadata.workspace_packages().into_iter();
    packages.map(|package| canonical(package.manifest_path.as_std_path())).collect()
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

fn manifest_above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())
}

fn metadata(cargo: &Path, manifest: &Path) -> Result<Metadata, String> {
    let mut command = guarded(cargo, None);
    command.args(["metadata", "--format-version", "1", "--color", "never", "--manifest-path"]);
    command.arg(manifest).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Dependencies for other platforms are not built here.
    let platform = target_platform(manifest.parent().unwrap_or(Path::new(".")));
    command.args(["--filter-platform", platform.as_deref().unwrap_or("host-tuple")]);
    // cargo looks for its configuration from the working folder upwards, not from the manifest.
    command.current_dir(manifest.parent().unwrap_or(Path::new(".")));
    let failed = |error: std::io::Error| format!("`cargo metadata` cannot be run: {error}");
    let mut child = command.spawn().map_err(failed)?;
    let guard = child.stdin.take();
    let mut stderr = child.stderr.take();
    // Read by a thread of its own: cargo writes both pipes, and must not block on a full one while
    // the other is read.
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.as_mut().map(|pipe| pipe.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut json = String::new();
    let read = child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut json));
    let status = child.wait().map_err(failed)?;
    drop(guard);
    let errors = errors.join().unwrap_or_default();
    if !status.success() || read.is_some_and(|read| read.is_err()) {
        return Err(format!("`cargo metadata` says: {}", errors.trim()));
    }
    MetadataCommand::parse(json).map_err(|error| {
        format!("`cargo metadata` of {} cannot be parsed: {error}", manifest.display())
    })
}

/// Returns the name of a package's program: the one named like the package, or the only one.
fn binary(package: &Package) -> Result<String, String> {
    let programs = package.targets.iter().filter(|it| it.kind.contains(&TargetKind::Bin));
    let names = programs.map(|target| target.name.clone()).collect::<Vec<_>>();
    if names.iter().any(|name| *name == *package.name) {
        return Ok(package.name.to_string());
    }
    match names.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(format!(
            "package `{}` has no program; add src/main.rs with `fn main() -> hot_reload::Result<()> \
             {{ hot_reload::run::<…>(…) }}`",
            package.name
        )),
        several => Err(format!(
            "package `{}` has the programs {}; name one of them as the package",
            package.name,
            several.join(", ")
        )),
    }
}

/// Returns the options in the manifest. A mistake is reported and leaves the defaults.
fn options(metadata: &serde_json::Value) -> Options {
    let Some(own) = metadata.get("hot-reload") else { return Options::default() };
    Options::deserialize(own).unwrap_or_else(|error| {
        crate::log::warn!("[workspace.metadata.hot-reload] in Cargo.toml cannot be used: {error}");
        Options::default()
    })
}

/// Returns the `--config` value that defines the profile, unless the manifest or a configuration
/// does.
fn profile_config(root: &Path, profile: &str) -> Option<String> {
    let has = |file: &Path| {
        let table = read_small(file).and_then(|text| text.parse::<toml::Table>().ok());
        table.is_some_and(|table| table.get("profile").is_some_and(|it| it.get(profile).is_some()))
    };
    let known = ["dev", "release", "test", "bench"].contains(&profile);
    let configured = configurations(root).iter().any(|file| has(file));
    let set = known || has(&root.join("Cargo.toml")) || configured;
    (!set).then(|| format!("profile.{profile}.inherits=\"dev\""))
}

/// Returns the platform that cargo builds for if it is not this machine's own, from the environment
/// or else from the nearest configuration file.
fn target_platform(folder: &Path) -> Option<String> {
    let configured = |file: &PathBuf| {
        let table = read_small(file)?.parse::<toml::Table>().ok()?;
        Some(table.get("build")?.get("target")?.as_str()?.to_owned())
    };
    let set = std::env::var("CARGO_BUILD_TARGET").ok();
    set.or_else(|| configurations(folder).iter().find_map(configured))
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
    if let Some(config) = &workspace.profile_config {
        arguments.extend(["--config".into(), config.clone().into()]);
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
            packages: Vec::new(),
            profile_config: None,
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

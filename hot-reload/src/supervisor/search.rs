//! The search for the workspace: asks cargo, from the folders in which it may be.

use super::configuration;
use super::names::those_there_are;
use super::packages::local_packages;
use super::paths::canonical;
use super::workspace::{Options, Workspace, cargo, configurations, guarded, read_small};
use super::workspaces::Workspaces;
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The search for the workspace.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Folder set by the application; no other is searched then.
    pub(super) folder: Option<PathBuf>,
    pub(super) package: String,
    /// True if `package` is the name of the crate in which the state is declared.
    pub(super) by_crate: bool,
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
        let packages = metadata.workspace_packages();
        let mut named = packages.iter().copied().filter(|package| *package.name == name);
        let by_crate = || packages.iter().copied().find(|package| has_crate(package, name));
        let found = named.next().or_else(|| self.by_crate.then(by_crate).flatten());
        let Some(package) = found else {
            return Ok(None);
        };
        let root = canonical(metadata.workspace_root.as_std_path());
        let features = features(package);
        Ok(Some(Workspace {
            binary: binary(package)?,
            packages: local_packages(metadata, package),
            target: metadata.target_directory.clone().into_std_path_buf(),
            build_folder: build_folder(metadata),
            package: package.name.to_string(),
            configuration: [
                configuration::profile(&root, &self.profile),
                configuration::renderer_only(&root, features.is_some()),
            ]
            .concat(),
            features,
            options: options(&metadata.workspace_metadata),
            root,
        }))
    }
}

/// Returns true if a package has a crate of this name.
fn has_crate(package: &Package, name: &str) -> bool {
    package.targets.iter().any(|target| target.name.replace('-', "_") == name)
}

/// Returns the features for the hot build of a package whose own defaults contain the owner; `None`
/// for any other package, which is built as cargo would.
fn features(package: &Package) -> Option<Vec<String>> {
    let mut dependencies = package.dependencies.iter().filter(|it| it.name == "hot-reload");
    let library = dependencies.next()?;
    let library = library.rename.as_deref().unwrap_or(&library.name);
    let owners = ["owner", "hot"].map(|feature| format!("{library}/{feature}"));
    let enables_owner = |feature: &String| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![feature]);
        while let Some(feature) = open.pop() {
            if reached.insert(feature) {
                open.extend(package.features.get(feature).into_iter().flatten());
            }
        }
        owners.iter().any(|owner| reached.contains(owner))
    };
    let default = package.features.get("default")?;
    if !default.iter().any(enables_owner) {
        return None;
    }
    let rest = default.iter().filter(|feature| !enables_owner(feature)).cloned();
    Some(std::iter::once(format!("{library}/renderer")).chain(rest).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(features: &serde_json::Value, rename: Option<&str>) -> Package {
        serde_json::from_value(json!({
            "name": "my-game", "version": "0.1.0", "id": "path+file:///my-game#0.1.0",
            "dependencies": [{
                "name": "hot-reload", "req": "*", "kind": null, "rename": rename,
                "optional": false, "uses_default_features": true, "features": [], "target": null,
            }],
            "targets": [{
                "name": "my-game", "kind": ["bin"], "crate_types": ["bin"], "edition": "2024",
                "src_path": "/my-game/src/main.rs", "doctest": false, "test": true, "doc": true,
            }],
            "features": features, "manifest_path": "/my-game/Cargo.toml", "edition": "2024",
        }))
        .unwrap()
    }

    #[test]
    fn a_package_whose_defaults_contain_the_owner_is_built_as_a_renderer_only() {
        let table = [
            (json!({ "default": ["hot"], "hot": ["hot-reload/hot"] }), Some("hot-reload/renderer")),
            (
                json!({ "default": ["sound", "all"], "all": ["hot"], "hot": ["hot-reload/owner"],
                        "sound": [] }),
                Some("hot-reload/renderer,sound"),
            ),
            (json!({ "default": ["hot"], "hot": ["hot-reload/renderer"] }), None),
            (json!({ "hot": ["hot-reload/hot"] }), None),
            (json!({ "default": ["loop"], "loop": ["default"] }), None),
        ];
        for (manifest, wanted) in table {
            let found = features(&package(&manifest, None)).map(|it| it.join(","));
            assert_eq!(found.as_deref(), wanted, "{manifest}");
        }
        let renamed = json!({ "default": ["reload/hot"] });
        let found = features(&package(&renamed, Some("reload")));
        assert_eq!(found.as_deref(), Some(&["reload/renderer".to_owned()][..]));
    }

    #[test]
    fn a_package_is_found_by_the_name_of_its_crate() {
        let package = package(&json!({}), None);
        assert!(has_crate(&package, "my_game") && !has_crate(&package, "my_games"));
    }
}

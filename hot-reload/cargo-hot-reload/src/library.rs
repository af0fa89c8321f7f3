//! Finds the library that a new project should depend on.

use super::Failure;
use std::path::{Path, PathBuf};

/// The place of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Folder {
    Path(PathBuf),
    /// A version on the registry.
    Registry(&'static str),
}

impl Folder {
    /// Returns the dependency for a manifest.
    fn dependency(&self) -> String {
        match self {
            Folder::Path(folder) => format!("path = {:?}", folder.to_string_lossy()),
            Folder::Registry(version) => format!("version = {version:?}"),
        }
    }
}

/// Returns the dependency on the library for a manifest; see [`folder`].
pub(super) fn find(named: Option<&Path>) -> Result<String, Failure> {
    folder(named).map(|folder| folder.dependency())
}

/// Returns the folder named by the user, the folder that this program was built from, or a registry
/// version if it was installed from a registry.
pub(super) fn folder(named: Option<&Path>) -> Result<Folder, Failure> {
    if let Some(named) = named {
        let folder = std::path::absolute(named).unwrap_or_else(|_| named.to_path_buf());
        return match is_library(&folder) {
            true => Ok(Folder::Path(folder)),
            false => Err(Failure::NoLibrary(folder)),
        };
    }
    let program = std::env::current_exe().unwrap_or_default();
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    // This program's source is in the library's folder.
    found(own.parent().unwrap_or(own), &program)
}

/// Finds the library. `built` is the folder of the library when this program was built.
fn found(built: &Path, program: &Path) -> Result<Folder, Failure> {
    let parts: Vec<_> = built.iter().collect();
    if parts.windows(2).any(|pair| pair == ["registry", "src"]) {
        return Ok(Folder::Registry(env!("CARGO_PKG_VERSION")));
    }
    // If a checkout was moved, the program moved with it, inside the checkout's target folder.
    let moved = program.ancestors().skip(1).map(|folder| folder.join("hot-reload"));
    let mut places = std::iter::once(built.to_path_buf()).chain(moved);
    places
        .find(|folder| is_library(folder))
        .map(Folder::Path)
        .ok_or_else(|| Failure::LibraryGone(built.to_path_buf()))
}

/// Returns true if a folder's manifest is that of this library.
fn is_library(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.replace(' ', "") == "name=\"hot-reload\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_library_is_found_where_it_was_or_beside_the_program_or_its_loss_is_told() {
        let root = std::env::temp_dir().join(format!("hot-reload-library-{}", std::process::id()));
        let (before, after) = (root.join("before/hot-reload"), root.join("after/hot-reload"));
        let program = root.join("after/target/debug/cargo-hot-reload");
        let gone = |found: Result<Folder, Failure>| match found {
            Err(Failure::LibraryGone(folder)) => folder,
            other => panic!("{other:?}"),
        };
        assert_eq!(gone(found(&before, &program)), before);
        // A folder with the right name but another package is not the library.
        fs::create_dir_all(&after).unwrap();
        fs::write(after.join("Cargo.toml"), "[package]\nname = \"another\"\n").unwrap();
        assert_eq!(gone(found(&before, &program)), before);
        fs::write(after.join("Cargo.toml"), "[package]\nname = \"hot-reload\"\n").unwrap();
        assert_eq!(found(&before, &program).unwrap(), Folder::Path(after.clone()));
        fs::create_dir_all(&before).unwrap();
        fs::copy(after.join("Cargo.toml"), before.join("Cargo.toml")).unwrap();
        assert_eq!(found(&before, &program).unwrap(), Folder::Path(before.clone()));
        let registry = root.join("registry/src/index/hot-reload-0.1.0");
        let version = Folder::Registry(env!("CARGO_PKG_VERSION"));
        assert_eq!(found(&registry, &program).unwrap(), version);

        assert!(find(Some(&after)).unwrap().ends_with("after/hot-reload\""));
        let nowhere = find(Some(&root));
        assert!(matches!(nowhere, Err(Failure::NoLibrary(_))), "{nowhere:?}");
        fs::remove_dir_all(root).unwrap();
    }
}

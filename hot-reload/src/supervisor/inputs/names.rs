//! Tells files apart by their names.

use std::path::Path;

/// Returns true for hidden files, and for those that editors leave beside the file that they save.
pub(super) fn is_left_alone(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_none_or(|name| name.starts_with('.')) || is_left_by_an_editor(path)
}

/// Returns true for files that editors and file managers leave temporarily beside the file that
/// they save.
pub(super) fn is_left_by_an_editor(path: &Path) -> bool {
    const BEGINNINGS: [&str; 5] = ["#", ".#", ".goutputstream-", ".fuse_hidden", ".nfs"];
    const ENDINGS: [&str; 7] = [".swp", ".swo", ".swx", ".bak", ".orig", ".rs.bk", "~"];
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return true;
    };
    name == "4913"
        || name == ".DS_Store"
        || name.contains("___jb_")
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

pub(super) fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "rs")
        || file.file_name().is_some_and(|name| name == "Cargo.toml")
}

/// Returns true for files that a compiler leaves beside its sources by default.
pub(super) fn is_made(file: &Path) -> bool {
    const ENDINGS: [&str; 12] =
        ["o", "obj", "d", "a", "lib", "pdb", "ilk", "exp", "so", "dylib", "dll", "tmp"];
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|made| ending == *made))
}

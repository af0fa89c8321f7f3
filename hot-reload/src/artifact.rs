//! Paths of the files that other tools build for a renderer.

use std::path::{Path, PathBuf};

/// Returns the path of this generation's private copy of a file declared by
/// [`OwnerBuilder::watch_artifact`](crate::OwnerBuilder::watch_artifact).
///
/// The copy was made while the file was complete, and nobody writes to it. It is found by its file
/// name, which must be unique among the watched artifacts. In one process, or if there is no such
/// copy, returns `path` unchanged. [`OwnerBuilder::artifact`](crate::OwnerBuilder::artifact), a
/// renderer that another tool builds, is something else.
///
/// ```
/// let library = hot_reload::artifact("native/build/libfoo.so");
/// assert!(library.ends_with("libfoo.so"));
/// ```
#[must_use]
pub fn artifact(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    #[cfg(feature = "renderer")]
    if let Some(copy) = copy_of(path) {
        return copy;
    }
    path.to_path_buf()
}

/// Returns the copy that the owner has put beside the program, if there is one.
#[cfg(feature = "renderer")]
fn copy_of(path: &Path) -> Option<PathBuf> {
    std::env::var_os(crate::handshake::environment::SEGMENT)?;
    let program = std::env::current_exe().ok()?;
    let copy = program.with_file_name(path.file_name()?);
    copy.is_file().then_some(copy)
}

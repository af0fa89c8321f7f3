//! Where a renderer finds what somebody else builds for it.

use std::path::{Path, PathBuf};

/// The path of a file that was declared by
/// [`OwnerBuilder::watch_artifact`](crate::OwnerBuilder::watch_artifact), for this generation: a copy
/// that nobody writes to, as the file was when it was whole; found by the file's name, which is its own among
/// them. In one process, and where there is no such copy, it is `path` itself.
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

/// Beside the program, where the owner has put it.
#[cfg(feature = "renderer")]
fn copy_of(path: &Path) -> Option<PathBuf> {
    std::env::var_os(crate::renderer::environment::SEGMENT)?;
    let program = std::env::current_exe().ok()?;
    let copy = program.with_file_name(path.file_name()?);
    copy.is_file().then_some(copy)
}

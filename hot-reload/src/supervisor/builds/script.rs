//! Our shell scripts, and alternative names of programs, put where a compiler is told to find them.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a script unless it exists with this text.
pub(super) fn put(file: &Path, text: &str) -> io::Result<()> {
    if fs::read(file).ok().as_deref() != Some(text.as_bytes()) {
        // Removed first: never write through a link, or into a file that a shell is reading.
        let _ = fs::remove_file(file);
        File::create_new(file)?.write_all(text.as_bytes())?;
        make_executable(file)?;
    }
    Ok(())
}

/// Decodes an argument that a script has written down.
#[cfg(unix)]
pub(super) fn os_string(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
pub(super) fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Creates a link to a program unless it exists.
#[cfg(unix)]
pub(super) fn link(file: &Path, program: &Path) -> io::Result<()> {
    if fs::read_link(file).ok().as_deref() == Some(program) {
        return Ok(());
    }
    let _ = fs::remove_file(file);
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    std::os::unix::fs::symlink(program, file)
}

#[cfg(not(unix))]
pub(super) fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

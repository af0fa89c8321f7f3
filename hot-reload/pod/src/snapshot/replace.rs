//! Replacing a file as a whole: it is written beside its place and then moved there.
//!
//! A minimal version of `persist` of the crate `tempfile`. Every build can save, so every renderer
//! would have to compile that crate.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Limit on followed links, the same as the system's.
const LINKS: u32 = 40;

/// Replaces a file with what `write` writes; if that fails, the old file stays as it is. The file
/// keeps its permissions. If the path is a symbolic link, its target is replaced.
pub(super) fn replace(
    path: &Path,
    durable: bool,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let path = followed(path)?;
    let before = match fs::metadata(&path) {
        // A device, for example, would be replaced with a file.
        Ok(about) if !about.is_file() => {
            return Err(invalid("it exists and is not a regular file"));
        }
        before => before.ok(),
    };
    let name = path.file_name().ok_or_else(|| invalid("the path names no file"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    sweep(folder, name);
    let (temporary, mut file) = create(folder, name)?;
    let permissions = before.map(|before| file.set_permissions(before.permissions()));
    let written = permissions.unwrap_or(Ok(())).and_then(|()| write(&mut file));
    let written = written.and_then(|()| if durable { file.sync_all() } else { Ok(()) });
    let moved = written.and_then(|()| fs::rename(&temporary, &path));
    if moved.is_err() {
        let _ = fs::remove_file(&temporary);
        return moved;
    }
    // Makes the name survive a loss of power as well. Not every file system supports this, and the
    // file is already in place, so a failure is ignored.
    #[cfg(unix)]
    if durable && let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Follows the symbolic links at a path, even if the last target does not exist.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            // A relative target starts at the link's folder.
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(invalid("it is a symbolic link in a cycle"))
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, reason)
}

/// Creates a locked file with an unpredictable name in the folder. An unlocked one was left by a
/// process that was killed.
fn create(folder: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    loop {
        let mut temporary = begin(name);
        temporary.push(format!("{:016x}", RandomState::new().hash_one(std::process::id())));
        let temporary = folder.join(temporary);
        // Fails if anything has this name, even a link.
        let file = match File::create_new(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            file => file?,
        };
        // If the file system has no locks, nothing is swept either.
        let locked = file.lock().is_ok();
        // Another process may have removed it before it was locked.
        if !locked || temporary.exists() {
            return Ok((temporary, file));
        }
    }
}

/// Removes temporary files of this file that killed saves have left.
fn sweep(folder: &Path, name: &OsStr) {
    let begin = begin(name);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let rest = name.as_encoded_bytes().strip_prefix(begin.as_encoded_bytes());
        let is_ours = rest.is_some_and(|it| it.len() == 16 && it.iter().all(u8::is_ascii_hexdigit));
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let left = File::open(entry.path()).ok().filter(|file| file.try_lock().is_ok());
        if left.is_some() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns the prefix of the names of a file's temporary files: `.my.state.hot-reload-`.
fn begin(name: &OsStr) -> OsString {
    let mut begin = OsString::from(".");
    begin.push(name);
    begin.push(".hot-reload-");
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A test's own folder, removed when dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("hot-reload-replace-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap().flatten();
            let mut names: Vec<_> =
                entries.map(|it| it.file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn put(path: &Path, text: &str) -> io::Result<()> {
        replace(path, true, |file| file.write_all(text.as_bytes()))
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn what_a_killed_save_has_left_is_swept_and_nothing_else() {
        let folder = Folder::new("sweep");
        let path = folder.0.join("it.state");
        // A killed process leaves an unlocked file.
        let (left, file) = create(&folder.0, OsStr::new("it.state")).unwrap();
        let (busy, _locked) = create(&folder.0, OsStr::new("it.state")).unwrap();
        drop(file);
        let foreign = [
            ".it.state.hot-reload-notes",
            ".it.state.hot-reload-0123456789abcdeg",
            ".other.state.hot-reload-0123456789abcdef",
            "it.state.1.tmp",
        ];
        for name in foreign {
            fs::write(folder.0.join(name), "precious").unwrap();
        }
        put(&path, "saved").unwrap();
        assert!(!left.exists(), "nobody holds it");
        assert!(busy.exists(), "another process writes it");
        for name in foreign {
            assert_eq!(text(&folder.0.join(name)), "precious");
        }
        assert_eq!(text(&path), "saved");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_beside_it() {
        let folder = Folder::new("failed");
        let path = folder.0.join("it.state");
        put(&path, "before").unwrap();
        let failed = replace(&path, true, |file| {
            file.write_all(b"half of")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
        assert_eq!(
            (text(&path), folder.names()),
            ("before".to_owned(), vec!["it.state".to_owned()])
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new("links");
        let at = |name: &str| folder.0.join(name);
        fs::create_dir(at("deep")).unwrap();
        fs::write(at("deep/it.state"), "before").unwrap();
        symlink("deep/it.state", at("link")).unwrap();
        symlink("link", at("link-to-link")).unwrap();
        symlink("deep/new.state", at("dangling")).unwrap();
        put(&at("link-to-link"), "after").unwrap();
        assert_eq!(text(&at("deep/it.state")), "after");
        put(&at("dangling"), "new").unwrap();
        assert_eq!(text(&at("deep/new.state")), "new");
        for link in ["link", "link-to-link", "dangling"] {
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
        }
        symlink("circle", at("circle")).unwrap();
        let error = put(&at("circle"), "never").unwrap_err().to_string();
        assert!(error.contains("in a cycle"), "{error}");
        assert_eq!(fs::read_dir(at("deep")).unwrap().count(), 2);
    }

    #[test]
    #[cfg(unix)]
    fn permissions_stay_and_what_is_no_file_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new("permissions");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (path, plain) = (folder.0.join("it.state"), folder.0.join("plain"));
        fs::write(&plain, "as the umask has it").unwrap();
        put(&path, "new").unwrap();
        assert_eq!(mode(&path), mode(&plain));
        for wanted in [0o600, 0o664] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            put(&path, "again").unwrap();
            assert_eq!(mode(&path), wanted);
        }
        let error = put(Path::new("/dev/null"), "text").unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
        assert!(put(&folder.0, "text").is_err() && put(Path::new("/"), "text").is_err());
        assert_eq!(folder.names(), ["it.state", "plain"]);
    }
}

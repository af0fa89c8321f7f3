//! Paths that may not exist: their targets, and the folders to watch for them.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// Limit on the links followed for one path; the system's own limit is 40.
const MOST_LINKS: usize = 40;

/// Returns a path without links and without `..`, even if its end does not exist.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    let mut links = 0;
    let mut open = path.components().map(|it| it.as_os_str().to_owned()).collect::<Vec<_>>();
    open.reverse();
    while let Some(part) = open.pop() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => _ = resolved.pop(),
            Some(Component::CurDir) | None => {}
            Some(Component::Prefix(_) | Component::RootDir) => resolved.push(&part),
            Some(Component::Normal(_)) => {
                let next = resolved.join(&part);
                match fs::read_link(&next) {
                    Ok(target) if links < MOST_LINKS => {
                        links += 1;
                        open.extend(target.components().rev().map(|it| it.as_os_str().to_owned()));
                    }
                    _ => resolved = next,
                }
            }
        }
    }
    resolved
}

/// Returns `path` without symbolic links, or unchanged if that fails.
pub(super) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Returns the folders to watch for a path to appear: the nearest existing ones of the path as
/// written and of its target.
pub(super) fn places(path: &Path) -> impl Iterator<Item = PathBuf> {
    let written = nearest_folder(path);
    let target = nearest_folder(&resolved(path));
    // The root is left out: a missing path is not expected to appear there.
    written.into_iter().chain(target).filter(|folder| folder.parent().is_some())
}

/// Returns the time at which a file was last written, renamed or linked. On Unix no program can set
/// this time; elsewhere it is the modification time.
pub(super) fn changed_at(file: &Path) -> Option<SystemTime> {
    let metadata = file.metadata().ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        use std::time::Duration;
        let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).ok()?);
        let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(seconds + rest)
    }
    #[cfg(not(unix))]
    metadata.modified().ok()
}

/// Returns the folder, or the nearest existing one above it.
pub(super) fn nearest_folder(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.is_dir()).map(PathBuf::from)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_with_an_old_time_has_changed_when_it_was_put_there() {
        let folder = std::env::temp_dir().join(format!("hot-reload-times-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("restored.rs");
        fs::write(&file, "old").unwrap();
        let before = changed_at(&file).unwrap();
        let times = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        fs::File::options().write(true).open(&file).unwrap().set_times(times).unwrap();
        assert!(changed_at(&file).unwrap() >= before);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_path_is_resolved_also_where_its_end_does_not_exist() {
        let folder = std::env::temp_dir().join(format!("hot-reload-paths-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("a/b")).unwrap();
        let folder = canonical(&folder);
        symlink(folder.join("a/b"), folder.join("linked")).unwrap();
        symlink("../missing/there", folder.join("a/dangling")).unwrap();
        symlink("round", folder.join("round")).unwrap();
        let table = [
            ("a/b/new.txt", "a/b/new.txt"),
            ("a/b/../../c/./d.txt", "c/d.txt"),
            ("linked/new.txt", "a/b/new.txt"),
            ("linked/../new.txt", "a/new.txt"),
            ("a/dangling/x", "missing/there/x"),
            ("nowhere/../x", "x"),
        ];
        for (path, expected) in table {
            assert_eq!(resolved(&folder.join(path)), folder.join(expected), "{path}");
        }
        assert!(resolved(&folder.join("round")).starts_with(&folder), "it ends");
        let places_of = |path: &str| places(&folder.join(path)).collect::<Vec<_>>();
        assert_eq!(places_of("linked/new/x.txt"), [folder.join("linked"), folder.join("a/b")]);
        assert_eq!(places_of("a/dangling"), [folder.join("a"), folder.clone()]);
        fs::remove_dir_all(folder).unwrap();
    }
}

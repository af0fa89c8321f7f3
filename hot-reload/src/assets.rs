//! Files of the application that change while it runs: recorded by the owner, read by renderers.
//!
//! The changes are in a file of the owner's folder, one per line, and every tick carries their
//! number so far. A path may thus have any length, no queue can be full, and a replay is exact.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A changed file of an asset folder; see
/// [`OwnerBuilder::assets`](crate::OwnerBuilder::assets).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetChange {
    /// Full path of the file.
    pub path: PathBuf,
    /// Path relative to its asset folder: `textures/stone.png`.
    pub name: PathBuf,
    /// True if the file exists; false if it was removed or renamed.
    pub exists: bool,
}

/// Returns the path of the list of changes in an owner's folder.
fn log(folder: &Path) -> PathBuf {
    folder.join("assets")
}

/// Appends changes to the list and returns their number.
///
/// # Errors
/// Fails if the file cannot be written, for example because the disk is full.
#[cfg(feature = "owner")]
pub(crate) fn write(folder: &Path, changes: &[AssetChange]) -> io::Result<u64> {
    use std::io::Write;
    // A path that is not valid Unicode cannot be sent; the others can.
    let lines = changes.iter().filter_map(|change| serde_json::to_string(change).ok());
    let lines = lines.map(|line| line + "\n").collect::<Vec<_>>();
    let mut file = File::options().create(true).append(true).open(log(folder))?;
    let whole = file.metadata()?.len();
    if let Err(error) = file.write_all(lines.concat().as_bytes()) {
        // Half a line would become the start of the next one and shift the count of all later
        // lines.
        let _ = file.set_len(whole);
        return Err(error);
    }
    Ok(lines.len() as u64)
}

/// A renderer's view of the changes.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    folder: Option<PathBuf>,
    log: Option<BufReader<File>>,
    /// Number of changes already handled.
    seen: u64,
    /// Changes that came with the last tick.
    changes: Vec<AssetChange>,
}

impl Assets {
    /// Reads the changes from an owner's folder. The first `seen` are skipped: the set-up finds the
    /// files as those changes left them.
    #[cfg(feature = "renderer")]
    pub(crate) fn new(folder: Option<PathBuf>, seen: u64) -> Self {
        Assets { folder, seen, ..Assets::default() }
    }

    /// Advances to a tick that covers the first `count` changes.
    pub(crate) fn advance(&mut self, count: u64) {
        self.changes.clear();
        if count <= self.seen {
            return;
        }
        if let Err(error) = self.read(count) {
            eprintln!("hot-reload: the changes of assets cannot be read: {error}");
            // Reopened for the next tick, the file is read from behind the known changes.
            self.log = None;
        }
        self.seen = count;
    }

    /// Returns the changes of the last tick in order, with only the last one for each file.
    pub(crate) fn changes(&self) -> &[AssetChange] {
        &self.changes
    }

    fn read(&mut self, count: u64) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut line = Vec::new();
        let log = match &mut self.log {
            Some(log) => log,
            none => {
                let log = none.insert(BufReader::new(File::open(log(folder))?));
                for _ in 0..self.seen {
                    log.read_until(b'\n', &mut line)?;
                }
                log
            }
        };
        for _ in self.seen..count {
            line.clear();
            log.read_until(b'\n', &mut line)?;
            let change: AssetChange = serde_json::from_slice(&line)?;
            self.changes.retain(|before| before.path != change.path);
            self.changes.push(change);
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "owner"))]
mod tests {
    use super::*;

    fn change(name: &str, exists: bool) -> AssetChange {
        AssetChange { path: Path::new("/a").join(name), name: name.into(), exists }
    }

    #[test]
    fn each_tick_has_its_changes_once_and_of_each_file_the_last() {
        let folder = std::env::temp_dir().join(format!("hot-reload-assets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let _ = std::fs::remove_file(log(&folder));
        assert_eq!(write(&folder, &[change("before", true)]).unwrap(), 1);
        let mut assets = Assets::new(Some(folder.clone()), 1);
        assets.advance(1);
        assert_eq!(assets.changes(), []);
        let again = [change("one", true), change("t\nwo", true), change("one", false)];
        assert_eq!(write(&folder, &again).unwrap(), 3);
        // An earlier tick, from an owner that is behind.
        assets.advance(1);
        assert_eq!(assets.changes(), []);
        assets.advance(4);
        assert_eq!(assets.changes(), [change("t\nwo", true), change("one", false)]);
        assets.advance(4);
        assert_eq!(assets.changes(), []);
        // A broken line costs the changes of its own tick, but no later ones.
        std::fs::write(log(&folder), "1\n2\n3\n4\nno line\n6\n").unwrap();
        let mut assets = Assets::new(Some(folder.clone()), 4);
        assets.advance(6);
        assert_eq!(assets.changes(), []);
        assert_eq!(write(&folder, &[change("seven", true)]).unwrap(), 1);
        assets.advance(7);
        assert_eq!(assets.changes(), [change("seven", true)]);
        std::fs::remove_dir_all(&folder).unwrap();
        // Without the file there are no changes, and the renderer does not end.
        let mut assets = Assets::new(Some(folder), 0);
        assets.advance(2);
        assert_eq!(assets.changes(), []);
    }
}

//! Files of the application that change while it runs: written down by the owner, read by renderers.
//!
//! The changes stand in a file of the owner's folder, a line each, and every tick says how many there are
//! by then. So a path may have any length, nothing can be full, and a replay is exact.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A file of an asset folder that has changed; see [`OwnerBuilder::assets`](crate::OwnerBuilder::assets).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetChange {
    /// The file, with its whole path.
    pub path: PathBuf,
    /// Where it lies in its asset folder: `textures/stone.png`.
    pub name: PathBuf,
    /// Whether it is there; one that was removed or renamed is not.
    pub exists: bool,
}

/// Where the changes stand in an owner's folder.
fn log(folder: &Path) -> PathBuf {
    folder.join("assets")
}

/// Writes changes down; how many were.
///
/// # Errors
/// The system's, when there is no room, say.
#[cfg(feature = "owner")]
pub(crate) fn write(folder: &Path, changes: &[AssetChange]) -> io::Result<u64> {
    use std::io::Write;
    // A path that is no text cannot be told; the others can.
    let lines = changes.iter().filter_map(|change| serde_json::to_string(change).ok());
    let lines = lines.map(|line| line + "\n").collect::<Vec<_>>();
    let mut file = File::options().create(true).append(true).open(log(folder))?;
    let whole = file.metadata()?.len();
    if let Err(error) = file.write_all(lines.concat().as_bytes()) {
        // Half a line would be the begin of the next one, and put all that follow out of count.
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
    /// Changes that are known.
    seen: u64,
    /// Those of the last tick.
    changes: Vec<AssetChange>,
}

impl Assets {
    /// Of an owner with this folder; what it had seen by then the set-up finds as it is.
    #[cfg(feature = "renderer")]
    pub(crate) fn new(folder: Option<PathBuf>, seen: u64) -> Self {
        Assets { folder, seen, ..Assets::default() }
    }

    /// Goes on to a tick that knows the first `count` changes.
    pub(crate) fn advance(&mut self, count: u64) {
        self.changes.clear();
        if count <= self.seen {
            return;
        }
        if let Err(error) = self.read(count) {
            eprintln!("hot-reload: what has changed among the assets cannot be read: {error}");
            // Opened anew, it goes on behind what is known.
            self.log = None;
        }
        self.seen = count;
    }

    /// Of each file only the last, in order.
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
        // A tick before that, of an owner that is behind.
        assets.advance(1);
        assert_eq!(assets.changes(), []);
        assets.advance(4);
        assert_eq!(assets.changes(), [change("t\nwo", true), change("one", false)]);
        assets.advance(4);
        assert_eq!(assets.changes(), []);
        // A line that is none costs the changes of its tick, and no later ones.
        std::fs::write(log(&folder), "1\n2\n3\n4\nno line\n6\n").unwrap();
        let mut assets = Assets::new(Some(folder.clone()), 4);
        assets.advance(6);
        assert_eq!(assets.changes(), []);
        assert_eq!(write(&folder, &[change("seven", true)]).unwrap(), 1);
        assets.advance(7);
        assert_eq!(assets.changes(), [change("seven", true)]);
        std::fs::remove_dir_all(&folder).unwrap();
        // Without the file there is nothing to say, and no end.
        let mut assets = Assets::new(Some(folder), 0);
        assets.advance(2);
        assert_eq!(assets.changes(), []);
    }
}

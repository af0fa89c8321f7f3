//! The runner's handling of changed assets.

use super::Runner;
use crate::assets::{self, AssetChange};
use crate::supervisor::message::Told;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

impl Runner {
    /// Writes down which assets have changed; the next tick carries the new count.
    pub(super) fn note_assets(&self, changed: &[(PathBuf, PathBuf)]) {
        if changed.is_empty() {
            return;
        }
        for follower in self.plan.part.followers() {
            follower.tell(Told::Assets(changed.to_vec()));
        }
        // Before the first build no renderer can have read them.
        let Some(folder) = &self.folder else { return };
        let changes = changed.iter().map(|(file, folder)| change(file, folder));
        let changes = changes.collect::<Vec<_>>();
        // The leading part logs the changes for all parts.
        for AssetChange { path, exists, .. } in changes.iter().filter(|_| !self.plan.part.follows())
        {
            let how = if *exists { "changed" } else { "removed" };
            crate::log::info!("asset {} {how}", self.relative(path));
        }
        match assets::write(folder.path(), &changes) {
            Ok(count) => {
                self.assets.fetch_add(count, Ordering::Release);
            }
            Err(error) => {
                crate::log::error!(
                    "the renderer cannot be told of changed assets: {} cannot be written ({error})",
                    folder.path().display()
                );
            }
        }
    }
}

fn change(file: &Path, folder: &Path) -> AssetChange {
    AssetChange {
        path: file.to_path_buf(),
        name: file.strip_prefix(folder).unwrap_or(file).to_path_buf(),
        exists: file.exists(),
    }
}

//! The runner's handling of rescued states: it resumes from one, and has this owner's state
//! written.

use super::Runner;
use crate::generation::GenerationChange;
use crate::handshake::CommitBody;
use crate::supervisor::{rescue, run_dir::RunDir};
use hot_reload_pod::Snapshot;

impl Runner {
    /// Begins as soon as there is a folder: reports states that earlier owners left, resumes from
    /// one if requested, and starts to write this owner's state.
    pub(super) fn begin_rescue(&mut self, folder: &RunDir) {
        // Modules have no state of their own.
        if self.plan.part.follows() {
            return;
        }
        let application = self.plan.search.package.clone();
        let left = rescue::left(folder.all(), &application);
        // An initial state that the application has chosen takes precedence.
        if self.plan.resume && !self.commit_store.latest().exists() {
            let states = left.iter().map(|name| {
                let path = folder.all().join(name.file());
                let state = rescue::resume(folder.all(), folder.path(), name, &application);
                (path, state)
            });
            let usable = states.filter_map(|(path, state)| {
                state
                    .inspect_err(|error| crate::log::error!("{error}"))
                    .ok()
                    .map(|state| (path, state))
            });
            match usable.into_iter().next() {
                Some((path, state)) => {
                    crate::log::info!("resuming from {}", path.display());
                    self.resume_from(&state);
                }
                None => crate::log::warn!("there is no state of `{application}` to resume from"),
            }
        } else if let Some(newest) = left.first() {
            crate::log::info!("{}", rescue::word(folder.all(), newest));
        }
        let commit_store = self.commit_store.clone();
        self.rescue =
            Some(rescue::Writer::start(commit_store, folder.path().to_owned(), application));
    }

    /// Writes the last commit and leaves it for the next owner.
    pub(super) fn leave_state(&mut self) {
        let (Some(rescue), Some(folder)) = (self.rescue.take(), &self.folder) else { return };
        self.commit_store.settle();
        rescue.finish();
        folder.leave_state();
    }

    fn resume_from(&self, state: &Snapshot) {
        self.begin_from(&CommitBody::of(state, self.plan.mode.keep));
        let _ = self.generation_changes.send(GenerationChange::Resumed(state.time()));
    }
}

//! What the runner does with changed files: which of them are a save, and what that makes necessary.

use super::Runner;
use crate::supervisor::inputs::Saved;
use crate::supervisor::machine::Event;
use crate::supervisor::paths::changed_at;
use crate::supervisor::read::Read;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

impl Runner {
    /// Contents have changed.
    pub(super) fn saved(&mut self, saved: Saved, noticed: Instant) -> Vec<Event> {
        self.note_assets(&saved.assets);
        self.note_owner(&saved.owner);
        // It may be what the build is about to take, or has made itself: no reason to end it.
        let builds = self.progress.is_some();
        if builds && saved.sources.is_empty() && saved.ingredients.is_empty() {
            self.meanwhile |= !saved.artifacts.is_empty();
            return Vec::new();
        }
        if saved.builds_nothing() {
            return Vec::new();
        }
        let files = saved.files();
        if builds {
            let by_script = files.iter().all(|file| self.scripts.may_have_written(file));
            if !self.echoes.ends_build(&files, by_script) {
                self.aside.extend(saved);
                return Vec::new();
            }
        } else if files.iter().all(|file| self.contains(file)) {
            // The word of it comes after the end of the build in which it was written and read.
            return Vec::new();
        } else {
            let (is_save, muted) = self.echoes.is_save(&files, &saved.appended, Instant::now());
            self.say_muted(&muted);
            if !is_save {
                return Vec::new();
            }
        }
        self.take(saved, noticed);
        vec![Event::Changed]
    }

    /// The next build is for these.
    fn take(&mut self, saved: Saved, noticed: Instant) {
        let Saved { sources, ingredients, artifacts, .. } = saved;
        self.recorder.saved(noticed);
        for file in sources.iter().chain(&ingredients).chain(&artifacts) {
            crate::log::info!("saved {}", self.relative(file));
        }
        self.due.command |= !ingredients.is_empty();
        self.due.program |= !sources.is_empty();
        let configures = |file: &PathBuf| {
            file.extension().is_none_or(|ending| ending == "toml" || ending == "lock")
        };
        if sources.iter().any(configures) {
            self.reconfigured = true;
            self.workspaces = None;
        }
        self.build_for.extend(sources.iter().chain(&ingredients).chain(&artifacts).cloned());
        self.saved.extend(sources);
    }

    /// A build has ended: whether what was set aside meanwhile makes another necessary.
    pub(super) fn look_again(&mut self, read: &Read, is_cancelled: bool) -> bool {
        let aside = std::mem::take(&mut self.aside);
        let noticed = Instant::now();
        if is_cancelled {
            // The next build, which is to come, is for them as well.
            if !aside.builds_nothing() {
                self.take(aside, noticed);
            }
            return false;
        }
        if !read.failed && !read.read_at.is_empty() {
            self.read_at.clone_from(&read.read_at);
        }
        let files = aside.files();
        let contained = files.iter().filter(|file| !read.failed && self.contains(file));
        let contained = contained.cloned().collect::<BTreeSet<_>>();
        let contains = |file: &Path| contained.contains(file);
        let (again, muted) = self.echoes.end(&files, contains, noticed);
        self.say_muted(&muted);
        if again.is_empty() {
            return false;
        }
        self.take(aside.only(&again), noticed);
        true
    }

    /// Whether the program that there is was compiled from a file as it is now.
    fn contains(&self, file: &Path) -> bool {
        let read_at = self.read_at.get(file);
        // The compiler loads for longer than the clock of file systems takes for one step.
        read_at.zip(changed_at(file)).is_some_and(|(read_at, changed)| changed <= *read_at)
    }

    fn say_muted(&self, files: &BTreeSet<PathBuf>) {
        for file in files {
            crate::log::warn!("{}", muted(&self.relative(file)));
        }
    }

    /// Sources of the owner have changed.
    fn note_owner(&mut self, files: &BTreeSet<PathBuf>) {
        for file in files {
            if self.owner_edited.insert(file.clone()) {
                crate::log::info!("{}", outdated(&self.relative(file)));
            }
        }
    }

    /// What the user should know about files.
    pub(super) fn notices(&self) -> Vec<String> {
        let outdated = self.owner_edited.first().map(|file| outdated(&self.relative(file)));
        let muted = self.echoes.muted().map(|file| muted(&self.relative(file)));
        outdated.into_iter().chain(muted).collect()
    }
}

fn muted(file: &str) -> String {
    format!(
        "{file} changes with every build: it starts no more builds until another file is saved. If a \
         build script writes it, write to OUT_DIR; if the program does, choose a folder outside of its \
         package or let the build script name what it reads (cargo::rerun-if-changed)"
    )
}

fn outdated(file: &str) -> String {
    format!("{file} is part of the owner, which is not reloaded: start the program again to run it")
}

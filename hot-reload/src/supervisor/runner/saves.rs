//! Decides which changed files are a save, and what has to be built for it.

use super::{FIRST_BUILD, Runner};
use crate::supervisor::{inputs::Saved, machine::Event, paths::changed_at, read::Read};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

impl Runner {
    /// Handles changed contents.
    pub(super) fn saved(&mut self, saved: Saved, noticed: Instant) -> Vec<Event> {
        self.note_assets(&saved.assets);
        self.note_owner(&saved.owner);
        // A running build may still take an artifact, or may have made it: no reason to cancel.
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
            // Written and read during the last build, but only reported now.
            return Vec::new();
        } else if files.iter().all(|file| self.scripts.may_have_written(file)) {
            let (again, muted) = self.echoes.late(&files, Instant::now());
            self.say_muted(&muted);
            if again.is_empty() {
                return Vec::new();
            }
        } else if saved.ingredients.is_empty() && saved.artifacts.is_empty() {
            let (is_save, muted) = self.echoes.is_save(&files, &saved.appended, Instant::now());
            self.say_muted(&muted);
            if !is_save {
                return Vec::new();
            }
        }
        self.take(saved, noticed);
        vec![Event::Changed]
    }

    /// Assigns these changes to the next build.
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

    /// Looks at what was set aside during a build that has ended, and returns true if it needs
    /// another build.
    pub(super) fn look_again(&mut self, read: &Read, is_cancelled: bool) -> bool {
        let aside = std::mem::take(&mut self.aside);
        let noticed = Instant::now();
        if is_cancelled {
            // Another build follows, which covers these changes as well.
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

    /// Returns true if the current program was compiled from a file as it is now.
    fn contains(&self, file: &Path) -> bool {
        let read_at = self.read_at.get(file);
        // The compiler takes longer to load than the resolution of the file system's clock.
        read_at.zip(changed_at(file)).is_some_and(|(read_at, changed)| changed <= *read_at)
    }

    /// Builds for muted files that have come to rest.
    pub(super) fn look_a_last_time(&mut self) -> Option<Event> {
        if self.progress.is_some() {
            return None;
        }
        let now = Instant::now();
        let sources = self.echoes.rested(now)?;
        self.due.command |= self.plan.recipe.command.is_some();
        self.take(Saved { sources, ..Saved::default() }, now);
        Some(Event::Changed)
    }

    fn say_muted(&self, files: &BTreeSet<PathBuf>) {
        for file in files {
            crate::log::warn!("{}", muted(&self.relative(file)));
        }
    }

    /// Reports that sources of the owner have changed.
    fn note_owner(&mut self, files: &BTreeSet<PathBuf>) {
        for file in files {
            if self.owner_edited.insert(file.clone()) {
                crate::log::info!("{}", outdated(&self.relative(file)));
            }
        }
    }

    /// Returns notices about files for the window, in which the build `drawn` draws.
    pub(super) fn notices(&self, drawn: u32) -> Vec<String> {
        let outdated = self.owner_edited.first().map(|file| outdated(&self.relative(file)));
        let muted = self.echoes.muted().map(|file| muted(&self.relative(file)));
        let hint = self.hint.clone().filter(|_| drawn == FIRST_BUILD);
        outdated.into_iter().chain(muted).chain(hint).collect()
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

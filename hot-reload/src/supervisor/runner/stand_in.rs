//! The owner's own program, which draws until the first build has ended.
//!
//! A program that is owner and renderer has been compiled when it starts. Its picture need not wait
//! for the first hot build, which compiles all dependencies of the renderer.

use super::{Event, Runner, STAND_IN};
use std::path::{Path, PathBuf};
use std::time::Instant;

impl Runner {
    /// Lets the owner's own program draw, if that is the program that would be built.
    pub(super) fn stand_in(&mut self, program: PathBuf) -> Vec<Event> {
        if self.plan.recipe.program.is_some() || self.plan.part.is_one_of_several() {
            return Vec::new();
        }
        let Some(target) = target_folder(&program) else { return Vec::new() };
        if let Err(error) = self.own_folder(&target) {
            crate::log::debug!("no picture before the first build: {error}");
            return Vec::new();
        }
        self.stand_in = Some(program);
        let now = Instant::now();
        self.causes.build_begun(STAND_IN, now);
        self.recorder.stand_in(STAND_IN, now);
        vec![Event::StandIn]
    }

    /// Says which file to edit, to people who see a program for the first time.
    pub(super) fn file_to_edit(&self) -> Option<String> {
        let workspace = self.workspace().filter(|_| self.stand_in.is_some())?;
        let own = workspace.packages.iter().find(|package| package.name == workspace.package)?;
        let files = ["src/lib.rs", "src/main.rs"].map(|file| own.folder.join(file));
        let file = files.into_iter().find(|file| file.is_file())?;
        Some(format!("edit {} and save it while the program runs", self.relative(&file)))
    }

    /// Returns the program of a build that may be launched.
    pub(super) fn program(&self, build: u32) -> Option<&Path> {
        let own = self.stand_in.as_deref().filter(|_| build == STAND_IN);
        own.or_else(|| self.programs.get(&build).map(PathBuf::as_path))
    }
}

/// Returns cargo's target folder that contains a program; `None` if it was installed elsewhere.
fn target_folder(program: &Path) -> Option<PathBuf> {
    let folders = program.ancestors().skip(2).take(3);
    folders.into_iter().find(|it| it.join("CACHEDIR.TAG").is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_program_in_a_target_folder_stands_in() {
        let own = std::env::current_exe().unwrap();
        // Tests are in `target/debug/deps`, or in `target/<platform>/debug/deps`.
        let target = target_folder(&own).unwrap();
        assert!(own.starts_with(&target) && target.join("CACHEDIR.TAG").is_file(), "{target:?}");
        for elsewhere in ["/usr/bin/game", "game", "/game"] {
            assert_eq!(target_folder(Path::new(elsewhere)), None, "{elsewhere}");
        }
    }
}

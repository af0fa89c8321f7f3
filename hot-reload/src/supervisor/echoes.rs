//! Tells what builds and programs write themselves from what a person saves. No I/O, no clock.
//!
//! A build script may write a source, and a program a file in its own package. Taken for a save, either
//! would start the next build, for ever. Nothing says who has written a file, so this goes by when:
//!
//! - What changes while a build script runs does not end the build. Nor does what has changed during the
//!   build before as well. Both are looked at once more afterwards, by a build of their own, unless the
//!   compiler has read them since. What changes during that build again is *muted*.
//! - A file that is no source and causes one build after the other, all by itself and soon, is muted.
//!
//! A muted file causes no build until another file changes, or until it has been quiet for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A change that comes later than this after a build is not its doing.
const SOON: Duration = Duration::from_secs(10);
/// A program that writes a file when it starts has done so by then.
const AT_START: Duration = Duration::from_secs(1);
/// A muted file that changes after this long a rest was changed by a person.
const QUIET: Duration = Duration::from_secs(10);
/// Mutes a file when its builds in a row weigh this much. A person hardly ever appends to a file (3), seldom saves
/// right after a build (2), and may do anything else (1).
const ENOUGH: u32 = 6;

#[derive(Debug, Default)]
pub(super) struct Echoes {
    /// Files that have changed during the current or the last build.
    during: BTreeSet<PathBuf>,
    /// Files that changed during the build before that.
    before: BTreeSet<PathBuf>,
    /// Files that the current or the last build is for.
    causes: BTreeSet<PathBuf>,
    /// Files that the next build looks at once more.
    again: BTreeSet<PathBuf>,
    /// The current build only looks at something once more.
    is_second_look: bool,
    /// When the last build ended.
    ended: Option<Instant>,
    /// Files that have caused builds in a row, and the weight of those builds.
    row: BTreeSet<PathBuf>,
    weight: u32,
    /// Muted files, each with the time of its last change.
    muted: BTreeMap<PathBuf, Instant>,
    /// Files that were muted before: one more build is enough to mute them again.
    notorious: BTreeSet<PathBuf>,
}

impl Echoes {
    /// Begins a build for these files.
    pub(super) fn begin(&mut self, causes: BTreeSet<PathBuf>) {
        self.before = std::mem::take(&mut self.during);
        let again = std::mem::take(&mut self.again);
        self.is_second_look = !causes.is_empty() && causes.is_subset(&again);
        self.causes = causes;
    }

    /// Notes files that have changed during a build, perhaps by one of its scripts, and returns true if the build is
    /// to be cancelled for them.
    pub(super) fn ends_build(&mut self, files: &BTreeSet<PathBuf>, by_script: bool) -> bool {
        let own = |file| self.before.contains(file) || self.muted.contains_key(file);
        let ends = !by_script && !files.iter().all(own);
        self.during.extend(files.iter().cloned());
        ends
    }

    /// Ends a build. Returns the files set aside that need another look, and those that are muted from now on.
    ///
    /// `contains` returns true if the compiler has read a file as it is now.
    pub(super) fn end(
        &mut self,
        aside: &BTreeSet<PathBuf>,
        contains: impl Fn(&Path) -> bool,
        now: Instant,
    ) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        self.ended = Some(now);
        let rest = aside.iter().filter(|file| !self.muted.contains_key(*file) && !contains(file));
        let rest = rest.cloned().collect::<BTreeSet<_>>();
        if self.is_second_look && rest.is_subset(&self.causes) {
            self.mute(&rest, now);
            return (BTreeSet::new(), rest);
        }
        self.again = rest.clone();
        (rest, BTreeSet::new())
    }

    /// Returns true if a change between two builds is a save, and the files that are muted from now on.
    pub(super) fn is_save(
        &mut self,
        files: &BTreeSet<PathBuf>,
        appended: &BTreeSet<PathBuf>,
        now: Instant,
    ) -> (bool, BTreeSet<PathBuf>) {
        let silent = |file| {
            let written = self.muted.get(file);
            written.is_some_and(|written| now.saturating_duration_since(*written) < QUIET)
        };
        if files.iter().all(silent) {
            self.muted.extend(files.iter().map(|file| (file.clone(), now)));
            return (false, BTreeSet::new());
        }
        // A person is at work.
        self.muted.clear();
        let since = self.ended.map(|ended| now.saturating_duration_since(ended));
        let in_a_row = files.iter().all(|file| is_no_source(file))
            && files.is_subset(&self.row)
            && self.causes.is_subset(&self.row)
            && since.is_some_and(|since| since <= SOON);
        if !in_a_row {
            self.weight = 0;
            self.row = files.clone();
            return (true, BTreeSet::new());
        }
        self.weight += match () {
            () if files.is_subset(&self.notorious) => ENOUGH,
            () if files.is_subset(appended) => 3,
            () if since.is_some_and(|since| since <= AT_START) => 2,
            () => 1,
        };
        if self.weight < ENOUGH {
            return (true, BTreeSet::new());
        }
        self.weight = 0;
        self.mute(files, now);
        (false, files.clone())
    }

    fn mute(&mut self, files: &BTreeSet<PathBuf>, now: Instant) {
        self.muted.extend(files.iter().map(|file| (file.clone(), now)));
        self.notorious.extend(files.iter().cloned());
    }

    /// Returns the files that cause no build.
    pub(super) fn muted(&self) -> impl Iterator<Item = &Path> {
        self.muted.keys().map(PathBuf::as_path)
    }
}

/// Programs do not write sources: those are a person's or a build's.
fn is_no_source(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    !matches!(ending, Some("rs" | "toml" | "lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeSet<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    /// A supervisor that builds at once, in no time.
    #[derive(Default)]
    struct Run {
        echoes: Echoes,
        now: Duration,
        builds: u32,
        muted: BTreeSet<PathBuf>,
    }

    impl Run {
        fn now(&self) -> Instant {
            static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            *BEGIN.get_or_init(Instant::now) + self.now
        }

        /// A build for some files, during which others change.
        fn build(&mut self, causes: &[&str], during: &[&str], contained: bool) {
            self.builds += 1;
            self.echoes.begin(files(causes));
            let aside = files(during);
            if !aside.is_empty() {
                assert!(!self.echoes.ends_build(&aside, true), "a script may have written it");
            }
            let (again, muted) = self.echoes.end(&aside, |_| contained, self.now());
            self.muted.extend(muted);
            if !again.is_empty() {
                let again = again.iter().map(|file| file.to_str().unwrap()).collect::<Vec<_>>();
                self.build(&again, during, contained);
            }
        }

        /// Changes while nothing is built; whether that was a save.
        fn change(&mut self, names: &[&str], appended: bool, after_ms: u64) -> bool {
            self.now += Duration::from_millis(after_ms);
            let changed = files(names);
            let none = BTreeSet::new();
            let appended = if appended { &changed } else { &none };
            let (is_save, muted) = self.echoes.is_save(&changed, appended, self.now());
            self.muted.extend(muted);
            if is_save {
                self.build(names, &[], false);
            }
            is_save
        }
    }

    #[test]
    fn what_a_script_writes_and_the_compiler_reads_is_one_build() {
        let mut run = Run::default();
        run.build(&["lib.rs"], &["generated.rs"], true);
        run.build(&["lib.rs"], &["generated.rs"], true);
        assert_eq!((run.builds, run.muted.len()), (2, 0));
    }

    #[test]
    fn what_changes_with_every_build_is_looked_at_once_more_and_then_muted() {
        let mut run = Run::default();
        run.build(&["lib.rs"], &["generated.rs"], false);
        assert_eq!((run.builds, &run.muted), (2, &files(&["generated.rs"])));
        // Written by a person, later.
        assert!(run.change(&["generated.rs"], false, 20_000));
    }

    #[test]
    fn a_change_ends_a_build_once_and_not_again_and_again() {
        let mut echoes = Echoes::default();
        let written = files(&["written_by_a_macro.rs"]);
        echoes.begin(files(&["lib.rs"]));
        assert!(echoes.ends_build(&written, false), "by a person, for all that is known");
        echoes.begin(files(&["lib.rs", "written_by_a_macro.rs"]));
        assert!(!echoes.ends_build(&written, false), "during the build before as well");
        assert!(echoes.ends_build(&files(&["lib.rs"]), false), "somebody else is at work");
    }

    #[test]
    fn a_log_that_a_program_writes_is_muted_and_a_persons_file_is_not() {
        let mut run = Run::default();
        assert!(run.change(&["run.log"], true, 0));
        while run.change(&["run.log"], true, 16) {}
        assert_eq!((run.builds, &run.muted), (2, &files(&["run.log"])));
        for _ in 0..100 {
            assert!(!run.change(&["run.log"], true, 16), "it is muted");
        }
        assert!(run.change(&["lib.rs"], false, 16), "somebody is at work");
        let built = run.builds;
        while run.change(&["run.log"], true, 16) {}
        assert!(run.builds <= built + 1, "it is known: {} builds more", run.builds - built);

        let mut run = Run::default();
        for _ in 0..100 {
            assert!(run.change(&["lib.rs"], false, 30), "a source, saved as soon as it is built");
        }
        for _ in 0..100 {
            assert!(run.change(&["shader.wgsl"], false, 12_000), "at a person's pace");
        }
        for _ in 0..100 {
            assert!(
                run.change(&["shader.wgsl"], false, 500) && run.change(&["lib.rs"], false, 500)
            );
        }
    }

    #[test]
    fn a_stamp_that_a_program_writes_at_its_start_is_muted() {
        let mut run = Run::default();
        let mut saves = 0;
        while run.change(&["stamp.txt"], false, 100) {
            saves += 1;
        }
        assert!(saves <= 4, "{saves}");
        assert_eq!(run.muted, files(&["stamp.txt"]));
        assert!(run.change(&["stamp.txt"], false, 11_000), "by a person, later");
    }

    #[test]
    fn what_was_set_aside_when_a_build_is_ended_by_a_save_is_not_lost() {
        let mut run = Run::default();
        run.echoes.begin(files(&["lib.rs"]));
        assert!(!run.echoes.ends_build(&files(&["a.txt"]), true));
        assert!(run.echoes.ends_build(&files(&["b.rs"]), false));
        // The supervisor hands both on to the next build.
        run.build(&["a.txt", "b.rs"], &[], false);
        assert!(run.change(&["a.txt"], false, 2_000));
    }
}

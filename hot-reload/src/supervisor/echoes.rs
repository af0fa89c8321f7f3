//! Distinguishes files that builds and programs write from those that a person saves. No I/O, no
//! clock.
//!
//! A build script may write a source, and a program a file in its own package. If either counted as
//! a save, it would start the next build, forever. The system does not say who has written a file,
//! so this module decides by time:
//!
//! - A file that changes while a build script runs does not end the build. Neither does a file that
//!   also changed during the previous build. Both are looked at again afterwards, by a build of
//!   their own, unless the compiler has read them since. Files that change again during that build
//!   are *muted*: at once if a script ran, and otherwise after several such builds, since a person
//!   may save while they type.
//! - A file that is not a source and alone causes one build after the other, each soon after the
//!   last, is muted.
//!
//! A muted file causes no build until another file changes, or until it has been quiet for a while.
//! A wrong guess loses no edit: once a muted file has come to rest, it is looked at a last time, by
//! one more build.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time after a build from which a change is not attributed to it.
const SOON: Duration = Duration::from_secs(10);
/// Time after a build by which its program has written the files that it writes when it starts.
const AT_START: Duration = Duration::from_secs(1);
/// Pause after which a change of a muted file is attributed to a person.
const QUIET: Duration = Duration::from_secs(10);
/// Weight of a file's consecutive builds at which it is muted. A person hardly ever appends to a
/// file right after a build, and seldom does only one of the two.
const ENOUGH: u32 = 20;
/// Number of consecutive builds after which a file that changes during them, while no script runs,
/// is muted.
const PATIENCE: u32 = 8;
/// Time after which a muted file has come to rest.
const LAST_LOOK: Duration = Duration::from_secs(2);
const APPENDED_AT_ONCE: u32 = 7;
const APPENDED_OR_AT_ONCE: u32 = 2;

#[derive(Debug, Default)]
pub(super) struct Echoes {
    /// Files that have changed during the current or last build.
    during: BTreeSet<PathBuf>,
    /// Files that changed during the build before that.
    before: BTreeSet<PathBuf>,
    /// Files that the current or last build is for.
    causes: BTreeSet<PathBuf>,
    /// Files that the next build looks at again.
    again: BTreeSet<PathBuf>,
    /// Number of consecutive builds that only looked at something again, including the current one.
    looks: u32,
    /// Set if something has changed in the current build while no script ran.
    beside_scripts: bool,
    /// Files to look at a last time, and the time for it.
    last_look: Option<(Instant, BTreeSet<PathBuf>)>,
    /// Files that have had their last look.
    looked: BTreeSet<PathBuf>,
    /// Time at which the last build ended.
    ended: Option<Instant>,
    /// Files that have caused consecutive builds, whose weight is in `weight`.
    row: BTreeSet<PathBuf>,
    weight: u32,
    /// Muted files, each with the time of its last change.
    muted: BTreeMap<PathBuf, Instant>,
    /// Files that were muted before; one more build is enough to mute them again.
    notorious: BTreeSet<PathBuf>,
}

impl Echoes {
    /// Begins a build for these files.
    pub(super) fn begin(&mut self, causes: BTreeSet<PathBuf>) {
        self.before = std::mem::take(&mut self.during);
        let again = std::mem::take(&mut self.again);
        let looks_again = !causes.is_empty() && causes.is_subset(&again);
        self.looks = if looks_again { self.looks + 1 } else { 0 };
        self.beside_scripts = false;
        self.causes = causes;
    }

    /// Notes files that have changed during a build, perhaps by one of its scripts. Returns true if
    /// the build is to be cancelled for them.
    pub(super) fn ends_build(&mut self, files: &BTreeSet<PathBuf>, by_script: bool) -> bool {
        let own = |file| self.before.contains(file) || self.muted.contains_key(file);
        let ends = !by_script && !files.iter().all(own);
        self.beside_scripts |= !by_script;
        self.during.extend(files.iter().cloned());
        ends
    }

    /// Ends a build. Returns the files set aside that need another look, and those that are muted
    /// from now on.
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
        let enough = match () {
            () if rest.is_subset(&self.notorious) => 0,
            () if !self.beside_scripts => 1,
            () if rest.iter().all(|file| is_no_source(file)) => 2,
            () => PATIENCE,
        };
        let looked = enough == 0 || rest.is_subset(&self.causes);
        if !rest.is_empty() && self.looks >= enough && looked {
            self.mute(&rest, now);
            return (BTreeSet::new(), rest);
        }
        self.again = rest.clone();
        (rest, BTreeSet::new())
    }

    /// Handles files that a script wrote during the last build, but that are only reported now.
    pub(super) fn late(
        &mut self,
        files: &BTreeSet<PathBuf>,
        now: Instant,
    ) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        self.during.extend(files.iter().cloned());
        self.end(files, |_| false, now)
    }

    /// Returns true if a change between two builds is a save, and the files that are muted from now
    /// on.
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
            if let Some((at, _)) = &mut self.last_look {
                *at = now + LAST_LOOK;
            }
            return (false, BTreeSet::new());
        }
        // A person has saved something.
        self.muted.clear();
        self.looked.clear();
        self.last_look = None;
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
        let appends = files.is_subset(appended);
        let at_once = since.is_some_and(|since| since <= AT_START);
        self.weight += match () {
            () if files.is_subset(&self.notorious) => ENOUGH,
            () if appends && at_once => APPENDED_AT_ONCE,
            () if appends || at_once => APPENDED_OR_AT_ONCE,
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
        if !files.is_subset(&self.looked) {
            self.looked.extend(files.iter().cloned());
            self.last_look = Some((now + LAST_LOOK, files.clone()));
        }
    }

    /// Returns when something is to be looked at a last time.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.last_look.as_ref().map(|(at, _)| *at)
    }

    /// Returns the muted files that have come to rest, once.
    pub(super) fn rested(&mut self, now: Instant) -> Option<BTreeSet<PathBuf>> {
        self.last_look.take_if(|(at, _)| *at <= now).map(|(_, files)| files)
    }

    /// Returns the files that cause no build.
    pub(super) fn muted(&self) -> impl Iterator<Item = &Path> {
        self.muted.keys().map(PathBuf::as_path)
    }
}

/// Returns true unless the file is a source. Programs do not write sources; people and builds do.
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

    /// A supervisor whose builds begin at once and take no time.
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

        /// Runs a build for some files, during which others change.
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

        /// Changes files while nothing is built; returns true if that counts as a save.
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
        // Changed later, by a person.
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
        assert_eq!((run.builds, &run.muted), (3, &files(&["run.log"])));
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
        for _ in 0..8 {
            assert!(run.change(&["level.txt"], false, 30), "several at once");
        }
        for _ in 0..3 {
            assert!(run.change(&["notes.txt"], true, 300), "a few lines more");
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
        assert!(saves <= 10, "{saves}");
        assert_eq!(run.muted, files(&["stamp.txt"]));
        assert!(run.change(&["stamp.txt"], false, 11_000), "by a person, later");
    }

    #[test]
    fn a_person_who_saves_while_builds_run_loses_nothing() {
        let mut run = Run::default();
        let source = files(&["lib.rs"]);
        let (mut cancelled, mut built) = (0, 0);
        run.echoes.begin(source.clone());
        // Saved during every build, until the last keystroke.
        for _ in 0..30 {
            run.now += Duration::from_millis(100);
            if run.echoes.ends_build(&source, false) {
                cancelled += 1;
                run.echoes.begin(source.clone());
                continue;
            }
            let (again, _) = run.echoes.end(&source, |_| false, run.now());
            if again.is_empty() {
                break;
            }
            built += 1;
            run.echoes.begin(again);
        }
        assert!(cancelled >= 1 && built >= PATIENCE, "{cancelled} and {built}");
        let later = run.now() + LAST_LOOK;
        assert_eq!(run.echoes.rested(run.now()), None, "not at rest");
        assert_eq!(run.echoes.rested(later), Some(source), "the last letter is built");
        assert_eq!(run.echoes.rested(later), None, "once");
    }

    #[test]
    fn what_was_set_aside_when_a_build_is_ended_by_a_save_is_not_lost() {
        let mut run = Run::default();
        run.echoes.begin(files(&["lib.rs"]));
        assert!(!run.echoes.ends_build(&files(&["a.txt"]), true));
        assert!(run.echoes.ends_build(&files(&["b.rs"]), false));
        // The supervisor passes both on to the next build.
        run.build(&["a.txt", "b.rs"], &[], false);
        assert!(run.change(&["a.txt"], false, 2_000));
    }
}

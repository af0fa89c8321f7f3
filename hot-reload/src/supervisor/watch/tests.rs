//! Tests of what the watcher reports, and of when a save begins.

use super::*;
use crate::supervisor::inputs::tests::Package;
use std::thread;

/// Number of saves, each of a file of its own: the last event of a save may follow its report.
const SAVES: usize = 20;

/// Time limit for a report.
const LIMIT: Duration = Duration::from_secs(60);

/// A package and the saves that its watcher reports.
struct Watched {
    package: Package,
    saves: Receiver<(Saved, Instant)>,
    watcher: Watcher,
}

impl Watched {
    fn new(name: &str) -> Self {
        let package = Package::new(name);
        (0..SAVES).for_each(|save| package.write(&source(save), "as it was"));
        let (reports, saves) = channel();
        let watcher = Watcher::start(move |saved, noticed| {
            let _ = reports.send((saved, noticed));
        });
        let watcher = watcher.unwrap();
        watcher.watch(package.roots());
        Watched { package, saves, watcher }
    }

    /// Checks that a source is reported as saved, and no earlier than it was written.
    fn assert_saved(&self, save: usize) {
        let before = Instant::now();
        self.package.write(&source(save), "an edit");
        let (saved, noticed) = self.saves.recv_timeout(LIMIT).unwrap();
        assert_eq!(saved.sources, BTreeSet::from([self.package.0.join(source(save))]));
        assert_eq!(before.saturating_duration_since(noticed), Duration::ZERO, "save {save}");
    }
}

fn source(save: usize) -> String {
    format!("src/part{save}.rs")
}

#[test]
fn a_save_begins_with_its_own_event_and_not_with_that_of_a_file_beside_it() {
    let watched = Watched::new("beside");
    for save in 0..SAVES {
        // The watcher waits for quiet from here.
        watched.package.write("src/notes.txt", "read by nobody");
        thread::sleep(Duration::from_millis(1));
        watched.assert_saved(save);
    }
}

#[test]
fn a_save_that_a_look_finds_without_an_event_begins_no_earlier_than_it_was_written() {
    let watched = Watched::new("look");
    for save in 0..SAVES {
        // A report of what a build has read makes the watcher look at everything.
        for _ in 0..20 {
            watched.watcher.know(Read::default());
        }
        watched.assert_saved(save);
    }
}

#[test]
fn a_file_that_is_removed_while_what_a_build_has_read_is_taken_over_is_reported() {
    let watched = Watched::new("removed");
    for save in 0..SAVES {
        for _ in 0..20 {
            watched.watcher.know(Read::default());
        }
        let file = watched.package.0.join(source(save));
        std::fs::remove_file(&file).unwrap();
        let (saved, _) = watched.saves.recv_timeout(LIMIT).unwrap();
        assert_eq!(saved.sources, BTreeSet::from([file]));
    }
}

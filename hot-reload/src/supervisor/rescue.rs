//! States that are written down regularly, in case the owner ends without saving.
//!
//! The file is in the owner's folder and is removed with it when the owner ends in order. After any
//! other end the next owner's sweep moves it beside the folders (`target/.hot-reload-owners/`),
//! where it can be loaded or resumed from. The newest few are kept for each application.

mod names;
mod writer;

pub(super) use writer::Writer;

use super::claim;
use crate::error::Result;
use hot_reload_pod::{Snapshot, SnapshotError};
use names::{Fate, Name};
use std::fs;
use std::path::{Path, PathBuf};

/// Number of states kept for each application.
const KEPT: usize = 3;

/// Moves the newest state of a dead owner from the owner's folder to the common one.
pub(super) fn take_out(folder: &Path, all: &Path) {
    let left = claim::entries(folder).filter_map(|entry| Name::of(&entry));
    let Some(newest) = left.filter(|name| name.kind == Fate::Rescued).max() else { return };
    let file = newest.file();
    // Existing files are never overwritten: the names contain the time and the process.
    if !all.join(&file).exists() && fs::rename(folder.join(&file), all.join(&file)).is_ok() {
        prune(all, &newest.application);
    }
}

/// Removes all but the newest states of an application.
fn prune(all: &Path, application: &str) {
    let names = claim::entries(all).filter_map(|entry| Name::of(&entry));
    let mut names: Vec<_> = names.filter(|name| name.application == application).collect();
    names.sort();
    for name in names.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(all.join(name.file()));
    }
}

/// Returns the states that earlier owners of an application have left, newest first.
pub(super) fn left(all: &Path, application: &str) -> Vec<Name> {
    let wanted = names::plain(application);
    let names = claim::entries(all).filter_map(|entry| Name::of(&entry));
    let mut names: Vec<_> =
        names.filter(|name| name.kind == Fate::Rescued && name.application == wanted).collect();
    names.sort_by(|one, other| other.cmp(one));
    names
}

/// Loads a rescued state and marks it as used. The file stays, under another name; it also counts
/// as this owner's state until the owner writes one of its own.
pub(super) fn resume(
    all: &Path,
    folder: &Path,
    name: &Name,
    application: &str,
) -> Result<Snapshot> {
    let path = all.join(name.file());
    let snapshot = Snapshot::load(&path)?;
    if snapshot.application() != application {
        let reason = format!("it belongs to the application {:?}", snapshot.application());
        return Err(SnapshotError::Load { path, reason }.into());
    }
    // Without support for hard links, the state merely cannot be rescued a second time.
    let _ = fs::hard_link(&path, folder.join(name.file()));
    let used = Name { kind: Fate::Resumed, ..name.clone() };
    let _ = fs::rename(&path, all.join(used.file()));
    Ok(snapshot)
}

/// Returns the log message about a state that was left.
pub(super) fn word(all: &Path, name: &Name) -> String {
    let path = all.join(name.file());
    format!(
        "the previous owner did not end in order; its state as of {} is in {}: resume from it with \
         `--resume` (`OwnerBuilder::resume`) or `--load` (`Snapshot::load`), or delete it",
        name.time,
        path.display()
    )
}

/// Returns the path of the next state to be written.
fn next(folder: &Path, application: &str) -> PathBuf {
    folder.join(Name::now(application).file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(application: &str, time: &str) -> Name {
        Name { time: time.to_owned(), ..Name::now(application) }
    }

    #[test]
    fn a_dead_owners_newest_state_is_taken_out_and_a_few_are_kept() {
        let all = std::env::temp_dir().join(format!("hot-reload-rescue-{}", std::process::id()));
        let dead = all.join("dead");
        fs::create_dir_all(&dead).unwrap();
        let put = |folder: &Path, name: &Name, state: u32| {
            Snapshot::of(&state, "my-app").save(folder.join(name.file())).unwrap();
        };
        let times = (1..=5).map(|day| format!("2026-01-0{day}T10-00-00Z"));
        let times: Vec<_> = times.collect();
        for (day, time) in times.iter().enumerate() {
            // The owner was killed before it had removed the previous state.
            put(&dead, &name("my-app", "2025-01-01T10-00-00Z"), 0);
            put(&dead, &name("my-app", time), u32::try_from(day).unwrap());
            take_out(&dead, &all);
        }
        let other = name("my-app-too", &times[0]);
        put(&all, &other, 0);
        fs::write(all.join("rescued-notes.state"), "precious").unwrap();
        let found = || left(&all, "my-app").into_iter().map(|name| name.time).collect::<Vec<_>>();
        assert_eq!(found(), [&*times[4], &*times[3], &*times[2]]);
        assert_eq!(left(&all, "my-app-too"), [other], "another application's");

        let newest = &left(&all, "my-app")[0];
        let own = all.join("own");
        fs::create_dir(&own).unwrap();
        assert!(word(&all, newest).contains(&newest.file()));
        assert!(resume(&all, &own, newest, "another").is_err());
        assert_eq!(found().len(), 3, "what was not resumed from stays");
        let state = resume(&all, &own, newest, "my-app").unwrap();
        assert_eq!(state.get(""), Some(4_u32));
        assert_eq!(found(), [&*times[3], &*times[2]], "it is not resumed from twice");
        let kept = Name { kind: Fate::Resumed, ..newest.clone() };
        assert!(all.join(kept.file()).exists(), "but it is still there");
        // It can be resumed from again if this owner dies before it has written its own state.
        take_out(&own, &all);
        assert_eq!(found(), [&*times[4], &*times[3]]);
        assert_eq!(fs::read_to_string(all.join("rescued-notes.state")).unwrap(), "precious");
        fs::remove_dir_all(all).unwrap();
    }
}

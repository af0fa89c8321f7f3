//! The watcher: reports changes milliseconds after the save.
//!
//! Events only say that it is time to look; contents decide what has changed. Folders are watched,
//! never files: after a save by rename, the watch of a file would stay silent forever.

use super::inputs::{Changes, Inputs, Roots, Saved, Touched};
use super::read::Read;
use crate::threads::spawn;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Upper limit on the time between the two halves of a save by truncate-and-write.
const SETTLE: Duration = Duration::from_millis(4);
/// Time to wait for the next file of a save of several, after the system has reported that a file
/// was closed after writing. Each comes some 0.1 ms after the one before.
const CLOSED: Duration = Duration::from_millis(1);
/// Time for a file that has become empty to be filled.
const FILL: Duration = Duration::from_millis(60);
/// Polling interval if the system cannot report changes (network disks, too few watches).
const POLL: Duration = Duration::from_millis(400);

/// The watcher's thread, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watcher {
    orders: Sender<WatchOrder>,
}

enum WatchOrder {
    /// The system reports that something happened. `path` is `None` if it has lost track.
    Happened {
        path: Option<PathBuf>,
        at: Instant,
        /// True if the file was closed or moved into place, so its content is complete.
        whole: bool,
    },
    /// Watch these files from now on; `done` is signalled after the first look at them.
    Watch {
        roots: Box<Roots>,
        done: Sender<()>,
    },
    /// Watch these files as well.
    WatchAlso {
        files: BTreeSet<PathBuf>,
        done: Sender<()>,
    },
    /// Take over what a build has read.
    Know {
        read: Box<Read>,
    },
    End,
}

impl Watcher {
    /// Starts the thread. `on` is called with the changed files and the time of the first event
    /// of one of them.
    pub(super) fn start(on: impl Fn(Saved, Instant) + Send + 'static) -> std::io::Result<Self> {
        let (orders, incoming) = channel();
        let events = orders.clone();
        let system = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            forward(event, &events);
        });
        let system = system.inspect_err(|error| {
            crate::log::warn!("the system cannot watch files ({error}): looking every {POLL:?}");
        });
        let mut watch = Watch {
            polling: system.is_err(),
            system: system.ok(),
            watched: BTreeSet::new(),
            roots: Roots::default(),
            inputs: Inputs::default(),
            deferred: VecDeque::new(),
        };
        let turn = move || watch.turn(&incoming, &on);
        spawn("hot-reload watch", turn)?;
        Ok(Watcher { orders })
    }

    /// Watches the sources of a workspace. Changes after this returns are noticed.
    pub(super) fn watch(&self, roots: Roots) {
        let roots = Box::new(roots);
        self.order(|done| WatchOrder::Watch { roots, done });
    }

    /// Watches these files in addition to what is watched already.
    pub(super) fn watch_also(&self, files: BTreeSet<PathBuf>) {
        self.order(|done| WatchOrder::WatchAlso { files, done });
    }

    fn order(&self, order: impl FnOnce(Sender<()>) -> WatchOrder) {
        let (done, finished) = channel();
        if self.orders.send(order(done)).is_ok() {
            let _ = finished.recv();
        }
    }

    /// Adds the files that a build has read to the watched ones.
    pub(super) fn know(&self, read: Read) {
        let _ = self.orders.send(WatchOrder::Know { read: Box::new(read) });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.orders.send(WatchOrder::End);
    }
}

/// Forwards the system's events about writes. Reading files causes events too, and cargo reads
/// everything.
fn forward(event: notify::Result<notify::Event>, orders: &Sender<WatchOrder>) {
    let at = Instant::now();
    let Ok(event) = event else {
        let _ = orders.send(WatchOrder::Happened { path: None, at, whole: false });
        return;
    };
    let written = match event.kind {
        EventKind::Access(access) => {
            matches!(access, notify::event::AccessKind::Close(notify::event::AccessMode::Write))
        }
        EventKind::Modify(ModifyKind::Metadata(_)) => event.paths.iter().any(|path| path.is_file()),
        _ => true,
    };
    let whole = matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Name(_)));
    if written || event.need_rescan() {
        for path in event.paths.into_iter().map(Some).chain(event.attrs.flag().map(|_| None)) {
            let _ = orders.send(WatchOrder::Happened { path, at, whole });
        }
    }
}

struct Watch {
    system: Option<RecommendedWatcher>,
    /// True if the system cannot report every change.
    polling: bool,
    watched: BTreeSet<PathBuf>,
    roots: Roots,
    inputs: Inputs,
    /// Orders that arrived while a save was settling.
    deferred: VecDeque<WatchOrder>,
}

impl Watch {
    fn turn(&mut self, incoming: &Receiver<WatchOrder>, on: &dyn Fn(Saved, Instant)) {
        loop {
            let limit = if self.polling { POLL } else { Duration::from_secs(3600) };
            let order = self.deferred.pop_front().map_or_else(|| incoming.recv_timeout(limit), Ok);
            let mut touched = Touched::default();
            let mut changes = match order {
                Ok(WatchOrder::Happened { path, at, whole }) => {
                    // True if only the touched files need a look.
                    let mut known = !self.polling;
                    match path {
                        Some(path) => touched.add(path, at),
                        None => known = false,
                    }
                    let quiet = if whole { CLOSED } else { SETTLE };
                    match self.settle(incoming, &mut touched, quiet) {
                        Some(lost) => known &= !lost,
                        None => return,
                    }
                    // A walk over all folders takes milliseconds; most saves do not need one.
                    let few = if known { self.inputs.look_at(&touched) } else { None };
                    few.unwrap_or_else(|| self.look(&touched))
                }
                Ok(order) => match self.take(order) {
                    Some(changes) => changes,
                    None => return,
                },
                Err(RecvTimeoutError::Timeout) => self.look(&touched),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let deadline = Instant::now() + FILL;
            while changes.emptied && Instant::now() < deadline {
                if self.settle(incoming, &mut touched, FILL / 4).is_none() {
                    return;
                }
                let still = changes.emptied;
                let later = self.look(&touched);
                let quiet = later.altered.is_empty() && later.new.is_empty();
                changes.extend(later);
                changes.emptied |= still && quiet;
            }
            self.report(changes, &touched, on);
        }
    }

    /// Reports a save together with the time of its first event. Without one (a look that no event
    /// asked for has found it), that is the present: earlier times may precede the save.
    fn report(&self, changes: Changes, touched: &Touched, on: &dyn Fn(Saved, Instant)) {
        let saved = self.roots.tell_apart(changes);
        if !saved.is_empty() {
            let noticed = touched.begun(&saved).unwrap_or_else(Instant::now);
            on(saved, noticed);
        }
    }

    /// Carries out an order other than an event. Returns the files that have changed in the
    /// meantime, or `None` at the end.
    ///
    /// Only previously known files whose content differs count as changed: such a save has not been
    /// reported yet. Newly watched files have no earlier content to differ from.
    fn take(&mut self, order: WatchOrder) -> Option<Changes> {
        let mut appeared = false;
        let done = match order {
            WatchOrder::Watch { roots, done } => {
                let before = std::mem::replace(&mut self.roots, *roots);
                self.roots.inherit(before);
                Some(done)
            }
            WatchOrder::WatchAlso { files, done } => {
                self.roots.extend(files);
                Some(done)
            }
            WatchOrder::Know { read } => {
                self.roots.know(*read);
                appeared = true;
                None
            }
            WatchOrder::Happened { .. } => None,
            WatchOrder::End => return None,
        };
        let mut changes = self.look(&Touched::default());
        if let Some(done) = done {
            let _ = done.send(());
        }
        // A file that the compiler missed may have appeared by now; its event would come too late.
        let Watch { roots, inputs, .. } = self;
        changes.new.retain(|file| {
            let seen = roots.is_of_package(file) || roots.is_delivered(file);
            appeared && (seen || roots.is_missed(file))
        });
        // A file that is no longer watched has not changed for that reason. One that has just been
        // removed has: its event will find nothing more to report.
        changes
            .altered
            .retain(|file| inputs.knows(file) || roots.is_watched(file) && !file.exists());
        // An empty file that is not reported need not be waited for.
        changes.emptied &= !(changes.altered.is_empty() && changes.new.is_empty());
        Some(changes)
    }

    /// Waits until there has been no event for a while. Returns true if the system has lost track,
    /// or `None` when it is time to end.
    fn settle(
        &mut self,
        incoming: &Receiver<WatchOrder>,
        touched: &mut Touched,
        quiet: Duration,
    ) -> Option<bool> {
        // A program that writes without end must not hide a save forever.
        let deadline = Instant::now() + 10 * quiet.max(SETTLE);
        let (mut quiet, mut lost) = (quiet, false);
        while Instant::now() < deadline {
            match incoming.recv_timeout(quiet) {
                Ok(WatchOrder::Happened { path, at, whole }) => {
                    match path {
                        Some(path) => touched.add(path, at),
                        None => lost = true,
                    }
                    quiet = if whole { CLOSED } else { SETTLE.max(quiet) };
                }
                Ok(WatchOrder::End) | Err(RecvTimeoutError::Disconnected) => return None,
                // Handled after the coming look; otherwise a save would be taken for the initial
                // content.
                Ok(order) => self.deferred.push_back(order),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        Some(lost)
    }

    /// Looks at everything, and again as long as that finds folders that are not watched yet.
    fn look(&mut self, touched: &Touched) -> Changes {
        let mut changes = self.inputs.look(&self.roots, touched);
        while self.watch_folders() {
            let emptied = changes.emptied;
            changes.extend(self.inputs.look(&self.roots, touched));
            changes.emptied |= emptied;
        }
        changes
    }

    /// Watches all folders that are not watched yet; returns true if there were any.
    fn watch_folders(&mut self) -> bool {
        let Some(system) = &mut self.system else {
            return false;
        };
        let wanted = &self.inputs.folders;
        // A folder that was removed and created again needs a new watch.
        let watched = &mut self.watched;
        watched.retain(|folder| wanted.contains(folder));
        let mut added = false;
        for folder in wanted {
            if watched.contains(folder) {
                continue;
            }
            match system.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => added = true,
                Err(error) if folder.is_dir() => {
                    if !self.polling {
                        crate::log::warn!(
                            "{} cannot be watched ({error}): looking every {POLL:?}",
                            folder.display()
                        );
                    }
                    self.polling = true;
                }
                Err(_) => continue,
            }
            watched.insert(folder.clone());
        }
        added
    }
}

#[cfg(test)]
mod tests;

//! The watcher: says what has changed, milliseconds after the save.
//!
//! Events only say that it is time to look; what changed is decided by contents. Folders are
//! watched, never files: a save by rename silences the watch of a file for ever.

use super::inputs::{Changes, Inputs, Roots, Saved};
use super::read::Read;
use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A save by truncate-and-write takes less than this between its two halves.
const SETTLE: Duration = Duration::from_millis(4);
/// Where the system has said that the file was closed after writing, this is for the next file of a
/// save of several: each comes some 0.1 ms after the one before.
const CLOSED: Duration = Duration::from_millis(1);
/// A file that has become empty is given so long to be filled.
const FILL: Duration = Duration::from_millis(60);
/// How often to look where the system cannot tell (network disks, too few watches).
const POLL: Duration = Duration::from_millis(400);

/// The watcher's thread; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watcher {
    orders: Sender<Order>,
}

enum Order {
    /// The system says that something happened; no path when it says that it has lost track.
    Happened {
        path: Option<PathBuf>,
        at: Instant,
        /// Whether it was closed, or moved to its place: nothing is missing.
        whole: bool,
    },
    /// Look at these from now on; answered when they have been looked at once.
    Watch {
        roots: Box<Roots>,
        done: Sender<()>,
    },
    /// Look at these as well.
    WatchAlso {
        files: BTreeSet<PathBuf>,
        done: Sender<()>,
    },
    /// A build says what it has read.
    Know {
        read: Box<Read>,
    },
    End,
}

impl Watcher {
    /// Starts the thread; `on` is told the files that have changed, and when the first sign of that was.
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
        thread::Builder::new().name("hot-reload watch".to_owned()).spawn(turn)?;
        Ok(Watcher { orders })
    }

    /// Watches what a workspace is built from. What changes after this returns is noticed.
    pub(super) fn watch(&self, roots: Roots) {
        let roots = Box::new(roots);
        self.order(|done| Order::Watch { roots, done });
    }

    /// The same, beside what is watched already.
    pub(super) fn watch_also(&self, files: BTreeSet<PathBuf>) {
        self.order(|done| Order::WatchAlso { files, done });
    }

    fn order(&self, order: impl FnOnce(Sender<()>) -> Order) {
        let (done, finished) = channel();
        if self.orders.send(order(done)).is_ok() {
            let _ = finished.recv();
        }
    }

    /// Counts what a build has read as well.
    pub(super) fn know(&self, read: Read) {
        let _ = self.orders.send(Order::Know { read: Box::new(read) });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
    }
}

/// Reading a file makes events too, and cargo reads everything: only writes are of interest.
fn forward(event: notify::Result<notify::Event>, orders: &Sender<Order>) {
    let at = Instant::now();
    let Ok(event) = event else {
        let _ = orders.send(Order::Happened { path: None, at, whole: false });
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
            let _ = orders.send(Order::Happened { path, at, whole });
        }
    }
}

struct Watch {
    system: Option<RecommendedWatcher>,
    /// The system cannot tell about everything.
    polling: bool,
    watched: BTreeSet<PathBuf>,
    roots: Roots,
    inputs: Inputs,
    /// Orders that came while a save was given time to settle.
    deferred: VecDeque<Order>,
}

impl Watch {
    fn turn(&mut self, incoming: &Receiver<Order>, on: &dyn Fn(Saved, Instant)) {
        loop {
            let limit = if self.polling { POLL } else { Duration::from_secs(3600) };
            let order = self.deferred.pop_front().map_or_else(|| incoming.recv_timeout(limit), Ok);
            let mut noticed = Instant::now();
            // Whether what was touched is all that there is to look at.
            let mut known = !self.polling;
            let touched = match order {
                Ok(Order::Happened { path, at, whole }) => {
                    noticed = at;
                    known &= path.is_some();
                    let mut touched = BTreeSet::from_iter(path);
                    let quiet = if whole { CLOSED } else { SETTLE };
                    match self.settle(incoming, &mut touched, quiet) {
                        Some(lost) => known &= !lost,
                        None => return,
                    }
                    touched
                }
                Ok(order) => match self.take(order) {
                    Some(changes) => {
                        let saved = self.roots.tell_apart(changes);
                        if !saved.is_empty() {
                            on(saved, noticed);
                        }
                        continue;
                    }
                    None => return,
                },
                Err(RecvTimeoutError::Timeout) => {
                    known = false;
                    BTreeSet::new()
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // A walk over all folders takes milliseconds; for most saves it can be left out.
            let few = if known { self.inputs.look_at(&touched) } else { None };
            let mut changes = few.unwrap_or_else(|| self.look(&touched));
            let deadline = Instant::now() + FILL;
            while changes.emptied && Instant::now() < deadline {
                let mut touched = BTreeSet::new();
                if self.settle(incoming, &mut touched, FILL / 4).is_none() {
                    return;
                }
                let still = changes.emptied;
                let later = self.look(&touched);
                let quiet = later.altered.is_empty() && later.new.is_empty();
                changes.extend(later);
                changes.emptied |= still && quiet;
            }
            let saved = self.roots.tell_apart(changes);
            if !saved.is_empty() {
                on(saved, noticed);
            }
        }
    }

    /// Takes an order that is no event; files that have changed meanwhile, or `None` at the end.
    ///
    /// What is watched anew has no earlier content to differ from: only what was known before and
    /// is other now counts as changed, for that is a save which nobody has heard of yet.
    fn take(&mut self, order: Order) -> Option<Changes> {
        let mut appeared = false;
        let done = match order {
            Order::Watch { roots, done } => {
                let before = std::mem::replace(&mut self.roots, *roots);
                self.roots.inherit(before);
                Some(done)
            }
            Order::WatchAlso { files, done } => {
                self.roots.extend(files);
                Some(done)
            }
            Order::Know { read } => {
                self.roots.know(*read);
                appeared = true;
                None
            }
            Order::Happened { .. } => None,
            Order::End => return None,
        };
        let mut changes = self.look(&BTreeSet::new());
        if let Some(done) = done {
            let _ = done.send(());
        }
        // A file that was missed by the compiler may be there by now, and its event comes too late.
        let Watch { roots, inputs, .. } = self;
        changes.new.retain(|file| {
            let seen = roots.is_of_package(file) || roots.is_delivered(file);
            appeared && (seen || roots.is_missed(file))
        });
        // What is not looked at any more is no other for that.
        changes.altered.retain(|file| inputs.knows(file));
        Some(changes)
    }

    /// Waits until nothing has happened for a while, and says whether the system has lost track;
    /// `None` when it is time to end.
    fn settle(
        &mut self,
        incoming: &Receiver<Order>,
        touched: &mut BTreeSet<PathBuf>,
        quiet: Duration,
    ) -> Option<bool> {
        // A program that writes without end must not hide a save for ever.
        let deadline = Instant::now() + 10 * quiet.max(SETTLE);
        let (mut quiet, mut lost) = (quiet, false);
        while Instant::now() < deadline {
            match incoming.recv_timeout(quiet) {
                Ok(Order::Happened { path, whole, .. }) => {
                    lost |= path.is_none();
                    touched.extend(path);
                    quiet = if whole { CLOSED } else { SETTLE.max(quiet) };
                }
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return None,
                // After the look that comes now, or a save would be taken for what was there.
                Ok(order) => self.deferred.push_back(order),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        Some(lost)
    }

    /// Looks at everything, and again as long as there are folders that were not watched yet.
    fn look(&mut self, touched: &BTreeSet<PathBuf>) -> Changes {
        let mut changes = self.inputs.look(&self.roots, touched);
        while self.watch_folders() {
            let emptied = changes.emptied;
            changes.extend(self.inputs.look(&self.roots, touched));
            changes.emptied |= emptied;
        }
        changes
    }

    /// Whether there were folders to be watched anew.
    fn watch_folders(&mut self) -> bool {
        let Some(system) = &mut self.system else {
            return false;
        };
        let wanted = &self.inputs.folders;
        // A folder that was removed and made again needs a new watch.
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

//! Resources of this process: any that grow in the storm are leaked.

use super::killer::children;
use crate::support::{LIMIT, segments};
use std::fs;
use std::time::Instant;

/// Number of resources of each kind.
#[derive(Debug)]
pub(crate) struct Resources {
    descriptors: Vec<String>,
    threads: Vec<String>,
    children: usize,
    /// Number of names in `/dev/shm`.
    segments: usize,
    /// Number of mapped segments, with or without a name.
    mapped: usize,
}

impl Resources {
    pub(crate) fn now() -> Self {
        let mapped = fs::read_to_string("/proc/self/maps").unwrap();
        Resources {
            descriptors: entries("/proc/self/fd", |entry| {
                let target = fs::read_link(entry.path()).ok()?;
                Some(target.to_string_lossy().into_owned())
            }),
            threads: entries("/proc/self/task", |entry| {
                Some(fs::read_to_string(entry.path().join("comm")).ok()?.trim().to_owned())
            }),
            children: children().len(),
            segments: segments().len(),
            mapped: mapped.lines().filter(|line| line.contains("/dev/shm/hr-")).count(),
        }
    }

    /// Waits until no number exceeds that of `before`.
    pub(crate) fn shrink_to(before: &Self, what: &str, mut meanwhile: impl FnMut()) {
        let begin = Instant::now();
        loop {
            let now = Self::now();
            if now.counts().iter().zip(before.counts()).all(|(now, before)| *now <= before) {
                return;
            }
            assert!(begin.elapsed() < LIMIT, "held: {now:#?}\n{what}: {before:#?}");
            meanwhile();
        }
    }

    fn counts(&self) -> [usize; 5] {
        let (descriptors, threads) = (self.descriptors.len(), self.threads.len());
        [descriptors, threads, self.children, self.segments, self.mapped]
    }
}

fn entries(folder: &str, what: impl Fn(&fs::DirEntry) -> Option<String>) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut entries: Vec<String> = entries.filter_map(|entry| what(&entry)).collect();
    entries.sort();
    entries
}

//! Shares what is known of the compiler's calls between builds and priming.
//!
//! The first priming takes as long as a build from nothing. A save must not wait for it, nor cancel it: with an edit
//! every second nothing would ever be primed. So a build that finds the compiler at work goes through cargo, and its
//! calls are learnt when the compiler has finished.

use super::Direct;
use crate::supervisor::{
    build::wrapper::{Call, Wrapper},
    build::{Built, Cancel},
    scripts::Scripts,
    workspace::Workspace,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// The result of a build by cargo, to be learnt.
#[derive(Debug)]
pub(in crate::supervisor::build) struct Lesson {
    pub(in crate::supervisor::build) parts: Vec<Workspace>,
    /// The outcome for each part.
    pub(in crate::supervisor::build) built: Vec<Built>,
    pub(in crate::supervisor::build) scripts: Scripts,
    /// The wrapper that has written down the calls.
    pub(in crate::supervisor::build) wrapper: Option<Wrapper>,
    pub(in crate::supervisor::build) calls: Vec<Call>,
}

/// Builds without cargo, for several threads.
#[derive(Debug, Default)]
pub(in crate::supervisor) struct DirectBuilds {
    direct: Mutex<Direct>,
    /// Lessons that could not be learnt yet, in order.
    lessons: Mutex<Vec<Lesson>>,
    /// The wrapper of the last build by cargo.
    wrapper: Mutex<Option<Wrapper>>,
    /// The parts that are to be primed next.
    wanted: Mutex<Option<Vec<Workspace>>>,
    /// The current priming begins from nothing.
    cold: AtomicBool,
    /// How long the last build by cargo took, in milliseconds.
    by_cargo: AtomicU64,
}

/// The shortest time to wait for the compiler.
const WAIT: Duration = Duration::from_millis(250);

impl DirectBuilds {
    /// Returns what is known, or `None` while the compiler is being primed.
    pub(in crate::supervisor::build) fn try_lock(&self) -> Option<MutexGuard<'_, Direct>> {
        // Priming from earlier results takes less time than cargo.
        let half = Duration::from_millis(self.by_cargo.load(Ordering::Relaxed) / 2);
        let deadline = Instant::now() + half.max(WAIT);
        loop {
            match self.direct.try_lock() {
                Ok(direct) => return Some(self.up_to_date(direct)),
                Err(TryLockError::Poisoned(direct)) => {
                    return Some(self.up_to_date(direct.into_inner()));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if self.cold.load(Ordering::Relaxed) || Instant::now() >= deadline {
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Direct> {
        self.up_to_date(self.direct.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn up_to_date<'d>(&self, mut direct: MutexGuard<'d, Direct>) -> MutexGuard<'d, Direct> {
        let lessons = std::mem::take(&mut *lock(&self.lessons));
        lessons.into_iter().for_each(|lesson| direct.learn(lesson));
        direct
    }

    /// Returns the wrapper for a build that is learnt later.
    pub(in crate::supervisor::build) fn wrapper(&self, workspace: &Workspace) -> Option<Wrapper> {
        let wrapper = lock(&self.wrapper);
        wrapper.as_ref().map(|wrapper| wrapper.following(&workspace.root))
    }

    /// Keeps the wrapper of a build for builds that are learnt later.
    pub(in crate::supervisor::build) fn remember(&self, wrapper: Option<&Wrapper>) {
        *lock(&self.wrapper) = wrapper.cloned();
    }

    /// Notes how long a build by cargo took.
    pub(in crate::supervisor::build) fn took(&self, took: Duration) {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.by_cargo.store(took, Ordering::Relaxed);
    }

    /// Keeps a lesson until the compiler has finished.
    pub(in crate::supervisor::build) fn learn_later(&self, lesson: Lesson) {
        lock(&self.lessons).push(lesson);
    }

    /// Primes the compiler for these parts, unless another thread is about to.
    pub(in crate::supervisor) fn prime(&self, parts: Vec<Workspace>, cancel: &Cancel) {
        if lock(&self.wanted).replace(parts).is_some() {
            return;
        }
        let mut direct = self.lock();
        let parts = lock(&self.wanted).take().unwrap_or_default();
        if cancel.is_wanted() {
            return;
        }
        self.cold.store(!direct.has_primed, Ordering::Relaxed);
        for part in &parts {
            direct.prime(part, cancel);
        }
        self.cold.store(false, Ordering::Relaxed);
    }

    /// Makes every later build cargo's: a build without cargo has differed from cargo's.
    pub(in crate::supervisor) fn refute(&self) {
        self.lock().refuted = true;
    }

    /// Waits until no compiler is running.
    pub(in crate::supervisor) fn rest(&self) {
        self.lock().rest();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Knowledge about the compiler's calls, shared between builds and priming.
//!
//! The first priming takes as long as a build from nothing. A save must neither wait for it nor
//! cancel it: with an edit every second it would never finish. So a build that finds the compiler
//! busy goes through cargo, and its calls are learnt when the compiler has finished.

use super::RustcReplay;
use crate::lock::lock;
use crate::supervisor::{
    builds::wrapper::{Call, Wrapper},
    builds::{Built, Cancel},
    scripts::Scripts,
    workspace::Workspace,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// The result of a build by cargo, from which calls are learnt.
#[derive(Debug)]
pub(in crate::supervisor::builds) struct Lesson {
    pub(in crate::supervisor::builds) parts: Vec<Workspace>,
    /// Result for each part.
    pub(in crate::supervisor::builds) built: Vec<Built>,
    pub(in crate::supervisor::builds) scripts: Scripts,
    /// Wrapper that has recorded the calls.
    pub(in crate::supervisor::builds) wrapper: Option<Wrapper>,
    pub(in crate::supervisor::builds) calls: Vec<Call>,
}

/// Builds without cargo, for several threads.
#[derive(Debug, Default)]
pub(in crate::supervisor) struct SharedReplay {
    replay: Mutex<RustcReplay>,
    /// Lessons that could not be learnt yet, in order.
    lessons: Mutex<Vec<Lesson>>,
    /// Wrapper of the last build by cargo.
    wrapper: Mutex<Option<Wrapper>>,
    /// Parts to be primed next.
    wanted: Mutex<Option<Vec<Workspace>>>,
    /// True while the current priming begins from nothing.
    cold: AtomicBool,
    /// Duration of the last build by cargo, in milliseconds.
    by_cargo: AtomicU64,
}

/// Lower limit on the time to wait for the compiler.
const WAIT: Duration = Duration::from_millis(250);

impl SharedReplay {
    /// Returns the knowledge, up to date; `None` while the compiler is being primed.
    pub(in crate::supervisor::builds) fn try_lock(&self) -> Option<MutexGuard<'_, RustcReplay>> {
        // Priming that continues from earlier results takes less time than cargo.
        let half = Duration::from_millis(self.by_cargo.load(Ordering::Relaxed) / 2);
        let deadline = Instant::now() + half.max(WAIT);
        loop {
            match self.replay.try_lock() {
                Ok(replay) => return Some(self.up_to_date(replay)),
                Err(TryLockError::Poisoned(replay)) => {
                    return Some(self.up_to_date(replay.into_inner()));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if self.cold.load(Ordering::Relaxed) || Instant::now() >= deadline {
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn lock(&self) -> MutexGuard<'_, RustcReplay> {
        self.up_to_date(lock(&self.replay))
    }

    fn up_to_date<'d>(
        &self,
        mut replay: MutexGuard<'d, RustcReplay>,
    ) -> MutexGuard<'d, RustcReplay> {
        let lessons = std::mem::take(&mut *lock(&self.lessons));
        lessons.into_iter().for_each(|lesson| replay.learn(lesson));
        replay
    }

    /// Returns the wrapper for a build that is learnt later.
    pub(in crate::supervisor::builds) fn wrapper(&self, workspace: &Workspace) -> Option<Wrapper> {
        let wrapper = lock(&self.wrapper);
        wrapper.as_ref().map(|wrapper| wrapper.following(&workspace.root))
    }

    /// Keeps the wrapper of a build for builds that are learnt later.
    pub(in crate::supervisor::builds) fn remember(&self, wrapper: Option<&Wrapper>) {
        *lock(&self.wrapper) = wrapper.cloned();
    }

    /// Records the duration of a build by cargo.
    pub(in crate::supervisor::builds) fn took(&self, took: Duration) {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.by_cargo.store(took, Ordering::Relaxed);
    }

    /// Keeps a lesson until the compiler has finished.
    pub(in crate::supervisor::builds) fn learn_later(&self, lesson: Lesson) {
        lock(&self.lessons).push(lesson);
    }

    /// Primes the compiler for these parts, unless another thread is about to.
    pub(in crate::supervisor) fn prime(&self, parts: Vec<Workspace>, cancel: &Cancel) {
        if lock(&self.wanted).replace(parts).is_some() {
            return;
        }
        let mut replay = self.lock();
        let parts = lock(&self.wanted).take().unwrap_or_default();
        if cancel.is_wanted() {
            return;
        }
        self.cold.store(!replay.has_primed, Ordering::Relaxed);
        for part in &parts {
            replay.prime(part, cancel);
        }
        self.cold.store(false, Ordering::Relaxed);
    }

    /// Makes all later builds use cargo, after a build without cargo has differed from cargo's.
    pub(in crate::supervisor) fn refute(&self) {
        self.lock().refuted = true;
    }

    /// Waits until no compiler is running.
    pub(in crate::supervisor) fn rest(&self) {
        self.lock().rest();
    }
}

//! Locking, with one rule for panics under a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, ignoring poison: a panic under a lock of this library leaves nothing half done, because
/// what is locked is only replaced whole or added to.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

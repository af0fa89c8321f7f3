//! The reason why a build must go through cargo.

use std::fmt;

/// The reason why a build must go through cargo.
#[derive(Debug)]
pub(in crate::supervisor::builds) struct NeedsCargo(pub(super) String);

impl fmt::Display for NeedsCargo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

pub(super) fn needs_cargo<T>(reason: impl Into<String>) -> Result<T, NeedsCargo> {
    Err(NeedsCargo(reason.into()))
}

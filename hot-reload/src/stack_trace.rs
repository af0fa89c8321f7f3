//! Stack traces of a renderer that crashes or hangs: taken in its own process, in a signal handler,
//! and written to a file, which the owner reads.
//!
//! The handler only does what is allowed in one: it walks the stack with the unwinder that every
//! Rust program has, and writes addresses and memory mappings. The owner finds the functions and
//! lines that belong to them (`supervisor/stack.rs`), so that this costs a renderer no dependency and
//! its successor no time.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{install, request};

/// Does nothing: traces are taken on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn install(_file: &std::path::Path) {}

/// Does nothing: traces are taken on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn request() {}

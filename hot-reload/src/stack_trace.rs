//! Stack traces of a renderer that crashes or hangs: taken in its own process, in a signal handler,
//! and written to a file, which the owner reads.
//!
//! The handler allocates nothing. It walks the stack with the unwinder that every Rust program has,
//! and writes addresses and memory mappings. The unwinder may take the lock of the dynamic loader: a
//! crash within it is then a hang, which the owner ends. The owner finds the functions and
//! lines that belong to them (`supervisor/stack.rs`), so that this costs a renderer no dependency and
//! its successor no time.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use linux::{install, request};

/// Does nothing: traces are taken on Linux, on two architectures.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn install(_file: &std::path::Path) {}

/// Does nothing, as above.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn request() {}

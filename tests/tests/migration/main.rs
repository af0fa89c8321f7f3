//! The layout of the state changes while the owner runs: values are carried over, what has no place
//! is parked, messages are translated, and whatever goes wrong leaves the old generation as it was.
//!
//! The renderer's sources are really edited and compiled, and the owner is never started again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bad;
mod bench;
mod buffers;
mod flow;
mod layouts;
mod messages;
mod size;
#[path = "../support/mod.rs"]
mod support;

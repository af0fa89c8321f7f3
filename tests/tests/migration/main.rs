//! Tests of changes to the state's layout while the owner runs: values are carried over, values
//! without a place are parked, messages are translated, and any failure leaves the old generation
//! unchanged.
//!
//! The renderer's sources are really edited and compiled, and the owner is never restarted.
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

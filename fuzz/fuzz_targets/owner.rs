//! An owner against a peer that writes whatever the bytes say; see `hot-reload/src/owner/hostile.rs`.
//!
//! The proptest of the same name in `cargo test` plays the same scripts. For longer:
//!
//! ```text
//! cargo install cargo-fuzz
//! cargo +nightly fuzz run owner -- -max_len=4096 -max_total_time=600
//! ```
//!
//! Without cargo-fuzz it can at least be checked that it compiles:
//!
//! ```text
//! RUSTFLAGS="--cfg fuzzing" cargo check --manifest-path fuzz/Cargo.toml
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|script: &[u8]| hot_reload::fuzzing::play(script));

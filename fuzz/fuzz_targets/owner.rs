//! Fuzzes an owner against a peer that writes arbitrary bytes; see
//! `hot-reload/src/owner/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("owner", bytes));

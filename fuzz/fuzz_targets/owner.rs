//! An owner against a peer that writes whatever the bytes say; see `hot-reload/src/owner/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("owner", bytes));

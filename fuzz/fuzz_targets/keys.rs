//! Fuzzes the handling of a terminal's events; see `hot-reload/src/terminal/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("keys", bytes));

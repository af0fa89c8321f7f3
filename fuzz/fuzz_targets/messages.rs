//! Fuzzes the parser of cargo's JSON; see `hot-reload/src/supervisor/builds/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("messages", bytes));

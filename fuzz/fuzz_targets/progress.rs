//! Fuzzes the parser of cargo's progress bar and of other output on standard error; see
//! `hot-reload/src/supervisor/builds/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("progress", bytes));

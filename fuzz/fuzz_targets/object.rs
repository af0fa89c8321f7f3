//! Fuzzes the check of programs and libraries that were built elsewhere; see
//! `hot-reload/src/supervisor/builds/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("object", bytes));

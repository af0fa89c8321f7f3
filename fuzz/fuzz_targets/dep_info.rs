//! Fuzzes the parser of dependency files (`.d`); see `hot-reload/src/supervisor/builds/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("dep_info", bytes));

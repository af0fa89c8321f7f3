//! cargo's progress bar, and what else is on its standard error; see `hot-reload/src/supervisor/build/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("progress", bytes));

//! Fuzzes messages between programs of different builds; see `hot-reload/pod/src/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("translator", bytes));

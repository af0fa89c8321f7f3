//! Fuzzes tables of types, and bytes read by them; see `hot-reload/pod/src/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("layout", bytes));

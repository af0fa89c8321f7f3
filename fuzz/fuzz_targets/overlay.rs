//! Fuzzes text from other programs over the picture; see `hot-reload/src/overlay/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("overlay", bytes));

//! A renderer whose owner tells it whatever the bytes say; see `hot-reload/src/renderer/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("letters", bytes));

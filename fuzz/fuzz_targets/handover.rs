//! Fuzzes a renderer whose owner sends it arbitrary bytes; see
//! `hot-reload/src/renderer/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("handover", bytes));

//! Fuzzes files of snapshots; see `hot-reload/pod/src/snapshot/hostile.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("snapshot", bytes));

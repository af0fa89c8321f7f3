//! Fuzzes migrations with parked sets; see `hot-reload/pod/src/migrate/properties.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hot_reload::fuzzing::play("migration", bytes));

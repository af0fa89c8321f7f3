//! Entry points for the targets in `fuzz/` and for tests: everything here that reads untrusted bytes.

/// A name, and a function that takes any bytes and panics if a promise is broken.
pub type Target = (&'static str, fn(&[u8]));

/// The fuzz targets; each has its seeds in a folder of `fuzz/seeds/`.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    // Snapshot files, type tables, migrations with parked values, messages of another build.
    ("snapshot", crate::snapshot::play),
    ("layout", crate::hostile::play_layout),
    ("migration", crate::migrate::play),
    ("translator", crate::hostile::play_translator),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_seed_keeps_every_promise() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
        let mut broken = Vec::new();
        for (name, play) in super::TARGETS {
            let files = fs::read_dir(seeds.join(name)).unwrap_or_else(|it| panic!("{name}: {it}"));
            let files = files.map(|file| file.unwrap().path()).collect::<Vec<_>>();
            assert!(!files.is_empty(), "no seeds for {name}");
            for file in files {
                let bytes = fs::read(&file).unwrap();
                if std::panic::catch_unwind(|| play(&bytes)).is_err() {
                    broken.push(file);
                }
            }
        }
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

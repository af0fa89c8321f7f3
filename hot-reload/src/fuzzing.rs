//! Entry points for the targets in `fuzz/` and for tests: everything that reads untrusted bytes.

/// A name, and a function that takes any bytes and panics if a promise is broken.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets; each has its seeds in a folder of `fuzz/seeds/`.
#[rustfmt::skip]
const TARGETS: &[Target] = &[
    // An owner against a peer that writes whatever a script says.
    ("owner", crate::owner::hostile::play),
    // A renderer whose owner hands over arbitrary bytes.
    ("handover", crate::renderer::play),
    // Output and files of cargo and the compiler, and artifacts built by others.
    ("messages", crate::supervisor::hostile::play_messages),
    ("progress", crate::supervisor::hostile::play_progress),
    ("dep_info", crate::supervisor::hostile::play_dep_info),
    ("object", crate::supervisor::hostile::play_object),
    // Text of compilers and renderers in the overlay.
    ("overlay", crate::overlay::play),
    // Events of a terminal.
    #[cfg(feature = "terminal")]
    ("keys", crate::terminal::play),
];

/// The targets of the crate below, which has them only if it is compiled for fuzzing too.
#[cfg(fuzzing)]
use hot_reload_pod::fuzzing::TARGETS as TARGETS_BELOW;
#[cfg(not(fuzzing))]
const TARGETS_BELOW: &[Target] = &[];

/// Runs a target on some bytes.
///
/// # Panics
/// Panics if a promise is broken, or if there is no such target.
pub fn play(target: &str, bytes: &[u8]) {
    match TARGETS.iter().chain(TARGETS_BELOW).find(|(name, _)| *name == target) {
        Some((_, play)) => play(bytes),
        None => panic!("there is no target `{target}`"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_seed_keeps_every_promise() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
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

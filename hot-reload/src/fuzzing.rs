//! For the targets in `fuzz/`, and for tests: the doors to whatever reads bytes of other people.

/// A name, and what takes any bytes and panics where a promise is broken.
type Target = (&'static str, fn(&[u8]));

/// Seeds are in `fuzz/seeds/`, a folder each.
#[rustfmt::skip]
const TARGETS: &[Target] = &[
    // An owner against a peer that writes whatever a script says.
    ("owner", crate::owner::hostile::play),
    // A renderer whose owner tells it whatever some bytes say.
    ("letters", crate::renderer::play),
    // Files of snapshots, tables of types, migrations with what is parked, messages of another build.
    ("snapshot", crate::state::play_snapshot),
    ("layout", crate::state::hostile::play_layout),
    ("migration", crate::state::play_migration),
    ("translator", crate::state::hostile::play_translator),
    // What cargo and the compiler print and leave, and what somebody else has built.
    ("messages", crate::supervisor::hostile::play_messages),
    ("progress", crate::supervisor::hostile::play_progress),
    ("dep_info", crate::supervisor::hostile::play_dep_info),
    ("object", crate::supervisor::hostile::play_object),
    // Text of compilers and renderers over the picture.
    ("overlay", crate::overlay::play),
    // Events of a terminal.
    #[cfg(feature = "terminal")]
    ("keys", crate::terminal::play),
];

/// Gives bytes to a target.
///
/// # Panics
/// When a promise is broken, or there is no such target.
pub fn play(target: &str, bytes: &[u8]) {
    match TARGETS.iter().find(|(name, _)| *name == target) {
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

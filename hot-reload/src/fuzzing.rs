//! For the target in `fuzz/`, under `cfg(fuzzing)` only: the door to the owner's hostile peer.

/// Plays a script of a hostile peer against an owner, and panics when the owner does.
pub fn play(script: &[u8]) {
    crate::owner::hostile::play(script);
}

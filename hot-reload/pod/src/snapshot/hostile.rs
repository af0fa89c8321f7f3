//! Checks with forged snapshot files; shared by tests and fuzzing.

use super::file;
use super::{Parts, Snapshot};
use crate::owned_layout::Fnv;

/// Reads the bytes as a file, and as the header and bodies of a file with correct lengths and
/// checksum. Whatever is accepted is no larger than the input, and survives being saved and loaded.
pub(crate) fn play(bytes: &[u8]) {
    read(bytes);
    read(&sealed(bytes.to_vec()));
    let end = bytes.iter().position(|&byte| byte == 0);
    let (header, bodies) = bytes.split_at(end.unwrap_or(bytes.len()));
    let mut whole = b"hot-reload state\n\x01\0\0\0".to_vec();
    whole.extend_from_slice(&(header.len() as u64).to_le_bytes());
    whole.extend_from_slice(header);
    whole.extend_from_slice(bodies.get(1..).unwrap_or_default());
    read(&sealed(whole));
}

fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let mut hash = Fnv::default();
    hash.bytes(&file);
    file.extend_from_slice(&hash.0.to_le_bytes());
    file
}

fn read(file: &[u8]) {
    let parts = match file::parse(file) {
        Ok(parts) => parts,
        Err(reason) => return assert!(!reason.is_empty() && reason.len() < 1000 + file.len()),
    };
    let Parts { state, buffers, parked, canvas, .. } = &parts;
    let held = buffers.iter().map(|buffer| buffer.bytes.len()).sum::<usize>();
    let held = held + state.len() + parked.len() + canvas.pixels.len();
    assert!(held <= file.len(), "{held} bytes from a file of {}", file.len());
    let Ok(snapshot) = Snapshot::from_parts(parts) else { return };
    let saved = written(&snapshot);
    let again = match file::parse(&saved).and_then(Snapshot::from_parts) {
        Ok(again) => again,
        Err(reason) => panic!("what was saved cannot be loaded: {reason}"),
    };
    let bytes = |it: &Snapshot| {
        let Parts { application, state, buffers, parked, canvas, tick, time, .. } = it.parts();
        let buffers = buffers.iter().map(|it| (it.name.clone(), it.len, it.bytes.clone()));
        let buffers = buffers.collect::<Vec<_>>();
        let rest = (parked.clone(), canvas.clone(), *tick, *time);
        (application.clone(), state.clone(), buffers, rest)
    };
    assert_eq!(bytes(&again), bytes(&snapshot), "saved and loaded");
    assert!(again.layout().agrees(snapshot.layout()), "saved and loaded");
    assert!(written(&again) == saved, "saved once more");
    look(&snapshot);
}

fn written(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = file::write(snapshot.parts(), &mut bytes);
    assert!(written.is_ok(), "{written:?}");
    bytes
}

/// Shows a snapshot in every possible way; its text must have a bounded length.
pub(crate) fn look(snapshot: &Snapshot) {
    let text = snapshot.to_string();
    assert!(text.len() <= 40_200 * 4000, "{} bytes", text.len());
    let json = snapshot.to_json();
    let _ = (snapshot.get::<u32>(""), snapshot.get::<bool>("a"));
    let Some(state) = json["state"].as_object() else { return };
    for name in state.keys().filter(|name| name.chars().all(char::is_alphanumeric)).take(16) {
        if let Some(part) = snapshot.find(name) {
            let state = &snapshot.parts().state;
            assert_eq!(part.bytes(), &state[part.range()], "the part `{name}`");
        }
    }
}

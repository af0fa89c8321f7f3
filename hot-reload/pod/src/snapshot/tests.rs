//! Snapshot files: complete, damaged, foreign.

use super::*;
use crate::values::random::Random;
use proptest::prelude::*;
use std::path::PathBuf;
use std::{env, fs, process};

/// A test's own folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("hot-reload-{name}-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().flatten();
        entries.map(|it| it.file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns parts that use everything a file can hold.
fn whole() -> Parts {
    Parts {
        application: "my-renderer".to_owned(),
        layout: OwnedLayout::from(<(u32, bool)>::LAYOUT),
        state: vec![7, 0, 0, 0, 1, 0, 0, 0],
        buffers: vec![
            SavedBuffer {
                name: "cells".to_owned(),
                element: OwnedLayout::from(u16::LAYOUT),
                len: 3,
                bytes: vec![1, 0, 2, 0, 3, 0],
            },
            SavedBuffer {
                name: "nothing".to_owned(),
                element: OwnedLayout::from(<()>::LAYOUT),
                len: usize::MAX,
                bytes: vec![],
            },
        ],
        parked: b"parked".to_vec(),
        canvas: SavedCanvas { width: 2, height: 1, pixels: vec![1, 2, 3, 4, 5, 6, 7, 8] },
        tick: 120,
        time: Duration::new(2, 500_000_001),
    }
}

fn saved(parts: Parts, name: &str) -> Vec<u8> {
    let folder = Folder::new(name);
    let path = folder.0.join("it.state");
    Snapshot::from_parts(parts).unwrap().save(&path).unwrap();
    assert_eq!(folder.names(), ["it.state"], "no temporary file is left");
    fs::read(&path).unwrap()
}

fn parsed(bytes: &[u8]) -> Result<Snapshot, String> {
    file::parse(bytes).and_then(Snapshot::from_parts)
}

/// Builds a file with a correct checksum around any header and bodies.
fn sealed(version: u32, header: &str, bodies: &[u8]) -> Vec<u8> {
    let mut bytes = b"hot-reload state\n".to_vec();
    bytes.extend(version.to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend([header.as_bytes(), bodies].concat());
    seal(bytes)
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut hash = crate::owned_layout::Fnv::default();
    hash.bytes(&bytes);
    bytes.extend(hash.0.to_le_bytes());
    bytes
}

/// Splits a saved file into the header, as text, and the bytes after it.
fn split(file: &[u8]) -> (String, Vec<u8>) {
    let len = u64::from_le_bytes(file[21..29].try_into().unwrap());
    let (header, rest) = file[29..].split_at(usize::try_from(len).unwrap());
    (String::from_utf8(header.to_vec()).unwrap(), rest[..rest.len() - 8].to_vec())
}

#[test]
fn everything_that_was_saved_is_loaded() {
    let snapshot = parsed(&saved(whole(), "whole")).unwrap();
    let (found, wanted) = (snapshot.parts(), whole());
    assert_eq!(found.application, wanted.application);
    assert_eq!(found.layout.to_string(), wanted.layout.to_string());
    assert!(found.layout.agrees(&wanted.layout));
    assert_eq!(found.state, wanted.state);
    assert_eq!((found.tick, found.time), (wanted.tick, wanted.time));
    assert_eq!((&found.parked, &found.canvas), (&wanted.parked, &wanted.canvas));
    assert_eq!(found.buffers.len(), 2);
    for (found, wanted) in found.buffers.iter().zip(&wanted.buffers) {
        assert_eq!((&found.name, found.len), (&wanted.name, wanted.len));
        assert_eq!(found.bytes, wanted.bytes);
        assert!(found.element.agrees(&wanted.element));
    }
    assert_eq!(
        snapshot.to_string(),
        "`my-renderer` at tick 120, 2.500000001s: 8 bytes
state: (u32, bool) = (7, true)
extra buffer `cells`: [u16; 3] = [1, 2, 3]
extra buffer `nothing`: [(); 18446744073709551615] = []
kept canvas: 2 x 1 pixels
kept values: 6 bytes"
    );
    assert_eq!(
        snapshot.to_json().to_string(),
        r#"{"application":"my-renderer","buffers":{"cells":[1,2,3],"nothing":[]},"state":[7,true],"tick":120,"time":2.500000001}"#
    );
}

#[test]
fn a_file_that_ends_too_early_or_too_late_is_refused() {
    let file = saved(whole(), "early");
    for len in 0..file.len() {
        let reason = parsed(&file[..len]).unwrap_err();
        let wanted = if len < 17 { "not a state saved by hot-reload" } else { "is damaged" };
        assert!(reason.contains(wanted), "{len} bytes: {reason}");
    }
    let longer = [&file[..], &[0]].concat();
    assert!(parsed(&longer).unwrap_err().contains("is damaged"));
    // Even if the checksum is correct: the header gives the length of the rest.
    let (header, bodies) = split(&file);
    assert!(parsed(&sealed(2, &header, &bodies)).is_ok());
    for bodies in [&bodies[1..], &[&bodies[..], &[0]].concat()] {
        assert!(parsed(&sealed(2, &header, bodies)).unwrap_err().contains("is damaged"));
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let mut file = saved(whole(), "bits");
    for bit in 0..file.len() * 8 {
        file[bit / 8] ^= 1 << (bit % 8);
        let reason = parsed(&file).unwrap_err();
        let wanted = match bit / 8 {
            0..17 => "not a state saved by hot-reload",
            17..21 => "its format is version",
            _ => "is damaged",
        };
        assert!(reason.contains(wanted), "bit {bit}: {reason}");
        file[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn a_file_of_another_version_or_machine_says_so() {
    let (header, bodies) = split(&saved(whole(), "version"));
    assert_eq!(
        parsed(&sealed(3, &header, &bodies)).unwrap_err(),
        "its format is version 3, not 2; load it with the version of hot-reload that saved it"
    );
    let other = if cfg!(target_endian = "big") { "little" } else { "big" };
    let header_of_other = header.replace(if other == "big" { "little" } else { "big" }, other);
    let reason = parsed(&sealed(2, &header_of_other, &bodies)).unwrap_err();
    assert!(reason.starts_with(&format!("its byte order is {other}-endian, this")), "{reason}");
}

#[test]
fn a_file_of_version_1_is_loaded_unless_it_has_parked_values() {
    let (header, bodies) = split(&saved(whole(), "version-1"));
    let reason = parsed(&sealed(1, &header, &bodies)).unwrap_err();
    assert!(reason.starts_with("its format is version 1, not 2; "), "{reason}");
    let none_parked = Parts { parked: Vec::new(), ..whole() };
    let (header, bodies) = split(&saved(none_parked, "version-1-nothing-parked"));
    assert_eq!(parsed(&sealed(1, &header, &bodies)).unwrap().parts().state, whole().state);
}

#[test]
fn headers_that_lie_are_refused() {
    let (header, bodies) = split(&saved(whole(), "lies"));
    let lie = |from: &str, to: &str| {
        assert!(header.contains(from), "{header}");
        parsed(&sealed(2, &header.replace(from, to), &bodies)).unwrap_err()
    };
    assert!(lie("\"parked\":6", "\"parked\":18446744073709551615").contains("is damaged"));
    assert!(lie("\"len\":3", "\"len\":18446744073709551615").contains("is damaged"));
    assert!(lie("\"parked\":6", "\"parked\":-6").contains("header is invalid"));
    assert!(lie("\"size\":8", "\"size\":4").contains("header is invalid"));
    let told = "the canvas has 8 bytes, not 16";
    assert_eq!(lie("\"width\":2", "\"width\":4"), told);
    assert!(lie("\"height\":1", "\"height\":4294967295").contains("the canvas"));
    // A header longer than the file, up to the maximum length.
    for len in [u64::MAX, u64::MAX / 2, 1 << 40, header.len() as u64 + bodies.len() as u64 + 1] {
        let mut bytes = b"hot-reload state\n\x01\0\0\0".to_vec();
        bytes.extend(len.to_le_bytes());
        bytes.extend(header.as_bytes());
        assert!(parsed(&seal(bytes)).unwrap_err().contains("is damaged"), "{len}");
    }
}

#[test]
fn parts_that_do_not_fit_together_make_no_snapshot() {
    let mut parts = whole();
    parts.state.pop();
    assert_eq!(Snapshot::from_parts(parts).unwrap_err(), "the state has 7 bytes, not 8");
    let mut parts = whole();
    parts.buffers[0].len = 4;
    let told = "the extra buffer `cells` has 6 bytes, not 8";
    assert_eq!(Snapshot::from_parts(parts).unwrap_err(), told);
    let mut parts = whole();
    parts.canvas.pixels.clear();
    assert!(Snapshot::from_parts(parts).is_ok(), "a size without contents");
}

#[test]
fn a_part_comes_out_as_the_type_that_it_is() {
    let snapshot = Snapshot::from_parts(whole()).unwrap();
    assert_eq!(snapshot.get("0"), Some(7_u32));
    assert_eq!(snapshot.get("1"), Some(true));
    assert_eq!(snapshot.get(""), Some((7_u32, true)));
    assert_eq!(snapshot.get("0"), Some(7_i64), "another type that holds it");
    assert_eq!(snapshot.get::<char>("1"), None, "another type that does not");
    assert_eq!(snapshot.get::<u32>("2"), None);
    let mut parts = whole();
    parts.state[4] = 2;
    assert_eq!(Snapshot::from_parts(parts).unwrap().get::<bool>("1"), None, "2 is no bool");
}

#[test]
fn names_in_a_file_give_no_orders_to_a_terminal() {
    let (header, bodies) = split(&saved(whole(), "names"));
    let mut hostile = header;
    for (name, other) in [
        ("my-renderer", "my\\u001b[2J"),
        ("\"cells\"", "\"ce\\u009b2Jlls\""),
        ("\"tuple\"", "\"Sta\\u001b]0;x\\u0007te\""),
        ("\"name\":\"0\"", "\"name\":\"sc\\u001b[31more\\nforged: u8 = 1\""),
        ("\"name\":\"1\"", "\"name\":\"\\u202eeman\""),
    ] {
        assert!(hostile.contains(name), "{name} in {hostile}");
        hostile = hostile.replace(name, other);
    }
    let snapshot = parsed(&sealed(2, &hostile, &bodies)).unwrap();
    let shown = [snapshot.to_string(), snapshot.layout().to_string()];
    for text in &shown {
        let acts = |it: char| it.is_control() && it != '\n' || it == '\u{202e}';
        assert!(!text.contains(acts), "{text:?}");
        assert!(text.contains("sc\\u{1b}[31more\\nforged: u8 = 1: u32"), "{text}");
    }
    assert!(shown[0].starts_with("`my\\u{1b}[2J` at tick 120"), "{}", shown[0]);
    assert_eq!(shown[0].lines().count(), 8, "no line is forged: {}", shown[0]);

    // Error messages quote the file, and must be escaped as well.
    let folder = Folder::new("words");
    let path = folder.0.join("it.state");
    let wrong = hostile.replace("\"byte_order\":\"", "\"byte_order\":\"\\u001b[2J");
    fs::write(&path, sealed(2, &wrong, &bodies)).unwrap();
    let error = Snapshot::load(&path).unwrap_err().to_string();
    assert!(error.contains("\\u{1b}[2J") && !error.contains('\u{1b}'), "{error:?}");
}

proptest! {
    #[test]
    fn no_file_brings_the_loader_down(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        version in prop::option::weighted(0.9, Just(2_u32)),
    ) {
        prop_assert!(parsed(&bytes).is_err());
        let after_magic = seal([b"hot-reload state\n", &bytes[..]].concat());
        prop_assert!(parsed(&after_magic).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(parsed(&sealed(version.unwrap_or(7), &text, &bytes)).is_err());
    }

    #[test]
    fn any_change_of_a_file_with_a_right_checksum_is_an_error_or_a_snapshot(
        changes in prop::collection::vec((21_usize..3000, any::<u8>()), 1..4),
        seed: u64,
    ) {
        let mut random = Random::new(seed);
        let layout = random.layout();
        let state = random.bytes(layout.size());
        let parts = Parts { layout, state, buffers: vec![], ..whole() };
        let folder = Folder::new("changes");
        let path = folder.0.join("it.state");
        Snapshot::from_parts(parts).unwrap().save(&path).unwrap();
        let mut file = fs::read(&path).unwrap();
        file.truncate(file.len() - 8);
        for (index, byte) in changes {
            let index = 21 + index % (file.len() - 21);
            file[index] = byte;
        }
        if let Ok(snapshot) = parsed(&seal(file)) {
            let _ = (snapshot.to_string(), snapshot.to_json());
        }
    }
}

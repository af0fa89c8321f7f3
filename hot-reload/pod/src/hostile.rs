//! Checks with forged layouts, and with messages in them; shared by tests and fuzzing.

use super::internal::{Parts, SavedCanvas, Translator};
use super::migrate::{blank_of, pair};
use super::owned_layout::{Node, NodeId};
use super::snapshot::look;
use super::values::random::Random;
use super::values::validate;
use super::{OwnedLayout, Snapshot};
use std::time::Duration;

/// Limit on the size in bytes of the states made here.
const LARGEST: usize = 1 << 16;
/// Limit on the parts of a layout that are inspected.
const PARTS: usize = 64;

/// Reads the bytes as a table of types. An accepted table survives a round trip unchanged, each of
/// its types is a layout of its own, and any bytes can be shown with it.
pub(crate) fn play_layout(bytes: &[u8]) {
    let end = bytes.iter().position(|&byte| byte == 0);
    let (json, values) = bytes.split_at(end.unwrap_or(bytes.len()));
    let Ok(layout) = serde_json::from_slice::<OwnedLayout>(json) else { return };
    travels(&layout);
    let NodeId(root) = layout.root();
    for id in (0..=root).rev().take(PARTS).map(NodeId) {
        let part = layout.part(id);
        assert_eq!(part.fingerprint(), layout.fingerprint_of(id), "a part of\n{layout}");
        assert_eq!(part.size(), layout.node(id).size);
        travels(&part);
    }
    let tree = layout.to_string();
    assert!(tree.len() <= 20_100 * 3000, "{} bytes", tree.len());
    if layout.size() > LARGEST {
        return;
    }
    let mut state = blank_of(&layout, layout.root());
    shown(&layout, &state);
    let values = values.iter().skip(1);
    state.iter_mut().zip(values).for_each(|(place, &byte)| *place = byte);
    shown(&layout, &state);
}

fn travels(layout: &OwnedLayout) {
    let json = match serde_json::to_string(layout) {
        Ok(json) => json,
        Err(error) => panic!("it cannot be written: {error}"),
    };
    let again: OwnedLayout = match serde_json::from_str(&json) {
        Ok(again) => again,
        Err(error) => panic!("what was accepted is refused: {error}\n{json}"),
    };
    assert!(again.agrees(layout), "{json}");
    assert_eq!(Vec::<Node>::from(again), Vec::<Node>::from(layout.clone()));
}

/// Shows bytes as a state, valid or not.
fn shown(layout: &OwnedLayout, state: &[u8]) {
    let _ = validate(layout, layout.root(), state);
    let parts = Parts {
        application: String::new(),
        layout: layout.clone(),
        state: state.to_vec(),
        buffers: Vec::new(),
        parked: Vec::new(),
        canvas: SavedCanvas::default(),
        tick: 0,
        time: Duration::ZERO,
    };
    match Snapshot::from_parts(parts) {
        Ok(snapshot) => look(&snapshot),
        Err(reason) => panic!("{reason}"),
    }
}

/// Translates messages from one layout to another. Whatever the input, the output is a valid value
/// of the target layout, and the same each time.
pub(crate) fn play_translator(bytes: &[u8]) {
    let random = &mut Random::from_bytes(bytes);
    let (from, to) = match random.below(4) {
        0 => (random.layout(), pair(random).1),
        _ => pair(random),
    };
    let mut translator = Translator::new(&from, &to);
    assert_eq!(translator.size(), from.size());
    let same = from.agrees(&to);
    assert!(translator.differences().iter().all(|line| !line.is_empty()));
    for _ in 0..1 + random.below(4) {
        let message = random.bytes(from.size());
        let Some(translated) = translator.translate(&message).map(<[u8]>::to_vec) else {
            assert!(!same, "the same layout cannot be translated");
            continue;
        };
        assert!(!translator.is_off(), "nothing can be translated");
        assert_eq!(translator.translate(&message), Some(&translated[..]), "once more");
        if same {
            assert_eq!(translated, message);
            continue;
        }
        let found = validate(&to, to.root(), &translated);
        assert_eq!(found, Ok(()), "{from}\n{to}\n{message:?}");
    }
}

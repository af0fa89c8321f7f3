//! Incoming bytes: values that `check` accepts can be read and changed without a panic, and are in
//! order after `settle`.

use super::*;
use crate::{Role, SharedState, blank, bytes::load};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() }
}

/// Generates mostly small numbers, so that they are often indices.
fn words(len: usize) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![8 => 0..6_u32, 1 => any::<u32>(), 1 => Just(u32::MAX)];
    prop::collection::vec(word, len.div_ceil(4)).prop_map(move |words| {
        let mut bytes = words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>();
        bytes.truncate(len);
        bytes
    })
}

fn bytes_of<T: SharedState>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0xff; size_of::<T>()];
    value.write_bytes(&mut bytes);
    bytes
}

/// Returns the value in some bytes, if they are valid.
fn accepted<T: SharedState>(bytes: &[u8]) -> Option<T> {
    let mut value = blank();
    load(&mut value, bytes).ok().map(|()| value)
}

type Small = Pool<u32, 5>;

/// Checks properties that hold for every pool, in order or not.
fn reads_well(pool: &Small) {
    let here = pool.iter().map(|(handle, value)| (handle, *value)).collect::<Vec<_>>();
    assert_eq!(here.iter().map(|it| it.0).collect::<HashSet<_>>().len(), here.len());
    assert!(here.iter().all(|(handle, value)| pool.get(*handle) == Some(value)));
    assert!(pool.iter().rev().eq(here.iter().rev().map(|(handle, value)| (*handle, value))));
    assert!(pool.len() <= 5 && pool.capacity() == 5 && format!("{pool:?}").starts_with('{'));
    assert_eq!(pool.is_full(), pool.len() == 5);
    assert!(pool.handles().all(|it| pool.handle_at(it.index()) == Some(it) && pool.contains(it)));
}

/// Inserts and removes values in a pool in any condition. No value may be lost.
fn writes_well(mut pool: Small, rounds: usize) {
    for round in 0..rounds {
        let before = pool.iter().map(|(handle, value)| (handle, *value)).collect::<Vec<_>>();
        if let Ok(new) = pool.insert(77) {
            assert!(before.iter().all(|it| it.0.index() != new.index()));
            assert_eq!(pool.get(new), Some(&77));
        }
        assert!(before.iter().all(|(handle, value)| pool.get(*handle) == Some(value)));
        reads_well(&pool);
        if let Some(last) = pool.handles().nth(round % 3) {
            assert!(pool.remove(last).is_some() && !pool.contains(last));
        }
        reads_well(&pool);
    }
    let mut kept = pool;
    kept.retain(|handle, _| handle.index() % 2 == 0);
    assert!(kept.handles().all(|handle| handle.index() % 2 == 0 && pool.contains(handle)));
    pool.clear();
    assert!(pool.is_empty() && pool.iter().next().is_none());
    assert_eq!((0..6).filter(|it| pool.insert(*it).is_ok()).count(), 5);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_a_pool_that_works(bytes in words(size_of::<Small>())) {
        let pool = accepted::<Small>(&bytes).expect("any bytes");
        reads_well(&pool);
        writes_well(pool, 7);
        let mut settled = pool;
        settled.settle();
        assert_eq!(settled, pool, "what is there stays");
        assert_eq!(settled.len(), settled.iter().count());
        for free in (0..5 - settled.len()).rev() {
            let new = settled.insert(1).expect("a free slot");
            assert!(pool.handle_at(new.index()).is_none());
            assert_eq!(settled.is_full(), free == 0);
        }
        assert_eq!(settled.insert(1), Err(Full(1)));
        reads_well(&settled);
    }

    #[test]
    fn a_settled_pool_stays_as_it_is(bytes in words(size_of::<Small>())) {
        let mut pool = accepted::<Small>(&bytes).expect("any bytes");
        pool.settle();
        for change in [0, 1, 2] {
            let before = bytes_of(&pool);
            pool.settle();
            assert_eq!(bytes_of(&pool), before);
            let first = pool.handles().next();
            match (change, first) {
                (0, Some(first)) => _ = pool.remove(first),
                _ => _ = pool.insert(3),
            }
        }
    }

    #[test]
    fn what_is_accepted_as_a_ring_works(bytes in words(size_of::<Ring<u8, 5>>()), head: u8, len: u8) {
        let mut bytes = bytes;
        bytes[..8].copy_from_slice(&u64::from(head % 7).to_ne_bytes());
        bytes[8..16].copy_from_slice(&u64::from(len % 7).to_ne_bytes());
        let Some(mut ring) = accepted::<Ring<u8, 5>>(&bytes) else {
            assert!(head % 7 > 4 || len % 7 > 5);
            return Ok(());
        };
        let elements = ring.iter().copied().collect::<Vec<_>>();
        assert_eq!(elements.len(), usize::from(len % 7));
        assert_eq!(ring.make_contiguous(), &elements);
        ring.push_back_overwriting(9);
        ring.push_front(8).unwrap_or_default();
        assert_eq!(ring.back(), Some(&9));
    }

    #[test]
    fn any_entries_are_a_map_that_can_be_read(
        entries in prop::collection::vec((0..8_u8, any::<u8>()), 0..6),
        (key, from, to) in (0..9_u8, 0..9_u8, 0..9_u8),
    ) {
        let mut bytes = entries.len().to_ne_bytes().to_vec();
        bytes.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
        bytes.resize(size_of::<FixedMap<u8, u8, 8>>(), 7);
        let mut map = accepted::<FixedMap<u8, u8, 8>>(&bytes).expect("any order");
        assert!(map.iter().eq(entries.iter().map(|(key, value)| (key, value))));
        assert!(map.range(from..to).count() <= map.len() && map.range(from..=to).len() <= map.len());
        assert!(map.get(&key).is_none_or(|value| entries.contains(&(key, *value))));
        let mut changed = map;
        assert_eq!(changed.insert(key, 1).map(|_| changed.get(&key).copied()), Ok(Some(1)));
        _ = (changed.remove(&key), changed.pop_first(), changed.pop_last());
        map.settle();
        // In reverse, so that the first of equal keys wins.
        let first = entries.iter().rev().copied().collect::<BTreeMap<_, _>>();
        assert!(map.iter().eq(&first), "{map:?} of {entries:?}");
        let before = bytes_of(&map);
        map.settle();
        assert_eq!(bytes_of(&map), before);
    }
}

#[test]
fn a_slot_whose_count_is_exhausted_begins_anew() {
    let mut bytes = bytes_of(&Small::new());
    bytes[..4].copy_from_slice(&(u32::MAX - 1).to_ne_bytes());
    let mut pool = accepted::<Small>(&bytes).expect("any bytes");
    let last = pool.insert(1).unwrap();
    assert_eq!((last.index(), pool.remove(last)), (0, Some(1)));
    let first = pool.insert(2).unwrap();
    assert!(first != last && !first.is_none());
    assert_eq!((first.index(), pool.get(first), pool.get(last)), (0, Some(&2), None));
}

#[test]
fn each_collection_says_what_its_fields_mean() {
    let roles = [
        (FixedVec::<u8, 1>::LAYOUT, Role::List, false),
        (FixedString::<1>::LAYOUT, Role::Text, false),
        (FixedOption::<u8>::LAYOUT, Role::Option, false),
        (Ring::<u8, 1>::LAYOUT, Role::Ring, false),
        (FixedMap::<u8, u8, 1>::LAYOUT, Role::Map, FixedMap::<u8, u8, 1>::SETTLES),
        (Pool::<u8, 1>::LAYOUT, Role::Pool, Pool::<u8, 1>::SETTLES),
        (Grid::<u8, 1, 1>::LAYOUT, Role::Plain, false),
        (Handle::<u8>::LAYOUT, Role::Plain, false),
    ];
    for (layout, role, settles) in roles {
        assert_eq!(layout.role, role, "{layout}");
        assert_eq!(settles, matches!(role, Role::Map | Role::Pool), "{layout}");
        // Reading a layout checks that it has the fields of its role.
        let written = serde_json::to_string(&crate::OwnedLayout::from(layout)).unwrap();
        assert!(serde_json::from_str::<crate::OwnedLayout>(&written).is_ok(), "{layout}");
    }
    const { assert!(!FixedVec::<u8, 2>::SETTLES && <FixedVec<Small, 2>>::SETTLES) };
    const { assert!(<FixedOption<Small>>::SETTLES && <Grid<Small, 2, 2>>::SETTLES) };
}

#[test]
fn what_is_within_others_is_settled_as_well() {
    let mut bytes = bytes_of(&Grid::<Small, 2, 1>::new());
    let last_generation = bytes.len() - size_of::<Small>();
    bytes[last_generation..last_generation + 4].copy_from_slice(&1_u32.to_ne_bytes());
    let mut pools = accepted::<Grid<Small, 2, 1>>(&bytes).expect("any bytes");
    assert_eq!(pools[(1, 0)].len(), 0);
    pools.settle();
    assert_eq!(pools[(1, 0)].len(), 1);
}

//! Tests of `FixedMap` against `BTreeMap`.

use crate::{accepted, config, hash};
use hot_reload::{
    FixedString, SharedState,
    collections::{FixedMap, Full},
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Bound;

#[derive(Debug, Clone)]
enum Op {
    Insert(u8, u32),
    GetOrInsert(u8, u32),
    AddTo(u8, u32),
    Remove(u8),
    PopFirst,
    PopLast,
    Retain(u8),
    DoubleRange(Bound<u8>, Bound<u8>),
    DoubleAll,
    Clear,
}

fn bound() -> impl Strategy<Value = Bound<u8>> {
    prop_oneof![
        (0..9_u8).prop_map(Bound::Included),
        (0..9_u8).prop_map(Bound::Excluded),
        Just(Bound::Unbounded)
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let (key, value) = (0..9_u8, 0..1000_u32);
    let entry = (key.clone(), value);
    prop_oneof![
        6 => entry.clone().prop_map(|(key, value)| Op::Insert(key, value)),
        4 => entry.clone().prop_map(|(key, value)| Op::GetOrInsert(key, value)),
        2 => entry.prop_map(|(key, value)| Op::AddTo(key, value)),
        4 => key.clone().prop_map(Op::Remove),
        1 => Just(Op::PopFirst),
        1 => Just(Op::PopLast),
        1 => key.prop_map(Op::Retain),
        2 => (bound(), bound()).prop_map(|(from, to)| Op::DoubleRange(from, to)),
        1 => Just(Op::DoubleAll),
        1 => Just(Op::Clear),
    ]
}

/// Returns whether `std` accepts the range; it panics for others.
fn is_range(range: &(Bound<u8>, Bound<u8>)) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match *range {
        (Unbounded, _) | (_, Unbounded) => true,
        (Excluded(from), Excluded(to)) => from < to,
        (Included(from) | Excluded(from), Included(to) | Excluded(to)) => from <= to,
    }
}

/// Applies an operation to both, and compares the results.
fn apply<const N: usize>(op: Op, map: &mut FixedMap<u8, u32, N>, model: &mut BTreeMap<u8, u32>) {
    let fits = |model: &BTreeMap<u8, u32>, key| model.len() < N || model.contains_key(&key);
    match op {
        Op::Insert(key, value) if fits(model, key) => {
            assert_eq!(map.insert(key, value), Ok(model.insert(key, value)));
        }
        Op::Insert(key, value) => assert_eq!(map.insert(key, value), Err(Full((key, value)))),
        Op::GetOrInsert(key, value) if fits(model, key) => {
            let place = map.get_or_insert_with(key, || value).expect("it fits");
            *place += 1;
            let expected = model.entry(key).or_insert(value);
            *expected += 1;
            assert_eq!(place, expected);
        }
        Op::GetOrInsert(key, _) => {
            assert_eq!(map.get_or_insert_with(key, || panic!("called")), Err(Full(key)));
        }
        Op::AddTo(key, more) => {
            let (place, expected) = (map.get_mut(&key), model.get_mut(&key));
            assert_eq!(place, expected);
            if let (Some(place), Some(expected)) = (place, expected) {
                (*place, *expected) = (*place + more, *expected + more);
            }
        }
        Op::Remove(key) => assert_eq!(map.remove_entry(&key), model.remove_entry(&key)),
        Op::PopFirst => assert_eq!(map.pop_first(), model.pop_first()),
        Op::PopLast => assert_eq!(map.pop_last(), model.pop_last()),
        Op::Retain(least) => {
            let keep = |key: &u8, value: &mut u32| {
                *value += 1;
                *key >= least
            };
            map.retain(keep);
            model.retain(keep);
        }
        Op::DoubleRange(from, to) if is_range(&(from, to)) => {
            assert!(map.range((from, to)).eq(model.range((from, to))));
            assert!(map.range((from, to)).rev().eq(model.range((from, to)).rev()));
            map.range_mut((from, to)).for_each(|(_, value)| *value *= 2);
            model.range_mut((from, to)).for_each(|(_, value)| *value *= 2);
        }
        Op::DoubleRange(from, to) => assert_eq!(map.range((from, to)).len(), 0),
        Op::DoubleAll => {
            map.iter_mut().for_each(|(_, value)| *value *= 2);
            model.iter_mut().for_each(|(_, value)| *value *= 2);
            map.values_mut().for_each(|value| *value %= 1000);
            model.values_mut().for_each(|value| *value %= 1000);
        }
        Op::Clear => {
            map.clear();
            model.clear();
        }
    }
}

fn behaves_as_btree_map<const N: usize>(ops: &[Op]) {
    let (mut map, mut model) = (FixedMap::<u8, u32, N>::new(), BTreeMap::new());
    for op in ops {
        apply(op.clone(), &mut map, &mut model);
        assert!(map.iter().eq(&model), "{map:?}, not {model:?}, after {op:?}");
        assert!(map.iter().rev().eq(model.iter().rev()) && map.into_iter().eq(model.clone()));
        assert!(map.keys().eq(model.keys()) && map.values().eq(model.values()));
        assert_eq!((map.len(), map.capacity()), (model.len(), N));
        assert_eq!((map.is_empty(), map.is_full()), (model.is_empty(), model.len() == N));
        assert_eq!(map.first_key_value(), model.first_key_value());
        assert_eq!(map.last_key_value(), model.last_key_value());
        for key in 0..9 {
            assert_eq!(map.get_key_value(&key), model.get_key_value(&key));
            assert_eq!(map.contains_key(&key), model.contains_key(&key));
        }
        accepted(&map);
        let before = map;
        map.settle();
        assert_eq!(map, before);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_map_behaves_as_a_btree_map(ops in prop::collection::vec(op(), 0..40)) {
        behaves_as_btree_map::<6>(&ops);
        behaves_as_btree_map::<1>(&ops);
        behaves_as_btree_map::<0>(&ops);
    }
}

#[test]
fn a_text_is_looked_up_by_a_str() {
    let mut map = FixedMap::<FixedString<8>, u8, 4>::new();
    map.insert("b".parse().unwrap(), 1).unwrap();
    map.insert("a".parse().unwrap(), 2).unwrap();
    assert_eq!((map["a"], map["b"], map.get("c")), (2, 1, None));
    assert_eq!((map.remove("a"), map.len()), (Some(2), 1));
}

#[test]
#[should_panic(expected = "no entry has this key")]
fn a_key_that_is_not_there_panics() {
    let _ = FixedMap::<u8, u8, 4>::new()[&3];
}

#[test]
fn maps_are_compared_by_their_entries() {
    let one = FixedMap::<u8, u8, 4>::try_from([(2, 1), (1, 1), (2, 3)]).unwrap();
    let other = FixedMap::<u8, u8, 9>::try_from([(1, 1), (2, 3)]).unwrap();
    assert_eq!(one, other);
    assert_eq!(hash(&one), hash(&other));
    assert_ne!(one, FixedMap::<u8, u8, 4>::try_from([(1, 1), (2, 4)]).unwrap());
    let entries = [(1, 1), (2, 2), (3, 3)];
    assert_eq!(FixedMap::<u8, u8, 2>::try_from(entries), Err(Full(entries)));
    assert_eq!(format!("{one:?}"), "{1: 1, 2: 3}");
}

#[test]
fn a_map_to_nothing_is_a_set_that_a_state_may_contain() {
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct State {
        seen: FixedMap<u32, (), 4>,
    }
    let mut state = State { seen: FixedMap::new() };
    for (key, new) in [(7, true), (9, true), (7, false)] {
        assert_eq!(state.seen.insert(key, ()).unwrap().is_none(), new, "{key}");
    }
    assert!(state.seen.contains_key(&9) && !state.seen.contains_key(&8));
    assert_eq!(state.seen.keys().copied().collect::<Vec<_>>(), [7, 9]);
}

//! Tests of `Pool` against a `HashMap` from handles to values that remembers every handle ever
//! returned.

use crate::{accepted, config};
use hot_reload::{
    SharedState,
    collections::{Full, Handle, Pool},
    layout::{Kind, Layout},
};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, Clone)]
enum Op {
    Insert(u32),
    /// Removes a value by one of all handles ever returned.
    Remove(Index),
    AddTo(Index, u32),
    Exchange(Index, Index),
    Retain(u32),
    AddToAll(u32),
    Settle,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..100_u32).prop_map(Op::Insert),
        6 => any::<Index>().prop_map(Op::Remove),
        2 => (any::<Index>(), 0..100_u32).prop_map(|(which, more)| Op::AddTo(which, more)),
        2 => any::<(Index, Index)>().prop_map(|(one, other)| Op::Exchange(one, other)),
        1 => (0..100_u32).prop_map(Op::Retain),
        1 => (0..100_u32).prop_map(Op::AddToAll),
        1 => Just(Op::Settle),
        1 => Just(Op::Clear),
    ]
}

#[derive(Default)]
struct Model {
    values: HashMap<Handle<u32>, u32>,
    /// All handles ever returned, and one that never was.
    handles: Vec<Handle<u32>>,
}

impl Model {
    fn handle(&self, which: Index) -> Handle<u32> {
        self.handles.get(which.index(self.handles.len() + 1)).copied().unwrap_or_default()
    }
}

/// Applies an operation to both, and compares the results.
fn apply<const N: usize>(op: Op, pool: &mut Pool<u32, N>, model: &mut Model) {
    match op {
        Op::Insert(value) => match pool.insert(value) {
            Ok(handle) => {
                assert!(model.values.len() < N);
                assert!(!model.handles.contains(&handle), "{handle:?} was handed out before");
                model.values.insert(handle, value);
                model.handles.push(handle);
            }
            Err(Full(back)) => assert_eq!((back, model.values.len()), (value, N)),
        },
        Op::Remove(which) => {
            let handle = model.handle(which);
            assert_eq!(pool.remove(handle), model.values.remove(&handle));
        }
        Op::AddTo(which, more) => {
            let handle = model.handle(which);
            let (place, expected) = (pool.get_mut(handle), model.values.get_mut(&handle));
            assert_eq!(place, expected);
            if let (Some(place), Some(expected)) = (place, expected) {
                (*place, *expected) = (*place + more, *expected + more);
            }
        }
        Op::Exchange(one, other) => {
            let handles = [model.handle(one), model.handle(other)];
            let there = handles.iter().all(|it| model.values.contains_key(it));
            match pool.get_disjoint_mut(handles) {
                Some([one, other]) => {
                    assert!(there && handles[0] != handles[1]);
                    std::mem::swap(one, other);
                    let [one, other] = handles.map(|it| model.values[&it]);
                    model.values.insert(handles[0], other);
                    model.values.insert(handles[1], one);
                }
                None => assert!(!there || handles[0] == handles[1]),
            }
        }
        Op::Retain(least) => {
            pool.retain(|handle, value| {
                assert_eq!(model.values.get(&handle), Some(&*value));
                *value >= least
            });
            model.values.retain(|_, value| *value >= least);
        }
        Op::AddToAll(more) => {
            pool.values_mut().for_each(|value| *value += more);
            pool.iter_mut().for_each(|(_, value)| *value += more);
            model.values.values_mut().for_each(|value| *value += 2 * more);
        }
        Op::Settle => {
            let (mut before, mut after) = (vec![0; size_of_val(pool)], vec![0; size_of_val(pool)]);
            pool.write_bytes(&mut before);
            pool.settle();
            pool.write_bytes(&mut after);
            assert_eq!(before, after, "what is in order stays as it is");
        }
        Op::Clear => {
            pool.clear();
            model.values.clear();
        }
    }
}

fn compare<const N: usize>(pool: &Pool<u32, N>, model: &Model) {
    for handle in &model.handles {
        assert_eq!(pool.get(*handle), model.values.get(handle), "{handle:?}");
        assert_eq!(pool.contains(*handle), model.values.contains_key(handle));
    }
    assert_eq!((pool.len(), pool.capacity()), (model.values.len(), N));
    assert_eq!((pool.is_empty(), pool.is_full()), (pool.iter().count() == 0, pool.len() == N));
    assert_eq!(
        pool.iter().map(|(it, value)| (it, *value)).collect::<HashMap<_, _>>(),
        model.values
    );
    let mut backwards = pool.iter().rev().collect::<Vec<_>>();
    backwards.reverse();
    assert_eq!(pool.iter().collect::<Vec<_>>(), backwards);
    assert!(pool.handles().is_sorted());
    assert_eq!(pool.values().count(), pool.len());
    let at = (0..=N).filter_map(|index| pool.handle_at(index));
    assert!(at.clone().eq(pool.handles()) && at.map(Handle::index).is_sorted());
}

fn behaves_as_hash_map<const N: usize>(ops: &[Op]) {
    let (mut pool, mut model) = (Pool::<u32, N>::new(), Model::default());
    for op in ops {
        apply(op.clone(), &mut pool, &mut model);
        compare(&pool, &model);
        accepted(&pool);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_pool_finds_what_is_there_and_never_what_is_gone(ops in prop::collection::vec(op(), 0..60)) {
        behaves_as_hash_map::<5>(&ops);
        behaves_as_hash_map::<1>(&ops);
        behaves_as_hash_map::<0>(&ops);
    }
}

#[test]
fn a_blank_pool_is_zeros_and_empty() {
    const { assert!(Pool::<(u8, f32), 4>::ZERO_IS_BLANK) };
    let mut bytes = vec![0xff; size_of::<Pool<u32, 4>>()];
    Pool::<u32, 4>::new().write_bytes(&mut bytes);
    assert!(bytes.iter().all(|byte| *byte == 0));
    assert!(Pool::<u32, 4>::default().is_empty());
}

#[test]
fn a_handle_of_a_type_is_part_of_that_type() {
    #[derive(Clone, Copy, Debug, SharedState)]
    #[repr(C)]
    struct Node {
        next: Handle<Node>,
        value: u64,
    }
    let fields = |layout: &'static Layout| match layout.kind {
        Kind::Struct(fields) => fields.iter().map(|it| (it.name, it.offset)).collect::<Vec<_>>(),
        _ => panic!("{layout}"),
    };
    assert_eq!(fields(Node::LAYOUT), [("next", 0), ("value", 8)]);
    assert_eq!(fields(Handle::<Node>::LAYOUT), [("index", 0), ("generation", 4)]);
    let mut nodes = Pool::<Node, 2>::new();
    let first = nodes.insert(Node { next: Handle::NONE, value: 1 }).unwrap();
    let second = nodes.insert(Node { next: first, value: 2 }).unwrap();
    nodes[first].next = second;
    assert_eq!(nodes[nodes[nodes[second].next].next].value, 2);
    accepted(&nodes);
}

#[test]
fn a_handle_is_a_value_of_its_own() {
    let mut pool = Pool::<u8, 3>::new();
    let (one, other) = (pool.insert(1).unwrap(), pool.insert(2).unwrap());
    assert!(one < other && one != other && !one.is_none());
    assert_eq!((Handle::<u8>::default(), Handle::<u8>::NONE.is_none()), (Handle::NONE, true));
    assert_eq!(pool.get(Handle::NONE), None);
    assert_eq!(
        format!("{other:?} {:?}", Handle::<u8>::NONE),
        "Handle(1, generation 1) Handle(none)"
    );
    assert_eq!(format!("{pool:?}"), "{Handle(0, generation 1): 1, Handle(1, generation 1): 2}");
    accepted(&other);
    assert_eq!(pool.get_disjoint_mut([one, one]), None);
    let copy = pool;
    pool[one] = 7;
    assert_ne!(pool, copy);
}

#[test]
fn a_handle_that_finds_nothing_panics_as_an_index() {
    let mut pool = Pool::<u8, 3>::new();
    let gone = pool.insert(1).unwrap();
    pool.remove(gone);
    assert!(catch_unwind(AssertUnwindSafe(|| pool[gone])).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| pool[gone] = 2)).is_err());
}

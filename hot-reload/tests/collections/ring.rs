//! Tests of `Ring` against `VecDeque`.

use crate::{Padded, accepted, config, hash, taken};
use hot_reload::{
    SharedState,
    collections::{Full, Ring},
};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, Clone)]
enum Op {
    PushBack(u8),
    PushFront(u8),
    Overwrite(u8),
    PopFront,
    PopBack,
    Insert(Index, u8),
    Remove(Index),
    Swap(Index, Index),
    Retain(u8),
    Truncate(usize),
    Extend(Vec<u8>),
    TryExtend(Vec<u8>),
    RotateLeft(Index),
    RotateRight(Index),
    Sort,
    /// Takes some elements from the ring as an iterator, from the back where `true`.
    IntoIter(Vec<bool>),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let it = 0..6_u8;
    let all = prop::collection::vec(it.clone(), 0..5);
    prop_oneof![
        4 => it.clone().prop_map(Op::PushBack),
        4 => it.clone().prop_map(Op::PushFront),
        4 => it.clone().prop_map(Op::Overwrite),
        3 => Just(Op::PopFront),
        2 => Just(Op::PopBack),
        2 => (any::<Index>(), it.clone()).prop_map(|(at, it)| Op::Insert(at, it)),
        2 => any::<Index>().prop_map(Op::Remove),
        1 => any::<(Index, Index)>().prop_map(|(one, other)| Op::Swap(one, other)),
        1 => it.clone().prop_map(Op::Retain),
        1 => (0..9_usize).prop_map(Op::Truncate),
        2 => all.clone().prop_map(Op::Extend),
        2 => all.prop_map(Op::TryExtend),
        1 => any::<Index>().prop_map(Op::RotateLeft),
        1 => any::<Index>().prop_map(Op::RotateRight),
        1 => Just(Op::Sort),
        1 => prop::collection::vec(any::<bool>(), 0..8).prop_map(Op::IntoIter),
        1 => Just(Op::Clear),
    ]
}

/// Takes one element for each of `ends`, from the back where `true`.
fn taken_out<T>(
    mut from: impl DoubleEndedIterator<Item = T> + ExactSizeIterator,
    ends: &[bool],
) -> Vec<(usize, Option<T>)> {
    let take = |&back| (from.len(), if back { from.next_back() } else { from.next() });
    ends.iter().map(take).collect()
}

/// Applies an operation to both, and compares the results.
fn apply<T, const N: usize>(op: Op, ring: &mut Ring<T, N>, model: &mut VecDeque<T>)
where
    T: SharedState + Debug + Ord + From<u8>,
{
    let len = model.len();
    match op {
        Op::PushBack(it) => {
            if taken(ring.push_back(it.into()), len < N, it.into()) {
                model.push_back(it.into());
            }
        }
        Op::PushFront(it) => {
            if taken(ring.push_front(it.into()), len < N, it.into()) {
                model.push_front(it.into());
            }
        }
        Op::Overwrite(it) => {
            model.push_back(it.into());
            let oldest = if len == N { model.pop_front() } else { None };
            assert_eq!(ring.push_back_overwriting(it.into()), oldest);
        }
        Op::PopFront => assert_eq!(ring.pop_front(), model.pop_front()),
        Op::PopBack => assert_eq!(ring.pop_back(), model.pop_back()),
        Op::Insert(at, it) => {
            let at = at.index(len + 1);
            if taken(ring.insert(at, it.into()), len < N, it.into()) {
                model.insert(at, it.into());
            }
        }
        Op::Remove(at) => {
            let at = at.index(len + 1);
            assert_eq!(ring.remove(at), model.remove(at));
        }
        Op::Swap(one, other) if len > 0 => {
            ring.swap(one.index(len), other.index(len));
            model.swap(one.index(len), other.index(len));
        }
        Op::Swap(..) => {}
        Op::Retain(least) => {
            ring.retain(|it| *it >= least.into());
            model.retain(|it| *it >= least.into());
        }
        Op::Truncate(len) => {
            ring.truncate(len);
            model.truncate(len);
        }
        Op::Extend(all) => {
            let all = all.into_iter().map(T::from).collect::<Vec<_>>();
            if taken(ring.extend_from_slice(&all), len + all.len() <= N, &all) {
                model.extend(all);
            }
        }
        Op::TryExtend(all) => {
            let all = all.into_iter().map(T::from).collect::<Vec<_>>();
            let fitting = all.len().min(N - len);
            let expected = all.get(fitting).map_or(Ok(()), |it| Err(Full(*it)));
            assert_eq!(ring.try_extend(all.iter().copied()), expected);
            model.extend(&all[..fitting]);
        }
        Op::RotateLeft(count) => {
            ring.rotate_left(count.index(len + 1));
            model.rotate_left(count.index(len + 1));
        }
        Op::RotateRight(count) => {
            ring.rotate_right(count.index(len + 1));
            model.rotate_right(count.index(len + 1));
        }
        Op::Sort => {
            ring.make_contiguous().sort();
            model.make_contiguous().sort();
        }
        Op::IntoIter(ends) => {
            assert_eq!(
                taken_out((*ring).into_iter(), &ends),
                taken_out(model.clone().into_iter(), &ends)
            );
            assert_eq!(taken_out(ring.iter(), &ends), taken_out(model.iter(), &ends));
            assert_eq!(taken_out(ring.iter_mut(), &ends), taken_out(model.iter_mut(), &ends));
        }
        Op::Clear => {
            ring.clear();
            model.clear();
        }
    }
}

fn behaves_as_deque<T, const N: usize>(ops: &[Op])
where
    T: SharedState + Debug + Ord + From<u8>,
{
    let (mut ring, mut model) = (Ring::<T, N>::new(), VecDeque::<T>::new());
    for op in ops {
        apply(op.clone(), &mut ring, &mut model);
        assert!(ring.iter().eq(&model), "{ring:?}, not {model:?}, after {op:?}");
        assert_eq!((ring.len(), ring.capacity()), (model.len(), N));
        assert_eq!((ring.is_empty(), ring.is_full()), (model.is_empty(), model.len() == N));
        assert_eq!((ring.front(), ring.back()), (model.front(), model.back()));
        assert_eq!(ring.front_mut(), model.front_mut());
        assert_eq!(ring.back_mut(), model.back_mut());
        for index in 0..=model.len() {
            assert_eq!(ring.get(index), model.get(index), "after {op:?}");
            assert_eq!(ring.get_mut(index), model.get_mut(index), "after {op:?}");
        }
        let (first, second) = ring.as_slices();
        assert_eq!([first, second].concat(), Vec::from(model.clone()), "after {op:?}");
        assert!((0..6).all(|it| ring.contains(&it.into()) == model.contains(&it.into())));
        accepted(&ring);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_ring_behaves_as_a_deque(ops in prop::collection::vec(op(), 0..40)) {
        behaves_as_deque::<u8, 6>(&ops);
        behaves_as_deque::<Padded, 5>(&ops);
        behaves_as_deque::<u8, 1>(&ops);
        behaves_as_deque::<u8, 0>(&ops);
    }
}

/// Returns a ring of these elements that wraps around the end of its memory.
fn round_the_end(elements: &[u8]) -> Ring<u8, 4> {
    let mut ring = Ring::new();
    for it in [0, 0].iter().chain(elements) {
        ring.push_back(*it).expect("a place has been made");
        if ring.len() > elements.len() {
            ring.pop_front();
        }
    }
    assert_eq!(ring.len(), elements.len());
    ring
}

#[test]
fn rings_are_compared_by_their_elements_wherever_those_lie() {
    let (ring, straight) =
        (round_the_end(&[1, 2, 3]), Ring::<u8, 4>::try_from(&[1, 2, 3][..]).unwrap());
    assert!(!ring.as_slices().1.is_empty());
    assert_eq!(ring, straight);
    assert_eq!(hash(&ring), hash(&straight));
    assert_eq!(hash(&ring), hash(&VecDeque::from([1_u8, 2, 3])));
    assert!(ring == [1, 2, 3] && ring == [1, 2, 3][..] && ring != [1, 2]);
    assert!(ring < round_the_end(&[1, 3]) && ring > round_the_end(&[1, 2]));
    assert_eq!(ring, Ring::<u8, 9>::try_from(&[1, 2, 3][..]).unwrap());
    assert_eq!(Ring::<u8, 2>::try_from(&[1, 2, 3][..]), Err(Full(&[1, 2, 3][..])));
}

#[test]
fn a_ring_without_capacity_gives_everything_back() {
    let mut ring = Ring::<u8, 0>::default();
    assert!(ring.is_empty() && ring.is_full());
    assert_eq!((ring.push_back(1), ring.push_front(1)), (Err(Full(1)), Err(Full(1))));
    assert_eq!(ring.push_back_overwriting(1), Some(1));
    assert_eq!((ring.pop_front(), ring.pop_back(), ring.iter().next()), (None, None, None));
    accepted(&ring);
}

#[test]
fn a_ring_counts_elements_without_size() {
    let mut ring = Ring::<(), 3>::new();
    assert_eq!(
        (ring.push_back(()), ring.push_front(()), ring.push_back(())),
        (Ok(()), Ok(()), Ok(()))
    );
    assert_eq!((ring.push_back(()), ring.pop_front(), ring.len()), (Err(Full(())), Some(()), 2));
    accepted(&ring);
}

#[test]
fn a_misplaced_index_panics_and_changes_nothing() {
    type Misuse = fn(&mut Ring<u8, 4>);
    #[rustfmt::skip]
    let table: [(&str, Misuse); 6] = [
        ("insert behind the end", |ring| ring.insert(4, 0).unwrap()),
        ("index at the end", |ring| ring[3] = 0),
        ("read at the end", |ring| _ = ring[3]),
        ("swap with the end", |ring| ring.swap(0, 3)),
        ("rotate too far", |ring| ring.rotate_left(4)),
        ("rotate too far back", |ring| ring.rotate_right(4)),
    ];
    for (name, misuse) in table {
        let mut ring = round_the_end(&[1, 2, 3]);
        let outcome = catch_unwind(AssertUnwindSafe(|| misuse(&mut ring)));
        assert!(outcome.is_err(), "{name} did not panic");
        assert_eq!(ring, [1, 2, 3], "{name}");
    }
}

#[test]
fn bytes_whose_head_or_length_lie_outside_are_refused() {
    let bytes = |head: usize, len: usize| [head.to_ne_bytes(), len.to_ne_bytes()].concat();
    let check = |head, len| Ring::<u8, 4>::check(&[bytes(head, len), vec![0; 8]].concat()).is_ok();
    assert!(check(0, 0) && check(3, 4) && check(3, 0));
    assert!(!check(4, 0) && !check(0, 5) && !check(usize::MAX, 1) && !check(0, usize::MAX));
    assert!(
        Ring::<u8, 0>::check(&bytes(0, 0)).is_ok() && Ring::<u8, 0>::check(&bytes(1, 0)).is_err()
    );
}

//! Tests of `FixedVec` against `Vec`.

use crate::{Padded, accepted, config, hash, taken, vec_of};
use hot_reload::{FixedVec, SharedState, collections::Full};
use proptest::prelude::*;
use proptest::sample::Index;
use std::fmt::Debug;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An operation. An `Index` is resolved to a place once the length is known.
#[derive(Debug, Clone)]
enum VecOp {
    Push(u8),
    Pop,
    Insert(Index, u8),
    Remove(Index),
    SwapRemove(Index),
    /// Keeps the elements from this one on.
    Retain(u8),
    /// A range, whether its ends are written as inclusive if possible, and the elements taken: from
    /// the back where `true`.
    Drain((Index, Index), bool, Vec<bool>),
    Truncate(usize),
    Extend(Vec<u8>),
    Resize(usize, u8),
    Dedup,
    /// Removes consecutive elements whose halves are equal.
    DedupByHalf,
    PopIf(u8),
    SplitOff(Index),
    TryExtend(Vec<u8>),
    Sort,
    Clear,
}

fn vec_op() -> impl Strategy<Value = VecOp> {
    let it = 0..6_u8;
    let ends = prop::collection::vec(any::<bool>(), 0..5);
    prop_oneof![
        6 => it.clone().prop_map(VecOp::Push),
        2 => Just(VecOp::Pop),
        4 => (any::<Index>(), it.clone()).prop_map(|(at, it)| VecOp::Insert(at, it)),
        2 => any::<Index>().prop_map(VecOp::Remove),
        2 => any::<Index>().prop_map(VecOp::SwapRemove),
        1 => it.clone().prop_map(VecOp::Retain),
        2 => (any::<(Index, Index)>(), any::<bool>(), ends)
            .prop_map(|(edges, inclusive, ends)| VecOp::Drain(edges, inclusive, ends)),
        1 => (0..9_usize).prop_map(VecOp::Truncate),
        4 => prop::collection::vec(it.clone(), 0..5).prop_map(VecOp::Extend),
        2 => (0..9_usize, it.clone()).prop_map(|(len, it)| VecOp::Resize(len, it)),
        1 => Just(VecOp::Dedup),
        1 => Just(VecOp::DedupByHalf),
        1 => it.clone().prop_map(VecOp::PopIf),
        1 => any::<Index>().prop_map(VecOp::SplitOff),
        2 => prop::collection::vec(it.clone(), 0..5).prop_map(VecOp::TryExtend),
        1 => Just(VecOp::Sort),
        1 => Just(VecOp::Clear),
    ]
}

trait Half {
    fn half(&self) -> u8;
}

impl Half for u8 {
    fn half(&self) -> u8 {
        self / 2
    }
}

impl Half for Padded {
    fn half(&self) -> u8 {
        self.key / 2
    }
}

/// Returns a range within `len` elements, with its ends written in one of the equivalent ways.
fn range_of(edges: (Index, Index), inclusive: bool, len: usize) -> (Bound<usize>, Bound<usize>) {
    let (one, other) = (edges.0.index(len + 1), edges.1.index(len + 1));
    let from = match one.min(other) {
        start if inclusive => Bound::Included(start),
        0 => Bound::Unbounded,
        start => Bound::Excluded(start - 1),
    };
    let to = match one.max(other) {
        end if end > 0 && inclusive => Bound::Included(end - 1),
        end if end == len => Bound::Unbounded,
        end => Bound::Excluded(end),
    };
    (from, to)
}

/// Takes one element for each of `ends`, from the back where `true`, and drops the rest.
fn drained<T>(
    mut drain: impl DoubleEndedIterator<Item = T> + ExactSizeIterator,
    ends: &[bool],
) -> Vec<(usize, Option<T>)> {
    let take = |&back| (drain.len(), if back { drain.next_back() } else { drain.next() });
    ends.iter().map(take).collect()
}

/// Applies an operation to both, and compares the results.
fn apply<T, const N: usize>(op: VecOp, vec: &mut FixedVec<T, N>, model: &mut Vec<T>)
where
    T: SharedState + Debug + Ord + From<u8> + Half,
{
    let len = model.len();
    match op {
        VecOp::Push(it) if taken(vec.push(it.into()), len < N, it.into()) => model.push(it.into()),
        VecOp::Pop => assert_eq!(vec.pop(), model.pop()),
        VecOp::Insert(at, it) => {
            let (at, it) = (at.index(len + 1), T::from(it));
            if taken(vec.insert(at, it), len < N, it) {
                model.insert(at, it);
            }
        }
        VecOp::Remove(at) if len > 0 => {
            assert_eq!(vec.remove(at.index(len)), model.remove(at.index(len)));
        }
        VecOp::SwapRemove(at) if len > 0 => {
            let at = at.index(len);
            assert_eq!(vec.swap_remove(at), model.swap_remove(at));
        }
        VecOp::Push(_) | VecOp::Remove(_) | VecOp::SwapRemove(_) => {}
        VecOp::Retain(least) => {
            vec.retain(|it| *it >= least.into());
            model.retain(|it| *it >= least.into());
        }
        VecOp::Drain(edges, inclusive, ends) => {
            let range = range_of(edges, inclusive, len);
            assert_eq!(drained(vec.drain(range), &ends), drained(model.drain(range), &ends));
        }
        VecOp::Truncate(len) => {
            vec.truncate(len);
            model.truncate(len);
        }
        VecOp::Extend(all) => {
            let all = all.into_iter().map(T::from).collect::<Vec<_>>();
            if taken(vec.extend_from_slice(&all), len + all.len() <= N, &all) {
                model.extend_from_slice(&all);
            }
        }
        VecOp::Resize(len, it) => {
            if taken(vec.resize(len, it.into()), len <= N, it.into()) {
                model.resize(len, it.into());
            }
        }
        VecOp::Dedup => {
            vec.dedup();
            model.dedup();
        }
        VecOp::DedupByHalf => {
            vec.dedup_by_key(|it| it.half());
            model.dedup_by_key(|it| it.half());
        }
        VecOp::PopIf(least) => {
            let condition = |it: &mut T| *it >= least.into();
            assert_eq!(vec.pop_if(condition), model.pop_if(condition));
        }
        VecOp::SplitOff(at) => {
            let at = at.index(len + 1);
            assert_eq!(vec.split_off(at), model.split_off(at));
        }
        VecOp::TryExtend(all) => {
            let all = all.into_iter().map(T::from).collect::<Vec<_>>();
            let fitting = all.len().min(N - len);
            let expected = all.get(fitting).map_or(Ok(()), |it| Err(Full(*it)));
            assert_eq!(vec.try_extend(all.iter().copied()), expected);
            model.extend_from_slice(&all[..fitting]);
        }
        VecOp::Sort => {
            vec.sort();
            model.sort();
        }
        VecOp::Clear => {
            vec.clear();
            model.clear();
        }
    }
}

fn behaves_as_vec<T, const N: usize>(ops: &[VecOp])
where
    T: SharedState + Debug + Ord + From<u8> + Half,
{
    let (mut vec, mut model) = (FixedVec::<T, N>::new(), Vec::<T>::new());
    for op in ops {
        apply(op.clone(), &mut vec, &mut model);
        assert_eq!(vec.as_slice(), model.as_slice(), "after {op:?}");
        assert_eq!(vec.len(), model.len());
        assert_eq!(vec.is_empty(), model.is_empty());
        assert_eq!(vec.is_full(), model.len() == N);
        assert_eq!(vec.capacity(), N);
        accepted(&vec);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_fixed_vec_behaves_as_a_vec(ops in prop::collection::vec(vec_op(), 0..40)) {
        behaves_as_vec::<u8, 6>(&ops);
        behaves_as_vec::<Padded, 5>(&ops);
        behaves_as_vec::<u8, 1>(&ops);
        behaves_as_vec::<u8, 0>(&ops);
    }
}

#[test]
fn push_on_a_full_vector_gives_the_element_back() {
    let mut vec = vec_of::<2>(&[1, 2]);
    assert_eq!(vec.push(3).unwrap_err().0, 3);
    assert_eq!(vec, [1, 2]);
}

#[test]
fn a_misplaced_index_panics_and_changes_nothing() {
    type Misuse = fn(&mut FixedVec<u8, 4>);
    #[rustfmt::skip]
    let table: [(&str, Misuse); 10] = [
        ("insert behind the end", |vec| vec.insert(4, 0).unwrap()),
        ("remove at the end", |vec| _ = vec.remove(3)),
        ("swap_remove at the end", |vec| _ = vec.swap_remove(3)),
        ("drain behind the end", |vec| _ = vec.drain(..4)),
        ("drain up to and with the end", |vec| _ = vec.drain(1..=3)),
        ("drain backwards", |vec| _ = vec.drain((Bound::Included(2), Bound::Excluded(1)))),
        ("drain from behind the end", |vec| _ = vec.drain(4..)),
        ("drain up to and with the last number", |vec| _ = vec.drain(..=usize::MAX)),
        ("drain after the last number", |vec| {
            _ = vec.drain((Bound::Excluded(usize::MAX), Bound::Unbounded));
        }),
        ("index at the end", |vec| vec[3] = 0),
    ];
    for (name, misuse) in table {
        let mut vec = vec_of::<4>(&[1, 2, 3]);
        let outcome = catch_unwind(AssertUnwindSafe(|| misuse(&mut vec)));
        assert!(outcome.is_err(), "{name} did not panic");
        assert_eq!(vec, [1, 2, 3], "{name}");
    }
}

#[test]
fn retain_mut_changes_what_it_keeps() {
    let mut vec = vec_of::<4>(&[1, 2, 3, 4]);
    vec.retain_mut(|element| {
        *element *= 10;
        *element != 20
    });
    assert_eq!(vec, [10, 30, 40]);
}

#[test]
fn a_forgotten_drain_removes_nothing() {
    let mut vec = vec_of::<4>(&[1, 2, 3]);
    std::mem::forget(vec.drain(..2));
    assert_eq!(vec, [1, 2, 3]);
}

#[test]
fn a_vector_equals_whatever_is_a_slice_of_its_elements() {
    let vec = vec_of::<4>(&[1, 2]);
    assert!(vec == [1, 2]);
    assert!(vec == [1, 2][..]);
    let slice = &[1, 2][..];
    assert!(vec == slice);
    assert!(vec == vec![1, 2]);
    assert!(vec == vec_of::<9>(&[1, 2]));
    assert!(vec != [1]);
    assert!(vec != [1, 3]);
    assert!(vec != [1, 2, 0]);
    assert_eq!(hash(&vec), hash(&vec![1_u8, 2]));
}

#[test]
fn a_vector_is_iterated_by_value_by_reference_and_in_place() {
    let mut vec = vec_of::<4>(&[1, 2, 3]);
    for element in &mut vec {
        *element += 1;
    }
    let mut by_reference = Vec::new();
    for element in &vec {
        by_reference.push(element);
    }
    assert_eq!(by_reference, [&2, &3, &4]);
    let mut by_value = vec.into_iter();
    assert_eq!((by_value.len(), by_value.next(), by_value.len()), (3, Some(2), 2));
    assert_eq!(by_value.clone().collect::<Vec<u8>>(), [3, 4]);
    assert_eq!((by_value.nth(1), by_value.next(), by_value.next()), (Some(4), None, None));
    assert_eq!(by_value.size_hint(), (0, Some(0)));
}

#[test]
fn a_vector_counts_elements_without_size() {
    let mut vec = FixedVec::<(), 3>::new();
    assert_eq!((vec.push(()), vec.insert(0, ()), vec.push(())), (Ok(()), Ok(()), Ok(())));
    assert_eq!(vec.push(()), Err(Full(())));
    assert_eq!((vec.len(), vec.drain(1..).count(), vec.len()), (3, 2, 1));
    let mut bytes = [0xff; size_of::<FixedVec<(), 3>>()];
    vec.write_bytes(&mut bytes);
    assert_eq!(bytes, 1_usize.to_ne_bytes());
    bytes[0] = 4;
    assert!(FixedVec::<(), 3>::check(&bytes).is_err());
}

#[test]
fn more_elements_without_size_than_can_be_counted_do_not_fit() {
    let mut vec = FixedVec::<(), 3>::try_from(&[(); 1][..]).unwrap();
    let endless = &[(); usize::MAX][..];
    assert!(vec.extend_from_slice(endless).is_err());
    assert_eq!(vec.len(), 1);
}

#[test]
fn a_vector_is_taken_from_both_ends() {
    let mut elements = vec_of::<5>(&[1, 2, 3, 4]).into_iter();
    assert_eq!((elements.next_back(), elements.next(), elements.len()), (Some(4), Some(1), 2));
    assert_eq!((elements.next_back(), elements.next_back()), (Some(3), Some(2)));
    assert_eq!((elements.next_back(), elements.next()), (None, None));
}

#[test]
fn a_vector_comes_from_arrays_and_vectors_that_fit() {
    assert_eq!(FixedVec::<u8, 2>::try_from([1, 2]).unwrap(), [1, 2]);
    assert_eq!(FixedVec::<u8, 2>::try_from([1, 2, 3]), Err(Full([1, 2, 3])));
    assert_eq!(FixedVec::<u8, 2>::try_from(vec![1]).unwrap(), [1]);
    assert_eq!(FixedVec::<u8, 2>::try_from(vec![1, 2, 3]), Err(Full(vec![1, 2, 3])));
}

#[test]
fn vectors_are_ordered_as_slices() {
    assert!(vec_of::<3>(&[1, 2]) < vec_of(&[1, 2, 0]));
    assert!(vec_of::<3>(&[2]) > vec_of(&[1, 2, 0]));
}

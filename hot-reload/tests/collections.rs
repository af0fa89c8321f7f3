//! The collections of fixed capacity, against those of `std` as the oracle.
//!
//! The one rule that `std` does not have: what would exceed the capacity comes back as `Full`,
//! and nothing has changed.

use hot_reload::{FixedOption, FixedString, FixedVec, Full, SharedState};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::hash_map::DefaultHasher;
use std::fmt::{Debug, Write};
use std::hash::{Hash, Hasher};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

/// With padding, so that it is written element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, SharedState)]
#[repr(C)]
struct Padded {
    key: u8,
    value: u32,
}

impl From<u8> for Padded {
    fn from(key: u8) -> Self {
        let value = u32::from(key) * 3;
        Padded { key, value }
    }
}

/// An operation; an `Index` is a place in what is there, chosen when the length is known.
#[derive(Debug, Clone)]
enum VecOp {
    Push(u8),
    Pop,
    Insert(Index, u8),
    Remove(Index),
    SwapRemove(Index),
    /// Keeps the elements from this one on.
    Retain(u8),
    /// A range, its ends as inclusive as may be, and which elements are taken: `true` at the back.
    Drain((Index, Index), bool, Vec<bool>),
    Truncate(usize),
    Extend(Vec<u8>),
    Resize(usize, u8),
    Dedup,
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
        2 => (0..9_usize, it).prop_map(|(len, it)| VecOp::Resize(len, it)),
        1 => Just(VecOp::Dedup),
        1 => Just(VecOp::Sort),
        1 => Just(VecOp::Clear),
    ]
}

/// A range within `len` elements, its ends written in one of the ways that mean the same.
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

/// Takes one element for each of `ends`, from the back where it is `true`, and drops the rest.
fn drained<T>(
    mut drain: impl DoubleEndedIterator<Item = T> + ExactSizeIterator,
    ends: &[bool],
) -> Vec<(usize, Option<T>)> {
    let take = |&back| (drain.len(), if back { drain.next_back() } else { drain.next() });
    ends.iter().map(take).collect()
}

/// Says whether `what` was taken, after comparing the answer with whether it fits.
#[track_caller]
fn taken<T: Debug + PartialEq>(answer: Result<(), Full<T>>, fits: bool, what: T) -> bool {
    assert_eq!(answer, if fits { Ok(()) } else { Err(Full(what)) });
    fits
}

/// Does the same to both, and compares what comes back.
fn apply<T, const N: usize>(op: VecOp, vec: &mut FixedVec<T, N>, model: &mut Vec<T>)
where
    T: SharedState + Debug + Ord + From<u8>,
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
    T: SharedState + Debug + Ord + From<u8>,
{
    let (mut vec, mut model) = (FixedVec::<T, N>::new(), Vec::<T>::new());
    for op in ops {
        apply(op.clone(), &mut vec, &mut model);
        assert_eq!(vec.as_slice(), model.as_slice(), "after {op:?}");
        assert_eq!(vec.len(), model.len());
        assert_eq!(vec.is_empty(), model.is_empty());
        assert_eq!(vec.is_full(), model.len() == N);
        assert_eq!(vec.capacity(), N);
        let mut bytes = vec![0xff; size_of_val(&vec)];
        vec.write_bytes(&mut bytes);
        assert_eq!(FixedVec::<T, N>::check(&bytes), Ok(()), "after {op:?}");
    }
}

#[derive(Debug, Clone)]
enum StringOp {
    Push(char),
    PushStr(String),
    Pop,
    Insert(Index, char),
    InsertStr(Index, String),
    Remove(Index),
    Retain(char),
    Truncate(Index, usize),
    Write(String, char, i32),
    Clear,
}

/// One to four bytes long.
fn character() -> impl Strategy<Value = char> {
    prop::sample::select(vec!['a', 'b', ' ', '\0', 'ß', '€', '𝄞'])
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..=most).prop_map(String::from_iter)
}

fn string_op() -> impl Strategy<Value = StringOp> {
    prop_oneof![
        4 => character().prop_map(StringOp::Push),
        4 => text(4).prop_map(StringOp::PushStr),
        2 => Just(StringOp::Pop),
        3 => (any::<Index>(), character()).prop_map(|(at, it)| StringOp::Insert(at, it)),
        3 => (any::<Index>(), text(3)).prop_map(|(at, it)| StringOp::InsertStr(at, it)),
        2 => any::<Index>().prop_map(StringOp::Remove),
        1 => character().prop_map(StringOp::Retain),
        2 => (any::<Index>(), 0..9_usize).prop_map(|(at, more)| StringOp::Truncate(at, more)),
        2 => (text(2), character(), 0..200).prop_map(|(a, b, c)| StringOp::Write(a, b, c)),
        1 => Just(StringOp::Clear),
    ]
}

/// A `String` that takes each piece of `write!` whole or not at all.
struct Bounded<'a, const N: usize>(&'a mut String);

impl<const N: usize> Write for Bounded<'_, N> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if self.0.len() + text.len() > N {
            return Err(std::fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// Does the same to both, and compares what comes back.
fn apply_text<const N: usize>(op: StringOp, string: &mut FixedString<N>, model: &mut String) {
    let room = N - model.len();
    let starts = model.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
    let boundary = |at: Index| *starts.get(at.index(starts.len() + 1)).unwrap_or(&model.len());
    match op {
        StringOp::Push(it) => {
            if taken(string.push(it), it.len_utf8() <= room, it) {
                model.push(it);
            }
        }
        StringOp::PushStr(it) => {
            if taken(string.push_str(&it), it.len() <= room, &it) {
                model.push_str(&it);
            }
        }
        StringOp::Pop => assert_eq!(string.pop(), model.pop()),
        StringOp::Insert(at, it) => {
            let at = boundary(at);
            if taken(string.insert(at, it), it.len_utf8() <= room, it) {
                model.insert(at, it);
            }
        }
        StringOp::InsertStr(at, it) => {
            let at = boundary(at);
            if taken(string.insert_str(at, &it), it.len() <= room, &it) {
                model.insert_str(at, &it);
            }
        }
        StringOp::Remove(_) if model.is_empty() => {}
        StringOp::Remove(at) => {
            let at = *at.get(&starts);
            assert_eq!(string.remove(at), model.remove(at));
        }
        StringOp::Retain(least) => {
            string.retain(|it| it >= least);
            model.retain(|it| it >= least);
        }
        StringOp::Truncate(at, more) => {
            let len = boundary(at);
            // At a boundary, or behind the end.
            let len = if len == model.len() { len + more } else { len };
            string.truncate(len);
            model.truncate(len);
        }
        StringOp::Write(text, it, number) => {
            let expected = write!(Bounded::<N>(model), "{text}:{it}{number:>3}");
            assert_eq!(write!(string, "{text}:{it}{number:>3}"), expected);
        }
        StringOp::Clear => {
            string.clear();
            model.clear();
        }
    }
}

fn behaves_as_string<const N: usize>(ops: &[StringOp]) {
    let (mut string, mut model) = (FixedString::<N>::new(), String::new());
    for op in ops {
        apply_text(op.clone(), &mut string, &mut model);
        // By bytes first: a `str` that is not UTF-8 must not reach the comparison's message.
        assert_eq!(string.as_bytes(), model.as_bytes(), "after {op:?}");
        assert_eq!(string.as_str(), model);
        assert_eq!(string.capacity(), N);
        let mut bytes = vec![0xff; size_of_val(&string)];
        string.write_bytes(&mut bytes);
        assert_eq!(FixedString::<N>::check(&bytes), Ok(()), "after {op:?}");
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

    #[test]
    fn a_fixed_string_behaves_as_a_string(ops in prop::collection::vec(string_op(), 0..40)) {
        behaves_as_string::<11>(&ops);
        behaves_as_string::<3>(&ops);
        behaves_as_string::<0>(&ops);
    }

    #[test]
    fn a_truncated_text_is_the_longest_beginning_that_fits(text in text(6)) {
        let string = FixedString::<7>::truncated(&text);
        let longest = (0..=7.min(text.len())).rev().find_map(|len| text.get(..len));
        prop_assert_eq!(Some(string.as_str()), longest);
    }
}

fn vec_of<const N: usize>(elements: &[u8]) -> FixedVec<u8, N> {
    elements.try_into().expect("a slice that fits")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn push_on_a_full_vector_gives_the_element_back() {
    let mut vec = vec_of::<2>(&[1, 2]);
    assert_eq!(vec.push(3).unwrap_err().0, 3);
    assert_eq!(vec, [1, 2]);
}

#[test]
fn a_slice_that_does_not_fit_is_no_vector() {
    assert_eq!(FixedVec::<u8, 2>::try_from(&[1, 2, 3][..]), Err(Full(&[1, 2, 3][..])));
    assert_eq!(FixedString::<3>::try_from("€ß"), Err(Full("€ß")));
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
fn a_misplaced_byte_panics_and_changes_nothing() {
    type Misuse = fn(&mut FixedString<12>);
    #[rustfmt::skip]
    let table: [(&str, Misuse); 6] = [
        ("insert within a character", |text| text.insert(2, 'x').unwrap()),
        ("insert behind the end", |text| text.insert_str(7, "x").unwrap()),
        ("remove within a character", |text| _ = text.remove(2)),
        ("remove at the end", |text| _ = text.remove(6)),
        ("truncate within a character", |text| text.truncate(3)),
        ("truncate within the last character", |text| text.truncate(5)),
    ];
    for (name, misuse) in table {
        let mut text = FixedString::<12>::try_from("a€ß").unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| misuse(&mut text)));
        assert!(outcome.is_err(), "{name} did not panic");
        assert_eq!(text, "a€ß", "{name}");
    }
}

#[test]
fn a_predicate_that_panics_leaves_valid_text() {
    let mut text = FixedString::<12>::try_from("a€ßb").unwrap();
    let retained = AssertUnwindSafe(|| text.retain(|it| it == '€' || it != 'a' && panic!("{it}")));
    assert!(catch_unwind(retained).is_err());
    assert!(std::str::from_utf8(text.as_bytes()).is_ok());
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
fn what_was_removed_is_not_compared() {
    let mut one = vec_of::<3>(&[1, 2, 3]);
    one.truncate(1);
    assert_eq!(one, vec_of::<3>(&[1]));
    assert_eq!(hash(&one), hash(&vec_of::<3>(&[1])));
    let mut text = FixedString::<3>::try_from("abc").unwrap();
    text.truncate(1);
    assert_eq!(text, FixedString::<3>::try_from("a").unwrap());
}

#[test]
fn a_text_equals_whatever_is_a_str() {
    let text = FixedString::<8>::try_from("ball").unwrap();
    assert!(text == "ball");
    assert!(text == *"ball");
    let string = String::from("ball");
    assert!(text == string);
    assert!(text == FixedString::<4>::try_from("ball").unwrap());
    assert!(text != "bal");
    assert_eq!(hash(&text), hash(&"ball"));
    assert_eq!((text.len(), text.starts_with("ba")), (4, true));
}

#[test]
fn values_print_as_those_of_std_do() {
    let (vec, text) = (vec_of::<4>(&[1, 2]), FixedString::<8>::try_from("a\"€").unwrap());
    let (none, some) = (FixedOption::<u8>::None, FixedOption::Some(7));
    let mut drained = vec;
    #[rustfmt::skip]
    let table = [
        (format!("{vec:?}"), "[1, 2]"),
        (format!("{vec:02x?}"), "[01, 02]"),
        (format!("{:?}", FixedVec::<u8, 0>::new()), "[]"),
        (format!("{:?}", drained.drain(1..)), "[2]"),
        (format!("{text}"), "a\"€"),
        (format!("{text:>5}|"), "  a\"€|"),
        (format!("{text:?}"), "\"a\\\"€\""),
        (format!("{none:?} {some:?}"), "None Some(7)"),
        (format!("{:?}", Full("secret")), "Full(..)"),
        (Full(3).to_string(), "no room left: the capacity is fixed"),
    ];
    for (printed, expected) in table {
        assert_eq!(printed, expected);
    }
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
fn a_vector_without_capacity_is_empty_and_full() {
    let mut vec = FixedVec::<u8, 0>::default();
    assert!(vec.is_empty() && vec.is_full());
    assert_eq!(vec.push(1), Err(Full(1)));
    assert_eq!(vec.insert(0, 1), Err(Full(1)));
    assert_eq!(vec.extend_from_slice(&[1]), Err(Full(&[1][..])));
    assert_eq!((vec.extend_from_slice(&[]), vec.resize(0, 1)), (Ok(()), Ok(())));
    assert_eq!((vec.pop(), vec.drain(..).next()), (None, None));
    let mut text = FixedString::<0>::default();
    assert_eq!((text.push('a'), text.push_str("")), (Err(Full('a')), Ok(())));
    assert_eq!(FixedString::<0>::truncated("abc"), "");
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
fn a_fixed_option_is_used_as_the_option_of_std() {
    let mut option = FixedOption::<u32>::default();
    assert!(option.is_none() && !option.is_some());
    assert_eq!((option.get(), option.as_ref()), (None, None));
    assert_eq!(option.take(), None);
    assert_eq!(option.replace(7), None);
    assert_eq!(option.replace(8), Some(7));
    assert!(option.is_some() && !option.is_none());
    *option.as_mut().unwrap() += 1;
    assert_eq!((option.as_ref(), option.get()), (Some(&9), Some(9)));
    let FixedOption::Some(value) = option else { panic!("{option:?}") };
    assert_eq!(value, 9);
    assert_eq!((option.take(), option), (Some(9), FixedOption::None));
}

#[test]
fn a_fixed_option_comes_from_an_option_and_becomes_one() {
    for option in [None, Some('€')] {
        let fixed = FixedOption::from(option);
        assert_eq!(Option::from(fixed), option);
        assert_eq!((fixed.is_some(), fixed.get()), (option.is_some(), option));
    }
}

//! Tests of behavior common to several collections: printing, comparing, a full collection.

use crate::{hash, vec_of};
use hot_reload::{
    FixedString, FixedVec,
    collections::{FixedOption, Full},
};

#[test]
fn a_slice_that_does_not_fit_is_no_vector() {
    assert_eq!(FixedVec::<u8, 2>::try_from(&[1, 2, 3][..]), Err(Full(&[1, 2, 3][..])));
    assert_eq!(FixedString::<3>::try_from("€ß"), Err(Full("€ß")));
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

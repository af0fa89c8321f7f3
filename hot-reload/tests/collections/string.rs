//! Tests of `FixedString` against `String`.

use crate::{accepted, config, hash, taken};
use hot_reload::{FixedString, collections::Full};
use proptest::prelude::*;
use proptest::sample::Index;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, Clone)]
enum StringOp {
    Push(char),
    PushStr(String),
    Pop,
    Insert(Index, char),
    InsertStr(Index, String),
    Remove(Index),
    Retain(char),
    SplitOff(Index),
    ReplaceRange(Index, Index, String),
    Truncate(Index, usize),
    Write(String, char, i32),
    Clear,
}

/// Generates characters that are one to four bytes long.
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
        1 => any::<Index>().prop_map(StringOp::SplitOff),
        2 => (any::<Index>(), any::<Index>(), text(4))
            .prop_map(|(from, to, it)| StringOp::ReplaceRange(from, to, it)),
        2 => (any::<Index>(), 0..9_usize).prop_map(|(at, more)| StringOp::Truncate(at, more)),
        2 => (text(2), character(), 0..200).prop_map(|(a, b, c)| StringOp::Write(a, b, c)),
        1 => Just(StringOp::Clear),
    ]
}

/// A `String` that accepts each piece of `write!` completely or not at all.
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

/// Applies an operation to both, and compares the results.
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
        StringOp::SplitOff(at) => {
            let at = boundary(at);
            assert_eq!(string.split_off(at), model.split_off(at));
        }
        StringOp::ReplaceRange(from, to, it) => {
            let (from, to) = (boundary(from), boundary(to));
            let range = from.min(to)..from.max(to);
            if taken(string.replace_range(range.clone(), &it), it.len() <= room + range.len(), &it)
            {
                model.replace_range(range, &it);
            }
        }
        StringOp::Truncate(at, more) => {
            let len = boundary(at);
            // At a boundary, or after the end.
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
        // Bytes first: a `str` that is not UTF-8 must not reach the message of the comparison.
        assert_eq!(string.as_bytes(), model.as_bytes(), "after {op:?}");
        assert_eq!(string.as_str(), model);
        assert_eq!(string.capacity(), N);
        accepted(&string);
    }
}

proptest! {
    #![proptest_config(config())]

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

#[test]
fn a_misplaced_byte_panics_and_changes_nothing() {
    type Misuse = fn(&mut FixedString<12>);
    #[rustfmt::skip]
    let table: [(&str, Misuse); 9] = [
        ("insert within a character", |text| text.insert(2, 'x').unwrap()),
        ("insert behind the end", |text| text.insert_str(7, "x").unwrap()),
        ("remove within a character", |text| _ = text.remove(2)),
        ("remove at the end", |text| _ = text.remove(6)),
        ("truncate within a character", |text| text.truncate(3)),
        ("truncate within the last character", |text| text.truncate(5)),
        ("split within a character", |text| _ = text.split_off(2)),
        ("replace within a character", |text| text.replace_range(..2, "x").unwrap()),
        ("replace behind the end", |text| text.replace_range(1..7, "x").unwrap()),
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
fn a_text_is_changed_in_place_as_a_str() {
    let mut text = "a€b".parse::<FixedString<5>>().unwrap();
    text.make_ascii_uppercase();
    assert_eq!(text, "A€B");
    assert!("a€bc".parse::<FixedString<5>>().is_err());
    assert_eq!(FixedString::<2>::try_from(String::from("abc")), Err(Full(String::from("abc"))));
    assert_eq!(String::from(text), "A€B");
    assert!(text < FixedString::truncated("B"));
}

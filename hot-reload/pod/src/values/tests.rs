//! Values in valid, invalid and missing bytes.

use super::random::Random;
use super::validate::validate;
use super::*;
use crate::{FixedOption, FixedString, FixedVec, SharedState};
use proptest::prelude::*;

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(role = Ring)]
struct Trail {
    head: usize,
    len: usize,
    items: [u16; 3],
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Entry<K, V> {
    key: K,
    value: V,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(role = Map)]
struct Scores<K> {
    entries: FixedVec<Entry<K, u32>, 3>,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Slot {
    generation: u32,
    value: Ball,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
#[shared(role = Pool)]
struct Balls {
    slots: [Slot; 4],
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Ball {
    visible: bool,
    hue: char,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(i16)]
enum Mood {
    Calm = -3,
    Angry = 300,
}

#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C, u8)]
enum Shape {
    Nothing,
    Circle { radius: f32, center: (i8, i8) },
    One(Ball),
    Two(u8, FixedOption<Ball>),
}

const BALL: Ball = Ball { visible: true, hue: 'ü' };

fn bytes_of<T: SharedState>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; size_of::<T>()];
    value.write_bytes(&mut bytes);
    bytes
}

struct Tree<'v>(Value<'v>);

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_tree(f, "it", 0)
    }
}

/// Checks the tree and the JSON of a value, and its parts at some paths.
fn check<T: SharedState>(value: &T, tree: &str, json: &str, paths: &[(&str, Option<&str>)]) {
    check_bytes(T::LAYOUT, &bytes_of(value), tree, json, paths);
}

fn check_bytes(
    layout: &crate::Layout,
    bytes: &[u8],
    tree: &str,
    json: &str,
    paths: &[(&str, Option<&str>)],
) {
    let layout = OwnedLayout::from(layout);
    let value = Value::whole(&layout, bytes).unwrap();
    assert_eq!(Tree(value).to_string().trim_start(), tree);
    assert_eq!(value.to_json().to_string(), json);
    for &(path, wanted) in paths {
        let found = value.at(path);
        if let Some(found) = found {
            assert_eq!(&bytes[found.range()], found.bytes(), "{path}");
        }
        let found = found.map(|it| it.to_json().to_string());
        assert_eq!(found.as_deref(), wanted, "{path}");
    }
}

#[test]
fn a_ring_begins_with_its_oldest() {
    let trail = Trail { head: 2, len: 2, items: [10, 20, 30] };
    check(
        &trail,
        "it: Trail<u16, 3>, 2 elements = [30, 10]",
        "[30,10]",
        &[("[0]", Some("30")), ("[1]", Some("10")), ("[2]", None), ("head", None)],
    );
}

#[test]
fn a_map_is_an_object_when_its_keys_can_be_names() {
    let entry = |key: &str, value| Entry { key: FixedString::<8>::truncated(key), value };
    let entries = [entry("anna", 7), entry("bo\"b", 9)];
    let scores = Scores { entries: FixedVec::try_from(&entries[..]).unwrap() };
    let tree = "it: Scores<FixedString<8>, u32, 3>, 2 entries\n  [\"anna\"]: u32 = 7\n  \
                [\"bo\\\"b\"]: u32 = 9";
    check(
        &scores,
        tree,
        r#"{"anna":7,"bo\"b":9}"#,
        &[("[0].key", Some("\"anna\"")), ("[1].value", Some("9")), ("[2]", None)],
    );

    let twice = [entry("anna", 7), entry("anna", 9)];
    let scores = Scores { entries: FixedVec::try_from(&twice[..]).unwrap() };
    let value = OwnedLayout::from(Scores::<FixedString<8>>::LAYOUT);
    let bytes = bytes_of(&scores);
    let json = Value::whole(&value, &bytes).unwrap().to_json();
    assert_eq!(json.to_string(), r#"[["anna",7],["anna",9]]"#, "nothing is left out");

    let of_moods = [Entry { key: Mood::Angry, value: 1 }];
    let scores = Scores { entries: FixedVec::try_from(&of_moods[..]).unwrap() };
    check(&scores, "it: Scores<Mood, u32, 3>, 1 entry\n  [Angry]: u32 = 1", r#"{"Angry":1}"#, &[]);
    let of_numbers = [Entry { key: -5_i64, value: 1 }];
    let scores = Scores { entries: FixedVec::try_from(&of_numbers[..]).unwrap() };
    check(&scores, "it: Scores<i64, u32, 3>, 1 entry\n  [-5]: u32 = 1", r#"{"-5":1}"#, &[]);
    let of_flags = [Entry { key: true, value: 1 }];
    let scores = Scores { entries: FixedVec::try_from(&of_flags[..]).unwrap() };
    check(&scores, "it: Scores<bool, u32, 3>, 1 entry\n  [true]: u32 = 1", "[[true,1]]", &[]);
    let none = Scores::<bool> { entries: FixedVec::new() };
    check(&none, "it: Scores<bool, u32, 3>, 0 entries", "[]", &[]);
}

#[test]
fn a_pool_has_the_slots_in_use() {
    let slot = |generation| Slot { generation, value: BALL };
    let balls = Balls { slots: [slot(0), slot(1), slot(2), slot(7)] };
    let tree = "it: Balls<Ball, 4>, 2 elements
  [1]: Ball
    visible: bool = true
    hue: char = 'ü'
  [3]: Ball
    visible: bool = true
    hue: char = 'ü'";
    let json = r#"{"1":{"hue":"ü","visible":true},"3":{"hue":"ü","visible":true}}"#;
    check(
        &balls,
        tree,
        json,
        &[
            ("[0]", None),
            ("[1].hue", Some("\"ü\"")),
            ("[2]", None),
            ("[3].visible", Some("true")),
            ("[4]", None),
        ],
    );
}

#[test]
fn an_enum_is_its_variant() {
    check(
        &Shape::Nothing,
        "it: Shape = Nothing",
        r#""Nothing""#,
        &[("Nothing", None), ("Circle", None), ("Circle.radius", None), ("", Some(r#""Nothing""#))],
    );
    let circle = Shape::Circle { radius: 0.1, center: (-1, 2) };
    let json = r#"{"Circle":{"center":[-1,2],"radius":0.1}}"#;
    check(
        &circle,
        "it: Shape = Circle { radius: 0.1, center: (-1, 2) }",
        json,
        &[
            ("Circle.radius", Some("0.1")),
            ("Circle.center.1", Some("2")),
            ("radius", None),
            ("Circle.0", None),
            ("One", None),
        ],
    );
    let tree = "it: Shape = One\n  0: Ball\n    visible: bool = true\n    hue: char = 'ü'";
    check(
        &Shape::One(BALL),
        tree,
        r#"{"One":{"hue":"ü","visible":true}}"#,
        &[
            ("One", Some(r#"{"hue":"ü","visible":true}"#)),
            ("One.0.hue", Some("\"ü\"")),
            ("One.hue", Some("\"ü\"")),
            ("hue", None),
        ],
    );
    let two = Shape::Two(7, FixedOption::Some(BALL));
    let bytes = bytes_of(&two);
    let layout = OwnedLayout::from(Shape::LAYOUT);
    let value = Value::whole(&layout, &bytes).unwrap();
    for path in ["Two.1.hue", "Two.1.Some.hue", "Two.1.Some.0.hue"] {
        assert_eq!(value.at(path).unwrap().to_json(), "ü", "{path}");
    }
    for path in ["Two", "Two.hue", "Two.2", "Two.1.None", "Two.1.Some.1"] {
        assert!(value.at(path).is_none(), "{path}");
    }
    check(&Mood::Calm, "it: Mood = Calm", "\"Calm\"", &[]);
    check(&FixedOption::Some(3_u8), "it: FixedOption<u8> = Some(3)", "3", &[("Some", Some("3"))]);
    check(&FixedOption::<u8>::None, "it: FixedOption<u8> = None", "null", &[("Some", None)]);
}

#[test]
fn what_is_not_a_value_is_told() {
    let wrong = |layout, bytes: &[u8], tree: &str| {
        let found = tree.split_once(" = ").unwrap().1;
        check_bytes(layout, bytes, tree, &format!("\"{found}\""), &[("[0]", None), ("x", None)]);
    };
    wrong(bool::LAYOUT, &[7], "it: bool = <invalid: 7 is not a bool>");
    wrong(
        char::LAYOUT,
        &0x11_0000_u32.to_ne_bytes(),
        "it: char = <invalid: 0x110000 is not a char>",
    );
    wrong(Mood::LAYOUT, &7_u16.to_ne_bytes(), "it: Mood = <invalid: tag 7 matches no variant>");
    let len = 9_usize.to_ne_bytes();
    let list = [&len[..], &[1, 2, 3, 0, 0, 0, 0, 0]].concat();
    let told = "it: FixedVec<u8, 8> = <invalid: length 9 of at most 8>";
    wrong(FixedVec::<u8, 8>::LAYOUT, &list, told);
    let told = "it: FixedString<8> = <invalid: length 9 of at most 8>";
    wrong(FixedString::<8>::LAYOUT, &list, told);
    let text = [&1_usize.to_ne_bytes()[..], &[0xff; 8]].concat();
    let told = "it: FixedString<8> = <invalid: invalid utf-8 sequence of 1 bytes from index 0>";
    wrong(FixedString::<8>::LAYOUT, &text, told);
    let mut trail = bytes_of(&Trail { head: 3, len: 1, items: [0; 3] });
    wrong(Trail::LAYOUT, &trail, "it: Trail<u16, 3> = <invalid: head 3 of 3>");
    trail[0] = 0;
    trail[8] = 200;
    wrong(Trail::LAYOUT, &trail, "it: Trail<u16, 3> = <invalid: length 200 of at most 3>");
    // Only one part is invalid.
    let pair = "it: (bool, bool) = (true, <invalid: 2 is not a bool>)";
    check_bytes(
        <(bool, bool)>::LAYOUT,
        &[1, 2],
        pair,
        r#"[true,"<invalid: 2 is not a bool>"]"#,
        &[],
    );
}

#[test]
fn numbers_are_read_by_their_size_and_sign() {
    check(&-1_i8, "it: i8 = -1", "-1", &[]);
    check(&i64::MIN, "it: i64 = -9223372036854775808", "-9223372036854775808", &[]);
    check(&u64::MAX, "it: u64 = 18446744073709551615", "18446744073709551615", &[]);
    check(&-7_i128, "it: i128 = -7", "\"-7\"", &[]);
    check(&7_u128, "it: u128 = 7", "\"7\"", &[]);
    check(&0.1_f32, "it: f32 = 0.1", "0.1", &[]);
    check(&f32::MAX, "it: f32 = 3.4028235e38", "3.4028235e+38", &[]);
    check(&1e300_f64, "it: f64 = 1e300", "1e+300", &[]);
    check(&f32::NAN, "it: f32 = NaN", "\"NaN\"", &[]);
    check(&f64::NEG_INFINITY, "it: f64 = -inf", "\"-inf\"", &[]);
    // From a machine with 32-bit addresses.
    let kind = NodeKind::Primitive(Primitive::Isize);
    let (name, version, role) = ("isize".to_owned(), 0, Role::Plain);
    let node = Node { name, size: 4, align: 4, version, role, kind };
    let layout = OwnedLayout::try_from(vec![node]).unwrap();
    let bytes = (-5_i32).to_ne_bytes();
    assert_eq!(Value::whole(&layout, &bytes).unwrap().to_json(), -5);
    assert!(Value::whole(&layout, &[0; 8]).is_none());
}

#[test]
fn what_is_long_is_cut() {
    let tree = |layout, bytes: &[u8]| {
        let layout = OwnedLayout::from(layout);
        Tree(Value::whole(&layout, bytes).unwrap()).to_string()
    };
    let row = tree(<[u8; 1032]>::LAYOUT, &[7; 1032]);
    assert!(row.ends_with("7, 7, 7, … 1000 more]"), "{row}");
    let below = tree(<[Ball; 300]>::LAYOUT, &vec![0; size_of::<[Ball; 300]>()]);
    assert!(below.ends_with("\n  … 200 more"), "{below}");
    let text = bytes_of(&FixedString::<4000>::truncated(&"ü".repeat(1010)));
    assert!(tree(FixedString::<4000>::LAYOUT, &text).ends_with("ü\" … 10 more"));
    let all = tree(<[[Ball; 100]; 100]>::LAYOUT, &vec![0; size_of::<[[Ball; 100]; 100]>()]);
    assert_eq!(all.lines().count(), 20_001, "with the empty line before the first");
    assert!(all.ends_with("\n…"));
}

/// Some of the types above, to compare with the program's own check.
#[derive(Clone, Copy, hot_reload_derive::SharedState)]
#[repr(C)]
struct Scene {
    balls: FixedVec<Ball, 2>,
    mood: Mood,
    shape: [Shape; 2],
    flags: [bool; 3],
    name: FixedString<4>,
    scores: Scores<char>,
    pool: Balls,
    nothing: (),
    none: [bool; 0],
}

proptest! {
    #[test]
    fn bytes_are_valid_for_the_layout_when_they_are_for_the_type(
        changes in prop::collection::vec((0..size_of::<Scene>(), any::<u8>()), 0..3),
        shape in 0_u8..4,
    ) {
        let mut bytes = bytes_of(&crate::blank::<Scene>());
        bytes[std::mem::offset_of!(Scene, shape)] = shape;
        bytes[std::mem::offset_of!(Scene, name)] = 2;
        for (index, byte) in changes {
            bytes[index] = byte;
        }
        let layout = OwnedLayout::from(Scene::LAYOUT);
        let found = validate(&layout, layout.root(), &bytes);
        prop_assert_eq!(found.is_ok(), Scene::check(&bytes).is_ok(), "{:?}", found);
    }

    #[test]
    fn no_bytes_of_any_layout_bring_anybody_down(seed: u64) {
        let mut random = Random::new(seed);
        let layout = random.layout();
        let bytes = random.bytes(layout.size());
        let value = Value::whole(&layout, &bytes).unwrap();
        let (tree, json) = (Tree(value).to_string(), value.to_json());
        if let Err(wrong) = validate(&layout, layout.root(), &bytes) {
            prop_assert!(!wrong.found.is_empty());
        } else {
            prop_assert!(!tree.contains("<invalid"), "{tree}");
            prop_assert!(!json.to_string().contains("<invalid"), "{json}");
        }
        for _ in 0..20 {
            let names = ["x", ".y", ".0", ".1", "[0]", "[3]", ".Some", ".Circle", ".Face", "key"];
            let steps = (0..random.below(5)).map(|_| names[random.below(names.len())]);
            let path = steps.collect::<String>();
            if let Some(part) = value.at(&path) {
                prop_assert_eq!(part.bytes(), &bytes[part.range()], "{}", path);
            }
        }
    }
}

#[test]
fn types_without_bytes_can_be_as_many_as_they_like() {
    let node = |size, role, kind| Node {
        name: "tuple".to_owned(),
        size,
        align: 1,
        version: 0,
        role,
        kind,
    };
    let field = |name: &str, offset, ty| NodeField {
        name: name.to_owned(),
        offset,
        ty: NodeId(ty),
        was: &[],
        default: None,
    };
    let mut nodes = vec![node(0, Role::Plain, NodeKind::Struct(vec![]))];
    for ty in 0..100 {
        let fields = vec![field("0", 0, ty), field("1", 0, ty)];
        nodes.push(node(0, Role::Plain, NodeKind::Struct(fields)));
    }
    let items = NodeKind::Array { element: NodeId(100), len: usize::MAX };
    nodes.push(node(0, Role::Plain, items));
    nodes.push(node(8, Role::Plain, NodeKind::Primitive(Primitive::Usize)));
    let list = NodeKind::Struct(vec![field("len", 0, 102), field("items", 8, 101)]);
    nodes.push(node(8, Role::List, list));
    let layout = OwnedLayout::try_from(nodes).unwrap();
    let bytes = (usize::MAX - 1).to_ne_bytes();
    let value = Value::whole(&layout, &bytes).unwrap();
    let tree = Tree(value).to_string();
    assert!(tree.ends_with(", 18446744073709551614 elements"), "{tree}");
    assert!(tree.len() < 1000 && layout.to_string().len() < 1 << 24);
    assert_eq!(value.to_json().to_string(), "[]");
    assert_eq!(value.at("[7].0.1").unwrap().to_json(), serde_json::Value::Null);
    assert_eq!(validate(&layout, layout.root(), &bytes), Ok(()));
}

#[test]
fn a_name_that_nobody_reads_is_refused() {
    let node = |name: &str, kind| {
        let (name, role) = (name.to_owned(), Role::Plain);
        Node { name, size: 1, align: 1, version: 0, role, kind }
    };
    let byte = || node("u8", NodeKind::Primitive(Primitive::U8));
    let field = |name: &str| {
        let name = name.to_owned();
        vec![NodeField { name, offset: 0, ty: NodeId(0), was: &[], default: None }]
    };
    let variant = |name: &str| {
        let (name, fields) = (name.to_owned(), Vec::new());
        let variants = vec![NodeVariant { name, value: 0, fields, was: &[] }];
        NodeKind::Enum { tag: 1, variants }
    };
    let (fits, long) = ("x".repeat(1000), "x".repeat(1001));
    for name in [&fits, &long] {
        for node in [
            node(name, NodeKind::Pod),
            node("Struct", NodeKind::Struct(field(name))),
            node("Enum", variant(name)),
        ] {
            let checked = OwnedLayout::try_from(vec![byte(), node]).map(|_| ());
            assert_eq!(checked.is_ok(), *name == fits);
            let told = checked.err().unwrap_or_default();
            assert!(told.len() < 300, "{told}");
        }
    }
}

#[test]
fn the_first_wrong_place_is_named() {
    let layout = OwnedLayout::from(Scene::LAYOUT);
    let mut bytes = bytes_of(&crate::blank::<Scene>());
    assert_eq!(validate(&layout, layout.root(), &bytes), Ok(()));
    let wrong = |bytes: &[u8]| validate(&layout, layout.root(), bytes).unwrap_err().to_string();
    assert_eq!(wrong(&[]), format!("0 bytes, not {}", size_of::<Scene>()));
    bytes[std::mem::offset_of!(Scene, flags) + 1] = 2;
    assert_eq!(wrong(&bytes), "flags[1]: 2 is not a bool");
    // Also after the end of the list, whose code may start to use the place without a check.
    bytes[std::mem::offset_of!(Scene, balls) + size_of::<usize>()] = 8;
    assert_eq!(wrong(&bytes), "balls.items[0].visible: 8 is not a bool");
}

#[test]
fn what_takes_any_bytes_is_not_looked_at() {
    let any = |layout| OwnedLayout::from(layout);
    let any = |layout| any(layout).any_bytes(any(layout).root());
    assert!(any(<[(u8, f32); 7]>::LAYOUT));
    assert!(any(<[bool; 0]>::LAYOUT));
    assert!(any(<()>::LAYOUT));
    for layout in [Ball::LAYOUT, Mood::LAYOUT, Trail::LAYOUT, FixedString::<3>::LAYOUT] {
        assert!(!any(layout), "{layout}");
    }
}

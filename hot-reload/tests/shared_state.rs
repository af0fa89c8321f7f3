//! Tests of `#[derive(SharedState)]`: the bytes of values, and the bytes that are accepted as
//! values.
//!
//! There are two oracles: the compiler, asked for the addresses of fields, and a reader of bytes
//! that knows a type only by its `Layout`.

use bytemuck::{bytes_of, pod_read_unaligned};
use glam::Vec3;
use hot_reload::{
    FixedString, FixedVec, SharedState,
    collections::FixedOption,
    layout::{Invalid, Kind, Layout},
};
use proptest::prelude::*;
use std::fmt::Debug;
use std::mem::offset_of;

#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C)]
struct Ball {
    visible: bool,
    position: (u8, f32),
    letter: char,
}

/// An enum whose first variant is not zero.
#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(i16)]
enum Mood {
    Calm = -3,
    Merry,
    Angry = 300,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C, u8)]
enum Shape {
    Nothing,
    Circle(u16, bool),
    Face { mood: Mood, size: u64 } = 200,
}

/// A state with every kind of field.
#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C)]
struct Scene {
    balls: [Ball; 2],
    mood: Mood,
    shape: Shape,
    flags: FixedVec<bool, 3>,
    name: FixedString<5>,
    grid: [[bool; 3]; 2],
    target: FixedOption<(u8, char)>,
    count: usize,
    #[shared(pod)]
    wind: Vec3,
}

const BALL: Ball = Ball { visible: true, position: (7, 1.5), letter: '€' };

fn scene() -> Scene {
    Scene {
        balls: [BALL; 2],
        mood: Mood::Angry,
        shape: Shape::Circle(500, true),
        flags: FixedVec::try_from(&[true, false][..]).expect("two of three"),
        name: FixedString::try_from("aß").expect("three bytes of five"),
        grid: [[true, false, true], [false, true, false]],
        target: FixedOption::Some((3, 'ß')),
        count: 1 << 40,
        wind: Vec3::new(1.0, -2.0, 0.5),
    }
}

/// Returns the value's bytes, after checking that they are accepted and do not depend on the
/// previous content of the memory.
fn written<T: SharedState>(value: &T) -> Vec<u8> {
    let [ones, zeros] = [0xff, 0].map(|before| {
        let mut place = vec![before; size_of::<T>()];
        value.write_bytes(&mut place);
        place
    });
    assert_eq!(ones, zeros, "{}", T::LAYOUT);
    assert_eq!(T::check(&zeros), Ok(()), "{}", T::LAYOUT);
    zeros
}

fn blank<T: SharedState>() -> Vec<u8> {
    let mut place = vec![0; size_of::<T>()];
    T::write_blank(&mut place);
    assert_eq!(T::check(&place), Ok(()), "{}", T::LAYOUT);
    if T::ZERO_IS_BLANK {
        assert!(place.iter().all(|&byte| byte == 0), "{}", T::LAYOUT);
    }
    place
}

/// Returns the offset and layout of the field at this path. A field of a variant follows the
/// variant's name.
fn find(layout: &'static Layout, path: &[&str]) -> (usize, &'static Layout) {
    let [name, rest @ ..] = path else {
        return (0, layout);
    };
    let (fields, rest) = match layout.kind {
        Kind::Struct(fields) => (fields, path),
        Kind::Enum { variants, .. } => {
            let variant = variants.iter().find(|variant| variant.name == *name);
            (variant.expect("a variant of this name").fields, rest)
        }
        Kind::Array { element, .. } => {
            let index = name.parse::<usize>().expect("the number of an element");
            let (offset, layout) = find(element, rest);
            return (index * element.size + offset, layout);
        }
        Kind::Primitive | Kind::Pod => panic!("{} has no field {name}", layout.name),
    };
    let field = fields.iter().find(|field| field.name == rest[0]);
    let field = field.expect("a field of this name");
    let (offset, layout) = find(field.layout, &rest[1..]);
    (field.offset + offset, layout)
}

/// Returns the bytes of a field; the path is separated by dots.
fn part<'b, T: SharedState>(bytes: &'b [u8], path: &str) -> &'b [u8] {
    let (offset, layout) = find(T::LAYOUT, &path.split('.').collect::<Vec<_>>());
    &bytes[offset..offset + layout.size]
}

/// Returns the bytes of a variant's tag.
fn tag_bytes(value: i128, size: usize) -> Vec<u8> {
    let bytes = value.to_ne_bytes();
    if cfg!(target_endian = "big") { bytes[16 - size..].to_vec() } else { bytes[..size].to_vec() }
}

/// Copies the bytes that a layout describes, and returns whether they are a value. This is the
/// oracle of `check`.
fn copy_valid(layout: &Layout, from: &[u8], to: &mut [u8]) -> bool {
    let mut copy = |offset: usize, layout: &Layout| {
        let range = offset..offset + layout.size;
        copy_valid(layout, &from[range.clone()], &mut to[range])
    };
    match layout.kind {
        Kind::Array { element, len } => (0..len).all(|index| copy(index * element.size, element)),
        Kind::Struct(fields) => {
            let valid = fields.iter().all(|field| copy(field.offset, field.layout));
            let stored = |capacity| {
                let len = pod_read_unaligned::<usize>(&from[..size_of::<usize>()]);
                (len <= capacity).then(|| &from[size_of::<usize>()..][..len])
            };
            match (layout.name, fields) {
                ("FixedVec", [_, items]) => match items.layout.kind {
                    Kind::Array { len, .. } => valid && stored(len).is_some(),
                    _ => panic!("a vector has an array"),
                },
                ("FixedString", [_, text]) => {
                    stored(text.layout.size).is_some_and(|text| str::from_utf8(text).is_ok())
                }
                _ => valid,
            }
        }
        Kind::Enum { tag, variants } => {
            let chosen = variants.iter().find(|it| tag_bytes(it.value, tag) == from[..tag]);
            let fields = chosen.map(|it| it.fields.iter());
            let valid = fields.is_some_and(|mut it| it.all(|it| copy(it.offset, it.layout)));
            to[..tag].copy_from_slice(&from[..tag]);
            valid
        }
        Kind::Primitive | Kind::Pod => {
            to.copy_from_slice(from);
            match layout.name {
                "bool" => from[0] <= 1,
                "char" => char::from_u32(pod_read_unaligned(from)).is_some(),
                _ => true,
            }
        }
    }
}

/// Returns the bytes with zeroed padding, if they are a value.
fn canonical<T: SharedState>(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut copy = vec![0; bytes.len()];
    copy_valid(T::LAYOUT, bytes, &mut copy).then_some(copy)
}

#[test]
fn fields_are_written_where_the_layout_says() {
    let bytes = written(&scene());
    #[rustfmt::skip]
    let table: [(&str, &[u8]); 14] = [
        ("balls.1.visible", &[1]),
        ("balls.1.position.0", &[7]),
        ("balls.1.position.1", bytes_of(&1.5_f32)),
        ("balls.0.letter", bytes_of(&('€' as u32))),
        ("mood", bytes_of(&300_i16)),
        ("shape.Circle.0", bytes_of(&500_u16)),
        ("shape.Circle.1", &[1]),
        ("flags.len", bytes_of(&2_usize)),
        ("flags.items", &[1, 0, 0]),
        ("name.len", bytes_of(&3_usize)),
        ("grid.0", &[1, 0, 1]),
        ("target.Some.0.1", bytes_of(&('ß' as u32))),
        ("count", bytes_of(&(1_usize << 40))),
        ("wind", bytes_of(&[1.0_f32, -2.0, 0.5])),
    ];
    for (path, expected) in table {
        assert_eq!(part::<Scene>(&bytes, path), expected, "{path}");
    }
    assert_eq!(part::<Scene>(&bytes, "name.bytes")[..3], *"aß".as_bytes());
}

#[test]
fn the_layout_has_the_offsets_and_sizes_of_the_compiler() {
    #[rustfmt::skip]
    let table = [
        ("balls", offset_of!(Scene, balls), size_of::<[Ball; 2]>()),
        ("balls.1", offset_of!(Scene, balls) + size_of::<Ball>(), size_of::<Ball>()),
        ("balls.0.letter", offset_of!(Scene, balls) + offset_of!(Ball, letter), 4),
        ("balls.0.position.1", offset_of!(Scene, balls) + offset_of!(Ball, position.1), 4),
        ("mood", offset_of!(Scene, mood), 2),
        ("shape", offset_of!(Scene, shape), size_of::<Shape>()),
        ("flags", offset_of!(Scene, flags), size_of::<FixedVec<bool, 3>>()),
        ("name", offset_of!(Scene, name), size_of::<FixedString<5>>()),
        ("count", offset_of!(Scene, count), size_of::<usize>()),
        ("wind", offset_of!(Scene, wind), 12),
    ];
    for (path, offset, size) in table {
        let (found, layout) = find(Scene::LAYOUT, &path.split('.').collect::<Vec<_>>());
        assert_eq!((found, layout.size), (offset, size), "{path}");
    }
    assert_eq!(Scene::LAYOUT.size, size_of::<Scene>());
    assert_eq!(Scene::LAYOUT.align, align_of::<Scene>());
}

#[test]
fn padding_is_written_as_zeros() {
    #[track_caller]
    fn padded<T: SharedState>(value: T, padding: usize) {
        let bytes = written(&value);
        assert_eq!(canonical::<T>(&bytes), Some(bytes), "{}", T::LAYOUT);
        // All other bytes are ones, so bytes that remain zero are padding.
        let mut ones = vec![0; size_of::<T>()];
        copy_valid(T::LAYOUT, &vec![0xff; size_of::<T>()], &mut ones);
        let zeros = ones.iter().filter(|&&byte| byte == 0).count();
        assert_eq!((zeros, T::HAS_PADDING), (padding, padding > 0), "{}", T::LAYOUT);
    }
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Gaps(u8, u32, u8, u64, u8);
    #[derive(Clone, Copy, SharedState)]
    #[repr(C, align(32))]
    struct Aligned(u64);
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Nothing {}
    #[derive(Clone, Copy, SharedState)]
    #[repr(transparent)]
    struct Wrapped([u16; 3]);

    padded(Gaps(1, 2, 3, 4, 5), 3 + 7 + 7);
    padded([Gaps(1, 2, 3, 4, 5); 2], 2 * (3 + 7 + 7));
    padded(Aligned(1), 24);
    padded(Nothing {}, 0);
    padded(Wrapped([1, 2, 3]), 0);
    padded((1_u8, 2_u32, 3_u16), 1);
    padded((1_u32, (2_u16, 3_u16)), 0);
    padded((), 0);
    padded([[1_u8; 3]; 5], 0);
    padded(FixedVec::<u64, 2>::new(), 0);
    padded(FixedVec::<u8, 3>::new(), 5);
    padded(FixedVec::<u128, 0>::new(), 8);
    padded(FixedString::<9>::new(), 7);
}

/// Checks that such enums are not copied as a whole, which would read bytes that no variant of the
/// value has written.
#[test]
fn an_enum_with_data_is_never_copied_whole() {
    let with_data = [
        Shape::HAS_PADDING,
        FixedOption::<u8>::HAS_PADDING,
        <[FixedOption<u8>; 2]>::HAS_PADDING,
        <(u8, FixedOption<u8>)>::HAS_PADDING,
        FixedVec::<FixedOption<u64>, 2>::HAS_PADDING,
    ];
    assert_eq!((with_data, Mood::HAS_PADDING), ([true; 5], false));
    let options = [FixedOption::None, FixedOption::Some(7_u8)];
    assert_eq!(written(&options), [0, 0, 1, 7]);
}

#[test]
fn a_variant_leaves_zeros_where_another_has_data() {
    let size = size_of::<Shape>();
    let mut expected = vec![0; size];
    assert_eq!(written(&Shape::Nothing), expected);
    expected[0] = 1;
    expected[8..10].copy_from_slice(bytes_of(&0xffff_u16));
    assert_eq!(written(&Shape::Circle(0xffff, false)), expected);
    assert_eq!(written(&FixedOption::<u32>::None), [0; 8]);
}

#[test]
fn blank_values_are_zeros_empty_collections_and_first_variants() {
    #[derive(Clone, Copy, SharedState)]
    #[repr(C, u8)]
    enum Late {
        First(u8, Mood) = 5,
        _Zero = 0,
    }
    let calm = (-3_i16).to_ne_bytes();
    assert_eq!((blank::<Mood>(), Mood::ZERO_IS_BLANK), (calm.to_vec(), false));
    assert_eq!(blank::<[Mood; 2]>(), [calm, calm].concat());
    assert_eq!(blank::<(Mood,)>(), calm);
    assert_eq!(blank::<Late>(), written(&Late::First(0, Mood::Calm)));
    assert_eq!(blank::<Shape>(), written(&Shape::Nothing));
    assert_eq!(blank::<FixedOption<Mood>>(), written(&FixedOption::<Mood>::None));
    assert_eq!(blank::<FixedVec<Late, 2>>(), written(&FixedVec::<Late, 2>::new()));
    assert_eq!(part::<FixedVec<Mood, 2>>(&blank::<FixedVec<Mood, 2>>(), "items.1"), calm);
    let blank_scene = Scene {
        balls: [Ball { visible: false, position: (0, 0.0), letter: '\0' }; 2],
        mood: Mood::Calm,
        shape: Shape::Nothing,
        flags: FixedVec::new(),
        name: FixedString::new(),
        grid: [[false; 3]; 2],
        target: FixedOption::None,
        count: 0,
        wind: Vec3::ZERO,
    };
    assert_eq!(blank::<Scene>(), written(&blank_scene));
}

/// Returns the error of `check` for the value's bytes after replacing those at the field.
fn refused<T: SharedState>(value: &T, field: &str, bytes: &[u8]) -> Invalid {
    let mut changed = written(value);
    let path = field.split('.').filter(|name| !name.is_empty());
    let (offset, _) = find(T::LAYOUT, &path.collect::<Vec<_>>());
    changed[offset..offset + bytes.len()].copy_from_slice(bytes);
    assert!(!T::ANY_BYTES);
    T::check(&changed).expect_err(field)
}

#[test]
fn bytes_that_are_no_value_are_refused_by_the_path_of_the_field() {
    let [two, four, six] = [2_usize, 4, 6].map(usize::to_ne_bytes);
    let surrogate = 0xd800_u32.to_ne_bytes();
    #[rustfmt::skip]
    let table: [(&str, &[u8], &str, &str); 17] = [
        ("balls.1.visible", &[2], "balls[1].visible", "2 is not a bool"),
        ("balls.0.letter", &surrogate, "balls[0].letter", "0xd800 is not a char"),
        ("balls.0.letter", &[0xff; 4], "balls[0].letter", "0xffffffff is not a char"),
        ("mood", &[0; 2], "mood", "tag 0 matches no variant"),
        ("mood", &[0xff; 2], "mood", "tag -1 matches no variant"),
        ("shape", &[199], "shape", "tag 199 matches no variant"),
        ("shape.Circle.1", &[3], "shape.1", "3 is not a bool"),
        ("flags.len", &four, "flags", "length 4 of at most 3"),
        ("flags.len", &[0xff; 8], "flags", "of at most 3"),
        ("flags.items.1", &[2], "flags.items[1]", "2 is not a bool"),
        // After the end: even unused places of a vector must be values.
        ("flags.items.2", &[2], "flags.items[2]", "2 is not a bool"),
        ("name.len", &six, "name", "length 6 of at most 5"),
        ("name.len", &two, "name", "utf-8"),
        ("name.bytes", &[0xff], "name", "utf-8"),
        ("grid.1.2", &[2], "grid[1][2]", "2 is not a bool"),
        ("target", &[2], "target", "tag 2 matches no variant"),
        ("target.Some.0.1", &[0xff; 4], "target.0.1", "is not a char"),
    ];
    for (field, bytes, path, found) in table {
        let invalid = refused(&scene(), field, bytes);
        assert_eq!(invalid.path, path, "{invalid}");
        assert!(invalid.found.contains(found), "{invalid}, not {found}");
    }
    let face = Shape::Face { mood: Mood::Merry, size: 1 };
    assert_eq!(refused(&[(0_u8, face); 2], "1.1.Face.mood", &[9; 2]).path, "[1].1.mood");
}

#[test]
fn the_first_of_several_wrong_fields_is_named() {
    let wrong = refused(&scene(), "grid", &[0, 5, 5, 5, 5, 5]);
    assert_eq!(wrong.to_string(), "grid[0][1]: 5 is not a bool");
}

#[test]
fn the_message_about_a_whole_value_begins_with_what_was_found() {
    assert_eq!(refused(&true, "", &[7]).to_string(), "7 is not a bool");
}

#[test]
fn bytes_of_other_variants_and_padding_are_not_checked() {
    let mut bytes = vec![0xff; size_of::<Shape>()];
    bytes[0] = 0;
    assert_eq!(Shape::check(&bytes), Ok(()));
    let mut bytes = [0xff; size_of::<Ball>()];
    bytes[offset_of!(Ball, visible)] = 0;
    bytes[offset_of!(Ball, letter)..][..4].fill(0);
    assert_eq!(Ball::check(&bytes), Ok(()));
    let mut bytes = written(&FixedString::<4>::new());
    bytes[8..].fill(0xff);
    assert_eq!(FixedString::<4>::check(&bytes), Ok(()));
}

#[test]
fn any_bytes_are_a_value_only_without_bool_char_enum_and_collection() {
    #[rustfmt::skip]
    let table = [
        (Scene::ANY_BYTES, false),
        (Mood::ANY_BYTES, false),
        (FixedVec::<u8, 4>::ANY_BYTES, false),
        (FixedString::<4>::ANY_BYTES, false),
        (<(u8, [bool; 1])>::ANY_BYTES, false),
        (<[char; 2]>::ANY_BYTES, false),
        (<(u8, [f32; 4], ())>::ANY_BYTES, true),
        (usize::ANY_BYTES, true),
        (i128::ANY_BYTES, true),
    ];
    for (row, (found, expected)) in table.into_iter().enumerate() {
        assert_eq!(found, expected, "row {row}");
    }
}

/// Returns the offset at which the compiler placed a field, from its address.
fn offset_in<T, F>(value: &T, field: &F) -> usize {
    std::ptr::from_ref(field).addr() - std::ptr::from_ref(value).addr()
}

/// Compares the derived places of a variant's data with those of the value in memory.
fn lies_as_in_memory<T: SharedState>(value: &T, tag: &[u8], fields: &[(&str, usize, &[u8])]) {
    let bytes = written(value);
    assert_eq!(bytes[..tag.len()], *tag, "{}", T::LAYOUT);
    assert_eq!((T::LAYOUT.size, T::LAYOUT.align), (size_of::<T>(), align_of::<T>()));
    assert!(matches!(T::LAYOUT.kind, Kind::Enum { tag: size, .. } if size == tag.len()));
    for &(path, offset, content) in fields {
        let (found, layout) = find(T::LAYOUT, &path.split('.').collect::<Vec<_>>());
        assert_eq!((found, layout.size), (offset, content.len()), "{path} of {}", T::LAYOUT);
        assert_eq!(bytes[found..][..content.len()], *content, "{path} of {}", T::LAYOUT);
    }
}

macro_rules! data_enum {
    ($tag:ident, $first:expr, $wide:ty $(, $align:meta)?) => {{
        #[derive(Clone, Copy, SharedState)]
        #[repr(C, $tag)]
        $(#[$align])?
        enum Message {
            Quit = $first,
            Move { by: u8, to: $wide, fast: bool },
            Text([u8; 3], u16),
            Last(u8) = 100,
        }
        let (first, wide): ($tag, $wide) = ($first, 77 as $wide);
        lies_as_in_memory(&Message::Quit, bytes_of(&first), &[]);
        let value = Message::Move { by: 9, to: wide, fast: true };
        let Message::Move { by, to, fast } = &value else { unreachable!() };
        lies_as_in_memory(&value, bytes_of(&(first + 1)), &[
            ("Move.by", offset_in(&value, by), &[9]),
            ("Move.to", offset_in(&value, to), bytes_of(&wide)),
            ("Move.fast", offset_in(&value, fast), &[1]),
        ]);
        let value = Message::Text(*b"abc", 500);
        let Message::Text(text, number) = &value else { unreachable!() };
        lies_as_in_memory(&value, bytes_of(&(first + 2)), &[
            ("Text.0", offset_in(&value, text), b"abc"),
            ("Text.1", offset_in(&value, number), bytes_of(&500_u16)),
        ]);
        let value = Message::Last(8);
        let Message::Last(number) = &value else { unreachable!() };
        let place = ("Last.0", offset_in(&value, number), &[8_u8][..]);
        lies_as_in_memory(&value, bytes_of(&(100 as $tag)), &[place]);
    }};
}

#[test]
fn data_of_variants_lies_where_the_compiler_puts_it() {
    data_enum!(u8, 0, u8);
    data_enum!(u8, 3, u16);
    data_enum!(u8, 0, u128);
    data_enum!(u8, 0, u32, repr(align(32)));
    data_enum!(u16, 7, u32);
    data_enum!(u32, 0, u8);
    data_enum!(u64, 90, u16);
    data_enum!(usize, 1, u64);
    data_enum!(i8, -2, u64);
    data_enum!(i16, -300, u8);
    data_enum!(i32, -1, f64);
    data_enum!(i64, -7, u32);
    data_enum!(isize, -2, u8);
}

#[test]
fn explicit_discriminants_are_the_tags_and_no_others_are_accepted() {
    const BASE: u8 = 40;
    #[derive(Clone, Copy, SharedState)]
    #[repr(i8)]
    enum Signed {
        A = -128,
        B,
        C = 0,
        D = 127,
        E = -1,
    }
    #[derive(Clone, Copy, SharedState)]
    #[repr(u8)]
    enum Unsigned {
        A = BASE + 2,
        B,
        C = u8::MAX,
        D = b'a',
    }
    fn accepted<T: SharedState>() -> Vec<u8> {
        (0..=u8::MAX).filter(|&tag| T::check(&[tag]).is_ok()).collect()
    }
    let values = [Signed::A, Signed::B, Signed::C, Signed::D, Signed::E];
    let tags = values.map(|it| [it as i8].map(i8::cast_unsigned));
    assert_eq!(values.map(|it| written(&it)), tags);
    assert_eq!(accepted::<Signed>(), [0, 127, 128, 129, 255]);
    let values = [Unsigned::A, Unsigned::B, Unsigned::C, Unsigned::D];
    assert_eq!(values.map(|it| written(&it)), values.map(|it| [it as u8]));
    assert_eq!(accepted::<Unsigned>(), [42, 43, 97, 255]);
    let Kind::Enum { variants, .. } = Signed::LAYOUT.kind else { unreachable!() };
    let found = variants.iter().map(|it| (it.name, it.value)).collect::<Vec<_>>();
    assert_eq!(found, [("A", -128), ("B", -127), ("C", 0), ("D", 127), ("E", -1)]);
}

#[test]
fn generic_types_have_the_layout_of_their_arguments() {
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Pair<A, B: Default, const N: usize>
    where
        A: PartialEq,
    {
        one: A,
        many: [B; N],
    }
    #[derive(Clone, Copy, SharedState)]
    #[repr(C, u8)]
    enum Either<A, B> {
        Left(u8, A),
        Right { it: B },
    }
    type Whole = Pair<u8, (u32, bool), 3>;
    let value: Whole = Pair { one: 1_u8, many: [(2_u32, true); 3] };
    let bytes = written(&value);
    assert_eq!(part::<Whole>(&bytes, "many.2.0"), bytes_of(&2_u32));
    assert_eq!(find(Whole::LAYOUT, &["many"]).0, offset_of!(Whole, many));
    let left = Either::<u64, u128>::Left(5, 6);
    let Either::Left(_, number) = &left else { unreachable!() };
    let place = ("Left.1", offset_in(&left, number), bytes_of(&6_u64));
    lies_as_in_memory(&left, &[0], &[place]);
    let right = Either::<u64, bool>::Right { it: true };
    assert_eq!(refused(&right, "Right.it", &[2]).path, "it");
}

/// Returns the fingerprints of types that are defined only here: `[repr] [shared] type;`.
macro_rules! fingerprints {
    ($([$($repr:tt)*] [$($shared:tt)*] $kind:tt $name:ident $body:tt;)*) => {[$({
        #[derive(Clone, Copy, SharedState)]
        #[repr($($repr)*)]
        #[shared($($shared)*)]
        #[allow(dead_code, reason = "only its layout is looked at")]
        $kind $name $body
        $name::LAYOUT.fingerprint()
    }),*]};
}

#[test]
fn a_renamed_type_keeps_its_fingerprint() {
    let [ball, again, spot, version] = fingerprints! {
        [C] [] struct Ball { x: f32, trail: [u8; 4] };
        [C] [] struct Ball { x: f32, trail: [u8; 4] };
        [C] [] struct Spot { x: f32, trail: [u8; 4] };
        [C] [version = 0] struct Ball { x: f32, trail: [u8; 4] };
    };
    assert_eq!([again, spot, version], [ball; 3]);
    let [shape, form] = fingerprints! {
        [C, u8] [] enum Shape { Dot, Line { to: u32 } };
        [C, u8] [] enum Form { Dot, Line { to: u32 } };
    };
    assert_eq!(shape, form);
}

#[test]
fn whatever_changes_the_bytes_or_their_meaning_changes_the_fingerprint() {
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Spot(f32, f32);
    all_differ(&fingerprints! {
        [C] [] struct Ball { x: f32, y: f32, trail: [u8; 4] };
        [C] [] struct Ball { x: f32, z: f32, trail: [u8; 4] };
        [C] [] struct Ball { y: f32, x: f32, trail: [u8; 4] };
        [C] [] struct Ball { x: f32, y: u32, trail: [u8; 4] };
        [C] [] struct Ball { x: f32, y: char, trail: [u8; 4] };
        [C] [] struct Ball { x: f32, y: f32, trail: [i8; 4] };
        [C] [] struct Ball { x: f32, y: f32, trail: [bool; 4] };
        [C] [] struct Ball { x: f32, y: f32, trail: [u8; 3] };
        [C] [] struct Ball { x: f32, y: f32, trail: [u8; 8] };
        [C] [] struct Ball { x: f32, y: f32, trail: [[u8; 2]; 2] };
        [C] [] struct Ball { x: f32, y: f32, trail: (u8, u8, u8, u8) };
        [C] [] struct Ball { x: f32, y: f32, trail: FixedOption<[u8; 3]> };
        [C] [] struct Ball { x: f32, y: f32 };
        [C] [] struct Ball { at: Spot, trail: [u8; 4] };
        [C, align(8)] [] struct Ball { x: f32, y: f32, trail: [u8; 4] };
        [C] [version = 2] struct Ball { x: f32, y: f32, trail: [u8; 4] };
        [C] [version = 3] struct Ball { x: f32, y: f32, trail: [u8; 4] };
        [C] [] struct Ball { #[shared(pod)] at: Vec3 };
        [C] [] struct Ball { #[shared(pod)] at: glam::IVec3 };
        [C] [] struct Ball { at: [f32; 3] };
        [C, u8] [] enum Shape { Dot, Circle(u32), Line { to: u32 } };
        [C, u8] [] enum Shape { Dot, Disk(u32), Line { to: u32 } };
        [C, u8] [] enum Shape { Dot, Line { to: u32 }, Circle(u32) };
        [C, u8] [] enum Shape { Dot, Circle(f32), Line { to: u32 } };
        [C, u8] [] enum Shape { Dot, Circle(u32), Line { from: u32 } };
        [C, u8] [] enum Shape { Dot, Circle(u32), Line { to: u32 }, Square(u32) };
        [C, u8] [] enum Shape { Dot, Circle(u32), Line };
        [C, u8] [] enum Shape { Dot = 1, Circle(u32), Line { to: u32 } };
        [C, u8] [] enum Shape { Dot, Circle(u32), Line { to: u32 } = 3 };
        [C, u16] [] enum Shape { Dot, Circle(u32), Line { to: u32 } };
        [C, u8] [version = 2] enum Shape { Dot, Circle(u32), Line { to: u32 } };
        [u8] [] enum Mood { Calm, Merry };
        [i8] [] enum Mood { Calm, Merry = -1 };
        [u8] [] enum Mood { Merry, Calm };
        [u8] [] enum Mood { Calm, Happy };
        [u16] [] enum Mood { Calm, Merry };
        [C] [] struct List { it: FixedVec<u8, 4> };
        [C] [] struct List { it: FixedVec<u8, 5> };
        [C] [] struct List { it: FixedVec<bool, 4> };
        [C] [] struct List { it: FixedString<4> };
        [C] [] struct List { it: usize };
        [C] [] struct List { it: isize };
        [C] [] struct List { it: u64 };
    });
}

#[track_caller]
fn all_differ(fingerprints: &[u64]) {
    for (at, one) in fingerprints.iter().enumerate() {
        assert_eq!(fingerprints.iter().position(|it| it == one), Some(at), "row {at}");
    }
}

/// Checks fingerprints against fixed values. Renderers of other builds compare them, so they may
/// change only on purpose.
#[test]
fn fingerprints_are_the_same_in_every_build() {
    let [point, mood] = fingerprints! {
        [C] [] struct Point { x: u32, on: [bool; 2] };
        [i8] [] enum Mood { Calm = -1, Angry };
    };
    // FNV-1a of what `Layout` describes, computed by another program.
    assert_eq!(u32::LAYOUT.fingerprint(), 0x6031_0031_8573_fd21);
    assert_eq!(point, 0x4611_02fc_081e_42f2);
    assert_eq!(mood, 0x8e3c_6ed1_0e14_17f2);
}

#[test]
fn a_layout_prints_as_a_tree() {
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Flags {
        #[shared(pod)]
        wind: Vec3,
        pairs: [[Inner; 2]; 3],
    }
    #[derive(Clone, Copy, SharedState)]
    #[repr(C)]
    struct Inner(u8, u16);
    let expected = "\
Flags (36 bytes)
       0  wind: Vec3 (12 bytes)
      12  pairs: [[Inner; 2]; 3] (24 bytes)
         0  0: u8 (1 bytes)
         2  1: u16 (2 bytes)";
    assert_eq!(Flags::LAYOUT.to_string(), expected);
    assert_eq!(<[[u8; 3]; 2]>::LAYOUT.to_string(), "[[u8; 3]; 2] (6 bytes)");
}

#[test]
fn a_layout_prints_each_variant_deeper_than_its_enum_and_its_fields_deeper_still() {
    let text = <(Shape,)>::LAYOUT.to_string();
    let column = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.find(name)).unwrap_or_else(|| panic!("{name} in {text}"))
    };
    let names = ["0: Shape (24 bytes)", "Face = 200", "mood: Mood (2 bytes)", "Calm = -3"];
    let columns = names.map(column);
    assert!(columns.is_sorted_by(|outer, inner| outer < inner), "{columns:?} in {text}");
    assert_eq!(column("Nothing = 0"), column("Face = 200"), "{text}");
}

/// Returns the scene that the bytes describe; the content of a collection after its end is ignored.
fn read(bytes: &[u8]) -> Scene {
    fn number(bytes: &[u8], path: &str) -> u32 {
        pod_read_unaligned(part::<Scene>(bytes, path))
    }
    let flag = |path: &str| part::<Scene>(bytes, path)[0] == 1;
    let letter = |path: &str| char::from_u32(number(bytes, path)).expect("a char");
    let size = |path: &str| pod_read_unaligned::<usize>(part::<Scene>(bytes, path));
    let mood = |path: &str| match pod_read_unaligned::<i16>(part::<Scene>(bytes, path)) {
        -3 => Mood::Calm,
        -2 => Mood::Merry,
        300 => Mood::Angry,
        other => panic!("mood {other}"),
    };
    let ball = |index: usize| Ball {
        visible: flag(&format!("balls.{index}.visible")),
        position: (
            part::<Scene>(bytes, &format!("balls.{index}.position.0"))[0],
            f32::from_bits(number(bytes, &format!("balls.{index}.position.1"))),
        ),
        letter: letter(&format!("balls.{index}.letter")),
    };
    let flags = ["flags.items.0", "flags.items.1", "flags.items.2"].map(flag);
    let mut flags = FixedVec::try_from(&flags[..]).expect("three");
    flags.truncate(size("flags.len"));
    let name = &part::<Scene>(bytes, "name.bytes")[..size("name.len")];
    Scene {
        balls: [ball(0), ball(1)],
        mood: mood("mood"),
        shape: match part::<Scene>(bytes, "shape")[0] {
            0 => Shape::Nothing,
            1 => Shape::Circle(
                pod_read_unaligned(part::<Scene>(bytes, "shape.Circle.0")),
                flag("shape.Circle.1"),
            ),
            _ => Shape::Face {
                mood: mood("shape.Face.mood"),
                size: pod_read_unaligned(part::<Scene>(bytes, "shape.Face.size")),
            },
        },
        flags,
        name: FixedString::try_from(str::from_utf8(name).expect("text")).expect("short"),
        grid: ["0", "1"].map(|row| ["0", "1", "2"].map(|at| flag(&format!("grid.{row}.{at}")))),
        target: match part::<Scene>(bytes, "target")[0] {
            0 => FixedOption::None,
            _ => FixedOption::Some((
                part::<Scene>(bytes, "target.Some.0.0")[0],
                letter("target.Some.0.1"),
            )),
        },
        count: size("count"),
        wind: pod_read_unaligned(part::<Scene>(bytes, "wind")),
    }
}

fn mood() -> impl Strategy<Value = Mood> {
    prop::sample::select(vec![Mood::Calm, Mood::Merry, Mood::Angry])
}

fn any_scene() -> impl Strategy<Value = Scene> {
    let ball = any::<(bool, u8, i8, char)>().prop_map(|(visible, a, b, letter)| Ball {
        visible,
        position: (a, b.into()),
        letter,
    });
    let shape = prop_oneof![
        Just(Shape::Nothing),
        any::<(u16, bool)>().prop_map(|(a, b)| Shape::Circle(a, b)),
        (mood(), any::<u64>()).prop_map(|(mood, size)| Shape::Face { mood, size }),
    ];
    let collections = (prop::collection::vec(any::<bool>(), 0..=3), "[aß€]{0,3}");
    let rest = any::<([[bool; 3]; 2], Option<(u8, char)>, usize, [i8; 3])>();
    ([ball.clone(), ball], mood(), shape, collections, rest).prop_map(
        |(balls, mood, shape, (flags, name), (grid, target, count, wind))| Scene {
            balls,
            mood,
            shape,
            flags: flags[..].try_into().expect("at most three"),
            name: FixedString::truncated(&name),
            grid,
            target: target.into(),
            count,
            wind: Vec3::from_array(wind.map(f32::from)),
        },
    )
}

/// Compares `check` with the oracle, and returns whether the bytes are a value.
fn judged<T: SharedState>(bytes: &[u8]) -> bool {
    let bytes = &bytes[..size_of::<T>()];
    let valid = T::check(bytes).is_ok();
    assert_eq!(valid, canonical::<T>(bytes).is_some(), "{bytes:?} as {}", T::LAYOUT);
    assert!(valid || !T::ANY_BYTES);
    valid
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_written_is_the_value(scene in any_scene()) {
        let bytes = written(&scene);
        prop_assert_eq!(read(&bytes), scene);
        prop_assert_eq!(canonical::<Scene>(&bytes), Some(bytes));
    }

    #[test]
    fn changed_bytes_are_refused_or_written_again_as_they_are(
        scene in any_scene(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = written(&scene);
        for (at, byte) in changes {
            bytes[at.index(size_of::<Scene>())] = byte;
        }
        if judged::<Scene>(&bytes) {
            let mut expected = canonical::<Scene>(&bytes).expect("just judged");
            let again = written(&read(&bytes));
            // Text after the end is not part of the value.
            let (text, len) = (find(Scene::LAYOUT, &["name", "bytes"]).0, read(&bytes).name.len());
            expected[text + len..text + 5].fill(0);
            prop_assert_eq!(&again, &expected);
            prop_assert_eq!(written(&read(&again)), again);
        }
    }

    #[test]
    fn any_bytes_are_judged_as_the_layout_says(
        bytes in prop::collection::vec(prop_oneof![4 => Just(0), 2 => 0..4_u8, 1 => any::<u8>()], 64)
    ) {
        judged::<bool>(&bytes);
        judged::<char>(&bytes);
        judged::<Mood>(&bytes);
        judged::<Shape>(&bytes);
        judged::<Ball>(&bytes);
        judged::<FixedOption<char>>(&bytes);
        judged::<FixedVec<bool, 2>>(&bytes);
        judged::<FixedVec<FixedString<3>, 2>>(&bytes);
        judged::<FixedString<6>>(&bytes);
        judged::<(u8, [Mood; 2], bool)>(&bytes);
        judged::<(u8, [f64; 2], i16)>(&bytes);
    }
}

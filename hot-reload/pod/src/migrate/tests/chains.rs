//! Several migrations in a row: parked values come back after unrelated edits.

use super::roles::*;
use super::*;

#[test]
fn undo_and_redo_of_a_type_keep_both_values() {
    state!(Number { x: u32 });
    state!(Words { x: FixedString<8> });
    let mut parked = ParkedSet::default();
    let mut words: Words = go(&Number { x: 7 }, &mut parked);
    words.x = text("abc");
    let mut number: Number = go(&words, &mut parked);
    assert_eq!(number.x, 7);
    number.x = 8;
    let words: Words = go(&number, &mut parked);
    assert_eq!(words.x, text::<8>("abc"));
    let number: Number = go(&words, &mut parked);
    assert_eq!(number.x, 8);
}

#[test]
fn undo_and_redo_of_a_narrowing_keep_both_values() {
    state!(Wide { x: u32 });
    state!(Narrow { x: u8 });
    let mut parked = ParkedSet::default();
    let mut narrow: Narrow = go(&Wide { x: 70_000 }, &mut parked);
    narrow.x = 5;
    let wide: Wide = go(&narrow, &mut parked);
    assert_eq!(wide.x, 70_000);
    let narrow: Narrow = go(&wide, &mut parked);
    assert_eq!(narrow.x, 5);
    let mut wide: Wide = go(&narrow, &mut parked);
    assert_eq!(wide.x, 70_000);
    // Not the value in whose place 5 had been parked.
    wide.x = 9;
    let narrow: Narrow = go(&wide, &mut parked);
    assert_eq!(narrow.x, 9);
}

state!(Named { lives: u32, score: u8 });
state!(Renamed { score: u8, hearts: u32 });
state!(Told {
    score: u8,
    #[shared(was = "lives")]
    hearts: u32
});

#[test]
fn a_rename_that_is_told_one_save_later_takes_what_is_parked() {
    let named = Named { lives: 3, score: 7 };
    let (fresh, told) = (Renamed { score: 0, hearts: 9 }, Told { score: 0, hearts: 9 });
    let (renamed, parked, report) = carry(&named, &fresh, ParkedSet::default());
    assert_eq!(renamed, Renamed { score: 7, hearts: 9 });
    let hint = "new: as in a fresh state; if it was `lives`, add `#[shared(was = \"lives\")]`";
    assert!(report.contains(&format!("defaulted hearts: {hint}")), "{report}");
    assert!(
        parked.is_awaited_by(&Told::LAYOUT.into())
            && !parked.is_awaited_by(&Renamed::LAYOUT.into())
    );
    let (now, parked, report) = carry(&renamed, &told, parked);
    assert_eq!(
        (now, report),
        (
            Told { score: 7, hearts: 3 },
            trimmed(
                "kept      score
        restored  hearts: was `lives`"
            )
        )
    );
    assert!(parked.values.is_empty() && !parked.is_awaited_by(&Told::LAYOUT.into()));
    // Back to the old name.
    let (back, _, report) = carry(&now, &Named { lives: 1, score: 0 }, parked);
    assert_eq!(back, named, "{report}");
}

#[test]
fn a_rename_that_is_told_too_late_leaves_both_values_where_they_are() {
    let (fresh, told) = (Renamed { score: 0, hearts: 9 }, Told { score: 0, hearts: 9 });
    let named = Named { lives: 3, score: 7 };
    let (mut renamed, parked, _) = carry(&named, &fresh, ParkedSet::default());
    renamed.hearts = 8;
    let (mut now, parked, report) = carry(&renamed, &told, parked);
    assert_eq!(
        (now, report),
        (
            Told { score: 7, hearts: 8 },
            trimmed(
                "kept      score
        kept      hearts
        parked    lives: stays parked: `hearts` has been changed since"
            )
        )
    );
    // It does not come back later either, even if the field happens to hold the default.
    now.hearts = 9;
    assert!(!parked.is_awaited_by(&Told::LAYOUT.into()));
    let (again, parked, report) = carry(&now, &told, parked);
    assert_eq!((again, report), (now, "kept      (the whole)".to_owned()));
    let (back, _, report) = carry(&again, &Named { lives: 1, score: 0 }, parked);
    assert_eq!(back, named, "{report}");
}

#[test]
fn a_rename_in_elements_is_told_later_and_another_type_is_given_at_once() {
    state!(Ball { x: u8, hue: u8 });
    state!(Other { x: u8, color: u8 });
    state!(Late {
        x: u8,
        #[shared(was = "hue")]
        color: u16
    });
    state!(One { balls: FixedVec<Ball, 3> });
    state!(Two { balls: FixedVec<Other, 3> });
    state!(Three { balls: FixedVec<Late, 3> });
    let one = One { balls: list(&[1, 2].map(|x| Ball { x, hue: 10 * x })) };
    let mut parked = ParkedSet::default();
    let mut two: Two = go(&one, &mut parked);
    two.balls[1].color = 5;
    let three: Three = go(&two, &mut parked);
    let expected = [Late { x: 1, color: 10 }, Late { x: 2, color: 5 }];
    assert_eq!(three.balls, expected);
}

#[test]
fn a_new_name_is_suggested_only_where_it_can_be_no_other() {
    state!(One { a: u32, b: u32, c: f32, d: (u8, u8) });
    state!(Two { e: u32, f: f32, d: (u8, i64) });
    let fresh = Two { e: 0, f: 0.0, d: (0, 0) };
    let one = One { a: 1, b: 2, c: 3.0, d: (4, 5) };
    let (_, _, report) = carry(&one, &fresh, ParkedSet::default());
    let suggested =
        report.lines().filter(|line| line.contains("add `#[shared(was")).collect::<Vec<_>>();
    assert_eq!(suggested.len(), 1, "{report}");
    assert!(suggested[0].contains(" f: ") && suggested[0].contains("was = \"c\""), "{report}");
}

#[test]
fn what_is_parked_survives_unrelated_edits() {
    state!(One { a: u8, name: FixedString<8>, b: u8 });
    state!(Two { a: u8, b: u8 });
    state!(Three { c: u16, a: u8, b: u8 });
    state!(Four { c: u16, a: u16 });
    state!(Five { c: u16, a: u16, name: FixedString<8>, b: u8 });
    let mut parked = ParkedSet::default();
    let one = One { a: 1, name: text("hello"), b: 2 };
    let two: Two = go(&one, &mut parked);
    let three: Three = go(&two, &mut parked);
    let four: Four = go(&three, &mut parked);
    let five: Five = go(&four, &mut parked);
    assert_eq!(five, Five { c: 0, a: 1, name: text("hello"), b: 2 });
}

#[test]
fn renames_take_what_is_parked_below_them_along() {
    state!(Inner { x: u8, y: u8 });
    state!(Less { x: u8 });
    state!(One { a: Inner });
    state!(Two { a: Less });
    state!(Three {
        #[shared(was = "a")]
        b: Less
    });
    state!(Four {
        #[shared(was = "b")]
        c: Less
    });
    state!(Five { c: Less });
    state!(Six { c: Inner });
    let mut parked = ParkedSet::default();
    let two: Two = go(&One { a: Inner { x: 1, y: 2 } }, &mut parked);
    let three: Three = go(&two, &mut parked);
    let four: Four = go(&three, &mut parked);
    let five: Five = go(&four, &mut parked);
    let six: Six = go(&five, &mut parked);
    assert_eq!(six, Six { c: Inner { x: 1, y: 2 } });
}

#[test]
fn names_within_names_change_at_once() {
    state!(Inner { x: u8, y: u8 });
    state!(Less { x: u8 });
    state!(A1 { b: Inner });
    state!(A2 { b: Less });
    state!(A3 {
        #[shared(was = "b")]
        d: Less
    });
    state!(A4 { d: Inner });
    state!(One { a: A1 });
    state!(Two { a: A2 });
    state!(Three {
        #[shared(was = "a")]
        c: A3
    });
    state!(Four { c: A4 });
    let mut parked = ParkedSet::default();
    let two: Two = go(&One { a: A1 { b: Inner { x: 1, y: 2 } } }, &mut parked);
    let three: Three = go(&two, &mut parked);
    let four: Four = go(&three, &mut parked);
    assert_eq!(four, Four { c: A4 { d: Inner { x: 1, y: 2 } } });
}

#[test]
fn names_that_move_on_at_once_do_not_catch_each_other() {
    state!(Inner { x: u8, y: u8 });
    state!(Less { x: u8 });
    state!(One { a: Inner, b: Inner });
    state!(Two { a: Less, b: Less });
    state!(Three {
        #[shared(was = "a")]
        b2: Less,
        #[shared(was = "b")]
        c: Less
    });
    state!(Four {
        #[shared(was = "b2")]
        b: Less,
        c: Less
    });
    state!(Five {
        #[shared(was = "c")]
        d: Less,
        #[shared(was = "b")]
        c: Less
    });
    state!(Six { c: Inner, d: Inner });
    let mut parked = ParkedSet::default();
    let one = One { a: Inner { x: 1, y: 2 }, b: Inner { x: 3, y: 4 } };
    let two: Two = go(&one, &mut parked);
    let three: Three = go(&two, &mut parked);
    let four: Four = go(&three, &mut parked);
    assert_eq!(four, Four { b: Less { x: 1 }, c: Less { x: 3 } });
    // `c` already exists: the current name wins, and `b` is parked.
    let five: Five = go(&four, &mut parked);
    let six: Six = go(&five, &mut parked);
    assert_eq!(six.c, Inner { x: 3, y: 4 });
}

#[test]
fn a_renamed_variant_takes_its_data_along() {
    macro_rules! shape {
        ($name:ident { $($variant:tt)* }) => {
            #[derive(Debug, Clone, Copy, PartialEq, SharedState)]
            #[repr(C, u8)]
            #[allow(dead_code, reason = "one variant is enough")]
            enum $name { Dot, $($variant)* }
        };
    }
    shape!(One { Circle { r: u8, hue: u8 } });
    shape!(Two { Circle { r: u8 } });
    shape!(Three { #[shared(was = "Circle")] Disc { r: u8 } });
    shape!(Four { Disc { r: u8, hue: u8 } });
    let mut parked = ParkedSet::default();
    let two: Two = go(&One::Circle { r: 1, hue: 2 }, &mut parked);
    let three: Three = go(&two, &mut parked);
    let four: Four = go(&three, &mut parked);
    assert_eq!(four, Four::Disc { r: 1, hue: 2 });
}

#[test]
fn a_struct_comes_back_with_one_more_field() {
    mod newer {
        use super::*;
        state!(Player { x: u8, lives: u8 });
    }
    state!(Player { x: u8 });
    state!(One { player: Player, n: u8 });
    state!(Two { n: u8 });
    state!(Three { player: newer::Player, n: u8 });
    let mut parked = ParkedSet::default();
    let two: Two = go(&One { player: Player { x: 1 }, n: 2 }, &mut parked);
    let fresh = Three { player: newer::Player { x: 8, lives: 9 }, n: 0 };
    let (three, _, report) = carry(&two, &fresh, parked);
    assert_eq!(three, Three { player: newer::Player { x: 1, lives: 9 }, n: 2 });
    assert_eq!(
        report,
        "defaulted player.lives: new: as in a fresh state\nrestored  player\nkept      n"
    );
}

#[test]
fn a_struct_and_what_it_lost_before_come_back_together() {
    state!(Full { x: u8, y: u8 });
    state!(Half { x: u8 });
    state!(One { p: Full, n: u8 });
    state!(Two { p: Half, n: u8 });
    state!(Three { n: u8 });
    let mut parked = ParkedSet::default();
    let one = One { p: Full { x: 1, y: 2 }, n: 3 };
    let two: Two = go(&one, &mut parked);
    let three: Three = go(&two, &mut parked);
    let again: One = go(&three, &mut parked);
    assert_eq!(again, one);
}

#[test]
fn elements_and_what_they_lost_before_come_back_together() {
    state!(Full { x: u8, y: u8 });
    state!(Half { x: u8 });
    state!(One { balls: FixedVec<Full, 4> });
    state!(Two { balls: FixedVec<Half, 4> });
    state!(Three { balls: FixedVec<Half, 2> });
    let mut parked = ParkedSet::default();
    let ball = |x| Full { x, y: 10 * x };
    let one = One { balls: list(&[ball(1), ball(2), ball(3), ball(4)]) };
    let two: Two = go(&one, &mut parked);
    let three: Three = go(&two, &mut parked);
    let again: One = go(&three, &mut parked);
    assert_eq!(again, one);
}

#[test]
fn a_ring_that_shrinks_twice_has_its_elements_in_order_again() {
    state!(Five { a: Ring<u8, 5> });
    state!(Three { a: Ring<u8, 3> });
    state!(Two { a: Ring<u8, 2> });
    let mut parked = ParkedSet::default();
    let five = Five { a: ring(2, &[1, 2, 3, 4, 5]) };
    let three: Three = go(&five, &mut parked);
    let two: Two = go(&three, &mut parked);
    assert_eq!(two.a, ring(0, &[4, 5]));
    let three: Three = go(&two, &mut parked);
    assert_eq!(three.a, ring(0, &[3, 4, 5]));
    let five: Five = go(&three, &mut parked);
    assert_eq!(five.a, ring(0, &[1, 2, 3, 4, 5]));
}

#[test]
fn fields_of_a_rings_elements_find_them_where_they_are_now() {
    state!(Full { x: u8, hue: u8 });
    state!(Half { x: u8 });
    state!(One { a: Ring<Full, 3> });
    state!(Two { a: Ring<Half, 2> });
    let mut parked = ParkedSet::default();
    let one = One { a: ring(0, &[1, 2, 3].map(|x| Full { x, hue: 10 * x })) };
    let two: Two = go(&one, &mut parked);
    let again: One = go(&two, &mut parked);
    assert_eq!(again, one);
}

#[test]
fn fields_of_a_maps_values_find_them_where_they_are_now() {
    state!(Full { x: u8, hue: u8 });
    state!(Half { x: u8 });
    state!(One { a: Map<u32, Full, 3> });
    state!(Two { a: Map<u8, Half, 3> });
    let mut parked = ParkedSet::default();
    let entry = |key: u32, x: u8| (key, Full { x, hue: 10 * x });
    let one = One { a: map(&[entry(1, 1), entry(1000, 2), entry(7, 3)]) };
    let two: Two = go(&one, &mut parked);
    let again: One = go(&two, &mut parked);
    // A map is sorted only later, by its own code.
    assert_eq!(again, One { a: map(&[entry(1, 1), entry(7, 3), entry(1000, 2)]) });
}

#[test]
fn an_entry_comes_back_only_when_its_key_is_free_and_fits() {
    state!(Wide { a: Map<u32, u8, 4> });
    state!(Narrow { a: Map<u8, u8, 4> });
    state!(Other { a: Map<u8, u16, 4> });
    let mut parked = ParkedSet::default();
    let narrow: Narrow = go(&Wide { a: map(&[(1, 1), (300, 2), (400, 3)]) }, &mut parked);
    let other: Other = go(&narrow, &mut parked);
    assert_eq!(other.a, map(&[(1, 1)]));
    let mut wide: Wide = go(&other, &mut parked);
    assert_eq!(wide.a, map(&[(1, 1), (300, 2), (400, 3)]));
    let _: Narrow = go(&wide, &mut parked);
    wide.a = map(&[(400, 9)]);
    state!(WideToo { a: Map<u32, u16, 4> });
    let wide: WideToo = go(&wide, &mut parked);
    assert_eq!(wide.a, map(&[(400, 9), (300, 2)]));
}

#[test]
fn a_list_that_goes_on_gets_its_elements_back_behind_the_new_ones() {
    state!(Four { a: FixedVec<u8, 4> });
    state!(Two { a: FixedVec<u8, 2> });
    let mut parked = ParkedSet::default();
    let mut two: Two = go(&Four { a: list(&[1, 2, 3, 4]) }, &mut parked);
    two.a = list(&[2]);
    let four: Four = go(&two, &mut parked);
    assert_eq!(four.a, list::<_, 4>(&[2, 3, 4]));
    assert!(parked.is_empty());
}

#[test]
fn the_root_itself_may_change_its_type() {
    state!(World { x: u8 });
    let mut parked = ParkedSet::default();
    let list: FixedVec<u16, 3> = go(&World { x: 5 }, &mut parked);
    assert!(list.is_empty());
    let world: World = go(&list, &mut parked);
    assert_eq!(world.x, 5);
    let number: u32 = go(&World { x: 6 }, &mut parked);
    assert_eq!(number, 6);
    let option: FixedOption<f32> = go(&number, &mut parked);
    assert_eq!(option, some(6.0));
    let array: [u8; 2] = go(&option, &mut parked);
    assert_eq!(array, [0; 2]);
    let option: FixedOption<f32> = go(&array, &mut parked);
    assert_eq!(option, some(6.0));
}

#[test]
fn a_rename_that_is_taken_back_takes_the_value_along() {
    state!(One { speed: f32, at: u32 });
    state!(Two {
        at: u32,
        #[shared(was = "speed")]
        velocity: f32
    });
    state!(Three {
        at: u32,
        #[shared(was = "velocity")]
        pace: f64
    });
    let one = One { speed: 2.5, at: 7 };
    let (two, parked, report) = carry(&one, &blank::<Two>(), ParkedSet::default());
    assert_eq!(two, Two { at: 7, velocity: 2.5 }, "{report}");
    // Renames undone without an attribute that names the abandoned name, over one and two steps.
    let (again, _, report) = carry(&two, &blank::<One>(), parked.clone());
    assert_eq!(again, one, "{report}");
    assert_eq!(report, "kept      speed: was `velocity`\nkept      at");
    let (three, parked, report) = carry(&two, &blank::<Three>(), parked);
    assert_eq!(three, Three { at: 7, pace: 2.5 }, "{report}");
    let (again, _, report) = carry(&three, &blank::<One>(), parked.clone());
    assert_eq!(again, one, "{report}");
    // A field with a new name stays new.
    state!(Other { at: u32, mass: f32 });
    let (other, _, report) = carry(&three, &blank::<Other>(), parked);
    assert_eq!(other, Other { at: 7, mass: 0.0 }, "{report}");
}

#[test]
fn elements_that_did_not_fit_come_back_each_to_its_place() {
    state!(Wide { row: [u32; 4], list: FixedVec<i16, 4> });
    state!(Narrow { row: [u8; 4], list: FixedVec<u8, 4> });
    let mut list = FixedVec::new();
    list.extend_from_slice(&[7, -1, 300]).unwrap();
    let wide = Wide { row: [100, 200, 300, 400], list };
    let (narrow, parked, report) = carry(&wide, &blank::<Narrow>(), ParkedSet::default());
    assert_eq!(
        (narrow.row, narrow.list.as_slice()),
        ([100, 200, 0, 0], &[7, 0, 0][..]),
        "{report}"
    );
    let (again, _, report) = carry(&narrow, &blank::<Wide>(), parked);
    assert_eq!(again, wide, "{report}");
}

#[test]
fn what_was_replaced_waits_for_its_own_type() {
    state!(Wide { number: u32, other: u8 });
    state!(Narrow { number: u8, other: u8 });
    state!(Apart { number: u32, other: u16 });
    state!(Wider { number: u64, other: u16 });
    let wide = Wide { number: 300, other: 1 };
    let (narrow, parked, report) =
        carry(&wide, &Narrow { number: 5, other: 0 }, ParkedSet::default());
    assert_eq!(narrow, Narrow { number: 5, other: 1 }, "{report}");
    let (again, parked, report) = carry(&narrow, &blank::<Wide>(), parked);
    assert_eq!(again, wide, "{report}");
    // Edits of other fields, and to other types, keep the restored value.
    let (apart, parked, report) = carry(&again, &blank::<Apart>(), parked);
    assert_eq!(apart, Apart { number: 300, other: 1 }, "{report}");
    let (wider, _, report) = carry(&apart, &blank::<Wider>(), parked);
    assert_eq!(wider, Wider { number: 300, other: 1 }, "{report}");
}

//! Fields whose number type changes.

use super::*;

change! { wider
    was {} [a: u8, b: i16, c: f32, d: u64, e: [u8; 2]] = { a: 200, b: -3, c: 1.1, d: u64::MAX, e: [1, 255] }
    now {} [a: u32, b: i64, c: f64, d: u128, e: [u16; 2]] fresh { a: 0, b: 0, c: 0.0, d: 0, e: [0; 2] }
        => { a: 200, b: -3, c: f64::from(1.1_f32), d: u64::MAX.into(), e: [1, 255] }
    "converted a: u8 → u32
        converted b: i16 → i64
        converted c: f32 → f64
        converted d: u64 → u128
        converted e: [u8; 2] → [u16; 2]
        converted e[]: u8 → u16"
}
change! { narrower_and_it_fits
    was {} [a: u64, b: i64, c: f64] = { a: 255, b: -128, c: 0.5 }
    now {} [a: u8, b: i8, c: f32] fresh { a: 0, b: 0, c: 0.0 } => { a: 255, b: -128, c: 0.5 }
    "converted a: u64 → u8
        converted b: i64 → i8
        converted c: f64 → f32"
}
change! { narrower_and_it_does_not_fit
    was {} [a: u64, b: i64, c: f64] = { a: 256, b: -129, c: 1e300 }
    now {} [a: u8, b: i8, c: f32] fresh { a: 1, b: 2, c: 3.0 } => { a: 1, b: 2, c: 3.0 }
    "parked    a: 256 does not fit into u8; reset to the default
        parked    b: -129 does not fit into i8; reset to the default
        parked    c: 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 does not fit into f32; reset to the default" back "restored  a
        restored  b
        restored  c"
}
change! { another_sign
    was {} [a: i32, b: u32, c: i32, d: u64] = { a: 7, b: 7, c: -1, d: 1 << 63 }
    now {} [a: u32, b: i32, c: u32, d: i64] fresh { a: 0, b: 0, c: 5, d: 6 } => { a: 7, b: 7, c: 5, d: 6 }
    "converted a: i32 → u32
        converted b: u32 → i32
        parked    c: -1 does not fit into u32; reset to the default
        parked    d: 9223372036854775808 does not fit into i64; reset to the default"
}
change! { floats_to_integers
    was {} [a: f32, b: f64, c: f32, d: f64] = { a: 3.0, b: -2.75, c: f32::INFINITY, d: -0.0 }
    now {} [a: u8, b: i32, c: i64, d: u8] fresh { a: 0, b: 0, c: 8, d: 1 } => { a: 3, b: -2, c: 8, d: 0 }
    "converted a: f32 → u8
        converted b: f64 → i32, not exactly (the old value is parked)
        parked    c: inf does not fit into i64; reset to the default
        converted d: f64 → u8, not exactly (the old value is parked)" back "converted a: u8 → f32
        restored  b
        restored  c
        restored  d"
}
change! { integers_to_floats
    was {} [a: u32, b: i64, c: u64, d: u128] = { a: 16_777_217, b: -5, c: u64::MAX, d: u128::MAX }
    now {} [a: f32, b: f32, c: f64, d: f32] fresh { a: 0.0, b: 0.0, c: 0.0, d: 1.0 }
        => { a: 16_777_216.0, b: -5.0, c: u64::MAX as f64, d: 1.0 }
    "converted a: u32 → f32, not exactly (the old value is parked)
        converted b: i64 → f32
        converted c: u64 → f64, not exactly (the old value is parked)
        parked    d: 340282366920938463463374607431768211455 does not fit into f32; reset to the default" back "restored  a
        converted b: f32 → i64
        restored  c
        restored  d"
}
change! { double_to_single
    was {} [a: f64, b: [f64; 2]] = { a: 1.1, b: [0.5, 2.2] }
    now {} [a: f32, b: [f32; 2]] fresh { a: 0.0, b: [0.0; 2] } => { a: 1.1, b: [0.5, 2.2] }
    "converted a: f64 → f32, not exactly (the old value is parked)
        converted b: [f64; 2] → [f32; 2]
        converted b[]: f64 → f32, 1 not exactly (the old value is parked)" back "restored  a
        converted b: [f32; 2] → [f64; 2]
        converted b[]: f32 → f64 (1 of 2)
        restored  b[]: (1 of 2)"
}
change! { truths_to_numbers
    was {} [a: bool, b: bool, c: bool] = { a: true, b: false, c: true }
    now {} [a: u8, b: f32, c: i128] fresh { a: 0, b: 1.0, c: 0 } => { a: 1, b: 0.0, c: 1 }
    "converted a: bool → u8
        converted b: bool → f32
        converted c: bool → i128"
}
change! { numbers_to_truths
    was {} [a: u8, b: i32, c: f64, d: u64] = { a: 0, b: -7, c: 1.0, d: 1 }
    now {} [a: bool, b: bool, c: bool, d: bool] fresh { a: true, b: false, c: false, d: false }
        => { a: false, b: true, c: true, d: true }
    "converted a: u8 → bool
        converted b: i32 → bool, not exactly (the old value is parked)
        converted c: f64 → bool
        converted d: u64 → bool" back "converted a: bool → u8
        restored  b
        converted c: bool → f64
        converted d: bool → u64"
}
change! { characters_to_numbers
    was {} [a: char, b: char, c: char] = { a: 'x', b: 'é', c: '→' }
    now {} [a: u32, b: u8, c: u8] fresh { a: 0, b: 0, c: 3 } => { a: 120, b: 233, c: 3 }
    "converted a: char → u32
        converted b: char → u8
        parked    c: '→' does not fit into u8; reset to the default"
}
change! { numbers_to_characters
    was {} [a: u32, b: u32, c: i8] = { a: 0x2192, b: 0xd800, c: -1 }
    now {} [a: char, b: char, c: char] fresh { a: 'a', b: 'b', c: 'c' } => { a: '→', b: 'b', c: 'c' }
    "converted a: u32 → char
        parked    b: 55296 does not fit into char; reset to the default
        parked    c: -1 does not fit into char; reset to the default"
}
change! { characters_and_floats_are_nothing_to_each_other
    was {} [a: char, b: f32] = { a: 'x', b: 120.0 }
    now {} [a: f32, b: char] fresh { a: 1.0, b: 'c' } => { a: 1.0, b: 'c' }
    "parked    a: a `char` cannot become a `f32`; reset to the default
        parked    b: a `f32` cannot become a `char`; reset to the default"
}
change! { addresses
    was {} [a: usize, b: isize] = { a: 7, b: -7 }
    now {} [a: u16, b: i8] fresh { a: 0, b: 0 } => { a: 7, b: -7 }
    "converted a: usize → u16
        converted b: isize → i8"
}
change! { in_the_elements_of_a_list
    was {} [a: FixedVec<f64, 4>, b: FixedVec<u32, 4>] = { a: list(&[1.1, 0.5]), b: list(&[1, 300, 2]) }
    now {} [a: FixedVec<f32, 4>, b: FixedVec<u8, 4>] fresh { a: list(&[]), b: list(&[]) }
        => { a: list(&[1.1, 0.5]), b: list(&[1, 0, 2]) }
    "converted a: FixedVec<f64, 4> → FixedVec<f32, 4>
        converted a[]: f64 → f32, 1 not exactly (the old value is parked)
        converted b: FixedVec<u32, 4> → FixedVec<u8, 4>
        converted b[]: u32 → u8 (2 of 3)
        parked    b[]: 300 does not fit into u8; reset to the default (1 of 3)" back "converted a: FixedVec<f32, 4> → FixedVec<f64, 4>
        converted a[]: f32 → f64 (1 of 2)
        restored  a[]: (1 of 2)
        converted b: FixedVec<u8, 4> → FixedVec<u32, 4>
        converted b[]: u8 → u32 (2 of 3)
        restored  b[]: (1 of 3)"
}

#[test]
fn a_rounded_value_that_has_been_changed_stays_as_it_is() {
    state!(Double { a: f64 });
    state!(Single { a: f32 });
    let mut parked = ParkedSet::default();
    let mut single: Single = go(&Double { a: 1.1 }, &mut parked);
    single.a = 2.5;
    let double: Double = go(&single, &mut parked);
    assert_eq!(double.a, 2.5);
    // Set back to the approximation, it becomes the parked value again.
    single.a = 1.1;
    let double: Double = go(&single, &mut parked);
    assert_eq!(double.a, 1.1);
}

#[test]
fn what_is_not_a_number_keeps_its_bits() {
    state!(Double { a: f64 });
    state!(Single { a: f32 });
    for bits in [f64::NAN.to_bits(), 0x7ff0_0000_0000_0001, 0xfff8_0000_dead_beef] {
        let mut parked = ParkedSet::default();
        let single: Single = go(&Double { a: f64::from_bits(bits) }, &mut parked);
        assert!(single.a.is_nan());
        let double: Double = go(&single, &mut parked);
        assert_eq!(double.a.to_bits(), bits);
    }
    for bits in [0x7f80_0001, 0xffc1_2345] {
        let mut parked = ParkedSet::default();
        let double: Double = go(&Single { a: f32::from_bits(bits) }, &mut parked);
        let single: Single = go(&double, &mut parked);
        assert_eq!(single.a.to_bits(), bits);
    }
}

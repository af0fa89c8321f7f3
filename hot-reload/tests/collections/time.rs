//! Tests of `FixedDuration` and `FixedInstant` against the types of `std`.

use crate::{accepted, config};
use hot_reload::collections::{FixedDuration, FixedInstant};
use proptest::prelude::*;
use std::panic::catch_unwind;
use std::time::Duration;

/// Generates times that include some whose sums and products overflow.
fn nanos() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..10_000_000_000_u64, Just(0), Just(u64::MAX)]
}

/// Returns the duration of `std`, unless it exceeds the longest `FixedDuration`.
fn fitting(duration: Option<Duration>) -> Option<Duration> {
    duration.filter(|it| it.as_nanos() <= u128::from(u64::MAX))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn durations_are_computed_as_those_of_std(one in nanos(), other in nanos(), factor: u32) {
        let (a, b) = (FixedDuration::from_nanos(one), FixedDuration::from_nanos(other));
        let (x, y) = (Duration::from_nanos(one), Duration::from_nanos(other));
        let std = |it: Option<FixedDuration>| it.map(Duration::from);
        prop_assert_eq!(std(a.checked_add(b)), fitting(x.checked_add(y)));
        prop_assert_eq!(std(a.checked_sub(y)), x.checked_sub(y));
        prop_assert_eq!(std(a.checked_mul(factor)), fitting(x.checked_mul(factor)));
        prop_assert_eq!(std(a.checked_div(factor)), x.checked_div(factor));
        prop_assert_eq!(a.saturating_sub(b), x.saturating_sub(y));
        prop_assert_eq!(a.saturating_add(b), a.checked_add(b).unwrap_or(FixedDuration::MAX));
        prop_assert_eq!(a.saturating_mul(factor), a.checked_mul(factor).unwrap_or(FixedDuration::MAX));
        prop_assert_eq!(a.abs_diff(b), x.abs_diff(y));
        prop_assert_eq!((a.cmp(&b), a.partial_cmp(&y)), (x.cmp(&y), x.partial_cmp(&y)));
        prop_assert_eq!((a == b, a == y), (x == y, x == y));
        prop_assert_eq!(a.as_secs_f64().to_bits(), x.as_secs_f64().to_bits());
        prop_assert_eq!(a.as_secs_f32().to_bits(), x.as_secs_f32().to_bits());
        prop_assert_eq!((a.as_secs(), a.as_millis()), (x.as_secs(), x.as_millis()));
        prop_assert_eq!((a.as_micros(), a.subsec_nanos()), (x.as_micros(), x.subsec_nanos()));
        prop_assert_eq!((a.as_nanos(), a.is_zero()), (x.as_nanos(), x.is_zero()));
        prop_assert_eq!(format!("{a:?} {a:.2?}"), format!("{x:?} {x:.2?}"));
        prop_assert_eq!(FixedDuration::from(x), a);
        prop_assert_eq!(catch_unwind(|| a + b).ok(), a.checked_add(b));
        prop_assert_eq!(catch_unwind(|| a - y).ok(), a.checked_sub(b));
        prop_assert_eq!(catch_unwind(|| a * factor).ok(), a.checked_mul(factor));
        prop_assert_eq!(catch_unwind(|| a / factor).ok(), a.checked_div(factor));
        accepted(&a);
    }

    #[test]
    fn instants_are_as_far_apart_as_their_durations(one in nanos(), other in nanos()) {
        let (a, b) = (FixedDuration::from_nanos(one), FixedDuration::from_nanos(other));
        let (from, to) = (FixedInstant::at(a), FixedInstant::at(Duration::from_nanos(other)));
        prop_assert_eq!(to.cmp(&from), b.cmp(&a));
        prop_assert_eq!((to - from, to.duration_since(from)), (b.saturating_sub(a), b.saturating_sub(a)));
        prop_assert_eq!(to.checked_duration_since(from), b.checked_sub(a));
        prop_assert_eq!(from.checked_add(b), a.checked_add(b).map(FixedInstant::at));
        prop_assert_eq!(from.checked_sub(b), a.checked_sub(b).map(FixedInstant::at));
        prop_assert_eq!(catch_unwind(|| from - b).ok(), from.checked_sub(b));
        accepted(&from);
    }
}

#[test]
fn what_does_not_fit_is_the_longest() {
    assert_eq!(FixedDuration::from(Duration::MAX), FixedDuration::MAX);
    assert_eq!(FixedDuration::from_secs(u64::MAX), FixedDuration::MAX);
    assert!(FixedDuration::MAX < Duration::MAX && FixedDuration::MAX != Duration::MAX);
    assert_eq!(FixedDuration::from_secs_f64(1e12), FixedDuration::MAX);
}

#[test]
fn units_are_those_of_std() {
    assert_eq!(FixedDuration::from_secs(3), Duration::from_secs(3));
    assert_eq!(FixedDuration::from_millis(3), Duration::from_millis(3));
    assert_eq!(FixedDuration::from_micros(3), Duration::from_micros(3));
    assert_eq!(FixedDuration::from_secs_f32(0.25), Duration::from_millis(250));
    let second = FixedDuration::from_secs(1);
    assert_eq!((second.mul_f32(0.5), second.mul_f64(1.5)), (second / 2, second * 3 / 2));
    assert_eq!((second / 4).div_duration_f32(second), 0.25);
    assert_eq!((second / 4).div_duration_f64(Duration::from_secs(1)), 0.25);
    assert_eq!([second, second * 2].into_iter().sum::<FixedDuration>(), Duration::from_secs(3));
    assert!(catch_unwind(|| FixedDuration::from_secs_f32(-1.0)).is_err());
}

#[test]
fn durations_and_instants_are_changed_in_place() {
    let mut duration = FixedDuration::from_millis(10);
    duration += Duration::from_millis(5);
    duration -= FixedDuration::from_millis(3);
    duration *= 4;
    duration /= 3;
    assert_eq!(duration, Duration::from_millis(16));
    let mut instant = FixedInstant::START;
    instant += duration;
    instant += Duration::from_millis(4);
    instant -= duration;
    assert_eq!(instant.since_start(), Duration::from_millis(4));
    assert_eq!(format!("{instant:?}"), "FixedInstant(4ms)");
}

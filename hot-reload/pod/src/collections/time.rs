//! `FixedDuration` and `FixedInstant`: time in nanoseconds, as plain old data.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Sub, SubAssign};
use std::time::Duration;

/// A `Duration` with a fixed layout: nanoseconds, up to 584 years.
///
/// Names and behaviour are those of `std`. `into` converts in both directions; a longer `std`
/// duration becomes [`MAX`](Self::MAX).
///
/// ```
/// use hot_reload::collections::FixedDuration;
/// use std::time::Duration;
///
/// let mut cooldown = FixedDuration::from_millis(40);
/// let dt = Duration::from_millis(16); // what `frame.input.dt()` returns
/// cooldown = cooldown.saturating_sub(dt);
/// assert_eq!(cooldown, Duration::from_millis(24));
/// assert_eq!(format!("{cooldown:?}"), "24ms");
/// assert_eq!(cooldown.as_secs_f32(), 0.024);
/// ```
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, hot_reload_derive::SharedState,
)]
#[repr(C)]
pub struct FixedDuration {
    nanos: u64,
}

impl FixedDuration {
    /// A duration of zero.
    pub const ZERO: Self = Self::from_nanos(0);
    /// The longest duration: 584 years.
    pub const MAX: Self = Self::from_nanos(u64::MAX);

    /// Creates a duration from seconds, capped at [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self::from_nanos(seconds.saturating_mul(1_000_000_000))
    }

    /// Creates a duration from milliseconds, capped at [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self::from_nanos(milliseconds.saturating_mul(1_000_000))
    }

    /// Creates a duration from microseconds, capped at [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_micros(microseconds: u64) -> Self {
        Self::from_nanos(microseconds.saturating_mul(1000))
    }

    /// Creates a duration from nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        FixedDuration { nanos }
    }

    /// Creates a duration from seconds, capped at [`MAX`](Self::MAX).
    ///
    /// # Panics
    /// Panics if the number is negative, not finite, or more than a `Duration` can hold.
    #[must_use]
    pub fn from_secs_f32(seconds: f32) -> Self {
        Duration::from_secs_f32(seconds).into()
    }

    /// Creates a duration from seconds, capped at [`MAX`](Self::MAX).
    ///
    /// # Panics
    /// Panics if the number is negative, not finite, or more than a `Duration` can hold.
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Duration::from_secs_f64(seconds).into()
    }

    /// Converts to a `std` duration.
    #[must_use]
    pub const fn get(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// Returns whether the duration is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Returns the whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.nanos / 1_000_000_000
    }

    /// Returns the whole milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u128 {
        self.get().as_millis()
    }

    /// Returns the whole microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u128 {
        self.get().as_micros()
    }

    /// Returns the nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u128 {
        self.get().as_nanos()
    }

    /// Returns the nanoseconds after the whole seconds.
    #[must_use]
    pub const fn subsec_nanos(self) -> u32 {
        self.get().subsec_nanos()
    }

    /// Returns the duration in seconds.
    #[must_use]
    pub const fn as_secs_f32(self) -> f32 {
        self.get().as_secs_f32()
    }

    /// Returns the duration in seconds.
    #[must_use]
    pub const fn as_secs_f64(self) -> f64 {
        self.get().as_secs_f64()
    }

    /// Returns the absolute difference.
    #[must_use]
    pub fn abs_diff(self, other: impl Into<Self>) -> Self {
        Self::from_nanos(self.nanos.abs_diff(other.into().nanos))
    }

    /// Returns the sum, or `None` if it exceeds [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, other: impl Into<Self>) -> Option<Self> {
        self.nanos.checked_add(other.into().nanos).map(Self::from_nanos)
    }

    /// Returns the difference, or `None` if `other` is longer.
    #[must_use]
    pub fn checked_sub(self, other: impl Into<Self>) -> Option<Self> {
        self.nanos.checked_sub(other.into().nanos).map(Self::from_nanos)
    }

    /// Returns the product, or `None` if it exceeds [`MAX`](Self::MAX).
    #[must_use]
    pub const fn checked_mul(self, factor: u32) -> Option<Self> {
        match self.nanos.checked_mul(factor as u64) {
            Some(nanos) => Some(Self::from_nanos(nanos)),
            None => None,
        }
    }

    /// Returns the quotient, or `None` if `divisor` is 0.
    #[must_use]
    pub const fn checked_div(self, divisor: u32) -> Option<Self> {
        match self.nanos.checked_div(divisor as u64) {
            Some(nanos) => Some(Self::from_nanos(nanos)),
            None => None,
        }
    }

    /// Returns the sum, at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_add(self, other: impl Into<Self>) -> Self {
        Self::from_nanos(self.nanos.saturating_add(other.into().nanos))
    }

    /// Returns the difference, at least [`ZERO`](Self::ZERO).
    #[must_use]
    pub fn saturating_sub(self, other: impl Into<Self>) -> Self {
        Self::from_nanos(self.nanos.saturating_sub(other.into().nanos))
    }

    /// Returns the product, at most [`MAX`](Self::MAX).
    #[must_use]
    pub const fn saturating_mul(self, factor: u32) -> Self {
        Self::from_nanos(self.nanos.saturating_mul(factor as u64))
    }

    /// Returns the product, at most [`MAX`](Self::MAX).
    ///
    /// # Panics
    /// Panics if the product is negative, not finite, or more than a `Duration` can hold.
    #[must_use]
    pub fn mul_f32(self, factor: f32) -> Self {
        self.get().mul_f32(factor).into()
    }

    /// Returns the product, at most [`MAX`](Self::MAX).
    ///
    /// # Panics
    /// Panics if the product is negative, not finite, or more than a `Duration` can hold.
    #[must_use]
    pub fn mul_f64(self, factor: f64) -> Self {
        self.get().mul_f64(factor).into()
    }

    /// Returns the ratio to `other`: for example, the elapsed fraction of a fade or a cooldown.
    #[must_use]
    pub fn div_duration_f32(self, other: impl Into<Self>) -> f32 {
        self.get().div_duration_f32(other.into().get())
    }

    /// Returns the ratio to `other`.
    #[must_use]
    pub fn div_duration_f64(self, other: impl Into<Self>) -> f64 {
        self.get().div_duration_f64(other.into().get())
    }
}

/// A point in time on the application's clock, as `Input::now` returns it.
///
/// `std`'s `Instant` means nothing in another process. This type is comparable across generations.
/// It is also comparable across saving and loading: when a saved state is loaded, the clock
/// continues from the time of the save. The blank value is time zero, when the first tick began.
///
/// ```
/// use hot_reload::{collections::{FixedDuration, FixedInstant}, Input};
///
/// fn may_shoot(input: &Input, last_shot: &mut FixedInstant) -> bool {
///     let may = input.now() - *last_shot >= FixedDuration::from_millis(250);
///     if may {
///         *last_shot = input.now();
///     }
///     may
/// }
/// ```
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, hot_reload_derive::SharedState,
)]
#[repr(C)]
pub struct FixedInstant {
    since_start: FixedDuration,
}

impl FixedInstant {
    /// Time zero.
    pub const START: Self = FixedInstant { since_start: FixedDuration::ZERO };

    /// Returns the instant at a duration after time zero.
    #[must_use]
    pub fn at(since_start: impl Into<FixedDuration>) -> Self {
        FixedInstant { since_start: since_start.into() }
    }

    /// Returns the time since time zero.
    #[must_use]
    pub const fn since_start(self) -> FixedDuration {
        self.since_start
    }

    /// Returns the time since an earlier instant; zero if that is later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> FixedDuration {
        self.saturating_duration_since(earlier)
    }

    /// Returns the time since an earlier instant; zero if that is later.
    #[must_use]
    pub fn saturating_duration_since(self, earlier: Self) -> FixedDuration {
        self.since_start.saturating_sub(earlier.since_start)
    }

    /// Returns the time since an earlier instant; `None` if that is later.
    #[must_use]
    pub fn checked_duration_since(self, earlier: Self) -> Option<FixedDuration> {
        self.since_start.checked_sub(earlier.since_start)
    }

    /// Returns the instant later by `duration`; `None` if the clock cannot hold it.
    #[must_use]
    pub fn checked_add(self, duration: impl Into<FixedDuration>) -> Option<Self> {
        self.since_start.checked_add(duration).map(Self::at)
    }

    /// Returns the instant earlier by `duration`; `None` if that is before the owner's start.
    #[must_use]
    pub fn checked_sub(self, duration: impl Into<FixedDuration>) -> Option<Self> {
        self.since_start.checked_sub(duration).map(Self::at)
    }
}

/// Returns the time between two instants; zero if the second is later, as with `std`'s.
impl Sub for FixedInstant {
    type Output = FixedDuration;

    fn sub(self, earlier: Self) -> FixedDuration {
        self.duration_since(earlier)
    }
}

macro_rules! sums {
    ($($left:ty, $right:ty;)*) => {$(
        impl Add<$right> for $left {
            type Output = $left;

            fn add(self, duration: $right) -> $left {
                self.checked_add(duration).expect("overflow when adding a duration")
            }
        }

        impl AddAssign<$right> for $left {
            fn add_assign(&mut self, duration: $right) {
                *self = *self + duration;
            }
        }

        impl Sub<$right> for $left {
            type Output = $left;

            fn sub(self, duration: $right) -> $left {
                self.checked_sub(duration).expect("overflow when subtracting a duration")
            }
        }

        impl SubAssign<$right> for $left {
            fn sub_assign(&mut self, duration: $right) {
                *self = *self - duration;
            }
        }
    )*};
}

sums! {
    FixedDuration, FixedDuration;
    FixedDuration, Duration;
    FixedInstant, FixedDuration;
    FixedInstant, Duration;
}

impl Mul<u32> for FixedDuration {
    type Output = Self;

    fn mul(self, factor: u32) -> Self {
        self.checked_mul(factor).expect("overflow when multiplying a duration")
    }
}

impl MulAssign<u32> for FixedDuration {
    fn mul_assign(&mut self, factor: u32) {
        *self = *self * factor;
    }
}

impl Div<u32> for FixedDuration {
    type Output = Self;

    fn div(self, divisor: u32) -> Self {
        self.checked_div(divisor).expect("division of a duration by zero")
    }
}

impl DivAssign<u32> for FixedDuration {
    fn div_assign(&mut self, divisor: u32) {
        *self = *self / divisor;
    }
}

impl Sum for FixedDuration {
    fn sum<I: Iterator<Item = Self>>(durations: I) -> Self {
        durations.fold(Self::ZERO, |sum, duration| sum + duration)
    }
}

/// Converts a duration, capped at [`FixedDuration::MAX`].
impl From<Duration> for FixedDuration {
    fn from(duration: Duration) -> Self {
        u64::try_from(duration.as_nanos()).map_or(Self::MAX, Self::from_nanos)
    }
}

impl From<FixedDuration> for Duration {
    fn from(duration: FixedDuration) -> Duration {
        duration.get()
    }
}

impl PartialEq<Duration> for FixedDuration {
    fn eq(&self, other: &Duration) -> bool {
        self.get() == *other
    }
}

impl PartialOrd<Duration> for FixedDuration {
    fn partial_cmp(&self, other: &Duration) -> Option<std::cmp::Ordering> {
        self.get().partial_cmp(other)
    }
}

/// Prints like `std`'s: `1.5s`.
impl fmt::Debug for FixedDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

/// Prints `FixedInstant(1.5s)`.
impl fmt::Debug for FixedInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FixedInstant").field(&self.since_start).finish()
    }
}

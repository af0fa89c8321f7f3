//! What the window tells (`WindowInput`) and what the renderer gets (`Input`).
//!
//! The window library reports events; the owner keeps the levels (which keys are down), numbers the
//! ticks and adds the time. `Input` is plain old data, because it travels to another process.

mod assemble;
mod key;
#[cfg(feature = "minifb")]
mod minifb;
#[cfg(feature = "winit")]
mod winit;

pub use self::key::{Key, KeySet};
#[cfg(feature = "minifb")]
pub use self::minifb::MinifbInput;
#[cfg(feature = "winit")]
pub use self::winit::WinitInput;
pub(crate) use assemble::Assembler;

use crate::state::{FixedInstant, FixedString, FixedVec, SharedState};
use std::time::{Duration, SystemTime};

/// A mouse button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, SharedState)]
#[repr(u8)]
pub enum MouseButton {
    /// The first.
    Left,
    /// The wheel's.
    Middle,
    /// The second.
    Right,
    /// The first on the side.
    Back,
    /// The second on the side.
    Forward,
}

impl MouseButton {
    /// All of them.
    pub const ALL: [MouseButton; 5] = [
        MouseButton::Left,
        MouseButton::Middle,
        MouseButton::Right,
        MouseButton::Back,
        MouseButton::Forward,
    ];
}

/// Something that happened in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SharedState)]
#[repr(C, u8)]
pub enum Event {
    /// A key went down.
    KeyDown(Key),
    /// A key that is held was repeated by the system.
    KeyRepeated(Key),
    /// A key went up.
    KeyUp(Key),
    /// A mouse button went down.
    ButtonDown(MouseButton),
    /// A mouse button went up.
    ButtonUp(MouseButton),
    /// A character was typed; no control characters.
    Text(char),
}

/// What the window knows since the last tick, as the window library reports it.
///
/// With minifb, [`MinifbInput`](crate::MinifbInput) fills it in, and with winit
/// [`WinitInput`](crate::WinitInput); with another library or none it is
/// filled in by hand. A `KeyDown` of a key that is down already counts as its repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowInput {
    /// Size of the window in pixels.
    pub size: (u32, u32),
    /// Whether the window has the keyboard. When it loses it, all keys and buttons are released.
    pub focused: bool,
    /// Position of the mouse in pixels of the window, also outside of it; `None` when unknown.
    pub mouse: Option<(f32, f32)>,
    /// Turns of the wheel, to the right and away from the user.
    pub wheel: (f32, f32),
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl WindowInput {
    /// A focused window of a size, where nothing happens.
    #[must_use]
    pub fn idle(width: u32, height: u32) -> Self {
        let size = (width, height);
        WindowInput { size, focused: true, mouse: None, wheel: (0.0, 0.0), events: Vec::new() }
    }
}

/// A set of mouse buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, SharedState)]
#[repr(C)]
pub struct ButtonSet {
    bits: u8,
}

impl ButtonSet {
    /// Whether a button is in the set.
    #[must_use]
    pub fn contains(self, button: MouseButton) -> bool {
        self.bits & 1 << button as u8 != 0
    }

    /// Whether no button is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The buttons in the set.
    pub fn iter(self) -> impl Iterator<Item = MouseButton> {
        MouseButton::ALL.into_iter().filter(move |&button| self.contains(button))
    }

    fn insert(&mut self, button: MouseButton) -> bool {
        let before = self.contains(button);
        self.bits |= 1 << button as u8;
        !before
    }

    fn remove(&mut self, button: MouseButton) -> bool {
        let before = self.contains(button);
        self.bits &= !(1 << button as u8);
        before
    }
}

/// The mouse, in pixels of the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Default, SharedState)]
#[repr(C)]
pub struct Mouse {
    /// Position, clamped to the canvas.
    pub x: f32,
    /// Position, clamped to the canvas.
    pub y: f32,
    /// Position as it is, also outside of the canvas.
    pub raw_x: f32,
    /// Position as it is, also outside of the canvas.
    pub raw_y: f32,
    /// Turns of the wheel since the last tick, to the right.
    pub wheel_x: f32,
    /// Turns of the wheel since the last tick, away from the user.
    pub wheel_y: f32,
    /// Buttons that are down.
    pub down: ButtonSet,
    /// Buttons that went down since the last tick, even if they are up again.
    pub pressed: ButtonSet,
    /// Buttons that went up since the last tick.
    pub released: ButtonSet,
    /// Whether the mouse is over the canvas.
    pub inside: bool,
}

/// What a renderer gets with each tick.
///
/// Each edge (a key pressed, a button released, a character typed) is in exactly one tick's input,
/// also across a reload. Ticks that a slow renderer could not take are merged into the next: their
/// edges stay in order, and their times add up to a quarter of a second at most. What passes beyond
/// that is [`lost`](Self::lost), so that a simulation never has to catch up with a long pause.
///
/// The first tick of a fresh state contains one period and no merged ticks, however long the first
/// build took.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Input {
    /// The number of the tick, from 1.
    pub tick: u64,
    time: u64,
    dt: u64,
    fixed_dt: u64,
    period: u64,
    lost: u64,
    wall_clock: u64,
    /// A random number of the tick's own; the same when the tick is replayed.
    pub seed: u64,
    /// Keys that are down.
    pub keys_down: KeySet,
    /// Keys that went down since the last tick, even if they are up again.
    pub keys_pressed: KeySet,
    /// Keys that went up since the last tick.
    pub keys_released: KeySet,
    /// Keys that the system repeated while they were held.
    pub keys_repeated: KeySet,
    /// The mouse.
    pub mouse: Mouse,
    /// Width of the canvas in pixels.
    pub width: u32,
    /// Height of the canvas in pixels.
    pub height: u32,
    /// Width of the window in pixels.
    pub window_width: u32,
    /// Height of the window in pixels.
    pub window_height: u32,
    /// Fixed steps that are due in this tick: 1 as a rule, more when ticks were merged or the loop turns
    /// more slowly than [`Owner::tick_rate`](crate::Owner::tick_rate), and 0 now and then when it turns
    /// faster.
    pub steps: u32,
    /// Ticks that are merged into this one, beside itself.
    pub merged: u32,
    /// Ticks whose time is [`lost`](Self::lost). Their events are not: they are in this input. `tick` is
    /// 1 + `merged` + `lost_ticks` higher than that of the input before.
    pub lost_ticks: u32,
    /// Events that did not fit; 0 unless something floods the window.
    pub dropped_events: u32,
    /// Whether the window has the keyboard.
    pub focused: bool,
    /// Whether the canvas has another size than in the tick before.
    pub resized: bool,
    /// The text typed since the last tick.
    pub text: FixedString<64>,
    /// Everything that happened since the last tick, in order.
    pub events: FixedVec<Event, 128>,
}

/// The longest time that a tick may contain at a tick rate: short enough that a simulation catches up
/// with it, and long enough for a loop at that rate.
fn longest(period: Duration) -> Duration {
    const LONGEST: Duration = Duration::from_millis(250);
    LONGEST.max(2 * period)
}

impl Input {
    /// Time since the first tick began. What passed before it, while the first renderer was being built, is not
    /// counted.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.time)
    }

    /// The same as a point in time that can be kept in the state: it stays comparable across reloads.
    #[must_use]
    pub fn now(&self) -> FixedInstant {
        FixedInstant::at(self.time())
    }

    /// Time since the last tick, measured, without what is [`lost`](Self::lost).
    #[must_use]
    pub fn dt(&self) -> Duration {
        Duration::from_nanos(self.dt)
    }

    /// The time to simulate in this tick: a whole number of periods of the tick rate, one for each of
    /// [`steps`](Self::steps).
    ///
    /// Over several ticks it adds up to `dt`, whatever the loop's own rate is: a window that turns 60
    /// times a second at a tick rate of 120 is given two steps with each tick, and at a tick rate of 30
    /// a step with every other one.
    #[must_use]
    pub fn fixed_dt(&self) -> Duration {
        Duration::from_nanos(self.fixed_dt)
    }

    /// The time that passed since the last tick and is neither in `dt` nor in `fixed_dt`; zero as a rule.
    ///
    /// A tick contains a quarter of a second at most, or two periods of the tick rate where these are
    /// longer. What passes beyond that is lost: while no renderer answered, while the computer slept, or
    /// between two events [on demand](crate::OwnerBuilder::on_demand). A tick that took so long that its
    /// renderer was replaced is repeated with a single period, and the rest of it is lost as well.
    /// [`time`](Self::time) contains what is lost.
    #[must_use]
    pub fn lost(&self) -> Duration {
        Duration::from_nanos(self.lost)
    }

    /// The wall clock's time at the tick.
    #[must_use]
    pub fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(self.wall_clock)
    }

    /// Whether a key is down.
    #[must_use]
    pub fn is_key_down(&self, key: Key) -> bool {
        self.keys_down.contains(key)
    }

    /// Whether a key went down since the last tick.
    #[must_use]
    pub fn is_key_pressed(&self, key: Key) -> bool {
        self.keys_pressed.contains(key)
    }

    /// Whether a key went down since the last tick, or was repeated.
    #[must_use]
    pub fn is_key_pressed_or_repeated(&self, key: Key) -> bool {
        self.is_key_pressed(key) || self.keys_repeated.contains(key)
    }

    /// Whether a key went up since the last tick.
    #[must_use]
    pub fn is_key_released(&self, key: Key) -> bool {
        self.keys_released.contains(key)
    }

    /// Whether a tick without a visible cause: nothing happened but the passing of time.
    pub(crate) fn is_idle(&self) -> bool {
        let Mouse { wheel_x, wheel_y, .. } = self.mouse;
        self.events.is_empty() && !self.resized && wheel_x == 0.0 && wheel_y == 0.0
    }

    /// Takes out what happened, and says in words what it was; only time passes in what is left.
    pub(crate) fn take_events(&mut self) -> Option<String> {
        let wheel = self.mouse.wheel_x != 0.0 || self.mouse.wheel_y != 0.0;
        let mut what = self.events.iter().take(4).map(|it| format!("{it:?}")).collect::<Vec<_>>();
        if self.events.len() > what.len() {
            what.push(format!("{} more events", self.events.len() - what.len()));
        }
        what.extend(wheel.then(|| "the wheel".to_owned()));
        what.extend(self.resized.then(|| format!("the size {} × {}", self.width, self.height)));
        self.events.clear();
        self.text.clear();
        (self.keys_pressed, self.keys_released) = (KeySet::default(), KeySet::default());
        self.keys_repeated = KeySet::default();
        (self.mouse.pressed, self.mouse.released) = (ButtonSet::default(), ButtonSet::default());
        (self.mouse.wheel_x, self.mouse.wheel_y, self.resized) = (0.0, 0.0, false);
        (!what.is_empty()).then(|| what.join(", "))
    }

    /// Takes a later tick into this one: times add up, edges stay in order, levels are the last.
    pub(crate) fn merge(&mut self, later: &Input) {
        let earlier = *self;
        *self = *later;
        self.dt += earlier.dt;
        self.fixed_dt += earlier.fixed_dt;
        self.lost += earlier.lost;
        self.steps += earlier.steps;
        self.keys_pressed = earlier.keys_pressed.union(later.keys_pressed);
        self.keys_released = earlier.keys_released.union(later.keys_released);
        self.keys_repeated = earlier.keys_repeated.union(later.keys_repeated);
        self.mouse.pressed.bits |= earlier.mouse.pressed.bits;
        self.mouse.released.bits |= earlier.mouse.released.bits;
        self.mouse.wheel_x += earlier.mouse.wheel_x;
        self.mouse.wheel_y += earlier.mouse.wheel_y;
        self.resized |= earlier.resized;
        self.merged += earlier.merged + 1;
        self.lost_ticks += earlier.lost_ticks;
        self.dropped_events += earlier.dropped_events;
        self.text = earlier.text;
        self.events = earlier.events;
        for event in &later.events {
            self.record(*event);
        }
    }

    /// The longest time that a tick may contain.
    pub(crate) fn longest(&self) -> Duration {
        longest(self.period())
    }

    /// Time from tick to tick at the tick rate.
    pub(crate) fn period(&self) -> Duration {
        Duration::from_nanos(self.period)
    }

    /// Leaves `longest` of its time, and counts the rest as lost; what happened stays. Says how much was
    /// lost by that.
    pub(crate) fn shorten(&mut self, longest: Duration) -> Duration {
        let (dt, longest) = (self.dt, u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
        if dt <= longest {
            return Duration::ZERO;
        }
        let share = |count: u32| {
            let exact = u128::from(count) * u128::from(longest);
            // To the nearest: what is shortened again after each merge does not dwindle.
            u32::try_from((exact + u128::from(dt / 2)) / u128::from(dt)).unwrap_or(count)
        };
        let steps = share(self.steps).max(self.steps.min(1));
        if let Some(step) = self.fixed_dt.checked_div(u64::from(self.steps)) {
            self.fixed_dt = step * u64::from(steps);
        }
        let merged = share(self.merged + 1).max(1) - 1;
        self.lost_ticks += self.merged - merged;
        (self.dt, self.steps, self.merged) = (longest, steps, merged);
        self.lost += dt - longest;
        Duration::from_nanos(dt - longest)
    }

    /// Makes it the first tick of a fresh state: with one period, whatever passed before it.
    pub(crate) fn begin(&mut self) {
        (self.dt, self.fixed_dt, self.steps) = (self.period, self.period, 1);
        (self.lost, self.merged, self.lost_ticks) = (0, 0, 0);
    }

    /// Appends an event to the ordered list, and a character to the text as well.
    fn record(&mut self, event: Event) {
        let text = match event {
            Event::Text(character) => self.text.push(character).is_ok(),
            _ => true,
        };
        if self.events.push(event).is_err() || !text {
            self.dropped_events += 1;
        }
    }
}

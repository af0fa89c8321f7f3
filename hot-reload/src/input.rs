//! The window's input (`WindowInput`), and the renderer's (`Input`).
//!
//! The window library reports events. The owner tracks the levels (which keys are down), numbers
//! the ticks and adds the time. `Input` is plain old data, because it is sent to another process.

mod assemble;
mod key;
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
mod minifb;
#[cfg(all(feature = "winit", not(hot_reload_renderer)))]
mod winit;

pub use self::key::{Key, KeySet};
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
pub use self::minifb::MinifbInput;
#[cfg(all(feature = "winit", not(hot_reload_renderer)))]
pub use self::winit::WinitInput;
pub(crate) use assemble::{Assembler, Clock};

use hot_reload_pod::{FixedInstant, FixedString, FixedVec, SharedState};
use std::time::{Duration, SystemTime};

/// A mouse button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, SharedState)]
#[repr(u8)]
pub enum MouseButton {
    /// The primary button.
    Left,
    /// The wheel button.
    Middle,
    /// The secondary button.
    Right,
    /// The first side button.
    Back,
    /// The second side button.
    Forward,
}

impl MouseButton {
    /// All mouse buttons.
    pub const ALL: [MouseButton; 5] = [
        MouseButton::Left,
        MouseButton::Middle,
        MouseButton::Right,
        MouseButton::Back,
        MouseButton::Forward,
    ];
}

/// Something that happened in the window.
///
/// Positions of the mouse are those at the time of the event, which matters if the mouse moves
/// within a tick. In a [`WindowInput`] they are in pixels of the window; in an [`Input`] they are in
/// pixels of the canvas and clamped to it, as [`Mouse::x`] is.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C, u8)]
pub enum Event {
    /// A key went down.
    KeyDown(Key),
    /// The system repeated a key that is held.
    KeyRepeated(Key),
    /// A key went up.
    KeyUp(Key),
    /// A mouse button went down.
    ButtonDown {
        /// The button.
        button: MouseButton,
        /// Horizontal position of the mouse.
        x: f32,
        /// Vertical position of the mouse.
        y: f32,
    },
    /// A mouse button went up.
    ButtonUp {
        /// The button.
        button: MouseButton,
        /// Horizontal position of the mouse.
        x: f32,
        /// Vertical position of the mouse.
        y: f32,
    },
    /// A character was typed; never a control character.
    Text(char),
}

/// State and events of the window since the last tick, as the window library reports them.
///
/// [`MinifbInput`] fills it in for minifb, and [`WinitInput`] for winit. With another library, or
/// without a window, fill it in yourself. A `KeyDown` of a key that is already down counts as a
/// repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowInput {
    /// Size of the window in pixels.
    pub size: (u32, u32),
    /// True if the window has the keyboard focus. When it loses it, all keys and buttons are
    /// released.
    pub focused: bool,
    /// Position of the mouse in pixels of the window, also outside of it; `None` if unknown.
    pub mouse: Option<(f32, f32)>,
    /// Notches of the wheel, to the right and away from the user.
    pub wheel: (f32, f32),
    /// Events, in order.
    pub events: Vec<Event>,
}

impl WindowInput {
    /// Returns the input of a focused window of the given size, without any events.
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
    /// Returns whether a button is in the set.
    #[must_use]
    pub fn contains(self, button: MouseButton) -> bool {
        self.bits & 1 << button as u8 != 0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Returns the buttons in the set.
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
    /// Horizontal position, clamped to the canvas.
    pub x: f32,
    /// Vertical position, clamped to the canvas.
    pub y: f32,
    /// Horizontal position, not clamped; it can be outside of the canvas.
    pub raw_x: f32,
    /// Vertical position, not clamped; it can be outside of the canvas.
    pub raw_y: f32,
    /// Notches of the wheel since the last tick, to the right.
    pub wheel_x: f32,
    /// Notches of the wheel since the last tick, away from the user.
    pub wheel_y: f32,
    /// Buttons that are down.
    pub down: ButtonSet,
    /// Buttons that went down since the last tick, even if they are up again.
    pub pressed: ButtonSet,
    /// Buttons that went up since the last tick.
    pub released: ButtonSet,
    /// True if the mouse is over the canvas.
    pub inside: bool,
}

/// Input of one tick.
///
/// Each edge (a key pressed, a button released, a character typed) is in exactly one tick's input,
/// also across a reload. Ticks that a slow renderer could not take are merged into the next one.
/// Their edges stay in order, and their times add up to at most a quarter of a second. Time beyond
/// that is [`lost`](Self::lost), so a simulation never has to catch up with a long pause.
///
/// The first tick of a fresh state contains one period and no merged ticks, however long the first
/// build took.
///
/// ```
/// use hot_reload::{Event, Frame, Key, MouseButton, SharedState, Sketch};
///
/// #[derive(Clone, Copy, Default, SharedState)]
/// #[repr(C)]
/// struct Ship {
///     x: f32,
///     shots: u32,
/// }
///
/// fn render(frame: &mut Frame<'_, Sketch<Ship>>) {
///     let (ship, input) = (&mut *frame.state, frame.input);
///     // Levels last, edges happen in one tick.
///     if input.is_key_down(Key::Right) {
///         ship.x += 200.0 * input.dt().as_secs_f32();
///     }
///     if input.is_key_pressed(Key::Space) || input.mouse.pressed.contains(MouseButton::Left) {
///         ship.shots += 1;
///     }
///     // All of them in order, if that matters, and clicks with their positions.
///     for event in &input.events {
///         match event {
///             Event::Text(character) => println!("{character} was typed"),
///             Event::ButtonDown { x, y, .. } => println!("a click at {x}, {y}"),
///             _ => {}
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Input {
    /// Number of the tick, counted from 1.
    pub tick: u64,
    time: u64,
    dt: u64,
    fixed_dt: u64,
    period: u64,
    lost: u64,
    wall_clock: u64,
    /// A separate random number for each tick; the same if the tick is replayed.
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
    /// Fixed steps that are due in this tick: usually 1; more if ticks were merged or if the loop
    /// turns more slowly than [`Owner::tick_rate`](crate::Owner::tick_rate); sometimes 0 if it
    /// turns faster.
    pub steps: u32,
    /// Number of other ticks that are merged into this one.
    pub merged: u32,
    /// Number of ticks whose time is [`lost`](Self::lost). Their events are not lost: they are in
    /// this input. `tick` is 1 + `merged` + `lost_ticks` higher than that of the previous input.
    pub lost_ticks: u32,
    /// Number of events that did not fit; 0 unless the window is flooded with events.
    pub dropped_events: u32,
    /// True if the window has the keyboard focus.
    pub focused: bool,
    /// True if the canvas has another size than in the previous tick.
    pub resized: bool,
    /// Text typed since the last tick.
    pub text: FixedString<64>,
    /// Events since the last tick, in order.
    pub events: FixedVec<Event, 128>,
}

/// Returns the longest time that a tick may contain at a tick rate: short enough for a simulation
/// to catch up, and long enough for a loop at that rate.
fn longest(period: Duration) -> Duration {
    const LONGEST: Duration = Duration::from_millis(250);
    LONGEST.max(2 * period)
}

impl Input {
    /// Returns the time on the application's clock: zero when the first tick begins, after the
    /// first renderer has been built. A restored state continues from the time of its snapshot.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.time)
    }

    /// Returns the same time as an instant that can be kept in the state: it stays comparable
    /// across reloads.
    #[must_use]
    pub fn now(&self) -> FixedInstant {
        FixedInstant::at(self.time())
    }

    /// Returns the measured time since the last tick, without the time that is
    /// [`lost`](Self::lost).
    #[must_use]
    pub fn dt(&self) -> Duration {
        Duration::from_nanos(self.dt)
    }

    /// Returns the time to simulate in this tick: a whole number of periods of the tick rate, one
    /// for each of [`steps`](Self::steps).
    ///
    /// Over several ticks it adds up to `dt`, whatever the loop's own rate is. A window that turns
    /// 60 times a second gets two steps with each tick at a tick rate of 120, and a step with every
    /// other tick at a tick rate of 30.
    #[must_use]
    pub fn fixed_dt(&self) -> Duration {
        Duration::from_nanos(self.fixed_dt)
    }

    /// Returns the time since the last tick that is neither in `dt` nor in `fixed_dt`; usually
    /// zero.
    ///
    /// A tick contains at most a quarter of a second, or two periods of the tick rate if that is
    /// longer. Time beyond that is lost: while no renderer answered, while the computer slept, or
    /// between two events [on demand](crate::OwnerBuilder::on_demand). A tick that took so long
    /// that its renderer was replaced is repeated with a single period, and the rest of its time is
    /// lost as well. [`time`](Self::time) includes lost time.
    #[must_use]
    pub fn lost(&self) -> Duration {
        Duration::from_nanos(self.lost)
    }

    /// Returns the wall-clock time of the tick. That of [stepped](crate::Owner::step) ticks begins at
    /// the Unix epoch.
    #[must_use]
    pub fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(self.wall_clock)
    }

    /// Returns whether a key is down.
    #[must_use]
    pub fn is_key_down(&self, key: Key) -> bool {
        self.keys_down.contains(key)
    }

    /// Returns whether a key went down since the last tick.
    #[must_use]
    pub fn is_key_pressed(&self, key: Key) -> bool {
        self.keys_pressed.contains(key)
    }

    /// Returns whether a key went down since the last tick, or was repeated.
    #[must_use]
    pub fn is_key_pressed_or_repeated(&self, key: Key) -> bool {
        self.is_key_pressed(key) || self.keys_repeated.contains(key)
    }

    /// Returns whether a key went up since the last tick.
    #[must_use]
    pub fn is_key_released(&self, key: Key) -> bool {
        self.keys_released.contains(key)
    }

    /// Returns whether nothing happened in the tick except the passing of time.
    pub(crate) fn is_idle(&self) -> bool {
        let Mouse { wheel_x, wheel_y, .. } = self.mouse;
        self.events.is_empty() && !self.resized && wheel_x == 0.0 && wheel_y == 0.0
    }

    /// Removes the events, so that only time passes in the tick. Returns a description of them.
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

    /// Merges a later tick into this one: times add up, edges stay in order, levels are the latest.
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

    /// Returns the longest time that a tick may contain.
    pub(crate) fn longest(&self) -> Duration {
        longest(self.period())
    }

    /// Returns the time from tick to tick at the tick rate.
    pub(crate) fn period(&self) -> Duration {
        Duration::from_nanos(self.period)
    }

    /// Reduces its time to `longest`, and counts the rest as lost; the events stay. Returns the
    /// time that this call lost.
    pub(crate) fn shorten(&mut self, longest: Duration) -> Duration {
        let (dt, longest) = (self.dt, u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
        if dt <= longest {
            return Duration::ZERO;
        }
        let share = |count: u32| {
            let exact = u128::from(count) * u128::from(longest);
            // Rounded to the nearest, so that shortening again after each merge does not make it
            // shrink.
            u32::try_from((exact + u128::from(dt / 2)) / u128::from(dt)).unwrap_or(count)
        };
        // Never more steps than there is time for: rounding would let them pile up.
        let room = longest.saturating_add(self.period / 2).checked_div(self.period);
        let room = room.and_then(|room| u32::try_from(room).ok()).unwrap_or(u32::MAX);
        let steps = share(self.steps).min(room).max(self.steps.min(1));
        if let Some(step) = self.fixed_dt.checked_div(u64::from(self.steps)) {
            self.fixed_dt = step * u64::from(steps);
        }
        let merged = share(self.merged + 1).max(1) - 1;
        self.lost_ticks += self.merged - merged;
        (self.dt, self.steps, self.merged) = (longest, steps, merged);
        self.lost += dt - longest;
        Duration::from_nanos(dt - longest)
    }

    /// Makes it the first tick of a fresh state: with one period, whatever time passed before it.
    pub(crate) fn begin(&mut self) {
        (self.dt, self.fixed_dt, self.steps) = (self.period, self.period, 1);
        (self.lost, self.merged, self.lost_ticks) = (0, 0, 0);
    }

    /// Appends an event to the ordered list, and a character also to the text.
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

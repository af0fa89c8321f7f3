//! From what the window tells to a tick's input: levels, edges, time, numbers.

use super::{ButtonSet, Event, Input, Key, KeySet, Mouse, MouseButton, WindowInput};
use std::time::{Duration, Instant, SystemTime};

/// Makes the ticks' inputs, one after the other.
#[derive(Debug)]
pub(crate) struct Assembler {
    start: Instant,
    /// The time at `start`: that of a snapshot which was restored.
    before: Duration,
    last: Instant,
    tick: u64,
    seed: u64,
    keys: KeySet,
    buttons: ButtonSet,
    focused: bool,
    canvas: (u32, u32),
}

impl Assembler {
    pub(crate) fn new(now: Instant, seed: u64) -> Self {
        Assembler {
            start: now,
            before: Duration::ZERO,
            last: now,
            tick: 0,
            seed,
            keys: KeySet::default(),
            buttons: ButtonSet::default(),
            focused: true,
            canvas: (0, 0),
        }
    }

    /// The time of the last tick.
    pub(crate) fn time(&self) -> Duration {
        self.before + self.last.duration_since(self.start)
    }

    /// Goes on from another time: that of a state which is restored.
    pub(crate) fn set_time(&mut self, time: Duration) {
        (self.start, self.before) = (self.last, time);
    }

    /// The number of the last tick.
    pub(crate) fn tick(&self) -> u64 {
        self.tick
    }

    /// The next tick's input, for a canvas of a size.
    pub(crate) fn assemble(
        &mut self,
        window: &WindowInput,
        canvas: (u32, u32),
        now: Instant,
        fixed_dt: Duration,
    ) -> Input {
        self.tick += 1;
        let mut input: Input = crate::state::blank();
        input.tick = self.tick;
        input.time = nanos(self.before + now.duration_since(self.start));
        input.dt = nanos(now.duration_since(self.last));
        input.fixed_dt = nanos(fixed_dt);
        input.wall_clock =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanos);
        input.seed = mix(self.seed.wrapping_add(self.tick));
        (input.width, input.height) = canvas;
        (input.window_width, input.window_height) = window.size;
        input.resized = canvas != self.canvas;
        input.focused = window.focused;
        input.mouse = mouse(window, canvas);
        for event in &window.events {
            self.take(*event, &mut input);
        }
        if self.focused && !window.focused {
            self.release_all(&mut input);
        }
        input.keys_down = self.keys;
        input.mouse.down = self.buttons;
        (self.last, self.canvas, self.focused) = (now, canvas, window.focused);
        input
    }

    fn take(&mut self, event: Event, input: &mut Input) {
        let event = match event {
            Event::KeyDown(key) if !self.keys.insert(key) => Event::KeyRepeated(key),
            other => other,
        };
        match event {
            Event::KeyDown(key) => {
                input.keys_pressed.insert(key);
            }
            Event::KeyRepeated(key) => {
                input.keys_repeated.insert(key);
            }
            Event::KeyUp(key) => {
                if !self.keys.remove(key) {
                    return;
                }
                input.keys_released.insert(key);
            }
            Event::ButtonDown(button) => {
                if !self.buttons.insert(button) {
                    return;
                }
                input.mouse.pressed.insert(button);
            }
            Event::ButtonUp(button) => {
                if !self.buttons.remove(button) {
                    return;
                }
                input.mouse.released.insert(button);
            }
            // Window libraries deliver Backspace and Escape as characters too.
            Event::Text(character) if character.is_control() => return,
            Event::Text(_) => {}
        }
        input.record(event);
    }

    /// A window without the keyboard is never told that a key went up.
    fn release_all(&mut self, input: &mut Input) {
        for &key in Key::ALL.iter().filter(|&&key| self.keys.contains(key)).collect::<Vec<_>>() {
            self.take(Event::KeyUp(key), input);
        }
        for button in MouseButton::ALL {
            self.take(Event::ButtonUp(button), input);
        }
    }
}

/// From pixels of the window to pixels of the canvas.
fn mouse(window: &WindowInput, canvas: (u32, u32)) -> Mouse {
    let mut mouse = Mouse { wheel_x: window.wheel.0, wheel_y: window.wheel.1, ..Mouse::default() };
    let Some((x, y)) = window.mouse else {
        return mouse;
    };
    let scale =
        |position: f32, canvas: u32, window: u32| position * canvas as f32 / window.max(1) as f32;
    mouse.raw_x = scale(x, canvas.0, window.size.0);
    mouse.raw_y = scale(y, canvas.1, window.size.1);
    mouse.x = mouse.raw_x.clamp(0.0, canvas.0.saturating_sub(1) as f32);
    mouse.y = mouse.raw_y.clamp(0.0, canvas.1.saturating_sub(1) as f32);
    let within = |position: f32, size: u32| position >= 0.0 && position < size as f32;
    mouse.inside = within(mouse.raw_x, canvas.0) && within(mouse.raw_y, canvas.1);
    mouse
}

/// 584 years fit.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// SplitMix64 (Steele, Lea, Flood 2014): neighbouring ticks get unrelated numbers.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(windows: &[WindowInput]) -> Vec<Input> {
        let start = Instant::now();
        let mut assembler = Assembler::new(start, 1);
        let step = Duration::from_millis(10);
        let assemble = |(index, window): (usize, &WindowInput)| {
            let now = start + step * u32::try_from(index + 1).unwrap();
            assembler.assemble(window, (400, 300), now, step)
        };
        windows.iter().enumerate().map(assemble).collect()
    }

    fn window(events: &[Event]) -> WindowInput {
        WindowInput { events: events.to_vec(), ..WindowInput::idle(800, 600) }
    }

    #[test]
    fn a_tap_within_one_tick_is_an_edge_and_no_level() {
        let inputs = ticks(&[window(&[Event::KeyDown(Key::A), Event::KeyUp(Key::A)]), window(&[])]);
        assert!(inputs[0].is_key_pressed(Key::A) && inputs[0].is_key_released(Key::A));
        assert!(!inputs[0].is_key_down(Key::A));
        assert!(inputs[1].keys_pressed.is_empty() && inputs[1].keys_released.is_empty());
    }

    #[test]
    fn a_held_key_is_a_level_and_its_second_press_a_repetition() {
        let press = window(&[Event::KeyDown(Key::Left)]);
        let inputs = ticks(&[press.clone(), window(&[]), press]);
        assert!(inputs.iter().all(|input| input.is_key_down(Key::Left)));
        let pressed = inputs.iter().map(|input| input.is_key_pressed(Key::Left));
        assert_eq!(pressed.collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(inputs[2].keys_repeated.iter().collect::<Vec<_>>(), [Key::Left]);
    }

    #[test]
    fn losing_the_keyboard_releases_keys_and_buttons_once() {
        let held = [Event::KeyDown(Key::W), Event::ButtonDown(MouseButton::Left)];
        let mut away = window(&[]);
        away.focused = false;
        let inputs = ticks(&[window(&held), away.clone(), away]);
        assert!(inputs[1].is_key_released(Key::W) && inputs[1].keys_down.is_empty());
        assert!(inputs[1].mouse.released.contains(MouseButton::Left));
        assert!(inputs[2].keys_released.is_empty() && inputs[2].mouse.released.is_empty());
    }

    #[test]
    fn control_characters_are_no_text() {
        let inputs = ticks(&[window(&[Event::Text('a'), Event::Text('\u{8}'), Event::Text('ß')])]);
        assert_eq!(inputs[0].text, "aß");
    }

    #[test]
    fn the_mouse_is_in_pixels_of_the_canvas() {
        let at = |x, y| WindowInput { mouse: Some((x, y)), ..WindowInput::idle(800, 600) };
        let inputs = ticks(&[at(400.0, 300.0), at(-20.0, 700.0)]);
        let (inside, outside) = (inputs[0].mouse, inputs[1].mouse);
        assert_eq!((inside.x, inside.y, inside.inside), (200.0, 150.0, true));
        assert_eq!((outside.x, outside.y, outside.inside), (0.0, 299.0, false));
        assert_eq!((outside.raw_x, outside.raw_y), (-10.0, 350.0));
    }

    #[test]
    fn merging_keeps_edges_in_order_and_adds_times_up() {
        let inputs = ticks(&[
            window(&[Event::KeyDown(Key::A), Event::Text('a')]),
            window(&[Event::KeyUp(Key::A), Event::KeyDown(Key::B), Event::Text('b')]),
            WindowInput { wheel: (0.0, 2.0), ..window(&[]) },
        ]);
        let mut merged = inputs[0];
        merged.merge(&inputs[1]);
        merged.merge(&inputs[2]);
        let order = [
            Event::KeyDown(Key::A),
            Event::Text('a'),
            Event::KeyUp(Key::A),
            Event::KeyDown(Key::B),
            Event::Text('b'),
        ];
        assert_eq!(merged.events, order);
        assert_eq!(merged.text, "ab");
        assert!(merged.is_key_pressed(Key::A) && merged.is_key_released(Key::A));
        assert!(!merged.is_key_down(Key::A) && merged.is_key_down(Key::B));
        assert_eq!((merged.tick, merged.merged), (3, 2));
        assert_eq!(merged.dt(), Duration::from_millis(30));
        assert_eq!(merged.fixed_dt(), Duration::from_millis(30));
        assert_eq!(merged.mouse.wheel_y.to_bits(), 2.0_f32.to_bits());
        assert!(merged.resized, "the first tick's");
    }

    #[test]
    fn a_flood_of_events_is_cut_and_counted() {
        let flood = vec![Event::Text('x'); 200];
        let inputs = ticks(&[window(&flood)]);
        assert_eq!(inputs[0].events.len(), 128);
        // 64 characters of text fit, so that each of the other 136 lost something.
        assert_eq!(inputs[0].dropped_events, 136);
    }
}

//! Assembly of a tick's input from the window's: levels, edges, time, numbers.

use super::{ButtonSet, Event, Input, Key, KeySet, Mouse, MouseButton, WindowInput, longest};
use std::time::{Duration, Instant, SystemTime};

/// Builds the input of each tick, one after the other.
#[derive(Debug)]
pub(crate) struct Assembler {
    /// Time before the first tick: that of a restored snapshot.
    before: Duration,
    /// Time of the last tick on the owner's clock; `last` is the instant of that tick.
    time: Duration,
    last: Option<Instant>,
    /// Measured time not yet covered by fixed steps, in nanoseconds; negative if the steps are
    /// ahead.
    owed: i64,
    tick: u64,
    seed: u64,
    keys: KeySet,
    buttons: ButtonSet,
    focused: bool,
    canvas: (u32, u32),
}

/// The time of a tick.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The time since the last tick is measured.
    Measured(Instant),
    /// One period has passed since the last tick, whatever the measured time.
    Stepped(Instant),
    /// No time has passed.
    Standing(Instant),
}

impl Clock {
    /// Returns the measured time.
    pub(crate) fn now(self) -> Instant {
        match self {
            Clock::Measured(now) | Clock::Stepped(now) | Clock::Standing(now) => now,
        }
    }
}

impl Assembler {
    pub(crate) fn new(seed: u64) -> Self {
        Assembler {
            before: Duration::ZERO,
            time: Duration::ZERO,
            last: None,
            owed: 0,
            tick: 0,
            seed,
            keys: KeySet::default(),
            buttons: ButtonSet::default(),
            focused: true,
            canvas: (0, 0),
        }
    }

    /// Returns the time of the last tick.
    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    /// Continues from another time: that of a restored state.
    pub(crate) fn set_time(&mut self, time: Duration) {
        (self.before, self.time) = (time, time);
    }

    /// Makes the next tick the first one (again), as long as no renderer has been given any: time
    /// begins with it. Keys and buttons that are down stay down.
    pub(crate) fn begin(&mut self) {
        (self.tick, self.time, self.last, self.owed) = (0, self.before, None, 0);
    }

    /// Returns the releases of all keys and buttons that are down.
    pub(crate) fn releases(&self) -> Vec<Event> {
        let keys = self.keys.iter().map(Event::KeyUp);
        let buttons = self.buttons.iter();
        keys.chain(buttons.map(|button| Event::ButtonUp { button, x: 0.0, y: 0.0 })).collect()
    }

    /// Lets the next measured tick contain one period, whatever time passes until then.
    pub(crate) fn stop_clock(&mut self) {
        self.last = None;
    }

    /// Returns the number of the last tick.
    pub(crate) fn tick(&self) -> u64 {
        self.tick
    }

    /// Builds the next tick's input, for a canvas of the given size.
    pub(crate) fn assemble(
        &mut self,
        window: &WindowInput,
        canvas: (u32, u32),
        clock: Clock,
        period: Duration,
    ) -> Input {
        self.tick += 1;
        let mut input: Input = hot_reload_pod::internal::blank();
        input.tick = self.tick;
        self.pass(clock, period, &mut input);
        input.wall_clock = match clock {
            Clock::Measured(_) | Clock::Standing(_) => {
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanos)
            }
            Clock::Stepped(_) => nanos(self.time),
        };
        input.seed = mix(self.seed.wrapping_add(self.tick));
        (input.width, input.height) = canvas;
        (input.window_width, input.window_height) = window.size;
        input.resized = canvas != self.canvas;
        input.focused = window.focused;
        input.mouse = mouse(window, canvas);
        for event in &window.events {
            self.take(in_canvas(*event, window.size, canvas), &mut input);
        }
        if self.focused && !window.focused {
            self.release_all(&mut input);
        }
        input.keys_down = self.keys;
        input.mouse.down = self.buttons;
        (self.canvas, self.focused) = (canvas, window.focused);
        input
    }

    /// Adds the time since the last tick: one period in the first.
    fn pass(&mut self, clock: Clock, period: Duration, input: &mut Input) {
        let now = clock.now();
        let passed = match (clock, self.last) {
            (Clock::Measured(_), Some(last)) => now.duration_since(last),
            (Clock::Measured(_), None) | (Clock::Stepped(_), _) => period,
            (Clock::Standing(_), _) => Duration::ZERO,
        };
        (self.time, self.last) = (self.time + passed, Some(now));
        let dt = passed.min(longest(period));
        input.time = nanos(self.time);
        input.dt = nanos(dt);
        input.lost = nanos(passed - dt);
        input.period = nanos(period);
        input.steps = match clock {
            Clock::Standing(_) => 0,
            _ => self.steps(input.dt, input.period),
        };
        input.fixed_dt = u64::from(input.steps) * input.period;
    }

    /// Returns the fixed steps that are due after a time: one, unless their sum would then differ
    /// from the time by a whole step or more. So a loop that is slightly early or late gets one
    /// step with each tick.
    fn steps(&mut self, dt: u64, period: u64) -> u32 {
        let signed = |nanos: u64| i64::try_from(nanos).unwrap_or(i64::MAX);
        let period = signed(period).max(1);
        self.owed = self.owed.saturating_add(signed(dt));
        let steps = match self.owed {
            ..=0 => 0,
            owed if owed < 2 * period => 1,
            owed => owed / period,
        };
        self.owed -= steps * period;
        u32::try_from(steps).unwrap_or(u32::MAX)
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
            Event::ButtonDown { button, .. } => {
                if !self.buttons.insert(button) {
                    return;
                }
                input.mouse.pressed.insert(button);
            }
            Event::ButtonUp { button, .. } => {
                if !self.buttons.remove(button) {
                    return;
                }
                input.mouse.released.insert(button);
            }
            // Window libraries also deliver Backspace and Escape as characters.
            Event::Text(character) if character.is_control() => return,
            Event::Text(_) => {}
        }
        input.record(event);
    }

    /// Releases all keys and buttons, because a window without the keyboard focus is not told when
    /// a key goes up.
    fn release_all(&mut self, input: &mut Input) {
        for &key in Key::ALL.iter().filter(|&&key| self.keys.contains(key)).collect::<Vec<_>>() {
            self.take(Event::KeyUp(key), input);
        }
        let Mouse { x, y, .. } = input.mouse;
        for button in MouseButton::ALL {
            self.take(Event::ButtonUp { button, x, y }, input);
        }
    }
}

/// Converts pixels of the window to pixels of the canvas.
fn mouse(window: &WindowInput, canvas: (u32, u32)) -> Mouse {
    let mut mouse = Mouse { wheel_x: window.wheel.0, wheel_y: window.wheel.1, ..Mouse::default() };
    let Some((x, y)) = window.mouse else {
        return mouse;
    };
    (mouse.raw_x, mouse.raw_y) = scaled((x, y), window.size, canvas);
    (mouse.x, mouse.y) = clamped((mouse.raw_x, mouse.raw_y), canvas);
    let within = |position: f32, size: u32| position >= 0.0 && position < size as f32;
    mouse.inside = within(mouse.raw_x, canvas.0) && within(mouse.raw_y, canvas.1);
    mouse
}

/// Converts the position of an event from pixels of the window to pixels of the canvas.
fn in_canvas(mut event: Event, window: (u32, u32), canvas: (u32, u32)) -> Event {
    if let Event::ButtonDown { x, y, .. } | Event::ButtonUp { x, y, .. } = &mut event {
        (*x, *y) = clamped(scaled((*x, *y), window, canvas), canvas);
    }
    event
}

fn scaled((x, y): (f32, f32), window: (u32, u32), canvas: (u32, u32)) -> (f32, f32) {
    let scale =
        |position: f32, window: u32, canvas: u32| position * canvas as f32 / window.max(1) as f32;
    (scale(x, window.0, canvas.0), scale(y, window.1, canvas.1))
}

fn clamped((x, y): (f32, f32), canvas: (u32, u32)) -> (f32, f32) {
    let clamp = |position: f32, size: u32| position.clamp(0.0, size.saturating_sub(1) as f32);
    (clamp(x, canvas.0), clamp(y, canvas.1))
}

/// Returns the duration in nanoseconds; 584 years fit.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Mixes a seed with SplitMix64 (Steele, Lea, Flood 2014): neighbouring ticks get unrelated
/// numbers.
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
        let mut assembler = Assembler::new(1);
        let step = Duration::from_millis(10);
        let assemble = |(index, window): (usize, &WindowInput)| {
            let now = start + step * u32::try_from(index + 1).unwrap();
            assembler.assemble(window, (400, 300), Clock::Measured(now), step)
        };
        windows.iter().enumerate().map(assemble).collect()
    }

    const LEFT_DOWN: Event = Event::ButtonDown { button: MouseButton::Left, x: 8.0, y: 6.0 };

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
        let held = [Event::KeyDown(Key::W), LEFT_DOWN];
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
    fn a_click_has_the_position_of_its_time() {
        let button = MouseButton::Left;
        let up = Event::ButtonUp { button, x: -40.0, y: 900.0 };
        let dragged = WindowInput { mouse: Some((700.0, 20.0)), ..window(&[LEFT_DOWN, up]) };
        let mut away = WindowInput { mouse: Some((80.0, 60.0)), ..window(&[]) };
        away.focused = false;
        let inputs = ticks(&[dragged, window(&[LEFT_DOWN]), away]);
        let [x, y] = [4.0, 3.0];
        let down = Event::ButtonDown { button, x, y };
        assert_eq!(inputs[0].events, [down, Event::ButtonUp { button, x: 0.0, y: 299.0 }]);
        assert_eq!(inputs[1].events, [down]);
        assert_eq!(inputs[2].events, [Event::ButtonUp { button, x: 40.0, y: 30.0 }]);
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

    /// Returns the steps and their merged input, for a loop that turns every `turns` milliseconds.
    fn stepped(per_second: u32, turns: impl IntoIterator<Item = u64>) -> (Vec<u32>, Input) {
        let period = Duration::from_secs(1) / per_second;
        let mut assembler = Assembler::new(1);
        let mut now = Instant::now();
        let mut all = assembler.assemble(&window(&[]), (1, 1), Clock::Measured(now), period);
        let mut steps = vec![all.steps];
        for turn in turns {
            now += Duration::from_millis(turn);
            let input = assembler.assemble(&window(&[]), (1, 1), Clock::Measured(now), period);
            assert_eq!(input.fixed_dt(), input.steps * period);
            steps.push(input.steps);
            all.merge(&input);
        }
        (steps, all)
    }

    #[test]
    fn fixed_steps_add_up_to_real_time_at_any_rate_of_the_loop() {
        // Ticks per second, and the milliseconds of the loop's turns.
        let irregular = || (0..300).map(|turn| 5 + turn * 7 % 40);
        let regular = |turn| std::iter::repeat_n(turn, 300);
        for per_second in [30, 50, 60, 120, 1000] {
            for turns in
                [irregular().collect(), regular(16).collect(), regular(3).collect::<Vec<_>>()]
            {
                let (_, all) = stepped(per_second, turns);
                let apart = all.fixed_dt().abs_diff(all.dt());
                let period = Duration::from_secs(1) / per_second;
                assert!(apart <= period, "{apart:?} apart at {per_second} a second");
                assert_eq!((all.dt(), all.lost()), (all.time(), Duration::ZERO));
            }
        }
    }

    #[test]
    fn a_loop_near_the_tick_rate_has_one_step_a_turn_and_one_at_half_of_it_has_two() {
        let near = (0..50).map(|turn| if turn % 2 == 0 { 12 } else { 28 });
        assert!(stepped(50, near).0.iter().all(|&steps| steps == 1));
        assert!(stepped(100, [20; 50]).0[1..].iter().all(|&steps| steps == 2));
        let (slow, _) = stepped(25, [20; 50]);
        assert!(slow[1..].chunks(2).all(|pair| pair.iter().sum::<u32>() == 1), "{slow:?}");
    }

    #[test]
    fn time_begins_with_the_first_tick_that_counts() {
        let (mut now, period) = (Instant::now(), Duration::from_millis(10));
        let mut assembler = Assembler::new(1);
        assembler.set_time(Duration::from_secs(7));
        for _ in 0..100 {
            assembler.begin();
            let input = assembler.assemble(&window(&[]), (1, 1), Clock::Measured(now), period);
            assert_eq!((input.tick, input.steps, input.merged), (1, 1, 0));
            assert_eq!(
                (input.dt(), input.fixed_dt(), input.lost()),
                (period, period, Duration::ZERO)
            );
            assert_eq!(input.time(), Duration::from_secs(7) + period);
            now += Duration::from_secs(3);
        }
        now -= Duration::from_secs(3);
        let next = assembler.assemble(&window(&[]), (1, 1), Clock::Measured(now + period), period);
        assert_eq!((next.tick, next.dt()), (2, period));
    }

    #[test]
    fn stepped_ticks_have_one_period_each_whatever_the_measured_time() {
        let (mut now, period) = (Instant::now(), Duration::from_millis(10));
        let mut assembler = Assembler::new(1);
        for tick in 1..=50 {
            now += Duration::from_millis(u64::from(tick) * 7 % 40);
            let input = assembler.assemble(&window(&[]), (1, 1), Clock::Stepped(now), period);
            assert_eq!((input.dt(), input.fixed_dt(), input.steps), (period, period, 1));
            assert_eq!((input.time(), input.lost()), (tick * period, Duration::ZERO));
            assert_eq!(input.wall_clock(), SystemTime::UNIX_EPOCH + tick * period);
        }
        let measured = Clock::Measured(now + 2 * period);
        let input = assembler.assemble(&window(&[]), (1, 1), measured, period);
        assert_eq!((input.dt(), input.time()), (2 * period, 52 * period));
    }

    #[test]
    fn a_long_pause_is_lost_but_for_a_quarter_of_a_second_and_no_event_with_it() {
        let period = Duration::from_millis(10);
        let (steps, all) = stepped(100, [60_000]);
        assert_eq!(steps, [1, 25]);
        assert_eq!(all.time(), all.dt() + all.lost());
        assert_eq!(all.dt(), 26 * period, "the first tick's as well");

        // The same in ticks that no renderer takes.
        let windows = (0..500).map(|_| window(&[Event::KeyDown(Key::A), Event::KeyUp(Key::A)]));
        let mut rest = ticks(&windows.collect::<Vec<_>>()).into_iter();
        let mut merged = rest.next().unwrap();
        for later in rest {
            merged.merge(&later);
            merged.shorten(merged.longest());
            assert_eq!(merged.tick, 1 + u64::from(merged.merged + merged.lost_ticks));
            assert_eq!(merged.time(), merged.dt() + merged.lost());
            let apart = merged.fixed_dt().abs_diff(merged.dt());
            assert!(apart <= period, "{apart:?} apart at tick {}", merged.tick);
        }
        assert_eq!((merged.dt(), merged.steps, merged.merged), (25 * period, 25, 24));
        assert_eq!(merged.events.len() + merged.dropped_events as usize, 1000);
    }

    #[test]
    fn a_loop_of_a_tick_a_second_loses_nothing() {
        let (_, all) = stepped(1, [1_004, 999, 1_300]);
        assert_eq!((all.lost(), all.steps), (Duration::ZERO, 4));
    }

    #[test]
    fn a_flood_of_events_is_cut_and_counted() {
        let flood = vec![Event::Text('x'); 200];
        let inputs = ticks(&[window(&flood)]);
        assert_eq!(inputs[0].events.len(), 128);
        // 64 characters of text fit, so each of the other 136 lost something.
        assert_eq!(inputs[0].dropped_events, 136);
    }
}

//! `WindowInput` from a minifb window.

use super::{Event, Key, MouseButton, WindowInput};
use minifb::HasWindowHandle;
use raw_window_handle::RawWindowHandle;
use std::cell::RefCell;
use std::rc::Rc;

/// Collects the input of a minifb window. Requires the feature `minifb`.
///
/// Keys and text come through minifb's input callback, because polling misses a tap that is shorter
/// than a tick. Mouse buttons can only be polled, so a click has the position that the mouse has when
/// the input is read. On X11, minifb names keys by the keyboard's layout, not by their position. The
/// wheel is counted in notches on every system. Several notches
/// between two updates of the window add up on X11; on other systems minifb keeps the last one.
///
/// ```no_run
/// # use hot_reload::input::MinifbInput;
/// # let mut window = minifb::Window::new("", 1, 1, Default::default()).unwrap();
/// let mut keys = MinifbInput::attach(&mut window); // takes the window's input callback
/// let input = keys.read(&window);                  // once a tick
/// ```
#[derive(Debug)]
pub struct MinifbInput {
    events: Rc<RefCell<Vec<Event>>>,
    buttons: [bool; MouseButton::ALL.len()],
    wheel: Wheel,
    input: WindowInput,
}

/// Units and directions of minifb's wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wheel {
    /// Notches, to the left and away from the user.
    X11,
    /// Ten units per notch, to the right and towards the user.
    Wayland,
    /// Twelve units per notch, away from the user.
    Windows,
    /// Lines, to the left and away from the user.
    MacOs,
    /// Unknown.
    Other,
}

impl Wheel {
    fn of(window: &minifb::Window) -> Self {
        match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(_) | RawWindowHandle::Xcb(_)) => Wheel::X11,
            Ok(RawWindowHandle::Wayland(_)) => Wheel::Wayland,
            Ok(RawWindowHandle::Win32(_)) => Wheel::Windows,
            Ok(RawWindowHandle::AppKit(_)) => Wheel::MacOs,
            _ => Wheel::Other,
        }
    }

    /// Converts to notches, to the right and away from the user.
    fn notches(self, (x, y): (f32, f32)) -> (f32, f32) {
        match self {
            Wheel::X11 | Wheel::MacOs => (-x, y),
            Wheel::Wayland => (x / 10.0, -y / 10.0),
            Wheel::Windows => (x / 12.0, y / 12.0),
            Wheel::Other => (x, y),
        }
    }
}

impl MinifbInput {
    /// Takes the window's input callback.
    #[must_use]
    pub fn attach(window: &mut minifb::Window) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        window.set_input_callback(Box::new(Callback { events: events.clone() }));
        let buttons = [false; MouseButton::ALL.len()];
        let wheel = Wheel::of(window);
        MinifbInput { events, buttons, wheel, input: WindowInput::idle(0, 0) }
    }

    /// Returns the input since the last call.
    pub fn read(&mut self, window: &minifb::Window) -> &WindowInput {
        let input = &mut self.input;
        let size = window.get_size();
        input.size = (pixels(size.0), pixels(size.1));
        input.focused = window.is_active();
        input.mouse = window.get_unscaled_mouse_pos(minifb::MouseMode::Pass);
        input.wheel = self.wheel.notches(window.get_scroll_wheel().unwrap_or_default());
        input.events.clear();
        input.events.append(&mut self.events.borrow_mut());
        let (x, y) = input.mouse.unwrap_or_default();
        for (button, before) in MouseButton::ALL.into_iter().zip(&mut self.buttons) {
            let down = window.get_mouse_down(minifb_button(button));
            if down != *before {
                input.events.push(match down {
                    true => Event::ButtonDown { button, x, y },
                    false => Event::ButtonUp { button, x, y },
                });
                *before = down;
            }
        }
        input
    }
}

fn pixels(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn minifb_button(button: MouseButton) -> minifb::MouseButton {
    match button {
        MouseButton::Left => minifb::MouseButton::Left,
        MouseButton::Middle => minifb::MouseButton::Middle,
        MouseButton::Right => minifb::MouseButton::Right,
        MouseButton::Back => minifb::MouseButton::Back,
        MouseButton::Forward => minifb::MouseButton::Forward,
    }
}

struct Callback {
    events: Rc<RefCell<Vec<Event>>>,
}

impl minifb::InputCallback for Callback {
    fn add_char(&mut self, code: u32) {
        if let Some(character) = char::from_u32(code) {
            self.events.borrow_mut().push(Event::Text(character));
        }
    }

    fn set_key_state(&mut self, key: minifb::Key, down: bool) {
        let key = Key::from_minifb(key);
        let event = if down { Event::KeyDown(key) } else { Event::KeyUp(key) };
        self.events.borrow_mut().push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_counts_notches_to_the_right_and_away_from_the_user_on_every_system() {
        // Values that minifb 0.29 reports for a notch away, one towards, two away, and one
        // to the right.
        // X11: buttons 4 to 7; Wayland: `wl_pointer.axis`; Windows: 120 × 0.1; macOS: `deltaX`,
        // `deltaY`.
        let table = [
            (Wheel::X11, [(0.0, 1.0), (0.0, -1.0), (0.0, 2.0), (-1.0, 0.0)]),
            (Wheel::Wayland, [(0.0, -10.0), (0.0, 10.0), (0.0, -20.0), (10.0, 0.0)]),
            (Wheel::Windows, [(0.0, 12.0), (0.0, -12.0), (0.0, 24.0), (12.0, 0.0)]),
            (Wheel::MacOs, [(0.0, 1.0), (0.0, -1.0), (0.0, 2.0), (-1.0, 0.0)]),
        ];
        for (wheel, reported) in table {
            let notches = reported.map(|reported| wheel.notches(reported));
            let wanted = [(0.0, 1.0), (0.0, -1.0), (0.0, 2.0), (1.0, 0.0)];
            assert_eq!(notches, wanted, "{wheel:?}");
        }
    }
}

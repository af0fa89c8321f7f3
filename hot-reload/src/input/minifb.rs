//! `WindowInput` from a minifb window.

use super::{Event, Key, MouseButton, WindowInput};
use std::cell::RefCell;
use std::rc::Rc;

/// Collects what happens in a minifb window.
///
/// Keys and text come through minifb's input callback, since polling loses a tap that is shorter
/// than a tick; mouse buttons can only be polled. On X11 minifb names keys by the keyboard's
/// layout, not by their place.
///
/// ```no_run
/// # use hot_reload::MinifbInput;
/// # let mut window = minifb::Window::new("", 1, 1, Default::default()).unwrap();
/// let mut keys = MinifbInput::attach(&mut window); // takes the window's input callback
/// let input = keys.read(&window);                  // once a tick
/// ```
#[derive(Debug)]
pub struct MinifbInput {
    events: Rc<RefCell<Vec<Event>>>,
    buttons: [bool; MouseButton::ALL.len()],
    input: WindowInput,
}

impl MinifbInput {
    /// Takes the window's input callback.
    #[must_use]
    pub fn attach(window: &mut minifb::Window) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        window.set_input_callback(Box::new(Callback { events: events.clone() }));
        let buttons = [false; MouseButton::ALL.len()];
        MinifbInput { events, buttons, input: WindowInput::idle(0, 0) }
    }

    /// What has happened since the last call.
    pub fn read(&mut self, window: &minifb::Window) -> &WindowInput {
        let input = &mut self.input;
        let size = window.get_size();
        input.size = (pixels(size.0), pixels(size.1));
        input.focused = window.is_active();
        input.mouse = window.get_unscaled_mouse_pos(minifb::MouseMode::Pass);
        input.wheel = window.get_scroll_wheel().unwrap_or_default();
        input.events.clear();
        input.events.append(&mut self.events.borrow_mut());
        for (button, before) in MouseButton::ALL.into_iter().zip(&mut self.buttons) {
            let down = window.get_mouse_down(minifb_button(button));
            if down != *before {
                let event = if down { Event::ButtonDown } else { Event::ButtonUp };
                input.events.push(event(button));
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

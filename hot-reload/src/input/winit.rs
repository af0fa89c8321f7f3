//! `WindowInput` from a winit window.

use super::{Event, Key, MouseButton, WindowInput};
use winit::dpi::PhysicalPosition;
use winit::event::{ElementState, Ime, KeyEvent, MouseScrollDelta, WindowEvent};
use winit::keyboard::{KeyCode, PhysicalKey};

/// Collects the input of a winit window. Requires the feature `winit`.
///
/// Keys are named by their position on the keyboard; text follows the layout. Positions are in
/// physical pixels, as the canvas is.
///
/// ```no_run
/// # use hot_reload::input::WinitInput;
/// # use winit::{event::WindowEvent, window::Window};
/// # struct App { keys: WinitInput }
/// # impl App {
/// # fn window_event(&mut self, event: WindowEvent) {
/// self.keys.on(&event); // in `window_event`
/// # }
/// # fn about_to_wait(&mut self, window: &Window) {
/// let input = self.keys.read(window); // once a tick
/// # }
/// # }
/// ```
#[derive(Debug)]
pub struct WinitInput {
    input: WindowInput,
    /// Events since the last tick.
    events: Vec<Event>,
    wheel: (f32, f32),
    /// Last position of the mouse.
    position: (f32, f32),
}

impl Default for WinitInput {
    fn default() -> Self {
        WinitInput::new()
    }
}

/// Pixels of a touch pad that count as a notch of the wheel; browsers use the same value for a line
/// of text.
const PIXELS_A_TURN: f32 = 16.0;

impl WinitInput {
    /// Returns an empty collector for one window.
    #[must_use]
    pub fn new() -> Self {
        WinitInput {
            input: WindowInput::idle(0, 0),
            events: Vec::new(),
            wheel: (0.0, 0.0),
            position: (0.0, 0.0),
        }
    }

    /// Records an event of the window; events that are not input are ignored.
    pub fn on(&mut self, event: &WindowEvent) {
        match event {
            WindowEvent::Focused(focused) => self.input.focused = *focused,
            // Keys that were down before the window got the keyboard focus were not meant for it.
            WindowEvent::KeyboardInput { event, is_synthetic: true, .. }
                if event.state == ElementState::Pressed => {}
            WindowEvent::KeyboardInput { event, .. } => self.on_key(event),
            WindowEvent::Ime(Ime::Commit(text)) => self.type_text(text),
            WindowEvent::CursorMoved { position, .. } => {
                self.position = single(*position);
                self.input.mouse = Some(self.position);
            }
            WindowEvent::CursorLeft { .. } => self.input.mouse = None,
            WindowEvent::MouseWheel { delta, .. } => {
                let (x, y) = match *delta {
                    MouseScrollDelta::LineDelta(x, y) => (x, y),
                    MouseScrollDelta::PixelDelta(pixels) => {
                        let (x, y) = single(pixels);
                        (x / PIXELS_A_TURN, y / PIXELS_A_TURN)
                    }
                };
                // A positive x in winit moves the content right and reveals what is on the left.
                self.wheel = (self.wheel.0 - x, self.wheel.1 + y);
            }
            WindowEvent::MouseInput { state, button, .. } => {
                let Some(button) = mouse_button(*button) else { return };
                let (x, y) = self.position;
                self.events.push(match state {
                    ElementState::Pressed => Event::ButtonDown { button, x, y },
                    ElementState::Released => Event::ButtonUp { button, x, y },
                });
            }
            _ => {}
        }
    }

    /// Returns the input since the last call.
    pub fn read(&mut self, window: &winit::window::Window) -> &WindowInput {
        let size = window.inner_size();
        self.turn((size.width, size.height))
    }

    fn turn(&mut self, size: (u32, u32)) -> &WindowInput {
        self.input.size = size;
        self.input.wheel = std::mem::take(&mut self.wheel);
        self.input.events.clear();
        self.input.events.append(&mut self.events);
        &self.input
    }

    fn on_key(&mut self, event: &KeyEvent) {
        if let PhysicalKey::Code(code) = event.physical_key {
            let key = key(code);
            self.events.push(match event.state {
                ElementState::Pressed => Event::KeyDown(key),
                ElementState::Released => Event::KeyUp(key),
            });
        }
        if event.state == ElementState::Pressed {
            self.type_text(event.text.as_deref().unwrap_or_default());
        }
    }

    fn type_text(&mut self, text: &str) {
        let characters = text.chars().filter(|character| !character.is_control());
        self.events.extend(characters.map(Event::Text));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a position in a window")]
fn single(position: PhysicalPosition<f64>) -> (f32, f32) {
    (position.x as f32, position.y as f32)
}

fn mouse_button(button: winit::event::MouseButton) -> Option<MouseButton> {
    use winit::event::MouseButton as Button;
    Some(match button {
        Button::Left => MouseButton::Left,
        Button::Middle => MouseButton::Middle,
        Button::Right => MouseButton::Right,
        Button::Back => MouseButton::Back,
        Button::Forward => MouseButton::Forward,
        Button::Other(_) => return None,
    })
}

/// Converts a key: both libraries name keys by their position. Keys that only one of them has
/// become `Unknown`.
#[rustfmt::skip]
fn key(code: KeyCode) -> Key {
    macro_rules! named {
        ($($code:ident $key:ident,)*) => {
            match code {
                $(KeyCode::$code => Key::$key,)*
                _ => Key::Unknown,
            }
        };
    }
    named! {
        Digit0 Key0, Digit1 Key1, Digit2 Key2, Digit3 Key3, Digit4 Key4,
        Digit5 Key5, Digit6 Key6, Digit7 Key7, Digit8 Key8, Digit9 Key9,
        KeyA A, KeyB B, KeyC C, KeyD D, KeyE E, KeyF F, KeyG G, KeyH H, KeyI I, KeyJ J, KeyK K, KeyL L,
        KeyM M, KeyN N, KeyO O, KeyP P, KeyQ Q, KeyR R, KeyS S, KeyT T, KeyU U, KeyV V, KeyW W, KeyX X,
        KeyY Y, KeyZ Z,
        F1 F1, F2 F2, F3 F3, F4 F4, F5 F5, F6 F6, F7 F7, F8 F8, F9 F9, F10 F10, F11 F11, F12 F12, F13 F13,
        F14 F14, F15 F15,
        ArrowDown Down, ArrowLeft Left, ArrowRight Right, ArrowUp Up,
        Quote Apostrophe, Backquote Backquote, Backslash Backslash, Comma Comma, Equal Equal,
        BracketLeft LeftBracket, Minus Minus, Period Period, BracketRight RightBracket,
        Semicolon Semicolon, Slash Slash, Backspace Backspace, Delete Delete, End End, Enter Enter,
        Escape Escape, Home Home, Insert Insert, ContextMenu Menu, PageDown PageDown, PageUp PageUp,
        Pause Pause, Space Space, Tab Tab, NumLock NumLock, CapsLock CapsLock, ScrollLock ScrollLock,
        ShiftLeft LeftShift, ShiftRight RightShift, ControlLeft LeftCtrl, ControlRight RightCtrl,
        Numpad0 NumPad0, Numpad1 NumPad1, Numpad2 NumPad2, Numpad3 NumPad3, Numpad4 NumPad4,
        Numpad5 NumPad5, Numpad6 NumPad6, Numpad7 NumPad7, Numpad8 NumPad8, Numpad9 NumPad9,
        NumpadDecimal NumPadDot, NumpadDivide NumPadSlash, NumpadMultiply NumPadAsterisk,
        NumpadSubtract NumPadMinus, NumpadAdd NumPadPlus, NumpadEnter NumPadEnter,
        AltLeft LeftAlt, AltRight RightAlt, SuperLeft LeftSuper, SuperRight RightSuper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use winit::event::{DeviceId, TouchPhase};

    #[test]
    fn what_happens_between_two_ticks_comes_once_and_in_order() {
        let mut keys = WinitInput::new();
        let device_id = DeviceId::dummy();
        let moved = |x| WindowEvent::CursorMoved { device_id, position: (x, 7.5).into() };
        let pressed = |state, button| WindowEvent::MouseInput { device_id, state, button };
        let turned = |delta| WindowEvent::MouseWheel { device_id, delta, phase: TouchPhase::Moved };
        keys.on(&moved(3.0));
        keys.on(&pressed(ElementState::Pressed, winit::event::MouseButton::Right));
        keys.on(&pressed(ElementState::Pressed, winit::event::MouseButton::Other(9)));
        keys.on(&moved(4.0));
        keys.on(&turned(MouseScrollDelta::LineDelta(0.0, 1.0)));
        keys.on(&turned(MouseScrollDelta::PixelDelta((32.0, -16.0).into())));
        keys.on(&WindowEvent::Ime(Ime::Commit("é\u{7}".to_owned())));
        keys.on(&pressed(ElementState::Released, winit::event::MouseButton::Right));
        keys.on(&WindowEvent::Focused(false));
        let first = keys.turn((640, 480)).clone();
        assert_eq!((first.size, first.focused), ((640, 480), false));
        assert_eq!((first.mouse, first.wheel), (Some((4.0, 7.5)), (-2.0, 0.0)));
        let (button, y) = (MouseButton::Right, 7.5);
        let down = Event::ButtonDown { button, x: 3.0, y };
        let up = Event::ButtonUp { button, x: 4.0, y };
        assert_eq!(first.events, [down, Event::Text('é'), up]);
        let second = keys.turn((640, 480));
        assert_eq!((second.wheel, second.mouse), ((0.0, 0.0), Some((4.0, 7.5))), "levels stay");
        assert!(second.events.is_empty());
        keys.on(&WindowEvent::CursorLeft { device_id });
        assert_eq!(keys.turn((640, 480)).mouse, None);
    }

    #[test]
    fn keys_are_named_by_their_place() {
        let places = [KeyCode::KeyA, KeyCode::Digit0, KeyCode::ArrowUp, KeyCode::NumpadEnter];
        assert_eq!(places.map(key), [Key::A, Key::Key0, Key::Up, Key::NumPadEnter]);
        assert_eq!(key(KeyCode::BrowserHome), Key::Unknown);
        // Each of our keys appears exactly once.
        let source = include_str!("winit.rs");
        let table = source.split("named! {").nth(1).and_then(|rest| rest.split('}').next());
        let named =
            table.expect("the table").split(',').filter_map(|pair| pair.split_whitespace().nth(1));
        let mut named = named.collect::<Vec<_>>();
        named.sort_unstable();
        let known = Key::ALL.iter().filter(|key| **key != Key::Unknown);
        let mut known = known.map(|key| key.name()).collect::<Vec<_>>();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}

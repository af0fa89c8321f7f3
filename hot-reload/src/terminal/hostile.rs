//! Checks for tests and fuzzing: any events a terminal may report, in any order.

use super::content::Cells;
use super::keys::TerminalKeys;
use crate::input::Event;
use crossterm::event::{
    Event as Told, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, ModifierKeyCode,
    MouseButton as Button, MouseEvent, MouseEventKind,
};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Plays events, and turns of the owner in between. Checks that only keys that are down go up, that
/// typed text contains no control characters, and that every key is up at the end.
pub(crate) fn play(bytes: &[u8]) {
    let mut script = Script(bytes);
    let wanted = (u32::from(script.byte()) * 8, u32::from(script.byte()) * 8);
    let tells_releases = script.byte().is_multiple_of(2);
    let size = (80, 24);
    let mut keys = TerminalKeys::new(tells_releases, Cells::of_canvas(None, wanted, size));
    let (mut now, mut down) = (Instant::now(), Down::default());
    while !script.0.is_empty() {
        let event = match script.byte() % 16 {
            0..3 => {
                now += Duration::from_millis(script.byte().into());
                down.turn(&mut keys, now);
                continue;
            }
            3 => {
                let size = (u16::from(script.byte()), script.word());
                keys.resize(size, Cells::of_canvas(None, wanted, size));
                continue;
            }
            4 => Told::Paste(script.text()),
            5 => Told::FocusGained,
            6 => Told::FocusLost,
            7..9 => Told::Mouse(script.mouse()),
            _ => Told::Key(script.key()),
        };
        if matches!(event, Told::FocusLost) {
            // After the loss of focus, the receiver treats all keys as up.
            down.turn(&mut keys, now);
            down = Down::default();
        }
        keys.on(&event, now);
    }
    down.turn(&mut keys, now);
    down.turn(&mut keys, now + Duration::from_secs(60));
    if !tells_releases {
        assert!(down.keys.is_empty(), "{:?} stay down", down.keys);
    }
}

/// Keys that are down according to the events.
#[derive(Default)]
struct Down {
    keys: BTreeSet<u8>,
}

impl Down {
    fn turn(&mut self, keys: &mut TerminalKeys, now: Instant) {
        let input = keys.turn(now);
        let (width, height) = input.size;
        assert!(width > 0 && height > 0);
        assert!(input.wheel.0.is_finite() && input.wheel.1.is_finite());
        let sound = |(x, y): (f32, f32)| x >= 0.0 && y >= 0.0 && x.is_finite() && y.is_finite();
        assert!(input.mouse.is_none_or(sound), "{:?}", input.mouse);
        for event in &input.events {
            match event {
                Event::KeyDown(key) => drop(self.keys.insert(*key as u8)),
                Event::KeyUp(key) => {
                    assert!(self.keys.remove(&(*key as u8)), "{key:?} goes up and was not down");
                }
                Event::Text(character) => assert!(!character.is_control(), "{character:?}"),
                _ => {}
            }
        }
    }
}

/// Bytes that select the actions, followed by endless zeros.
struct Script<'s>(&'s [u8]);

impl Script<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn text(&mut self) -> String {
        let len = usize::from(self.byte() % 32).min(self.0.len());
        let (text, rest) = self.0.split_at(len);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn key(&mut self) -> KeyEvent {
        let code = match self.byte() % 24 {
            0 => KeyCode::Backspace,
            1 => KeyCode::Enter,
            2 => KeyCode::Tab,
            3 => KeyCode::BackTab,
            4 => KeyCode::Esc,
            5 => KeyCode::F(self.byte()),
            6 => KeyCode::Delete,
            7 => KeyCode::PageDown,
            8 => KeyCode::CapsLock,
            9 => KeyCode::Modifier(ModifierKeyCode::LeftShift),
            10 => KeyCode::Modifier(ModifierKeyCode::LeftControl),
            11 => KeyCode::Modifier(ModifierKeyCode::RightAlt),
            12 => KeyCode::Modifier(ModifierKeyCode::LeftAlt),
            13 => KeyCode::Null,
            14 => KeyCode::Char(char::from_u32(u32::from(self.word()) << 4).unwrap_or('ß')),
            15 => KeyCode::Left,
            _ => KeyCode::Char(char::from(self.byte())),
        };
        let modifiers = KeyModifiers::from_bits_truncate(self.byte());
        let kind = match self.byte() % 4 {
            0 => KeyEventKind::Release,
            1 => KeyEventKind::Repeat,
            _ => KeyEventKind::Press,
        };
        let state = KeyEventState::from_bits_truncate(self.byte());
        KeyEvent { code, modifiers, kind, state }
    }

    fn mouse(&mut self) -> MouseEvent {
        let button = [Button::Left, Button::Middle, Button::Right][usize::from(self.byte() % 3)];
        let kind = match self.byte() % 8 {
            0 => MouseEventKind::Down(button),
            1 => MouseEventKind::Up(button),
            2 => MouseEventKind::Drag(button),
            3 => MouseEventKind::Moved,
            4 => MouseEventKind::ScrollUp,
            5 => MouseEventKind::ScrollDown,
            6 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        };
        MouseEvent {
            kind,
            column: self.word(),
            row: self.word(),
            modifiers: KeyModifiers::from_bits_truncate(self.byte()),
        }
    }
}

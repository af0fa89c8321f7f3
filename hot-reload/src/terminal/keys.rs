//! Converts a terminal's events to `WindowInput`.

use super::content::Cells;
use super::screen::Area;
use crate::input::{Event, Key, MouseButton, WindowInput};
use crossterm::event::{
    self, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, ModifierKeyCode,
    MouseEvent, MouseEventKind,
};
use std::time::{Duration, Instant};

/// Time for which a key counts as down after its last press, if its release is not reported.
/// Keyboards repeat a held key about every 30 ms, but only after a quarter of a second, in which
/// such a key appears to be up.
const HOLD: Duration = Duration::from_millis(150);

/// Keys whose release is never reported in the mode that we request; a mode that reports them would
/// break text input.
const NEVER_RELEASED: [Key; 3] = [Key::Enter, Key::Tab, Key::Backspace];

/// State of the input from a terminal.
#[derive(Debug)]
pub(super) struct TerminalKeys {
    input: WindowInput,
    /// Events since the last tick.
    events: Vec<Event>,
    wheel: (f32, f32),
    /// Keys that are down for a fixed time, and the time at which each goes up.
    held: Vec<(Key, Instant)>,
    /// Keys that are down until the terminal reports their release.
    down: Vec<Key>,
    /// True if the terminal reports key releases.
    tells_releases: bool,
    cells: Cells,
    /// Area of the picture in characters; `None` if it fills the screen.
    shrunk: Option<Area>,
    open: bool,
}

impl TerminalKeys {
    pub(super) fn new(tells_releases: bool, cells: Cells) -> Self {
        TerminalKeys {
            input: WindowInput::idle(1, 1),
            events: Vec::new(),
            wheel: (0.0, 0.0),
            held: Vec::new(),
            down: Vec::new(),
            tells_releases,
            cells,
            shrunk: None,
            open: true,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Sets the terminal's size in columns and rows, and the size of its cells.
    pub(super) fn resize(&mut self, size: (u16, u16), cells: Cells) {
        self.cells = cells;
        self.input.size = cells.pixels(size);
    }

    /// Sets the area of the picture in characters; `None` if it fills the screen.
    pub(super) fn shrink(&mut self, shrunk: Option<Area>) {
        self.shrunk = shrunk;
    }

    pub(super) fn on(&mut self, event: &event::Event, now: Instant) {
        match event {
            event::Event::Key(key) => self.on_key(key, now),
            event::Event::Mouse(mouse) => self.on_mouse(*mouse),
            event::Event::Paste(text) => self.type_text(text.chars()),
            event::Event::Resize(..) => {}
            event::Event::FocusGained => self.input.focused = true,
            event::Event::FocusLost => {
                self.input.focused = false;
                self.held.clear();
                self.down.clear();
            }
        }
    }

    /// Returns the input since the last call.
    pub(super) fn turn(&mut self, now: Instant) -> &WindowInput {
        let Self { held, events, .. } = self;
        held.retain(|&(key, until)| {
            let down = now < until;
            if !down {
                events.push(Event::KeyUp(key));
            }
            down
        });
        self.input.wheel = std::mem::take(&mut self.wheel);
        self.input.events.clear();
        self.input.events.append(&mut self.events);
        &self.input
    }

    fn on_key(&mut self, event: &KeyEvent, now: Instant) {
        let KeyEvent { code, modifiers, kind, state } = *event;
        let control = modifiers.contains(KeyModifiers::CONTROL);
        // With a Cyrillic or Greek layout, the same key has another name.
        let interrupts = ['c', 'C', 'с', 'ψ'].map(KeyCode::Char).contains(&code);
        if control && interrupts && kind == KeyEventKind::Press {
            return self.close();
        }
        let key = key(code, state);
        if kind == KeyEventKind::Release {
            return self.release(key);
        }
        // Modifiers are only reported together with a key.
        let modifier_keys = [
            (KeyModifiers::SHIFT, Key::LeftShift),
            (KeyModifiers::CONTROL, Key::LeftCtrl),
            (KeyModifiers::ALT, Key::LeftAlt),
        ];
        for (_, modifier) in modifier_keys.into_iter().filter(|(it, _)| modifiers.contains(*it)) {
            self.hold(modifier, now);
        }
        if !self.tells_releases || NEVER_RELEASED.contains(&key) {
            self.hold(key, now);
        } else if !self.down.contains(&key) {
            // A key held for a fixed time is now down until its release is reported.
            self.held.retain(|(held, _)| *held != key);
            self.down.push(key);
        }
        self.events.push(Event::KeyDown(key));
        if let KeyCode::Char(character) = code
            && !control
            && !modifiers.contains(KeyModifiers::ALT)
        {
            self.type_text([character]);
        }
    }

    /// Releases a key. If Shift went up first, the key may now have another name than at its press.
    /// In that case all keys are released, because the right one would otherwise stay down forever.
    fn release(&mut self, key: Key) {
        let known = self.down.contains(&key);
        let gone = self.down.extract_if(.., |down| !known || *down == key);
        self.events.extend(gone.map(Event::KeyUp));
    }

    /// Treats a key as down for a fixed time.
    fn hold(&mut self, key: Key, now: Instant) {
        if self.down.contains(&key) {
            return;
        }
        let until = now + HOLD;
        match self.held.iter_mut().find(|(held, _)| *held == key) {
            Some((_, end)) => *end = until,
            None => {
                self.held.push((key, until));
                if is_modifier(key) {
                    self.events.push(Event::KeyDown(key));
                }
            }
        }
    }

    fn type_text(&mut self, text: impl IntoIterator<Item = char>) {
        let characters = text.into_iter().filter(|character| !character.is_control());
        self.events.extend(characters.map(Event::Text));
    }

    /// Returns the pixel of the picture at the middle of a character, or the nearest pixel for a
    /// character beside the picture.
    fn pixel(&self, column: u16, row: u16) -> (f32, f32) {
        let Some(shrunk) = self.shrunk else { return self.cells.middle(column, row) };
        #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
        let pixel = |cell: u16, start: u16, cells: u16, pixels: u32| {
            let cell = cell.saturating_sub(start).min(cells.saturating_sub(1));
            (f32::from(cell) + 0.5) / f32::from(cells.max(1)) * pixels as f32
        };
        let (width, height) = self.input.size;
        let x = pixel(column, shrunk.x, shrunk.width, width);
        (x, pixel(row, shrunk.y, shrunk.height, height))
    }

    fn on_mouse(&mut self, event: MouseEvent) {
        let (x, y) = self.pixel(event.column, event.row);
        self.input.mouse = Some((x, y));
        match event.kind {
            MouseEventKind::Down(button) => {
                self.events.push(Event::ButtonDown { button: of_mouse(button), x, y });
            }
            MouseEventKind::Up(button) => {
                self.events.push(Event::ButtonUp { button: of_mouse(button), x, y });
            }
            MouseEventKind::ScrollUp => self.wheel.1 += 1.0,
            MouseEventKind::ScrollDown => self.wheel.1 -= 1.0,
            MouseEventKind::ScrollLeft => self.wheel.0 -= 1.0,
            MouseEventKind::ScrollRight => self.wheel.0 += 1.0,
            MouseEventKind::Drag(_) | MouseEventKind::Moved => {}
        }
    }
}

fn of_mouse(button: event::MouseButton) -> MouseButton {
    match button {
        event::MouseButton::Left => MouseButton::Left,
        event::MouseButton::Middle => MouseButton::Middle,
        event::MouseButton::Right => MouseButton::Right,
    }
}

fn is_modifier(key: Key) -> bool {
    [Key::LeftShift, Key::LeftCtrl, Key::LeftAlt].contains(&key)
}

/// Finds a character's key on a US keyboard, and every other key by its name.
#[rustfmt::skip]
fn key(code: KeyCode, state: KeyEventState) -> Key {
    match code {
        KeyCode::Char(character) if state.contains(KeyEventState::KEYPAD) => match character {
            '0'..='9' => numbered(Key::NumPad0, character as usize - '0' as usize),
            '.' => Key::NumPadDot, '/' => Key::NumPadSlash, '*' => Key::NumPadAsterisk,
            '-' => Key::NumPadMinus, '+' => Key::NumPadPlus,
            _ => Key::Unknown,
        },
        KeyCode::Enter if state.contains(KeyEventState::KEYPAD) => Key::NumPadEnter,
        KeyCode::Char(character) => match character.to_ascii_lowercase() {
            letter @ 'a'..='z' => numbered(Key::A, letter as usize - 'a' as usize),
            digit @ '0'..='9' => numbered(Key::Key0, digit as usize - '0' as usize),
            ')' => Key::Key0, '!' => Key::Key1, '@' => Key::Key2, '#' => Key::Key3, '$' => Key::Key4,
            '%' => Key::Key5, '^' => Key::Key6, '&' => Key::Key7, '*' => Key::Key8, '(' => Key::Key9,
            ' ' => Key::Space, '\'' | '"' => Key::Apostrophe, '`' | '~' => Key::Backquote,
            '\\' | '|' => Key::Backslash, ',' | '<' => Key::Comma, '=' | '+' => Key::Equal,
            '[' | '{' => Key::LeftBracket, ']' | '}' => Key::RightBracket, '-' | '_' => Key::Minus,
            '.' | '>' => Key::Period, ';' | ':' => Key::Semicolon, '/' | '?' => Key::Slash,
            _ => Key::Unknown,
        },
        KeyCode::F(number @ 1..=15) => numbered(Key::F1, usize::from(number) - 1),
        KeyCode::Backspace => Key::Backspace, KeyCode::Enter => Key::Enter, KeyCode::Esc => Key::Escape,
        KeyCode::Left => Key::Left, KeyCode::Right => Key::Right, KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down, KeyCode::Home => Key::Home, KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp, KeyCode::PageDown => Key::PageDown,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab, KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert, KeyCode::CapsLock => Key::CapsLock,
        KeyCode::ScrollLock => Key::ScrollLock, KeyCode::NumLock => Key::NumLock,
        KeyCode::Pause => Key::Pause, KeyCode::Menu => Key::Menu,
        KeyCode::Modifier(modifier) => match modifier {
            ModifierKeyCode::LeftShift => Key::LeftShift, ModifierKeyCode::RightShift => Key::RightShift,
            ModifierKeyCode::LeftControl => Key::LeftCtrl,
            ModifierKeyCode::RightControl => Key::RightCtrl,
            ModifierKeyCode::LeftAlt => Key::LeftAlt, ModifierKeyCode::RightAlt => Key::RightAlt,
            ModifierKeyCode::LeftSuper => Key::LeftSuper,
            ModifierKeyCode::RightSuper => Key::RightSuper,
            _ => Key::Unknown,
        },
        _ => Key::Unknown,
    }
}

/// Returns a key of a row by its number; `Key` declares these one after another.
fn numbered(first: Key, number: usize) -> Key {
    Key::ALL[first as usize + number]
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Event::{FocusLost, Key as Pressed, Mouse, Paste};

    fn keys(tells_releases: bool) -> TerminalKeys {
        let (wanted, size) = ((320, 200), (80, 24));
        let cells = Cells::of_canvas(None, wanted, size);
        let mut keys = TerminalKeys::new(tells_releases, cells);
        keys.resize(size, cells);
        keys
    }

    fn press(code: KeyCode, modifiers: KeyModifiers) -> event::Event {
        Pressed(KeyEvent::new(code, modifiers))
    }

    fn mouse(kind: MouseEventKind, column: u16, row: u16) -> event::Event {
        Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
    }

    #[test]
    fn a_key_is_down_while_it_is_repeated_and_up_soon_after() {
        let start = Instant::now();
        let mut keys = keys(false);
        let right = press(KeyCode::Right, KeyModifiers::NONE);
        keys.on(&right, start);
        assert_eq!(keys.turn(start).events, [Event::KeyDown(Key::Right)]);
        let later = start + HOLD / 2;
        keys.on(&right, later);
        assert_eq!(keys.turn(later).events, [Event::KeyDown(Key::Right)], "a repetition");
        assert!(keys.turn(start + HOLD).events.is_empty(), "the repetition counts");
        assert_eq!(keys.turn(later + HOLD).events, [Event::KeyUp(Key::Right)]);
        assert!(keys.turn(later + 2 * HOLD).events.is_empty());
    }

    #[test]
    fn a_terminal_that_tells_releases_is_believed() {
        let start = Instant::now();
        let mut keys = keys(true);
        keys.on(&press(KeyCode::Char('x'), KeyModifiers::NONE), start);
        assert_eq!(keys.turn(start).events, [Event::KeyDown(Key::X), Event::Text('x')]);
        assert!(keys.turn(start + 100 * HOLD).events.is_empty(), "it is held");
        let release = |code| {
            let kind = KeyEventKind::Release;
            Pressed(KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind))
        };
        keys.on(&release(KeyCode::Char('x')), start);
        assert_eq!(keys.turn(start).events, [Event::KeyUp(Key::X)]);
        keys.on(&press(KeyCode::Enter, KeyModifiers::NONE), start);
        let _ = keys.turn(start);
        assert_eq!(keys.turn(start + HOLD).events, [Event::KeyUp(Key::Enter)], "never told");
        // Shift+7 on a German keyboard; Shift is released first.
        keys.on(&press(KeyCode::Char('/'), KeyModifiers::NONE), start);
        let _ = keys.turn(start);
        keys.on(&release(KeyCode::Char('7')), start);
        assert_eq!(keys.turn(start).events, [Event::KeyUp(Key::Slash)]);
    }

    #[test]
    fn modifiers_come_with_their_key() {
        let start = Instant::now();
        let mut keys = keys(false);
        keys.on(&press(KeyCode::Char('S'), KeyModifiers::SHIFT), start);
        let shifted = [Event::KeyDown(Key::LeftShift), Event::KeyDown(Key::S), Event::Text('S')];
        assert_eq!(keys.turn(start).events, shifted);
        assert_eq!(
            keys.turn(start + HOLD).events,
            [Event::KeyUp(Key::LeftShift), Event::KeyUp(Key::S)]
        );
        keys.on(&press(KeyCode::Char('s'), KeyModifiers::CONTROL), start);
        let control = [Event::KeyDown(Key::LeftCtrl), Event::KeyDown(Key::S)];
        assert_eq!(keys.turn(start).events, control, "no text");
        keys.on(&FocusLost, start);
        assert!(!keys.turn(start + HOLD).focused && keys.input.events.is_empty());
    }

    #[test]
    fn a_modifier_that_is_told_as_a_key_goes_up_once() {
        let start = Instant::now();
        let mut keys = keys(true);
        let shift = KeyCode::Modifier(ModifierKeyCode::LeftShift);
        keys.on(&press(shift, KeyModifiers::SHIFT), start);
        keys.on(&press(KeyCode::Char('S'), KeyModifiers::SHIFT), start);
        let _ = keys.turn(start);
        assert!(keys.turn(start + 2 * HOLD).events.is_empty(), "both are held");
        let kind = KeyEventKind::Release;
        let release = Pressed(KeyEvent::new_with_kind(shift, KeyModifiers::SHIFT, kind));
        keys.on(&release, start + 2 * HOLD);
        assert_eq!(keys.turn(start + 2 * HOLD).events, [Event::KeyUp(Key::LeftShift)]);
        assert!(keys.turn(start + 9 * HOLD).events.is_empty());
    }

    #[test]
    fn control_c_closes_and_types_nothing() {
        let start = Instant::now();
        let mut keys = keys(false);
        keys.on(&press(KeyCode::Char('c'), KeyModifiers::NONE), start);
        assert!(keys.is_open());
        let _ = keys.turn(start);
        keys.on(&press(KeyCode::Char('c'), KeyModifiers::CONTROL), start);
        assert!(!keys.is_open() && keys.turn(start).events.is_empty());
        let mut cyrillic = self::keys(true);
        cyrillic.on(&press(KeyCode::Char('с'), KeyModifiers::CONTROL), start);
        assert!(!cyrillic.is_open());
    }

    #[test]
    fn the_mouse_is_on_the_same_pixel_where_the_picture_has_shrunk() {
        let start = Instant::now();
        let mut keys = keys(false);
        keys.shrink(Some(Area { x: 20, y: 0, width: 40, height: 12 }));
        for (column, row, pixel) in
            [(20, 0, (4.0, 8.0)), (59, 11, (316.0, 184.0)), (0, 23, (4.0, 184.0))]
        {
            keys.on(&mouse(MouseEventKind::Moved, column, row), start);
            assert_eq!(keys.turn(start).mouse, Some(pixel), "{column}, {row}");
        }
        keys.shrink(None);
        keys.on(&mouse(MouseEventKind::Moved, 11, 5), start);
        assert_eq!(keys.turn(start).mouse, Some((46.0, 44.0)));
    }

    #[test]
    fn the_mouse_is_in_the_middle_of_its_character() {
        let start = Instant::now();
        let mut keys = keys(false);
        let left = event::MouseButton::Left;
        keys.on(&mouse(MouseEventKind::Down(left), 10, 5), start);
        keys.on(&mouse(MouseEventKind::Drag(left), 11, 5), start);
        keys.on(&mouse(MouseEventKind::Up(left), 11, 5), start);
        keys.on(&mouse(MouseEventKind::ScrollUp, 11, 5), start);
        keys.on(&Paste("a\nb".to_owned()), start);
        let input = keys.turn(start);
        assert_eq!((input.size, input.mouse), ((320, 192), Some((46.0, 44.0))));
        assert_eq!(input.wheel, (0.0, 1.0));
        let button = MouseButton::Left;
        let down = Event::ButtonDown { button, x: 42.0, y: 44.0 };
        let up = Event::ButtonUp { button, x: 46.0, y: 44.0 };
        assert_eq!(input.events, [down, up, Event::Text('a'), Event::Text('b')]);
        assert_eq!(keys.turn(start).wheel, (0.0, 0.0));
    }

    #[test]
    fn keys_are_found_by_their_place() {
        let (none, pad) = (KeyEventState::NONE, KeyEventState::KEYPAD);
        let table = [
            (KeyCode::Char('a'), none, Key::A),
            (KeyCode::Char('Z'), none, Key::Z),
            (KeyCode::Char('9'), none, Key::Key9),
            (KeyCode::Char('9'), pad, Key::NumPad9),
            (KeyCode::Char('?'), none, Key::Slash),
            (KeyCode::Char('ß'), none, Key::Unknown),
            (KeyCode::F(1), none, Key::F1),
            (KeyCode::F(15), none, Key::F15),
            (KeyCode::F(16), none, Key::Unknown),
            (KeyCode::Enter, none, Key::Enter),
            (KeyCode::Enter, pad, Key::NumPadEnter),
        ];
        for (code, state, expected) in table {
            assert_eq!(key(code, state), expected, "{code:?}");
        }
    }
}

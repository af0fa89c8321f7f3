//! Input from a file, one action per line: the tick, then the action.
//!
//! ```text
//! seed 7                     (of the random numbers)
//! # a comment
//! 10 mouse 400 300           (or `off`, outside of the window)
//! 12 button left down
//! 14 button left up
//! 20 key Space press        (down and up in one tick)
//! 30 key Left down
//! 40 wheel 0 1
//! 50 text hello
//! 55 text "in quotes, #, as in JSON"
//! 60 resize 1024x768
//! 70 focus off
//! 90 quit
//! ```

use super::size::parse_size;
use crate::error::{Error, Result};
use crate::input::{Event, Key, MouseButton, WindowInput};
use std::collections::VecDeque;
use std::path::Path;

/// Actions by tick, earliest first.
#[derive(Debug, Default)]
pub(crate) struct Script {
    actions: VecDeque<(u64, Action)>,
    seed: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Action {
    Mouse(Option<(f32, f32)>),
    Wheel(f32, f32),
    Events(Vec<Event>),
    /// The second value is true if the button goes down.
    Button(MouseButton, bool),
    Resize(u32, u32),
    Focus(bool),
    Quit,
}

const HINT: &str = "a tick, then `key NAME down|up|press`, `button NAME down|up`, `mouse X Y|off`, \
     `wheel X Y`, `text …`, `resize WxH`, `focus on|off` or `quit`; or `seed N`";

impl Script {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Script { path: path.to_path_buf(), source })?;
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (mut actions, mut seed) = (Vec::new(), None);
        for (number, line) in text.lines().enumerate() {
            let content = without_comment(line).trim();
            if content.is_empty() {
                continue;
            }
            let words = content.split_once(char::is_whitespace);
            let is_understood = match words.map(|(first, rest)| (first, rest.trim())) {
                Some(("seed", number)) => {
                    seed = number.parse().ok();
                    seed.is_some()
                }
                Some((tick, action)) => {
                    let action = tick.parse().ok().zip(parse_action(action));
                    action.map(|action| actions.push(action)).is_some()
                }
                None => false,
            };
            if !is_understood {
                return Err(Error::ScriptLine { line: number + 1, text: line.into(), hint: HINT });
            }
        }
        actions.sort_by_key(|(tick, _)| *tick);
        Ok(Script { actions: actions.into(), seed })
    }

    /// Returns the seed of the random numbers that the script asks for.
    pub(super) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Returns true if no action is left.
    pub(crate) fn is_over(&self) -> bool {
        self.actions.is_empty()
    }

    /// Applies the actions due at `tick` to the window's input, and returns true if it is time to
    /// quit.
    pub(crate) fn play(&mut self, tick: u64, input: &mut WindowInput) -> bool {
        input.events.clear();
        input.wheel = (0.0, 0.0);
        while self.actions.front().is_some_and(|(due, _)| *due <= tick) {
            let Some((_, action)) = self.actions.pop_front() else {
                break;
            };
            match action {
                Action::Mouse(at) => input.mouse = at,
                Action::Wheel(x, y) => input.wheel = (input.wheel.0 + x, input.wheel.1 + y),
                Action::Events(events) => input.events.extend(events),
                Action::Button(button, down) => {
                    let (x, y) = input.mouse.unwrap_or_default();
                    input.events.push(match down {
                        true => Event::ButtonDown { button, x, y },
                        false => Event::ButtonUp { button, x, y },
                    });
                }
                Action::Resize(width, height) => input.size = (width, height),
                Action::Focus(focused) => input.focused = focused,
                Action::Quit => return true,
            }
        }
        false
    }
}

/// Returns a line up to its comment. A `#` in quotes belongs to a text.
fn without_comment(line: &str) -> &str {
    let mut words = line.trim_start().splitn(3, char::is_whitespace);
    let text = words.nth(1).filter(|action| *action == "text").and_then(|_| words.next());
    let quoted = text.map(str::trim_start).filter(|text| is_quoted(text));
    let (mut is_open, mut is_escaped) = (false, false);
    for (at, character) in line.char_indices() {
        match character {
            '#' if !is_open => return &line[..at],
            '"' if quoted.is_some() && !is_escaped => is_open = !is_open,
            _ => {}
        }
        is_escaped = is_open && character == '\\' && !is_escaped;
    }
    line
}

/// Returns true if a text is written in quotes, as the recorder writes it.
fn is_quoted(text: &str) -> bool {
    text.starts_with('"')
}

fn parse_action(text: &str) -> Option<Action> {
    let words = text.split_whitespace().collect::<Vec<_>>();
    Some(match words.as_slice() {
        ["quit"] => Action::Quit,
        ["mouse", "off"] => Action::Mouse(None),
        ["mouse", x, y] => Action::Mouse(Some((x.parse().ok()?, y.parse().ok()?))),
        ["wheel", x, y] => Action::Wheel(x.parse().ok()?, y.parse().ok()?),
        ["focus", "on"] => Action::Focus(true),
        ["focus", "off"] => Action::Focus(false),
        ["resize", size] => {
            parse_size(size).ok().map(|(width, height)| Action::Resize(width, height))?
        }
        ["key", name, change] => {
            let key = *Key::ALL.iter().find(|key| key.name().eq_ignore_ascii_case(name))?;
            Action::Events(match *change {
                "down" => vec![Event::KeyDown(key)],
                "up" => vec![Event::KeyUp(key)],
                "press" => vec![Event::KeyDown(key), Event::KeyUp(key)],
                _ => return None,
            })
        }
        ["button", name, change] => {
            let named = |button: &MouseButton| format!("{button:?}").eq_ignore_ascii_case(name);
            let button = MouseButton::ALL.into_iter().find(named)?;
            Action::Button(button, is_down(change)?)
        }
        ["text", ..] => {
            let text = text.strip_prefix("text")?.trim_start();
            let text = match is_quoted(text) {
                true => serde_json::from_str::<String>(text).ok()?,
                false => text.to_owned(),
            };
            Action::Events(text.chars().map(Event::Text).collect())
        }
        _ => return None,
    })
}

fn is_down(change: &str) -> Option<bool> {
    match change {
        "down" => Some(true),
        "up" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_played_at_their_tick() {
        let text = "3 mouse 1 2 # here\n\n2 key a press\n3 button left down\n4 text 5\" # here\n5 resize 20x10\n6 quit";
        let mut script = Script::parse(text).unwrap();
        assert_eq!(script.seed(), None);
        assert_eq!(Script::parse("1 quit\nseed 7 # here").unwrap().seed(), Some(7));
        let mut input = WindowInput::idle(800, 600);
        assert!(!script.play(1, &mut input) && input.events.is_empty());
        script.play(2, &mut input);
        assert_eq!(input.events, [Event::KeyDown(Key::A), Event::KeyUp(Key::A)]);
        script.play(4, &mut input);
        let down = Event::ButtonDown { button: MouseButton::Left, x: 1.0, y: 2.0 };
        assert_eq!(input.events, [down, Event::Text('5'), Event::Text('"')]);
        assert_eq!(input.mouse, Some((1.0, 2.0)));
        script.play(5, &mut input);
        assert!(input.events.is_empty() && input.size == (20, 10));
        assert!(!script.is_over() && script.play(6, &mut input) && script.is_over());
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        for wrong in [
            "key A down",
            "1 key Nothing down",
            "1 mouse 1",
            "x quit",
            "1 resize 0x0",
            "1 text \"a",
            "seed x",
            "quit",
        ] {
            let error = Script::parse(&format!("1 quit\n{wrong}")).unwrap_err().to_string();
            assert!(error.starts_with("line 2 ") && error.contains(wrong), "{error}");
        }
    }
}

//! Records what a person does as a script.

use crate::error::{Error, Result};
use crate::input::{Event, WindowInput};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A script that is being written.
#[derive(Debug)]
pub(super) struct Recording<W: Write = BufWriter<File>> {
    out: W,
    path: PathBuf,
    /// Input of the last tick, without its events.
    last: WindowInput,
    /// Number of ticks since the first picture.
    ticks: u64,
    failure: Option<io::Error>,
}

impl Recording {
    /// Creates the file. The script begins with the seed, and with the size of the window.
    pub(super) fn create(path: &Path, seed: u64) -> Result<Self> {
        let failed = |source| Error::Recording { path: path.to_path_buf(), source };
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        writeln!(file, "seed {seed}").map_err(failed)?;
        Ok(Recording { path: path.to_path_buf(), ..Recording::new(file) })
    }
}

impl<W: Write> Recording<W> {
    fn new(out: W) -> Self {
        let last = WindowInput::idle(0, 0);
        Recording { out, path: PathBuf::new(), last, ticks: 0, failure: None }
    }

    /// Writes the input of a tick. Scripts count ticks from the first picture; what happens before
    /// is not recorded.
    pub(super) fn tick(&mut self, input: &WindowInput, has_picture: bool) {
        if has_picture && self.failure.is_none() {
            self.ticks += 1;
            self.failure = self.write(input).err();
        }
    }

    fn write(&mut self, input: &WindowInput) -> io::Result<()> {
        let (tick, out) = (self.ticks, &mut self.out);
        let WindowInput { size, focused, mouse, wheel, ref events } = *input;
        // A minimised window has no size, and a script cannot ask for none.
        let size = if size.0 > 0 && size.1 > 0 { size } else { self.last.size };
        if size != self.last.size {
            writeln!(out, "{tick} resize {}x{}", size.0, size.1)?;
        }
        if focused != self.last.focused {
            writeln!(out, "{tick} focus {}", if focused { "on" } else { "off" })?;
        }
        let mut at = self.last.mouse;
        if wheel != (0.0, 0.0) {
            writeln!(out, "{tick} wheel {} {}", wheel.0, wheel.1)?;
        }
        let mut text = String::new();
        for event in events {
            if let Event::Text(character) = event {
                // Window libraries report some keys as text; the owner leaves that out.
                text.extend(Some(*character).filter(|character| !character.is_control()));
                continue;
            }
            write_text(out, tick, &mut text)?;
            match event {
                // A key that goes down although it is down counts as a repetition.
                Event::KeyDown(key) | Event::KeyRepeated(key) => {
                    writeln!(out, "{tick} key {} down", key.name())?;
                }
                Event::KeyUp(key) => writeln!(out, "{tick} key {} up", key.name())?,
                Event::ButtonDown { button, x, y } => {
                    write_mouse(out, tick, &mut at, Some((*x, *y)))?;
                    writeln!(out, "{tick} button {button:?} down")?;
                }
                Event::ButtonUp { button, x, y } => {
                    write_mouse(out, tick, &mut at, Some((*x, *y)))?;
                    writeln!(out, "{tick} button {button:?} up")?;
                }
                Event::Text(_) => {}
            }
        }
        write_text(out, tick, &mut text)?;
        write_mouse(out, tick, &mut at, mouse)?;
        self.last = WindowInput { size, focused, mouse, ..WindowInput::idle(0, 0) };
        Ok(())
    }

    /// Writes the end. Fails with the first failure of any write.
    pub(super) fn finish(&mut self) -> Result<()> {
        let end = writeln!(self.out, "{} quit", self.ticks + 1).and_then(|()| self.out.flush());
        match self.failure.take().or(end.err()) {
            Some(source) => Err(Error::Recording { path: self.path.clone(), source }),
            None => Ok(()),
        }
    }
}

/// Writes a move of the mouse, unless it is there already.
fn write_mouse(
    out: &mut impl Write,
    tick: u64,
    at: &mut Option<(f32, f32)>,
    to: Option<(f32, f32)>,
) -> io::Result<()> {
    if *at == to {
        return Ok(());
    }
    *at = to;
    match to {
        Some((x, y)) => writeln!(out, "{tick} mouse {x} {y}"),
        None => writeln!(out, "{tick} mouse off"),
    }
}

/// Writes the text that was typed, in quotes: it may contain spaces and `#`.
fn write_text(out: &mut impl Write, tick: u64, text: &mut String) -> io::Result<()> {
    if !text.is_empty() {
        let quoted = serde_json::to_string(text).map_err(io::Error::other)?;
        writeln!(out, "{tick} text {quoted}")?;
        text.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::script::Script;
    use super::*;
    use crate::input::{Key, MouseButton};

    #[test]
    fn a_script_plays_what_was_recorded() {
        let idle = || WindowInput::idle(800, 600);
        let text = |text: &str| text.chars().map(Event::Text).collect::<Vec<_>>();
        let inputs = [
            WindowInput { mouse: Some((0.1, 599.5)), ..idle() },
            WindowInput {
                mouse: Some((400.0, 300.25)),
                events: vec![
                    Event::ButtonDown { button: MouseButton::Left, x: 7.5, y: 8.0 },
                    Event::KeyDown(Key::A),
                    Event::Text('a'),
                    Event::KeyDown(Key::Escape),
                    Event::ButtonUp { button: MouseButton::Left, x: 400.0, y: 300.25 },
                ],
                ..idle()
            },
            WindowInput {
                mouse: None,
                events: vec![Event::ButtonDown { button: MouseButton::Right, x: 1.0, y: 2.0 }],
                ..idle()
            },
            WindowInput { events: text(" #\"\\ é日 "), wheel: (0.5, -1.0), ..idle() },
            WindowInput { size: (20, 10), focused: false, ..idle() },
            WindowInput { events: vec![Event::KeyUp(Key::A)], ..idle() },
            idle(),
        ];
        let mut recording = Recording::new(Vec::new());
        let before = WindowInput { events: vec![Event::KeyDown(Key::Z)], ..idle() };
        recording.tick(&before, false);
        inputs.iter().for_each(|input| recording.tick(input, true));
        let escape = vec![Event::Text('\u{1b}')];
        recording.tick(&WindowInput { size: (0, 0), events: escape, ..idle() }, true);
        recording.finish().unwrap();
        let written = String::from_utf8(recording.out).unwrap();
        let mut script = Script::parse(&written).unwrap();
        let mut played = WindowInput::idle(1, 1);
        for (tick, input) in (1..).zip(&inputs) {
            assert!(!script.play(tick, &mut played));
            assert_eq!(&played, input, "tick {tick} of\n{written}");
        }
        assert!(!script.play(8, &mut played));
        assert_eq!(played, idle(), "neither a size of nothing nor a control character");
        assert!(script.play(9, &mut played), "the end");
    }
}

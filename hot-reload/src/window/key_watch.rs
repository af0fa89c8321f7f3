//! Watches a window's input for development keys and for clicks on the panel. In one process it does
//! nothing: a program that is shipped has all of its keys.

use super::development_keys::DevelopmentKeys;
use crate::app::{App, package};
use crate::error::{Error, Result};
use crate::input::{Event, Key, MouseButton, WindowInput};
use crate::owner::{Clicked, Owner};
use crate::threads::spawn;
use hot_reload_pod::Snapshot;
use std::borrow::Cow;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Effect of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Sheet,
    Strip,
    Panel,
    Editor,
    Reset,
    Pause,
    Step,
    Save,
    Load,
    Back,
    Forward,
    Picture,
}

/// Returns the keys with what they do, in the order of the sheet.
fn deeds(keys: &DevelopmentKeys) -> [(Option<Key>, Deed, &'static str); 12] {
    [
        (keys.sheet, Deed::Sheet, "shows these keys"),
        (keys.strip, Deed::Strip, "shows which build drew the picture"),
        (keys.panel, Deed::Panel, "puts the panel away, or shows it (click: its title)"),
        (keys.editor, Deed::Editor, "opens the place of the failure (click: its text)"),
        (keys.reset, Deed::Reset, "resets the state"),
        (keys.pause, Deed::Pause, "pauses, or continues"),
        (keys.step, Deed::Step, "advances by one tick"),
        (keys.save, Deed::Save, "saves the state"),
        (keys.load, Deed::Load, "loads the saved state"),
        (keys.back, Deed::Back, "goes back to the build before"),
        (keys.forward, Deed::Forward, "goes forward to the newest build"),
        (keys.picture, Deed::Picture, "writes the picture to a file"),
    ]
}

/// Returns what each key does, as a text.
fn sheet(keys: &DevelopmentKeys) -> String {
    let lines = deeds(keys).into_iter().filter_map(|(key, _, words)| {
        let name = key?.name();
        Some(format!("\x1b[1m{name:<4}\x1b[m {words}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the words about the panel's keys.
fn panel_keys(keys: &DevelopmentKeys) -> String {
    let named = [(keys.panel, "away"), (keys.editor, "editor"), (keys.sheet, "keys")];
    let words = named.into_iter().filter_map(|(key, word)| Some(format!("{} {word}", key?.name())));
    words.collect::<Vec<_>>().join(" · ")
}

/// The keys, and which of them are held.
#[derive(Debug)]
pub(super) struct KeyWatch {
    pub(super) keys: DevelopmentKeys,
    held: Vec<Key>,
    /// True once the owner knows the panel's keys.
    is_told: bool,
    #[cfg(feature = "notifications")]
    notice: super::build_notice::BuildNotice,
    /// Answers of threads, which do what takes long.
    answers: (Sender<String>, Receiver<String>),
}

impl Default for KeyWatch {
    fn default() -> Self {
        let (keys, held) = (DevelopmentKeys::default(), Vec::new());
        KeyWatch {
            keys,
            held,
            is_told: false,
            #[cfg(feature = "notifications")]
            notice: Default::default(),
            answers: channel(),
        }
    }
}

impl KeyWatch {
    /// Does what the keys and clicks ask for, and returns the input without them.
    pub(super) fn apply<'i, A: App>(
        &mut self,
        input: &'i WindowInput,
        owner: &mut Owner<A>,
    ) -> Cow<'i, WindowInput> {
        if !owner.is_in_hot_mode() {
            return Cow::Borrowed(input);
        }
        if !std::mem::replace(&mut self.is_told, true) {
            owner.set_panel_keys(panel_keys(&self.keys));
        }
        #[cfg(feature = "notifications")]
        self.notice.turn(input.focused, owner);
        for answer in self.answers.1.try_iter() {
            owner.answer(answer);
        }
        let (deeds, rest) = self.take(input, |x, y| owner.clicked(x, y));
        for deed in deeds {
            self.perform(deed, owner);
        }
        rest
    }

    /// Returns what the keys and clicks ask for, and the input without them.
    fn take<'i>(
        &mut self,
        input: &'i WindowInput,
        clicked: impl Fn(f32, f32) -> Option<Clicked>,
    ) -> (Vec<Deed>, Cow<'i, WindowInput>) {
        if !input.focused {
            // It is not told of a key that goes up elsewhere.
            self.held.clear();
        }
        let table = deeds(&self.keys);
        let deed = |pressed: Key| table.iter().find(|(key, ..)| *key == Some(pressed));
        let mut deeds = Vec::new();
        let mut is_taken = |event: &Event| match *event {
            Event::KeyDown(key) | Event::KeyRepeated(key) => {
                let Some((_, deed, _)) = deed(key) else { return false };
                let is_repeated = matches!(event, Event::KeyRepeated(_));
                if !is_repeated && !self.held.contains(&key) {
                    self.held.push(key);
                    deeds.push(*deed);
                }
                true
            }
            Event::KeyUp(key) => {
                let before = self.held.len();
                self.held.retain(|held| *held != key);
                self.held.len() != before
            }
            Event::ButtonDown { button: MouseButton::Left, x, y } => {
                let clicked = clicked(x, y);
                deeds.extend(clicked.map(|part| match part {
                    Clicked::Title => Deed::Panel,
                    Clicked::Text => Deed::Editor,
                    Clicked::Sheet => Deed::Sheet,
                }));
                clicked.is_some()
            }
            _ => false,
        };
        let rest = input.events.iter().filter(|event| !is_taken(event)).copied();
        let rest = rest.collect::<Vec<_>>();
        match rest.len() == input.events.len() {
            true => (deeds, Cow::Borrowed(input)),
            false => (deeds, Cow::Owned(WindowInput { events: rest, ..input.clone() })),
        }
    }

    fn perform<A: App>(&self, deed: Deed, owner: &mut Owner<A>) {
        let file = |end: &str| format!("{}.{end}", package::<A>());
        let answer = match deed {
            Deed::Sheet => return owner.toggle_sheet(&sheet(&self.keys)),
            Deed::Strip => return owner.set_strip(!owner.strip()),
            Deed::Panel => return owner.toggle_panel(),
            Deed::Pause => return owner.set_paused(!owner.is_paused()),
            Deed::Step => return owner.advance(),
            Deed::Editor => match owner.failure_opener() {
                Ok(open) => {
                    return self.later(|| Ok(format!("{} is opened in the editor", open()?)));
                }
                Err(error) => error.to_string(),
            },
            Deed::Reset => {
                owner.reset();
                "the state is reset".to_owned()
            }
            Deed::Save => {
                let file = file("state");
                match owner.snapshot() {
                    Some(snapshot) => {
                        return self.later(move || {
                            snapshot.save(&file)?;
                            Ok(format!("the state is saved to {file}"))
                        });
                    }
                    None => Error::NothingToSave.to_string(),
                }
            }
            Deed::Load => {
                let file = file("state");
                let loaded = Snapshot::load(&file).map_err(Error::from);
                match loaded.and_then(|snapshot| owner.restore(&snapshot)) {
                    Ok(()) => format!("the state of {file} is loaded"),
                    Err(error) => error.to_string(),
                }
            }
            Deed::Back => {
                owner.go_back();
                "to the build before, if there is one".to_owned()
            }
            Deed::Forward => {
                owner.go_forward();
                "to the newest build".to_owned()
            }
            Deed::Picture => {
                let (file, picture) = (file("png"), owner.picture());
                let size = (picture.width(), picture.height());
                let pixels = picture.frame().to_vec();
                return self.later(move || {
                    write_picture(&file, size, &pixels)?;
                    Ok(format!("the picture is in {file}"))
                });
            }
        };
        owner.answer(answer);
    }

    /// Does something on a thread, so that the owner's turn does not wait for it, and answers then.
    fn later(&self, work: impl FnOnce() -> Result<String> + Send + 'static) {
        let answers = self.answers.0.clone();
        // Without a thread there is no answer, and nothing is done.
        let _ = spawn("hot-reload key", move || {
            let _ = answers.send(work().unwrap_or_else(|error| error.to_string()));
        });
    }
}

#[cfg(feature = "options")]
fn write_picture(file: &str, size: (usize, usize), pixels: &[u32]) -> Result<()> {
    crate::png_file::write(file.as_ref(), size, pixels)
}

#[cfg(not(feature = "options"))]
fn write_picture(file: &str, _size: (usize, usize), _pixels: &[u32]) -> Result<()> {
    let source = "this program was built without the feature `options`".into();
    Err(Error::Png { path: file.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_acts_once_until_it_is_released_and_the_renderer_does_not_see_it() {
        let mut watch = KeyWatch::default();
        let (down, up) = (Event::KeyDown, Event::KeyUp);
        let a = down(Key::A);
        let table: [(&[Event], &[Deed], &[Event]); 6] = [
            (&[down(Key::F5), a, down(Key::F5)], &[Deed::Reset], &[a]),
            (&[down(Key::F5), Event::KeyRepeated(Key::F5)], &[], &[]),
            (&[up(Key::F5), up(Key::F5)], &[], &[up(Key::F5)]),
            (&[down(Key::F6), up(Key::F6), down(Key::F6)], &[Deed::Pause, Deed::Pause], &[]),
            (&[up(Key::F6), down(Key::F13)], &[], &[down(Key::F13)]),
            (&[a], &[], &[a]),
        ];
        for (row, (events, deeds, rest)) in table.into_iter().enumerate() {
            let input = WindowInput { events: events.to_vec(), ..WindowInput::idle(8, 4) };
            let (found, left) = watch.take(&input, |_, _| None);
            assert_eq!((&*found, &*left.events), (deeds, rest), "row {row}");
        }
        // The editor that a key has opened has the focus when the key goes up.
        let held = WindowInput { events: vec![down(Key::F4)], ..WindowInput::idle(8, 4) };
        assert_eq!(watch.take(&held, |_, _| None).0, [Deed::Editor]);
        let away = WindowInput { focused: false, ..WindowInput::idle(8, 4) };
        assert_eq!(watch.take(&away, |_, _| None).0, []);
        assert_eq!(watch.take(&held, |_, _| None).0, [Deed::Editor]);
        watch.keys = DevelopmentKeys { reset: Some(Key::Home), ..DevelopmentKeys::none() };
        let input =
            WindowInput { events: vec![down(Key::F1), down(Key::Home)], ..WindowInput::idle(8, 4) };
        let (found, left) = watch.take(&input, |_, _| None);
        assert_eq!((&*found, &*left.events), (&[Deed::Reset][..], &[down(Key::F1)][..]));
        assert_eq!(sheet(&watch.keys), "\x1b[1mHome\x1b[m resets the state");
    }

    #[test]
    fn a_click_on_the_panel_is_not_one_on_the_program() {
        let click = |x| Event::ButtonDown { button: MouseButton::Left, x, y: 1.0 };
        let (title, text, beside) = (click(1.0), click(2.0), click(3.0));
        let input = WindowInput { events: vec![title, text, beside], ..WindowInput::idle(8, 4) };
        let mut watch = KeyWatch::default();
        let parts = |x: f32, _| {
            let part = if x < 2.0 { Clicked::Title } else { Clicked::Text };
            (x < 3.0).then_some(part)
        };
        let (found, left) = watch.take(&input, parts);
        assert_eq!((&*found, &*left.events), (&[Deed::Panel, Deed::Editor][..], &[beside][..]));
        let (found, left) = watch.take(&input, |_, _| Some(Clicked::Sheet));
        assert_eq!((&*found, &*left.events), (&[Deed::Sheet; 3][..], &[][..]));
    }
}

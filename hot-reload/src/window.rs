//! A window of minifb and its loop.

use crate::app::App;
use crate::error::{Error, Result};
use crate::input::{Event, Key, MinifbInput};
use crate::owner::Owner;
use crate::request::Request;
use crate::status::{Activity, Problem, Status};
use minifb::WindowOptions;

/// A minifb window that shows an owner's picture.
///
/// The window does what most programs want: it passes input on, paints each new picture, fulfils
/// requests for a title and for the cursor, adds the current activity to the title (`building…`,
/// `build failed`), and turns the strip ([`Owner::set_strip`]) on and off with F1. Requests for a
/// size are ignored: minifb cannot resize an open window. A program that wants something else
/// writes its own loop around [`MinifbInput`]. Requires the feature `minifb`.
///
/// ```no_run
/// # use hot_reload::{App, Frame, MinifbWindow, Owner};
/// # fn show<Demo: App<Arguments = ()>>(render: fn(&mut Frame<'_, Demo>)) -> hot_reload::Result<()> {
/// // Opened first: a display that refuses it is an error before anything is built.
/// let window = MinifbWindow::open("My program", 800, 600)?;
/// let mut owner = Owner::<Demo>::builder(()).size(800, 600).start(render)?;
/// window.run(&mut owner)
/// # }
/// ```
pub struct MinifbWindow {
    window: minifb::Window,
    keys: MinifbInput,
    title: Title,
    strip_key_held: bool,
}

impl MinifbWindow {
    /// Opens a window whose content has this size in pixels, and which people can resize.
    ///
    /// # Errors
    /// Fails if there is no display, or if it refuses the window.
    pub fn open(title: &str, width: u32, height: u32) -> Result<Self> {
        let options = WindowOptions { resize: true, ..WindowOptions::default() };
        let window = minifb::Window::new(title, width as usize, height as usize, options);
        Ok(Self::new(title, window.map_err(|error| Error::NoWindow(error.into()))?))
    }

    /// Uses a window that was opened with other options. Its input callback is replaced, and its
    /// limit on the rate is removed, because the owner paces the loop.
    #[must_use]
    pub fn new(title: &str, mut window: minifb::Window) -> Self {
        // The owner paces the loop.
        window.set_target_fps(0);
        let keys = MinifbInput::attach(&mut window);
        let title = Title { first: title.to_owned(), ..Title::default() };
        MinifbWindow { window, keys, title, strip_key_held: false }
    }

    /// Returns the size of the content in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        let (width, height) = self.window.get_size();
        (u32::try_from(width).unwrap_or(u32::MAX), u32::try_from(height).unwrap_or(u32::MAX))
    }

    /// Runs the loop until the window is closed or the owner ends. If the window is lost, the next
    /// owner can [resume](crate::OwnerBuilder::resume) the state.
    ///
    /// # Errors
    /// Fails if the window can no longer be painted.
    pub fn run<A: App>(mut self, owner: &mut Owner<A>) -> Result<()> {
        while self.turn(owner)? {}
        Ok(())
    }

    /// Makes one turn of the loop: reads the input, ticks, paints a new picture, and sleeps until
    /// the next tick is due. Returns false once the window is closed or the owner has ended.
    ///
    /// ```no_run
    /// # use hot_reload::{App, MinifbWindow, Owner};
    /// # fn show<Demo: App>(mut window: MinifbWindow, owner: &mut Owner<Demo>) -> hot_reload::Result<()> {
    /// while window.turn(owner)? {
    ///     for message in owner.messages() {
    ///         // What the renderer has sent.
    /// #       drop(message);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if the window can no longer be painted.
    pub fn turn<A: App>(&mut self, owner: &mut Owner<A>) -> Result<bool> {
        let input = self.keys.read(&self.window);
        if is_pressed(Key::F1, &input.events, &mut self.strip_key_held) {
            owner.set_strip(!owner.strip());
        }
        owner.tick(input);
        for request in owner.requests() {
            match request {
                Request::Title(text) => self.title.requested = text,
                Request::Cursor(visible) => self.window.set_cursor_visibility(visible),
                // The owner keeps the rate, and minifb cannot resize an open window.
                _ => {}
            }
        }
        self.title.show(&mut self.window, owner.status());
        let picture = owner.picture();
        let painted = match picture.is_fresh() {
            true => {
                let (pixels, width, height) = (picture.pixels(), picture.width(), picture.height());
                self.window.update_with_buffer(pixels, width, height)
            }
            false => {
                self.window.update();
                Ok(())
            }
        };
        if let Err(error) = painted {
            owner.leave_state();
            return Err(Error::WindowLost(error.into()));
        }
        owner.pace();
        Ok(self.window.is_open() && owner.is_running())
    }
}

impl std::fmt::Debug for MinifbWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MinifbWindow({:?}, {:?})", self.title.shown, self.size())
    }
}

/// Returns true if a key went down an odd number of times. Repeated reports of a held key are
/// ignored. The renderer receives the key's events as well.
fn is_pressed(key: Key, events: &[Event], held: &mut bool) -> bool {
    let mut pressed = false;
    for event in events {
        if *event == Event::KeyDown(key) {
            pressed ^= !std::mem::replace(held, true);
        } else if *event == Event::KeyUp(key) {
            *held = false;
        }
    }
    pressed
}

/// The window's title: the text requested by the renderer, and the current activity.
#[derive(Debug, Default)]
struct Title {
    /// Text until the renderer requests another.
    first: String,
    requested: String,
    shown: String,
}

impl Title {
    fn show(&mut self, window: &mut minifb::Window, status: &Status) {
        let text = if self.requested.is_empty() { &self.first } else { &self.requested };
        let activity = activity(status);
        if self.shown.strip_prefix(&**text) != Some(activity) {
            self.shown = format!("{text}{activity}");
            window.set_title(&self.shown);
        }
    }
}

/// Returns the end of the title.
fn activity(status: &Status) -> &'static str {
    match (&status.problem, status.activity) {
        (Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }), _) => " · build failed",
        (Some(Problem::NotResponding { .. }), _) => " · not responding",
        (Some(_), _) => " · crashed",
        (None, Activity::Building) => " · building…",
        (None, _) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pressed_when_it_goes_down_and_not_while_it_is_held() {
        let (down, up) = (Event::KeyDown(Key::F1), Event::KeyUp(Key::F1));
        let mut held = false;
        let table: [(&[Event], bool); 6] = [
            (&[down, down], true),
            (&[down], false),
            (&[up], false),
            (&[down, up, down, up], false),
            (&[Event::KeyDown(Key::F2)], false),
            (&[down, up], true),
        ];
        for (row, (events, pressed)) in table.into_iter().enumerate() {
            assert_eq!(is_pressed(Key::F1, events, &mut held), pressed, "row {row}: {events:?}");
        }
    }
}

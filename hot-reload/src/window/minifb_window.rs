//! A window of minifb.

use super::development_keys::DevelopmentKeys;
use super::key_watch::KeyWatch;
use super::size::usable;
use super::title::Title;
use crate::app::App;
use crate::error::{Error, Result};
use crate::input::MinifbInput;
use crate::owner::Owner;
use crate::request::Request;
use minifb::WindowOptions;

/// A minifb window that shows an owner's picture.
///
/// The window does what most programs want: it passes input on, paints each new picture, fulfils
/// requests for a title, a size and the cursor, adds the current activity to the title (`building…`,
/// `build failed`), and has the [`DevelopmentKeys`]. minifb cannot
/// resize an open window, so a request for a size replaces the window, unless it was opened with
/// other options; it cannot fill the screen, so requests for that are ignored. A program that wants
/// something else writes its own loop around [`MinifbInput`]. Requires the feature `minifb`.
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
    development: KeyWatch,
    /// True if the window may be replaced by one of another size.
    is_own: bool,
    /// Size that was requested last. A window manager may not grant it, and is not asked again.
    requested: Option<(u32, u32)>,
    has_cursor: bool,
}

/// Returns the options of windows that this library opens.
fn options() -> WindowOptions {
    WindowOptions { resize: true, ..WindowOptions::default() }
}

impl MinifbWindow {
    /// Opens a window whose content has this size in pixels, and which people can resize.
    ///
    /// # Errors
    /// Fails if there is no display, or if it refuses the window.
    pub fn open(title: &str, width: u32, height: u32) -> Result<Self> {
        let shown = Title::new(title);
        let window = minifb::Window::new(shown.shown(), width as usize, height as usize, options());
        let window = window.map_err(|error| Error::NoWindow(error.into()))?;
        Ok(MinifbWindow { is_own: true, ..Self::new(title, window) })
    }

    /// Uses a window that was opened with other options. Its input callback is replaced, and its
    /// limit on the rate is removed, because the owner paces the loop.
    #[must_use]
    pub fn new(title: &str, mut window: minifb::Window) -> Self {
        // The owner paces the loop.
        window.set_target_fps(0);
        let keys = MinifbInput::attach(&mut window);
        let (title, development) = (Title::new(title), KeyWatch::default());
        let (is_own, requested, has_cursor) = (false, None, true);
        MinifbWindow { window, keys, title, development, is_own, requested, has_cursor }
    }

    /// Uses other development keys than F1 to F12.
    #[must_use]
    pub fn keys(mut self, keys: DevelopmentKeys) -> Self {
        self.development.keys = keys;
        self
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
        let input = self.development.apply(input, owner);
        owner.tick(&input);
        for request in owner.requests() {
            match request {
                Request::Title(text) => self.title.request(&text),
                Request::Cursor(visible) => {
                    self.has_cursor = visible;
                    self.window.set_cursor_visibility(visible);
                }
                Request::Size(width, height) => self.resize(width, height),
                // The owner keeps the rate, and minifb cannot fill the screen.
                _ => {}
            }
        }
        if let Some(title) = self.title.changed(owner.status()) {
            self.window.set_title(title);
        }
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

    /// Replaces the window by one of this size, which the system places: minifb's position of an open
    /// window includes the frame on some systems. If it cannot be opened, the window stays as it is.
    fn resize(&mut self, width: u32, height: u32) {
        let Some(size) = usable(width, height).filter(|_| self.is_own) else { return };
        if self.requested.replace(size) == Some(size) || size == self.size() {
            return;
        }
        let title = self.title.shown();
        let opened = minifb::Window::new(title, width as usize, height as usize, options());
        if let Ok(mut window) = opened {
            window.set_target_fps(0);
            window.set_cursor_visibility(self.has_cursor);
            self.keys = MinifbInput::attach(&mut window);
            self.window = window;
        }
    }
}

impl std::fmt::Debug for MinifbWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MinifbWindow({:?}, {:?})", self.title.shown(), self.size())
    }
}

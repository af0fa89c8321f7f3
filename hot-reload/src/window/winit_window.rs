//! A window of winit, painted by softbuffer.

use super::development_keys::DevelopmentKeys;
use super::key_watch::KeyWatch;
use super::picture_surface::PictureSurface;
use super::size::usable;
use super::title::Title;
use crate::app::App;
use crate::error::{Error, Result};
use crate::input::WinitInput;
use crate::owner::Owner;
use crate::request::Request;
use softbuffer::SoftBufferError;
use std::sync::Arc;
use std::time::Duration;
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::platform::pump_events::{EventLoopExtPumpEvents, PumpStatus};
use winit::window::{Fullscreen, Window, WindowAttributes, WindowId};

/// A winit window that shows an owner's picture, painted by softbuffer.
///
/// It does what [`MinifbWindow`](crate::MinifbWindow) does, and fulfils requests for a size and for
/// the whole screen. On macOS and Windows, the loop stands still while a person resizes or moves the
/// window. Only one can be opened per process, on its main thread. A program that wants something
/// else writes its own loop around [`WinitInput`]. Requires the feature `winit-window`.
///
/// ```no_run
/// # use hot_reload::{App, Frame, Owner, WinitWindow};
/// # fn show<Demo: App<Arguments = ()>>(render: fn(&mut Frame<'_, Demo>)) -> hot_reload::Result<()> {
/// // Opened first: a display that refuses it is an error before anything is built.
/// let window = WinitWindow::open("My program", 800, 600)?;
/// let mut owner = Owner::<Demo>::builder(()).size(800, 600).start(render)?;
/// window.run(&mut owner)
/// # }
/// ```
pub struct WinitWindow {
    event_loop: EventLoop<()>,
    shown: Shown,
    title: Title,
    development: KeyWatch,
}

/// The parts of a window that its events change.
struct Shown {
    attributes: WindowAttributes,
    window: Option<(Arc<Window>, PictureSurface)>,
    /// The reason why there is no window.
    failure: Option<Box<dyn std::error::Error + Send + Sync>>,
    keys: WinitInput,
    is_closed: bool,
    /// True if the system has lost the window's content.
    must_paint: bool,
}

impl WinitWindow {
    /// Opens a window whose content has this size in physical pixels, and which people can resize.
    ///
    /// # Errors
    /// Fails if there is no display, or if it refuses the window.
    pub fn open(title: &str, width: u32, height: u32) -> Result<Self> {
        let size = PhysicalSize::new(width, height);
        let title = Title::new(title);
        let attributes =
            Window::default_attributes().with_title(title.shown()).with_inner_size(size);
        let event_loop = EventLoop::new().map_err(|error| Error::NoWindow(error.into()))?;
        let shown = Shown {
            attributes,
            window: None,
            failure: None,
            keys: WinitInput::new(),
            is_closed: false,
            must_paint: false,
        };
        let development = KeyWatch::default();
        let mut window = WinitWindow { event_loop, shown, title, development };
        // The first call opens the window.
        window.pump();
        match (&window.shown.window, window.shown.failure.take()) {
            (Some(_), _) => Ok(window),
            (None, Some(failure)) => Err(Error::NoWindow(failure)),
            (None, None) => Err(Error::NoWindow("the event loop has not begun".into())),
        }
    }

    /// Uses other development keys than F1 to F12.
    #[must_use]
    pub fn keys(mut self, keys: DevelopmentKeys) -> Self {
        self.development.keys = keys;
        self
    }

    /// Returns the size of the content in physical pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.shown.window.as_ref().map_or((0, 0), |(window, _)| window.inner_size().into())
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
    /// # Errors
    /// Fails if the window can no longer be painted.
    pub fn turn<A: App>(&mut self, owner: &mut Owner<A>) -> Result<bool> {
        self.pump();
        let Shown { window: Some((window, surface)), keys, must_paint, .. } = &mut self.shown
        else {
            return Ok(false);
        };
        let input = keys.read(window);
        let input = self.development.apply(input, owner);
        owner.tick(&input);
        for request in owner.requests() {
            match request {
                Request::Title(text) => self.title.request(&text),
                Request::Cursor(visible) => window.set_cursor_visible(visible),
                Request::Size(width, height) => {
                    let size = usable(width, height).map(PhysicalSize::<u32>::from);
                    let _ = size.and_then(|size| window.request_inner_size(size));
                }
                Request::Fullscreen(fills) => {
                    window.set_fullscreen(fills.then_some(Fullscreen::Borderless(None)));
                }
                // The owner keeps the rate.
                _ => {}
            }
        }
        if let Some(title) = self.title.changed(owner.status()) {
            window.set_title(title);
        }
        let picture = owner.picture();
        if (std::mem::take(must_paint) || picture.is_fresh())
            && let Err(error) = surface.paint(&picture)
        {
            owner.leave_state();
            return Err(Error::WindowLost(sendable(&error)));
        }
        owner.pace();
        Ok(!self.shown.is_closed && owner.is_running())
    }

    /// Handles the events that have arrived.
    fn pump(&mut self) {
        let status = self.event_loop.pump_app_events(Some(Duration::ZERO), &mut self.shown);
        self.shown.is_closed |= matches!(status, PumpStatus::Exit(_));
    }
}

impl ApplicationHandler for Shown {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.window.is_some() {
            return;
        }
        let window = event_loop.create_window(self.attributes.clone()).map(Arc::new);
        let window = window.map_err(Into::into).and_then(|window| {
            let surface = PictureSurface::new(window.clone());
            surface.map(|surface| (window, surface)).map_err(|error| sendable(&error))
        });
        match window {
            Ok(window) => self.window = Some(window),
            Err(failure) => self.failure = Some(failure),
        }
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        self.keys.on(&event);
        match event {
            WindowEvent::CloseRequested | WindowEvent::Destroyed => self.is_closed = true,
            WindowEvent::RedrawRequested | WindowEvent::Resized(_) => self.must_paint = true,
            _ => {}
        }
    }
}

/// Returns an error of softbuffer as one that can be sent to other threads, which it cannot: it may
/// contain a handle of the window system.
fn sendable(error: &SoftBufferError) -> Box<dyn std::error::Error + Send + Sync> {
    error.to_string().into()
}

impl std::fmt::Debug for WinitWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WinitWindow({:?}, {:?})", self.title.shown(), self.size())
    }
}

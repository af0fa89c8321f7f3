//! The example in a winit window, painted by softbuffer: another owner, the same renderer.
//!
//! `cargo run -p winit-app`, then edit `example-impl/src/lib.rs`.

// The same file that a new project receives.
#[path = "../../../hot-reload/cargo-hot-reload/templates/winit/surface.rs"]
mod surface;

use hot_reload::{Owner, Request, input::WinitInput, status::Activity};
use hot_reloaded_state::{Arguments, Demo};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use surface::Surface;
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

const TITLE: &str = "hot-reload";

fn main() -> Result<(), Box<dyn Error>> {
    // Prints what the builds are doing.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let event_loop = EventLoop::new()?;
    let owner = Owner::<Demo>::builder(Arguments { balls: 7 })
        .at_end(|state| {
            tracing::info!("the end, after {} ticks and {} clicks", state.ticks, state.clicks);
        })
        .start(example_impl::render)?;
    let mut app =
        App { owner, keys: WinitInput::new(), shown: None, due: None, title: String::new() };
    event_loop.run_app(&mut app)?;
    Ok(())
}

struct App {
    owner: Owner<Demo>,
    keys: WinitInput,
    /// The window, once it can be opened.
    shown: Option<Surface>,
    /// Time of the next tick.
    due: Option<Instant>,
    title: String,
}

impl ApplicationHandler for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.shown.is_some() {
            return;
        }
        let attributes = Window::default_attributes().with_title(TITLE);
        let window =
            event_loop.create_window(attributes.with_inner_size(PhysicalSize::new(800, 600)));
        let shown = window.map_err(|error| error.to_string());
        match shown.and_then(|window| Surface::new(Arc::new(window))) {
            Ok(surface) => self.shown = Some(surface),
            Err(error) => {
                tracing::error!("the window cannot be opened: {error}");
                event_loop.exit();
            }
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        self.keys.on(&event);
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::RedrawRequested => {
                if let Some(surface) = &mut self.shown {
                    surface.paint(&self.owner.picture());
                }
            }
            _ => {}
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        if self.due.is_none_or(|due| due <= Instant::now()) {
            self.tick();
            self.due = self.owner.next_tick_at();
        }
        if !self.owner.is_running() {
            return event_loop.exit();
        }
        event_loop.set_control_flow(self.due.map_or(ControlFlow::Poll, ControlFlow::WaitUntil));
    }
}

impl App {
    fn tick(&mut self) {
        let Some(surface) = &mut self.shown else { return };
        let window = surface.window();
        self.owner.tick(self.keys.read(window));
        for report in self.owner.messages() {
            tracing::debug!("{report:?}");
        }
        for request in self.owner.requests() {
            match request {
                Request::Title(text) => self.title = text,
                Request::Cursor(visible) => window.set_cursor_visible(visible),
                Request::Size(width, height) => {
                    let _ = window.request_inner_size(PhysicalSize::new(width, height));
                }
                other => tracing::debug!("{other:?}"),
            }
        }
        let building = self.owner.status().activity == Activity::Building;
        let text = if self.title.is_empty() { TITLE } else { &self.title };
        let title = if building { format!("{text} · building…") } else { text.to_owned() };
        surface.set_title(title);
        if self.owner.picture().is_fresh() {
            surface.window().request_redraw();
        }
    }
}

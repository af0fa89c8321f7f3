//! The window, which stays open while the renderer is rebuilt and replaced.

mod surface;

use hot_reload::{input::WinitInput, Owner, Request};
use {{crate}}_state::Game;
use std::sync::Arc;
use std::time::Instant;
use surface::Surface;
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let owner = Owner::<Game>::builder(())
        .size(800, 600)
        // Resumes the state of the last run if that was killed or lost its window.
        .resume(std::env::args().any(|argument| argument == "--resume"))
        .start({{crate}}_renderer::render)?;
    let mut app = App { owner, keys: WinitInput::new(), shown: None, due: None };
    EventLoop::new()?.run_app(&mut app)?;
    Ok(())
}

struct App {
    owner: Owner<Game>,
    keys: WinitInput,
    /// The window, once it can be opened.
    shown: Option<Surface>,
    /// Time of the next tick.
    due: Option<Instant>,
}

impl ApplicationHandler for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        let size = PhysicalSize::new(800, 600);
        let attributes = Window::default_attributes().with_title("{{name}}").with_inner_size(size);
        let window = event_loop.create_window(attributes).map_err(|error| error.to_string());
        match window.and_then(|window| Surface::new(Arc::new(window))) {
            Ok(surface) => self.shown = Some(surface),
            Err(error) => {
                eprintln!("the window cannot be opened: {error}");
                event_loop.exit();
            }
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        self.keys.on(&event);
        match (event, &mut self.shown) {
            (WindowEvent::CloseRequested, _) => event_loop.exit(),
            (WindowEvent::RedrawRequested, Some(surface)) => surface.paint(&self.owner.picture()),
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
        self.owner.tick(self.keys.read(surface.window())); // never blocks
        for request in self.owner.requests() {
            if let Request::Title(title) = request {
                surface.set_title(title);
            }
        }
        if self.owner.picture().is_fresh() {
            surface.window().request_redraw();
        }
    }
}

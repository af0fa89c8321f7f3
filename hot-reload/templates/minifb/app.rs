//! The window, which stays open while the renderer is rebuilt and replaced.

use hot_reload::{input::MinifbInput, Owner, Request};
use {{crate}}_state::Sketch;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let options = minifb::WindowOptions { resize: true, ..Default::default() };
    let mut window = minifb::Window::new("{{name}}", 800, 600, options)?;
    let mut keys = MinifbInput::attach(&mut window);
    let mut owner = Owner::<Sketch>::builder(())
        .size(800, 600)
        // Resumes the state of the last run if that was killed or lost its window.
        .resume(std::env::args().any(|argument| argument == "--resume"))
        .start({{crate}}_renderer::render)?;
    while window.is_open() && owner.is_running() {
        owner.tick(keys.read(&window)); // never blocks
        for request in owner.requests() {
            if let Request::Title(title) = request {
                window.set_title(&title);
            }
        }
        let picture = owner.picture(); // the last good frame, never empty
        if picture.is_fresh() {
            window.update_with_buffer(picture.pixels(), picture.width(), picture.height())?;
        } else {
            window.update();
        }
        owner.pace(); // sleeps until the next tick is due
    }
    Ok(())
}

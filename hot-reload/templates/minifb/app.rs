//! The window, which stays open while the renderer is rebuilt and replaced.

use hot_reload::{MinifbWindow, Owner};
use {{crate}}_state::Sketch;

fn main() -> hot_reload::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let window = MinifbWindow::open("{{name}}", 800, 600)?;
    let mut owner = Owner::<Sketch>::builder(())
        .size(800, 600)
        // Resumes the state of the last run if that was killed or lost its window.
        .resume(std::env::args().any(|argument| argument == "--resume"))
        .start({{crate}}_renderer::render)?;
    window.run(&mut owner)
}

//! The loop, which keeps running while the renderer is rebuilt and replaced.

use hot_reload::{Owner, TickRate, WindowInput};
use {{crate}}_state::Count;

fn main() -> hot_reload::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut owner = Owner::<Count>::builder(())
        .without_canvas()
        .tick_rate(TickRate::per_second(1))
        // Resumes the state of the last run if that was killed.
        .resume(std::env::args().any(|argument| argument == "--resume"))
        .start({{crate}}_renderer::turn)?;
    while owner.is_running() {
        owner.tick(&WindowInput::idle(0, 0));
        owner.pace();
    }
    Ok(())
}

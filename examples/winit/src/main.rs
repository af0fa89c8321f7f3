//! The example in a winit window, painted by softbuffer: another owner, the same renderer.
//!
//! `cargo run -p winit-app`, then edit `example-impl/src/lib.rs`.

use hot_reload::{Owner, WinitWindow};
use hot_reloaded_state::{Arguments, Demo};

const SIZE: (u32, u32) = (800, 600);

fn main() -> hot_reload::Result<()> {
    // Prints what the builds are doing.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let mut window = WinitWindow::open("hot-reload", SIZE.0, SIZE.1)?;
    let mut owner = Owner::<Demo>::builder(Arguments { balls: 7 })
        .size(SIZE.0, SIZE.1)
        .at_end(|state| {
            tracing::info!("the end, after {} ticks and {} clicks", state.ticks, state.clicks);
        })
        .start(example_impl::render)?;
    while window.turn(&mut owner)? {
        for report in owner.messages() {
            tracing::debug!("{report:?}");
        }
    }
    Ok(())
}

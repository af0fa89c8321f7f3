//! Calls a library in C that is under development: `cargo run -p c-library-app`, then edit
//! `examples/c-library/native/foo.c`.

use c_library_calls::{Calling, caller, library};
use hot_reload::{Owner, TickRate, WindowInput};

fn main() -> hot_reload::Result<()> {
    // Prints what the builds are doing.
    tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().with_target(false).init();
    let mut owner = Owner::<Calling>::builder(())
        .without_canvas()
        .tick_rate(TickRate::per_second(1))
        .watch_sources("examples/c-library/native")
        .build_command(build_command())
        .watch_artifact(library())
        .start(caller())?;
    while owner.is_running() {
        owner.tick(&WindowInput::idle(0, 0));
        owner.pace();
    }
    Ok(())
}

/// Returns the build command. For CMake, use `cmake --build examples/c-library/native/build`.
fn build_command() -> String {
    let library = library().display().to_string();
    format!(
        "mkdir -p examples/c-library/native/build && \
         cc -shared -fPIC -g -Wall -o {library} examples/c-library/native/foo.c"
    )
}

//! Tests of the example as a user sees it: a real window on a private X server, real keys and
//! clicks, and a source file that is saved while the program runs.
//!
//! The tests need `Xvfb` and `xdotool`, those of debuggers `gdb`, and that of terminals `tmux`.
//! Without these programs the tests are skipped with a message; where `CI` is `true` they fail
//! instead. The tests take turns, because they share one copy of the workspace. It is kept from run
//! to run, so that only the first run compiles everything.

#![cfg(target_os = "linux")]

mod window {
    mod copy;
    mod gdb;
    mod processes;
    mod program;
    mod reader;
    mod screen;
    mod session;
    mod tmux;

    mod debugger;
    mod ending;
    mod headless;
    mod input;
    mod keys;
    mod migration;
    mod neighbours;
    mod overlay;
    mod projects;
    mod reload;
    mod terminal;
    mod winit;
}

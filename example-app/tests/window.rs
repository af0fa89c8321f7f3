//! The example as a user meets it: a real window on an X server of the test's own, real keys and
//! clicks, and a source file that is saved while the program runs.
//!
//! The tests need `Xvfb` and `xdotool`, those of debuggers `gdb`, and that of terminals `tmux`. Without them they are skipped, and say so; where `CI` is
//! `true` they fail instead. They take turns: there is one copy of the workspace, which is kept
//! from run to run, so that only the first run compiles everything.

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
    mod migration;
    mod neighbours;
    mod overlay;
    mod projects;
    mod reload;
    mod terminal;
    mod winit;
}

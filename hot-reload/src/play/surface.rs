//! The places in which a picture is shown.

use super::headless::Headless;
use super::options::Options;
use super::script::Script;
use crate::app::App;
use crate::error::Result;
use crate::owner::Owner;
#[cfg(feature = "terminal")]
use crate::terminal::Terminal;
use crate::window::{DevelopmentKeys, IS_BUILT_IN, ReadyMade, has_display};

/// An opened surface.
pub(super) enum Surface {
    Window(Box<ReadyMade>),
    #[cfg(feature = "terminal")]
    Terminal(Box<Terminal>, (u32, u32)),
    None(Box<Headless>),
}

impl Surface {
    /// Opens the surface that the options ask for, or the best one available.
    pub(super) fn open(
        options: &Options,
        script: Option<Script>,
        title: &str,
        size: (u32, u32),
        keys: DevelopmentKeys,
    ) -> Result<Surface> {
        let headless = |script: Option<Script>| {
            Ok(Surface::None(Box::new(Headless::new(size, script, !options.counts_frames()))))
        };
        #[cfg(feature = "options")]
        if script.is_some() && !options.is_headless() {
            tracing::info!("a script is played without a window");
        }
        if options.is_headless() || script.is_some() {
            return headless(script);
        }
        #[cfg(feature = "terminal")]
        if options.is_terminal() {
            return Ok(Surface::Terminal(Box::new(Terminal::open(size.0, size.1)?), size));
        }
        // Without options nobody can ask for a program without a window.
        let only_window = cfg!(not(any(feature = "options", feature = "terminal")));
        if IS_BUILT_IN && (has_display() || only_window) {
            let window = ReadyMade::open(title, size.0, size.1);
            return window.map(|window| Surface::Window(Box::new(window.keys(keys))));
        }
        #[cfg(feature = "terminal")]
        if is_in_terminal() {
            return Ok(Surface::Terminal(Box::new(Terminal::open(size.0, size.1)?), size));
        }
        #[cfg(feature = "options")]
        if IS_BUILT_IN {
            tracing::warn!("neither DISPLAY nor WAYLAND_DISPLAY is set: running without a window");
        }
        headless(script)
    }

    /// Prepares an owner to be shown here.
    pub(super) fn prepare<A: App>(&self, owner: &mut Owner<A>) {
        let has_overlay = match self {
            Surface::Window(_) => true,
            // It shows messages as text.
            #[cfg(feature = "terminal")]
            Surface::Terminal(..) => false,
            // The same script gives the same pictures; messages depend on time.
            Surface::None(headless) => !headless.is_scripted(),
        };
        owner.set_overlay(has_overlay);
    }

    /// Makes one turn of the loop: input, tick, picture, and the pause until the next tick. Returns
    /// false at the end.
    pub(super) fn turn<A: App>(&mut self, owner: &mut Owner<A>) -> Result<bool> {
        match self {
            Surface::Window(window) => window.turn(owner),
            #[cfg(feature = "terminal")]
            Surface::Terminal(terminal, size) => {
                let input = terminal.read();
                *size = input.size;
                owner.tick(input);
                owner.requests().for_each(drop);
                terminal.show(&owner.picture(), owner.status());
                owner.pace();
                Ok(terminal.is_open() && owner.is_running())
            }
            Surface::None(headless) => Ok(headless.turn(owner)),
        }
    }

    /// Returns the size of the content in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        match self {
            Surface::Window(window) => window.size(),
            #[cfg(feature = "terminal")]
            Surface::Terminal(_, size) => *size,
            Surface::None(headless) => headless.size(),
        }
    }
}

#[cfg(feature = "terminal")]
fn is_in_terminal() -> bool {
    use std::io::IsTerminal;
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

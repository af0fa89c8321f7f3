//! What the development keys of a window ask of the owner, beside what every program can.

#[cfg(feature = "owner")]
use super::editor;
use super::{Backend, Owner};
use crate::app::App;
use crate::error::{Error, Result};
#[cfg(feature = "owner")]
use crate::overlay::PanelPart;
#[cfg(feature = "owner")]
use std::time::Instant;

/// Part of the panel that a person has clicked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clicked {
    Title,
    Text,
    Sheet,
}

impl<A: App> Owner<A> {
    /// Opens the place of the current failure in an editor: that of the first error of a build, of a
    /// panic, or of a crash. Copies the place to the clipboard, if the system has a program for that.
    /// Returns the place.
    ///
    /// The editor is the one in `$VISUAL`, or else the first that is found of VS Code and its
    /// relatives, Zed, JetBrains' and Sublime Text, or else the system's program for the file. An
    /// editor for the terminal gets a terminal of its own, on Unix.
    ///
    /// # Errors
    /// Fails if there is no failure whose place is known, and if no editor can be started.
    pub fn open_failure(&self) -> Result<String> {
        self.failure_opener()?()
    }

    /// Returns a function that opens the place of the failure, for a thread that may start programs.
    pub(crate) fn failure_opener(&self) -> Result<impl FnOnce() -> Result<String> + Send + use<A>> {
        #[cfg(feature = "owner")]
        {
            let status = self.status.clone();
            let problem = status.problem.as_ref().or(status.recovered.as_ref());
            let place = problem.and_then(editor::Place::of).ok_or(Error::NoPlace)?;
            Ok(move || {
                place.open(status.workspace.as_deref())?;
                Ok(place.to_string())
            })
        }
        #[cfg(not(feature = "owner"))]
        Err::<fn() -> Result<String>, _>(Error::NoPlace)
    }

    /// Puts the panel about a failure away until the next failure, so that the code that runs can be
    /// seen, or shows it again.
    pub fn toggle_panel(&mut self) {
        #[cfg(feature = "owner")]
        self.overlay.toggle_panel();
    }
}

impl<A: App> Owner<A> {
    /// Returns false in one process, where development keys have no effect.
    pub(crate) fn is_in_hot_mode(&self) -> bool {
        !matches!(self.backend, Backend::Thread(_))
    }

    /// Returns the part of the panel at a pixel of the window.
    pub(crate) fn clicked(&self, x: f32, y: f32) -> Option<Clicked> {
        #[cfg(feature = "owner")]
        if self.top().covered {
            let (top, window) = (self.top(), self.window.size);
            let scale =
                |at: f32, window: u32, picture: u32| at * picture as f32 / window.max(1) as f32;
            let (x, y) = (scale(x, window.0, top.width), scale(y, window.1, top.height));
            return self.overlay.at(x, y).map(|part| match part {
                PanelPart::Title => Clicked::Title,
                PanelPart::Text => Clicked::Text,
                PanelPart::Sheet => Clicked::Sheet,
            });
        }
        let _ = (x, y);
        None
    }

    /// Sets the words about the panel's keys in its title.
    pub(crate) fn set_panel_keys(&mut self, words: String) {
        #[cfg(feature = "owner")]
        {
            self.overlay.keys = words;
        }
        #[cfg(not(feature = "owner"))]
        drop(words);
    }

    /// Shows a text in the panel's place, or removes it.
    pub(crate) fn toggle_sheet(&mut self, text: &str) {
        #[cfg(feature = "owner")]
        self.overlay.toggle_sheet(text);
        let _ = text;
    }

    /// Shows the answer to a key for a moment.
    pub(crate) fn answer(&mut self, words: String) {
        #[cfg(feature = "owner")]
        self.overlay.answer(words, Instant::now());
        #[cfg(not(feature = "owner"))]
        drop(words);
    }
}

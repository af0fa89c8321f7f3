//! The window's title: the text requested by the renderer, and the current activity.

use crate::status::{Activity, Problem, Status};

#[derive(Debug, Default)]
pub(super) struct Title {
    /// Text until the renderer requests another.
    first: String,
    requested: String,
    shown: String,
}

impl Title {
    pub(super) fn new(first: &str) -> Self {
        let first = printable(first);
        Title { shown: first.clone(), first, ..Title::default() }
    }

    pub(super) fn request(&mut self, text: &str) {
        self.requested = printable(text);
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns the title if it has changed since the last call.
    pub(super) fn changed(&mut self, status: &Status) -> Option<&str> {
        let text = if self.requested.is_empty() { &self.first } else { &self.requested };
        let activity = activity(status);
        if self.shown.strip_prefix(&**text) == Some(activity) {
            return None;
        }
        self.shown = format!("{text}{activity}");
        Some(&self.shown)
    }
}

/// Leaves out control characters: window systems end a title at a NUL, and libraries panic.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

/// Returns the end of the title.
fn activity(status: &Status) -> &'static str {
    match (&status.problem, status.activity) {
        (Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }), _) => " · build failed",
        (Some(Problem::NotResponding { .. }), _) => " · not responding",
        (Some(_), _) => " · crashed",
        (None, Activity::Building) => " · building…",
        (None, _) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_what_was_requested_last_and_what_the_owner_does() {
        let mut title = Title::new("first");
        let (idle, mut building) = (Status::default(), Status::default());
        building.activity = Activity::Building;
        assert_eq!(title.changed(&idle), None);
        assert_eq!(title.changed(&building), Some("first · building…"));
        assert_eq!(title.changed(&building), None);
        title.request("sec\0o\nnd");
        assert_eq!(title.changed(&idle), Some("second"));
        assert_eq!(title.shown(), "second");
    }
}

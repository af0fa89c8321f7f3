//! A desktop notification about a build that has failed while nobody looks at the window.

use crate::app::{App, package};
use crate::owner::Owner;
use crate::status::{Activity, Problem, Status};

/// Remembers what has been told.
#[derive(Debug, Default)]
pub(super) struct BuildNotice {
    was_building: bool,
}

impl BuildNotice {
    /// Notifies the person of a build that has failed, if the window does not have the focus.
    pub(super) fn turn<A: App>(&mut self, is_focused: bool, owner: &Owner<A>) {
        if let Some(error) = self.news(is_focused, owner.status()) {
            notify(format!("{}: build failed", package::<A>()), error);
        }
    }

    /// Returns the first line of the error of a build that has just failed, if it is to be told.
    fn news(&mut self, is_focused: bool, status: &Status) -> Option<String> {
        let is_building = status.activity == Activity::Building;
        let has_built = std::mem::replace(&mut self.was_building, is_building) && !is_building;
        match &status.problem {
            Some(Problem::BuildFailed { message } | Problem::CannotBuild { message })
                if has_built && !is_focused =>
            {
                let plain = anstream::adapter::strip_str(message).to_string();
                let first = plain.lines().find(|line| !line.trim().is_empty());
                Some(first.unwrap_or("the build has failed").to_owned())
            }
            _ => None,
        }
    }
}

/// Shows a notification, on a thread: the desktop may take its time, or have none.
fn notify(summary: String, body: String) {
    let _ = crate::threads::spawn("hot-reload notification", move || {
        let mut notification = notify_rust::Notification::new();
        if let Err(error) = notification.summary(&summary).body(&body).show() {
            crate::log::debug!("no notification is shown: {error}");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_build_is_told_once_and_only_to_those_who_look_elsewhere() {
        let building = Status { activity: Activity::Building, ..Status::default() };
        let message = "\n\x1b[1merror\x1b[m: no `x`\n --> a.rs:1:1".to_owned();
        let failed =
            Status { problem: Some(Problem::BuildFailed { message }), ..Status::default() };
        let mut notice = BuildNotice::default();
        let told = Some("error: no `x`".to_owned());
        let table = [
            (false, &building, None),
            (false, &failed, told.clone()),
            (false, &failed, None),
            (true, &building, None),
            (true, &failed, None),
            (false, &failed, None),
            // The same error after another save is told again.
            (false, &building, None),
            (false, &failed, told),
            (false, &building, None),
            (false, &Status::default(), None),
        ];
        for (row, (is_focused, status, expected)) in table.into_iter().enumerate() {
            assert_eq!(notice.news(is_focused, status), expected, "row {row}");
        }
    }
}

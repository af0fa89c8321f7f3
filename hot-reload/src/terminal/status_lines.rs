//! Status messages of a line or two below the picture.

use crate::generation::SHOWN_AFTER;
use crate::status::{Activity, Status};
use std::time::{Duration, Instant};

/// Time for which a line printed by the program is shown.
const LINE_FOR: Duration = Duration::from_secs(3);
/// Time for which news (a recovery, a migration, a notice) is shown.
const NEWS_FOR: Duration = Duration::from_secs(3);
/// The lines, and the time at which each became news.
#[derive(Debug, Default)]
pub(super) struct StatusLines {
    notes: Vec<String>,
    line: Option<(String, Instant)>,
    news: Option<(String, Instant)>,
    /// News in the last status, for comparison.
    told: String,
}

impl StatusLines {
    /// Updates the lines and returns whether they have changed.
    pub(super) fn update(&mut self, status: &Status, line: Option<String>, now: Instant) -> bool {
        if let Some(line) = line {
            self.line = Some((line, now));
        }
        let news = news(status);
        if news != self.told {
            self.news = (!news.is_empty()).then(|| (news.clone(), now));
            self.told = news;
        }
        let over = |since: Instant, time| now.saturating_duration_since(since) >= time;
        self.line.take_if(|(_, since)| over(*since, LINE_FOR));
        self.news.take_if(|(_, since)| over(*since, NEWS_FOR));
        let mut parts = going_on(status);
        parts.extend(self.news.iter().map(|(news, _)| news.clone()));
        let mut notes = Vec::new();
        if !parts.is_empty() {
            notes.push(parts.join(" · "));
        }
        notes.extend(self.line.iter().map(|(line, _)| line.clone()));
        let other = notes != self.notes;
        self.notes = notes;
        other
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// Returns the messages that hold as long as the status does.
fn going_on(status: &Status) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(silence) = status.unanswered.filter(|silence| *silence >= SHOWN_AFTER) {
        let why = if status.debugger { "stopped in a debugger" } else { "no answer" };
        parts.push(format!("{why} for {:.0} s", silence.as_secs_f32()));
    }
    if status.activity == Activity::Building {
        parts.push(match &status.progress {
            Some(progress) if progress.total > 0 => {
                format!("building {}/{}", progress.done, progress.total)
            }
            _ => "building…".to_owned(),
        });
    }
    if status.held {
        parts.push("reload held".to_owned());
    }
    parts
}

/// Returns the messages about recent events.
fn news(status: &Status) -> String {
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let recovered = status
        .recovered
        .as_ref()
        .map(|problem| format!("recovered: {}", first(problem.to_string())));
    let carried =
        status.migration.as_ref().map(|report| format!("state carried over: {}", report.summary()));
    let notices = status.notices.iter().map(|notice| first(notice.clone()));
    recovered.into_iter().chain(carried).chain(notices).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_said_as_long_as_it_does_and_news_for_a_while() {
        let (start, mut said) = (Instant::now(), StatusLines::default());
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut status = Status { activity: Activity::Idle, ..Status::default() };
        said.update(&status, None, start);
        assert!(said.notes().is_empty());
        status.activity = Activity::Building;
        status.notices = vec!["a notice\nof two lines".to_owned()];
        assert!(said.update(&status, Some("printed".to_owned()), after(1)));
        assert_eq!(said.notes(), ["building… · a notice", "printed"]);
        assert!(!said.update(&status, None, after(2)), "the same");
        assert!(said.update(&status, None, after(4)));
        assert_eq!(said.notes(), ["building…"]);
        status.unanswered = Some(Duration::from_secs(2));
        status.activity = Activity::Idle;
        said.update(&status, None, after(5));
        assert_eq!(said.notes(), ["no answer for 2 s"]);
        status.unanswered = None;
        said.update(&status, None, after(6));
        assert!(said.notes().is_empty());
    }
}

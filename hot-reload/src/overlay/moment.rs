//! Turns the status and the time into words. Knows nothing about pixels.

use super::palette::{AMBER, BLUE, GREEN, MUTED, RED, STRONG, TEXT};
use super::text::{Style, Text};
use crate::generation::SHOWN_AFTER;
use crate::status::{Activity, Crash, Panic, Problem, Progress, StackFrame, Status};
use std::fmt::{self, Write};
use std::time::{Duration, Instant};

/// Shorter builds are not shown, to avoid a flash in the corner.
const BUILDING_AFTER: Duration = Duration::from_millis(150);
/// Longer builds get a progress bar.
const BAR_AFTER: Duration = Duration::from_secs(1);
/// Longer limits are treated as no limit.
const NO_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Limits on the displayed lines of standard error and on notices.
const LAST_LINES: usize = 200;
const MOST_NOTICES: usize = 4;

/// Input for the words.
pub(super) struct Moment<'s> {
    pub(super) status: &'s Status,
    pub(super) unanswered: Option<Duration>,
    pub(super) hang_limit: Duration,
    pub(super) now: Instant,
    /// True while a recovery and notices, respectively, are still news.
    pub(super) recovered: bool,
    pub(super) notices: bool,
    /// True while the last migration is still news.
    pub(super) migrated: bool,
    /// True if the panel was put away.
    pub(super) away: bool,
    /// Text that a person asked for.
    pub(super) sheet: Option<&'s str>,
    /// Answer to a key.
    pub(super) answer: Option<&'s str>,
    pub(super) paused: bool,
    /// Keys for the panel.
    pub(super) keys: &'s str,
}

/// Topic of the panel. The panel's text is rewritten only when this or the problem changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A text that a person asked for.
    Sheet,
    /// The problem in the status.
    Problem,
    /// A renderer that does not answer: the time so far and the limit, in tenths of a second.
    Silence { tenths: u64, limit: u64 },
}

/// A title and the color of its bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) title: &'static str,
    pub(super) color: u32,
}

/// Content of a note in a corner. Escapes in the words mute the second and later lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Remark {
    pub(super) words: String,
    pub(super) accent: u32,
    /// Number of parts that are done, and of all parts.
    pub(super) bar: Option<(u32, u32)>,
}

/// Positions for notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corner {
    TopLeft,
    TopRight,
    BottomLeft,
}

impl Corner {
    pub(super) const ALL: [Corner; 3] = [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft];
}

impl Moment<'_> {
    /// Returns the topic of the panel, or `None` if there should be no panel.
    pub(super) fn subject(&self) -> Option<Subject> {
        let silence = self.silence().filter(|_| !self.status.debugger).map(|unanswered| {
            Subject::Silence { tenths: tenths(unanswered), limit: tenths(self.hang_limit) }
        });
        let problem = self.status.problem.as_ref().filter(|_| !self.away);
        let sheet = self.sheet.map(|_| Subject::Sheet);
        sheet.or(problem.map(|_| Subject::Problem)).or(silence.filter(|_| !self.away))
    }

    pub(super) fn heading(&self) -> Heading {
        if self.sheet.is_some() {
            return Heading { title: "keys", color: BLUE };
        }
        let (title, color) = match &self.status.problem {
            Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }) => {
                ("build failed", RED)
            }
            Some(Problem::CannotStart { .. }) => ("cannot start", RED),
            Some(Problem::Crashed { .. }) => ("crashed", RED),
            Some(Problem::NotResponding { .. }) | None => ("not responding", AMBER),
        };
        Heading { title, color }
    }

    /// Adds the panel's text.
    pub(super) fn body(&self, text: &mut Text) {
        let plain = Style::plain(TEXT);
        if let Some(sheet) = self.sheet {
            return text.add(sheet, plain);
        }
        if let Some(part) = self.status.part {
            text.add(&format!("package {part}"), Style::plain(MUTED));
        }
        match &self.status.problem {
            Some(
                Problem::BuildFailed { message }
                | Problem::CannotBuild { message }
                | Problem::CannotStart { message },
            ) => text.add(message, plain),
            Some(Problem::Crashed { generation, build, crash }) => {
                crash_body(crash, &whose(*generation, *build), text);
            }
            Some(Problem::NotResponding { generation, build, doing, limit, stack }) => {
                let limit = Seconds(tenths(*limit));
                text.add(&format!("{doing} took longer than {limit}"), Style::bold(STRONG));
                add_place(stack, text);
                text.add(&whose(*generation, *build), Style::plain(MUTED));
                add_stack(stack, text);
            }
            None => {
                let silence = Seconds(tenths(self.silence().unwrap_or_default()));
                let mut words = format!("\x1b[1mno answer for {silence}\x1b[m");
                if self.hang_limit < NO_LIMIT {
                    let limit = Seconds(tenths(self.hang_limit));
                    words += &format!(" · replaced after {limit}");
                }
                text.add(&words, plain);
            }
        }
    }

    /// Returns the line at the bottom of the panel: what is happening now.
    pub(super) fn hint(&self) -> &'static str {
        const LAST_GOOD: &str = "the last good build keeps running";
        const FIX: &str = "waiting for the next save";
        const STARTING: &str = "another generation is starting";
        const STAYS: &str = "the last picture stays until the next save";
        if self.sheet.is_some() {
            return "the keys are the window's: the program does not see them";
        }
        let Status { generation, build, activity, part_drawn, .. } = *self.status;
        let (drawing, drawn) = part_drawn.unwrap_or((generation, build));
        match &self.status.problem {
            Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }) if drawing > 0 => {
                LAST_GOOD
            }
            Some(Problem::BuildFailed { .. } | Problem::CannotBuild { .. }) => FIX,
            Some(_) if activity == Activity::Starting => STARTING,
            Some(Problem::CannotStart { .. }) if drawing > 0 => LAST_GOOD,
            Some(Problem::CannotStart { .. }) => FIX,
            Some(Problem::Crashed { build, .. } | Problem::NotResponding { build, .. }) => {
                if drawing > 0 && drawn < *build {
                    LAST_GOOD
                } else {
                    STAYS
                }
            }
            None => "the picture is the last frame received",
        }
    }

    /// Writes the text at the right of the panel's title: another activity or an unanswered tick.
    pub(super) fn aside(&self, subject: Subject, words: &mut String) {
        if let Some(answer) = self.answer {
            let _ = write!(words, "{}", FirstLine(answer));
            return;
        }
        if subject == Subject::Sheet {
            return;
        }
        let silence = self.silence().filter(|_| subject == Subject::Problem);
        let _ = match (silence, self.building()) {
            (Some(silence), _) => self.write_silence(silence, words),
            (None, Some(progress)) => write_building(progress, words),
            (None, None) if self.status.held => words.write_str("reload held"),
            (None, None) if subject == Subject::Problem => words.write_str(self.keys),
            (None, None) => Ok(()),
        };
    }

    /// Writes a note to show while there is no panel. No words mean no note.
    pub(super) fn remark(&self, corner: Corner, remark: &mut Remark) {
        remark.words.clear();
        (remark.accent, remark.bar) = (AMBER, None);
        let words = &mut remark.words;
        let _ = match corner {
            Corner::TopLeft if self.away && self.status.problem.is_some() => {
                remark.accent = RED;
                words.write_str(self.heading().title)
            }
            Corner::TopLeft => self.write_stopped(words),
            Corner::TopRight => {
                remark.accent = BLUE;
                let Some(progress) = self.building() else { return };
                let long = self.now.saturating_duration_since(progress.begun) > BAR_AFTER;
                if long && progress.total > 0 {
                    remark.bar = Some((progress.done.min(progress.total), progress.total));
                    let at_work = FirstLine(&progress.at_work);
                    write_building(progress, words)
                        .and_then(|()| write!(words, "\n\x1b[2m{at_work}"))
                } else {
                    words.write_str("building...")
                }
            }
            Corner::BottomLeft => {
                if self.recovered && self.status.recovered.is_some() {
                    remark.accent = GREEN;
                }
                self.write_news(words)
            }
        };
    }

    fn write_stopped(&self, words: &mut String) -> fmt::Result {
        if let Some(silence) = self.silence().filter(|_| self.status.debugger) {
            self.write_silence(silence, words)?;
        }
        for (is_so, word) in [(self.paused, "paused"), (self.status.held, "reload held")] {
            if is_so {
                let separator = if words.is_empty() { "" } else { "\n" };
                write!(words, "{separator}{word}")?;
            }
        }
        Ok(())
    }

    fn write_news(&self, words: &mut String) -> fmt::Result {
        if let Some(answer) = self.answer {
            return write!(words, "{}", FirstLine(answer));
        }
        if let Some(problem) = self.status.recovered.as_ref().filter(|_| self.recovered) {
            words.write_str("recovered")?;
            if let Some(part) = self.status.part {
                write!(words, " · {part}")?;
            }
            write!(words, "\n\x1b[2m{}", FirstLine(problem))?;
        }
        if let Some(report) = self.status.migration.as_ref().filter(|_| self.migrated) {
            let separator = if words.is_empty() { "" } else { "\x1b[m\n" };
            write!(words, "{separator}state carried over\n\x1b[2m{}", report.summary())?;
        }
        if self.notices {
            for notice in self.status.notices.iter().take(MOST_NOTICES) {
                let separator = if words.is_empty() { "" } else { "\x1b[m\n" };
                write!(words, "{separator}{}", FirstLine(notice))?;
            }
        }
        Ok(())
    }

    fn write_silence(&self, silence: Duration, words: &mut String) -> fmt::Result {
        let why = if self.status.debugger { "stopped in a debugger" } else { "no answer" };
        write!(words, "{why} for {}", Seconds(tenths(silence)))
    }

    /// Returns the time for which no tick has been answered, if it is long enough to report.
    fn silence(&self) -> Option<Duration> {
        self.unanswered.filter(|&unanswered| unanswered >= SHOWN_AFTER)
    }

    fn building(&self) -> Option<&Progress> {
        let runs = |begun| self.now.saturating_duration_since(begun);
        self.status.progress.as_ref().filter(|progress| runs(progress.begun) >= BUILDING_AFTER)
    }
}

fn whose(generation: u32, build: u32) -> String {
    format!("generation {generation}, build {build}")
}

fn crash_body(Crash { how, panic, stderr, stack }: &Crash, whose: &str, text: &mut Text) {
    text.add(how, Style::bold(STRONG));
    if panic.is_none() {
        add_place(stack, text);
    }
    text.add(whose, Style::plain(MUTED));
    if let Some(Panic { message, place }) = panic {
        text.add(&format!("\n\x1b[36mpanicked at {place}"), Style::plain(TEXT));
        text.add(message, Style::plain(TEXT));
    }
    add_stack(stack, text);
    if !stderr.is_empty() {
        text.add("\nlast lines of standard error", Style::bold(MUTED));
    }
    for line in &stderr[stderr.len().saturating_sub(LAST_LINES)..] {
        text.add(line, Style::plain(MUTED));
    }
}

/// Adds the place of a failure: the innermost function of the workspace.
fn add_place(stack: &[StackFrame], text: &mut Text) {
    if let Some(frame) = StackFrame::first_own(stack) {
        text.add(&format!("\x1b[36mat {frame}"), Style::plain(TEXT));
    }
}

fn add_stack(stack: &[StackFrame], text: &mut Text) {
    const MOST_LINES: usize = 24;
    if !stack.is_empty() {
        text.add("\nstack", Style::bold(MUTED));
    }
    for line in StackFrame::folded(stack).iter().take(MOST_LINES) {
        text.add(line, Style::plain(MUTED));
    }
}

fn write_building(progress: &Progress, words: &mut String) -> fmt::Result {
    match progress {
        Progress { total: 0, .. } => words.write_str("building..."),
        Progress { done, total, .. } => write!(words, "building {done}/{total}"),
    }
}

fn tenths(time: Duration) -> u64 {
    u64::try_from(time.as_millis() / 100).unwrap_or(u64::MAX)
}

/// A time in tenths of a second, displayed in seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0 / 10, self.0 % 10)
    }
}

/// Displays the beginning of a value's first line only, because a value may have megabytes.
struct FirstLine<T>(T);

impl<T: fmt::Display> fmt::Display for FirstLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The cut is an error: it stops the formatting before the rest is produced.
        let _ = write!(Cut { to: f, room: 300 }, "{}", self.0);
        Ok(())
    }
}

struct Cut<'c, 'f> {
    to: &'c mut fmt::Formatter<'f>,
    room: usize,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        for character in words.chars() {
            if character == '\n' || self.room == 0 {
                return Err(fmt::Error);
            }
            self.to.write_char(character)?;
            self.room -= 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the hint at the bottom of the panel and the text beside its title.
    fn around(status: &Status, unanswered: Option<Duration>) -> (&'static str, String) {
        let (now, hang_limit) = (Instant::now() + BUILDING_AFTER, Duration::MAX);
        let moment = Moment {
            status,
            unanswered,
            hang_limit,
            now,
            recovered: false,
            notices: false,
            migrated: false,
            away: false,
            sheet: None,
            answer: None,
            paused: false,
            keys: "",
        };
        let mut aside = String::new();
        moment.aside(moment.subject().expect("a panel"), &mut aside);
        (moment.hint(), aside)
    }

    #[test]
    fn the_panel_tells_what_goes_on_meanwhile() {
        let failed = || Some(Problem::BuildFailed { message: String::new() });
        let crashed =
            |build| Some(Problem::Crashed { generation: build, build, crash: Crash::default() });
        let drawing = || Status { generation: 2, build: 2, ..Status::default() };
        let (begun, at_work) = (Instant::now(), String::new());
        let progress = Some(Progress { begun, done: 1, total: 4, at_work });
        let starting = Activity::Starting;
        let silent = Some(SHOWN_AFTER);
        let table = [
            (Status { problem: failed(), ..Status::default() }, None, "waiting for", ""),
            (Status { problem: failed(), ..drawing() }, None, "the last good build", ""),
            (Status { problem: crashed(3), ..drawing() }, None, "the last good build", ""),
            (Status { problem: crashed(2), ..drawing() }, None, "the last picture stays", ""),
            (Status { problem: crashed(2), build: 0, ..drawing() }, None, "the last good", ""),
            (
                Status { problem: crashed(1), ..Status::default() },
                None,
                "the last picture stays",
                "",
            ),
            (
                Status { problem: crashed(2), activity: starting, ..drawing() },
                None,
                "another generation",
                "",
            ),
            (
                Status { problem: failed(), progress: progress.clone(), ..drawing() },
                None,
                "the last good build",
                "building 1/4",
            ),
            (
                Status { problem: failed(), progress, ..drawing() },
                silent,
                "the last good build",
                "no answer for 0.5 s",
            ),
            (
                Status { problem: failed(), debugger: true, ..drawing() },
                silent,
                "the last good build",
                "stopped in a debugger for 0.5 s",
            ),
            (Status { held: true, ..drawing() }, silent, "the picture is", "reload held"),
        ];
        for (status, unanswered, hint, aside) in table {
            let (found, beside) = around(&status, unanswered);
            assert!(found.starts_with(hint), "{found} for {status:?}");
            assert_eq!(beside, aside, "{status:?}");
        }
    }

    #[test]
    fn first_lines_are_cut() {
        assert_eq!(FirstLine("one\ntwo").to_string(), "one");
        assert_eq!(FirstLine("x".repeat(1 << 20)).to_string().len(), 300);
    }

    #[test]
    fn times_are_in_tenths() {
        let words = |time| Seconds(tenths(time)).to_string();
        assert_eq!(words(Duration::from_millis(1_399)), "1.3 s");
        assert_eq!(words(Duration::from_secs(62)), "62.0 s");
        assert_eq!(tenths(Duration::MAX), u64::MAX);
    }
}

//! File names of rescued states: `rescued-<application>-<time>-<process>.state`.

use super::claim;
use std::fs::DirEntry;
use std::time::SystemTime;

/// The parts of a file name, ordered by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::supervisor) struct Name {
    /// UTC time, as text that sorts: `2026-11-26T17-20-33Z`.
    pub(super) time: String,
    pub(super) application: String,
    pub(super) process: u32,
    pub(super) kind: Fate,
}

/// The fate of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Rescued,
    /// An owner has resumed from it.
    Resumed,
}

const FATES: [(Fate, &str); 2] = [(Fate::Rescued, "rescued-"), (Fate::Resumed, "resumed-")];
const END: &str = ".state";

impl Name {
    /// Creates the name for a state of this process, with the current time.
    pub(super) fn now(application: &str) -> Self {
        let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Name {
            // File names must not contain colons on Windows.
            time: time.replace(':', "-"),
            application: plain(application),
            process: std::process::id(),
            kind: Fate::Rescued,
        }
    }

    /// Parses the name of a file; returns `None` unless it is a regular file with a name of ours.
    pub(super) fn of(entry: &DirEntry) -> Option<Self> {
        claim::is_file(&entry.path()).then(|| Self::parse(entry.file_name().to_str()?))?
    }

    fn parse(name: &str) -> Option<Self> {
        let name = name.strip_suffix(END)?;
        let strip = |(kind, begin): (Fate, &str)| Some((kind, name.strip_prefix(begin)?));
        let (kind, rest) = FATES.into_iter().find_map(strip)?;
        let (rest, process) = rest.rsplit_once('-')?;
        // The time contains four hyphens.
        let at = rest.rmatch_indices('-').nth(4)?.0;
        let (application, time) = (&rest[..at], &rest[at + 1..]);
        let name = Name {
            time: time.to_owned(),
            application: application.to_owned(),
            process: process.parse().ok()?,
            kind,
        };
        let digits =
            |time: &str| time.bytes().all(|byte| byte.is_ascii_digit() || b"-TZ".contains(&byte));
        (time.len() == 20 && digits(time)).then_some(name)
    }

    pub(in crate::supervisor) fn file(&self) -> String {
        let Name { time, application, process, kind } = self;
        let begin = FATES.iter().find(|(it, _)| it == kind).map_or("", |(_, begin)| begin);
        format!("{begin}{application}-{time}-{process}{END}")
    }
}

/// Returns an application's name with all characters replaced that do not belong into a file name.
pub(super) fn plain(application: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    application.chars().map(|it| if is_plain(it) || it == '-' { it } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_others_are_not_ours() {
        let name = Name::now("my-app/é");
        assert_eq!(name.application, "my-app__");
        assert_eq!(Name::parse(&name.file()), Some(name.clone()));
        let used = Name { kind: Fate::Resumed, ..name.clone() };
        assert!(used.file().starts_with("resumed-my-app__-20"), "{}", used.file());
        assert_eq!(Name::parse(&used.file()), Some(used));
        let earlier = Name { time: "2001-01-01T00-00-00Z".to_owned(), ..name.clone() };
        assert!(earlier < name);
        for foreign in [
            "rescued-demo.state",
            "rescued-demo-2026.state",
            "my-rescued-demo-2026-11-26T17-20-33Z-7.state",
            "rescued-demo-2026-11-26T17-20-33Z-7.state.bak",
            "rescued-demo-2026-11-26T17-20-xxZ-7.state",
        ] {
            assert_eq!(Name::parse(foreign), None, "{foreign}");
        }
    }
}

//! Checks, for tests and fuzzing, of the code that reads the output of compilers, cargo and other
//! programs; the output may be any bytes.

use super::artifact::{ArtifactKind, check_object};
use super::{Report, cargo, dep_info, progress};
use crate::lock::lock;
use object::read::File as Object;
use object::{Object as _, ObjectSection as _};
use std::io::{self, BufReader, Cursor, Read};
use std::sync::{Arc, Mutex};

/// Checks bytes as cargo's standard output: the lines after them are still read.
pub(crate) fn play_messages(bytes: &[u8]) {
    let read = |bytes: &[u8]| {
        let mut messages = cargo::Messages::default();
        messages.take(BufReader::with_capacity(64, bytes), &[], |_| ());
        messages
    };
    let found = read(bytes);
    let said = || found.errors.iter().chain(&found.warnings);
    let rendered = said().map(|said| said.rendered.len()).sum::<usize>();
    let files = said().flat_map(|said| &said.files).map(|file| file.as_os_str().len());
    let (files, room) = (files.sum::<usize>(), 3 * bytes.len());
    // For a missing file, the folder precedes the name.
    assert!(
        rendered <= room && files <= 2 * room,
        "{rendered} and {files} of {} bytes",
        bytes.len()
    );
    let more = read(&[bytes, b"\n", cargo::ARTIFACT.as_bytes(), b"\n"].concat());
    assert_eq!(more.artifacts.len(), found.artifacts.len() + 1, "the line behind is not read");
    let last = more.artifacts.last().map(|artifact| artifact.target.name.as_str());
    assert_eq!(last, Some("a"));
}

/// Checks bytes as cargo's standard error: numbers are possible, words can be shown, and the result
/// does not depend on how the bytes are split.
pub(crate) fn play_progress(bytes: &[u8]) {
    let (reports, errors) = forwarded(bytes);
    for (done, total, at_work) in &reports {
        assert!(done <= total && *total > 0, "{done} of {total}");
        assert!(at_work.len() <= 4096, "{} bytes at work", at_work.len());
        assert!(!at_work.contains(char::is_control), "{at_work:?}");
    }
    assert!(reports.len() <= bytes.len() / 8, "{} reports", reports.len());
    assert!(errors.len() <= 3 * bytes.len() + 1, "{} bytes of errors", errors.len());
    assert_eq!(forwarded(OneByOne(bytes)), (reports, errors), "one byte after the other");
}

type Told = (u32, u32, String);

fn forwarded(pipe: impl Read) -> (Vec<Told>, String) {
    let told = Arc::<Mutex<Vec<Told>>>::default();
    let teller = told.clone();
    let report: Report = Box::new(move |done, total, at_work| {
        lock(&teller).push((done, total, at_work));
    });
    let (errors, _) = progress::forward(pipe, &Mutex::new(report));
    let told = std::mem::take(&mut *lock(&told));
    (told, errors)
}

/// A pipe with a slow writer.
struct OneByOne<'b>(&'b [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = to.len().min(1);
        self.0.read(&mut to[..len])
    }
}

/// Checks bytes as a dep-info file: paths are pieces of it, and names are found in the form that
/// the compiler writes.
pub(crate) fn play_dep_info(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let sources = dep_info::sources_of(&text);
    let length = sources.iter().map(|path| path.as_os_str().len()).sum::<usize>();
    assert!(length <= text.len(), "{length} bytes of paths in {}", text.len());
    assert!(sources.iter().all(|path| !path.as_os_str().is_empty()));

    let ends_well = |name: &&str| !name.is_empty() && !name.ends_with('\\');
    let names = text.split(['\n', '\r', '\0']).filter(ends_well).collect::<Vec<_>>();
    let rule = names.iter().map(|name| format!(" {}", name.replace(' ', "\\ ")));
    let (rule, value) = (rule.collect::<String>(), text.replace(['\n', '\r'], ""));
    let rules = format!("/w/target/hot/a:{rule}\n\n/w/src/main.rs:\n\n# env-dep:A={value}\n");
    let found = dep_info::sources_of(&rules);
    let found = found.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>();
    assert_eq!(found, names, "{rules:?}");
}

/// Checks bytes as a program or library: a file that counts as complete no longer does without its
/// end.
pub(crate) fn play_object(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let kind = if kind.is_multiple_of(2) { ArtifactKind::Program } else { ArtifactKind::Part };
    let check = |bytes: &[u8]| {
        let start = &bytes[..bytes.len().min(64)];
        check_object(start, Cursor::new(bytes), bytes.len() as u64, kind)
    };
    match check(bytes) {
        Err(reason) => assert!(!reason.is_empty() && reason.len() < 1000, "{reason}"),
        Ok(()) => {
            // A script, or a program for several machines.
            let Ok(object) = Object::parse(bytes) else { return };
            let ranges = object.sections().filter_map(|section| section.file_range());
            let ends = ranges.map(|(offset, length)| offset.saturating_add(length));
            let end = usize::try_from(ends.max().unwrap_or(0)).unwrap_or(usize::MAX);
            assert!(end <= bytes.len(), "{end} bytes of {}", bytes.len());
            if end > 64 {
                assert!(check(&bytes[..end - 1]).is_err(), "without its last byte");
            }
        }
    }
}

//! Checks for tests and fuzzing: text from other programs, in pictures of any size.

use super::Overlay;
use super::text::{Style, Text};
use super::wrap::{cut, wrap};
use crate::status::{Crash, Doing, Panic, Problem, Progress, StackFrame, Status};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lays out text and shows it. Checks that no row is wider than the available columns, that no
/// letter is a control character, and that the numbers of rows and letters are bounded.
pub(crate) fn play(bytes: &[u8]) {
    let (head, bytes) = bytes.split_at(bytes.len().min(5));
    let head: [u8; 5] = std::array::from_fn(|index| head.get(index).copied().unwrap_or(0));
    let [columns, width, height, kind, part] = head;
    let words = String::from_utf8_lossy(bytes);
    laid_out(&words, columns.into());
    let size = (2 * u32::from(width), 2 * u32::from(height));
    shown(&words, kind, usize::from(part), size);
}

fn laid_out(words: &str, columns: usize) {
    let mut text = Text::default();
    text.add(words, Style::plain(0));
    text.add(words, Style::bold(0));
    let letters = text.letters();
    assert!(letters.iter().all(|letter| !char::from(letter.code).is_control()));
    assert!(letters.len() <= 4 * 2 * words.len().min(64 << 10) + 100, "{} letters", letters.len());
    assert!(text.lines().count() <= 2_001 && letters.len() <= (64 << 10) + 100);
    let rows = wrap(&text, columns);
    assert!(rows.len() <= 8_000, "{} rows", rows.len());
    assert!(rows.iter().all(|row| row.columns() <= columns.max(1)), "more than {columns} columns");
    if rows.len() < 8_000 {
        let ink = |range: std::ops::Range<usize>| {
            letters[range].iter().filter(|letter| letter.code != b' ').count()
        };
        let laid_out = rows.iter().map(|row| ink(row.letters.clone())).sum::<usize>();
        assert_eq!(laid_out, ink(0..letters.len()), "letters are lost");
    }
    assert!(cut(&text, columns).iter().all(|row| row.columns() <= columns));
}

fn shown(words: &str, kind: u8, part: usize, size: (u32, u32)) {
    let mut middle = part * words.len() / 256;
    while !words.is_char_boundary(middle) {
        middle -= 1;
    }
    let (before, behind) = words.split_at(middle);
    let (before, behind) = (before.to_owned(), behind.to_owned());
    let mut status = Status { generation: 1, build: 1, ..Status::default() };
    let begun = Instant::now();
    match kind % 6 {
        0 => status.problem = Some(Problem::BuildFailed { message: words.to_owned() }),
        1 => {
            let panic = Some(Panic { message: before, place: behind.clone() });
            let stderr = behind.lines().map(str::to_owned).collect();
            let crash = Crash { panic, stderr, ..Crash::default() };
            status.problem = Some(Problem::Crashed { generation: 1, build: 1, crash });
        }
        2 => {
            let (done, total) = (u32::from(kind), u32::from(kind) * 2 % 256);
            status.progress = Some(Progress { begun, done, total, at_work: words.to_owned() });
        }
        3 => status.notices = vec![before, behind],
        4 => {
            let crash = Crash { how: before, stderr: vec![behind], ..Crash::default() };
            status.recovered = Some(Problem::Crashed { generation: 1, build: 1, crash });
        }
        _ => {
            let limit = Duration::from_secs(2);
            let doing = Doing::Drawing;
            let frame = |is_own| StackFrame {
                function: before.clone(),
                place: Some(behind.clone()),
                is_own,
            };
            let stack = [true, false, false].map(frame).to_vec();
            let silent = Problem::NotResponding { generation: 1, build: 1, doing, limit, stack };
            (status.problem, status.notices) = (Some(silent), vec![words.to_owned()]);
        }
    }
    let (status, picture) = (Arc::new(status), vec![0; size.0 as usize * size.1 as usize]);
    let mut overlay = Overlay::default();
    for seconds in 1..4 {
        let now = begun + Duration::from_secs(seconds);
        overlay.update(&status, None, Duration::from_secs(2), now);
        let composed = overlay.composite(&picture, size.0, size.1, true);
        let drawn = composed == Some(true);
        assert!(!drawn || overlay.pixels().len() == picture.len(), "{size:?}");
        overlay.scroll(f32::from(kind) - 100.0);
    }
}

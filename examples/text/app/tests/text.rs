//! Tests of the program as a user runs it: its next line comes from the newest source, and the
//! count continues.
#![allow(missing_docs, reason = "a program of its own")]

use examples_support::Workspace;
use std::path::Path;

const STEP: &str = "examples/text/step";
const SOURCE: &str = "examples/text/step/src/lib.rs";

fn workspace(name: &str) -> Workspace {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Workspace::new(all, name, &[STEP], &[], env!("CARGO_BIN_EXE_text-app"))
}

#[test]
fn the_next_line_is_that_of_the_newest_source_and_the_count_goes_on() {
    let workspace = workspace("steps");
    let program = workspace.run(&[]);
    assert_eq!(program.line(), "step 1");
    assert_eq!(program.line(), "step 2");
    workspace.edit(SOURCE, "\"step {}\"", "\"and now {}\"");
    let mut last = 2;
    let first = loop {
        let line = program.line();
        match line.strip_prefix("step ") {
            Some(number) => {
                assert_eq!(number.parse(), Ok(last + 1), "no step is left out or done twice");
                last += 1;
            }
            None => break line,
        }
    };
    assert_eq!(first, format!("and now {}", last + 1));
}

#[test]
fn a_question_is_answered_by_the_newest_source() {
    /// Returns question and answer of a line. The first question may have been asked before there
    /// was a renderer.
    fn answered(line: &str) -> Option<(u64, u64)> {
        let (question, answer) = line.split_once(": ")?;
        Some((question.parse().ok()?, answer.parse().ok()?))
    }
    let workspace = workspace("questions");
    let program = workspace.run(&["--ask"]);
    let line = program.until(|line| answered(line).is_some());
    let (number, answer) = answered(&line).expect("an answer");
    assert_eq!(answer, number * (number + 1) / 2, "{line}");
    workspace.edit(SOURCE, "(1..=number).sum()", "1000 + number");
    program.until(|line| answered(line).is_some_and(|(number, answer)| answer == 1000 + number));
}

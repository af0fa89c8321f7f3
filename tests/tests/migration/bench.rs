//! A renderer whose types are edited, and its reports of its state.

use super::support::{Driver, LIMIT, Workbench, renderers};
use hot_reload::{Event, Key, Owner, OwnerBuilder, status::Problem};
use std::time::Instant;
use two_process_tests::clay::{Arguments, Ask, Clay, Flow, Word, render};

/// Path of the source with the types.
pub(crate) const SOURCE: &str = "src/clay.rs";
/// Replacement for the code that fills a fresh state, which does not compile once the fields have
/// changed.
const NOTHING: &str = "//! Nothing is filled.\n\
    /// Nothing.\npub fn fill(_: &mut hot_reload::Frame<'_, crate::clay::Clay>) {}\n";

/// An owner that keeps running through all changes of the types.
pub(crate) struct Bench {
    pub(crate) driver: Driver<Clay>,
    pub(crate) workbench: Workbench,
    base: String,
    /// Number of the last edit.
    pub(crate) edition: u32,
    /// Messages of the renderer that have not been read yet.
    pub(crate) words: Vec<Word>,
}

/// A renderer's report of its state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) generation: u32,
    pub(crate) text: String,
    pub(crate) flow: Flow,
}

impl Bench {
    pub(crate) fn start() -> Self {
        Self::start_with(|builder| builder)
    }

    /// Starts with values that differ from a fresh state, and makes the first edit.
    pub(crate) fn start_with(set: impl FnOnce(OwnerBuilder<Clay>) -> OwnerBuilder<Clay>) -> Self {
        let workbench = Workbench::of("clay");
        let base = workbench.read(SOURCE);
        let builder = Owner::builder(Arguments { heights: 4 }).size(64, 48);
        let builder = builder.workspace(&workbench.folder).program_arguments(["clay".into()]);
        let driver = Driver::new(set(builder).start(render).unwrap());
        let mut bench = Bench { driver, workbench, base, edition: 0, words: Vec::new() };
        bench.driver.until("the first state", |driver| driver.owner.state().is_some());
        bench.workbench.write("src/clay_first.rs", NOTHING);
        bench.save(&[]);
        bench.drawn();
        bench
    }

    /// Saves the original source with some texts replaced.
    pub(crate) fn save(&mut self, edits: &[(&str, &str)]) {
        self.edition += 1;
        let edition = format!("EDITION: u32 = {};", self.edition);
        let mut source = self.base.replace("EDITION: u32 = 0;", &edition);
        for (from, to) in edits {
            assert!(source.contains(from), "{SOURCE} does not contain `{from}`");
            source = source.replacen(from, to, 1);
        }
        self.workbench.write(SOURCE, &source);
    }

    /// Waits until the last edit draws, and the previous generation has ended.
    pub(crate) fn drawn(&mut self) {
        let edition = self.edition;
        // An earlier problem stays until the new generation draws.
        let known = self.driver.owner.status().problem.clone();
        self.driver.until(&format!("edit {edition}"), |driver| {
            let problem = driver.owner.status().problem.as_ref();
            if let Some(problem) = problem.filter(|it| known.as_ref() != Some(it)) {
                panic!("edit {edition}: {problem}");
            }
            let by = driver.owner.status().generation;
            driver.color() == edition && driver.drawn_by() == by && renderers().len() == 1
        });
    }

    /// Saves, waits until the edit draws, and returns the state.
    pub(crate) fn change(&mut self, edits: &[(&str, &str)]) -> Shown {
        self.save(edits);
        self.drawn();
        self.shown()
    }

    /// Returns the current state.
    pub(crate) fn shown(&mut self) -> Shown {
        self.driver.owner.send(Ask::Show).unwrap();
        let mut shown = None;
        let words = &mut self.words;
        self.driver.until("the state in words", |driver| {
            for word in driver.owner.messages() {
                match word {
                    Word::Shown { generation, text, flow } => {
                        let text = text.as_str().to_owned();
                        shown = Some(Shown { generation, text, flow });
                    }
                    word => words.push(word),
                }
            }
            shown.is_some()
        });
        let shown = shown.unwrap();
        // The renderer's answer can arrive before the supervisor's report of it.
        self.driver.until("the status of who answered", |driver| {
            driver.owner.status().generation >= shown.generation
        });
        shown
    }

    /// Returns the report on the fields, one line each; empty if the layout was the same.
    pub(crate) fn report(&self) -> Vec<String> {
        let report = self.driver.owner.status().migration.as_ref();
        report.map_or(Vec::new(), |report| report.to_string().lines().map(str::to_owned).collect())
    }

    /// Waits until the counters satisfy a condition.
    pub(crate) fn until_flow(&mut self, what: &str, holds: impl Fn(&Flow) -> bool) {
        let begin = Instant::now();
        while !holds(&self.shown().flow) {
            assert!(begin.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        }
    }

    /// Waits for a problem and returns it.
    pub(crate) fn problem(&mut self) -> Problem {
        self.driver.until("a problem", |driver| driver.owner.status().problem.is_some());
        self.driver.owner.status().problem.clone().unwrap()
    }

    pub(crate) fn tap(&mut self, key: Key) {
        self.driver.input.events = vec![Event::KeyDown(key), Event::KeyUp(key)];
        self.driver.tick();
    }
}

impl Shown {
    /// Asserts that the text contains some words.
    pub(crate) fn says(&self, wanted: &str) {
        assert!(self.text.contains(wanted), "no `{wanted}` in\n{}", self.text);
    }
}

/// Asserts that a report contains these lines.
pub(crate) fn assert_lines(report: &[String], wanted: &[&str]) {
    for line in wanted {
        let found = report.iter().any(|it| it == line);
        assert!(found, "no line `{line}` in\n{}", report.join("\n"));
    }
}

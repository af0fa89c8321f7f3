//! The strip along the picture's lower edge: shows which generation and build drew it, whether
//! there is a newer one, and how long each step of its reload took, as words and as a bar.

use super::font::Face;
use super::palette::{self, RULE, TEXT};
use super::surface::{Area, Surface};
use super::text::{Style, Text};
use crate::history::{Cause, Reload, Step};
use crate::status::{Activity, Status};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// The strip's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// Package of the part that drew the picture, if there are several parts.
    part: Option<&'static str>,
    /// Generation that drew the picture; 0 before the first.
    generation: u32,
    build: u32,
    /// The reload that led to this generation, once it is recorded.
    reload: Option<Reload>,
    newer: Newer,
    /// Reason why the last build needed cargo.
    by_cargo: Option<Arc<str>>,
}

/// State of the work on anything newer than the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Newer {
    Nothing,
    Building,
    Starting,
    Failed,
}

impl Drawn {
    pub(crate) fn new(
        generation: u32,
        build: u32,
        reload: Option<&Reload>,
        status: &Status,
    ) -> Self {
        let newer = match (status.activity, &status.problem) {
            (Activity::Building, _) => Newer::Building,
            (Activity::Starting, _) => Newer::Starting,
            (Activity::Idle, Some(_)) => Newer::Failed,
            (Activity::Idle, None) => Newer::Nothing,
        };
        let build = reload.map_or(build, Reload::build);
        let by_cargo = status.by_cargo.clone();
        Drawn { part: None, generation, build, reload: reload.copied(), newer, by_cargo }
    }

    /// Names the part that this is about, for an application of several parts.
    pub(crate) fn of(self, package: &'static str) -> Self {
        Drawn { part: Some(package), ..self }
    }

    fn write(&self, words: &mut String) {
        let Drawn { generation, build, newer, .. } = *self;
        let newer = match newer {
            Newer::Nothing => "\x1b[32mlive\x1b[m",
            Newer::Building => "\x1b[33ma newer one is building\x1b[m",
            Newer::Starting => "\x1b[33ma newer one is starting\x1b[m",
            Newer::Failed => "\x1b[31ma newer one failed\x1b[m",
        };
        if let Some(part) = self.part {
            let _ = write!(words, "{part} · ");
        }
        let _ = match generation {
            0 => words.write_str("no picture yet"),
            _ => write!(words, "generation {generation} build {build} · {newer}"),
        };
        self.write_reload(words);
        if let Some(reason) = &self.by_cargo {
            let _ = write!(words, " · by cargo: {reason}");
        }
    }

    fn write_reload(&self, words: &mut String) {
        let Some(reload) = &self.reload else { return };
        // A window of 800 pixels has room for 87 letters.
        let _ = match reload.cause() {
            Cause::Save => words.write_str(" · "),
            cause => write!(words, " · {cause} "),
        };
        let _ = write!(words, "{} ms:", reload.total().as_millis());
        for part in PARTS {
            let spans = reload.spans().filter(|(step, _)| part.steps.contains(step));
            let took = spans.map(|(_, took)| took).sum::<Duration>().as_millis();
            if took > 0 {
                let BarPart { name, color, .. } = part;
                let _ = write!(words, " \x1b[38;5;{color}m{name} {took}\x1b[m");
            }
        }
    }
}

/// Several steps under one name and one numbered color. Every other step has the brighter version
/// of the color.
struct BarPart {
    name: &'static str,
    color: u16,
    steps: &'static [Step],
}

const PARTS: [BarPart; 5] = [
    BarPart { name: "notice", color: 7, steps: &[Step::BuildStarted] },
    BarPart {
        name: "build",
        color: 4,
        steps: &[Step::CompilerStarted, Step::CompilerFinished, Step::BuildFinished],
    },
    BarPart { name: "start", color: 5, steps: &[Step::Spawned, Step::Attached, Step::Ready] },
    BarPart { name: "draw", color: 2, steps: &[Step::Cut, Step::Published] },
    BarPart { name: "show", color: 3, steps: &[Step::Presented] },
];

/// Returns the color for the time that led to a step.
fn color(step: Step) -> u32 {
    let part = PARTS.iter().find(|part| part.steps.contains(&step));
    let place = part.and_then(|part| part.steps.iter().position(|it| *it == step));
    let brighter = if place.is_some_and(|place| place % 2 == 1) { 8 } else { 0 };
    part.map_or(RULE, |part| palette::indexed(part.color + brighter))
}

/// The strip's content as letters; empty while the strip is off.
#[derive(Default)]
pub(super) struct Strip {
    drawn: Option<Drawn>,
    words: String,
    text: Text,
}

impl Strip {
    /// Replaces the content, which may be `None`, and returns whether that changes anything.
    pub(super) fn say(&mut self, drawn: Option<Drawn>) -> bool {
        if self.drawn == drawn {
            return false;
        }
        self.drawn = drawn;
        self.words.clear();
        self.text.clear();
        if let Some(drawn) = &self.drawn {
            drawn.write(&mut self.words);
            self.text.add(&self.words, Style::plain(TEXT));
        }
        true
    }

    pub(super) fn is_on(&self) -> bool {
        self.drawn.is_some()
    }

    /// Returns the strip's height, at most a quarter of the picture's.
    pub(super) fn height(&self, picture: usize, face: &Face) -> usize {
        let whole = bar(face) + face.line() + face.factor();
        if self.is_on() { whole.min(picture / 4) } else { 0 }
    }

    pub(super) fn draw(&self, surface: &mut Surface, face: &Face) {
        let Some(drawn) = &self.drawn else { return };
        let (width, height) = surface.size();
        let own = self.height(height, face);
        let area = Area { x: 0, y: height - own, width, height: own };
        surface.shade(area);
        let lane = Area { height: bar(face).min(own), ..area };
        surface.fill(lane, RULE);
        if let Some(reload) = &drawn.reload {
            draw_bar(reload, lane, surface);
        }
        let place = (face.cell().0, area.y + bar(face) + face.factor());
        surface.write(place, self.text.letters().iter().copied(), face);
    }
}

/// Returns the height of the bar.
fn bar(face: &Face) -> usize {
    4 * face.factor()
}

/// Draws each step with a width proportional to its time.
fn draw_bar(reload: &Reload, lane: Area, surface: &mut Surface) {
    let total = reload.total().as_secs_f64();
    let mut x = 0;
    for (step, at) in reload.steps().skip(1) {
        let part = if total > 0.0 { at.as_secs_f64() / total } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, reason = "not negative, and clamped")]
        let end = ((lane.width as f64 * part).round() as usize).clamp(x, lane.width);
        surface.fill(Area { x: lane.x + x, width: end - x, ..lane }, color(step));
        x = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Times;
    use std::time::Instant;

    #[test]
    fn every_step_but_the_first_has_a_part() {
        for step in Step::ALL.into_iter().skip(1) {
            let parts = PARTS.iter().filter(|part| part.steps.contains(&step)).count();
            assert_eq!(parts, 1, "{step}");
            assert_ne!(color(step), RULE, "{step}");
        }
    }

    #[test]
    fn it_says_who_drew_and_whether_that_is_the_newest() {
        let begun = Instant::now();
        let mut times = Times::default();
        let steps = [
            (Step::Noticed, 0),
            (Step::BuildStarted, 4),
            (Step::CompilerStarted, 24),
            (Step::CompilerFinished, 240),
            (Step::BuildFinished, 254),
            (Step::Spawned, 255),
            (Step::Ready, 276),
            (Step::Published, 300),
            (Step::Presented, 312),
        ];
        for (step, at) in steps {
            times[step as usize] = Some(begun + Duration::from_millis(at));
        }
        let reload = Reload::new(7, 5, Cause::Save, times).unwrap();
        let said_of = |drawn: Drawn| {
            let mut words = String::new();
            drawn.write(&mut words);
            let mut text = Text::default();
            text.add(&words, Style::plain(TEXT));
            text.letters().iter().map(|letter| char::from(letter.code)).collect::<String>()
        };
        let drawn = |generation, reload: Option<&Reload>, status: &Status| {
            Drawn::new(generation, status.build, reload, status)
        };
        let said = |generation, reload: Option<&Reload>, status: &Status| {
            said_of(drawn(generation, reload, status))
        };
        let mut status = Status { generation: 8, build: 6, ..Status::default() };
        assert_eq!(
            said(7, Some(&reload), &status),
            "generation 7 build 5 · live · 312 ms: notice 4 build 250 start 22 draw 24 show 12"
        );
        status.activity = Activity::Building;
        assert_eq!(said(8, None, &status), "generation 8 build 6 · a newer one is building");
        status.activity = Activity::Starting;
        assert_eq!(said(8, None, &status), "generation 8 build 6 · a newer one is starting");
        status.activity = Activity::Idle;
        status.problem =
            Some(crate::status::Problem::BuildFailed { message: "error: no".to_owned() });
        assert_eq!(said(8, None, &status), "generation 8 build 6 · a newer one failed");
        assert_eq!(said(0, None, &status), "no picture yet");
        status.by_cargo = Some("a.rs is gone".into());
        assert_eq!(
            said(8, None, &status),
            "generation 8 build 6 · a newer one failed · by cargo: a.rs is gone"
        );
        status.by_cargo = None;
        let of_part = said_of(drawn(8, None, &status).of("view"));
        assert_eq!(of_part, "view · generation 8 build 6 · a newer one failed");
    }
}

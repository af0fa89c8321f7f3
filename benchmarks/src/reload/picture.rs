//! The results as a picture: for each size one bar per system, as a ratio to `cargo build`.

use super::{Entry, Race, Run};
use crate::contest::{BASELINE, OURS};
use crate::environment;

const WIDTH: f64 = 900.0;
/// Horizontal position and maximum length of the bars.
const LEFT: f64 = 230.0;
const REACH: f64 = 540.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 56.0;
const TITLE: f64 = 34.0;
/// Limit on the ratio. Longer bars are cut off and marked, because the short bars matter.
const MOST: f64 = 6.0;

/// Returns the picture as SVG.
pub(super) fn svg(run: &Run) -> String {
    let rows: usize = run.races.iter().map(|race| race.entries.len()).sum();
    let height = HEAD + rows as f64 * ROW + run.races.len() as f64 * TITLE + 20.0;
    let scale = Scale::of(run);
    let mut body = String::new();
    let mut top = HEAD;
    for race in &run.races {
        body += &group(race, top, scale);
        top += TITLE + race.entries.len() as f64 * ROW;
    }
    let machine = environment::machine();
    let processor = machine.iter().find(|(name, _)| *name == "processor");
    let processor = processor.map_or("", |(_, value)| value);
    let quick = if run.is_quick { ", two edits only: not a measurement" } else { "" };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"16\" font-weight=\"bold\">From save to effect, as a ratio \
         to the median of {BASELINE}</text>\n\
         <text x=\"16\" y=\"42\" fill=\"#666666\">bar: median; line: to its p95; {} edits each, in turn; {}{quick}\
         </text>\n{body}</svg>\n",
        run.edits,
        escaped(processor),
    )
}

/// Number of pixels for a ratio of 1.
#[derive(Clone, Copy)]
struct Scale {
    most: f64,
}

impl Scale {
    fn of(run: &Run) -> Self {
        let ratios = run
            .races
            .iter()
            .flat_map(|race| race.entries.iter().filter_map(|entry| worst(race, entry)));
        Scale { most: ratios.fold(1.5, f64::max).min(MOST) }
    }

    fn at(self, ratio: f64) -> f64 {
        LEFT + ratio.min(self.most) / self.most * REACH
    }
}

fn group(race: &Race, top: f64, scale: Scale) -> String {
    let bottom = top + TITLE + race.entries.len() as f64 * ROW - 6.0;
    let first = top + TITLE - 6.0;
    let mut text = format!(
        "<text x=\"16\" y=\"{}\" font-size=\"14\" font-weight=\"bold\">{} ({} lines)</text>\n",
        top + 20.0,
        race.size.name(),
        race.size.lines(),
    );
    let mut mark = 1.0;
    while mark <= scale.most {
        let (x, color) = (scale.at(mark), if mark == 1.0 { "#888888" } else { "#e4e4e4" });
        text += &format!(
            "<line x1=\"{x:.1}\" y1=\"{first}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"{color}\"/>\n\
             <text x=\"{x:.1}\" y=\"{}\" fill=\"#888888\" text-anchor=\"middle\" font-size=\"10\">{mark}</text>\n",
            first - 3.0,
        );
        mark += 1.0;
    }
    for (number, entry) in race.entries.iter().enumerate() {
        text += &bar(race, entry, top + TITLE + number as f64 * ROW, scale);
    }
    text
}

fn bar(race: &Race, entry: &Entry, top: f64, scale: Scale) -> String {
    let name = entry.system.name;
    let middle = top + ROW / 2.0 - 3.0;
    let weight = if name == OURS { "bold" } else { "normal" };
    let mut text = format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-weight=\"{weight}\">{}</text>\n",
        LEFT - 8.0,
        middle + 4.0,
        escaped(name),
    );
    let values = (race.ratio(entry, 50), worst(race, entry), entry.samples.percentile(50));
    let (Some(median), Some(far), Some(ms)) = values else {
        let why = if entry.failure.as_deref().is_some_and(|it| it.contains("not installed")) {
            "not installed"
        } else {
            "n/a"
        };
        let (x, y) = (LEFT + 6.0, middle + 4.0);
        return text + &format!("<text x=\"{x}\" y=\"{y}\" fill=\"#999999\">{why}</text>\n");
    };
    let color = match name {
        OURS => "#d9480f",
        name if name.starts_with("cargo build") => "#9a9a9a",
        _ => "#4c7fb0",
    };
    let cut = if far > scale.most { " →" } else { "" };
    let (end, far) = (scale.at(median), scale.at(far));
    let label = |style: &str| {
        let (x, y) = (far.max(end) + 6.0, middle + 4.0);
        format!("<text x=\"{x:.1}\" y=\"{y}\"{style}>{median:.2} × ({ms:.0} ms){cut}</text>")
    };
    text += &format!(
        "<rect x=\"{LEFT}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{color}\"/>\n\
         <path d=\"M{end:.1} {middle}H{far:.1}M{far:.1} {}v8\" stroke=\"#222222\" fill=\"none\"/>\n\
         {}\n{}\n",
        top,
        end - LEFT,
        ROW - 6.0,
        middle - 4.0,
        // First in wide white strokes, so that no grid line runs through the text.
        label(" stroke=\"#ffffff\" stroke-width=\"4\""),
        label(""),
    );
    text
}

/// Returns a system's p95 relative to the median of `cargo build`, so that the line continues the
/// bar.
fn worst(race: &Race, entry: &Entry) -> Option<f64> {
    let baseline = race.entry(BASELINE)?.samples.percentile(50)?;
    Some(entry.samples.percentile(95)? / baseline)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

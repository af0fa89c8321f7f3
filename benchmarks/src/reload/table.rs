//! The results as a page.

use super::bounds::bounds;
use super::{Entry, Race, Run};
use crate::contest::BASELINE;
use crate::environment;

/// Returns the whole page in Markdown.
pub(super) fn markdown(run: &Run) -> String {
    let mut page = "# From save to effect\n\n".to_owned();
    page += "Written by `cargo run --release`; what is measured, and what is not fair about it, is in \
             [README.md](../README.md).\n";
    if run.is_quick {
        page += "Two edits: this shows that it works, not how fast it is.\n";
    }
    page += &format!(
        "Every edit on every system in turn, {} edits each. Ratios are to `{BASELINE}` of the same \
         size, median to median and p95 to p95.\n\n",
        run.edits
    );
    page += &environment::table(&run.load);
    for race in &run.races {
        page += &section(race);
    }
    page += &verdicts(run);
    page
}

fn section(race: &Race) -> String {
    let mut text = format!("\n## {}: {} lines\n\n", race.size.name(), race.size.lines());
    text += "| system | seen at | p50 ms | p95 ms | min ms | p50 ratio | p95 ratio | |\n";
    text += "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n";
    for entry in &race.entries {
        text += &row(race, entry);
    }
    text
}

fn row(race: &Race, entry: &Entry) -> String {
    let ms = |value: Option<f64>| value.map_or("n/a".to_owned(), |value| format!("{value:.0}"));
    let times = |value: Option<f64>| value.map_or("n/a".to_owned(), |value| format!("{value:.2}"));
    let samples = &entry.samples;
    let missed = (entry.missed > 0).then(|| format!("{} edits not seen", entry.missed));
    // A `|` would end the cell, and a line break the table.
    let failure = entry.failure.as_ref().map(|text| text.replace('|', "/").replace('\n', " "));
    let remarks: Vec<_> = missed.into_iter().chain(failure).collect();
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
        entry.system.name,
        entry.system.seen,
        ms(samples.percentile(50)),
        ms(samples.percentile(95)),
        ms(samples.least()),
        times(race.ratio(entry, 50)),
        times(race.ratio(entry, 95)),
        remarks.join("; "),
    )
}

fn verdicts(run: &Run) -> String {
    let bounds: Vec<_> = run.races.iter().flat_map(bounds).collect();
    if bounds.is_empty() || run.is_quick {
        return String::new();
    }
    let mut text = "\n## Bounds\n\n| bound | measured | |\n| --- | --- | --- |\n".to_owned();
    for bound in bounds {
        let verdict = if bound.is_met { "met" } else { "**missed**" };
        text += &format!("| {} | {} | {verdict} |\n", bound.words, bound.measured);
    }
    text
}

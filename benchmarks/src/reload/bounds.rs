//! The promised bounds of a reload, and whether this run has met them.

use super::Race;
use crate::contest::{BASELINE, OURS};
use crate::source::Size;

/// A promise for one size.
pub(super) struct Bound {
    pub(super) words: String,
    pub(super) measured: String,
    pub(super) is_met: bool,
}

/// Returns the bounds of a size that can be judged.
pub(super) fn bounds(race: &Race) -> Vec<Bound> {
    let limits: &[(usize, f64)] = match race.size {
        Size::Small => &[(50, 0.40), (95, 0.70)],
        Size::Modules => &[(50, 0.65)],
        Size::Heavy => &[(50, 0.40)],
    };
    let ratios = limits.iter().filter_map(|(percent, limit)| ratio(race, *percent, *limit));
    ratios.chain([50, 95].into_iter().filter_map(|percent| ahead(race, percent))).collect()
}

fn ratio(race: &Race, percent: usize, limit: f64) -> Option<Bound> {
    let measured = race.ratio(race.entry(OURS)?, percent)?;
    Some(Bound {
        words: format!("{}: p{percent} ≤ {limit:.2} × {BASELINE}", race.size.name()),
        measured: format!("{measured:.2} ×"),
        is_met: measured <= limit,
    })
}

fn ahead(race: &Race, percent: usize) -> Option<Bound> {
    let ours = race.entry(OURS)?.samples.percentile(percent)?;
    // The library's other forms are no peers.
    let is_peer = |name: &str| !name.starts_with(OURS) && !name.starts_with("cargo build");
    let peers = race.entries.iter().filter(|entry| is_peer(entry.system.name));
    let measured = peers.filter_map(|it| Some((it.samples.percentile(percent)?, it.system.name)));
    let (best, name) = measured.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
    Some(Bound {
        words: format!("{}: p{percent} ahead of every other system", race.size.name()),
        measured: format!("{ours:.0} ms; {name}: {best:.0} ms"),
        is_met: ours < best,
    })
}

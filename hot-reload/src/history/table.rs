//! The history as a table: percentiles of each step over the reloads after a save.

use super::{Cause, History, Reload, Step};
use std::fmt::{self, Formatter};
use std::time::Duration;

const PERCENTILES: [usize; 3] = [50, 95, 99];

pub(super) fn write(history: &History, f: &mut Formatter<'_>) -> fmt::Result {
    let saves = history.reloads().filter(|reload| is_of_a_save(reload)).collect::<Vec<_>>();
    if saves.is_empty() {
        f.write_str("no reload of a save")?;
    } else {
        let header = format!("reloads of a save: {}; in ms", saves.len());
        write!(f, "{header:<32}{:>6}", "count")?;
        for percentile in PERCENTILES {
            write!(f, "{:>11}", format!("p{percentile}"))?;
        }
        for step in Step::ALL.into_iter().skip(1) {
            let spans = saves.iter().flat_map(|reload| reload.spans());
            row(f, &step, spans.filter(|(of, _)| *of == step).map(|(_, took)| took).collect())?;
        }
        row(f, &"from the save to the picture", saves.iter().map(|it| it.total()).collect())?;
    }
    let others = [Cause::Start, Cause::Asked, Cause::Crash, Cause::Hang];
    let mut separator = "\nnot counted: ";
    for cause in others {
        let count = history.reloads().filter(|reload| reload.cause() == cause).count();
        if count > 0 {
            write!(f, "{separator}{count} × {cause}")?;
            separator = ", ";
        }
    }
    Ok(())
}

fn is_of_a_save(reload: &Reload) -> bool {
    matches!(reload.cause(), Cause::Save | Cause::Artifact)
}

fn row(f: &mut Formatter<'_>, name: &dyn fmt::Display, mut times: Vec<Duration>) -> fmt::Result {
    times.sort_unstable();
    let count = times.len();
    // Padded explicitly: not every `Display` pads.
    write!(f, "\n  {:<30}{count:>6}", name.to_string())?;
    for percentile in PERCENTILES {
        match nearest_rank(&times, percentile) {
            Some(time) => write!(f, "{:>11.1}", 1e3 * time.as_secs_f64())?,
            None => write!(f, "{:>11}", "–")?,
        }
    }
    Ok(())
}

/// Returns the smallest time that at least `percentile` percent of the sorted times do not exceed.
fn nearest_rank(sorted: &[Duration], percentile: usize) -> Option<Duration> {
    let rank = (sorted.len() * percentile).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::super::tests::reload;
    use super::*;

    #[test]
    fn percentiles_are_measured_times_by_nearest_rank() {
        let times = |count| (1..=count).map(Duration::from_millis).collect::<Vec<_>>();
        let table = [
            (1, [1, 1, 1]),
            (2, [1, 2, 2]),
            (3, [2, 3, 3]),
            (20, [10, 19, 20]),
            (100, [50, 95, 99]),
            (200, [100, 190, 198]),
            (1000, [500, 950, 990]),
        ];
        for (count, expected) in table {
            let found = PERCENTILES.map(|percentile| nearest_rank(&times(count), percentile));
            assert_eq!(found, expected.map(|it| Some(Duration::from_millis(it))), "of {count}");
        }
        assert_eq!(nearest_rank(&[], 50), None);
    }

    #[test]
    fn the_table_has_each_step_and_the_whole_of_saves_only() {
        let mut history = History::default();
        assert_eq!(history.to_string(), "no reload of a save");
        history.push(reload(1, Cause::Start, &[(Step::BuildStarted, 0), (Step::Published, 9_000)]));
        assert_eq!(history.to_string(), "no reload of a save\nnot counted: 1 × start");
        for (generation, late) in [(2, 10), (3, 30), (5, 20)] {
            let steps = [
                (Step::Noticed, 0),
                (Step::BuildStarted, 4),
                (Step::BuildFinished, 304),
                (Step::Published, 320),
                (Step::Presented, 320 + late),
            ];
            history.push(reload(generation, Cause::Save, &steps));
        }
        history.push(reload(6, Cause::Crash, &[(Step::Noticed, 0), (Step::Published, 7_000)]));
        let table = history.to_string();
        let header = table.lines().next().unwrap().split_whitespace().collect::<Vec<_>>();
        assert_eq!(header.join(" "), "reloads of a save: 3; in ms count p50 p95 p99");
        let row = |name: &str| {
            let row = table.lines().find(|line| line.trim_start().starts_with(name));
            row.unwrap().trim_start().strip_prefix(name).unwrap().split_whitespace().collect()
        };
        let rows: [(&str, [&str; 4]); 5] = [
            ("build started", ["3", "4.0", "4.0", "4.0"]),
            ("compiler started", ["0", "–", "–", "–"]),
            ("build finished", ["3", "300.0", "300.0", "300.0"]),
            ("presented", ["3", "20.0", "30.0", "30.0"]),
            ("from the save to the picture", ["3", "340.0", "350.0", "350.0"]),
        ];
        for (name, expected) in rows {
            let found: Vec<&str> = row(name);
            assert_eq!(found, expected, "{name} in\n{table}");
        }
        assert_eq!(table.lines().count(), 1 + 10 + 1 + 1, "{table}");
        assert_eq!(table.lines().last(), Some("not counted: 1 × start, 1 × crash"));
    }
}

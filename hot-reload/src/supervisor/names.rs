//! Lists of the existing names, for messages about a name that does not exist.

use std::collections::BTreeSet;

/// Number of names that are shown.
const MOST: usize = 12;
/// Similarity, from 0 to 1, from which a name counts as a typing mistake for another.
const ALIKE: f64 = 0.8;

/// Lists the existing names, and suggests the one that was probably meant.
pub(super) fn those_there_are(wanted: &str, names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(MOST).map(|name| format!("`{name}`"));
    let mut words = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => {}
        rest => words += &format!(" and {rest} more"),
    }
    if let Some(nearest) = nearest(wanted, names) {
        words += &format!(" (did you mean `{nearest}`?)");
    }
    words
}

fn nearest<'n>(wanted: &str, names: &'n BTreeSet<String>) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let wanted = plain(wanted);
    let rated = names.iter().map(|name| (strsim::jaro_winkler(&wanted, &plain(name)), name));
    let (alike, name) = rated.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (alike >= ALIKE).then_some(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_proposed_and_a_strange_one_is_not() {
        let names = ["my-app", "my-renderer", "my-state"].map(str::to_owned);
        let names = BTreeSet::from(names);
        for wrong in ["my-rendrer", "my_renderer", "My-Renderer", "renderer"] {
            let words = those_there_are(wrong, &names);
            assert!(words.ends_with("(did you mean `my-renderer`?)"), "{wrong}: {words}");
        }
        assert_eq!(those_there_are("physics", &names), "`my-app`, `my-renderer`, `my-state`");
        let many = (10..40).map(|number| format!("crate-{number}")).collect();
        assert!(those_there_are("physics", &many).ends_with("`crate-21` and 18 more"));
    }
}

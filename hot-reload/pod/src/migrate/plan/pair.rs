//! A value that exists in both layouts, and its place in the state.

use super::step::At;
use crate::owned_layout::OwnedLayout;

/// A value in the old layout, and in the new one.
#[derive(Debug, Clone, Copy)]
pub(in crate::migrate) struct Pair<'p> {
    pub(in crate::migrate) old: &'p OwnedLayout,
    pub(in crate::migrate) from: At,
    pub(in crate::migrate) to: At,
    pub(in crate::migrate) place: &'p Place,
}

impl<'p> Pair<'p> {
    /// Returns a pair of other values at the same place, such as the only fields of two structs.
    pub(in crate::migrate) fn between(self, from: At, to: At) -> Self {
        Pair { from, to, ..self }
    }

    /// Returns the same pair for another place.
    pub(in crate::migrate) fn at(self, place: &'p Place) -> Self {
        Pair { place, ..self }
    }
}

/// A place that exists in both layouts.
#[derive(Debug, Clone)]
pub(in crate::migrate) struct Place {
    pub(in crate::migrate) path: String,
    /// Paths under which its value may have been parked.
    pub(in crate::migrate) before: Vec<String>,
    /// Paths by names that its `was` mentions only now, after something was parked under them.
    pub(super) late: Vec<String>,
    /// True if a field that is new here gets the value of a fresh state instead of a blank one.
    pub(in crate::migrate) fresh: bool,
    /// The collection of which it is an element.
    pub(in crate::migrate) within: Option<usize>,
    /// True if it is planned as the target of parked values.
    pub(super) restoring: bool,
}

impl Place {
    pub(super) fn child(&self, name: &str, before: &[&str]) -> Place {
        let join = |path: &str, name: &str| match path {
            "" => name.to_owned(),
            path if path.ends_with('/') => format!("{path}{name}"),
            path => format!("{path}.{name}"),
        };
        let before = self.before.iter().flat_map(|path| before.iter().map(|name| join(path, name)));
        let (path, before) = (join(&self.path, name), before.take(8).collect());
        Place { path, before, late: Vec::new(), ..*self }
    }

    /// Returns the place of a map entry's key.
    pub(in crate::migrate) fn key(&self) -> Place {
        self.child("key", &["key"])
    }

    pub(in crate::migrate) fn restored(&self) -> Place {
        Place { restoring: true, ..self.clone() }
    }

    /// Returns the place of a collection's elements.
    pub(in crate::migrate) fn element(&self, sequence: usize, fresh: bool) -> Place {
        let path = format!("{}[]", self.path);
        let before = self.before.iter().map(|path| format!("{path}[]")).collect();
        let (late, fresh) = (Vec::new(), self.fresh && fresh);
        Place { path, before, late, within: Some(sequence), fresh, ..*self }
    }
}

//! Translation between the types of two programs: messages between an owner and a renderer that
//! were compiled at different times.

use super::migrate::{Migration, ParkedSet, blank_of};
use super::{AlignedBytes, OwnedLayout};

/// Translates values of one layout into another, one at a time.
#[derive(Debug)]
pub(crate) struct Translator {
    from: usize,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Identical layouts.
    Same,
    /// Different layouts with a common part.
    Through(Box<Through>),
    /// Layouts with nothing in common.
    None,
}

#[derive(Debug)]
struct Through {
    migration: Migration,
    /// Value of the target layout before anything is taken over.
    blank: Vec<u8>,
    value: AlignedBytes,
}

impl Translator {
    pub(crate) fn new(from: &OwnedLayout, to: &OwnedLayout) -> Self {
        let way = if from.agrees(to) {
            Way::Same
        } else {
            let migration = Migration::plan(from, to, ParkedSet::default(), "");
            let (blank, value) = (blank_of(to, to.root()), AlignedBytes::zeroed(to.size()));
            match migration.is_hopeless() {
                true => Way::None,
                false => Way::Through(Box::new(Through { migration, blank, value })),
            }
        };
        Translator { from: from.size(), way }
    }

    /// Returns whether no value can be translated.
    pub(crate) fn is_off(&self) -> bool {
        matches!(self.way, Way::None)
    }

    /// Returns the size in bytes of a source value.
    pub(crate) fn size(&self) -> usize {
        self.from
    }

    /// Returns the differences that affect every value, one per line.
    pub(crate) fn differences(&self) -> Vec<String> {
        match &self.way {
            Way::Through(through) => through.migration.differences().collect(),
            _ => Vec::new(),
        }
    }

    /// Translates a value; returns `None` if the other layout cannot express it.
    pub(crate) fn translate<'t>(&'t mut self, bytes: &'t [u8]) -> Option<&'t [u8]> {
        match &mut self.way {
            Way::Same => Some(bytes),
            Way::Through(through) => {
                let Through { migration, blank, value } = &mut **through;
                value.copy_from_slice(blank);
                let migrated = migration.run(bytes, value);
                (!migrated.lost).then_some(&**value)
            }
            Way::None => None,
        }
    }
}

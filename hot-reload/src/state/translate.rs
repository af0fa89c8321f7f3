//! Values of one program's type as values of another's: messages between an owner and a renderer that
//! were compiled at different times.

use super::migrate::{Migration, ParkedSet, blank_of};
use super::{AlignedBytes, OwnedLayout};

/// Turns values of one layout into values of another, one by one.
#[derive(Debug)]
pub(crate) struct Translator {
    from: usize,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// The same bytes mean the same.
    Same,
    Through(Box<Through>),
    /// They have nothing to do with each other.
    None,
}

#[derive(Debug)]
struct Through {
    migration: Migration,
    /// What a value is where there is nothing to take over.
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

    /// Whether no value can be translated.
    pub(crate) fn is_off(&self) -> bool {
        matches!(self.way, Way::None)
    }

    /// Size in bytes of what it translates.
    pub(crate) fn size(&self) -> usize {
        self.from
    }

    /// What is different for every value, a line each.
    pub(crate) fn differences(&self) -> Vec<String> {
        match &self.way {
            Way::Through(through) => through.migration.differences().collect(),
            _ => Vec::new(),
        }
    }

    /// The value in the other layout; `None` when this one says what cannot be said there.
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

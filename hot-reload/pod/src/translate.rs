//! Translation between the types of two programs: messages between an owner and a renderer that
//! were compiled at different times.

use super::migrate::{Migration, ParkedSet, blank_of};
use super::{AlignedBytes, OwnedLayout};

/// Translates values of one layout into another, one at a time.
#[derive(Debug)]
pub struct Translator {
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
    /// Translates to the types of this program.
    pub fn new(from: &OwnedLayout, to: &OwnedLayout) -> Self {
        Self::planned(from, to, |from, to| Migration::plan(from, to, ParkedSet::default(), ""))
    }

    /// Translates from the types of this program to those of another.
    pub fn back(from: &OwnedLayout, to: &OwnedLayout) -> Self {
        Self::planned(from, to, Migration::plan_back)
    }

    fn planned(
        from: &OwnedLayout,
        to: &OwnedLayout,
        plan: impl FnOnce(&OwnedLayout, &OwnedLayout) -> Migration,
    ) -> Self {
        let way = if from.agrees(to) {
            Way::Same
        } else {
            let migration = plan(from, to);
            let (blank, value) = (blank_of(to, to.root()), AlignedBytes::zeroed(to.size()));
            match migration.is_hopeless() {
                true => Way::None,
                false => Way::Through(Box::new(Through { migration, blank, value })),
            }
        };
        Translator { from: from.size(), way }
    }

    /// Returns whether no value can be translated.
    pub fn is_off(&self) -> bool {
        matches!(self.way, Way::None)
    }

    /// Returns the size in bytes of a source value.
    pub fn size(&self) -> usize {
        self.from
    }

    /// Returns the differences that affect every value, one per line.
    pub fn differences(&self) -> Vec<String> {
        match &self.way {
            Way::Through(through) => through.migration.differences().collect(),
            _ => Vec::new(),
        }
    }

    /// Translates a value; returns `None` if the other layout cannot express it.
    pub fn translate<'t>(&'t mut self, bytes: &'t [u8]) -> Option<&'t [u8]> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{Layout, SharedState};

    /// Message types as they were when the owner was compiled.
    mod old {
        use crate::SharedState;

        #[derive(Debug, Clone, Copy, SharedState)]
        #[repr(C, u8)]
        pub(super) enum Word {
            Quiet,
            Clicked { clicks: u32 },
        }
    }

    /// The same with a field renamed.
    #[derive(Debug, Clone, Copy, SharedState)]
    #[repr(C, u8)]
    #[expect(dead_code, reason = "only its layout is used")]
    enum Renamed {
        Quiet,
        Clicked { throws: u32 },
    }

    /// The same with a field and a variant renamed, and both names kept.
    #[derive(Debug, Clone, Copy, SharedState)]
    #[repr(C, u8)]
    enum Named {
        #[shared(was = "Quiet")]
        Silent,
        Clicked {
            #[shared(was = "clicks")]
            throws: u32,
        },
    }

    fn bytes<T: SharedState>(value: T) -> AlignedBytes {
        let mut bytes = AlignedBytes::zeroed(size_of::<T>());
        value.write_bytes(&mut bytes);
        bytes
    }

    fn back(layout: &'static Layout) -> Translator {
        Translator::back(&layout.into(), &old::Word::LAYOUT.into())
    }

    #[test]
    fn a_renamed_field_is_said_with_the_attribute_that_the_new_name_needs() {
        let differences = back(Renamed::LAYOUT).differences().join("\n");
        let hint = "defaulted Clicked.clicks: new: blank; if it is `throws` now, add \
                    `#[shared(was = \"clicks\")]` to that";
        assert!(differences.contains(hint), "{differences}");
    }

    #[test]
    fn former_names_hold_on_the_way_back_to_an_older_program() {
        let mut back = back(Named::LAYOUT);
        assert_eq!(back.differences().join("\n"), "");
        let clicked = back.translate(&bytes(Named::Clicked { throws: 7 })).unwrap().to_vec();
        assert_eq!(clicked, *bytes(old::Word::Clicked { clicks: 7 }));
        let silent = back.translate(&bytes(Named::Silent)).unwrap().to_vec();
        assert_eq!(silent, *bytes(old::Word::Quiet));
    }
}

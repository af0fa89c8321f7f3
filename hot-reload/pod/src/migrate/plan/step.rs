//! The steps of a plan.

use crate::{migrate::number::Number, owned_layout::NodeId};

/// The offset and type of a value.
pub(in crate::migrate) type At = (usize, NodeId);

/// One step of a plan; offsets are from the value that a list of steps is for.
#[derive(Debug)]
pub(in crate::migrate) enum Step {
    /// Copies bytes between types for which any bytes are valid.
    Copy {
        from: usize,
        to: usize,
        len: usize,
    },
    /// Copies a value of the same layout after checking its bytes.
    Checked {
        from: usize,
        to: usize,
        len: usize,
        ty: NodeId,
        line: usize,
        /// True if success is recorded as well, not only failure.
        tells: bool,
    },
    Number {
        from: usize,
        to: usize,
        old: Number,
        new: Number,
        ty: NodeId,
        line: usize,
    },
    Text(Box<TextStep>),
    Sequence(Box<SequenceStep>),
    Pool(Box<PoolStep>),
    Enum(Box<EnumStep>),
    /// Makes a value the content of a variant.
    Wrap {
        to: usize,
        base: Vec<u8>,
        steps: Vec<Step>,
    },
    Restore(Box<RestoreStep>),
    /// Has nothing to take over.
    Default {
        line: usize,
    },
    /// Parks a value that its new place holds only approximately, or not at all.
    Aside {
        from: usize,
        ty: NodeId,
        to: usize,
        len: usize,
        line: usize,
    },
    /// Parks a value that has no new place.
    Park {
        from: usize,
        ty: NodeId,
        line: usize,
    },
}

#[derive(Debug)]
pub(in crate::migrate) struct TextStep {
    pub(in crate::migrate) from: Text,
    pub(in crate::migrate) to: Text,
    pub(in crate::migrate) ty: NodeId,
    pub(in crate::migrate) line: usize,
}

/// A text of at most `capacity` bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::migrate) struct Text {
    /// Offset and size of the length.
    pub(in crate::migrate) len: (usize, usize),
    pub(in crate::migrate) bytes: usize,
    pub(in crate::migrate) capacity: usize,
    /// Offset and size of the whole text.
    pub(in crate::migrate) at: (usize, usize),
}

#[derive(Debug)]
pub(in crate::migrate) struct EnumStep {
    pub(in crate::migrate) from: usize,
    pub(in crate::migrate) to: usize,
    /// Size of the old tag.
    pub(in crate::migrate) tag: usize,
    pub(in crate::migrate) choices: Vec<Choice>,
    /// Tags and names of the old variants without a counterpart.
    pub(in crate::migrate) gone: Vec<(i128, String)>,
    pub(in crate::migrate) ty: NodeId,
    pub(in crate::migrate) line: usize,
}

/// A variant that exists in both layouts.
#[derive(Debug)]
pub(in crate::migrate) struct Choice {
    pub(in crate::migrate) value: i128,
    /// The new enum with this variant and blank fields.
    pub(in crate::migrate) base: Vec<u8>,
    pub(in crate::migrate) steps: Vec<Step>,
    /// Lines recorded as kept if a value has this variant.
    pub(in crate::migrate) kept: Vec<usize>,
}

/// Restores a parked value, or else runs other steps.
#[derive(Debug)]
pub(in crate::migrate) struct RestoreStep {
    pub(in crate::migrate) restores: Vec<Restore>,
    /// Steps if nothing is restored.
    pub(in crate::migrate) otherwise: Vec<Step>,
    /// Lines recorded as kept if nothing is restored.
    pub(in crate::migrate) kept: Vec<usize>,
    /// Steps if something is restored.
    pub(in crate::migrate) beside: Vec<Step>,
    pub(in crate::migrate) line: usize,
}

impl From<RestoreStep> for Step {
    fn from(step: RestoreStep) -> Self {
        Step::Restore(Box::new(step))
    }
}

/// A way to restore parked values.
#[derive(Debug)]
pub(in crate::migrate) struct Restore {
    /// Index of the parked values.
    pub(in crate::migrate) parked: usize,
    /// Steps from one of the values to its new place, both at offset 0.
    pub(in crate::migrate) steps: Vec<Step>,
    /// Steps for the key alone of a map's entry; they must be exact.
    pub(in crate::migrate) key: Vec<Step>,
    pub(in crate::migrate) to: usize,
    pub(in crate::migrate) len: usize,
    /// The old value for this place; it stays if the parked one does not fit exactly.
    pub(in crate::migrate) stands: Option<At>,
    /// Set if the value is parked under a name that the field's `was` mentions only now: the line
    /// that is recorded if the value stays parked because the field no longer holds its default.
    pub(in crate::migrate) late: Option<usize>,
}

impl Restore {
    /// Returns the way by `steps` to a place of `len` bytes at offset 0.
    pub(in crate::migrate) fn new(parked: usize, steps: Vec<Step>, len: usize) -> Restore {
        Restore { parked, steps, key: Vec::new(), to: 0, len, stands: None, late: None }
    }
}

/// A row of elements, of which the first `len` are in use; offsets are from the value that the
/// steps are for.
#[derive(Debug, Clone, Copy)]
pub(in crate::migrate) struct Row {
    pub(in crate::migrate) items: usize,
    pub(in crate::migrate) stride: usize,
    pub(in crate::migrate) capacity: usize,
    /// Offset and size of the length; without it, all elements are in use.
    pub(in crate::migrate) len: Option<(usize, usize)>,
    /// Offset and size of the index of the first element, in a ring.
    pub(in crate::migrate) head: Option<(usize, usize)>,
}

#[derive(Debug)]
pub(in crate::migrate) struct SequenceStep {
    pub(in crate::migrate) from: Row,
    pub(in crate::migrate) to: Row,
    pub(in crate::migrate) element: Vec<Step>,
    /// Type of an old element.
    pub(in crate::migrate) ty: NodeId,
    /// Value of an element before its steps run; without it, that of the fresh state.
    pub(in crate::migrate) base: Option<Vec<u8>>,
    /// Key of a map's entry; an entry is taken over only if its key is exact.
    pub(in crate::migrate) key: Option<Key>,
    /// Restores of parked elements.
    pub(in crate::migrate) restores: Vec<Restore>,
    pub(in crate::migrate) sequence: usize,
    /// Line about elements without a place.
    pub(in crate::migrate) overflow: usize,
    /// Line about restored elements.
    pub(in crate::migrate) restored: usize,
    /// Offset and type of the old collection.
    pub(in crate::migrate) whole: At,
    /// Offset and length of the new collection.
    pub(in crate::migrate) now: (usize, usize),
    /// Line about the collection itself.
    pub(in crate::migrate) line: usize,
}

/// The key of a map's entry.
#[derive(Debug)]
pub(in crate::migrate) struct Key {
    pub(in crate::migrate) steps: Vec<Step>,
    /// Offset and length of the key in a new entry.
    pub(in crate::migrate) at: (usize, usize),
}

#[derive(Debug)]
pub(in crate::migrate) struct PoolStep {
    pub(in crate::migrate) from: Row,
    pub(in crate::migrate) to: Row,
    /// Offsets of a slot's generation in the old and the new layout.
    pub(in crate::migrate) generation: (usize, usize),
    pub(in crate::migrate) value: Vec<Step>,
    /// Type of an old slot.
    pub(in crate::migrate) ty: NodeId,
    /// A slot that is not in use.
    pub(in crate::migrate) base: Vec<u8>,
    pub(in crate::migrate) restores: Vec<Restore>,
    pub(in crate::migrate) sequence: usize,
    pub(in crate::migrate) overflow: usize,
    pub(in crate::migrate) restored: usize,
    /// Line about the pool itself.
    pub(in crate::migrate) line: usize,
}

//! Takeover by a generation: state, extra buffers, parked values and the kept canvas.
//!
//! It happens twice in a reload, for the rehearsal and at the cut. Results that are expensive and
//! the same both times (the plan of a migration, a freshly initialised state) are kept in between.

use super::erased::ErasedApp;
use super::memory::{AppMemory, KeptCanvas};
use crate::handshake::CommitShape;
use hot_reload_pod::internal::{AlignedBytes, BufferShape, BufferStore, Migration, ParkedSet};
use hot_reload_pod::{Invalid, MigrationReport, OldState, OwnedLayout};

/// The body of a commit, wherever it is stored.
pub(crate) struct Handed<'h> {
    pub(crate) shape: &'h CommitShape,
    /// Number of parked bytes.
    pub(crate) parked: usize,
    pub(crate) canvas: (u32, u32),
    /// Copies the bytes at an offset.
    pub(crate) read: &'h dyn Fn(usize, &mut [u8]),
}

impl Handed<'_> {
    fn read(&self, offset: usize, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        (self.read)(offset, &mut bytes);
        bytes
    }
}

/// Result of a takeover.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Set if the state is new: nothing could be taken over.
    pub(crate) fresh: bool,
    /// Report on each field, if the layout has changed.
    pub(crate) report: Option<MigrationReport>,
    /// Notices for the user.
    pub(crate) notices: Vec<String>,
}

/// Results kept from the first takeover to the second.
#[derive(Debug, Default)]
pub(crate) struct Takeover {
    /// Bytes of a freshly initialised state.
    fresh: Option<AlignedBytes>,
    plan: Option<(Migration, Vec<u8>)>,
}

impl Takeover {
    /// Fills blank memory with what was handed over, or initialises it.
    pub(crate) fn take(
        &mut self,
        handed: Option<&Handed<'_>>,
        own: &mut dyn ErasedApp,
        memory: &mut AppMemory,
        kept_canvas: Option<&mut KeptCanvas>,
    ) -> Taken {
        let mut taken = Taken::default();
        let Some(handed) = handed else {
            own.init();
            return Taken { fresh: true, ..taken };
        };
        if handed.shape.is_empty() && own.types().state.size > 0 {
            // A reset: what this process has is not blank in one process.
            own.blank();
            own.init();
            memory.parked = Vec::new();
            if let Some(kept) = kept_canvas {
                *kept = KeptCanvas::default();
            }
            return Taken { fresh: true, ..taken };
        }
        let parked = handed.read(handed.shape.parked_at(), handed.parked);
        let set = ParkedSet::from_bytes(&parked).unwrap_or_else(|reason| {
            taken
                .notices
                .push(format!("what was parked beside the state cannot be read: {reason}"));
            ParkedSet::default()
        });
        let (mut of_buffers, of_state) = set.split(|path| path.starts_with("buffers/"));
        let mut report = MigrationReport::default();
        let left = self.take_state(handed, of_state, own, &mut taken, &mut report);
        take_buffers(handed, &mut of_buffers, &mut memory.buffers, &mut taken, &mut report);
        of_buffers.add(left);
        memory.parked = of_buffers.to_bytes();
        if let Some(kept) = kept_canvas {
            let (width, height) = handed.canvas;
            kept.size = handed.canvas;
            kept.pixels = vec![0; width as usize * height as usize];
            let canvas_at = handed.shape.canvas_at(handed.parked);
            (handed.read)(canvas_at, bytemuck::cast_slice_mut(&mut kept.pixels));
        }
        taken.report = (!report.fields.is_empty()).then_some(report);
        taken
    }

    /// Takes the state over. Returns the values that are parked afterwards.
    fn take_state(
        &mut self,
        handed: &Handed<'_>,
        parked: ParkedSet,
        own: &mut dyn ErasedApp,
        taken: &mut Taken,
        report: &mut MigrationReport,
    ) -> ParkedSet {
        let (old, new) = (&handed.shape.state, OwnedLayout::from(own.types().state));
        let same = old.agrees(&new);
        if same && !parked.is_awaited_by(&new) {
            let loaded = own.overwrite(&mut |to| (handed.read)(0, to));
            if let Err(invalid) = loaded {
                taken.notices.push(format!(
                    "the state carried over is not valid ({invalid}): it is reset to its default"
                ));
                taken.fresh = true;
                own.init();
                return parked;
            }
            own.settle();
            return parked;
        }
        let fresh = self.fresh.get_or_insert_with(|| {
            own.blank();
            own.init();
            own.bytes()
        });
        let before = handed.read(0, old.size());
        let mut state = AlignedBytes::zeroed(fresh.len());
        state.copy_from_slice(fresh);
        let from = parked.to_bytes();
        let known = |(plan, parked): &(Migration, Vec<u8>)| plan.is_from(old) && *parked == from;
        if !self.plan.as_ref().is_some_and(known) {
            self.plan = Some((Migration::plan(old, &new, parked, ""), from));
        }
        let Some((plan, _)) = &self.plan else { return ParkedSet::default() };
        let mut migrated = plan.run(&before, &mut state);
        let left = std::mem::take(&mut migrated.parked);
        if let Err(invalid) = own.load(&state) {
            // A migration that leaves an invalid state has a defect; the fresh state is valid.
            taken.notices.push(format!(
                "the state could not be carried over ({invalid}): it is reset to its default"
            ));
            taken.fresh = true;
            let _ = own.load(fresh);
            return left;
        }
        own.settle();
        if same {
            // The layout is the same; only a field's former name was added.
            report.add(plan.report(migrated));
            return left;
        }
        own.migrate(&OldState::new(old, &before));
        let mut told = plan.report(migrated);
        told.set_by_user(&state, &own.bytes());
        report.add(told);
        left
    }
}

/// Takes the extra buffers over by name, and parks those that no longer exist.
fn take_buffers(
    handed: &Handed<'_>,
    parked: &mut ParkedSet,
    buffers: &mut BufferStore,
    taken: &mut Taken,
    report: &mut MigrationReport,
) {
    let own: Vec<BufferShape> = buffers.shapes().cloned().collect();
    let mut offset = handed.shape.buffers_at();
    let mut old: Vec<(&BufferShape, usize)> = Vec::new();
    for shape in &handed.shape.buffers {
        old.push((shape, offset));
        offset += BufferStore::arranged(std::slice::from_ref(shape));
    }
    for (shape, offset) in &old {
        if own.iter().all(|it| it.name != shape.name)
            && let Some(layout) = shape.element.clone().array_of(shape.len)
        {
            report.parked(&shape.path(), "there is no such buffer any more");
            parked.park_whole(&shape.path(), layout, handed.read(*offset, shape.bytes()));
        }
    }
    for (index, shape) in own.iter().enumerate() {
        let path = shape.path();
        let before = old.iter().find(|(it, _)| it.name == shape.name);
        let (set, rest) = std::mem::take(parked).split(|it| {
            it.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        });
        *parked = rest;
        let mut set = set;
        let (layout, bytes, back) = match before {
            Some((before, offset)) => {
                let bytes = handed.read(*offset, before.bytes());
                let same = before.element.agrees(&shape.element) && before.len == shape.len;
                if same && !set.is_awaited_by(&shape.element) {
                    parked.add(set);
                    check(buffers.load(index, &bytes), &shape.name, taken);
                    continue;
                }
                (before.element.clone().array_of(before.len), bytes, false)
            }
            None => match set.take_whole(&path) {
                Some((layout, bytes)) => (Some(layout), bytes, true),
                None => {
                    parked.add(set);
                    continue;
                }
            },
        };
        let now = shape.element.clone().array_of(shape.len);
        let (Some(layout), Some(now)) = (layout, now) else { continue };
        let mut state = buffers.bytes(index);
        let plan = Migration::plan(&layout, &now, set, &path);
        let mut migrated = plan.run(&bytes, &mut state);
        parked.add(std::mem::take(&mut migrated.parked));
        check(buffers.load(index, &state), &shape.name, taken);
        let mut told = plan.report(migrated);
        if back {
            told.restored();
        }
        report.add(told);
    }
}

fn check(loaded: Result<(), Invalid>, name: &str, taken: &mut Taken) {
    if let Err(invalid) = loaded {
        taken
            .notices
            .push(format!("extra buffer `{name}` is not valid ({invalid}): it starts blank"));
    }
}

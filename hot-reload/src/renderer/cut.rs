//! Taking over what the previous generation left: at the start, for the rehearsal, and again at the
//! cut.

use super::erased::ErasedApp;
use super::memory::{AppMemory, KeptCanvas};
use super::takeover::{Handed, Taken, Takeover};
use crate::handshake::{CarriedBody, HandoverParams, RendererInfo};
use crate::segment::{CommitWriter, Segment};

/// Takes over what the handover at the cut describes, instead of the rehearsal's. Returns `None` if
/// the handover makes no sense, or if there is no room for the parked values.
pub(super) fn take_over_again(
    segment: &Segment,
    commits: &mut CommitWriter,
    own: &mut dyn ErasedApp,
    memory: &mut AppMemory,
    kept_canvas: Option<&mut KeptCanvas>,
    (takeover, description): (&mut Takeover, &mut RendererInfo),
    view: bool,
) -> Option<(HandoverParams, bool)> {
    let handover: HandoverParams = serde_json::from_slice(&segment.handover()?).ok()?;
    if view {
        // The state of a view arrives with each turn.
        return Some((handover, false));
    }
    memory.blank_buffers(own);
    if handover.carried.is_none() {
        own.blank();
    }
    commits.unsettle();
    let taken = take_handed_over(takeover, commits, &handover, own, memory, kept_canvas);
    let body = description.body.as_ref()?;
    if body.canvas_at(memory.parked.len()) > commits.capacity() {
        return None;
    }
    for notice in taken.notices.iter().filter(|notice| !description.notices.contains(notice)) {
        eprintln!("hot-reload: {notice}");
    }
    if taken.report != description.report {
        // Report what is true at the cut; it may differ from the rehearsal.
        description.report = taken.report;
        let json = serde_json::to_vec(description).unwrap_or_default();
        let _ = segment.write_description(&json);
    }
    Some((handover, taken.fresh))
}

/// Takes over what a handover describes, as far as it fits.
pub(super) fn take_handed_over(
    takeover: &mut Takeover,
    commits: &CommitWriter,
    handover: &HandoverParams,
    own: &mut dyn ErasedApp,
    memory: &mut AppMemory,
    kept_canvas: Option<&mut KeptCanvas>,
) -> Taken {
    let read = |offset: usize, to: &mut [u8]| commits.copy_handed_over(offset, to);
    let keeps = kept_canvas.is_some();
    let is_whole = |carried: &&CarriedBody| {
        let canvas = if keeps { carried.canvas } else { (0, 0) };
        carried.shape.lies_within(commits.capacity(), carried.parked, canvas)
    };
    let whole = handover.carried.as_ref().filter(is_whole);
    let handed = whole.map(|carried| Handed {
        shape: &carried.shape,
        parked: carried.parked,
        canvas: carried.canvas,
        read: &read,
    });
    let mut taken = takeover.take(handed.as_ref(), own, memory, kept_canvas);
    if handed.is_none() && handover.carried.is_some() {
        let notice =
            "the commit carried over is too long for its slot: the state is reset to its default";
        taken.notices.push(notice.to_owned());
    }
    taken
}

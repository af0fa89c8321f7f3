//! A generation's signs of life, read from its segment.
//!
//! They are polled every half millisecond while something is awaited, and not at all otherwise.

use super::machine::Event;
use crate::handshake::RendererInfo;
use crate::segment::{Commander, PROTOCOL, Phase, Segment};

/// Number of answered ticks after which a generation has proven itself.
const PROVEN: u64 = 3;

/// The signs seen so far.
#[derive(Debug, Default)]
pub(crate) struct Monitor {
    described: bool,
    rehearsing: bool,
    ready: bool,
    first_frame: bool,
    answered: bool,
    /// Set while an order to park has not been carried out.
    pub(crate) parking: bool,
    /// Last tick that it had answered when it was opened.
    from: Option<u64>,
    /// Set once nothing more is expected of it.
    ended: bool,
}

impl Monitor {
    /// Returns true if something is awaited.
    pub(crate) fn awaits(&self) -> bool {
        let drawing = self.from.is_some() && !self.answered;
        !self.ended && (!self.ready || drawing || self.parking)
    }

    /// Records that the generation is given ticks after `tick`.
    pub(crate) fn opened(&mut self, tick: u64) {
        self.from = Some(tick);
    }

    pub(crate) fn waits_for_debugger(segment: &Segment) -> bool {
        segment.phase() == Some(Phase::WaitsForDebugger)
    }

    /// Returns the reason why a renderer of another protocol version was refused; it can report
    /// nothing but its version.
    pub(crate) fn refused_protocol(&self, segment: &Segment) -> Option<String> {
        let theirs = segment.peer_protocol();
        if self.described || theirs == 0 || theirs == PROTOCOL {
            return None;
        }
        Some(format!(
            "it speaks protocol version {theirs} and this owner version {PROTOCOL}: build both with \
             one version of hot-reload, and start the owner again"
        ))
    }

    /// Returns the new signs as events.
    pub(crate) fn look(
        &mut self,
        generation: u32,
        segment: &Segment,
        commander: &Commander,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        if !self.ready && !self.ended {
            self.look_at_start(generation, segment, &mut events);
        }
        if self.parking && segment.is_answered(commander) {
            self.parking = false;
            events.push(Event::Parked { generation });
        }
        // `FirstFrame` must never be reported before `Ready`, even if both happen between two of
        // these reads.
        if let Some(from) = self.from.filter(|_| self.ready && !self.answered) {
            let answered = segment.answered();
            if !self.first_frame && (segment.first_frame().is_set() || answered > from) {
                self.first_frame = true;
                events.push(Event::FirstFrame { generation });
            }
            if self.first_frame && answered >= from.saturating_add(PROVEN) {
                self.answered = true;
                events.push(Event::Answered { generation });
            }
        }
        events
    }

    fn look_at_start(&mut self, generation: u32, segment: &Segment, events: &mut Vec<Event>) {
        let Some(phase) = segment.phase() else {
            self.ended = true;
            let reason = "its phase is not valid".to_owned();
            events.push(Event::Fault { generation, reason });
            return;
        };
        if !self.described && !matches!(phase, Phase::Starting | Phase::WaitsForDebugger) {
            self.described = true;
            if let Some(mapping) = segment.mapping() {
                mapping.unlink();
            }
            match phase {
                Phase::Misfit => {
                    self.ended = true;
                    events.push(Event::Misfit { generation });
                }
                Phase::Refused => {
                    self.ended = true;
                    let reason =
                        RendererInfo::read(segment).and_then(|it| it.refused).unwrap_or_default();
                    events.push(Event::Refused { generation, reason });
                }
                _ => {
                    let notices =
                        RendererInfo::read(segment).map(|it| it.notices).unwrap_or_default();
                    events.push(Event::Attached { generation, notices });
                }
            }
        }
        if self.described && !self.rehearsing && phase == Phase::Rehearsing {
            self.rehearsing = true;
            events.push(Event::Rehearsing { generation });
        }
        if self.described && phase == Phase::Ready {
            self.ready = true;
            events.push(Event::Ready { generation });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::{CanvasMode, CommitShape, Needs, geometry};
    use crate::segment::Memory;

    struct Talk;

    impl crate::App for Talk {
        const RENDERER: &'static str = "talk";
        type Arguments = ();
        type State = u32;
        type ToRenderer = ();
        type ToOwner = ();
    }

    #[test]
    fn a_first_frame_is_told_after_the_set_up_also_when_it_is_seen_before() {
        let shape = CommitShape::of::<Talk>(Vec::new());
        let mode = CanvasMode { canvas: false, keep: false, layer: false };
        let geometry = geometry::<Talk>(&shape, Needs::default(), 0, mode).unwrap();
        let segment = Segment::initialise(Memory::heap(geometry.total), geometry, 1);
        let (mut monitor, commander) = (Monitor::default(), Commander::default());
        monitor.opened(7);
        // Simulates a look whose first half came before the set-up was done, and its second half
        // after.
        segment.first_frame().set();
        segment.set_answered(11);
        let events = monitor.look(1, &segment, &commander);
        assert!(events.is_empty() && monitor.awaits(), "{events:?}");
        segment.set_phase(Phase::Ready);
        let events = monitor.look(1, &segment, &commander);
        assert!(
            matches!(
                events[..],
                [
                    Event::Attached { .. },
                    Event::Ready { .. },
                    Event::FirstFrame { .. },
                    Event::Answered { .. }
                ]
            ),
            "{events:?}"
        );
        assert!(!monitor.awaits());
    }
}

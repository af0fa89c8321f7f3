//! Test and fuzz harness: a renderer whose owner writes arbitrary bytes.

use super::attach::prepare;
use super::cut::take_over_again;
use super::erased::{AppData, ErasedApp};
use super::feed::Feed;
use super::memory::{AppMemory, KeptCanvas};
use super::takeover::Takeover;
use crate::app::App;
use crate::handshake::{
    CanvasMode, CommitShape, FeedHeader, LaunchParams, Needs, RendererInfo, SPARE, geometry,
};
use crate::segment::{
    CommitReader, CommitWriter, FeedWriter, Geometry, Memory, Phase, Segment, Sizes, feed_len,
};
use hot_reload_pod::internal::ParkedSet;
use hot_reload_pod::{BufferPlan, FixedMap, FixedOption, FixedString, SharedState};
use std::sync::Arc;

/// An application whose types have invalid bit patterns.
struct Prey;

impl App for Prey {
    const RENDERER: &'static str = "prey";
    type Arguments = ();
    type State = State;
    type ToRenderer = FixedOption<u16>;
    type ToOwner = (bool, u32);

    fn buffers(_: &(), plan: &mut BufferPlan) {
        plan.add::<u16>("cells", 4);
        plan.add::<bool>("flags", 3);
    }
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct State {
    flag: bool,
    letter: char,
    text: FixedString<16>,
    scores: FixedMap<u8, i16, 4>,
}

impl Default for State {
    fn default() -> Self {
        let (text, scores) = (FixedString::new(), FixedMap::new());
        State { flag: true, letter: 'a', text, scores }
    }
}

/// Largest canvas that is kept, in pixels.
const LARGEST: usize = 64;

/// Reads the bytes as launch parameters, as the handover at a cut, or as the header of a view's
/// feed. A zero byte separates them from the commit that they describe. Checks that the renderer's
/// memory is valid afterwards, whatever the bytes are.
pub(crate) fn play(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let end = bytes.iter().position(|&byte| byte == 0);
    let (json, body) = bytes.split_at(end.unwrap_or(bytes.len()));
    let body = body.get(1..).unwrap_or_default();
    let mut own = AppData::<Prey>::new(());
    match kind % 4 {
        0 => launch_params(json, body, &mut own),
        1 | 2 => cut(json, body, &mut own, kind % 4 == 1),
        _ => looking(json, body, &mut own),
    }
}

fn segment(mode: CanvasMode, feed: usize) -> Arc<Segment> {
    let own = AppData::<Prey>::new(());
    let (_, shape) = AppMemory::blank(&own);
    let sizes = match geometry::<Prey>(&shape, Needs { feed, ..Needs::default() }, 0, mode) {
        Ok(geometry) => geometry.sizes,
        Err(error) => panic!("{error}"),
    };
    let kept_canvas = sizes.kept_canvas.min(LARGEST * 4);
    let commit = sizes.commit - sizes.kept_canvas + kept_canvas;
    let sizes = Sizes { frame: 0, commit, kept_canvas, ..sizes };
    let Some(geometry) = Geometry::new(sizes) else { panic!("{sizes:?}") };
    Segment::initialise(Memory::heap(geometry.total), geometry, 2)
}

fn hand_over(segment: &Arc<Segment>, body: &[u8]) {
    let room = CommitWriter::new(segment.clone()).capacity();
    let handed = CommitReader::new(segment.clone()).hand_over(&body[..body.len().min(room)]);
    assert_eq!(handed, Ok(()));
}

fn launch_params(json: &[u8], body: &[u8], own: &mut AppData<Prey>) {
    let Ok(launch_params) = serde_json::from_slice::<LaunchParams>(json) else { return };
    let mode = CanvasMode { canvas: true, keep: launch_params.keep_canvas, layer: false };
    let segment = segment(mode, 0);
    hand_over(&segment, body);
    match prepare(&segment, 2, &launch_params, own) {
        Ok(start) => {
            check(own, &start.memory, start.kept_canvas.as_ref());
            let described = segment.description().unwrap_or_default();
            assert!(serde_json::from_slice::<RendererInfo>(&described).is_ok(), "a description");
        }
        Err(ended) => {
            let (phase, description) = *ended;
            let why = description.refused.is_some();
            assert_eq!(why, phase == Phase::Refused, "{phase:?} {description:?}");
        }
    }
}

fn cut(json: &[u8], body: &[u8], own: &mut AppData<Prey>, keep: bool) {
    let segment = segment(CanvasMode { canvas: true, keep, layer: false }, 0);
    hand_over(&segment, body);
    if segment.write_handover(json).is_err() {
        return;
    }
    let (mut memory, shape) = AppMemory::blank(own);
    let mut commits = CommitWriter::new(segment.clone());
    let mut kept = keep.then(KeptCanvas::default);
    let (mut takeover, body) = (Takeover::default(), Some(shape));
    let mut description = RendererInfo { body, ..RendererInfo::default() };
    for _ in 0..2 {
        let told = (&mut takeover, &mut description);
        let canvas = kept.as_mut();
        take_over_again(&segment, &mut commits, own, &mut memory, canvas, told, false);
        check(own, &memory, kept.as_ref());
    }
}

fn looking(json: &[u8], body: &[u8], own: &mut AppData<Prey>) {
    let mode = CanvasMode { canvas: false, keep: false, layer: false };
    let segment = segment(mode, feed_len(json.len(), body.len()));
    let (mut memory, _) = AppMemory::blank(own);
    let published = FeedWriter::new(segment.clone()).publish(json, body);
    assert_eq!(published, Ok(()), "there is room, {SPARE} bytes of it unused");
    let mut feed = Feed::new(&segment);
    let mut takeover = Takeover::default();
    let looked = feed.look(own, &mut memory, &mut takeover);
    if looked.is_ok() {
        assert!(serde_json::from_slice::<FeedHeader>(json).is_ok(), "a header that says nothing");
        let again = feed.look(own, &mut memory, &mut takeover);
        assert!(again.is_ok(), "{again:?}");
    }
    check(own, &memory, None);
}

/// Checks that everything the renderer holds is valid and can be committed.
fn check(own: &AppData<Prey>, memory: &AppMemory, kept: Option<&KeptCanvas>) {
    let own: &dyn ErasedApp = own;
    let state = own.bytes();
    assert!(State::check(&state).is_ok(), "{:?}", State::check(&state));
    let parked = ParkedSet::from_bytes(&memory.parked);
    assert!(parked.is_ok(), "{parked:?}");
    let (_, CommitShape { buffers, .. }) = AppMemory::blank(own);
    for (index, shape) in buffers.iter().enumerate() {
        let bytes = memory.buffers.bytes(index);
        assert_eq!(bytes.len(), shape.bytes());
        assert!(shape.name != "flags" || bytes.iter().all(|&flag| flag < 2), "{bytes:?}");
    }
    if let Some(KeptCanvas { size: (width, height), pixels }) = kept {
        assert_eq!(pixels.len(), *width as usize * *height as usize);
        assert!(pixels.len() <= LARGEST + SPARE, "{width} x {height}");
    }
}

//! The body of a commit as a value, and its conversion to and from a snapshot.

use super::CommitShape;
use crate::segment::{CommitHead, MAX_PIXELS};
use hot_reload_pod::Snapshot;
use hot_reload_pod::internal::{BufferShape, BufferStore, Parts, SavedBuffer, SavedCanvas};
use std::time::Duration;

/// State, buffers, parked values and the kept canvas, arranged as in a commit.
#[derive(Debug)]
pub(crate) struct CommitBody {
    pub(crate) shape: CommitShape,
    /// Number of parked bytes.
    pub(crate) parked: usize,
    /// Size of the canvas, in pixels.
    pub(crate) canvas: (u32, u32),
    pub(crate) bytes: Vec<u8>,
}

impl CommitBody {
    /// Returns a body with which the next generation begins with a new state.
    pub(crate) fn nothing() -> CommitBody {
        CommitBody { shape: CommitShape::empty(), parked: 0, canvas: (0, 0), bytes: Vec::new() }
    }

    /// Builds the body from a snapshot, with its canvas if `keep_canvas` is set.
    pub(crate) fn of(snapshot: &Snapshot, keep_canvas: bool) -> CommitBody {
        let Parts { layout, state, buffers, parked, canvas, .. } = snapshot.parts();
        let shapes = buffers.iter().map(|SavedBuffer { name, element, len, .. }| BufferShape {
            name: name.clone(),
            element: element.clone(),
            len: *len,
        });
        let shape = CommitShape { state: layout.clone(), buffers: shapes.collect() };
        let fits = canvas.pixels.len() <= MAX_PIXELS * 4 && !canvas.pixels.is_empty();
        let keep = keep_canvas && fits;
        let pixels = if keep { &canvas.pixels[..] } else { &[] };
        let canvas_at = shape.canvas_at(parked.len());
        let mut bytes = vec![0; canvas_at + pixels.len()];
        bytes[..state.len()].copy_from_slice(state);
        let mut offset = shape.buffers_at();
        for (buffer, shape) in buffers.iter().zip(&shape.buffers) {
            bytes[offset..offset + buffer.bytes.len()].copy_from_slice(&buffer.bytes);
            offset += BufferStore::arranged(std::slice::from_ref(shape));
        }
        bytes[offset..offset + parked.len()].copy_from_slice(parked);
        bytes[canvas_at..].copy_from_slice(pixels);
        let canvas = if keep { (canvas.width, canvas.height) } else { (0, 0) };
        CommitBody { shape, parked: parked.len(), canvas, bytes }
    }

    /// Copies the bytes at an offset.
    pub(crate) fn read(&self, offset: usize, to: &mut [u8]) {
        to.copy_from_slice(&self.bytes[offset..offset + to.len()]);
    }
}

/// Returns the commit as a snapshot; `None` before the first commit.
pub(crate) fn snapshot(
    application: &str,
    shape: &CommitShape,
    head: &CommitHead,
    bytes: &[u8],
    time: Duration,
) -> Option<Snapshot> {
    let mut offset = shape.buffers_at();
    let mut buffers = Vec::new();
    for shape in &shape.buffers {
        let BufferShape { name, element, len } = shape.clone();
        let bytes = bytes.get(offset..offset + shape.bytes())?.to_vec();
        buffers.push(SavedBuffer { name, element, len, bytes });
        offset += BufferStore::arranged(std::slice::from_ref(shape));
    }
    let parked = usize::try_from(head.parked).ok()?;
    let pixels = bytes.get(shape.canvas_at(parked)..)?.to_vec();
    let (width, height) = head.canvas;
    let parts = Parts {
        application: application.to_owned(),
        layout: shape.state.clone(),
        state: bytes.get(..shape.state.size())?.to_vec(),
        buffers,
        parked: bytes.get(offset..offset + parked)?.to_vec(),
        canvas: SavedCanvas { width, height, pixels },
        tick: head.tick,
        time,
    };
    Snapshot::from_parts(parts).ok()
}

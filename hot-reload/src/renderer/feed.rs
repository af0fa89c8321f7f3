//! The state that a view reads: the last commit of the part that owns the state.
//!
//! A view's state is overwritten before each of its turns, so its own changes last only one turn.
//! The view commits none of it.

use super::erased::ErasedApp;
use super::memory::AppMemory;
use super::takeover::{Handed, Takeover};
use crate::handshake::{CommitShape, FeedHeader};
use crate::segment::{FeedReader, Nonsense, Segment};
use hot_reload_pod::internal::BufferStore;
use std::sync::Arc;

pub(crate) struct Feed {
    reader: FeedReader,
    /// Parameters of the last handover, as bytes and decoded.
    arranged: Option<(Vec<u8>, Arranged)>,
    /// Set once a notice was printed.
    complained: bool,
}

struct Arranged {
    header: FeedHeader,
    /// True if the view's own state and buffers have the same layout.
    same: bool,
}

impl Feed {
    pub(crate) fn new(segment: &Arc<Segment>) -> Self {
        let reader = FeedReader::new(segment.clone());
        Feed { reader, arranged: None, complained: false }
    }

    /// Copies the newest commit into the view's state and buffers, which overwrites the view's
    /// changes.
    pub(crate) fn look(
        &mut self,
        own: &mut dyn ErasedApp,
        memory: &mut AppMemory,
        takeover: &mut Takeover,
    ) -> Result<(), Nonsense> {
        if !self.reader.acquire()? {
            return Ok(());
        }
        let header = self.reader.header();
        if self.arranged.as_ref().is_none_or(|(known, _)| *known != header) {
            let read: FeedHeader = serde_json::from_slice(&header).map_err(|_| Nonsense(0))?;
            if !read.shape.lies_within(self.reader.len(), read.parked, (0, 0)) {
                return Err(Nonsense(0));
            }
            let same = read.shape == own.shape(&own.buffer_plan());
            self.arranged = Some((header, Arranged { header: read, same }));
        }
        let Some((_, Arranged { header, same })) = &self.arranged else { return Ok(()) };
        if *same && self.overwrite(&header.shape, own, memory) {
            return Ok(());
        }
        // Start from blank buffers for what is not carried over.
        memory.blank_buffers(own);
        let read = |offset: usize, to: &mut [u8]| self.reader.read(offset, to);
        let handed =
            Handed { shape: &header.shape, parked: header.parked, canvas: (0, 0), read: &read };
        let taken = takeover.take(Some(&handed), own, memory, None);
        if !self.complained {
            for notice in taken.notices {
                self.complained = true;
                eprintln!("hot-reload: {notice}");
            }
        }
        Ok(())
    }

    /// Copies state and buffers directly. Returns whether the result is valid.
    fn overwrite(
        &self,
        shape: &CommitShape,
        own: &mut dyn ErasedApp,
        memory: &mut AppMemory,
    ) -> bool {
        if own.overwrite(&mut |to| self.reader.read(0, to)).is_err() {
            return false;
        }
        own.settle();
        let mut offset = shape.buffers_at();
        let mut bytes = Vec::new();
        shape.buffers.iter().enumerate().all(|(index, buffer)| {
            bytes.resize(buffer.bytes(), 0);
            self.reader.read(offset, &mut bytes);
            offset += BufferStore::arranged(std::slice::from_ref(buffer));
            memory.buffers.load(index, &bytes).is_ok()
        })
    }
}

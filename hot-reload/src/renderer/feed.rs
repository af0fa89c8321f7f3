//! What a view looks at: the last commit of the part of the application that owns the state.
//!
//! A view's state is overwritten before each of its turns, so that what it writes there is gone with
//! the next. It commits nothing of it.

use super::memory::Memory;
use super::own::AnyApp;
use super::takeover::{Handed, Takeover};
use crate::handshake::{BodyShape, FeedLetter};
use crate::segment::{FeedReader, Nonsense, Segment};
use crate::state::BufferStore;
use std::sync::Arc;

pub(crate) struct Feed {
    reader: FeedReader,
    /// How the last one was arranged, as it was written and as it was read.
    arranged: Option<(Vec<u8>, Arranged)>,
    /// Said once.
    complained: bool,
}

struct Arranged {
    letter: FeedLetter,
    /// Whether it is arranged as the view's own state and buffers are.
    same: bool,
}

impl Feed {
    pub(crate) fn new(segment: &Arc<Segment>) -> Self {
        let reader = FeedReader::new(segment.clone());
        Feed { reader, arranged: None, complained: false }
    }

    /// Puts the newest commit into the view's state and buffers, in place of what the view has made of
    /// the one before.
    pub(crate) fn look(
        &mut self,
        own: &mut dyn AnyApp,
        memory: &mut Memory,
        takeover: &mut Takeover,
    ) -> Result<(), Nonsense> {
        if !self.reader.acquire()? {
            return Ok(());
        }
        let letter = self.reader.letter();
        if self.arranged.as_ref().is_none_or(|(known, _)| *known != letter) {
            let read: FeedLetter = serde_json::from_slice(&letter).map_err(|_| Nonsense(0))?;
            if !read.shape.lies_within(self.reader.len(), read.parked, (0, 0)) {
                return Err(Nonsense(0));
            }
            let same = read.shape == own.shape(&own.buffer_plan());
            self.arranged = Some((letter, Arranged { letter: read, same }));
        }
        let Some((_, Arranged { letter, same })) = &self.arranged else { return Ok(()) };
        if *same && self.overwrite(&letter.shape, own, memory) {
            return Ok(());
        }
        // What is not carried over begins anew.
        memory.blank_buffers(own);
        let read = |offset: usize, to: &mut [u8]| self.reader.read(offset, to);
        let handed =
            Handed { shape: &letter.shape, parked: letter.parked, canvas: (0, 0), read: &read };
        let taken = takeover.take(Some(&handed), own, memory, None);
        if !self.complained {
            for notice in taken.notices {
                self.complained = true;
                eprintln!("hot-reload: {notice}");
            }
        }
        Ok(())
    }

    /// Copies state and buffers to where they lie; whether that made a valid state.
    fn overwrite(&self, shape: &BodyShape, own: &mut dyn AnyApp, memory: &mut Memory) -> bool {
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

//! The result of a rehearsal that was started for a comparison.

use crate::handshake::{self, CommitShape};
use crate::segment::CommitHead;
use hot_reload_pod::internal::Image;
use std::time::Duration;

/// The frame of a rehearsal, and the state after it.
#[derive(Debug)]
pub(in crate::supervisor) struct Rehearsal {
    pub(in crate::supervisor) shape: CommitShape,
    /// Width and height in pixels, and the pixels; `None` if nothing was drawn.
    pub(in crate::supervisor) frame: Option<((u32, u32), Vec<u32>)>,
    pub(in crate::supervisor) commit: Option<(CommitHead, Image)>,
}

impl Rehearsal {
    pub(in crate::supervisor) fn difference(&self, other: &Rehearsal) -> Option<String> {
        if self.shape != other.shape {
            return Some("another layout of state or buffers".to_owned());
        }
        if self.frame != other.frame {
            return Some(match (&self.frame, &other.frame) {
                (Some((size, one)), Some((other_size, other))) if size == other_size => {
                    let apart = one.iter().zip(other).filter(|(one, other)| one != other).count();
                    format!("another picture: {apart} pixels differ")
                }
                (Some(_), Some(_)) => "a picture of another size".to_owned(),
                _ => "only one of them draws a picture".to_owned(),
            });
        }
        let same = match (&self.commit, &other.commit) {
            (Some((_, one)), Some((_, other))) => one.bytes() == other.bytes(),
            (None, None) => true,
            _ => false,
        };
        (!same).then(|| {
            let lines = |it: &Rehearsal| it.tree().lines().map(str::to_owned).collect::<Vec<_>>();
            let (one, other) = (lines(self), lines(other));
            let line = one.iter().zip(&other).find(|(one, other)| one != other);
            let line = line.map(|(one, other)| format!(": `{}`, `{}`", one.trim(), other.trim()));
            format!("another state after one frame{}", line.unwrap_or_default())
        })
    }

    /// Returns the state as text.
    fn tree(&self) -> String {
        let snapshot = self.commit.as_ref().and_then(|(head, image)| {
            handshake::snapshot("", &self.shape, head, image.bytes(), Duration::ZERO)
        });
        snapshot.map(|it| it.to_string()).unwrap_or_default()
    }
}

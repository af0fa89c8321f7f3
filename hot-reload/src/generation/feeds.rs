//! Subscribers of the leading part's state: each receives every commit.

use super::commit::Committed;
use crate::handshake::{CommitShape, FeedHeader};
use crate::lock::lock;
use crate::segment::{FeedWriter, Segment, Unpublished, feed_len};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The subscribed views, each one generation of a module. While commits arrive, the main thread
/// does not take their lock.
#[derive(Default)]
pub(crate) struct Feeds {
    views: Mutex<Vec<View>>,
    next: AtomicU64,
}

struct View {
    number: u64,
    writer: FeedWriter,
    /// Last header that was written, and its contents.
    header: Vec<u8>,
    says: Option<(Arc<CommitShape>, u64)>,
    on_trouble: OnTrouble,
}

/// Callback that reports why a view receives no more commits.
pub(crate) type OnTrouble = Box<dyn Fn(Unpublished) + Send + Sync>;

/// Keeps a view supplied with commits until it is dropped.
pub(crate) struct Subscription {
    feeds: Arc<Feeds>,
    number: u64,
}

impl Feeds {
    /// Subscribes a view: it receives the last commit at once and every later one. `latest` is
    /// called while no commit can come in between.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        segment: &Arc<Segment>,
        on_trouble: OnTrouble,
        latest: impl FnOnce() -> Arc<Committed>,
    ) -> Subscription {
        // Relaxed: the numbers only have to differ.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let writer = FeedWriter::new(segment.clone());
        let mut view = View { number, writer, header: Vec::new(), says: None, on_trouble };
        let mut views = lock(&self.views);
        if view.give(&latest()) {
            views.push(view);
        }
        Subscription { feeds: self.clone(), number }
    }

    /// Gives a commit to all views, and then calls `known`, which makes it public.
    pub(crate) fn publish<T>(&self, committed: &Committed, known: impl FnOnce() -> T) -> T {
        let mut views = lock(&self.views);
        views.retain_mut(|view| view.give(committed));
        known()
    }
}

impl View {
    /// Gives a commit to the view. Returns whether it can receive more.
    fn give(&mut self, committed: &Committed) -> bool {
        let Committed { shape, head, image, .. } = committed;
        if !committed.exists() {
            return true;
        }
        let says = self.says.as_ref();
        if says.is_none_or(|(known, parked)| !Arc::ptr_eq(known, shape) || *parked != head.parked) {
            self.header = header(committed);
            self.says = Some((shape.clone(), head.parked));
        }
        // Excludes the canvas, which belongs to the leading part alone.
        let body = image.bytes().len().min(canvas_at(committed));
        match self.writer.publish(&self.header, &image.bytes()[..body]) {
            Ok(()) => true,
            Err(trouble) => {
                (self.on_trouble)(trouble);
                false
            }
        }
    }
}

/// Returns the length of a commit without its canvas; before the first commit, its expected length.
fn canvas_at(committed: &Committed) -> usize {
    let parked = usize::try_from(committed.head.parked).unwrap_or(usize::MAX);
    committed.shape.canvas_at(parked)
}

/// Describes the arrangement of a commit to the views that read it.
fn header(committed: &Committed) -> Vec<u8> {
    let parked = usize::try_from(committed.head.parked).unwrap_or(usize::MAX);
    let header = FeedHeader { shape: (*committed.shape).clone(), parked };
    // Cannot fail: a layout consists of names and numbers.
    serde_json::to_vec(&header).unwrap_or_default()
}

/// Returns the room that a view's segment needs to receive commits like this one.
pub(crate) fn feed_for(committed: &Committed) -> usize {
    feed_len(header(committed).len(), canvas_at(committed))
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.feeds.views).retain(|view| view.number != self.number);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subscription({})", self.number)
    }
}

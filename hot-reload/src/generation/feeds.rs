//! Who looks at the state that one part of the application owns: its commits go to all of them.

use super::commit::Committed;
use crate::handshake::{BodyShape, FeedLetter};
use crate::segment::{FeedWriter, Segment, Unpublished, feed_len};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The views' ends, each of one generation. While commits come, the main thread does not take their lock.
#[derive(Default)]
pub(crate) struct Feeds {
    views: Mutex<Vec<View>>,
    next: AtomicU64,
}

struct View {
    number: u64,
    writer: FeedWriter,
    /// The letter that was written last, and what it says.
    letter: Vec<u8>,
    says: Option<(Arc<BodyShape>, u64)>,
    on_trouble: OnTrouble,
}

/// Told why a view is given nothing more.
pub(crate) type OnTrouble = Box<dyn Fn(Unpublished) + Send + Sync>;

/// A view is given commits as long as this lives.
pub(crate) struct Subscription {
    feeds: Arc<Feeds>,
    number: u64,
}

impl Feeds {
    /// Gives a view what is committed from now on, and the last commit at once. `latest` is asked when
    /// nothing can come in between.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        segment: &Arc<Segment>,
        on_trouble: OnTrouble,
        latest: impl FnOnce() -> Arc<Committed>,
    ) -> Subscription {
        // Orders nothing: only different numbers are asked for.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let writer = FeedWriter::new(segment.clone());
        let mut view = View { number, writer, letter: Vec::new(), says: None, on_trouble };
        let mut views = self.lock();
        if view.give(&latest()) {
            views.push(view);
        }
        Subscription { feeds: self.clone(), number }
    }

    /// Gives all views a commit, and then does what makes it known.
    pub(crate) fn publish<T>(&self, committed: &Committed, known: impl FnOnce() -> T) -> T {
        let mut views = self.lock();
        views.retain_mut(|view| view.give(committed));
        known()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<View>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// Whether it can be given more.
    fn give(&mut self, committed: &Committed) -> bool {
        let Committed { shape, head, image, .. } = committed;
        if !committed.exists() {
            return true;
        }
        let says = self.says.as_ref();
        if says.is_none_or(|(known, parked)| !Arc::ptr_eq(known, shape) || *parked != head.parked) {
            self.letter = letter(committed);
            self.says = Some((shape.clone(), head.parked));
        }
        // Without the canvas, which is the leading part's own.
        let body = image.bytes().len().min(canvas_at(committed));
        match self.writer.publish(&self.letter, &image.bytes()[..body]) {
            Ok(()) => true,
            Err(trouble) => {
                (self.on_trouble)(trouble);
                false
            }
        }
    }
}

/// Length of a commit without its canvas, or what it will be before the first.
fn canvas_at(committed: &Committed) -> usize {
    let parked = usize::try_from(committed.head.parked).unwrap_or(usize::MAX);
    committed.shape.canvas_at(parked)
}

/// How a commit is arranged, for those who look at it.
fn letter(committed: &Committed) -> Vec<u8> {
    let parked = usize::try_from(committed.head.parked).unwrap_or(usize::MAX);
    let letter = FeedLetter { shape: (*committed.shape).clone(), parked };
    // A layout is made of names and numbers.
    serde_json::to_vec(&letter).unwrap_or_default()
}

/// What a view's segment must have room for, to look at commits like this one.
pub(crate) fn feed_for(committed: &Committed) -> usize {
    feed_len(letter(committed).len(), canvas_at(committed))
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.feeds.lock().retain(|view| view.number != self.number);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subscription({})", self.number)
    }
}

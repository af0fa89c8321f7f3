//! The owner's copy of the last committed state: the authority from which a generation starts.
//!
//! A separate thread, the copier, takes the copy, because copying a large state takes longer than a
//! tick may. The main thread only exchanges pointers with it.

use super::commit::Committed;
use super::feeds::{Feeds, OnTrouble, Subscription, feed_for};
use crate::app::App;
use crate::error::Error;
use crate::handshake::{CommitBody, CommitShape};
use crate::lock::lock;
use crate::segment::{CommitHead, CommitReader, Nonsense, Segment};
use crate::threads::spawn;
use hot_reload_pod::internal::Image;
use hot_reload_pod::{Invalid, OwnedLayout, SharedState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Callback that reports a generation whose commits make no sense.
pub(crate) type OnFault = Box<dyn Fn(u32, String) + Send + Sync>;

/// The copies of the state, and their source.
pub(crate) struct CommitStore {
    /// Locked only while a pointer is exchanged.
    latest: Mutex<Arc<Committed>>,
    /// Other readers of the state.
    feeds: Arc<Feeds>,
    /// Locked while a commit is copied; never by the main thread.
    source: Mutex<Source>,
    /// Upper limits for a valid commit: the newest tick, and the number of messages, that any
    /// generation can have been given.
    sent: (AtomicU64, AtomicU64),
    /// Time of that tick on the owner's clock, in nanoseconds.
    time: AtomicU64,
    own: OwnedLayout,
    check: fn(&mut Image) -> Result<(), Invalid>,
    on_fault: OnFault,
}

#[derive(Default)]
struct Source {
    open: Option<OpenCommits>,
    /// Earlier copies, kept so that their memory can be reused once nothing refers to them.
    retired: Vec<Arc<Committed>>,
    closed: bool,
}

/// Source of one generation's commits.
#[derive(Debug)]
pub(crate) struct OpenCommits {
    generation: u32,
    reader: CommitReader,
    shape: Arc<CommitShape>,
}

/// A generation's last commit, still in that generation's segment. The generation is parked and
/// should not write there; if it does, the next generation's checks find out.
#[cfg(feature = "owner")]
#[derive(Debug)]
pub(crate) struct Closing {
    open: OpenCommits,
    head: CommitHead,
}

#[cfg(feature = "owner")]
impl Closing {
    pub(crate) fn head(&self) -> &CommitHead {
        &self.head
    }

    pub(crate) fn shape(&self) -> &CommitShape {
        &self.open.shape
    }

    /// Copies the body to where the next generation reads it.
    ///
    /// # Errors
    /// Returns the length if there is no room for it.
    pub(crate) fn hand_over(&self, next: &CommitReader) -> Result<(), usize> {
        self.open.reader.hand_front_over(&self.head, next)
    }
}

/// Handle of the thread that copies; the thread ends when this is dropped.
pub(crate) struct CommitCopier {
    commit_store: Arc<CommitStore>,
    thread: Option<JoinHandle<()>>,
}

impl CommitStore {
    /// Starts the copier of an application's state.
    pub(crate) fn start<A: App>(
        shape: CommitShape,
        on_fault: OnFault,
    ) -> Result<CommitCopier, Error> {
        let none = Committed {
            generation: 0,
            head: CommitHead::default(),
            shape: Arc::new(shape),
            image: Image::zeroed(0),
        };
        let commit_store = Arc::new(CommitStore {
            latest: Mutex::new(Arc::new(none)),
            feeds: Arc::default(),
            source: Mutex::default(),
            sent: (AtomicU64::new(0), AtomicU64::new(0)),
            time: AtomicU64::new(0),
            own: A::State::LAYOUT.into(),
            check: Image::check::<A::State>,
            on_fault,
        });
        const NAME: &str = "hot-reload copier";
        let kept = commit_store.clone();
        let turn = move || {
            while !kept.copy() {
                thread::park();
            }
        };
        let thread = spawn(NAME, turn).map_err(Error::thread(NAME))?;
        Ok(CommitCopier { commit_store, thread: Some(thread) })
    }

    /// Returns the last commit that was copied.
    pub(crate) fn latest(&self) -> Arc<Committed> {
        lock(&self.latest).clone()
    }

    /// Makes a commit the latest for all readers. Returns the previous one.
    fn replace(&self, committed: Arc<Committed>) -> Arc<Committed> {
        // Publish to the views first: a reader that sees the new commit here expects them to have
        // it.
        self.feeds
            .publish(&committed, || std::mem::replace(&mut *lock(&self.latest), committed.clone()))
    }

    /// Returns the room that a segment needs if its renderer is to read the state.
    pub(crate) fn feed(&self) -> usize {
        feed_for(&self.latest())
    }

    /// Lets the renderer of another part read the state, starting with the last commit.
    pub(crate) fn subscribe(&self, segment: &Arc<Segment>, on_trouble: OnTrouble) -> Subscription {
        self.feeds.subscribe(segment, on_trouble, || self.latest())
    }

    /// Replaces the last commit by a restored state.
    ///
    /// # Errors
    /// Describes what in it is not valid; the last commit then stays.
    pub(crate) fn begin_from(&self, body: &CommitBody) -> Result<(), String> {
        let mut source = lock(&self.source);
        let restored = self.restored(body, &self.latest())?;
        source.open = None;
        source.retired.push(self.replace(Arc::new(restored)));
        Ok(())
    }

    /// Returns a restored state as a commit, with the generation and tick of `before`.
    ///
    /// # Errors
    /// Describes what in it is not valid.
    pub(crate) fn restored(
        &self,
        body: &CommitBody,
        before: &Committed,
    ) -> Result<Committed, String> {
        let CommitBody { shape, parked, canvas, bytes } = body;
        let mut image = Image::zeroed(bytes.len());
        image.bytes_mut().copy_from_slice(bytes);
        // A state of another layout can be checked only by the renderer that takes it over.
        if self.own.agrees(&shape.state)
            && let Err(invalid) = (self.check)(&mut image)
        {
            return Err(invalid.to_string());
        }
        let (body, parked) = (bytes.len() as u64, *parked as u64);
        let head = CommitHead { body, parked, canvas: *canvas, ..before.head };
        let shape = Arc::new(shape.clone());
        Ok(Committed { generation: before.generation, head, shape, image })
    }

    /// Records the tick that is sent next, the number of messages sent so far, and the tick's time.
    ///
    /// Relaxed: a commit of this tick is read only after the tick was sent.
    pub(crate) fn sent(&self, tick: u64, messages: u64, time: Duration) {
        // Saturates after 584 years.
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.time.store(time, Ordering::Relaxed);
        self.sent.0.store(tick, Ordering::Relaxed);
        self.sent.1.store(messages, Ordering::Relaxed);
    }

    /// Lowers the number of messages that a generation can have been given, after some of them have
    /// been left out.
    pub(crate) fn limit_messages(&self, messages: u64) {
        self.sent.1.store(messages, Ordering::Relaxed);
    }

    /// Returns the time of the newest tick, on the owner's clock.
    #[cfg(feature = "owner")]
    pub(crate) fn time(&self) -> Duration {
        Duration::from_nanos(self.time.load(Ordering::Relaxed))
    }

    /// Continues with the commits of another generation.
    pub(crate) fn open(&self, generation: u32, reader: CommitReader, shape: Arc<CommitShape>) {
        lock(&self.source).open = Some(OpenCommits { generation, reader, shape });
    }

    /// Returns to an earlier commit, and continues with the commits of the generation that made it.
    #[cfg(feature = "owner")]
    pub(crate) fn open_again(&self, base: Arc<Committed>, commits: Option<OpenCommits>) {
        let mut source = lock(&self.source);
        source.open = commits;
        source.retired.push(self.replace(base));
    }

    /// Copies the last commit of the generation and closes it. Later writes are ignored, unless its
    /// commits are opened again.
    #[cfg(feature = "owner")]
    pub(crate) fn close(&self) -> (Arc<Committed>, Option<OpenCommits>) {
        self.copy();
        let commits = lock(&self.source).open.take();
        (self.latest(), commits)
    }

    /// Closes a generation's commits and leaves the last one to be copied later. Returns `None` if
    /// the owner must check the state first, or if there is no new commit.
    #[cfg(feature = "owner")]
    pub(crate) fn begin_to_close(&self) -> Option<Closing> {
        let mut source = lock(&self.source);
        let mut open = source.open.take_if(|open| !self.checks(&open.shape))?;
        let head = open.reader.acquire_head();
        let sound = |head: &CommitHead| self.wrong_head(&open.shape, head).is_none();
        match head {
            Ok(Some(head)) if sound(&head) => Some(Closing { open, head }),
            Ok(None) => {
                source.open = Some(open);
                None
            }
            Ok(Some(_)) | Err(_) => {
                (self.on_fault)(open.generation, "its last commit is damaged".to_owned());
                None
            }
        }
    }

    /// Copies the commit of a closed generation.
    #[cfg(feature = "owner")]
    pub(crate) fn finish_to_close(
        &self,
        closing: Closing,
    ) -> (Arc<Committed>, Option<OpenCommits>) {
        let Closing { open, head } = closing;
        let mut source = lock(&self.source);
        let len = usize::try_from(head.body).unwrap_or(usize::MAX);
        let image = open.reader.copy_front(&head, take_memory(&mut source.retired, len));
        let fault = self.store(&open, head, image, &mut source.retired);
        debug_assert_eq!(fault, None, "its head was found sound, and its state needs no check");
        (self.latest(), Some(open))
    }

    /// Returns whether the owner must check a state of this shape itself, before it is taken over.
    #[cfg(feature = "owner")]
    fn checks(&self, shape: &CommitShape) -> bool {
        self.own.agrees(&shape.state) && !self.own.is_any_bytes()
    }

    /// Copies the last commit of the generation, closes it, and returns the result.
    pub(crate) fn settle(&self) -> Arc<Committed> {
        self.copy();
        lock(&self.source).open = None;
        self.latest()
    }

    /// Copies the newest commit, if there is a new one. Returns whether the copier should end.
    pub(crate) fn copy(&self) -> bool {
        let mut source = lock(&self.source);
        let Source { open: Some(open), retired, .. } = &mut *source else {
            return source.closed;
        };
        let acquired = open.reader.acquire(|len| take_memory(retired, len));
        let generation = open.generation;
        let fault = match acquired {
            Ok(Some((head, image))) => self.store(open, head, image, retired),
            Ok(None) => None,
            Err(Nonsense(word)) => Some(format!("its commit is damaged (read {word:#x})")),
        };
        if let Some(reason) = fault {
            source.open = None;
            (self.on_fault)(generation, reason);
        }
        source.closed
    }

    /// Makes a copy the latest if it is valid. Otherwise returns what is wrong.
    fn store(
        &self,
        open: &OpenCommits,
        head: CommitHead,
        mut image: Image,
        retired: &mut Vec<Arc<Committed>>,
    ) -> Option<String> {
        if let Some(wrong) = self.wrong_head(&open.shape, &head) {
            return Some(wrong);
        }
        if image.bytes().len() as u64 != head.body {
            return Some(format!(
                "its commit has {} bytes, not {}",
                image.bytes().len(),
                head.body
            ));
        }
        // A state of another layout can be checked only by the renderer that takes it over.
        if self.own.agrees(&open.shape.state)
            && let Err(invalid) = (self.check)(&mut image)
        {
            return Some(format!("its committed state is not valid: {invalid}"));
        }
        let (generation, shape) = (open.generation, open.shape.clone());
        let committed = Arc::new(Committed { generation, head, shape, image });
        retired.push(self.replace(committed));
        None
    }

    /// Returns what is wrong with the head of a commit, if anything.
    fn wrong_head(&self, shape: &CommitShape, head: &CommitHead) -> Option<String> {
        let canvas = (head.canvas.0 as usize).saturating_mul(head.canvas.1 as usize);
        let parked = usize::try_from(head.parked).unwrap_or(usize::MAX);
        let expected = shape.canvas_at(parked).saturating_add(canvas.saturating_mul(4));
        if usize::try_from(head.body) != Ok(expected) {
            return Some(format!("its commit has {} bytes, not {expected}", head.body));
        }
        // The next generation continues from these numbers after their writer has gone.
        let (base, sent) = (self.latest().head, &self.sent);
        let ticks = base.tick..=sent.0.load(Ordering::Relaxed);
        let messages = base.received..=sent.1.load(Ordering::Relaxed);
        if !ticks.contains(&head.tick) || !messages.contains(&head.received) {
            return Some(format!(
                "its commit claims tick {} after {} messages; expected {ticks:?} after {messages:?}",
                head.tick, head.received
            ));
        }
        None
    }
}

impl CommitCopier {
    pub(crate) fn commit_store(&self) -> &Arc<CommitStore> {
        &self.commit_store
    }

    /// Wakes the copier if there is a new commit; otherwise costs one load.
    pub(crate) fn poke(&self, segment: &Segment) {
        if CommitReader::is_fresh(segment)
            && let Some(thread) = &self.thread
        {
            thread.thread().unpark();
        }
    }
}

impl Drop for CommitCopier {
    fn drop(&mut self) {
        lock(&self.commit_store.source).closed = true;
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the copier was already printed; nothing is left to receive it.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for CommitStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommitStore").field("own", &self.own).finish_non_exhaustive()
    }
}

/// Returns memory for a copy: that of an earlier copy if nothing refers to it any more.
fn take_memory(retired: &mut Vec<Arc<Committed>>, len: usize) -> Image {
    for old in std::mem::take(retired) {
        match Arc::try_unwrap(old) {
            Ok(old) if old.image.bytes().len() == len => return old.image,
            Ok(_) => {}
            Err(shared) => retired.push(shared),
        }
    }
    Image::zeroed(len)
}

//! The times of each step of the last 1,000 reloads; see [`Owner::history`](crate::Owner::history).
// The supervisor records a reload when its first frame arrives. Only the main thread holds the
// history; it adds the time at which the application took the picture.

mod table;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Number of reloads that are kept.
const KEPT: usize = 1_000;

/// A step on the way from a save to the picture, in the order in which they happen.
///
/// Each time is the moment at which the *owner* saw the step; it polls a generation's status every
/// half millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The first sign of the change, before it is given time to settle: a save reported by the
    /// system, a crash, a call of [`Owner::reload`](crate::Owner::reload).
    Noticed,
    /// The build began.
    BuildStarted,
    /// The compiler started on the first crate that had to be compiled. Unknown if nothing had to
    /// be compiled, or if another tool builds the program.
    CompilerStarted,
    /// The compiler and the linker finished the last crate.
    CompilerFinished,
    /// A program exists, in the place from which it is run.
    BuildFinished,
    /// The program was started.
    Spawned,
    /// The program has found its owner, and both agree about the types. Its set-up is next.
    Attached,
    /// The program has finished its set-up and its rehearsal, and is ready to draw.
    Ready,
    /// The previous generation has committed and stands still; this one continues from there.
    /// Absent if no other generation was drawing: for the first one, and for the replacement of one
    /// that is gone.
    Cut,
    /// The owner has its first frame (or, for a generation that draws none, its first answered
    /// tick).
    Published,
    /// The application asked for the pixels of a frame of this generation for the first time
    /// ([`Picture::pixels`](crate::Picture::pixels), [`Picture::frame`](crate::Picture::frame)).
    /// The time until they appear on the screen is not known.
    Presented,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Step; 11] = [
        Step::Noticed,
        Step::BuildStarted,
        Step::CompilerStarted,
        Step::CompilerFinished,
        Step::BuildFinished,
        Step::Spawned,
        Step::Attached,
        Step::Ready,
        Step::Cut,
        Step::Published,
        Step::Presented,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Step::Noticed => "noticed",
            Step::BuildStarted => "build started",
            Step::CompilerStarted => "compiler started",
            Step::CompilerFinished => "compiler finished",
            Step::BuildFinished => "build finished",
            Step::Spawned => "spawned",
            Step::Attached => "attached",
            Step::Ready => "ready",
            Step::Cut => "cut",
            Step::Published => "first frame published",
            Step::Presented => "presented",
        })
    }
}

/// Reason why a generation began to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The application started.
    Start,
    /// A source file was saved.
    Save,
    /// Another tool has built a new program; see
    /// [`OwnerBuilder::artifact`](crate::OwnerBuilder::artifact).
    Artifact,
    /// The previous generation failed: this one continues from the last commit.
    Crash,
    /// The previous generation exceeded a deadline.
    Hang,
    /// [`Owner::reload`](crate::Owner::reload) or [`Owner::restore`](crate::Owner::restore) was
    /// called.
    Asked,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Cause::Start => "start",
            Cause::Save => "save",
            Cause::Artifact => "artifact",
            Cause::Crash => "crash",
            Cause::Hang => "hang",
            Cause::Asked => "asked",
        })
    }
}

/// One generation that began to draw, or that was put back, with the times of its steps.
///
/// Its clock starts with its first step. For a save, this is the newest save that its build
/// contains: a save that cancels a build restarts the clock, and the time spent on fixing a failed
/// build is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reload {
    generation: u32,
    build: u32,
    cause: Cause,
    begun: Instant,
    times: Times,
}

/// Time of each step, if it happened and is known.
pub(crate) type Times = [Option<Instant>; Step::ALL.len()];

impl Reload {
    /// Builds a reload. Returns `None` if no step is known. A time before that of an earlier step
    /// is moved to that step's time.
    pub(crate) fn new(generation: u32, build: u32, cause: Cause, mut times: Times) -> Option<Self> {
        let begun = times.iter().flatten().next().copied()?;
        let mut last = begun;
        for time in times.iter_mut().flatten() {
            last = last.max(*time);
            *time = last;
        }
        Some(Reload { generation, build, cause, begun, times })
    }

    /// Returns the generation that began to draw.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Returns the build that it runs, counted from 1; 0 for the owner's own program, which draws until
    /// the first build has ended.
    #[must_use]
    pub fn build(&self) -> u32 {
        self.build
    }

    /// Returns the reason why it began.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Returns the time of its first step.
    #[must_use]
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Returns the time from the first step to `step`; `None` if it did not happen, has not
    /// happened yet, or is not known.
    #[must_use]
    pub fn at(&self, step: Step) -> Option<Duration> {
        self.times[step as usize].map(|time| time.duration_since(self.begun))
    }

    /// Returns the known steps, in order, with their times since the first.
    pub fn steps(&self) -> impl Iterator<Item = (Step, Duration)> + '_ {
        Step::ALL.into_iter().filter_map(|step| Some((step, self.at(step)?)))
    }

    /// Returns the known steps except the first, in order, each with the time since the known step
    /// before it.
    pub fn spans(&self) -> impl Iterator<Item = (Step, Duration)> + '_ {
        let mut before = Duration::ZERO;
        let span = move |(step, at)| (step, at - std::mem::replace(&mut before, at));
        self.steps().map(span).skip(1)
    }

    /// Returns the time from the first step to the last known one.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.steps().last().map_or(Duration::ZERO, |(_, at)| at)
    }

    /// Returns the time of the last known step.
    fn last(&self) -> Instant {
        self.times.iter().flatten().last().copied().unwrap_or(self.begun)
    }
}

/// The last 1,000 reloads; made by [`Owner::history`](crate::Owner::history).
///
/// Its `Display` form is a table of the time between each step and the one before, and of the
/// total, as the 50th, 95th and 99th percentile over the reloads after a save ([`Cause::Save`],
/// [`Cause::Artifact`]). Reloads with other causes are only counted, below the table. Percentiles
/// use the nearest rank: each is the smallest measured time that at least that share of the times
/// does not exceed. Nothing is interpolated, and for a few reloads p95 and p99 are the longest
/// time.
///
/// ```no_run
/// use hot_reload::history::Step;
/// # use hot_reload::{App, Owner};
/// # fn show<Demo: App>(owner: &Owner<Demo>) {
/// let history = owner.history();
/// println!("{history}");
/// if let Some(last) = history.last() {
///     println!("build {}: {:?} until its first frame", last.build(), last.at(Step::Published));
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Shared with the copies that were handed out; copied if a reload is added while there are
    /// any.
    reloads: Arc<VecDeque<Reload>>,
}

impl History {
    /// Returns the reloads, newest last.
    pub fn reloads(&self) -> impl DoubleEndedIterator<Item = &Reload> + ExactSizeIterator {
        self.reloads.iter()
    }

    /// Returns the newest reload.
    #[must_use]
    pub fn last(&self) -> Option<&Reload> {
        self.reloads.back()
    }

    /// Returns the number of reloads.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reloads.len()
    }

    /// Returns true if there are no reloads, as always in one process.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reloads.is_empty()
    }

    /// Adds a reload. The main thread may have seen a frame of it earlier.
    pub(crate) fn push(&mut self, reload: Reload) {
        let reloads = Arc::make_mut(&mut self.reloads);
        if reloads.len() == KEPT {
            reloads.pop_front();
        }
        reloads.push_back(reload);
    }

    /// Records when the first frame of the picture's generation was taken, and when the application
    /// asked for its pixels. Ignores a picture that is older than the reload.
    pub(crate) fn seen(&mut self, generation: u32, taken: Instant, asked: Option<Instant>) {
        let waits = |reload: &Reload| {
            reload.generation == generation && reload.times[Step::Presented as usize].is_none()
        };
        let Some(reload) = self.reloads.back().filter(|reload| waits(reload)) else { return };
        let published = reload.times[Step::Published as usize];
        let before = reload.times[..Step::Published as usize].iter().flatten().last().copied();
        // The main thread may be faster than the supervisor, but not faster than the cut.
        let earlier = published.map(|published| published.min(taken).max(before.unwrap_or(taken)));
        let last = earlier.unwrap_or_else(|| reload.last());
        let asked = asked.filter(|&asked| taken >= reload.begun && asked >= last);
        if asked.is_none() && earlier == published {
            return;
        }
        let newest = Arc::make_mut(&mut self.reloads).back_mut();
        if let Some(reload) = newest {
            reload.times[Step::Published as usize] = earlier;
            reload.times[Step::Presented as usize] = asked;
        }
    }

    /// Returns the last reload of a generation.
    pub(crate) fn of(&self, generation: u32) -> Option<&Reload> {
        self.reloads.iter().rev().find(|reload| reload.generation == generation)
    }
}

impl<'h> IntoIterator for &'h History {
    type Item = &'h Reload;
    type IntoIter = std::collections::vec_deque::Iter<'h, Reload>;

    fn into_iter(self) -> Self::IntoIter {
        self.reloads.iter()
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a reload with steps at the given milliseconds.
    pub(super) fn reload(generation: u32, cause: Cause, steps: &[(Step, u64)]) -> Reload {
        let begun = Instant::now();
        let mut times = Times::default();
        for &(step, at) in steps {
            times[step as usize] = Some(begun + Duration::from_millis(at));
        }
        Reload::new(generation, generation, cause, times).unwrap()
    }

    #[test]
    fn the_last_thousand_are_kept() {
        let mut history = History::default();
        for generation in 1..=1_001 {
            history.push(reload(generation, Cause::Save, &[(Step::Noticed, 0)]));
        }
        assert_eq!((history.len(), history.reloads().len()), (1_000, 1_000));
        let generations = history.reloads().map(Reload::generation).collect::<Vec<_>>();
        assert_eq!((generations[0], generations[999]), (2, 1_001), "the oldest is dropped");
        assert!(history.of(1).is_none() && history.of(2).is_some());
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut history = History::default();
        history.push(reload(1, Cause::Start, &[(Step::Noticed, 0)]));
        let snapshot = history.clone();
        history.push(reload(2, Cause::Save, &[(Step::Noticed, 0)]));
        assert_eq!((snapshot.len(), history.len()), (1, 2));
    }

    #[test]
    fn steps_are_in_order_and_spans_add_up() {
        assert!(Step::ALL.is_sorted());
        assert!(Step::ALL.iter().enumerate().all(|(index, step)| *step as usize == index));
        // A step that seems to be earlier than its predecessor is moved to it.
        let steps =
            [(Step::BuildStarted, 5), (Step::Spawned, 20), (Step::Ready, 15), (Step::Cut, 30)];
        let reload = reload(1, Cause::Save, &steps);
        let at = |milliseconds| Some(Duration::from_millis(milliseconds));
        let found = [Step::BuildStarted, Step::Spawned, Step::Ready, Step::Cut, Step::Noticed];
        assert_eq!(found.map(|step| reload.at(step)), [at(0), at(15), at(15), at(25), None]);
        assert_eq!(reload.spans().map(|(_, span)| span).sum::<Duration>(), reload.total());
        let spans = reload.spans().map(|(step, _)| step).collect::<Vec<_>>();
        assert_eq!(spans, [Step::Spawned, Step::Ready, Step::Cut], "the first takes no time");
        assert!(Reload::new(1, 1, Cause::Start, Times::default()).is_none());
    }

    #[test]
    fn what_the_main_thread_saw_is_added_to_the_newest() {
        let steps = [(Step::Noticed, 0), (Step::Cut, 100), (Step::Published, 120)];
        let mut history = History::default();
        history.push(reload(7, Cause::Save, &steps));
        let begun = history.last().unwrap().begun();
        let after = |milliseconds| begun + Duration::from_millis(milliseconds);
        let at = |history: &History, step| history.last().unwrap().at(step);

        history.seen(6, after(50), Some(after(130)));
        assert_eq!(at(&history, Step::Presented), None, "a picture of the one before");
        history.seen(7, after(110), None);
        assert_eq!(at(&history, Step::Published), Some(Duration::from_millis(110)));
        history.seen(7, after(110), Some(after(140)));
        assert_eq!(at(&history, Step::Presented), Some(Duration::from_millis(140)));
        history.seen(7, after(110), Some(after(150)));
        assert_eq!(at(&history, Step::Presented), Some(Duration::from_millis(140)), "the first");

        // Put back: its old picture does not count, the next one does.
        history.push(reload(7, Cause::Crash, &[(Step::Noticed, 200), (Step::Cut, 201)]));
        let begun = history.last().unwrap().begun();
        let before = begun.checked_sub(Duration::from_millis(20)).unwrap();
        history.seen(7, before, Some(before));
        assert_eq!(at(&history, Step::Presented), None);
        let after = begun + Duration::from_millis(9);
        history.seen(7, after, Some(after));
        assert_eq!(at(&history, Step::Presented), Some(Duration::from_millis(9)));
    }
}

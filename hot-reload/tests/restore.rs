//! Tests of a state that is taken over by other code than the code that wrote it, in one process.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use hot_reload::{
    App, Frame, Owner, SharedState, Snapshot, WindowInput,
    collections::FixedMap,
    migration::{OldState, Outcome},
};
use std::cmp::{Ordering, Reverse};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, SharedState)]
#[repr(C)]
struct Upwards(u32);

/// A type with the same bytes as `Upwards`, in the opposite order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SharedState)]
#[repr(C)]
struct Downwards(u32);

impl Ord for Downwards {
    fn cmp(&self, other: &Self) -> Ordering {
        Reverse(self.0).cmp(&Reverse(other.0))
    }
}

impl PartialOrd for Downwards {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Before {
    scores: FixedMap<Upwards, u32, 8>,
}

#[derive(Clone, Copy, Default, SharedState)]
#[repr(C)]
struct After {
    scores: FixedMap<Downwards, u32, 8>,
}

struct Scores;

impl App for Scores {
    const RENDERER: &'static str = "scores";
    type Arguments = ();
    type State = After;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Ticks until there is a commit.
fn settled<A: App<Arguments = ()>>(snapshot: Snapshot) -> Owner<A> {
    let owner = Owner::<A>::builder(()).size(8, 8).one_process().restore(snapshot);
    let mut owner = owner.start(|_: &mut Frame<'_, A>| {}).unwrap();
    let begin = Instant::now();
    while owner.state().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{owner:?}");
        owner.tick(&WindowInput::idle(8, 8));
        std::thread::sleep(Duration::from_millis(1));
    }
    owner.tick(&WindowInput::idle(8, 8));
    owner
}

#[test]
fn a_map_is_sorted_anew_by_code_that_sorts_otherwise() {
    let mut before = Before { scores: FixedMap::new() };
    for key in 0..8 {
        before.scores.insert(Upwards(key), 10 * key).unwrap();
    }
    let owner = settled::<Scores>(Snapshot::of(&before, "scores"));
    let scores = &owner.state().unwrap().scores;
    for key in 0..8 {
        assert_eq!(scores.get(&Downwards(key)), Some(&(10 * key)), "{scores:?}");
    }
    assert_eq!(owner.status().migration, None, "the layout is the same");
}

#[derive(Clone, Copy, SharedState)]
#[repr(C)]
struct Degrees {
    degrees: f32,
    speed: u16,
}

#[derive(Clone, Copy, Default, SharedState)]
#[repr(C)]
struct Radians {
    radians: f32,
    speed: u32,
}

struct Turning;

impl App for Turning {
    const RENDERER: &'static str = "turning";
    type Arguments = ();
    type State = Radians;
    type ToRenderer = ();
    type ToOwner = ();

    fn migrate(old: &OldState<'_>, new: &mut Radians) {
        assert_eq!(old.get::<u8>("degrees"), None, "180.5 is not a whole number");
        assert_eq!((old.get("speed"), old.version("")), (Some(new.speed), Some(0)));
        if let Some(degrees) = old.get::<f32>("degrees") {
            new.radians = degrees.to_radians();
        }
    }
}

#[test]
fn what_the_user_migrates_is_said_to_be_the_users() {
    let before = Degrees { degrees: 180.5, speed: 7 };
    let owner = settled::<Turning>(Snapshot::of(&before, "turning"));
    let state = owner.state().unwrap();
    assert_eq!((state.radians, state.speed), (180.5_f32.to_radians(), 7));
    let report = owner.status().migration.clone().unwrap();
    let field = report.field("radians").unwrap();
    assert_eq!(
        (field.outcome, &*field.note),
        (Outcome::Converted, "by `App::migrate`"),
        "{report}"
    );
    assert_eq!(report.field("degrees").map(|it| it.outcome), Some(Outcome::Parked), "{report}");
}

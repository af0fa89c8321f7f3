//! The flight recorder's bookkeeping: assigns each step to its reload. No I/O, no clock.
//!
//! A draft begins with a build, a call of `reload`, or a failure. It then belongs to the generation
//! that is launched for it, and becomes a [`Reload`] when that generation has drawn. A draft that
//! never draws leaves no trace.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

use crate::history::{Cause, Reload, Step, Times};
use std::collections::HashMap;
use std::time::Instant;

/// A reload in progress.
#[derive(Debug, Clone, Copy)]
struct Draft {
    build: u32,
    cause: Cause,
    times: Times,
}

impl Draft {
    fn new(build: u32, cause: Cause) -> Self {
        Draft { build, cause, times: Times::default() }
    }

    fn mark(&mut self, step: Step, at: Instant) {
        self.times[step as usize] = Some(at);
    }
}

#[derive(Debug)]
pub(super) struct Recorder {
    /// Cause of all builds but the first.
    saved: Cause,
    /// Time at which the newest change was noticed that no build has begun with yet.
    noticed: Option<Instant>,
    building: Option<Draft>,
    /// Draft for the next generation of a new build.
    candidate: Option<Draft>,
    /// Draft of a generation that did not fit and must be launched again.
    again: Option<Draft>,
    generations: HashMap<u32, Draft>,
    /// Last failure of a generation.
    failure: Option<(Cause, Instant)>,
}

impl Recorder {
    pub(super) fn new(saved: Cause) -> Self {
        Recorder {
            saved,
            noticed: None,
            building: None,
            candidate: None,
            again: None,
            generations: HashMap::new(),
            failure: None,
        }
    }

    /// Records that a change was noticed.
    pub(super) fn saved(&mut self, at: Instant) {
        self.noticed = Some(at);
    }

    /// Records the beginning of a build, which covers every change so far.
    pub(super) fn build_started(&mut self, build: u32, at: Instant) {
        let noticed = self.noticed.take();
        let mut draft = Draft::new(build, noticed.map_or(Cause::Start, |_| self.saved));
        draft.times[Step::Noticed as usize] = noticed;
        draft.mark(Step::BuildStarted, at);
        self.building = Some(draft);
    }

    /// Records the end of a build that has left a program: its own, or the previous one if the
    /// contents are the same.
    pub(super) fn build_finished(&mut self, compiled: Option<(Instant, Instant)>, at: Instant) {
        let Some(mut draft) = self.building.take() else { return };
        if let Some((started, finished)) = compiled {
            draft.mark(Step::CompilerStarted, started);
            draft.mark(Step::CompilerFinished, finished);
        }
        draft.mark(Step::BuildFinished, at);
        self.candidate = Some(draft);
    }

    /// Records that a build will be launched that needed no building.
    pub(super) fn stand_in(&mut self, build: u32, at: Instant) {
        let mut draft = Draft::new(build, Cause::Start);
        draft.mark(Step::Noticed, at);
        self.candidate = Some(draft);
    }

    /// Records a request to start the newest build again.
    pub(super) fn asked(&mut self, at: Instant) {
        let mut draft = Draft::new(0, Cause::Asked);
        draft.mark(Step::Noticed, at);
        self.candidate = Some(draft);
    }

    /// Records that a generation does not fit into its segment and is followed by one that does.
    pub(super) fn does_not_fit(&mut self, generation: u32) {
        self.again = self.generations.remove(&generation);
    }

    /// Records that a generation has failed or is about to be given up.
    pub(super) fn failed(&mut self, cause: Cause, at: Instant) {
        self.failure = Some((cause, at));
        self.again = None;
    }

    /// Records the launch of a generation: in place of one that failed, or for the last build or
    /// request.
    pub(super) fn launched(&mut self, generation: u32, build: u32, recovery: bool, at: Instant) {
        // The successor of a generation that did not fit continues its draft, whatever it is
        // launched for.
        let again = self.again.take().filter(|again| again.build == build);
        let draft = again.or_else(|| match recovery {
            true => Some(self.recovery(build, at)),
            false => self.candidate.take(),
        });
        let mut draft = draft.unwrap_or_else(|| Draft::new(build, Cause::Asked));
        draft.build = build;
        draft.mark(Step::Spawned, at);
        self.generations.insert(generation, draft);
    }

    fn recovery(&self, build: u32, at: Instant) -> Draft {
        let (cause, failed) = self.failure.unwrap_or((Cause::Crash, at));
        let mut draft = Draft::new(build, cause);
        draft.mark(Step::Noticed, failed);
        draft
    }

    /// Drops the drafts that nothing waits for. Called after everything that follows from one
    /// event; `candidate` is set while a build waits to be launched.
    pub(super) fn settle(&mut self, candidate: bool) {
        self.again = None;
        if !candidate {
            self.candidate = None;
        }
    }

    /// Records that a generation has reached a step.
    pub(super) fn reached(&mut self, generation: u32, step: Step, at: Instant) {
        if let Some(draft) = self.generations.get_mut(&generation) {
            draft.mark(step, at);
        }
    }

    /// Records that a generation has drawn; returns its completed reload.
    pub(super) fn drawn(&mut self, generation: u32, at: Instant) -> Option<Reload> {
        self.reached(generation, Step::Published, at);
        let Draft { build, cause, times } = self.generations.remove(&generation)?;
        Reload::new(generation, build, cause, times)
    }

    /// Returns the reload of a parked generation that draws again.
    pub(super) fn put_back(&self, generation: u32, build: u32, at: Instant) -> Option<Reload> {
        let mut draft = self.recovery(build, at);
        draft.mark(Step::Cut, at);
        Reload::new(generation, build, draft.cause, draft.times)
    }

    /// Forgets a generation that has ended.
    pub(super) fn ended(&mut self, generation: u32) {
        self.generations.remove(&generation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A recorder and its clock, in milliseconds.
    struct Run {
        recorder: Recorder,
        begun: Instant,
    }

    impl Run {
        fn new() -> Self {
            Run { recorder: Recorder::new(Cause::Save), begun: Instant::now() }
        }

        fn at(&self, milliseconds: u64) -> Instant {
            self.begun + Duration::from_millis(milliseconds)
        }

        fn save(&mut self, at: u64) {
            self.recorder.saved(self.at(at));
        }

        fn build(&mut self, build: u32, at: u64) {
            self.recorder.build_started(build, self.at(at));
        }

        fn built(&mut self, at: u64) {
            self.recorder.build_finished(None, self.at(at));
        }

        fn launch(&mut self, generation: u32, build: u32, recovery: bool, at: u64) {
            self.recorder.launched(generation, build, recovery, self.at(at));
            self.recorder.settle(false);
        }

        fn drawn(&mut self, generation: u32, at: u64) -> Reload {
            self.recorder.drawn(generation, self.at(at)).unwrap()
        }
    }

    /// Returns a reload's build, cause and steps, in milliseconds.
    fn said(reload: Reload) -> (u32, Cause, Vec<(Step, u128)>) {
        let steps = reload.steps().map(|(step, at)| (step, at.as_millis()));
        (reload.build(), reload.cause(), steps.collect())
    }

    use Step::*;

    #[test]
    fn a_save_is_followed_to_its_first_frame() {
        let mut run = Run::new();
        run.save(100);
        run.build(2, 104);
        run.recorder.build_finished(Some((run.at(110), run.at(290))), run.at(300));
        run.launch(2, 2, false, 301);
        let steps = [(Attached, 310), (Ready, 320), (Cut, 325)];
        for (step, at) in steps {
            run.recorder.reached(2, step, run.at(at));
        }
        let expected = vec![
            (Noticed, 0),
            (BuildStarted, 4),
            (CompilerStarted, 10),
            (CompilerFinished, 190),
            (BuildFinished, 200),
            (Spawned, 201),
            (Attached, 210),
            (Ready, 220),
            (Cut, 225),
            (Published, 230),
        ];
        assert_eq!(said(run.drawn(2, 330)), (2, Cause::Save, expected));
        assert!(run.recorder.drawn(2, run.at(340)).is_none(), "once");
    }

    #[test]
    fn the_first_build_is_the_start() {
        let mut run = Run::new();
        run.build(1, 0);
        run.built(9_000);
        run.launch(1, 1, false, 9_000);
        let steps = vec![(BuildStarted, 0), (BuildFinished, 9_000), (Spawned, 9_000)];
        let expected = [steps, vec![(Published, 9_050)]].concat();
        assert_eq!(said(run.drawn(1, 9_050)), (1, Cause::Start, expected));
    }

    #[test]
    fn a_save_that_cancels_a_build_begins_anew() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.save(100);
        run.build(3, 110);
        run.built(300);
        run.launch(2, 3, false, 300);
        let reload = run.drawn(2, 320);
        assert_eq!((reload.begun(), reload.total().as_millis()), (run.at(100), 220));
    }

    #[test]
    fn of_several_saves_that_a_build_contains_the_newest_counts() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.save(50);
        run.save(80);
        // The previous build was not cancelled: its generation may still draw.
        run.built(200);
        run.launch(2, 2, false, 200);
        run.build(3, 201);
        assert_eq!(run.drawn(2, 210).begun(), run.at(0));
        run.built(300);
        run.launch(3, 3, false, 300);
        assert_eq!(run.drawn(3, 310).begun(), run.at(80));
    }

    #[test]
    fn the_time_to_mend_a_failed_build_does_not_count() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.save(60_000);
        run.build(3, 60_004);
        run.built(60_300);
        run.launch(2, 3, false, 60_300);
        let reload = run.drawn(2, 60_320);
        assert_eq!((reload.begun(), reload.total().as_millis()), (run.at(60_000), 320));
    }

    #[test]
    fn a_recovery_has_its_own_cause_and_clock() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.built(300);
        // Not launched: the source is that of the build that draws.
        run.recorder.settle(false);
        run.recorder.failed(Cause::Hang, run.at(5_000));
        run.launch(3, 1, true, 5_001);
        let expected = vec![(Noticed, 0), (Spawned, 1), (Published, 20)];
        assert_eq!(said(run.drawn(3, 5_020)), (1, Cause::Hang, expected));
        let back = run.recorder.put_back(2, 1, run.at(5_030)).unwrap();
        assert_eq!(said(back), (1, Cause::Hang, vec![(Noticed, 0), (Cut, 30)]));
    }

    #[test]
    fn a_recovery_does_not_take_what_waits_for_the_next_generation() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.built(300);
        run.recorder.settle(true);
        run.recorder.failed(Cause::Crash, run.at(310));
        run.recorder.launched(3, 1, true, run.at(311));
        run.recorder.settle(true);
        run.launch(4, 2, false, 400);
        assert_eq!(run.drawn(3, 320).cause(), Cause::Crash);
        let reload = run.drawn(4, 420);
        assert_eq!((reload.cause(), reload.begun()), (Cause::Save, run.at(0)));
    }

    #[test]
    fn a_generation_that_did_not_fit_is_the_same_reload() {
        let mut run = Run::new();
        run.save(0);
        run.build(2, 4);
        run.built(300);
        run.launch(2, 2, false, 301);
        run.recorder.does_not_fit(2);
        run.launch(3, 2, false, 320);
        run.recorder.ended(2);
        let reload = run.drawn(3, 350);
        assert_eq!((reload.cause(), reload.begun()), (Cause::Save, run.at(0)));
        assert_eq!(reload.at(Spawned), Some(Duration::from_millis(320)));
    }

    #[test]
    fn what_was_asked_for_begins_with_the_question() {
        let mut run = Run::new();
        run.recorder.asked(run.at(7));
        run.launch(2, 1, false, 8);
        let expected = vec![(Noticed, 0), (Spawned, 1), (Published, 30)];
        assert_eq!(said(run.drawn(2, 37)), (1, Cause::Asked, expected));
    }
}

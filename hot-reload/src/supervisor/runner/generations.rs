//! The runner's handling of generations: launch, open, cut, put back, bury.

use super::{Base, Runner};
use crate::generation::{Committed, GenerationChange};
use crate::handshake::RendererInfo;
use crate::handshake::environment::kept_file;
use crate::handshake::{CommitBody, CommitShape, Needs};
use crate::segment::{Command, CommitReader};
use crate::status::{Crash, Panic, ReloadEvent};
use crate::supervisor::{
    Message,
    launch::{self, LastCommit, Launch, Launched},
    machine::{Event, STAND_IN, Start},
};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Runner {
    /// Does the work that must precede the machine's handling of an event.
    pub(super) fn before(&mut self, event: &Event) {
        self.record(event);
        match event {
            Event::Attached { generation, .. } => {
                if let Some(launched) = self.launched.get_mut(generation) {
                    let described = RendererInfo::read(&launched.segment);
                    let same = match (&described, &launched.described) {
                        (Some(one), Some(other)) => one.agrees(other),
                        _ => false,
                    };
                    if launched.is_open() && !same {
                        let reason =
                            "it describes itself differently from its build before".to_owned();
                        let fault = Event::Fault { generation: *generation, reason };
                        let _ = self.events.send(Message::Event(fault));
                    }
                    if let Some(described) = &described {
                        self.described.insert(launched.build, described.clone());
                    }
                    launched.described = described;
                    self.strike_out(*generation);
                }
            }
            Event::Ready { generation } => {
                if let Some(launched) = self.launched.get(generation) {
                    launched.expect_answers();
                }
            }
            Event::Misfit { generation } => {
                let described =
                    self.launched.get(generation).and_then(|it| RendererInfo::read(&it.segment));
                if let Some(described) = described {
                    self.needs = self.needs.max(described.needs);
                    crate::log::info!(
                        "generation {generation} needs a larger segment: starting it again"
                    );
                }
            }
            Event::Parked { generation } => self.take_kept(*generation),
            Event::FirstFrame { generation } => {
                if let Some(since) = self.causes.take(*generation, Instant::now()) {
                    crate::log::info!("generation {generation} draws its first frame ({since})");
                }
                self.take_report(*generation);
            }
            Event::Ended { generation, crash, .. } => self.bury(*generation, &crash.how),
            Event::Reload => {
                if let Some(&build) = self.programs.keys().max() {
                    self.causes.asked(build, Instant::now());
                }
            }
            Event::Quit => self.quitting = true,
            _ => {}
        }
    }

    /// Reports the migration at the cut, if the generation's state has another layout.
    fn take_report(&mut self, generation: u32) {
        let launched = self.launched.get(&generation);
        let described = launched.and_then(|launched| RendererInfo::read(&launched.segment));
        let Some(report) = described.and_then(|described| described.report) else { return };
        crate::log::info!(
            "generation {generation} has a state of another layout: {}\n{report:#}",
            report.summary()
        );
        let report = Arc::new(report);
        self.report = Some((generation, report.clone()));
        self.board.tell(ReloadEvent::Migrated { generation, report });
    }

    /// Returns the commit that a generation starts from.
    fn commit_for(&mut self, generation: u32, start: Start) -> Arc<Committed> {
        match start {
            Start::Warm => {
                let latest = self.commit_store.latest();
                match &mut self.restore {
                    Some((body, begins)) => {
                        *begins = Some(generation);
                        let body = body.clone();
                        self.restored(&body, latest)
                    }
                    None => latest,
                }
            }
            // Anything that the previous generation writes from now on is ignored.
            Start::Direct { .. } => {
                self.base = None;
                self.commit_store.close();
                if let Some((body, _)) = self.restore.take() {
                    self.begin_from(&body);
                }
                self.commit_store.latest()
            }
        }
    }

    pub(super) fn launch(&mut self, generation: u32, build: u32, start: Start) {
        let committed = self.commit_for(generation, start);
        let size = self.canvas();
        let launched = match (self.program(build), &self.folder) {
            (Some(program), Some(folder)) => launch::launch(
                &self.plan,
                Launch {
                    generation,
                    build,
                    program,
                    start,
                    needs: self.needs,
                    size,
                    committed: &committed,
                    kept: self.kept,
                    folder,
                    shows_rehearsal: false,
                    assets: self.assets.load(Ordering::Relaxed),
                    events: self.events.clone(),
                },
            ),
            _ => Err(format!("build {build} no longer exists").into()),
        };
        let begun = launched.and_then(|launched| {
            self.launched.insert(generation, launched);
            self.open_early(generation, build, start);
            match self.launched.get_mut(&generation) {
                Some(launched) => launched.begin(start),
                None => Ok(()),
            }
        });
        match begun {
            Ok(()) => {
                self.waiting = None;
                match build {
                    STAND_IN => crate::log::info!(
                        "generation {generation} launched (this program, until a build has succeeded)"
                    ),
                    _ => crate::log::info!("generation {generation} launched (build {build})"),
                }
                if start != Start::Warm {
                    self.look_whether_two_fit(generation);
                }
            }
            Err(error) => {
                let spawned = self.launched.remove(&generation);
                if let Some(launched) = &spawned {
                    launched.kill();
                    if start != Start::Warm {
                        self.commit_store.close();
                    }
                }
                // A spawned process uses up its generation number, and its end is still to be
                // reported.
                let may_wait = spawned.is_none() || start == Start::Warm;
                if may_wait && self.waits_for_room((generation, build, start), &error) {
                    return;
                }
                // One generation's demand must not block all later ones; a generation that really
                // needs the space asks again.
                self.needs = Needs::default();
                let reason = error.to_string();
                let event = Event::NotLaunched { generation, reason };
                let _ = self.events.send(Message::Event(event));
            }
        }
    }

    /// Restores a state by starting a new generation beside the one that draws.
    pub(super) fn restore(&mut self, body: Arc<CommitBody>) -> Vec<Event> {
        if self.commit_store.latest().generation == 0 && self.launched.is_empty() {
            // The first generation begins with it.
            self.begin_from(&body);
            return Vec::new();
        }
        self.restore = Some((body, None));
        vec![Event::Reload]
    }

    pub(super) fn begin_from(&self, body: &CommitBody) {
        if let Err(invalid) = self.commit_store.begin_from(body) {
            crate::log::error!("the state was not restored: it is not valid ({invalid})");
        }
    }

    /// Returns the state to restore in the form of a commit; returns `committed` if the state is
    /// not valid.
    fn restored(&self, body: &CommitBody, committed: Arc<Committed>) -> Arc<Committed> {
        match self.commit_store.restored(body, &committed) {
            Ok(restored) => Arc::new(restored),
            Err(invalid) => {
                crate::log::error!("the state was not restored: it is not valid ({invalid})");
                committed
            }
        }
    }

    pub(super) fn order(&mut self, generation: u32, order: Command) {
        if let Some(launched) = self.launched.get_mut(&generation) {
            launched.order(order);
        }
    }

    /// Opens a generation, so that it is given ticks. Its commits go to the copier, everything else
    /// to the main thread.
    pub(super) fn open(&mut self, generation: u32, parks: bool) {
        if self.launched.get(&generation).is_none_or(Launched::is_open) {
            return;
        }
        match self.open_session(generation, parks) {
            Ok((reader, shape)) => self.commit_store.open(generation, reader, shape),
            Err(reason) => {
                let _ = self.events.send(Message::Event(Event::Fault { generation, reason }));
            }
        }
    }

    /// Lets the main thread give ticks to a generation; returns its commits for the copier.
    fn open_session(
        &mut self,
        generation: u32,
        parks: bool,
    ) -> Result<(CommitReader, Arc<CommitShape>), String> {
        let launched = self.launched.get_mut(&generation);
        let opened = launched.and_then(|launched| launched.open(parks));
        let (reader, shape, session) =
            opened.ok_or_else(|| "its description of itself is not valid".to_owned())?;
        let _ = self.generation_changes.send(GenerationChange::New(session));
        Ok((reader, shape))
    }

    /// Opens a generation of a build that has run before, without waiting for its description: its
    /// ticks are already there when it starts, instead of coming with the owner's next turn.
    fn open_early(&mut self, generation: u32, build: u32, start: Start) {
        let known = self.described.get(&build).filter(|_| start != Start::Warm);
        let (Some(described), Some(launched)) = (known, self.launched.get_mut(&generation)) else {
            return;
        };
        launched.described = Some(described.clone());
        self.open(generation, false);
    }

    /// Hands the last commit over from one generation to the next.
    pub(super) fn cut(&mut self, from: Option<u32>, to: u32) {
        let (size, kept) = (self.canvas(), self.kept);
        let restore = self.restore.take_if(|(_, begins)| *begins == Some(to));
        // A parked generation writes nothing more: its last commit is copied directly from segment
        // to segment, and the owner's own copy is taken while the next generation begins.
        let closing = match restore {
            None if from.is_some() => self.commit_store.begin_to_close(),
            _ => None,
        };
        let closed = closing.is_none().then(|| self.commit_store.close());
        let last = closed.as_ref().map(|(committed, _)| match &restore {
            Some((body, _)) => self.restored(body, committed.clone()),
            None => committed.clone(),
        });
        let Some(launched) = self.launched.get_mut(&to) else {
            if let Some(closing) = closing {
                self.commit_store.finish_to_close(closing);
            }
            return;
        };
        let handed = match (&closing, &last) {
            (Some(closing), _) => launched.hand_over(&LastCommit::InSegment(closing), kept, size),
            (None, Some(last)) => launched.hand_over(&LastCommit::Copied(last), kept, size),
            (None, None) => Err("there is no commit to continue from".to_owned()),
        };
        let opened = handed.and_then(|()| self.open_session(to, from.is_some()));
        if opened.is_ok() {
            self.order(to, Command::Draw);
        }
        let (committed, commits) = match (closing, closed) {
            (Some(closing), _) => self.commit_store.finish_to_close(closing),
            (None, Some(closed)) => closed,
            (None, None) => return,
        };
        self.base = from.map(|generation| Base { generation, committed, commits, kept: self.kept });
        match opened {
            Ok((reader, shape)) => self.commit_store.open(to, reader, shape),
            Err(reason) => {
                let _ = self.events.send(Message::Event(Event::Fault { generation: to, reason }));
            }
        }
    }

    /// Resumes a parked generation from the commit with which it was parked.
    pub(super) fn resume(&mut self, generation: u32) {
        if let Some(base) = self.base.take().filter(|base| base.generation == generation) {
            let from = (base.committed.head.tick, base.committed.head.received);
            self.kept = base.kept;
            self.commit_store.open_again(base.committed, base.commits);
            let _ = self.generation_changes.send(GenerationChange::Resume { generation, from });
        }
        self.order(generation, Command::Resume);
    }

    /// Makes the commits of a generation final.
    pub(super) fn accept(&mut self, generation: u32) {
        self.base = None;
        if let Some(launched) = self.launched.get(&generation) {
            launched.accept();
        }
    }

    /// Handles the end of a generation's process: returns its last signs, followed by its end.
    pub(super) fn gone(&mut self, generation: u32, crash: Crash) -> Vec<Event> {
        if self.restore.take_if(|(_, begins)| *begins == Some(generation)).is_some() {
            crate::log::error!(
                "the state was not restored: generation {generation} failed with it"
            );
        }
        let Some(launched) = self.launched.get_mut(&generation) else {
            return Vec::new();
        };
        if launched.draws() {
            self.causes.crashed(Instant::now());
        }
        let mut events = launched.look();
        events.extend(launched.refused_protocol());
        let answered = launched.answered();
        events.push(Event::Ended { generation, crash, answered });
        self.locate(generation);
        events
    }

    /// Releases a generation whose process has ended. Called only when its `Ended` event is the next
    /// one to be handled: until then, its last signs must be readable from its segment.
    fn bury(&mut self, generation: u32, how: &str) {
        if let (Some(folder), Some(launched)) = (&self.folder, self.launched.get(&generation)) {
            launched.unname(folder);
        }
        self.take_kept(generation);
        let launched = self.launched.remove(&generation);
        self.causes.take(generation, Instant::now());
        match launched.is_none_or(|launched| launched.is_ending()) {
            true => crate::log::info!("generation {generation} ended: {how}"),
            // The problem in the status is logged.
            false => crate::log::debug!("generation {generation} ended: {how}"),
        }
    }

    /// Takes over a generation's kept values, if it has left any, and removes earlier ones that are
    /// no longer needed.
    fn take_kept(&mut self, generation: u32) {
        let Some(folder) = &self.folder else { return };
        if self.kept == Some(generation) || !kept_file(folder.path(), generation).exists() {
            return;
        }
        let before = self.kept.replace(generation);
        let needed = self.base.as_ref().and_then(|base| base.kept);
        if let Some(before) = before.filter(|&before| Some(before) != needed) {
            let _ = std::fs::remove_file(kept_file(folder.path(), before));
        }
    }

    /// Records a panic of a thread other than the one that draws.
    pub(super) fn note_panic(&mut self, generation: u32, panic: &Panic) {
        /// Limit on the number of places; each place is listed once.
        const MOST: usize = 4;
        let Some(launched) = self.launched.get_mut(&generation) else { return };
        let Panic { place, message } = panic;
        let words = format!("a thread of the renderer panicked at {place}: {message}");
        let panics = &mut launched.panics;
        match panics.iter().position(|(known, _)| known == place) {
            Some(known) => panics[known].1 = words,
            None if panics.len() < MOST => panics.push((place.clone(), words)),
            None => {}
        }
    }

    fn strike_out(&self, generation: u32) {
        let launched = self.launched.get(&generation);
        if let (Some(folder), Some(launched)) = (&self.folder, launched) {
            folder.strike_out(launched.name());
        }
    }

    /// Returns the current width and height of the canvas, in pixels.
    pub(super) fn canvas(&self) -> (u32, u32) {
        let packed = self.canvas.load(Ordering::Relaxed);
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        ((packed >> 32) as u32, packed as u32)
    }
}

//! What the runner does with generations: launch, open, cut, put back, bury.

use super::{Base, Runner};
use crate::handshake::TypeShape;
use crate::owner::Opening;
use crate::renderer::kept_file;
use crate::segment::Command;
use crate::status::Crash;
use crate::supervisor::Message;
use crate::supervisor::launch::{self, Launch, Launched};
use crate::supervisor::machine::{Event, Start};
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Runner {
    /// What must be done before the machine hears of an event.
    pub(super) fn before(&mut self, event: &Event) {
        match event {
            Event::Attached { generation, .. } => {
                if let Some(launched) = self.launched.get_mut(generation) {
                    let described = launch::description(&launched.segment);
                    let same = match (&described, &launched.described) {
                        (Some(one), Some(other)) => one.agrees(other),
                        _ => false,
                    };
                    if launched.is_open() && !same {
                        let reason = "it is not what its build was before".to_owned();
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
                    self.launched.get(generation).and_then(|it| launch::description(&it.segment));
                if let Some(shape) = described.and_then(|described| described.body) {
                    self.body = self.body.max(shape.canvas_at());
                    tracing::info!(
                        "generation {generation} needs a larger segment: starting it again"
                    );
                }
            }
            Event::Parked { generation } => self.take_kept(*generation),
            Event::FirstFrame { generation } => {
                let (cause, since) = (self.cause.0, self.cause.1.elapsed());
                tracing::info!(
                    "generation {generation} draws its first frame ({since:.0?} after the {cause})"
                );
            }
            _ => {}
        }
    }

    pub(super) fn launch(&mut self, generation: u32, build: u32, start: Start) {
        let committed = match start {
            Start::Warm => self.ledger.latest(),
            // Whatever the generation before writes from now on is ignored.
            Start::Direct { .. } => {
                self.base = None;
                self.ledger.close().0
            }
        };
        let size = self.canvas();
        let launched = match (self.programs.get(&build), &self.folder) {
            (Some(program), Some(folder)) => launch::launch(
                &self.plan,
                Launch {
                    generation,
                    build,
                    program,
                    start,
                    body: self.body,
                    size,
                    committed: &committed,
                    kept: self.kept,
                    folder,
                    events: self.events.clone(),
                },
            ),
            _ => Err(format!("build {build} is not there any more")),
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
            Ok(()) => tracing::info!("generation {generation} launched (build {build})"),
            Err(reason) => {
                // What one generation asks for must not be in the way of all others; one that
                // really needs it asks again.
                self.body = 0;
                if let Some(launched) = self.launched.remove(&generation) {
                    launched.kill();
                    if start != Start::Warm {
                        self.ledger.close();
                    }
                }
                let event = Event::NotLaunched { generation, reason };
                let _ = self.events.send(Message::Event(event));
            }
        }
    }

    pub(super) fn order(&mut self, generation: u32, order: Command) {
        if let Some(launched) = self.launched.get_mut(&generation) {
            launched.order(order);
        }
    }

    /// A generation takes ticks: its commits are the keeper's from now on, and the main thread's
    /// its rest.
    pub(super) fn open(&mut self, generation: u32, parks: bool) {
        let Some(launched) = self.launched.get_mut(&generation).filter(|it| !it.is_open()) else {
            return;
        };
        match launched.open(&self.plan, parks) {
            Some((reader, shape, session)) => {
                self.ledger.open(generation, reader, shape);
                let _ = self.openings.send(Opening::New(session));
            }
            None => {
                let reason = "its description of itself makes no sense".to_owned();
                let fault = Event::Fault { generation, reason };
                let _ = self.events.send(Message::Event(fault));
            }
        }
    }

    /// A build that has run before is known: its ticks are there when it has started, and need not
    /// wait for the owner's next turn.
    fn open_early(&mut self, generation: u32, build: u32, start: Start) {
        let known = self.described.get(&build).filter(|_| start != Start::Warm);
        let (Some(described), Some(launched)) = (known, self.launched.get_mut(&generation)) else {
            return;
        };
        launched.described = Some(described.clone());
        self.open(generation, false);
    }

    /// Takes the last commit from one generation to the next.
    pub(super) fn cut(&mut self, from: Option<u32>, to: u32) {
        let (committed, commits) = self.ledger.close();
        let (size, kept) = (self.canvas(), self.kept);
        let Some(launched) = self.launched.get_mut(&to) else {
            return;
        };
        let handed = launched.hand_over(&committed, kept, size);
        self.base = from.map(|generation| Base { generation, committed, commits, kept: self.kept });
        if let Err(reason) = handed {
            let fault = Event::Fault { generation: to, reason };
            let _ = self.events.send(Message::Event(fault));
            return;
        }
        self.open(to, from.is_some());
        self.order(to, Command::Draw);
    }

    /// Lets a generation go on from where it was parked.
    pub(super) fn resume(&mut self, generation: u32) {
        if let Some(base) = self.base.take().filter(|base| base.generation == generation) {
            let from = (base.committed.head.tick, base.committed.head.received);
            self.kept = base.kept;
            self.ledger.open_again(base.committed, base.commits);
            let _ = self.openings.send(Opening::Resume { generation, from });
        }
        self.order(generation, Command::Resume);
    }

    /// What it commits is final.
    pub(super) fn accept(&mut self, generation: u32) {
        self.base = None;
        if let Some(launched) = self.launched.get(&generation) {
            launched.accept();
        }
    }

    /// The process of a generation is gone: what it has said in its last moments, and its end.
    pub(super) fn gone(&mut self, generation: u32, crash: Crash) -> Vec<Event> {
        let Some(launched) = self.launched.get_mut(&generation) else {
            return Vec::new();
        };
        if launched.draws() {
            self.cause = ("crash", Instant::now());
        }
        let mut events = launched.look();
        events.extend(launched.refused_protocol());
        if let Some(mapping) = launched.segment.mapping() {
            mapping.unlink();
        }
        let answered = launched.answered();
        self.take_kept(generation);
        self.strike_out(generation);
        self.launched.remove(&generation);
        tracing::info!("generation {generation} ended: {}", crash.how);
        events.push(Event::Ended { generation, crash, answered });
        events
    }

    /// Whether a generation has left kept values; those before it are needed no more when it has.
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

    fn strike_out(&self, generation: u32) {
        let launched = self.launched.get(&generation);
        if let (Some(folder), Some(launched)) = (&self.folder, launched) {
            folder.strike_out(launched.name());
        }
    }

    /// Width and height of the canvas now, in pixels.
    fn canvas(&self) -> (u32, u32) {
        let packed = self.canvas.load(Ordering::Relaxed);
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        ((packed >> 32) as u32, packed as u32)
    }

    /// What changed about the message types, in words.
    pub(super) fn channel_notices(&self, generation: Option<u32>) -> Vec<String> {
        let launched = generation.and_then(|generation| self.launched.get(&generation));
        let Some(described) = launched.and_then(|launched: &Launched| launched.described.as_ref())
        else {
            return Vec::new();
        };
        let plan = &self.plan;
        let channels = [
            ("App::ToRenderer", &described.to_renderer, &plan.to_renderer),
            ("App::ToOwner", &described.to_owner, &plan.to_owner),
        ];
        let differs = |theirs: &Option<TypeShape>, ours: &TypeShape| {
            theirs.as_ref().is_some_and(|theirs| !theirs.agrees(ours))
        };
        let changed = channels.into_iter().filter(|(_, theirs, ours)| differs(theirs, ours));
        changed
            .map(|(name, _, ours)| {
                format!(
                    "`{name}` (`{}`) has been changed since the owner was compiled: this channel is \
                     switched off until it is changed back, or the owner started again",
                    ours.name
                )
            })
            .collect()
    }
}

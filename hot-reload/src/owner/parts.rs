//! The turn of an application of several parts: the leading part and its modules.

use super::builder::SetOut;
use super::layers::{Layer, Layers, Stack};
use super::module::AnyModule;
use super::{Module, Owner, Shown};
use crate::app::{App, package};
use crate::error::Result;
#[cfg(feature = "owner")]
use crate::history::{History, Reload};
use crate::input::Input;
#[cfg(feature = "owner")]
use crate::overlay::Drawn;
use crate::status::Activity;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Delay after which a picture without a renderer counts as dead. A recovery is faster.
const DEAD_AFTER: Duration = Duration::from_millis(250);

impl<A: App> Owner<A> {
    /// Returns a module that was added by [`OwnerBuilder::module`](crate::OwnerBuilder::module);
    /// `None` if there is none of this `App`.
    #[must_use]
    pub fn module<V: App>(&self) -> Option<&Module<V>> {
        self.modules.iter().find_map(|module| module.as_any().downcast_ref())
    }

    /// Returns a module mutably, to send and receive messages.
    #[must_use]
    pub fn module_mut<V: App>(&mut self) -> Option<&mut Module<V>> {
        self.modules.iter_mut().find_map(|module| module.as_any_mut().downcast_mut())
    }

    /// Starts a module.
    pub(super) fn add(&mut self, module: SetOut) -> Result<()> {
        let size = (self.shown.width, self.shown.height);
        self.layers.get_or_insert_with(|| Layers::new(size));
        let module = module.begin(self.commit_copier.commit_store())?;
        self.modules.push(module);
        Ok(())
    }

    /// Returns the visible picture, without the overlay.
    pub(super) fn top(&self) -> &Shown {
        self.layers.as_ref().map_or(&self.shown, |layers| &layers.picture)
    }

    pub(super) fn top_mut(&mut self) -> &mut Shown {
        self.layers.as_mut().map_or(&mut self.shown, |layers| &mut layers.picture)
    }

    /// Takes the news of the modules' supervisors, and adds their problems to the status.
    pub(super) fn poll_modules(&mut self) {
        for module in &mut self.modules {
            module.poll_backend();
            self.running &= module.is_running();
        }
        let statuses = self.modules.iter().map(|module| module.told());
        let known = self.merged.len() == self.modules.len();
        if self.modules.is_empty()
            || known && statuses.zip(&self.merged).all(|(one, other)| Arc::ptr_eq(one, other))
        {
            return;
        }
        self.merged = self.modules.iter().map(|module| module.told().clone()).collect();
        let mut status = (*self.told).clone();
        let wrong = status.problem.is_some() || status.recovered.is_some();
        status.part = wrong.then_some(package::<A>());
        for (module, of_module) in self.modules.iter().zip(&self.merged) {
            if status.activity == Activity::Idle {
                status.activity = of_module.activity;
            }
            status.held |= of_module.held;
            let news = status.problem.is_none() && of_module.problem.is_some();
            if news || status.part.is_none() && of_module.recovered.is_some() {
                status.problem.clone_from(&of_module.problem);
                status.recovered.clone_from(&of_module.recovered);
                status.part = Some(module.package());
                status.part_drawn = Some((of_module.generation, of_module.build));
            }
            let notices = of_module.notices.iter();
            status.notices.extend(notices.map(|it| format!("{}: {it}", module.package())));
        }
        self.status = Arc::new(status);
    }

    /// Returns the contents of the strip. Of several parts, it shows the one that was replaced
    /// last.
    #[cfg(feature = "owner")]
    pub(super) fn drawn(&self) -> Drawn {
        let begun = |history: &History| history.last().map(Reload::begun);
        let newest = self.modules.iter().max_by_key(|module| begun(module.recorded()));
        let newer = newest.filter(|module| begun(module.recorded()) > begun(&self.history));
        if let Some(module) = newer {
            let (generation, build) = (module.told().generation, module.told().build);
            let reload = module.recorded().of(generation);
            return Drawn::new(generation, build, reload, &self.status).of(module.package());
        }
        let build = self.told.build;
        match self.modules.is_empty() {
            true => {
                let generation = self.shown.generation;
                Drawn::new(generation, build, self.history.of(generation), &self.status)
            }
            false => {
                let generation = self.told.generation;
                let reload = self.history.of(generation);
                Drawn::new(generation, build, reload, &self.status).of(package::<A>())
            }
        }
    }

    /// Gives the modules the input of a tick. They receive none before there is a state to read; a
    /// new state makes the tick due.
    pub(super) fn send_to_modules(&mut self, input: &Input, due: bool) {
        if self.modules.is_empty() || !self.committed.exists() {
            return;
        }
        let committed = (self.committed.generation, self.committed.head.tick);
        let new = std::mem::replace(&mut self.looked_at, committed) != committed;
        for module in &mut self.modules {
            module.send_input(*input, due || new);
        }
    }

    /// Takes what the modules have drawn and sent. Returns whether any part has a new picture.
    pub(super) fn receive_from_modules(&mut self, mut new: bool, now: Instant) -> bool {
        // Taken out for the loop, because a request changes the whole owner.
        let mut modules = std::mem::take(&mut self.modules);
        for module in &mut modules {
            new |= module.receive_output(now);
            let requests = module.take_requests().into_iter().flatten();
            requests.for_each(|record| self.requested(record));
        }
        self.modules = modules;
        new
    }

    /// Reports how long a tick has been unanswered, by this part or else by a module.
    pub(super) fn unanswered(&mut self, waited: Option<Duration>) {
        self.silent = waited;
        let modules = self.modules.iter();
        let of_module = modules.filter_map(|it| Some((it.silent()?, it.package()))).next();
        let own = waited.map(|waited| (waited, package::<A>()));
        let (waited, part) = own.or(of_module).unzip();
        if self.status.unanswered != waited {
            let status = Arc::make_mut(&mut self.status);
            status.unanswered = waited;
            if !self.modules.is_empty() && status.problem.is_none() && status.recovered.is_none() {
                status.part = part;
            }
        }
    }

    /// Composes the pictures of all parts. Returns whether there is a new one.
    pub(super) fn composite_layers(&mut self, new: bool, now: Instant) -> bool {
        self.note_death(now);
        let dead = self.is_dead(now);
        let Some(layers) = &mut self.layers else { return new };
        let own = self.draws.then_some(Layer { shown: &mut self.shown, dead });
        layers.composite(&mut Pictures { own, modules: &mut self.modules, now }, new)
    }

    fn note_death(&mut self, now: Instant) {
        match !self.told.drawing && self.told.problem.is_some() {
            true => _ = self.dead.get_or_insert(now),
            false => self.dead = None,
        }
    }

    /// Returns whether this part no longer draws.
    pub(super) fn is_dead(&self, now: Instant) -> bool {
        self.dead.is_some_and(|since| now.duration_since(since) >= DEAD_AFTER)
    }
}

/// The leading part's picture, if it draws, and those of the modules.
struct Pictures<'p> {
    own: Option<Layer<'p>>,
    modules: &'p mut [Box<dyn AnyModule>],
    now: Instant,
}

impl Stack for Pictures<'_> {
    fn count(&self) -> usize {
        usize::from(self.own.is_some()) + self.modules.len()
    }

    fn layer(&mut self, index: usize) -> Layer<'_> {
        let module = match &mut self.own {
            Some(own) if index == 0 => return Layer { shown: own.shown, dead: own.dead },
            Some(_) => &mut self.modules[index - 1],
            None => &mut self.modules[index],
        };
        let dead = module.is_dead(self.now);
        Layer { shown: module.shown(), dead }
    }
}

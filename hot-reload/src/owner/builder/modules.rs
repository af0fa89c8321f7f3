//! Start of the modules of an application, after the leading part, whose state they read.

use super::super::Owner;
use super::super::in_process::Spawned;
use super::super::module::{AnyModule, Module, Viewing};
use super::OwnerBuilder;
use crate::app::{App, package};
use crate::error::{Error, Result};
use crate::generation::CommitStore;
use crate::handshake::{CanvasMode, CommitShape, PartRole};
use crate::renderer::{Frame, Renderer};
#[cfg(feature = "owner")]
use crate::supervisor::{Follower, Part};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Initial input of the module's supervisor in hot mode.
#[cfg(feature = "owner")]
type Inbox = crate::supervisor::Inbox;
#[cfg(not(feature = "owner"))]
type Inbox = std::convert::Infallible;

/// A module that was added to a builder.
pub(crate) struct Added<A: App> {
    package: &'static str,
    set_up: SetUp<A>,
}

type SetUp<A> = Box<dyn FnOnce(&OwnerBuilder<A>, bool) -> Result<Begin>>;
type Begin = Box<dyn FnOnce(&Arc<CommitStore>, Option<Inbox>) -> Result<Box<dyn AnyModule>>>;

/// A configured module, ready to start as soon as the leading part has.
pub(crate) struct SetOut {
    begin: Begin,
    inbox: Option<Inbox>,
    /// Handle by which the leading part's supervisor reaches it.
    #[cfg(feature = "owner")]
    follower: Option<Follower>,
}

impl<A: App> Added<A> {
    pub(crate) fn new<V>(play: impl FnOnce(Renderer<V>) -> Result<()> + Send + 'static) -> Self
    where
        V: App<State = A::State, Arguments = A::Arguments>,
    {
        let set_up = move |builder: &OwnerBuilder<A>, layer| {
            let mode = CanvasMode { canvas: true, keep: false, layer };
            let builder = builder.of_module::<V>(mode)?;
            let begin: Begin = Box::new(move |commit_store, inbox| {
                Ok(Box::new(Module { owner: begin::<V>(builder, play, commit_store, inbox)? }))
            });
            Ok(begin)
        };
        Added { package: package::<V>(), set_up: Box::new(set_up) }
    }
}

impl<A: App> OwnerBuilder<A> {
    /// Adds a part of the application that is a separate package, built and replaced separately. It
    /// reads the state and draws. Its `App` has the same [`State`](App::State), and it receives a
    /// copy of the last commit before each tick; what it writes there is discarded. Only the
    /// leading part, for which the owner is built, changes the state.
    ///
    /// Modules are layers: each has its own canvas, drawn over those of the parts before it by the
    /// alpha in its pixels ([`Canvas`](crate::Canvas)). If the leading part only computes, it needs
    /// no canvas ([`without_canvas`](Self::without_canvas)), and the first module draws the whole
    /// picture.
    ///
    /// ```no_run
    /// # use hot_reload::{App, Frame, Owner};
    /// # macro_rules! app { ($name:ident, $package:literal) => {
    /// # struct $name;
    /// # impl App for $name {
    /// #     const RENDERER: &'static str = $package;
    /// #     type Arguments = ();
    /// #     type State = u32;
    /// #     type ToRenderer = ();
    /// #     type ToOwner = ();
    /// # } } }
    /// # app!(Update, "update");
    /// # app!(View, "view");
    /// # app!(Hud, "hud");
    /// # mod update { pub fn update(_: &mut super::Frame<'_, super::Update>) {} }
    /// # mod view { pub fn render(_: &mut super::Frame<'_, super::View>) {} }
    /// # mod hud { pub fn render(_: &mut super::Frame<'_, super::Hud>) {} }
    /// # fn main() -> hot_reload::Result<()> {
    /// let owner = Owner::<Update>::builder(())
    ///     .without_canvas()
    ///     .module::<View>(view::render)
    ///     .module::<Hud>(hud::render)
    ///     .start(update::update)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// As with [`start`](Self::start), the function is called in one process only; in hot mode the
    /// module's own program calls it. An edit of one package replaces one part. An edit of a
    /// package that several parts depend on replaces those parts, after one build. If a module
    /// fails, the others keep drawing.
    pub fn module<V>(self, mut render: impl FnMut(&mut Frame<'_, V>) + Send + 'static) -> Self
    where
        V: App<State = A::State, Arguments = A::Arguments>,
    {
        self.add(Added::new::<V>(move |renderer| renderer.run(&mut render)))
    }

    /// Adds a module with a function that runs its renderer's loop; see [`module`](Self::module) and
    /// [`start_with`](Self::start_with).
    pub fn module_with<V>(
        self,
        play: impl FnOnce(Renderer<V>) -> Result<()> + Send + 'static,
    ) -> Self
    where
        V: App<State = A::State, Arguments = A::Arguments>,
    {
        self.add(Added::new::<V>(play))
    }

    fn add(mut self, module: Added<A>) -> Self {
        self.modules.push(module);
        self
    }

    /// Configures the modules, which start after the leading part.
    pub(in super::super) fn set_out(&mut self) -> Result<Vec<SetOut>> {
        let begins = self.set_up_modules()?.into_iter();
        Ok(begins
            .map(|(package, begin)| SetOut::new(package, begin, self.is_one_process()))
            .collect())
    }

    fn set_up_modules(&mut self) -> Result<Vec<(&'static str, Begin)>> {
        let added = std::mem::take(&mut self.modules);
        let mut packages = BTreeSet::from([package::<A>()]);
        if let Some(twice) = added.iter().find(|module| !packages.insert(module.package)) {
            return Err(Error::SamePackage { package: twice.package });
        }
        if !added.is_empty() && self.supervised.artifact.is_some() {
            return Err(Error::ModulesOfArtifact);
        }
        let mut begins = Vec::new();
        for module in added {
            // The lowest layer is opaque.
            let layer = self.mode.canvas || !begins.is_empty();
            begins.push((module.package, (module.set_up)(self, layer)?));
        }
        Ok(begins)
    }
}

impl SetOut {
    #[cfg(feature = "owner")]
    fn new(package: &'static str, begin: Begin, one_process: bool) -> Self {
        let (follower, inbox) = (!one_process).then(|| Follower::new(package)).unzip();
        SetOut { begin, inbox, follower }
    }

    #[cfg(not(feature = "owner"))]
    fn new(_: &'static str, begin: Begin, _: bool) -> Self {
        SetOut { begin, inbox: None }
    }

    /// Returns the role of the leading part, given these modules.
    #[cfg(feature = "owner")]
    pub(in super::super) fn leading(modules: &[SetOut]) -> Part {
        let followers = modules.iter().filter_map(|module| module.follower.clone());
        match modules {
            [] => Part::Whole,
            _ => Part::Leads(followers.collect()),
        }
    }

    pub(in super::super) fn begin(
        self,
        commit_store: &Arc<CommitStore>,
    ) -> Result<Box<dyn AnyModule>> {
        (self.begin)(commit_store, self.inbox)
    }
}

fn begin<V: App>(
    builder: OwnerBuilder<Viewing<V>>,
    play: impl FnOnce(Renderer<V>) -> Result<()> + Send + 'static,
    commit_store: &Arc<CommitStore>,
    inbox: Option<Inbox>,
) -> Result<Owner<Viewing<V>>> {
    let shape = CommitShape::empty();
    match inbox {
        #[cfg(feature = "owner")]
        Some(inbox) => {
            builder.start_supervised(shape, Part::Follows(commit_store.clone()), Some(inbox))
        }
        #[cfg(not(feature = "owner"))]
        Some(never) => match never {},
        None => {
            let turn = move |spawned: Spawned<V::Arguments>| {
                let Spawned { segment, arguments, mode, restores } = spawned;
                play(Renderer::in_process(segment, arguments, mode, restores, PartRole::Follows))
            };
            builder.start_thread(Box::new(turn), shape, Some(commit_store))
        }
    }
}

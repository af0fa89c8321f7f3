//! A module: a part of the application that reads the state of the leading part and draws.
//!
//! A module is a complete owner within the owner, except that it has no window, overlay or state.
//! It receives the same input.

use super::{Owner, Shown};
use crate::app::{App, package};
use crate::generation::Hold;
use crate::history::History;
use crate::input::Input;
use crate::request::RequestRecord;
use crate::status::{ReloadEvent, Status, StatusWatch};
use hot_reload_pod::Full;
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A part of an application that is built and replaced separately, beside the leading one.
///
/// It reads the same state and draws one layer of the picture. Added by
/// [`OwnerBuilder::module`](crate::OwnerBuilder::module), returned by [`Owner::module`].
pub struct Module<V: App> {
    pub(super) owner: Owner<Viewing<V>>,
}

/// A module's `App` as its owner sees it: without the state, which belongs to another part.
pub(crate) struct Viewing<V>(PhantomData<V>);

impl<V: App> App for Viewing<V> {
    const RENDERER: &'static str = V::RENDERER;
    type Arguments = V::Arguments;
    type State = ();
    type ToRenderer = V::ToRenderer;
    type ToOwner = V::ToOwner;
}

impl<V: App> Module<V> {
    /// Sends a message to the module's renderer; see [`Owner::send`].
    ///
    /// # Errors
    /// Returns the message if the queue is full.
    pub fn send(&mut self, message: V::ToRenderer) -> Result<(), Full<V::ToRenderer>> {
        self.owner.send(message)
    }

    /// Takes the messages of the module's renderer, in order, each once.
    pub fn messages(&mut self) -> impl Iterator<Item = V::ToOwner> + use<V> {
        self.owner.messages()
    }

    /// Returns what the module is currently doing.
    #[must_use]
    pub fn status(&self) -> &Status {
        self.owner.status()
    }

    /// Returns a handle with which another thread can wait for a status of the module.
    #[must_use]
    pub fn status_watch(&self) -> StatusWatch {
        self.owner.status_watch()
    }

    /// Takes the module's events since the last call; see [`Owner::reload_events`].
    pub fn reload_events(&mut self) -> impl Iterator<Item = ReloadEvent> + use<V> {
        self.owner.reload_events()
    }

    /// Returns the times of each step of the module's last reloads; see [`Owner::history`].
    #[must_use]
    pub fn history(&self) -> History {
        self.owner.history()
    }

    /// Returns the generation that has drawn this layer; 0 before the first.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.owner.shown.generation
    }
}

impl<V: App> std::fmt::Debug for Module<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("package", &package::<V>()).finish_non_exhaustive()
    }
}

/// A module of any type.
pub(super) trait AnyModule {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn package(&self) -> &'static str;
    fn poll_backend(&mut self);
    /// Sends it the input of a tick. If the tick is not due, it is drawn only if something else is
    /// new.
    fn send_input(&mut self, input: Input, due: bool);
    /// Takes what it has drawn and sent. Returns whether there is a new picture.
    fn receive_output(&mut self, now: Instant) -> bool;
    /// Returns whether a new generation has been given no tick yet, once for each.
    fn takes_redraw(&mut self) -> bool;
    /// Returns whether it has answered every tick that it was given.
    fn has_answered(&self) -> bool;
    fn told(&self) -> &Arc<Status>;
    /// Returns how long it has left a tick unanswered, once that is long enough to report.
    fn silent(&self) -> Option<Duration>;
    fn is_running(&self) -> bool;
    fn recorded(&self) -> &History;
    fn shown(&mut self) -> &mut Shown;
    /// Returns whether its part no longer draws.
    fn is_dead(&self, now: Instant) -> bool;
    fn take_requests(&mut self) -> [Option<RequestRecord>; RequestRecord::KINDS];
    fn hold(&mut self) -> Hold;
    fn reload(&mut self);
    fn quit(&mut self);
    fn stop(&mut self);
}

impl<V: App> AnyModule for Module<V> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn package(&self) -> &'static str {
        package::<V>()
    }

    fn poll_backend(&mut self) {
        self.owner.poll_backend();
    }

    fn send_input(&mut self, input: Input, due: bool) {
        let owner = &mut self.owner;
        owner.set_canvas((input.width, input.height));
        owner.send_tick(input, due, false);
    }

    fn receive_output(&mut self, now: Instant) -> bool {
        self.owner.receive_output(now)
    }

    fn takes_redraw(&mut self) -> bool {
        std::mem::take(&mut self.owner.pause.redraws)
    }

    fn has_answered(&self) -> bool {
        self.owner.has_answered()
    }

    fn told(&self) -> &Arc<Status> {
        &self.owner.told
    }

    fn silent(&self) -> Option<Duration> {
        self.owner.silent
    }

    fn is_running(&self) -> bool {
        self.owner.running
    }

    fn recorded(&self) -> &History {
        &self.owner.history
    }

    fn shown(&mut self) -> &mut Shown {
        &mut self.owner.shown
    }

    fn is_dead(&self, now: Instant) -> bool {
        self.owner.is_dead(now)
    }

    fn take_requests(&mut self) -> [Option<RequestRecord>; RequestRecord::KINDS] {
        std::mem::replace(&mut self.owner.requests, [None; RequestRecord::KINDS])
    }

    fn hold(&mut self) -> Hold {
        self.owner.hold()
    }

    fn reload(&mut self) {
        self.owner.reload();
    }

    fn quit(&mut self) {
        self.owner.quit();
    }

    fn stop(&mut self) {
        self.owner.stop();
    }
}

//! `Renderer`: a runtime and what is the application's own, as frames.

#[cfg(feature = "renderer")]
use super::attach;
use super::own::Own;
use super::runtime::{Held, Kind, Parts, Runtime};
use super::{Frame, OwnerLink, Render, Restores, Start};
use crate::app::App;
use crate::error::{Error, Result};
use crate::handshake::{CanvasMode, Role};
use crate::segment::Segment;
use std::sync::Arc;

/// A renderer that turns its own loop, for code that keeps caches or blocks in its own way.
///
/// ```no_run
/// # use hot_reload::{App, Renderer, Result};
/// # fn play<Demo: App>(_: ()) {}
/// pub fn play_loop<Demo: App>(mut renderer: Renderer<Demo>) -> Result<()> {
///     while let Some(mut frame) = renderer.next_frame() {
///         frame.canvas.fill(0x0020_3040);
///         renderer.present();
///     }
///     Ok(())
/// }
/// ```
///
/// In the renderer's program `main` is `play_loop(Renderer::attach()?)`; the owner takes the same
/// function by [`start_loop`](crate::OwnerBuilder::start_loop). What comes before the first
/// `next_frame` is the set-up: in a reload it runs while the generation before still draws.
pub struct Renderer<A: App> {
    runtime: Held,
    own: Own<A>,
}

/// A turn of a renderer's loop; see [`Renderer::next_turn`].
pub enum Turn<'f, A: App> {
    /// A frame is to be drawn.
    Frame(Frame<'f, A>),
    /// About to be replaced; see [`Render::on_drain`].
    Drain(Frame<'f, A>),
    /// Not replaced after all; see [`Render::on_resume`].
    Resume(Frame<'f, A>),
}

impl<A: App> std::fmt::Debug for Turn<'_, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Turn::Frame(_) => "Frame",
            Turn::Drain(_) => "Drain",
            Turn::Resume(_) => "Resume",
        })
    }
}

impl<A: App> Renderer<A> {
    /// A renderer of this process, with a state of its own.
    pub(crate) fn in_process(
        segment: Arc<Segment>,
        arguments: A::Arguments,
        mode: CanvasMode,
        restores: Restores,
        role: Role,
    ) -> Self {
        let mut own = Own::new(arguments);
        let start = Start::in_process(segment, &mut own, mode, restores, role);
        Renderer { runtime: Runtime::held(start), own }
    }

    /// Attaches to the owner that has started this program.
    ///
    /// Started without an owner, it prints what to do and ends the process with code 2.
    ///
    /// # Errors
    /// When the owner's segment cannot be used.
    #[cfg(feature = "renderer")]
    pub fn attach() -> Result<Self> {
        let attached = attach::attach().map(|(runtime, own)| Renderer { runtime, own });
        attached.inspect_err(exit_without_owner)
    }

    /// Prints what to do and ends the process with code 2: without hot mode there is no owner.
    ///
    /// # Errors
    /// Does not return; the signature is that of hot mode.
    #[cfg(not(feature = "renderer"))]
    pub fn attach() -> Result<Self> {
        Err(Error::BuiltWithoutHotMode).inspect_err(exit_without_owner)
    }

    /// Turns the loop: `render`, then present, until the owner wants the renderer to end.
    ///
    /// # Errors
    /// None today.
    pub fn run(mut self, mut render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
        while let Some(mut frame) = self.next_frame() {
            render(&mut frame);
            self.present();
        }
        Ok(())
    }

    /// Turns the loop for a renderer that wants to know when it is about to be replaced.
    ///
    /// # Errors
    /// None today.
    pub fn run_with(mut self, mut renderer: impl Render<A>) -> Result<()> {
        while let Some(turn) = self.next_turn() {
            match turn {
                Turn::Frame(mut frame) => renderer.render(&mut frame),
                Turn::Drain(mut frame) => renderer.on_drain(&mut frame),
                Turn::Resume(mut frame) => renderer.on_resume(&mut frame),
            }
            self.present();
        }
        Ok(())
    }

    /// Waits for the next tick; `None` when the owner wants the renderer to end.
    ///
    /// A frame that was not presented counts as unchanged.
    pub fn next_frame(&mut self) -> Option<Frame<'_, A>> {
        loop {
            match self.next_kind()? {
                kind @ (Kind::Rehearsal | Kind::Tick) => return Some(self.frame(kind)),
                Kind::Drain | Kind::Resume => self.present(),
            }
        }
    }

    /// Waits for the next turn, be it a frame or word of a handover; `None` when the owner wants the
    /// renderer to end. Each turn ends with [`present`](Self::present).
    pub fn next_turn(&mut self) -> Option<Turn<'_, A>> {
        let kind = self.next_kind()?;
        let frame = self.frame(kind);
        Some(match kind {
            Kind::Rehearsal | Kind::Tick => Turn::Frame(frame),
            Kind::Drain => Turn::Drain(frame),
            Kind::Resume => Turn::Resume(frame),
        })
    }

    /// Ends the turn: publishes the picture unless it is unchanged, makes the messages visible
    /// and commits the state.
    pub fn present(&mut self) {
        self.runtime.present(&self.own);
    }

    fn next_kind(&mut self) -> Option<Kind> {
        self.runtime.next_kind(&mut self.own)
    }

    fn frame(&mut self, kind: Kind) -> Frame<'_, A> {
        let parts = self.runtime.parts(kind);
        let Parts { input, canvas, mail, buffers, kept, assets, .. } = parts;
        let Parts { generation, first, fresh, rehearsal, .. } = parts;
        Frame {
            state: &mut self.own.state,
            input,
            canvas,
            arguments: &self.own.arguments,
            owner: OwnerLink::new(mail),
            buffers,
            assets,
            generation,
            first,
            fresh,
            rehearsal,
            kept,
        }
    }
}

impl<A: App> std::fmt::Debug for Renderer<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.runtime.fmt(f)
    }
}

/// A `main` that returns an error would exit with 1, and print it as a `Debug` text.
fn exit_without_owner(error: &Error) {
    eprintln!("{error}");
    std::process::exit(2);
}

//! `Renderer`: a runtime and the application's own values, presented as frames.

#[cfg(feature = "renderer")]
use super::attach;
use super::erased::AppData;
use super::runtime::{FrameKind, FrameParts, Held, Runtime};
use super::{Frame, OwnerLink, Prepared, Render, Restores};
use crate::app::App;
use crate::error::{Error, Result};
use crate::handshake::{CanvasMode, PartRole};
use crate::segment::Segment;
use std::sync::Arc;

/// A renderer that runs its own loop, for code that keeps caches or blocks in its own way.
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
/// In the renderer's program, `main` is `play_loop(Renderer::attach()?)`; the owner takes the same
/// function by [`start_with`](crate::OwnerBuilder::start_with). The code before the first
/// `next_frame` is the set-up: in a reload it runs while the previous generation still draws.
pub struct Renderer<A: App> {
    runtime: Held,
    own: AppData<A>,
}

/// A turn of a renderer's loop; see [`Renderer::next_turn`].
pub enum Turn<'f, A: App> {
    /// A frame is to be drawn.
    Frame(Frame<'f, A>),
    /// The renderer is about to be replaced; see [`Render::on_drain`].
    Drain(Frame<'f, A>),
    /// The renderer is not replaced after all; see [`Render::on_resume`].
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
    /// Returns a renderer of this process, with a new state.
    pub(crate) fn in_process(
        segment: Arc<Segment>,
        arguments: A::Arguments,
        mode: CanvasMode,
        restores: Restores,
        role: PartRole,
    ) -> Self {
        let mut own = AppData::new(arguments);
        let start = Prepared::in_process(segment, &mut own, mode, restores, role);
        Renderer { runtime: Runtime::held(start), own }
    }

    /// Attaches to the owner that started this program.
    ///
    /// If the program was started without an owner, it prints what to do and exits with code 2.
    ///
    /// # Errors
    /// Fails if the owner's segment cannot be used.
    #[cfg(feature = "renderer")]
    pub fn attach() -> Result<Self> {
        let attached = attach::attach().map(|(runtime, own)| Renderer { runtime, own });
        attached.inspect_err(exit_without_owner)
    }

    /// Prints what to do and exits with code 2: without hot mode there is no owner.
    ///
    /// # Errors
    /// Does not return; the signature is the same as in hot mode.
    #[cfg(not(feature = "renderer"))]
    pub fn attach() -> Result<Self> {
        Err(Error::BuiltWithoutHotMode).inspect_err(exit_without_owner)
    }

    /// Runs the loop: calls `render` and presents, until the owner ends the renderer.
    ///
    /// # Errors
    /// Currently never fails.
    pub fn run(mut self, mut render: impl FnMut(&mut Frame<'_, A>)) -> Result<()> {
        while let Some(mut frame) = self.next_frame() {
            render(&mut frame);
            self.present();
        }
        Ok(())
    }

    /// Runs the loop for a renderer that is notified before it is replaced.
    ///
    /// # Errors
    /// Currently never fails.
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

    /// Waits for the next tick. Returns `None` when the owner ends the renderer.
    ///
    /// A frame that was not presented counts as unchanged.
    pub fn next_frame(&mut self) -> Option<Frame<'_, A>> {
        loop {
            match self.next_kind()? {
                kind @ (FrameKind::Rehearsal | FrameKind::Tick) => return Some(self.frame(kind)),
                FrameKind::Drain | FrameKind::Resume => self.present(),
            }
        }
    }

    /// Waits for the next turn: a frame, or a step of a handover. Returns `None` when the owner
    /// ends the renderer. Each turn ends with [`present`](Self::present).
    pub fn next_turn(&mut self) -> Option<Turn<'_, A>> {
        let kind = self.next_kind()?;
        let frame = self.frame(kind);
        Some(match kind {
            FrameKind::Rehearsal | FrameKind::Tick => Turn::Frame(frame),
            FrameKind::Drain => Turn::Drain(frame),
            FrameKind::Resume => Turn::Resume(frame),
        })
    }

    /// Ends the turn: publishes the picture unless it is unchanged, makes the messages visible and
    /// commits the state.
    pub fn present(&mut self) {
        self.runtime.present(&self.own);
    }

    fn next_kind(&mut self) -> Option<FrameKind> {
        self.runtime.next_kind(&mut self.own)
    }

    fn frame(&mut self, kind: FrameKind) -> Frame<'_, A> {
        let parts = self.runtime.parts(kind);
        let FrameParts { input, canvas, link, buffers, kept, assets, .. } = parts;
        let FrameParts { generation, first, fresh, rehearsal, .. } = parts;
        Frame {
            state: &mut self.own.state,
            input,
            canvas,
            arguments: &self.own.arguments,
            owner: OwnerLink::new(link),
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

/// Prints the error and exits with code 2. A `main` that returned it would exit with code 1 and
/// print its `Debug` form.
fn exit_without_owner(error: &Error) {
    eprintln!("{error}");
    std::process::exit(2);
}

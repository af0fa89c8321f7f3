//! Keep the window, keep the state, swap the code.
//!
//! A framework for graphical programs whose code you want to change while they run. An **owner**
//! process holds the window and a plain-old-data state; a **renderer** process draws into shared
//! memory, and is rebuilt and replaced whenever its source is saved. A panic, a segfault or an
//! endless loop in the code that you are writing does not touch the window or the state.
//!
//! # The parts of an application
//!
//! | package | depends on | does |
//! | --- | --- | --- |
//! | shared state | this crate | declares the [`App`]: its state, arguments and messages |
//! | renderer | shared state, feature `renderer` | a function from input and state to pixels |
//! | owner | renderer, feature `owner` | the window's loop around an [`Owner`] |
//!
//! What owner and renderer share is declared once:
//!
//! ```
//! use hot_reload::{App, FixedVec, Frame, Owner, SharedState, WindowInput};
//!
//! #[derive(Clone, Copy, SharedState)]
//! #[repr(C)]
//! pub struct State {
//!     pub spots: FixedVec<(f32, f32), 64>,
//! }
//!
//! impl Default for State {
//!     fn default() -> Self {
//!         State { spots: FixedVec::new() }
//!     }
//! }
//!
//! pub struct Paint;
//!
//! impl App for Paint {
//!     const RENDERER: &'static str = "my-renderer"; // the package that is rebuilt
//!     type Arguments = ();
//!     type State = State;
//!     type ToRenderer = ();
//!     type ToOwner = ();
//! }
//!
//! // The renderer: an ordinary function. Its program is `hot_reload::run::<Paint>(render)`.
//! pub fn render(frame: &mut Frame<'_, Paint>) {
//!     if !frame.state.spots.is_full() {
//!         let _ = frame.state.spots.push((frame.input.mouse.x, frame.input.mouse.y));
//!     }
//!     frame.canvas.fill(0x20_30_40);
//!     for &(x, y) in &frame.state.spots {
//!         frame.canvas.set(x as usize, y as usize, 0xff_c0_00);
//!     }
//! }
//!
//! // The owner: the window's loop, here without a window and in one process.
//! fn main() -> hot_reload::Result<()> {
//!     let mut owner = Owner::<Paint>::builder(()).size(32, 24).one_process().start(render)?;
//!     while owner.picture().generation() == 0 {
//!         owner.tick(&WindowInput::idle(32, 24)); // never blocks
//!         owner.pace();
//!     }
//!     assert_eq!(owner.picture().pixels()[40], 0x20_30_40);
//!     Ok(())
//! }
//! ```
//!
//! The README's tutorial has the whole of it with a minifb window, manifests included.
//!
//! # What survives a reload
//!
//! - The [`App::State`]: see [`SharedState`] for what may be in it. The renderer works on a private
//!   `&mut State`; after each tick it is committed, and the next generation starts from the last
//!   commit. A state whose layout has changed is carried over field by field: by name, by
//!   `#[shared(was = "…")]`, by [`App::migrate`]; what has no place any more is parked beside it and
//!   comes back with its field. [`Status::migration`] says what became of each.
//! - Extra buffers ([`App::buffers`]), and the canvas where
//!   [`keep_canvas`](OwnerBuilder::keep_canvas) asks for it.
//! - Every input event and every message that no commit covers yet: each reaches the renderer exactly
//!   once.
//!
//! - What is not plain old data, when it implements serde: [`Frame::keep`] in [`Render::on_drain`],
//!   [`Frame::take`] in the next generation.
//!
//! # What else crosses between the two
//!
//! - Messages: [`Owner::send`] and [`OwnerLink::send`], bounded and never waiting. [`Owner::call`] waits, for
//!   the answer that [`OwnerLink::reply`] gives.
//! - Requests of the renderer ([`OwnerLink::request`]): title, tick rate, size, cursor, quit.
//! - Files that change at run time: the folders of [`OwnerBuilder::assets`] as [`Frame::assets`], without a
//!   build.
//!
//! A program without pictures has [`OwnerBuilder::without_canvas`]. One of several parts, each replaced by itself, has
//! [`OwnerBuilder::module`].
//!
//! # How a reload goes
//!
//! The new generation starts while the old one draws: it runs the set-up (what comes before its first
//! frame), and draws a rehearsal that nobody sees ([`Frame::is_rehearsal`]). Then the old one finishes
//! its tick and commits; the new one goes on from there with every tick that has no answer yet. The
//! old one is kept until the new one has answered its first ticks. [`OwnerBuilder::rehearsal`] turns
//! this into *stop, then start*; [`Owner::hold`] keeps reloads waiting; [`Owner::reload_events`] tells
//! each step.
//!
//! # What happens when things go wrong
//!
//! The picture stays, the owner's loop goes on, and the overlay says over the picture what is the
//! matter, as [`Owner::status`] does as data. A build that fails changes nothing else. A new
//! generation that fails in its set-up, rehearsal or first ticks gives way to the old one. One that
//! crashes or hangs later ([`Deadlines::tick`]) is started again from the last commit, with the input
//! that was not answered; input that kills two generations is left out, and a build that keeps
//! failing gives way to the one before it. A save always gets a fresh try at once.
//!
//! # Features
//!
//! None is on by default, and none changes a signature.
//!
//! - `renderer`: [`run`] and [`Renderer::attach`] find the owner that has started this program.
//! - `owner`: [`Owner`] watches, builds and replaces the renderer. Without it, the renderer runs on a
//!   thread of the same process, and nothing of hot mode is compiled in.
//! - `minifb`: `MinifbInput`; `winit`: `WinitInput`.
//! - `terminal`: `Terminal`, the picture in a terminal; `terminal-images`, with pixels where it has them.
//! - `embedded-graphics`: [`Canvas`] is a `DrawTarget`.
//!
//! Linux is what this is tested on; the code for macOS and Windows has not been run.

#![cfg_attr(
    not(feature = "owner"),
    allow(dead_code, reason = "the sides share modules, of which each uses its part")
)]

extern crate self as hot_reload;

/// The porting guide's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/porting.md")]
struct PortingGuide;

mod app;
mod artifact;
mod assets;
mod canvas;
mod error;
mod fail;
#[cfg(all(any(test, fuzzing), feature = "owner"))]
#[doc(hidden)]
pub mod fuzzing;
mod generation;
mod handshake;
mod history;
mod input;
#[cfg(any(feature = "owner", feature = "terminal"))]
#[cfg_attr(not(any(feature = "owner", unix)), allow(dead_code, reason = "nothing is diverted"))]
mod lines;
#[cfg(feature = "owner")]
mod log;
#[cfg(feature = "owner")]
mod outlet;
#[cfg(feature = "owner")]
mod overlay;
mod owner;
mod renderer;
mod request;
mod segment;
mod state;
mod status;
#[cfg(feature = "owner")]
mod supervisor;
#[cfg(feature = "renderer")]
mod sys;
#[cfg(feature = "terminal")]
mod terminal;

pub use app::App;
pub use artifact::artifact;
pub use assets::AssetChange;
pub use canvas::Canvas;
pub use error::{Error, Result};
pub use generation::{Deadlines, Hold, StatusWatch};
pub use history::{Cause, History, Reload, Step};
pub use hot_reload_derive::SharedState;
#[cfg(feature = "minifb")]
pub use input::MinifbInput;
#[cfg(feature = "winit")]
pub use input::WinitInput;
pub use input::{ButtonSet, Event, Input, Key, KeySet, Mouse, MouseButton, WindowInput};
pub use owner::{Module, Owner, OwnerBuilder, Picture};
pub use renderer::{Frame, OwnerLink, Render, Renderer, Turn, run, run_with};
pub use request::{Request, TickRate};
#[doc(hidden)]
pub use state::derived;
pub use state::{
    BufferPlan, Buffers, Field, FieldReport, FixedDuration, FixedInstant, FixedMap, FixedOption,
    FixedString, FixedVec, Full, Grid, Handle, Invalid, Kind, Layout, MigrationReport, OldState,
    Outcome, OwnedLayout, Pool, Ring, Role, SharedState, Snapshot, Variant, WriteDefault,
};
pub use status::{Activity, BuiltBy, Crash, Doing, Panic, Problem, Progress, ReloadEvent, Status};
#[cfg(feature = "terminal")]
pub use terminal::Terminal;

/// The iterators of the collections without pointers, which are named for those who keep one in a
/// struct.
pub mod collections {
    pub use crate::state::{
        Drain, GridNeighbours, IntoIter, MapIntoIter, MapIter, MapIterMut, PoolIter, PoolIterMut,
        RingIntoIter, RingIter, RingIterMut,
    };
}

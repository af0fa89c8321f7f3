//! Keep the window, keep the state, swap the code.
//!
//! A framework for graphical programs whose code you want to change while they run. An **owner**
//! process holds the window and a plain-old-data state. A **renderer** process draws into shared
//! memory, and is rebuilt and replaced whenever its source is saved. A panic, a segfault or an
//! endless loop in the code you are writing affects neither the window nor the state.
//!
//! Each renderer that was started is a *generation*. In each *tick* it receives the input, draws at
//! most one frame, and *commits* its state. This is *hot mode*. In *one process* the renderer is a
//! thread of the owner, and nothing is reloaded.
//!
//! # The packages of an application
//!
//! | package | depends on | does |
//! | --- | --- | --- |
//! | shared state | this crate | declares the [`App`]: its state, arguments and messages |
//! | renderer | shared state, feature `renderer` | a function from input and state to pixels |
//! | owner | renderer, feature `owner` | the window's loop around an [`Owner`] |
//!
//! Owner and renderer share one declaration:
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
//! A program of one file needs less: see [`Sketch`]. The [guide] has a page for each
//! subject; its [tutorial](crate::guide::tutorial) has complete programs, manifests included.
//!
//! # What survives a reload
//!
//! - The [`App::State`]: see [`SharedState`] for what it may contain. The renderer works on a
//!   private `&mut State`, which is committed after each tick; the next generation starts from the
//!   last commit. A state whose layout has changed is carried over field by field: by name, by
//!   `#[shared(was = "…")]`, by [`App::migrate`]. A value that no longer has a field is parked
//!   beside the state and comes back when its field does. [`Status::migration`] reports what became
//!   of each field.
//! - Extra buffers ([`App::buffers`]), and the canvas if [`keep_canvas`](OwnerBuilder::keep_canvas)
//!   is set.
//! - Every input event and every message that no commit covers yet: each reaches the renderer
//!   exactly once.
//! - Values that are not plain old data but implement serde: [`KeptValues::keep`] in
//!   [`Render::on_drain`], [`KeptValues::take`] in the next generation.
//!
//! # Messages, requests and assets
//!
//! - Messages: [`Owner::send`] and [`OwnerLink::send`] are bounded and never wait. [`Owner::call`]
//!   waits for the answer that [`OwnerLink::reply`] sends.
//! - Requests of the renderer ([`OwnerLink::request`]): title, tick rate, size, cursor, quit, and
//!   others; see [`Request`].
//! - Files that change at run time: changes in the folders of [`OwnerBuilder::assets`] arrive as
//!   [`Frame::assets`], without a build.
//!
//! A program without pictures uses [`OwnerBuilder::without_canvas`]. A program of several parts,
//! each replaced separately, uses [`OwnerBuilder::module`].
//!
//! # How a reload goes
//!
//! The new generation starts while the old one draws. It runs its set-up (everything before its
//! first frame) and draws a rehearsal frame, which is never shown ([`Frame::rehearsal`]). Then
//! the old generation finishes its tick and commits, and the new one continues from that commit
//! with every tick that has no answer yet. The old one is kept until the new one has answered its
//! first ticks. [`OwnerBuilder::rehearsal`] can turn this into *stop, then start*; [`Owner::hold`]
//! pauses reloads; [`Owner::reload_events`] reports each step.
//!
//! # What happens when things go wrong
//!
//! The picture stays and the owner's loop keeps running. The overlay shows the problem on the
//! picture; [`Owner::status`] returns it as data. A failed build changes nothing else. A new
//! generation that fails in its set-up, rehearsal or first ticks is discarded, and the old one
//! keeps drawing. A generation that crashes or hangs later ([`Deadlines::tick`]) is restarted from
//! the last commit, with the input that was not answered. Input that kills two generations is left
//! out, and a build that keeps failing is replaced by the build before it. Saving the source always
//! triggers a new attempt at once.
//!
//! # Features
//!
//! No feature is on by default, and none changes a signature.
//!
//! - `renderer`: [`run`] and [`Renderer::attach`] find the owner that started this program.
//! - `owner`: [`Owner`] watches, builds and replaces the renderer. Without it, the renderer runs on
//!   a thread of the same process, and hot mode is not compiled in.
//! - `options`: `Options`, the command line of a ready-made owner ([`Play`]), and its log; `hot` is
//!   `owner` and `options`.
//! - `minifb`: `MinifbWindow` and `MinifbInput`; `winit`: `WinitInput`; `winit-window`:
//!   `WinitWindow`.
//! - `terminal`: `Terminal` shows the picture in a terminal; `terminal-images` uses real pixels in
//!   terminals that support images.
//! - `embedded-graphics`: [`Canvas`] is a `DrawTarget`.
//! - `notifications`: a window tells the desktop of a build that fails while it has no focus.
//! - `testing`: scripts and pictures in tests; see `testing`.
//!
//! The crate is tested on Linux; the code for macOS and Windows has not been run.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "owner"),
    allow(dead_code, reason = "the sides share modules, of which each uses its part")
)]
#![deny(unsafe_code)]

extern crate self as hot_reload;

/// Checks that the porting guide's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/porting.md")]
struct PortingGuide;

/// Checks that the README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

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
// Only in the documentation, and not among the examples to test.
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod handshake;
pub mod history;
pub mod input;
#[cfg(any(feature = "owner", feature = "terminal"))]
#[cfg_attr(not(any(feature = "owner", unix)), allow(dead_code, reason = "nothing is diverted"))]
mod lines;
mod lock;
#[cfg(feature = "owner")]
mod log;
#[cfg(any(feature = "owner", feature = "options"))]
mod outlet;
#[cfg(feature = "owner")]
mod overlay;
mod owner;
mod play;
#[cfg(any(feature = "options", feature = "testing"))]
mod png_file;
mod renderer;
mod request;
#[allow(unsafe_code, reason = "memory that is shared with another process")]
mod segment;
#[cfg(feature = "renderer")]
#[allow(unsafe_code, reason = "signal handlers")]
mod stack_trace;
pub mod status;
#[cfg(feature = "owner")]
mod supervisor;
#[cfg(feature = "renderer")]
mod sys;
#[cfg(feature = "terminal")]
mod terminal;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;
mod window;

pub use app::{App, InitialState, Sketch};
pub use artifact::artifact;
pub use assets::AssetChange;
pub use canvas::Canvas;
pub use error::{Error, Result};
pub use generation::{Deadlines, Hold};
#[doc(hidden)]
pub use hot_reload_pod::derived;
#[doc(inline)]
pub use hot_reload_pod::{FixedString, FixedVec, SharedState, Snapshot};
#[doc(inline)]
pub use input::{Event, Input, Key, MouseButton, WindowInput};
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
pub use minifb;
pub use owner::{Module, Owner, OwnerBuilder, Picture};
#[cfg(feature = "options")]
pub use play::Options;
pub use play::{Play, play};
pub use renderer::{Frame, KeptValues, OwnerLink, Render, Renderer, Turn, run, run_with};
pub use request::{Request, TickRate};
#[doc(inline)]
pub use status::Status;
#[cfg(feature = "terminal")]
pub use terminal::Terminal;
pub use window::DevelopmentKeys;
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
pub use window::MinifbWindow;
#[cfg(all(feature = "winit-window", not(hot_reload_renderer)))]
pub use window::WinitWindow;

/// Extra buffers beside the state, sized when the application starts.
pub mod buffers {
    pub use hot_reload_pod::{BufferPlan, Buffers};
}

/// Collections of fixed capacity, options and times for a state.
pub mod collections {
    pub use hot_reload_pod::{
        Drain, FixedDuration, FixedInstant, FixedMap, FixedOption, FixedString, FixedVec, Full,
        Grid, GridNeighbours, Handle, IntoIter, MapIntoIter, MapIter, MapIterMut, Pool, PoolIter,
        PoolIterMut, Ring, RingIntoIter, RingIter, RingIterMut,
    };
}

/// Descriptions of types, used to check and migrate values.
pub mod layout {
    pub use hot_reload_pod::{
        Field, Invalid, Kind, Layout, OwnedLayout, Role, Variant, WriteDefault,
    };
}

/// Migrating a state whose type has changed.
pub mod migration {
    pub use hot_reload_pod::{FieldReport, MigrationReport, OldState, Outcome};
}

/// Saving, loading and inspecting states.
pub mod snapshot {
    pub use hot_reload_pod::{Snapshot, SnapshotError};
}

//! Keep the window, keep the state, swap the code.
#![cfg_attr(
    not(feature = "owner"),
    allow(dead_code, reason = "the sides share modules, of which each uses its part")
)]

extern crate self as hot_reload;

mod app;
mod canvas;
mod error;
mod handshake;
mod input;
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

pub use app::App;
pub use canvas::Canvas;
pub use error::{Error, Result};
pub use hot_reload_derive::SharedState;
#[cfg(feature = "minifb")]
pub use input::MinifbInput;
pub use input::{ButtonSet, Event, Input, Key, KeySet, Mouse, MouseButton, WindowInput};
pub use owner::{Owner, OwnerBuilder, Picture};
pub use renderer::{Frame, OwnerLink, Renderer, run};
pub use request::{Request, TickRate};
#[doc(hidden)]
pub use state::derived;
pub use state::{
    BufferPlan, Buffers, Drain, Field, FixedOption, FixedString, FixedVec, Full, IntoIter, Invalid,
    Kind, Layout, SharedState, Variant,
};
pub use status::{Activity, Problem, Status};

//! Keep the window, keep the state, swap the code.
extern crate self as hot_reload;
pub mod state;
pub use state::*;
pub use hot_reload_derive::SharedState;

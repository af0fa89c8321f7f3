//! Windows, each with its loop.

#[cfg(feature = "minifb")]
mod minifb_window;
#[cfg(feature = "winit-window")]
mod picture_surface;
mod size;
mod strip_key;
mod title;
#[cfg(feature = "winit-window")]
mod winit_window;

#[cfg(feature = "minifb")]
pub use minifb_window::MinifbWindow;
/// The window of a ready-made owner: minifb's if there are two.
#[cfg(feature = "minifb")]
pub(crate) use minifb_window::MinifbWindow as ReadyMade;
#[cfg(feature = "winit-window")]
pub use winit_window::WinitWindow;
#[cfg(all(feature = "winit-window", not(feature = "minifb")))]
pub(crate) use winit_window::WinitWindow as ReadyMade;

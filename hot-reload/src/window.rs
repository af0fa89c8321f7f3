//! Windows, each with its loop. A build of the renderer has none.

#[cfg(all(
    feature = "notifications",
    any(feature = "minifb", feature = "winit-window"),
    not(hot_reload_renderer)
))]
mod build_notice;
mod development_keys;
#[cfg(all(any(feature = "minifb", feature = "winit-window"), not(hot_reload_renderer)))]
mod key_watch;
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
mod minifb_window;
#[cfg(any(hot_reload_renderer, not(any(feature = "minifb", feature = "winit-window"))))]
mod no_window;
#[cfg(all(feature = "winit-window", not(hot_reload_renderer)))]
mod picture_surface;
#[cfg(all(any(feature = "minifb", feature = "winit-window"), not(hot_reload_renderer)))]
mod size;
#[cfg(all(any(feature = "minifb", feature = "winit-window"), not(hot_reload_renderer)))]
mod title;
#[cfg(all(feature = "winit-window", not(hot_reload_renderer)))]
mod winit_window;

pub use development_keys::DevelopmentKeys;
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
pub use minifb_window::MinifbWindow;
/// The window of a ready-made owner: minifb's if there are two.
#[cfg(all(feature = "minifb", not(hot_reload_renderer)))]
pub(crate) use minifb_window::MinifbWindow as ReadyMade;
#[cfg(any(hot_reload_renderer, not(any(feature = "minifb", feature = "winit-window"))))]
pub(crate) use no_window::NoWindow as ReadyMade;
#[cfg(all(feature = "winit-window", not(hot_reload_renderer)))]
pub use winit_window::WinitWindow;
#[cfg(all(feature = "winit-window", not(feature = "minifb"), not(hot_reload_renderer)))]
pub(crate) use winit_window::WinitWindow as ReadyMade;

/// True if this program was built with a window library.
pub(crate) const IS_BUILT_IN: bool =
    cfg!(all(any(feature = "minifb", feature = "winit-window"), not(hot_reload_renderer)));

/// Returns whether there is a display to open a window on.
pub(crate) fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(all(unix, not(target_os = "macos")))) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

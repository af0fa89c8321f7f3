//! Sizes that a renderer may request of a window.

/// Limit on each side in pixels, which every window system accepts.
const MOST: u32 = 16_384;

/// Returns a requested size if a window can have it. A renderer may request anything, and a size that
/// the display refuses can end the program.
pub(super) fn usable(width: u32, height: u32) -> Option<(u32, u32)> {
    let is_usable = |side| (1..=MOST).contains(&side);
    (is_usable(width) && is_usable(height)).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_no_window_can_have_is_ignored() {
        assert_eq!(usable(640, 480), Some((640, 480)));
        for (width, height) in [(0, 480), (640, 0), (65_536, 480), (640, u32::MAX)] {
            assert_eq!(usable(width, height), None, "{width} × {height}");
        }
    }
}

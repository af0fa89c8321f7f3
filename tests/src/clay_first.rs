//! Initial contents of [`Clay`]'s state before the tests change its types: no value is that of a
//! fresh state.

use crate::clay::{Clay, Item, Shape};
use hot_reload::{FixedString, Frame};

/// Fills a fresh state.
pub fn fill(frame: &mut Frame<'_, Clay>) {
    let state = &mut *frame.state;
    (state.number, state.small, state.ratio, state.on) = (300, 7, 2.5, true);
    state.name = FixedString::truncated("größer");
    for (hue, weight) in [(1, -1), (2, -200), (3, 70_000)] {
        // The list has room for four.
        let _ = state.items.push(Item { hue, weight });
    }
    (state.row, state.shape) = ([10, 20, 30], Shape::Circle { radius: 1.5 });
    (state.x, state.y) = (0.25, -8.0);
    for (index, height) in (1..).zip(frame.buffers.get_mut::<u32>("heights")) {
        *height = 100 * index;
    }
}

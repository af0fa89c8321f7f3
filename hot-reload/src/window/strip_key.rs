//! F1, which turns the strip on and off.

use crate::app::App;
use crate::input::{Event, Key, WindowInput};
use crate::owner::Owner;

/// The key F1, which is held or not.
#[derive(Debug, Default)]
pub(super) struct StripKey {
    is_held: bool,
}

impl StripKey {
    /// Turns the strip on or off if the key was pressed. The renderer receives its events as well.
    pub(super) fn apply<A: App>(&mut self, input: &WindowInput, owner: &mut Owner<A>) {
        if self.is_pressed(&input.events) {
            owner.set_strip(!owner.strip());
        }
    }

    /// Returns true if the key went down an odd number of times. Repeated reports of a held key are
    /// ignored.
    fn is_pressed(&mut self, events: &[Event]) -> bool {
        let mut pressed = false;
        for event in events {
            if *event == Event::KeyDown(Key::F1) {
                pressed ^= !std::mem::replace(&mut self.is_held, true);
            } else if *event == Event::KeyUp(Key::F1) {
                self.is_held = false;
            }
        }
        pressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pressed_when_it_goes_down_and_not_while_it_is_held() {
        let (down, up) = (Event::KeyDown(Key::F1), Event::KeyUp(Key::F1));
        let mut key = StripKey::default();
        let table: [(&[Event], bool); 6] = [
            (&[down, down], true),
            (&[down], false),
            (&[up], false),
            (&[down, up, down, up], false),
            (&[Event::KeyDown(Key::F2)], false),
            (&[down, up], true),
        ];
        for (row, (events, pressed)) in table.into_iter().enumerate() {
            assert_eq!(key.is_pressed(events), pressed, "row {row}: {events:?}");
        }
    }
}

//! Picture of an application of several parts: the parts' pictures, composed.

use super::Shown;
use crate::canvas::over;

/// Memory of the composed picture, and the dimming it was composed with.
#[derive(Debug)]
pub(super) struct Layers {
    /// Composed picture.
    pub(super) picture: Shown,
    /// Layers that are dimmed in it.
    dim: Vec<bool>,
}

/// Pictures of all parts, from the lowest up.
pub(super) trait Stack {
    fn count(&self) -> usize;
    fn layer(&mut self, index: usize) -> Layer<'_>;
}

/// Picture of one part.
pub(super) struct Layer<'l> {
    pub(super) shown: &'l mut Shown,
    /// Set if its part no longer draws.
    pub(super) dead: bool,
}

impl Layers {
    pub(super) fn new(size: (u32, u32)) -> Self {
        Layers { picture: Shown::new(size), dim: Vec::new() }
    }

    /// Composes the pictures if one of them is new or its part has stopped drawing. Returns whether
    /// there is a new picture.
    ///
    /// A single picture is swapped in, at no cost.
    pub(super) fn composite(&mut self, stack: &mut dyn Stack, new: bool) -> bool {
        let count = stack.count();
        let asked = self.picture.asked();
        let mut faded = self.dim.len() != count;
        self.dim.resize(count, false);
        for (index, dim) in self.dim.iter_mut().enumerate() {
            let Layer { shown, dead } = stack.layer(index);
            // A request for the pixels shows every layer in them.
            asked.inspect(|&asked| shown.was_asked(asked));
            let dims = dead && count > 1;
            faded |= std::mem::replace(dim, dims) != dims;
        }
        if !new && !faded {
            return false;
        }
        let Some(base) = (0..count).find(|&index| stack.layer(index).shown.is_drawn()) else {
            return false;
        };
        let below = stack.layer(base).shown;
        if count == 1 {
            // It was swapped with the previous picture, which must not come back.
            if !self.picture.is_of(below) {
                self.picture.follow(below);
                std::mem::swap(&mut self.picture.pixels, &mut below.pixels);
            }
            return true;
        }
        self.picture.follow(below);
        self.picture.pixels.clone_from(&below.pixels);
        if self.dim[base] {
            self.picture.pixels.iter_mut().for_each(|pixel| *pixel = *pixel >> 1 & 0x007f_7f7f);
        }
        let width = self.picture.width as usize;
        for index in base + 1..count {
            let above = stack.layer(index).shown;
            if above.is_drawn() {
                blend(&mut self.picture.pixels, width, above, self.dim[index]);
            }
        }
        true
    }
}

/// Draws a layer over a picture. Pixels outside of it, which exist briefly during a resize, are
/// left out.
fn blend(picture: &mut [u32], width: usize, layer: &Shown, dim: bool) {
    let rows = layer.pixels.chunks_exact(layer.width.max(1) as usize);
    for (below, above) in picture.chunks_exact_mut(width.max(1)).zip(rows) {
        let mut at = 0;
        while at < below.len().min(above.len()) {
            // Most of a layer is empty, and skipping that eight pixels at a time is what makes an
            // unoptimised build fast enough.
            if above[at..].starts_with(&[0; 8]) {
                at += 8;
                continue;
            }
            below[at] = blended(below[at], above[at], dim);
            at += 1;
        }
    }
}

fn blended(below: u32, above: u32, dim: bool) -> u32 {
    let [blue, green, red, alpha] = above.to_le_bytes();
    match if dim { alpha / 2 } else { alpha } {
        0 => below,
        255 => above,
        alpha => over(below, [red, green, blue, alpha]),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn drawn(pixels: [u32; 4]) -> Shown {
        let mut shown = Shown::new((2, 2));
        shown.pixels = pixels.to_vec();
        shown.drawn_by(1);
        shown
    }

    struct Parts<'p, 's>(&'p mut [(&'s mut Shown, bool)]);

    impl Stack for Parts<'_, '_> {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn layer(&mut self, index: usize) -> Layer<'_> {
            let (shown, dead) = &mut self.0[index];
            Layer { shown, dead: *dead }
        }
    }

    fn composed<const N: usize>(
        layers: &mut Layers,
        mut parts: [(&mut Shown, bool); N],
        new: bool,
    ) -> Option<Vec<u32>> {
        let changed = layers.composite(&mut Parts(&mut parts), new);
        changed.then(|| layers.picture.pixels.iter().map(|pixel| pixel & 0x00ff_ffff).collect())
    }

    #[test]
    fn layers_lie_over_each_other_by_their_alpha_and_a_dead_one_fades() {
        let mut layers = Layers::new((2, 2));
        // The lowest layer is opaque whatever its alpha.
        let mut below = drawn([0x0000_00ff, 0xff00_00ff, 0x0080_8080, 0]);
        let mut above = drawn([0x00ff_ffff, 0xffff_0000, 0x80ff_ffff, 0xff00_ff00]);
        let picture = composed(&mut layers, [(&mut below, false), (&mut above, false)], true);
        assert_eq!(picture, Some(vec![0x0000_00ff, 0x00ff_0000, 0x00c0_c0c0, 0x0000_ff00]));
        let again = composed(&mut layers, [(&mut below, false), (&mut above, false)], false);
        assert_eq!(again, None, "nothing is new");
        let faded = composed(&mut layers, [(&mut below, false), (&mut above, true)], false);
        assert_eq!(faded, Some(vec![0x0000_00ff, 0x007f_0080, 0x00a0_a0a0, 0x0000_7f00]));
        let dark = composed(&mut layers, [(&mut below, true), (&mut above, false)], false);
        assert_eq!(dark, Some(vec![0x0000_007f, 0x00ff_0000, 0x00a0_a0a0, 0x0000_ff00]));
    }

    #[test]
    fn what_has_not_drawn_yet_is_left_out_and_a_single_picture_is_taken_as_it_is() {
        let mut layers = Layers::new((2, 2));
        let mut blank = Shown::new((2, 2));
        let mut above = drawn([1, 2, 3, 4]);
        let picture = composed(&mut layers, [(&mut blank, false), (&mut above, false)], true);
        assert_eq!(picture, Some(vec![1, 2, 3, 4]));
        let nothing = composed(&mut layers, [(&mut blank, false)], true);
        assert_eq!(nothing, None);
        let single = composed(&mut layers, [(&mut above, true)], true);
        assert_eq!(single, Some(vec![1, 2, 3, 4]), "a single one is not dimmed");
    }

    #[test]
    fn a_single_picture_does_not_give_way_to_the_one_before_it() {
        let mut layers = Layers::new((2, 2));
        let mut part = drawn([1; 4]);
        for tick in 1..4 {
            part.pixels = vec![u32::try_from(tick).unwrap(); 4];
            part.tick = tick;
            for _ in 0..3 {
                let picture = composed(&mut layers, [(&mut part, false)], true);
                assert_eq!(picture, Some(vec![u32::try_from(tick).unwrap(); 4]));
            }
        }
    }

    #[test]
    fn layers_of_another_size_are_cut() {
        let mut layers = Layers::new((2, 2));
        let mut below = drawn([9; 4]);
        let mut wide = Shown::new((3, 1));
        wide.pixels = vec![0xff00_0001; 3];
        wide.drawn_by(1);
        let picture = composed(&mut layers, [(&mut below, false), (&mut wide, false)], true);
        assert_eq!(picture, Some(vec![1, 1, 9, 9]));
    }
}

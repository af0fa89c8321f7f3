//! Colors: the overlay's own, and those that terminals select by number.

/// Ordinary text.
pub(super) const TEXT: u32 = 0x00dc_e1e8;
/// Emphasized text.
pub(super) const STRONG: u32 = 0x00ff_ffff;
/// Secondary text.
pub(super) const MUTED: u32 = 0x0091_9bab;
/// Lines and bars that only divide.
pub(super) const RULE: u32 = 0x003c_444f;
/// Accent for something broken.
pub(super) const RED: u32 = 0x00b4_2b2b;
/// Accent for something that needs patience or attention.
pub(super) const AMBER: u32 = 0x0096_6410;
/// Accent for work in progress.
pub(super) const BLUE: u32 = 0x004c_9be8;
/// Accent for something that works again.
pub(super) const GREEN: u32 = 0x0056_b870;

/// The sixteen named colors, all readable on a dark ground: black and blue are lighter than in most
/// terminals.
const NAMED: [u32; 16] = [
    0x0075_7f8c,
    0x00e0_5f5f,
    0x007c_bf6a,
    0x00d6_a84c,
    0x005f_9bea,
    0x00c3_82e0,
    0x0056_b6c2,
    0x00c8_cdd6,
    0x008b_95a3,
    0x00ff_7b72,
    0x0098_d982,
    0x00f2_cc60,
    0x0079_b8ff,
    0x00d9_a3f5,
    0x0076_d9e6,
    0x00ff_ffff,
];

/// Returns one of the 256 colors by its number, or the color of plain text for a larger number.
pub(super) fn indexed(number: u16) -> u32 {
    let level = |step: u16| if step == 0 { 0 } else { 55 + 40 * u32::from(step) };
    match number {
        0..=15 => NAMED[usize::from(number)],
        16..=231 => {
            let cube = number - 16;
            let (red, green, blue) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
            legible(red << 16 | green << 8 | blue)
        }
        232..=255 => legible((8 + 10 * u32::from(number - 232)) * 0x0001_0101),
        _ => TEXT,
    }
}

/// Returns the color itself, or a lighter version of it where it would be unreadable on the dark
/// ground.
pub(super) fn legible(color: u32) -> u32 {
    let [_, red, green, blue] = color.to_be_bytes().map(u32::from);
    // The usual weights of the channels, in 256ths.
    let light = (54 * red + 183 * green + 19 * blue) >> 8;
    if light >= 0x58 { color } else { mix(color, TEXT) }
}

/// Returns the color a quarter of the way toward the ground's.
pub(super) fn faint(color: u32) -> u32 {
    mix(color, mix(color, 0x0020_262e))
}

/// Returns the mean of each channel.
fn mix(one: u32, other: u32) -> u32 {
    ((one & 0x00fe_fefe) >> 1) + ((other & 0x00fe_fefe) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_readable() {
        for number in 0..300 {
            let [_, red, green, blue] = indexed(number).to_be_bytes();
            assert!(red.max(green).max(blue) > 0x50, "{number}");
        }
        assert_eq!(indexed(231), 0x00ff_ffff);
        assert_eq!(legible(0x00c8_6432), 0x00c8_6432);
    }
}

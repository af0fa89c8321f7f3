//! Sizes as people write them.

/// Parses a size in pixels.
pub(super) fn parse_size(text: &str) -> std::result::Result<(u32, u32), String> {
    let parse = |side: &str| side.parse::<u32>().ok().filter(|side| (1..=65_535).contains(side));
    let sides = text.split_once(['x', 'X', '×']);
    sides.and_then(|(width, height)| Some((parse(width)?, parse(height)?))).ok_or_else(|| {
        format!("`{text}` is not a size: use two numbers from 1 to 65535, as in 800x600")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!(parse_size("1920x1080"), Ok((1920, 1080)));
        for wrong in ["", "800", "x600", "0x600", "800x-1", "99999x1", "800x600x2"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}

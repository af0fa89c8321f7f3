//! Pictures as pixels, in terminals that support images.

use super::content::{Cells, Content, Placement, scaled};
use image::{DynamicImage, RgbImage};
use ratatui::Frame;
use ratatui::layout::Size;
use ratatui_image::errors::Errors;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Capability, Picker, ProtocolType};
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::{Image, Resize};

/// Image number for kitty, the same for every picture: each one replaces the last, where new
/// numbers would make kitty keep them all.
const IMAGE: u32 = 0x68_6f_74;

/// The terminal's way of showing images.
#[derive(Debug, Clone)]
pub(super) struct Images(Picker);

impl Images {
    /// Asks the terminal for its image protocol; returns `None` if it has none.
    pub(super) fn ask() -> Option<Self> {
        let is = |name: &str, beginning: &str| {
            std::env::var(name).is_ok_and(|value| value.starts_with(beginning))
        };
        // tmux and screen hold the screen as characters. Reaching the terminal behind them would
        // require changes to their configuration.
        if is("TERM", "tmux") || is("TERM", "screen") || std::env::var_os("TMUX").is_some() {
            return None;
        }
        // Compressed, because the connection is slower than the programs at its ends.
        let options = QueryStdioOptions { kitty_compression: true, ..QueryStdioOptions::default() };
        let picker = Picker::from_query_stdio_with_options(options).ok()?;
        (picker.protocol_type() != ProtocolType::Halfblocks).then_some(Images(picker))
    }

    /// Returns the size of a character in pixels, as the font has it.
    pub(super) fn cells(&self) -> Cells {
        let font = self.0.font_size();
        Cells { width: font.width.max(1).into(), height: font.height.max(1).into() }
    }

    /// Draws the picture at its place.
    pub(super) fn draw(&self, frame: &mut Frame<'_>, content: &Content, place: Placement) {
        let Placement { picture, seen } = place;
        if seen.is_empty() {
            return;
        }
        let cells = self.cells();
        let all = cells.pixels((picture.width, picture.height));
        let (width, height) = cells.pixels((seen.width, seen.height));
        let pixels = scaled(content, (all.0 as usize, all.1 as usize));
        let shown = &pixels[..width as usize * height as usize];
        let bytes = shown.iter().flat_map(|pixel| {
            let [_, red, green, blue] = pixel.to_be_bytes();
            [red, green, blue]
        });
        let Some(image) = RgbImage::from_raw(width, height, bytes.collect()) else { return };
        // A picture that cannot be encoded is skipped, like one that comes too late.
        if let Ok(image) = self.encoded(image.into(), Size::new(seen.width, seen.height)) {
            frame.render_widget(Image::new(&image), seen);
        }
    }

    fn encoded(&self, image: DynamicImage, size: Size) -> Result<Protocol, Errors> {
        let Images(picker) = self;
        if picker.protocol_type() != ProtocolType::Kitty {
            return picker.new_protocol(image, size, Resize::Fit(None));
        }
        let compress = picker.capabilities().contains(&Capability::KittyCompression);
        Ok(Protocol::Kitty(Kitty::new(image, size, IMAGE, false, compress)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;
    use ratatui::layout::Rect;

    #[test]
    fn a_picture_is_written_by_the_protocol_of_the_terminal() {
        let protocols = [
            (ProtocolType::Sixel, "\x1bP"),
            (ProtocolType::Kitty, "\x1b_G"),
            (ProtocolType::Iterm2, "\x1b]1337;File="),
        ];
        for (protocol, begin) in protocols {
            let mut picker = Picker::halfblocks();
            picker.set_protocol_type(protocol);
            let images = Images(picker);
            let mut terminal = ratatui::Terminal::new(TestBackend::new(8, 4)).unwrap();
            let cells = images.cells();
            let (width, height) = cells.pixels((8, 4));
            let size = (width as usize, height as usize);
            let content =
                Content { pixels: vec![0x00ff_8000; size.0 * size.1], size, ..Content::default() };
            // Includes screens on which the text leaves only a part for the picture, or nothing.
            let whole = Rect::new(0, 0, 8, 4);
            let mut show = |picture, seen| {
                let place = Placement { picture, seen };
                terminal.draw(|frame| images.draw(frame, &content, place)).unwrap();
            };
            for rows in [4, 2, 0] {
                show(whole, Rect::new(0, 0, 8, rows));
            }
            show(Rect::new(2, 0, 4, 2), Rect::new(2, 0, 4, 2));
            show(whole, whole);
            let written = terminal.backend().buffer()[(0, 0)].symbol().to_owned();
            let shown = written.chars().take(60).collect::<String>();
            assert!(written.contains(begin), "{protocol:?}: {shown:?}");
        }
    }
}

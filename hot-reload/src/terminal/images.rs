//! Pictures as pixels, in terminals that support images.

use super::content::{Cells, Content, Placement, scaled};
use super::screen::{Area, Cell, Screen, Style};
use image::{DynamicImage, RgbImage};
use ratatui::backend::IntoCrossterm;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::{Rect, Size};
use ratatui::widgets::Widget;
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
    pub(super) fn draw(&self, screen: &mut Screen, content: &Content, place: Placement) {
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
            show(&image, screen, seen);
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

/// Copies an encoded picture to its place on the screen.
fn show(image: &Protocol, screen: &mut Screen, Area { x, y, width, height }: Area) {
    let mut buffer = Buffer::empty(Rect::new(x, y, width, height));
    Image::new(image).render(buffer.area, &mut buffer);
    for position in buffer.area.positions() {
        let (Some(to), from) = (screen.cell(position.x, position.y), &buffer[position]) else {
            continue;
        };
        let is_covered = from.diff_option == CellDiffOption::Skip;
        let symbol = if is_covered { String::new() } else { from.symbol().to_owned() };
        let (foreground, background) = (from.fg.into_crossterm(), from.bg.into_crossterm());
        let style = Style { foreground, background, bold: false };
        *to = Cell { symbol: symbol.into(), style };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let mut screen = Screen::default();
            let cells = images.cells();
            let (width, height) = cells.pixels((8, 4));
            let size = (width as usize, height as usize);
            let content =
                Content { pixels: vec![0x00ff_8000; size.0 * size.1], size, ..Content::default() };
            // Includes screens on which the text leaves only a part for the picture, or nothing.
            let whole = Area { x: 0, y: 0, width: 8, height: 4 };
            let part = Area { x: 2, y: 0, width: 4, height: 2 };
            let places = [4, 2, 0].map(|height| (whole, Area { height, ..whole }));
            for (picture, seen) in places.into_iter().chain([(part, part), (whole, whole)]) {
                screen.begin((8, 4));
                images.draw(&mut screen, &content, Placement { picture, seen });
            }
            let mut out = Vec::new();
            screen.flush(&mut out).unwrap();
            let written = String::from_utf8_lossy(&out);
            let shown = written.chars().take(60).collect::<String>();
            assert!(written.contains(begin), "{protocol:?}: {shown:?}");
            let image = screen.cell(0, 0).unwrap().symbol.clone();
            assert!(image.contains(begin), "{protocol:?}: {image:?}");
        }
    }
}

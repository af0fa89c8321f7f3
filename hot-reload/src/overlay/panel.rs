//! The panel in the middle: a title bar, text that scrolls, and a line with a hint.

use super::font::Face;
use super::moment::Heading;
use super::palette::{MUTED, RULE, STRONG, TEXT};
use super::surface::{Area, Surface};
use super::text::{Style, Text, letters};
use super::wrap::{Row, wrap};

/// Number of columns of the narrowest panel: enough for a title and the text beside it.
const NARROWEST: usize = 44;

/// The panel's texts, scroll position and layout.
pub(super) struct Panel {
    pub(super) heading: Heading,
    pub(super) aside: String,
    pub(super) hint: &'static str,
    body: Text,
    /// Number of lines scrolled out at the top. A wheel with fine steps leaves a fraction.
    scrolled: f32,
    layout: Option<PanelLayout>,
}

/// A part of the panel that a person can click on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PanelPart {
    Title,
    Text,
    /// Any part of the sheet with the keys.
    Sheet,
}

/// Positions for a picture of one size.
struct PanelLayout {
    size: (usize, usize),
    area: Area,
    rows: Vec<Row>,
    /// Number of rows that fit.
    visible: usize,
    /// Height of the title bar.
    title: usize,
}

impl Panel {
    pub(super) fn new(heading: Heading) -> Panel {
        let (aside, body) = (String::new(), Text::default());
        Panel { heading, aside, hint: "", body, scrolled: 0.0, layout: None }
    }

    /// Replaces the text and scrolls to its top.
    pub(super) fn rewrite(&mut self, write: impl FnOnce(&mut Text)) {
        self.body.clear();
        write(&mut self.body);
        self.layout = None;
        self.scrolled = 0.0;
    }

    /// Returns the number of lines that can be scrolled out; 0 before the panel is first drawn.
    pub(super) fn scrollable(&self) -> usize {
        self.layout.as_ref().map_or(0, |layout| layout.rows.len() - layout.visible)
    }

    /// Scrolls within the text and returns whether other lines are visible now.
    pub(super) fn scroll(&mut self, lines: f32) -> bool {
        let before = self.top();
        if lines.is_finite() {
            self.scrolled = (self.scrolled + lines).clamp(0.0, self.scrollable() as f32);
        }
        self.top() != before
    }

    /// Returns the index of the first visible row.
    fn top(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "not negative, and clamped")]
        let top = self.scrolled as usize;
        top.min(self.scrollable())
    }

    /// Returns the part at a pixel of the picture; `None` before the panel is first drawn.
    pub(super) fn part_at(&self, x: f32, y: f32) -> Option<PanelPart> {
        let layout = self.layout.as_ref()?;
        let Area { x: left, y: top, width, height } = layout.area;
        let within = |position: f32, start: usize, length: usize| {
            (start as f32..(start + length) as f32).contains(&position)
        };
        let is_title = within(y, top, layout.title);
        let is_inside = within(x, left, width) && within(y, top, height);
        is_inside.then_some(if is_title { PanelPart::Title } else { PanelPart::Text })
    }

    /// Lays the panel out for a picture of this size if necessary, and returns its area.
    pub(super) fn place(&mut self, size: (usize, usize), face: &Face) -> Area {
        match &self.layout {
            Some(layout) if layout.size == size => layout.area,
            _ => {
                let layout = self.lay_out(size, face);
                let area = layout.area;
                self.layout = Some(layout);
                area
            }
        }
    }

    fn lay_out(&self, (width, height): (usize, usize), face: &Face) -> PanelLayout {
        let ((across, _), line) = (face.cell(), face.line());
        let outer = Area { x: 0, y: 0, width, height };
        let outer = outer.inset(((2 * across).min(width / 20), line.min(height / 20)));
        let parts = Parts::of(face);

        let columns = outer.width.saturating_sub(3 * parts.pad) / across;
        let rows = wrap(&self.body, columns);
        let longest = rows.iter().map(Row::columns).fold(NARROWEST, usize::max);
        let visible = rows.len().min(outer.height.saturating_sub(parts.fixed()) / line);
        let across = outer.width.min(longest * across + 3 * parts.pad);
        let down = outer.height.min(parts.fixed() + visible * line);
        let area = Area {
            x: outer.x + (outer.width - across) / 2,
            y: outer.y + (outer.height - down) / 2,
            width: across,
            height: down,
        };
        PanelLayout { size: (width, height), area, rows, visible, title: parts.title }
    }

    /// Draws the panel in the area returned by [`place`](Self::place).
    pub(super) fn draw(&self, surface: &mut Surface, face: &Face) {
        let Some(layout) = &self.layout else {
            return;
        };
        surface.frame(layout.area, face.factor(), RULE);
        self.draw_title(layout.area, surface, face);
        let parts = Parts::of(face);
        let (x, mut y) = (layout.area.x + parts.pad, layout.area.y + parts.title + parts.gap);
        for row in layout.rows.iter().skip(self.top()).take(layout.visible) {
            let letters = self.body.letters()[row.letters.clone()].iter().copied();
            surface.write((x + row.indent * face.cell().0, y), letters, face);
            y += face.line();
        }
        self.draw_mark(layout, surface, face);
        self.draw_hint(layout.area, surface, face);
    }

    fn draw_title(&self, area: Area, surface: &mut Surface, face: &Face) {
        let parts = Parts::of(face);
        let (across, down) = face.cell();
        surface.fill(Area { height: parts.title.min(area.height), ..area }, self.heading.color);
        let y = area.y + (parts.title - down) / 2;
        let title = letters(self.heading.title, Style::bold(STRONG));
        surface.write((area.x + parts.pad, y), title, face);

        let aside = self.aside.chars().count();
        let taken = (self.heading.title.len() + 1 + aside) * across + 2 * parts.pad;
        if taken <= area.width {
            let x = area.x + area.width - parts.pad - aside * across;
            surface.write((x, y), letters(&self.aside, Style::plain(TEXT)), face);
        }
    }

    /// Draws a bar at the right that shows which part of the text is visible.
    fn draw_mark(&self, layout: &PanelLayout, surface: &mut Surface, face: &Face) {
        let parts = Parts::of(face);
        let narrow = layout.area.width < 3 * parts.pad;
        if self.scrollable() == 0 || layout.visible == 0 || narrow {
            return;
        }
        let lane = Area {
            x: layout.area.x + layout.area.width - parts.pad,
            y: layout.area.y + parts.title + parts.gap,
            width: 2 * face.factor(),
            height: layout.visible * face.line(),
        };
        let rows = layout.rows.len();
        let length = (lane.height * layout.visible / rows).max(2 * face.factor()).min(lane.height);
        let way = (lane.height - length) * self.top() / self.scrollable();
        surface.fill(lane, RULE);
        surface.fill(Area { y: lane.y + way, height: length, ..lane }, MUTED);
    }

    fn draw_hint(&self, area: Area, surface: &mut Surface, face: &Face) {
        let parts = Parts::of(face);
        if area.height < parts.fixed() {
            return;
        }
        let foot = Area { y: area.y + area.height - parts.foot, height: parts.foot, ..area };
        surface.fill(Area { height: face.factor(), ..foot }.inset((parts.pad, 0)), RULE);
        let wheel = if self.scrollable() > 0 { " · wheel: scroll" } else { "" };
        let hint =
            letters(self.hint, Style::plain(MUTED)).chain(letters(wheel, Style::plain(MUTED)));
        let columns = area.width.saturating_sub(2 * parts.pad) / face.cell().0;
        let y = foot.y + (parts.foot - face.cell().1) / 2;
        surface.write((foot.x + parts.pad, y), hint.take(columns), face);
    }
}

/// Sizes that scale with the letters.
struct Parts {
    /// Space left and right of the text, and between the text and the scroll mark.
    pad: usize,
    title: usize,
    /// Space above and below the text.
    gap: usize,
    foot: usize,
}

impl Parts {
    fn of(face: &Face) -> Parts {
        let line = face.line();
        Parts { pad: face.cell().0, title: line + line / 2, gap: line / 2, foot: line + line / 2 }
    }

    /// Returns the height of everything but the text.
    fn fixed(&self) -> usize {
        self.title + 2 * self.gap + self.foot
    }
}

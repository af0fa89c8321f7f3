//! Printing values as a tree: `name: type = value`, one line per field.

use super::{Content, Elements, Scalar, Value, is_tuple};
use crate::{
    Invalid, Role, escaped,
    owned_layout::{NodeField, NodeKind, NodeVariant},
};
use std::fmt;

/// Limit on the number of lines.
const MOST_LINES: usize = 20_000;
/// Limit on the elements listed below a collection.
const MOST_BELOW: usize = 100;
/// Limit on the numbers in a row.
const MOST_IN_ROW: usize = 32;
/// Limit on the bytes shown of a foreign type.
const MOST_HEX: usize = 64;
/// Limit on the characters shown of a text.
const MOST_CHARACTERS: usize = 1000;
/// Limit on the parts of a tuple on one line.
const MOST_PARTS: usize = 12;
/// Limit on the nesting of tuples on one line.
const DEEPEST_LINE: usize = 3;

impl Value<'_> {
    /// Writes a new line `label: type = value`, and below it the parts that do not fit on the line.
    pub(crate) fn write_tree(
        &self,
        f: &mut fmt::Formatter<'_>,
        label: impl fmt::Display,
        depth: usize,
    ) -> fmt::Result {
        Tree { lines: MOST_LINES }.line(f, &label, *self, depth)
    }
}

struct Tree {
    /// Lines left; longer output is cut off.
    lines: usize,
}

impl Tree {
    fn line(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        label: &dyn fmt::Display,
        value: Value<'_>,
        depth: usize,
    ) -> fmt::Result {
        self.lines = match self.lines {
            0 => return Ok(()),
            1 => return f.write_str("\n…").map(|()| self.lines = 0),
            lines => lines - 1,
        };
        write!(f, "\n{:1$}{label}: {2}", "", depth * 2, value.layout.title(value.id))?;
        let Ok(content) = value.content() else { return write!(f, " = {}", Line(value)) };
        let role = value.node().role;
        match content {
            Content::Elements(it) if role != Role::Plain => write_count(f, it.len(), "element")?,
            Content::Entries(entries) => write_count(f, entries.len(), "entry")?,
            Content::Slots(slots) => write_count(f, slots.iter().count(), "element")?,
            _ => {}
        }
        if matches!(content, Content::Elements(it) if it.listed() == 0 && role != Role::Plain) {
            return Ok(());
        }
        if fits_line(value, 0) {
            return write!(f, " = {}", Line(value));
        }
        self.below(f, value, content, depth + 1)
    }

    fn below(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        value: Value<'_>,
        content: Content<'_>,
        depth: usize,
    ) -> fmt::Result {
        match content {
            Content::Fields(fields) => self.members(f, value, fields, depth),
            Content::Variant(variant) | Content::Option(variant) => {
                write!(f, " = {}", escaped(&variant.name))?;
                self.members(f, value, &variant.fields, depth)
            }
            Content::Elements(elements) => {
                let below = elements.iter().enumerate();
                self.elements(f, below.map(|(index, it)| (index.into(), it)), depth)
            }
            Content::Slots(slots) => {
                self.elements(f, slots.iter().map(|(index, it)| (index.into(), it)), depth)
            }
            Content::Entries(entries) => {
                let below = entries.pairs().enumerate().map(|(index, (key, value))| {
                    let label = if fits_line(key, 0) { Label::Key(key) } else { index.into() };
                    (label, value)
                });
                self.elements(f, below, depth)
            }
            Content::Scalar(_) | Content::Pod(_) | Content::Text(_) => Ok(()),
        }
    }

    fn members(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        value: Value<'_>,
        fields: &[NodeField],
        depth: usize,
    ) -> fmt::Result {
        let mut lines = fields.iter().map(|field| (escaped(&field.name), value.member(field)));
        lines.try_for_each(|(name, value)| self.line(f, &name, value, depth))
    }

    fn elements<'v>(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        mut elements: impl Iterator<Item = (Label<'v>, Value<'v>)>,
        depth: usize,
    ) -> fmt::Result {
        for (label, element) in elements.by_ref().take(MOST_BELOW) {
            self.line(f, &label, element, depth)?;
        }
        match elements.count() {
            0 => Ok(()),
            _ if self.lines == 0 => Ok(()),
            more => write!(f, "\n{:1$}… {more} more", "", depth * 2),
        }
    }
}

/// The label before an element.
enum Label<'v> {
    Index(usize),
    Key(Value<'v>),
}

impl From<usize> for Label<'_> {
    fn from(index: usize) -> Self {
        Label::Index(index)
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Index(index) => write!(f, "[{index}]"),
            Label::Key(key) => write!(f, "[{}]", Line(*key)),
        }
    }
}

fn write_count(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    match (count, what) {
        (1, _) => write!(f, ", 1 {what}"),
        (_, "entry") => write!(f, ", {count} entries"),
        _ => write!(f, ", {count} {what}s"),
    }
}

/// Returns whether a value can be shown on one line.
fn fits_line(value: Value<'_>, depth: usize) -> bool {
    let Ok(content) = value.content() else { return true };
    let fit = |fields: &[NodeField]| {
        let few = fields.len() <= MOST_PARTS && depth < DEEPEST_LINE;
        few && fields.iter().all(|field| fits_line(value.member(field), depth + 1))
    };
    match content {
        Content::Scalar(_) | Content::Pod(_) | Content::Text(_) => true,
        Content::Fields(fields) => value.bytes.is_empty() || is_tuple(fields) && fit(fields),
        Content::Variant(variant) | Content::Option(variant) => fit(&variant.fields),
        Content::Elements(elements) => match &value.layout.node(elements.element).kind {
            NodeKind::Primitive(_) => true,
            NodeKind::Enum { variants, .. } => variants.iter().all(|it| it.fields.is_empty()),
            _ => elements.listed() == 0,
        },
        Content::Entries(_) | Content::Slots(_) => false,
    }
}

/// A value on one line; only for values that fit.
struct Line<'v>(Value<'v>);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        match value.content() {
            Err(Invalid { found, .. }) => write!(f, "<invalid: {found}>"),
            Ok(Content::Scalar(scalar)) => scalar.fmt(f),
            Ok(Content::Pod(bytes)) => write_hex(f, bytes),
            Ok(Content::Text(text)) => write_text(f, text),
            Ok(Content::Elements(elements)) => write_row(f, elements),
            Ok(Content::Fields(_)) if value.bytes.is_empty() => f.write_str("()"),
            Ok(Content::Fields(fields)) => write_tuple(f, value, fields),
            Ok(Content::Variant(variant) | Content::Option(variant)) => {
                write_variant(f, value, variant)
            }
            // These do not fit.
            Ok(Content::Entries(_) | Content::Slots(_)) => f.write_str("…"),
        }
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, elements: Elements<'_>) -> fmt::Result {
    f.write_str("[")?;
    for (index, element) in elements.iter().take(MOST_IN_ROW).enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { ", " }, Line(element))?;
    }
    match elements.listed().saturating_sub(MOST_IN_ROW) {
        0 => f.write_str("]"),
        more => write!(f, ", … {more} more]"),
    }
}

fn write_tuple(f: &mut fmt::Formatter<'_>, value: Value<'_>, fields: &[NodeField]) -> fmt::Result {
    f.write_str("(")?;
    for (index, field) in fields.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { ", " }, Line(value.member(field)))?;
    }
    f.write_str(")")
}

fn write_variant(
    f: &mut fmt::Formatter<'_>,
    value: Value<'_>,
    variant: &NodeVariant,
) -> fmt::Result {
    f.write_str(&escaped(&variant.name))?;
    match &variant.fields[..] {
        [] => Ok(()),
        fields if is_tuple(fields) => write_tuple(f, value, fields),
        fields => {
            for (index, field) in fields.iter().enumerate() {
                let before = if index == 0 { " { " } else { ", " };
                write!(f, "{before}{}: {}", escaped(&field.name), Line(value.member(field)))?;
            }
            f.write_str(" }")
        }
    }
}

/// Writes hex digits in groups of four bytes, the unit of most foreign types.
fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for (index, byte) in bytes.iter().take(MOST_HEX).enumerate() {
        let gap = if index > 0 && index % 4 == 0 { " " } else { "" };
        write!(f, "{gap}{byte:02x}")?;
    }
    match bytes.len().saturating_sub(MOST_HEX) {
        0 => Ok(()),
        more => write!(f, " … {more} more"),
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match text.char_indices().nth(MOST_CHARACTERS) {
        None => write!(f, "{text:?}"),
        Some((cut, _)) => {
            write!(f, "{:?} … {} more", &text[..cut], text[cut..].chars().count())
        }
    }
}

/// Writes a scalar as in the source: floats with the shortest digits, texts and characters in
/// quotes.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Unsigned(value) => value.fmt(f),
            Scalar::Signed(value) => value.fmt(f),
            Scalar::F32(value) => write!(f, "{value:?}"),
            Scalar::F64(value) => write!(f, "{value:?}"),
            Scalar::Bool(value) => value.fmt(f),
            Scalar::Char(value) => write!(f, "{value:?}"),
        }
    }
}

//! Paths to the parts of a value: `balls[3].hue`, `position.0`, `shape.Circle.radius`.

use super::{Content, Value};
use crate::owned_layout::NodeVariant;

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

/// The place that a path has reached so far.
enum Place<'v> {
    Value(Value<'v>),
    /// An enum whose current variant was named.
    Variant(Value<'v>, &'v NodeVariant),
}

impl<'v> Value<'v> {
    /// Returns the part that a path leads to.
    ///
    /// A name is that of a field, a tuple position, or the current variant of an enum. Indices
    /// count the elements in use, in a ring from the oldest; in a pool they are slot indices. A
    /// path goes through an option that is `Some`, and through a variant with a single unnamed
    /// value. Returns `None` if there is no such part, or if the path is malformed.
    pub(crate) fn at(&self, path: &str) -> Option<Value<'v>> {
        let steps = parse(path)?;
        let start = Place::Value(*self);
        steps.into_iter().try_fold(start, Place::step)?.value()
    }
}

impl<'v> Place<'v> {
    fn value(self) -> Option<Value<'v>> {
        match self {
            Place::Value(value) => Some(value),
            Place::Variant(value, variant) => match &variant.fields[..] {
                [only] if only.name == "0" => Some(value.member(only)),
                _ => None,
            },
        }
    }

    fn step(self, step: Step<'_>) -> Option<Place<'v>> {
        if let (Place::Variant(value, variant), Step::Name(name)) = (&self, step)
            && let Some(field) = variant.fields.iter().find(|field| field.name == name)
        {
            return Some(Place::Value(value.member(field)));
        }
        let value = self.value()?;
        let part = match (value.content().ok()?, step) {
            (Content::Fields(fields), Step::Name(name)) => {
                value.member(fields.iter().find(|field| field.name == name)?)
            }
            (Content::Variant(variant) | Content::Option(variant), Step::Name(name))
                if variant.name == name =>
            {
                return Some(Place::Variant(value, variant));
            }
            (Content::Option(variant), _) => {
                let inside = value.member(variant.fields.first()?);
                return Place::Value(inside).step(step);
            }
            (Content::Elements(elements) | Content::Entries(elements), Step::Index(index)) => {
                elements.get(index)?
            }
            (Content::Slots(slots), Step::Index(index)) => slots.get(index)?,
            _ => return None,
        };
        Some(Place::Value(part))
    }
}

/// Parses a path: names separated by dots, each followed by any number of indices in brackets. The
/// empty path has no steps.
fn parse(path: &str) -> Option<Vec<Step<'_>>> {
    let (mut steps, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        if let Some(bracket) = rest.strip_prefix('[') {
            let (index, behind) = bracket.split_once(']')?;
            // `parse` alone would also accept `+3`.
            let digits = index.bytes().all(|byte| byte.is_ascii_digit());
            steps.push(Step::Index(index.parse().ok().filter(|_| digits)?));
            rest = behind;
        } else {
            let names = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
            let (name, behind) = names.split_at(names.find(['.', '[']).unwrap_or(names.len()));
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Name(name));
            rest = behind;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::{Step::*, parse};

    #[test]
    fn a_path_is_names_with_dots_and_indices_in_brackets() {
        assert_eq!(parse(""), Some(vec![]));
        assert_eq!(
            parse("a.0[12][3].b"),
            Some(vec![Name("a"), Name("0"), Index(12), Index(3), Name("b")])
        );
        assert_eq!(parse("[7].größe"), Some(vec![Index(7), Name("größe")]));
        let wrong = [".", ".a", "a.", "a..b", "a.[0]", "[", "[]", "[0", "[+3]", "[-1]", "[ 1]"];
        for path in wrong.into_iter().chain(["a[0]b", "[x]", "[99999999999999999999999]"]) {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}

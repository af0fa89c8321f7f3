//! Frames of a stack.

use std::fmt;

/// A function on the stack of a renderer that has crashed or hung.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StackFrame {
    /// Path of the function; the file and the place in it if its name is unknown.
    pub function: String,
    /// File and line, if they are known: `src/lib.rs:145`. Files of the workspace are named by their
    /// path within it.
    pub place: Option<String>,
    /// True if the file is one of the workspace, and not of a dependency or the standard library.
    pub is_own: bool,
}

impl StackFrame {
    /// Returns the innermost frame of the workspace; if there is none, the innermost of all.
    pub(crate) fn first_own(stack: &[StackFrame]) -> Option<&StackFrame> {
        stack.iter().find(|frame| frame.is_own).or(stack.first())
    }

    /// Returns the stack as lines, in which consecutive frames of other code are one.
    #[cfg(feature = "owner")]
    pub(crate) fn folded(stack: &[StackFrame]) -> Vec<String> {
        let mut lines = Vec::new();
        for frames in stack.chunk_by(|one, next| !one.is_own && !next.is_own) {
            lines.push(match frames {
                [frame] if frame.is_own => frame.to_string(),
                [frame] => format!("in {}", frame.function),
                [frame, rest @ ..] => format!("in {} and {} others", frame.function, rest.len()),
                [] => continue,
            });
        }
        lines
    }
}

/// Writes `at src/lib.rs:145 in draw`. The function's crate is left out.
impl fmt::Display for StackFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "at {place} ")?;
        }
        let of_crate = self.function.split_once("::").filter(|(name, _)| {
            name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') && self.is_own
        });
        write!(f, "in {}", of_crate.map_or(&*self.function, |(_, function)| function))
    }
}

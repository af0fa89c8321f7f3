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
        let groups = stack.chunk_by(|one, next| !one.is_own && !next.is_own);
        let line = |frames: &[StackFrame]| match frames {
            [frame] if frame.is_own => frame.to_string(),
            [frame] => format!("in {}", frame.short_name()),
            [frame, rest @ ..] => format!("in {} and {} more", frame.short_name(), rest.len()),
            [] => String::new(),
        };
        groups.map(line).collect()
    }

    /// Returns the function without its generic arguments, which can fill a screen.
    #[cfg(feature = "owner")]
    fn short_name(&self) -> &str {
        match self.function.find('<') {
            Some(at) if at > 0 => self.function[..at].trim_end_matches("::"),
            _ => &self.function,
        }
    }
}

/// Writes `src/lib.rs:145 in draw`. The function's crate is left out.
impl fmt::Display for StackFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place} ")?;
        }
        let of_crate = self.function.split_once("::").filter(|(name, _)| {
            name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') && self.is_own
        });
        write!(f, "in {}", of_crate.map_or(&*self.function, |(_, function)| function))
    }
}

#[cfg(all(test, feature = "owner"))]
mod tests {
    use super::*;

    #[test]
    fn own_frames_are_lines_and_others_are_folded() {
        let own = |function: &str, line| StackFrame {
            function: function.to_owned(),
            place: Some(format!("src/lib.rs:{line}")),
            is_own: true,
        };
        let other = |function: &str| StackFrame {
            function: function.to_owned(),
            place: Some("/rustc/library/core/src/ptr.rs:7".to_owned()),
            is_own: false,
        };
        let stack = [
            other("core::ptr::write::<u32>"),
            own("game::draw::{closure#0}", 3),
            own("<game::Ball as game::Moves>::step", 4),
            other("call_once<fn(), ()>"),
            other("<T as Into<U>>::into"),
            other("main"),
        ];
        assert_eq!(StackFrame::first_own(&stack), Some(&stack[1]));
        assert_eq!(StackFrame::first_own(&stack[3..]), Some(&stack[3]));
        let lines = [
            "in core::ptr::write",
            "src/lib.rs:3 in draw::{closure#0}",
            "src/lib.rs:4 in <game::Ball as game::Moves>::step",
            "in call_once and 2 more",
        ];
        assert_eq!(StackFrame::folded(&stack), lines);
    }
}

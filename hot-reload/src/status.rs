//! What the owner knows about its renderer, as data.

use std::fmt;
use std::time::Duration;

/// What goes on behind the picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Status {
    /// The generation that draws; 0 before the first.
    pub generation: u32,
    /// The build that it runs, counted from 1; 0 before the first, and in one process.
    pub build: u32,
    /// How many generations have drawn a first frame.
    pub reloads: u32,
    /// What is being done.
    pub activity: Activity,
    /// What is wrong; goes away by itself when the cause is gone.
    pub problem: Option<Problem>,
    /// What the user should know about the generation that draws, like a state that starts anew
    /// because its layout has changed.
    pub notices: Vec<String>,
    /// How long the last build that succeeded took.
    pub built_in: Option<Duration>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activity {
    /// Nothing: the renderer draws, or there is none.
    #[default]
    Idle,
    /// The renderer is being built.
    Building,
    /// A new generation is starting; it has not drawn yet.
    Starting,
}

/// Why there is no newer picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The source does not compile.
    BuildFailed {
        /// The compiler's own messages, errors first, with its colors.
        message: String,
    },
    /// The build could not even begin.
    CannotBuild {
        /// What happened and what to do.
        message: String,
    },
    /// The renderer could not be started.
    CannotStart {
        /// What happened and what to do.
        message: String,
    },
    /// The renderer has ended without being asked to.
    Ended {
        /// Which generation.
        generation: u32,
        /// How, in words.
        how: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::BuildFailed { message } => {
                write!(f, "the renderer does not compile\n{message}")
            }
            Problem::CannotBuild { message } => {
                write!(f, "the renderer cannot be built: {message}")
            }
            Problem::CannotStart { message } => write!(f, "the renderer cannot start: {message}"),
            Problem::Ended { generation, how } => {
                write!(f, "generation {generation} of the renderer has ended: {how}; ")?;
                f.write_str("the last picture stays, and saving the source starts it again")
            }
        }
    }
}

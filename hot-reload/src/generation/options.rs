//! Options of an owner, as far as its supervisor needs them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Options that only the supervisor needs.
#[derive(Debug, Clone)]
pub(crate) struct Supervised {
    pub(crate) workspace: Option<PathBuf>,
    pub(crate) artifact: Option<PathBuf>,
    pub(crate) watched_artifacts: Vec<PathBuf>,
    pub(crate) build_command: Option<OsString>,
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) assets: Vec<PathBuf>,
    pub(crate) profile: String,
    pub(crate) program_arguments: Vec<OsString>,
    pub(crate) program_environment: Vec<(OsString, OsString)>,
    pub(crate) rehearsal: bool,
    pub(crate) resume: bool,
}

/// Time limits for renderers and build commands.
///
/// A renderer that exceeds one is replaced, or is not accepted in the first place. No limit applies
/// while a debugger is attached to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Time from the launch of its program to the end of its set-up. Default: 30 s.
    pub start: Duration,
    /// Time for its rehearsal frame. Default: 5 s.
    pub rehearsal: Duration,
    /// Time for one tick. Default: 2 s.
    pub tick: Duration,
    /// Time from the notice of its replacement to its last commit. Default: 250 ms; 4 ms are added
    /// for each MiB of state.
    pub drain: Duration,
    /// Time for a [build command](crate::OwnerBuilder::build_command). Default: 10 minutes.
    pub build: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            start: Duration::from_secs(30),
            rehearsal: Duration::from_secs(5),
            tick: Duration::from_secs(2),
            drain: Duration::from_millis(250),
            build: Duration::from_secs(600),
        }
    }
}

impl Default for Supervised {
    fn default() -> Self {
        Supervised {
            workspace: None,
            artifact: None,
            watched_artifacts: Vec::new(),
            build_command: None,
            sources: Vec::new(),
            assets: Vec::new(),
            profile: "hot".to_owned(),
            program_arguments: std::env::args_os().skip(1).collect(),
            program_environment: Vec::new(),
            rehearsal: true,
            resume: false,
        }
    }
}

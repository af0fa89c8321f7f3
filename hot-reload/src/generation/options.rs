//! What an owner is set up with, as far as its supervisor needs it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What only the supervisor needs.
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

/// How long a renderer may take; what takes longer is replaced, or does not become the renderer at
/// all. Nothing of this counts while a debugger is attached to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// From the launch of its program until its set-up is done (30 s).
    pub start: Duration,
    /// Its rehearsal frame (5 s).
    pub rehearsal: Duration,
    /// One tick (2 s).
    pub tick: Duration,
    /// From the word that it will be replaced until its last commit (250 ms, and 4 ms for each MiB
    /// of state).
    pub drain: Duration,
    /// A [build command](crate::OwnerBuilder::build_command) (10 minutes).
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

//! The command that starts a renderer's program.

use crate::handshake::environment;
use crate::supervisor::{plan::Plan, run_dir::RunDir};
use crate::sys;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

pub(super) fn command(plan: &Plan, program: &Path, segment: &str, folder: &RunDir) -> Command {
    let mut command = Command::new(program);
    command.args(&plan.program_arguments);
    command.envs(plan.program_environment.iter().map(|(name, value)| (name, value)));
    command.env(environment::SEGMENT, segment);
    command.env(environment::OWNER, std::process::id().to_string());
    command.env(environment::FOLDER, folder.path());
    if let Some(folder) = program.parent() {
        command.env(LIBRARY_PATH, library_path(folder));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    sys::own_group(&mut command);
    command
}

const LIBRARY_PATH: &str = match () {
    () if cfg!(windows) => "PATH",
    () if cfg!(target_os = "macos") => "DYLD_FALLBACK_LIBRARY_PATH",
    () => "LD_LIBRARY_PATH",
};

/// Returns the library path: the build's own folder, then what the user has set.
fn library_path(folder: &Path) -> OsString {
    library_path_before(folder, std::env::var_os(LIBRARY_PATH))
}

/// Puts a folder before an existing library path. Adds no empty entry if nothing is set: a loader
/// would take it for the working folder.
fn library_path_before(folder: &Path, rest: Option<OsString>) -> OsString {
    let rest = rest.unwrap_or_default();
    let set = std::env::split_paths(&rest).filter(|_| !rest.is_empty());
    let all = std::iter::once(folder.to_path_buf()).chain(set);
    std::env::join_paths(all).unwrap_or_else(|_| rest.clone())
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn the_library_path_has_no_entry_that_the_user_has_not_set() {
        let path = |rest: Option<&str>| {
            super::library_path_before("/build".as_ref(), rest.map(std::ffi::OsString::from))
        };
        assert_eq!([path(None), path(Some(""))], ["/build", "/build"]);
        assert_eq!(path(Some("/lib:/other")), "/build:/lib:/other");
    }
}

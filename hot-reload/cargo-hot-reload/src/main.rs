//! `cargo hot-reload`: creates projects and runs them.

mod init;
mod library;
mod metadata;
mod new;
mod run;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
Creates and runs programs whose code is replaced while they run.

    cargo hot-reload new <folder> [--text | --packages] [--winit] [--library <folder>]
        Writes a program of one file with a minifb window; with --text, one
        without a window; with --packages, a workspace that has a package for
        the state, one for the renderer and one for the window; with --winit,
        a winit window painted by softbuffer. It depends on the library beside
        this program's own source, or on the one in the folder that --library
        names.

    cargo hot-reload init [-p <package>] [--library <folder>]
        Adds the library and its features to the manifest of an existing
        package, and says what it has done and what is left to do.

    cargo hot-reload run [arguments of `cargo run`]
        Runs the owner of the workspace, from any folder in it.
";

/// Failures that end the program with exit code 2.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}\n\n{USAGE}")]
    Usage(String),
    #[error("`{name}` is not a valid package name: {reason}; choose another folder")]
    Name { name: String, reason: &'static str },
    #[error("{} already exists and is not empty; choose another folder", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written: {error}", path.display())]
    Write { path: PathBuf, error: std::io::Error },
    #[error(
        "the library was in {} when this program was built, and is no longer there; name its \
         folder with `--library <folder>`, or install this program again", .0.display()
    )]
    LibraryGone(PathBuf),
    #[error("the library `hot-reload` is not in {}; name the folder with its Cargo.toml", .0.display())]
    NoLibrary(PathBuf),
    #[error("cargo cannot be run: {0}; install Rust (https://rustup.rs)")]
    Cargo(std::io::Error),
    #[error("there is no workspace here: {0}")]
    NoWorkspace(String),
    #[error(
        "the folder of the library `hot-reload` has been moved or deleted; correct its path in \
         Cargo.toml. cargo says:\n{0}"
    )]
    LibraryMoved(String),
    #[error(
        "no package of this workspace has a feature with `hot-reload/hot` or `hot-reload/owner`; run the owner with \
         `cargo run -p <package>`, or create a project with `cargo hot-reload new <folder>`"
    )]
    NoOwner,
    #[error("the packages {0} are all owners; choose one with `-p <package>`")]
    SeveralOwners(String),
    #[error(
        "there is no package with a program here; create one with `cargo hot-reload new <folder>`"
    )]
    NoProgram,
    #[error("there is no package `{0}` with a program in this workspace")]
    NoSuchProgram(String),
    #[error("the packages {0} all have a program; choose one with `-p <package>`")]
    SeveralPrograms(String),
    #[error("{} cannot be read: {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error(
        "{} has a feature `hot` of another kind; add `hot-reload/hot` to one of its default features",
        .0.display()
    )]
    OtherHot(PathBuf),
    #[error("`cargo add` has failed; its message says why")]
    NotAdded,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).collect::<Vec<_>>();
    // `cargo hot-reload new` calls `cargo-hot-reload hot-reload new`.
    if arguments.first().is_some_and(|first| first == "hot-reload") {
        arguments.remove(0);
    }
    match perform(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            // Writing can fail if the reader has closed the pipe.
            let _ = writeln!(std::io::stderr(), "cargo hot-reload: {failure}");
            ExitCode::from(2)
        }
    }
}

fn perform(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let usage = |message: &str| Err(Failure::Usage(message.to_owned()));
    let Some((command, rest)) = arguments.split_first() else {
        return usage("nothing to do");
    };
    match command.to_str() {
        Some("new") => new::new(rest).map(|()| ExitCode::SUCCESS),
        Some("init") => init::init(rest).map(|()| ExitCode::SUCCESS),
        Some("run") => run::run(rest),
        Some("help" | "--help" | "-h") => {
            print(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Some("--version" | "-V") => {
            print(&format!("cargo-hot-reload {}\n", env!("CARGO_PKG_VERSION")));
            Ok(ExitCode::SUCCESS)
        }
        _ => usage(&format!("there is no command `{}`", command.display())),
    }
}

/// Prints a text. Ignores a closed pipe (`| head -1`): its reader needs no more.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

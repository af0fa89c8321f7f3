//! A call of the compiler, repeated with other folders.

use super::unit::{FOR_OTHERS, Unit, UnitKind, key_of};
use crate::supervisor::workspace::Options;
use crate::sys;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// The differences from cargo's call.
pub(super) struct Replay<'r> {
    pub(super) unit: &'r Unit,
    /// Folder for the output.
    pub(super) out: &'r Path,
    pub(super) incremental: &'r Path,
    /// Folder with the newest version of the libraries for whose keys `is_there` returns true;
    /// cargo's version is the newest of all others.
    pub(super) libraries: &'r Path,
    pub(super) is_there: &'r dyn Fn(&str) -> bool,
    pub(super) options: &'r Options,
}

impl Replay<'_> {
    pub(super) fn command(&self) -> Command {
        let call = &self.unit.call;
        let mut command = sys::guarded(&call.program);
        command.args(self.arguments()).current_dir(&call.folder);
        command.env_clear().envs(call.environment.iter().map(|(name, value)| (name, value)));
        // Its complaints are dropped, since cargo has the last word on errors; only its progress is
        // read.
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut changed = Vec::new();
        let mut arguments = self.unit.call.arguments.iter();
        while let Some(argument) = arguments.next() {
            let option = argument.to_str().unwrap_or_default();
            if let Some(emitted) = option.strip_prefix("--emit=") {
                changed.push(format!("--emit={}", self.emitted(emitted)).into());
                continue;
            }
            if option == "--crate-type" {
                let kind = arguments.next().cloned().unwrap_or_default();
                if !FOR_OTHERS.iter().any(|other| kind == *other) {
                    changed.extend([argument.clone(), kind]);
                }
                continue;
            }
            changed.push(argument.clone());
            if !matches!(option, "--out-dir" | "-C" | "--extern") {
                continue;
            }
            let Some(value) = arguments.next() else { break };
            let text = value.to_str().unwrap_or_default();
            changed.push(match option {
                "--out-dir" => self.out.into(),
                "-C" if text.starts_with("incremental=") => {
                    let mut value = OsString::from("incremental=");
                    value.push(self.incremental);
                    value
                }
                "--extern" => self.newest(text).unwrap_or_else(|| value.clone()),
                _ => value.clone(),
            });
        }
        // For libraries that are not named here, but by other libraries.
        let mut search = OsString::from("dependency=");
        search.push(self.libraries);
        changed.extend(["-L".into(), search]);
        if self.unit.kind == UnitKind::Program {
            changed.extend(self.dynamic_std());
        }
        changed
    }

    /// Returns the kinds of files to write. A library's metadata is always included; cargo does not
    /// ask for it if the library is made in several ways.
    fn emitted(&self, emitted: &str) -> String {
        let has_metadata = emitted.split(',').any(|kind| kind == "metadata");
        match self.unit.kind {
            UnitKind::Library if !has_metadata => format!("{emitted},metadata"),
            UnitKind::Library | UnitKind::Program => emitted.to_owned(),
        }
    }

    /// Returns the value of an `--extern` for the newest version of a library, if that is not
    /// cargo's.
    fn newest(&self, value: &str) -> Option<OsString> {
        let (name, file) = value.split_once('=')?;
        let file = Path::new(file);
        if !(self.is_there)(&key_of(file)?) {
            return None;
        }
        let mut value = OsString::from(format!("{name}="));
        value.push(self.libraries.join(file.file_name()?));
        Some(value)
    }

    /// Returns the arguments that link the standard library dynamically, which saves a sixth of the
    /// time of linking a small program. The program contains the path to it. Returns nothing if it
    /// does not fit the program.
    fn dynamic_std(&self) -> Vec<OsString> {
        let call = &self.unit.call;
        let has = |text: &str| call.arguments.iter().any(|it| it.to_string_lossy().contains(text));
        let aborts = has("panic=abort") || has("+crt-static");
        let root = call.program.parent().and_then(Path::parent);
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let libraries = root.map(|root| root.join("lib/rustlib").join(target).join("lib"));
        let libraries = libraries.filter(|_| cfg!(all(target_os = "linux", target_env = "gnu")));
        let libraries =
            libraries.filter(|_| self.options.dynamic_std && !aborts && !has("--target"));
        let Some(libraries) = libraries.filter(|folder| has_std(folder)) else { return Vec::new() };
        let mut path = OsString::from("link-arg=-Wl,-rpath,");
        path.push(libraries);
        ["-C".into(), "prefer-dynamic".into(), "-C".into(), path].into()
    }
}

fn has_std(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    names.into_iter().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".so")
    })
}

/// Length and time of a file, which distinguish a rewritten file from the previous one.
pub(super) type ToolStamp = (u64, SystemTime);

pub(super) fn stamp(file: &Path) -> Option<ToolStamp> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// The compilers that were called, with everything that an update would change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    programs: Vec<(PathBuf, Option<ToolStamp>)>,
    /// rustup's choice of a default toolchain and of overrides.
    settings: Option<Vec<u8>>,
}

impl Toolchain {
    pub(super) fn of(programs: impl Iterator<Item = PathBuf>) -> Self {
        let mut programs = programs.collect::<Vec<_>>();
        programs.sort();
        programs.dedup();
        let programs = programs.into_iter().map(|program| (program.clone(), stamp(&program)));
        let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".rustup")));
        let settings = home.and_then(|home| fs::read(home.join("settings.toml")).ok());
        Toolchain { programs: programs.collect(), settings }
    }

    /// Returns true if nothing has changed.
    pub(super) fn is_same(&self) -> bool {
        *self == Toolchain::of(self.programs.iter().map(|(program, _)| program.clone()))
    }
}

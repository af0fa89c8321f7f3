//! How cargo calls the compiler: written down by a wrapper around it, and read back.

use super::script;
use crate::supervisor::workspace::configurations;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One call of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// Where it was called.
    pub(super) folder: PathBuf,
    /// The compiler, behind the user's own wrapper if there is one.
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// Lets cargo call the compiler through a script that writes the calls down.
///
/// `RUSTC_WRAPPER`, since it is no part of what cargo makes its hashes from: nothing is built anew
/// because of it. The script has always the same path, since cargo asks a compiler that it does not
/// know by its path for its version.
#[derive(Debug)]
pub(super) struct Wrapper {
    script: PathBuf,
    calls: PathBuf,
    /// The wrapper that the user has set.
    inner: Option<OsString>,
}

const CALLS: &str = "HOT_RELOAD_CALLS";
const INNER: &str = "HOT_RELOAD_INNER_WRAPPER";
/// What a call that was written down to its end ends with.
const END: &[u8] = b"end of the call";

/// The calls with a crate's name are those that compile. `env -0` is in GNU's coreutils, busybox, and
/// macOS since version 13; where it fails the call has no end and is not read.
const SCRIPT: &str = r#"#!/bin/sh
# Writes down how cargo calls the compiler, and calls it.
case " $* " in
*" --crate-name "*)
    {
        printf '%s\0' "$(pwd -P)" "$#" "$@"
        env -0 && printf 'end of the call'
    } >"$HOT_RELOAD_CALLS/$$" 2>/dev/null
    ;;
esac
exec ${HOT_RELOAD_INNER_WRAPPER:+"$HOT_RELOAD_INNER_WRAPPER"} "$@"
"#;

impl Wrapper {
    /// One that writes to `folder`, which must be nobody else's. `None` where calls cannot be
    /// written down: on systems without a shell, and where cargo's configuration names a wrapper, which
    /// ours would be in place of.
    pub(super) fn new(root: &Path, folder: &Path) -> io::Result<Option<Self>> {
        if cfg!(not(unix)) {
            return Ok(None);
        }
        let set = |name| std::env::var_os(name).filter(|it| !it.is_empty());
        let inner = set("RUSTC_WRAPPER").or_else(|| set("CARGO_BUILD_RUSTC_WRAPPER"));
        if inner.is_none() && configurations(root).iter().any(|file| names_a_wrapper(file)) {
            return Ok(None);
        }
        let (script, calls) = (folder.join("rustc-wrapper.sh"), folder.join("calls"));
        let wrapper = Wrapper { script, calls, inner };
        wrapper.put_there()?;
        Ok(Some(wrapper))
    }

    /// The script, and the folder that it writes to: a `cargo clean` takes both away.
    fn put_there(&self) -> io::Result<()> {
        fs::create_dir_all(&self.calls)?;
        script::put(&self.script, SCRIPT)
    }

    /// Lets a cargo call the compiler through the script.
    pub(super) fn listen(&self, cargo: &mut Command) {
        let _ = self.take();
        if let Err(error) = self.put_there() {
            tracing::debug!("the compiler's calls are not written down: {error}");
            return;
        }
        cargo.env("RUSTC_WRAPPER", &self.script).env(CALLS, &self.calls);
        if let Some(inner) = &self.inner {
            cargo.env(INNER, inner);
        }
    }

    /// The calls that were written down since the last time, and whole.
    pub(super) fn take(&self) -> Vec<Call> {
        let files = fs::read_dir(&self.calls).into_iter().flatten().flatten();
        let calls = files.filter_map(|file| {
            let bytes = fs::read(file.path()).ok();
            let _ = fs::remove_file(file.path());
            self.read(&bytes?)
        });
        calls.collect()
    }

    fn read(&self, bytes: &[u8]) -> Option<Call> {
        let mut fields = bytes.strip_suffix(END)?.strip_suffix(b"\0")?.split(|&byte| byte == 0);
        let mut next = || Some(script::os_string(fields.next()?));
        let folder = next()?.into();
        let count: usize = next()?.to_str()?.parse().ok()?;
        let mut arguments = (0..count).map(|_| next()).collect::<Option<Vec<_>>>()?;
        if let Some(inner) = &self.inner {
            arguments.insert(0, inner.clone());
        }
        let program = arguments.remove(0).into();
        let environment = fields.filter_map(|field| {
            let equals = field.iter().position(|&byte| byte == b'=')?;
            Some((script::os_string(&field[..equals]), script::os_string(&field[equals + 1..])))
        });
        let environment = environment.filter(|(name, _)| !is_of_this_call(name));
        let environment = environment.collect();
        Some(Call { folder, program, arguments, environment })
    }
}

/// Variables that would be false in another call: cargo's job server is gone with cargo.
fn is_of_this_call(name: &OsString) -> bool {
    const NAMES: [&str; 9] = [
        "CARGO_MAKEFLAGS",
        "MAKEFLAGS",
        "MFLAGS",
        "RUSTC_WRAPPER",
        CALLS,
        INNER,
        "PWD",
        "OLDPWD",
        "_",
    ];
    name.to_str().is_some_and(|name| NAMES.contains(&name))
}

fn names_a_wrapper(configuration: &Path) -> bool {
    let text = fs::read_to_string(configuration).ok();
    let table = text.and_then(|text| text.parse::<toml::Table>().ok());
    table.is_some_and(|table| {
        table.get("build").is_some_and(|build| build.get("rustc-wrapper").is_some())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_back_as_it_was_made_and_only_when_it_is_whole() {
        let folder = std::env::temp_dir().join(format!("hot-reload-calls-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let folder = fs::canonicalize(&folder).unwrap();
        let wrapper = Wrapper::new(&folder, &folder).unwrap().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(&wrapper.script);
            wrapper.listen(&mut command);
            command.current_dir(&folder).env("SOME_NAME", "a = b\nc").env("CARGO_MAKEFLAGS", "-j");
            assert!(command.args(arguments).status().unwrap().success());
        };
        run(&["true", "-vV"]);
        assert_eq!(wrapper.take(), [], "nothing was compiled");
        let arguments =
            ["--crate-name", "a", "--cfg", "feature=\"x y\"", "", "$HOME *", "line\nend"];
        run(&[&["true"], arguments.as_slice()].concat());
        let file = fs::read_dir(&wrapper.calls).unwrap().next().unwrap().unwrap().path();
        let whole = fs::read(&file).unwrap();
        let calls = wrapper.take();
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!((call.program.as_path(), call.folder.as_path()), (Path::new("true"), &*folder));
        assert_eq!(call.arguments, arguments);
        let value = |name: &str| call.environment.iter().find(|(it, _)| it == name);
        assert_eq!(value("SOME_NAME").unwrap().1, "a = b\nc");
        assert_eq!((value("CARGO_MAKEFLAGS"), value("RUSTC_WRAPPER")), (None, None));
        assert_eq!(wrapper.take(), [], "each is read once");
        fs::write(&file, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(wrapper.take(), [], "the end is missing");
        let _ = fs::remove_dir_all(folder);
    }
}

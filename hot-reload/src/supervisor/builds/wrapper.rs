//! cargo's calls of the compiler: recorded by a wrapper around it, and read back.

use super::script;
use crate::supervisor::{claim, workspace::configurations};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// One call of the compiler.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Time of the call, before the compiler has read anything.
    pub(super) at: Option<SystemTime>,
    /// Working folder of the call.
    pub(super) folder: PathBuf,
    /// The compiler, or the user's own wrapper around it.
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// Compares calls without their times.
impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        let Call { at: _, folder, program, arguments, environment } = self;
        (folder, program, arguments, environment)
            == (&other.folder, &other.program, &other.arguments, &other.environment)
    }
}

/// A script through which cargo calls the compiler, and which records the calls.
///
/// It is set as `RUSTC_WRAPPER`, which cargo does not include in its hashes, so nothing is built
/// again because of it. The script always has the same path, since cargo asks a compiler with an
/// unknown path for its version.
#[derive(Debug, Clone)]
pub(super) struct Wrapper {
    script: PathBuf,
    calls: PathBuf,
    /// The user's own wrapper.
    inner: Option<OsString>,
}

const CALLS: &str = "HOT_RELOAD_CALLS";
const INNER: &str = "HOT_RELOAD_INNER_WRAPPER";
/// Mark at the end of a completely recorded call.
const END: &[u8] = b"end of the call";

/// Text of the script. Calls with a crate's name are those that compile. `env -0` exists in GNU
/// coreutils, busybox, and macOS since version 13. If it fails, the call has no end mark and is
/// ignored.
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
    /// Creates a wrapper that writes to `folder`, which must not be shared. Returns `None` on
    /// systems without a shell, where calls cannot be recorded.
    pub(super) fn new(root: &Path, folder: &Path) -> io::Result<Option<Self>> {
        if cfg!(not(unix)) {
            return Ok(None);
        }
        let (script, calls) = (folder.join("rustc-wrapper.sh"), folder.join("calls"));
        let wrapper = Wrapper { script, calls, inner: users_wrapper(root) };
        wrapper.put_there()?;
        Ok(Some(wrapper))
    }

    /// Returns the same wrapper around the user's wrapper as configured now.
    pub(super) fn following(&self, root: &Path) -> Self {
        Wrapper { inner: users_wrapper(root), ..self.clone() }
    }

    /// Returns true if both call the same user's wrapper.
    pub(super) fn calls_as(&self, other: &Wrapper) -> bool {
        self.inner == other.inner
    }

    /// Creates the script and the folder that it writes to, both of which a `cargo clean` removes.
    fn put_there(&self) -> io::Result<()> {
        fs::create_dir_all(&self.calls)?;
        script::put(&self.script, SCRIPT)
    }

    /// Makes a cargo command call the compiler through the script.
    pub(super) fn listen(&self, cargo: &mut Command) {
        let _ = self.take();
        if let Err(error) = self.put_there() {
            crate::log::debug!("the compiler's calls are not written down: {error}");
            return;
        }
        cargo.env("RUSTC_WRAPPER", &self.script).env(CALLS, &self.calls);
        if let Some(inner) = &self.inner {
            cargo.env(INNER, inner);
        }
    }

    /// Returns the calls that were completely recorded since the last time.
    pub(super) fn take(&self) -> Vec<Call> {
        let calls = claim::entries(&self.calls).filter_map(|file| {
            let at = file.metadata().and_then(|metadata| metadata.modified()).ok();
            let bytes = fs::read(file.path()).ok();
            let _ = fs::remove_file(file.path());
            Some(Call { at, ..self.read(&bytes?)? })
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
        Some(Call { at: None, folder, program, arguments, environment })
    }
}

/// Returns true for variables that would be wrong in another call: cargo's job server is gone with
/// cargo.
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

/// Returns the user's own wrapper, found as cargo finds it: from the environment, then from the
/// nearest configuration file. An empty value disables all later ones.
fn users_wrapper(root: &Path) -> Option<OsString> {
    let environment = ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"].into_iter();
    let set = environment.filter_map(std::env::var_os).next();
    let set = set.or_else(|| configurations(root).iter().find_map(|file| configured_wrapper(file)));
    set.filter(|wrapper| !wrapper.is_empty())
}

fn configured_wrapper(configuration: &Path) -> Option<OsString> {
    let table = fs::read_to_string(configuration).ok()?.parse::<toml::Table>().ok()?;
    let wrapper = table.get("build")?.get("rustc-wrapper")?.as_str()?;
    // A path is relative to the parent of the configuration's folder; a name is searched on the
    // PATH.
    let beside = configuration.parent().and_then(Path::parent);
    Some(match beside.filter(|_| wrapper.contains('/')) {
        Some(folder) => folder.join(wrapper).into_os_string(),
        None => wrapper.into(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_configuration_names_the_wrapper_and_an_empty_name_is_none() {
        let root = std::env::temp_dir().join(format!("hot-reload-wrapper-{}", std::process::id()));
        let root = root.join("outer/inner");
        let write = |folder: &Path, text: &str| {
            fs::create_dir_all(folder.join(".cargo")).unwrap();
            fs::write(folder.join(".cargo/config.toml"), text).unwrap();
        };
        let outer = root.parent().unwrap();
        fs::create_dir_all(&root).unwrap();
        let inner = |text: &str| {
            write(&root, text);
            users_wrapper(&root)
        };
        let none = inner("");
        write(outer, "[build]\nrustc-wrapper = \"tools/wrap\"\n");
        if std::env::var_os("RUSTC_WRAPPER").is_none() {
            assert_eq!(inner("[build]\njobs = 2\n"), Some(outer.join("tools/wrap").into()));
            assert_eq!(inner("[build]\nrustc-wrapper = \"sccache\"\n"), Some("sccache".into()));
            assert_eq!(inner("[build]\nrustc-wrapper = \"\"\n"), None);
        } else {
            assert_eq!(inner("[build]\nrustc-wrapper = \"other\"\n"), none, "the environment's");
        }
        fs::remove_dir_all(outer.parent().unwrap()).unwrap();
    }

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

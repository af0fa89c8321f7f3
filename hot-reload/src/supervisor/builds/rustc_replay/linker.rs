//! The last step of a program's build: it waits for the libraries, and is kept short.
//!
//! The compiler calls a script in place of the linker. A program can thus be compiled at the same
//! time as a library that it needs, as soon as the compiler has written the library's metadata;
//! only the linker must wait. The libraries that no edit has changed are most of what the linker
//! would read, so they are combined once into one dynamic library. The linker itself is called
//! without `cc` if it is known what `cc` would add.

use super::dependency_dylib::DependencyDylib;
use super::link_command::LinkCommand;
use super::unit::Unit;
use crate::supervisor::{builds::child::Cancel, builds::script, workspace::Options};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Variables that the script reads. In order: the gate that it waits for; the file that it creates
/// when it links; the file to write its arguments to; the library that replaces others; the folder
/// of the libraries that are not replaced; the folder in which `cc` finds another linker; and the
/// words before and after the arguments of a linker that is called without `cc`, one per line.
const GATE: &str = "HOT_RELOAD_GATE";
const REACHED: &str = "HOT_RELOAD_REACHED";
const ARGUMENTS: &str = "HOT_RELOAD_ARGUMENTS";
const SHARED: &str = "HOT_RELOAD_SHARED";
const LIBRARIES: &str = "HOT_RELOAD_LIBRARIES";
const WILD: &str = "HOT_RELOAD_WILD";
const BEGIN: &str = "HOT_RELOAD_BEGIN";
const END: &str = "HOT_RELOAD_END";
/// Text of the script. It is named `cc` or `ld.lld`: the compiler infers from the name how to call
/// it.
const SCRIPT: &str = r#"#!/bin/sh
# Links a renderer for hot-reload: once its libraries exist, and with one dynamic library in place
# of those that do not change.
[ -z "$HOT_RELOAD_ARGUMENTS" ] || printf '%s\0' "$@" >"$HOT_RELOAD_ARGUMENTS"
case $0 in
*/cc) for_linker=-Wl, ;;
*) for_linker= ;;
esac
count=$# placed=
while [ "$count" -gt 0 ]; do
    argument=$1 count=$((count - 1))
    shift
    case $argument in
    "$HOT_RELOAD_LIBRARIES"/* | */libcompiler_builtins-*) ;;
    *.rlib)
        if [ -n "$HOT_RELOAD_SHARED" ]; then
            [ -z "$placed" ] || continue
            placed=1
            set -- "$@" ${for_linker}-Bdynamic "$HOT_RELOAD_SHARED" ${for_linker}-Bstatic
            continue
        fi
        ;;
    # The remaining work takes less time than starting threads for it: 36 ms instead of 43.
    -fuse-ld=lld) [ -z "$HOT_RELOAD_SHARED" ] || set -- "$@" -Wl,--threads=1 ;;
    -Wl,-rpath,*) [ -n "$for_linker" ] || argument=-rpath=${argument#-Wl,-rpath,} ;;
    esac
    set -- "$@" "$argument"
done
read -r _ <"$HOT_RELOAD_GATE" || exit 1
: >"$HOT_RELOAD_REACHED"
[ -z "$for_linker" ] || exec cc ${HOT_RELOAD_WILD:+"-B$HOT_RELOAD_WILD"} "$@"
set -f
IFS='
'
exec $HOT_RELOAD_BEGIN "$@" $HOT_RELOAD_END
"#;

/// The script between the compiler and the linker.
#[derive(Debug)]
pub(super) struct Linker {
    folder: PathBuf,
    /// Folder of the libraries that may change with the next edit.
    libraries: PathBuf,
    /// Faster ways to link, by the program's key.
    learnt: HashMap<String, Learnt>,
    /// The linker `wild`, if it is installed.
    wild: Option<PathBuf>,
    /// Set once a program could not be linked with the choices made here.
    refused: bool,
}

/// A way to link a program faster than the first time.
#[derive(Debug)]
struct Learnt {
    /// The compiler's arguments and the user's options that it was learnt from.
    from: (Vec<OsString>, Options),
    shared: Option<DependencyDylib>,
    frame: Option<LinkCommand>,
}

/// A gate held by the starter of a program's compiler; the script waits for [`open`](Gate::open).
pub(super) struct Gate(File);

impl Gate {
    pub(super) fn open(&mut self) -> io::Result<()> {
        self.0.write_all(b"\n")
    }
}

impl Linker {
    /// Creates the scripts; returns `None` on systems without a shell.
    pub(super) fn new(folder: &Path, libraries: &Path) -> io::Result<Option<Self>> {
        if cfg!(not(unix)) {
            return Ok(None);
        }
        // A combined library of an earlier owner stands for libraries that may have changed since.
        let _ = fs::remove_dir_all(folder);
        let linker = Linker {
            folder: folder.to_path_buf(),
            libraries: libraries.to_path_buf(),
            learnt: HashMap::new(),
            wild: wild(),
            refused: false,
        };
        linker.put_there()?;
        Ok(Some(linker))
    }

    /// Creates the scripts and the gate, unless they exist; a `cargo clean` removes them.
    fn put_there(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for name in ["cc", "ld.lld"] {
            script::put(&self.folder.join(name), SCRIPT)?;
        }
        if let Some(wild) = &self.wild {
            // `cc` looks for a linker under these names; the latter is used if Rust asks for its
            // own.
            for name in ["ld", "ld.lld"] {
                script::link(&self.folder.join("wild").join(name), wild)?;
            }
        }
        let gate = self.gate();
        if !gate.exists() && !Command::new("mkfifo").arg(&gate).status()?.success() {
            return Err(io::Error::other(format!("{} cannot be made", gate.display())));
        }
        Ok(())
    }

    fn gate(&self) -> PathBuf {
        self.folder.join("gate")
    }

    fn reached(&self) -> PathBuf {
        self.folder.join("reached")
    }

    fn arguments(&self, unit: &Unit) -> PathBuf {
        self.folder.join(format!("arguments-{}", unit.key))
    }

    fn learnt_for(&self, unit: &Unit, options: &Options) -> Option<&Learnt> {
        self.learnt.get(&unit.key).filter(|learnt| learnt.holds_for(unit, options))
    }

    /// Returns true if the script calls the same linker as the compiler would; false if the user
    /// has chosen another.
    pub(super) fn can_stand_in(unit: &Unit) -> bool {
        let chosen = |argument: &OsString| {
            let text = argument.to_string_lossy();
            ["linker=", "linker-flavor=", "+crt-static"].iter().any(|name| text.contains(name))
        };
        !unit.call.arguments.iter().any(chosen)
    }

    /// Makes a call of the compiler link through the script, if it can.
    pub(super) fn stand_in(
        &self,
        unit: &Unit,
        options: &Options,
        command: &mut Command,
    ) -> io::Result<Option<Gate>> {
        if !Self::can_stand_in(unit) {
            return Ok(None);
        }
        self.put_there()?;
        let learnt = self.learnt_for(unit, options);
        let frame = learnt.and_then(|learnt| learnt.frame.as_ref());
        let mut linker = OsString::from("linker=");
        linker.push(self.folder.join(if frame.is_some() { "ld.lld" } else { "cc" }));
        command.arg("-C").arg(linker);
        let _ = fs::remove_file(self.reached());
        command.env(GATE, self.gate()).env(REACHED, self.reached());
        command.env(LIBRARIES, &self.libraries);
        if self.wild(options).is_some() {
            command.env(WILD, self.folder.join("wild"));
        }
        if learnt.is_none() {
            command.env(ARGUMENTS, self.arguments(unit));
        }
        if let Some(frame) = frame {
            let lines = |words: &[OsString]| words.join(OsStr::new("\n"));
            command.env(BEGIN, lines(&frame.begin)).env(END, lines(&frame.end));
        }
        if let Some(shared) = learnt.and_then(|learnt| learnt.shared.as_ref()) {
            command.env(SHARED, &shared.file);
        }
        // Opened for reading as well: it then opens at once, and unread data disappears with it.
        let gate = File::options().read(true).write(true).open(self.gate())?;
        Ok(Some(Gate(gate)))
    }

    /// Learns from a linked program how to link it faster the next time: with the unchanged
    /// libraries combined, and without `cc`. Returns true if there is a new way to link.
    pub(super) fn learn(&mut self, unit: &Unit, options: &Options, cancel: &Cancel) -> bool {
        if self.refused || cfg!(not(all(target_os = "linux", target_env = "gnu"))) {
            return false;
        }
        if self.learnt_for(unit, options).is_some() {
            return false;
        }
        self.learnt.remove(&unit.key);
        match self.learn_from(unit, options, cancel) {
            Ok(Some(learnt)) => _ = self.learnt.insert(unit.key.clone(), learnt),
            Ok(None) => {}
            Err(error) => {
                crate::log::debug!("programs are linked as cargo does: {error}");
                self.refused = true;
            }
        }
        let Some(Learnt { shared, frame, .. }) = self.learnt.get(&unit.key) else { return false };
        crate::log::debug!(
            "the next build links one library in place of many: {}; without cc: {}",
            shared.is_some(),
            frame.is_some()
        );
        shared.is_some() || frame.is_some()
    }

    fn wild(&self, options: &Options) -> Option<&Path> {
        self.wild.as_deref().filter(|_| options.wild)
    }

    /// Stops using the combined library and the other linker after a failure that may be due to
    /// them, and returns true in that case. A compiler that did not reach the linker proves
    /// nothing: the source may have an error.
    pub(super) fn refuse(&mut self) -> bool {
        let chosen = !self.learnt.is_empty() || self.wild.is_some();
        let linked = chosen && self.reached().exists();
        if linked {
            (self.refused, self.wild) = (true, None);
            self.learnt.clear();
        }
        linked
    }

    /// Learns from the arguments that the script has recorded; returns `None` if it was cancelled.
    fn learn_from(
        &self,
        unit: &Unit,
        options: &Options,
        cancel: &Cancel,
    ) -> io::Result<Option<Learnt>> {
        let arguments = fs::read(self.arguments(unit))?;
        let arguments = arguments.split(|&byte| byte == 0).map(script::os_string);
        let arguments = arguments.filter(|it| !it.is_empty()).collect::<Vec<_>>();
        let mut shared = None;
        if options.shared_dependencies {
            shared = DependencyDylib::link(&arguments, &self.libraries, &self.folder, cancel)?;
        }
        let mut frame = None;
        // The user's own linker arguments are meant for `cc`.
        let has_own =
            unit.call.arguments.iter().any(|it| it.to_string_lossy().contains("link-arg"));
        if options.without_cc && !has_own {
            frame = LinkCommand::ask(&arguments, self.wild(options), &self.folder)?;
        }
        // The remaining work takes less time than starting threads for it: 36 ms instead of 43.
        if let (Some(frame), true, None) = (&mut frame, shared.is_some(), self.wild(options)) {
            frame.end.push("--threads=1".into());
        }
        let from = (unit.call.arguments.clone(), options.clone());
        Ok((!cancel.is_wanted()).then_some(Learnt { from, shared, frame }))
    }
}

impl Learnt {
    /// Returns true if the same would be learnt again.
    fn holds_for(&self, unit: &Unit, options: &Options) -> bool {
        let (arguments, wanted) = &self.from;
        let same = *arguments == unit.call.arguments && wanted == options;
        same && self.shared.as_ref().is_none_or(DependencyDylib::is_there)
    }
}

/// Returns the path of `wild` if it is on the PATH. It takes the same arguments as other linkers
/// and is faster.
fn wild() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join("wild"));
    let found = found.filter(|_| cfg!(target_os = "linux")).find(|it| it.is_file())?;
    // Another program may have that name.
    let said = Command::new(&found).arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout).to_lowercase();
    said.starts_with("wild").then_some(found)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// Creates a folder with a linker in which every program that the script may call prints its
    /// arguments.
    fn linker(name: &str) -> (PathBuf, Linker) {
        let folder = format!("hot-reload-linker-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("bin")).unwrap();
        script::put(&folder.join("bin/cc"), "#!/bin/sh\nprintf '<%s>' \"$@\"\n").unwrap();
        let mut linker = Linker::new(&folder.join("linker"), &folder.join("own")).unwrap().unwrap();
        linker.wild = None;
        (folder, linker)
    }

    /// Returns the script's command as the compiler calls it.
    fn script(folder: &Path, linker: &Linker, name: &str) -> Command {
        let path = std::env::join_paths(
            std::iter::once(folder.join("bin"))
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let mut command = Command::new(linker.folder.join(name));
        command.env("PATH", path.unwrap()).env(GATE, linker.gate());
        command.env(REACHED, linker.reached());
        command.env(LIBRARIES, &linker.libraries).env(SHARED, "/s/all.so").env(WILD, "/w d");
        command.stdout(Stdio::piped());
        command
    }

    #[test]
    fn the_script_waits_for_the_gate_and_puts_one_library_in_place_of_many() {
        let (folder, mut linker) = linker("gate");
        let own = folder.join("own/liba.rlib");
        let mut command = script(&folder, &linker, "cc");
        command.arg("a b.o").arg(&own).args(["/d/libb.rlib", "", "/d/libc.rlib"]);
        command.args([
            "/d/libcompiler_builtins-1.rlib",
            "-fuse-ld=lld",
            "-Wl,-rpath,/r",
            "-o",
            "x y",
        ]);
        let mut gate = Gate(File::options().read(true).write(true).open(linker.gate()).unwrap());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(child.try_wait().unwrap().is_none(), "it waits");
        let from = (Vec::new(), Options::default());
        linker.learnt.insert("program".to_owned(), Learnt { from, shared: None, frame: None });
        assert!(!linker.refuse() && !linker.learnt.is_empty(), "nothing was linked yet");
        gate.open().unwrap();
        let said = child.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&said.stdout),
            format!(
                "<-B/w d><a b.o><{}><-Wl,-Bdynamic></s/all.so><-Wl,-Bstatic><></d/libcompiler_builtins-1.rlib>\
                 <-Wl,--threads=1><-fuse-ld=lld><-Wl,-rpath,/r><-o><x y>",
                own.display()
            )
        );
        assert!(linker.refuse() && linker.refused && linker.learnt.is_empty(), "it was");
        assert!(!linker.refuse(), "once");
        let _ = fs::remove_dir_all(folder);
    }

    #[test]
    fn without_cc_the_script_calls_the_linker_in_the_frame_that_cc_would_have_made() {
        let (folder, linker) = linker("frame");
        let program = folder.join("a linker");
        script::put(&program, "#!/bin/sh\nprintf '<%s>' \"$@\"\n").unwrap();
        let mut command = script(&folder, &linker, "ld.lld");
        command.env(BEGIN, format!("{}\n-flavor\ngnu\n/l i b/*.o", program.display()));
        command.env(END, "/lib/crtn.o\n--threads=1");
        command.args(["a b.o", "/d/libb.rlib", "/d/libc.rlib", "-Wl,-rpath,/r", "-o", "x\ny"]);
        let mut gate = Gate(File::options().read(true).write(true).open(linker.gate()).unwrap());
        let child = command.spawn().unwrap();
        gate.open().unwrap();
        let said = child.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&said.stdout),
            "<-flavor><gnu></l i b/*.o><a b.o><-Bdynamic></s/all.so><-Bstatic><-rpath=/r><-o><x\ny>\
             </lib/crtn.o><--threads=1>"
        );
        let _ = fs::remove_dir_all(folder);
    }
}

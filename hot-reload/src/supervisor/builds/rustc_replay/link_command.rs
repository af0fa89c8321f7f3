//! The arguments that `cc` adds when it links a program: asked for once, so that the linker can be
//! called without `cc`.
//!
//! Between the compiler's call of `cc` and the linker there are three more programs: `cc`, its
//! `collect2`, and the one by which Rust passes its linker to them. They take 10 of a small
//! program's 80 ms. What they add is the location of the system's libraries and a few objects at
//! both ends.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A way to link a program without `cc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkCommand {
    /// The linker, and its arguments before those of the compiler.
    pub(super) begin: Vec<OsString>,
    /// Arguments after those of the compiler.
    pub(super) end: Vec<OsString>,
}

impl LinkCommand {
    /// Asks `cc` what it would add to these arguments, with which it was called before. `wild`, if
    /// given, replaces the linker. Returns `None` if no linker is known that can be called
    /// directly.
    pub(super) fn ask(
        arguments: &[OsString],
        wild: Option<&Path>,
        folder: &Path,
    ) -> io::Result<Option<Self>> {
        let Some(linker) = linker(arguments, wild) else { return Ok(None) };
        // `cc` only prints what it would do, but it requires the object to exist.
        let object = folder.join("object.o");
        File::create(&object)?;
        let program = folder.join("program");
        let mut cc = Command::new("cc");
        cc.arg("-###").args(modes(arguments)).arg(&object).arg("-o").arg(program);
        let said = cc.env("LC_ALL", "C").stdin(Stdio::null()).output();
        fs::remove_file(&object)?;
        let said = said?;
        let said = String::from_utf8_lossy(if said.status.success() { &said.stderr } else { &[] });
        Ok(command_in(&said)
            .and_then(|words| LinkCommand::around(linker, words, object.as_os_str())))
    }

    fn around(linker: Vec<OsString>, words: Vec<String>, object: &OsStr) -> Option<Self> {
        let mut words = words.into_iter().skip(1);
        let (mut begin, mut end) = (linker, Vec::new());
        let mut is_behind = false;
        while let Some(word) = words.next() {
            match word.as_str() {
                "-o" | "-plugin" => drop(words.next()),
                word if word.starts_with("-fuse-ld=") || word.starts_with("-plugin-opt=") => {}
                word if object == word => is_behind = true,
                word if is_behind => end.push(word.into()),
                word => begin.push(word.into()),
            }
        }
        let whole = begin.iter().chain(&end);
        // The script splits them by lines.
        let plain = whole.into_iter().all(|word| !word.to_string_lossy().contains('\n'));
        (is_behind && plain).then_some(LinkCommand { begin, end })
    }
}

/// Returns the program that `cc` would finally call, and its first arguments.
fn linker(arguments: &[OsString], wild: Option<&Path>) -> Option<Vec<OsString>> {
    let texts = arguments.iter().map(|argument| argument.to_string_lossy());
    let wanted = texts.clone().filter_map(|it| Some(it.strip_prefix("-fuse-ld=")?.to_owned()));
    let wanted = wanted.reduce(|_, last| last);
    if wanted.as_ref().is_some_and(|wanted| wanted != "lld") {
        return None;
    }
    if let Some(wild) = wild {
        return Some(vec![wild.into()]);
    }
    wanted?;
    // That folder contains a wrapper from Rust's toolchain around the linker next to the folder.
    let mut folders = texts.filter_map(|it| Some(PathBuf::from(it.strip_prefix("-B")?)));
    let folder = folders.find(|folder| folder.ends_with("gcc-ld"))?;
    let lld = folder.parent()?.join("rust-lld");
    lld.is_file().then(|| vec![lld.into(), "-flavor".into(), "gnu".into()])
}

/// Returns the arguments that say how to link, without those that say what to link.
fn modes(arguments: &[OsString]) -> Vec<&OsString> {
    let mut modes = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match &*text {
            "-o" | "-L" => drop(arguments.next()),
            text if text.starts_with('-')
                && !["-l", "-L", "-Wl,"].iter().any(|it| text.starts_with(it)) =>
            {
                modes.push(argument);
            }
            _ => {}
        }
    }
    modes
}

/// Returns the words of the first command in the output of `cc -###`: a line that begins with a
/// space, quoted for a shell.
fn command_in(said: &str) -> Option<Vec<String>> {
    let line = said.lines().find(|line| line.starts_with(' '))?;
    let (mut words, mut word) = (Vec::new(), None);
    let (mut is_quoted, mut letters) = (false, line.chars());
    while let Some(letter) = letters.next() {
        match letter {
            ' ' if !is_quoted => words.extend(word.take()),
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_with(String::new);
            }
            '\\' => word.get_or_insert_with(String::new).push(letters.next()?),
            letter => word.get_or_insert_with(String::new).push(letter),
        }
    }
    words.extend(word);
    (!is_quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_frame_is_what_stands_around_an_object_in_the_call_of_the_linker() {
        let said = "Using built-in specs.\nCOLLECT_GCC=cc\n /lib/collect2 -plugin \"/l i/p.so\" \
                    \"-plugin-opt=x\" --eh-frame-hdr -m elf_x86_64 \"-fuse-ld=lld\" -o \"/t/pro gram\" \
                    /lib/Scrt1.o -L/lib/12 \"/t/ob\\\"ject.o\" -lc /lib/crtn.o\nCOLLECT_GCC_OPTIONS=-o\n";
        let words = command_in(said).unwrap();
        let frame =
            LinkCommand::around(strings(&["ld"]), words, OsStr::new("/t/ob\"ject.o")).unwrap();
        assert_eq!(
            frame.begin,
            strings(&["ld", "--eh-frame-hdr", "-m", "elf_x86_64", "/lib/Scrt1.o", "-L/lib/12"])
        );
        assert_eq!(frame.end, strings(&["-lc", "/lib/crtn.o"]));
    }

    #[test]
    fn without_a_command_or_the_object_in_it_there_is_no_frame() {
        for said in ["", "cc: error: unrecognized\n", " ld \"-o x\n"] {
            assert_eq!(command_in(said), None, "{said}");
        }
        let words = command_in(" ld -o x other.o\n").unwrap();
        assert_eq!(LinkCommand::around(strings(&["ld"]), words, OsStr::new("object.o")), None);
    }

    #[test]
    fn a_linker_that_the_user_has_chosen_keeps_cc() {
        let wild = Some(Path::new("/bin/wild"));
        let table = [
            (&["-fuse-ld=mold"][..], wild, None),
            (&["-fuse-ld=lld", "-fuse-ld=mold"], wild, None),
            (&["-fuse-ld=lld"], wild, Some(strings(&["/bin/wild"]))),
            (&[], wild, Some(strings(&["/bin/wild"]))),
            (&["-fuse-ld=lld"], None, None),
            (&["-fuse-ld=lld", "-B/nowhere/gcc-ld"], None, None),
            (&[], None, None),
        ];
        for (arguments, wild, expected) in table {
            assert_eq!(linker(&strings(arguments), wild), expected, "{arguments:?}");
        }
    }

    #[test]
    fn cc_is_asked_about_modes_and_not_about_files() {
        let arguments = strings(&[
            "-m64",
            "a.o",
            "-Wl,--as-needed",
            "liba.rlib",
            "-lc",
            "-L",
            "/lib",
            "-L/lib",
            "-B/x/gcc-ld",
            "-fuse-ld=lld",
            "-o",
            "program",
            "-pie",
            "-nodefaultlibs",
        ]);
        let kept = modes(&arguments).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            kept,
            strings(&["-m64", "-B/x/gcc-ld", "-fuse-ld=lld", "-pie", "-nodefaultlibs"])
        );
    }
}

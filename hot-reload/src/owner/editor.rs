//! Opens a place in the source in the editor of the person who develops.

use crate::error::{Error, Result};
use crate::status::{Crash, Problem, StackFrame};
use crate::threads::spawn;
use anstream::adapter::strip_str;
use std::ffi::OsString;
use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    file: PathBuf,
    line: u32,
    /// Column, counted from 1; 1 if it is unknown.
    column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

impl Place {
    /// Returns the place of a problem, if it has one.
    pub(super) fn of(problem: &Problem) -> Option<Place> {
        let of_stack = |stack: &[StackFrame]| {
            let place = StackFrame::first_own(stack)?.place.as_deref()?;
            Place::parse(place)
        };
        match problem {
            Problem::BuildFailed { message } => {
                let message = strip_str(message).to_string();
                let mut lines = message.lines();
                lines.find_map(|line| Place::parse(line.trim_start().strip_prefix("--> ")?))
            }
            Problem::Crashed { crash: Crash { panic, stack, .. }, .. } => {
                let panicked = panic.as_ref().and_then(|panic| Place::parse(&panic.place));
                panicked.or_else(|| of_stack(stack))
            }
            Problem::NotResponding { stack, .. } => of_stack(stack),
            Problem::CannotBuild { .. } | Problem::CannotStart { .. } => None,
        }
    }

    /// Parses `file:line` or `file:line:column`.
    fn parse(text: &str) -> Option<Place> {
        let (rest, last) = text.trim().rsplit_once(':')?;
        let last = last.parse().ok()?;
        let whole = rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
        let (file, line, column) = match whole {
            Some((file, line)) => (file, line, last),
            None => (rest, last, 1),
        };
        Some(Place { file: file.into(), line, column })
    }

    /// Opens the place, whose file is relative to a folder.
    pub(super) fn open(&self, folder: Option<&Path>) -> Result<()> {
        let file = folder.map_or_else(|| self.file.clone(), |folder| folder.join(&self.file));
        let place = Place { file, ..self.clone() };
        place.copy();
        let mut editors = editors();
        let named = std::env::var("VISUAL").ok().filter(|named| !named.trim().is_empty());
        if let Some(named) = &named {
            editors.insert(0, named);
        }
        for (number, editor) in editors.iter().enumerate() {
            match place.start(editor) {
                Ok(()) => return Ok(()),
                // An editor that a person has named is the one that they want.
                Err(source) if named.is_some() && number == 0 => {
                    return Err(Error::Editor { editor: (*editor).to_owned(), source });
                }
                Err(_) => {}
            }
        }
        Err(Error::NoEditor)
    }

    fn start(&self, editor: &str) -> std::io::Result<()> {
        let mut words = editor.split_whitespace().map(OsString::from);
        let program = words.next().unwrap_or_default();
        let name = Path::new(&program).file_stem().unwrap_or_default().to_string_lossy();
        let Arguments { arguments, needs_terminal } = self.arguments(&name);
        let waits = |word: &OsString| word == "--wait" || word == "-w";
        let options = words.filter(|word| !waits(word));
        let options = options.collect::<Vec<_>>();
        let run = |mut command: Command| {
            command.args(&options).args(&arguments);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn()?;
            // Without the thread it stays a zombie until this program ends.
            let _ = spawn("hot-reload editor", move || drop(child.wait()));
            Ok(())
        };
        if !needs_terminal {
            // On Windows some editors are scripts.
            let script = || run(Command::new(format!("{}.cmd", program.display())));
            return run(Command::new(&program)).or_else(|error| match cfg!(windows) {
                true => script(),
                false => Err(error),
            });
        }
        for (terminal, option) in TERMINALS {
            let mut command = Command::new(terminal);
            command.args(option).arg(&program);
            match run(command) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                started => return started,
            }
        }
        Err(std::io::Error::other("it needs a terminal, and none that is known is installed"))
    }

    /// Returns the arguments with which an editor opens the place.
    fn arguments(&self, editor: &str) -> Arguments {
        let Place { file, line, column } = self;
        let file = file.as_os_str().to_owned();
        let here = || OsString::from(self.to_string());
        let (arguments, needs_terminal) = match editor {
            "code" | "code-insiders" | "codium" | "vscodium" | "cursor" | "windsurf" => {
                (vec!["--goto".into(), here()], false)
            }
            "zed" | "zeditor" | "subl" => (vec![here()], false),
            "rustrover" | "idea" | "clion" | "fleet" => {
                (vec!["--line".into(), line.to_string().into(), file], false)
            }
            "emacs" => (vec![format!("+{line}:{column}").into(), file], false),
            "emacsclient" => (vec!["-n".into(), format!("+{line}:{column}").into(), file], false),
            "gvim" | "mvim" | "neovide" => (vec![format!("+{line}").into(), file], false),
            "hx" | "helix" => (vec![here()], true),
            "vi" | "vim" | "nvim" | "kak" => (vec![format!("+{line}").into(), file], true),
            "nano" | "micro" => (vec![format!("+{line},{column}").into(), file], true),
            _ => (vec![file], false),
        };
        Arguments { arguments, needs_terminal }
    }

    /// Copies the place to the clipboard with the first program that does it.
    fn copy(&self) {
        const PROGRAMS: [&[&str]; 5] = [
            &["wl-copy"],
            &["xclip", "-selection", "clipboard"],
            &["xsel", "--clipboard", "--input"],
            &["pbcopy"],
            &["clip"],
        ];
        let words = self.to_string();
        let _ = spawn("hot-reload clipboard", move || {
            for program in PROGRAMS {
                let mut command = Command::new(program[0]);
                command.args(&program[1..]).stdin(Stdio::piped());
                let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
                else {
                    continue;
                };
                let written = child.stdin.take().map(|mut pipe| pipe.write_all(words.as_bytes()));
                if written.is_some_and(|it| it.is_ok()) && child.wait().is_ok_and(|it| it.success())
                {
                    break;
                }
            }
        });
    }
}

/// Terminals, each with the option before the program that is to run in it.
const TERMINALS: [(&str, Option<&str>); 8] = [
    ("x-terminal-emulator", Some("-e")),
    ("gnome-terminal", Some("--")),
    ("konsole", Some("-e")),
    ("alacritty", Some("-e")),
    ("kitty", None),
    ("foot", None),
    ("wezterm", Some("-e")),
    ("xterm", Some("-e")),
];

#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    arguments: Vec<OsString>,
    /// True if the editor runs in a terminal.
    needs_terminal: bool,
}

/// Editors to look for, and last the system's own program for opening a file.
fn editors() -> Vec<&'static str> {
    let system = match () {
        () if cfg!(target_os = "macos") => "open",
        () if cfg!(windows) => "explorer",
        () => "xdg-open",
    };
    let known = ["code", "codium", "cursor", "zed", "rustrover", "clion", "idea", "subl"];
    known.into_iter().chain([system]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Panic;

    fn place(file: &str, line: u32, column: u32) -> Place {
        Place { file: file.into(), line, column }
    }

    #[test]
    fn a_problem_has_the_place_of_its_first_error_panic_or_frame() {
        let message =
            "\x1b[1merror\x1b[m: no\n  \x1b[94m--> \x1b[msrc/lib.rs:14:9\n   |\n  --> b.rs:1:1";
        let built = Problem::BuildFailed { message: message.to_owned() };
        assert_eq!(Place::of(&built), Some(place("src/lib.rs", 14, 9)));
        let frame = |is_own, at: Option<&str>| StackFrame {
            function: "f".to_owned(),
            place: at.map(str::to_owned),
            is_own,
        };
        let stack = vec![frame(false, Some("/rustc/a.rs:1")), frame(true, Some("src/a b.rs:7"))];
        let mut crash = Crash { stack, ..Crash::default() };
        let crashed =
            |crash: &Crash| Problem::Crashed { generation: 1, build: 1, crash: crash.clone() };
        assert_eq!(Place::of(&crashed(&crash)), Some(place("src/a b.rs", 7, 1)));
        let at = "src/lib.rs:88:13".to_owned();
        crash.panic = Some(Panic { message: String::new(), place: at });
        assert_eq!(Place::of(&crashed(&crash)), Some(place("src/lib.rs", 88, 13)));
        assert_eq!(Place::of(&crashed(&Crash::default())), None);
        assert_eq!(Place::of(&Problem::BuildFailed { message: "link --> it:x".to_owned() }), None);
    }

    #[test]
    fn each_editor_is_given_the_place_in_its_own_way() {
        let at = place("/a b/lib.rs", 14, 9);
        let table: [(&str, &[&str], bool); 8] = [
            ("code", &["--goto", "/a b/lib.rs:14:9"], false),
            ("zed", &["/a b/lib.rs:14:9"], false),
            ("rustrover", &["--line", "14", "/a b/lib.rs"], false),
            ("emacsclient", &["-n", "+14:9", "/a b/lib.rs"], false),
            ("hx", &["/a b/lib.rs:14:9"], true),
            ("nvim", &["+14", "/a b/lib.rs"], true),
            ("nano", &["+14,9", "/a b/lib.rs"], true),
            ("xdg-open", &["/a b/lib.rs"], false),
        ];
        for (editor, arguments, needs_terminal) in table {
            let arguments = arguments.iter().map(OsString::from).collect();
            assert_eq!(at.arguments(editor), Arguments { arguments, needs_terminal }, "{editor}");
        }
    }
}

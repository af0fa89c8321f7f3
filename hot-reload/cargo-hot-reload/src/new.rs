//! `cargo hot-reload new`: writes a workspace that builds and runs at once.

use super::{Failure, library, print};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// The kind of program to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProjectKind {
    form: Form,
    is_winit: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One file, with a window.
    Sketch,
    /// One file, without a window.
    Text,
    /// Three packages, with a window.
    Packages,
}

macro_rules! template {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $file))
    };
}

/// Files with their templates.
type Files = &'static [(&'static str, &'static str)];

const EVERY: Files = &[
    (".gitignore", "/target\n*.new.png\n*.diff.png\n"),
    (".vscode/launch.json", template!("sketch/vscode/launch.json")),
    (".vscode/tasks.json", template!("sketch/vscode/tasks.json")),
];
const ONE_FILE: Files =
    &[("Cargo.toml", template!("sketch/Cargo.toml")), ("README.md", template!("sketch/README.md"))];
const SKETCH: Files =
    &[("src/main.rs", template!("sketch/main.rs")), ("src/tests.rs", template!("sketch/tests.rs"))];
const TEXT: Files = &[("src/main.rs", template!("sketch/text.rs"))];
const WORKSPACE: Files = &[
    ("Cargo.toml", template!("workspace/workspace.toml")),
    ("README.md", template!("workspace/README.md")),
    ("app/Cargo.toml", template!("workspace/app.toml")),
    ("app/src/main.rs", template!("workspace/app.rs")),
    ("renderer/Cargo.toml", template!("workspace/renderer.toml")),
    ("renderer/src/main.rs", template!("workspace/renderer_main.rs")),
    ("renderer/tests/golden.rs", template!("workspace/golden.rs")),
    ("state/Cargo.toml", template!("workspace/state.toml")),
    ("renderer/src/lib.rs", template!("picture/renderer.rs")),
    ("state/src/lib.rs", template!("picture/state.rs")),
];

macro_rules! picture {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $file))
    };
}

impl ProjectKind {
    /// Returns the picture with which the project's test compares, and its place.
    fn golden(self) -> Option<(&'static str, &'static [u8])> {
        match self.form {
            Form::Sketch => Some(("tests/golden/dragged.png", picture!("sketch/dragged.png"))),
            Form::Text => None,
            Form::Packages => {
                Some(("renderer/tests/golden/drawn.png", picture!("workspace/drawn.png")))
            }
        }
    }

    fn files(self) -> [Files; 3] {
        match self.form {
            Form::Sketch => [EVERY, ONE_FILE, SKETCH],
            Form::Text => [EVERY, ONE_FILE, TEXT],
            Form::Packages => [EVERY, WORKSPACE, &[]],
        }
    }

    /// Returns the file to edit while the program runs.
    fn edited(self) -> &'static str {
        match self.form {
            Form::Sketch | Form::Text => "src/main.rs",
            Form::Packages => "renderer/src/lib.rs",
        }
    }

    fn dependency(self, library: &str) -> String {
        let library = match self.form {
            Form::Packages => "workspace = true",
            _ => library,
        };
        let window = if self.is_winit { "winit-window" } else { "minifb" };
        match self.form {
            Form::Text => format!("hot-reload = {{ {library} }}"),
            _ => format!("hot-reload = {{ {library}, features = [{window:?}] }}"),
        }
    }
}

pub(super) fn new(arguments: &[OsString]) -> Result<(), Failure> {
    let Wanted { folder, kind, library } = read(arguments)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(reason) = misnamed(&name) {
        return Err(Failure::Name { name, reason });
    }
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        return Err(Failure::Exists(folder));
    }
    // Before anything is written: without the library the program would not compile.
    let library = library::find(library.as_deref())?;
    let files = kind.files().into_iter().flatten().map(|(file, template)| {
        (*file, Cow::Owned(filled(template, &name, kind, &library).into_bytes()))
    });
    let golden = kind.golden().map(|(file, bytes)| (file, Cow::Borrowed(bytes)));
    for (file, bytes) in files.chain(golden) {
        let path = folder.join(file);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| fs::write(&path, bytes));
        written.map_err(|error| Failure::Write { path, error })?;
    }
    let shown = folder.display();
    print(&format!(
        "{shown} is ready:\n\n    cd {shown}\n    cargo run\n\nThen edit {} while it runs.\n",
        kind.edited()
    ));
    Ok(())
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    folder: PathBuf,
    kind: ProjectKind,
    library: Option<PathBuf>,
}

fn read(arguments: &[OsString]) -> Result<Wanted, Failure> {
    let usage = |message: String| Failure::Usage(message);
    let (mut folder, mut form, mut winit, mut library) = (None, None, None, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let twice = match argument.to_str() {
            Some("--packages") => form.replace(Form::Packages).is_some(),
            Some("--text") => form.replace(Form::Text).is_some(),
            Some("--winit") => winit.replace(true).is_some(),
            Some("--library") => {
                let named = arguments.next().map(PathBuf::from);
                library =
                    Some(named.ok_or_else(|| usage("`--library` needs a folder".to_owned()))?);
                continue;
            }
            Some(option) if option.starts_with('-') => {
                return Err(usage(format!("there is no option `{option}`")));
            }
            _ => folder.replace(PathBuf::from(argument)).is_some(),
        };
        if twice {
            return Err(usage(format!("`{}` is one argument too many", argument.display())));
        }
    }
    let folder = folder.ok_or_else(|| usage("the folder is missing".to_owned()))?;
    let kind = ProjectKind { form: form.unwrap_or(Form::Sketch), is_winit: winit.is_some() };
    if kind.is_winit && kind.form == Form::Text {
        return Err(usage("a program without a window has no `--winit`".to_owned()));
    }
    Ok(Wanted { folder, kind, library })
}

/// Returns the reason why cargo would reject a package name, or `None` if it is valid.
fn misnamed(name: &str) -> Option<&'static str> {
    const KEYWORDS: [&str; 51] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
        "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in",
        "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
        "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
        "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "gen",
    ];
    let begins = |first: char| first.is_ascii_alphabetic();
    if !name.starts_with(begins) {
        return Some("it must begin with a letter");
    }
    if !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_') {
        return Some("it must consist of letters, digits, `-` and `_`");
    }
    let reserved = ["test", "core", "std", "alloc", "proc-macro", "hot-reload"];
    if KEYWORDS.contains(&name) || reserved.contains(&name) {
        return Some("the name is reserved");
    }
    None
}

fn filled(template: &str, name: &str, kind: ProjectKind, library: &str) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{crate}}", &name.replace('-', "_"))
        .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
        .replace("{{dependency}}", &kind.dependency(library))
        .replace("{{library}}", library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cargo_refuses_are_refused_first() {
        for good in ["my-app", "a", "Game2", "under_score"] {
            assert_eq!(misnamed(good), None, "{good}");
        }
        for bad in ["", "2d", "my app", "é", "fn", "test", "-x", "a/b", "a.b"] {
            assert!(misnamed(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn options_are_read_in_any_order_and_mistakes_are_told() {
        let read =
            |words: &[&str]| super::read(&words.iter().map(OsString::from).collect::<Vec<_>>());
        let wanted = |form, is_winit| {
            let kind = ProjectKind { form, is_winit };
            Wanted { folder: "x".into(), kind, library: None }
        };
        assert_eq!(read(&["x"]).unwrap(), wanted(Form::Sketch, false));
        assert_eq!(read(&["--text", "x"]).unwrap(), wanted(Form::Text, false));
        assert_eq!(read(&["x", "--winit"]).unwrap(), wanted(Form::Sketch, true));
        assert_eq!(read(&["--winit", "x", "--packages"]).unwrap(), wanted(Form::Packages, true));
        let named = read(&["--library", "../lib", "x"]).unwrap();
        assert_eq!((named.folder, named.library), ("x".into(), Some("../lib".into())));
        let wrong: [&[&str]; 6] = [
            &[],
            &["x", "y"],
            &["x", "--qt"],
            &["x", "--text", "--winit"],
            &["x", "--text", "--packages"],
            &["x", "--library"],
        ];
        for wrong in wrong {
            assert!(matches!(read(wrong), Err(Failure::Usage(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_folder_that_holds_something_is_left_as_it_is() {
        let name = format!("hot-reload-new-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("precious"), "text").unwrap();
        let refused = new(&[folder.clone().into_os_string()]);
        assert!(matches!(refused, Err(Failure::Exists(_))), "{refused:?}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_file(folder.join("precious")).unwrap();
        new(&["--text".into(), folder.clone().into_os_string()]).unwrap();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let library = library::find(None).unwrap();
        assert!(manifest.contains(&format!("hot-reload = {{ {library}")), "{manifest}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        let forms = [Form::Sketch, Form::Text, Form::Packages];
        let kinds = forms.map(|form| [true, false].map(|is_winit| ProjectKind { form, is_winit }));
        for kind in kinds.into_iter().flatten() {
            for (file, template) in kind.files().into_iter().flatten() {
                let text = filled(template, "my-app", kind, "version = \"1\"");
                assert!(
                    !text.contains("{{") && !text.contains("}}"),
                    "{file} of {kind:?}:\n{text}"
                );
            }
        }
    }
}

//! `cargo hot-reload init`: adds to an existing package what hot reloading needs.

use super::metadata::{self, cargo, packages};
use super::{Failure, library, print};
use serde_json::Value;
use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The features of a program that is owner and renderer.
const HOT: &str = "# `cargo run` is hot mode, `cargo run --no-default-features` is one process.\n\
                   hot = [\"hot-reload/hot\"]\n";

const NEXT: &str = "
What is left to do in the source:

    use hot_reload::{Frame, SharedState, Sketch};

    #[derive(Clone, Copy, Default, SharedState)]
    #[repr(C)]
    struct State {
        // Put the values here that must survive an edit: plain old data.
    }

    fn render(frame: &mut Frame<'_, Sketch<State>>) {
        // The body of the window's loop: frame.state, frame.input, frame.canvas.
    }

    fn main() -> hot_reload::Result<()> {
        hot_reload::play(render)
    }

The window and its loop are the library's then. docs/porting.md in the library's
repository has a table from what a program does to what it becomes.
";

pub(super) fn init(arguments: &[OsString]) -> Result<(), Failure> {
    let (package, library) = read(arguments)?;
    let library = library::folder(library.as_deref())?;
    let metadata = metadata::read()?;
    let here = std::env::current_dir().unwrap_or_default();
    let program = program(&metadata, package.as_deref(), &here)?;
    let manifest = PathBuf::from(program["manifest_path"].as_str().unwrap_or_default());

    let mut done = String::new();
    if depends(program) {
        let _ = writeln!(done, "unchanged: the dependency `hot-reload`");
    } else {
        let window = if uses(program, "winit") { "winit-window" } else { "minifb" };
        add(&manifest, &library, window)?;
        let _ = writeln!(done, "added: the dependency `hot-reload` with the feature `{window}`");
    }
    if program["features"].get("hot").is_some() && !is_hot(program) {
        return Err(Failure::OtherHot(manifest));
    }
    let text = fs::read_to_string(&manifest)
        .map_err(|error| Failure::Read { path: manifest.clone(), error })?;
    match (!is_hot(program)).then(|| with_features(&text)) {
        Some(text) => {
            fs::write(&manifest, text)
                .map_err(|error| Failure::Write { path: manifest.clone(), error })?;
            done += "added: the feature `hot`, which is a default feature\n";
        }
        None => {
            done += "unchanged: the features, which have `hot-reload/hot` or `hot-reload/owner`\n"
        }
    }
    print(&format!("{}\n{done}{NEXT}", manifest.display()));
    Ok(())
}

fn read(arguments: &[OsString]) -> Result<(Option<String>, Option<PathBuf>), Failure> {
    let (mut package, mut library) = (None, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let missing = || Failure::Usage(format!("`{}` needs a value", argument.display()));
            arguments.next().ok_or_else(missing)
        };
        match argument.to_str() {
            Some("-p" | "--package") => package = Some(value()?.to_string_lossy().into_owned()),
            Some("--library") => library = Some(PathBuf::from(value()?)),
            _ => {
                let argument = argument.display();
                return Err(Failure::Usage(format!("`{argument}` is no argument of `init`")));
            }
        }
    }
    Ok((package, library))
}

/// Finds the package to change: the one that is named, the one in this folder, or the only one with
/// a program.
fn program<'m>(
    metadata: &'m Value,
    named: Option<&str>,
    here: &Path,
) -> Result<&'m Value, Failure> {
    let name = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    let is_program = |package: &&Value| {
        let targets = package["targets"].as_array().into_iter().flatten();
        let mut kinds = targets.flat_map(|target| target["kind"].as_array().into_iter().flatten());
        kinds.any(|kind| kind == "bin")
    };
    let programs = packages(metadata).filter(is_program).collect::<Vec<_>>();
    if let Some(named) = named {
        let found = programs.iter().find(|package| name(package) == named);
        return found.copied().ok_or_else(|| Failure::NoSuchProgram(named.to_owned()));
    }
    let manifest = here.join("Cargo.toml");
    let is_here = |package: &&&Value| {
        package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest)
    };
    match (programs.iter().find(is_here), programs.as_slice()) {
        (Some(program), _) | (None, [program]) => Ok(program),
        (None, []) => Err(Failure::NoProgram),
        (None, several) => {
            let names = several.iter().map(|package| format!("`{}`", name(package)));
            Err(Failure::SeveralPrograms(names.collect::<Vec<_>>().join(", ")))
        }
    }
}

fn uses(package: &Value, dependency: &str) -> bool {
    let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies.any(|it| it["name"] == dependency && it["kind"].is_null())
}

fn depends(package: &Value) -> bool {
    uses(package, "hot-reload")
}

/// Returns true if a feature of the package contains the owner.
fn is_hot(package: &Value) -> bool {
    let features = package["features"].as_object().into_iter().flatten();
    let mut parts = features.flat_map(|(_, parts)| parts.as_array().into_iter().flatten());
    parts.any(|part| part == "hot-reload/hot" || part == "hot-reload/owner")
}

/// Adds the dependency with `cargo add`, which keeps the manifest's form.
fn add(manifest: &Path, library: &library::Folder, window: &str) -> Result<(), Failure> {
    let mut command = cargo();
    command.args(["add", "--quiet", "--manifest-path"]).arg(manifest);
    match library {
        library::Folder::Path(folder) => command.arg("--path").arg(folder),
        library::Folder::Registry(version) => command.arg(format!("hot-reload@{version}")),
    };
    let added = command.args(["--features", window]).status().map_err(Failure::Cargo)?;
    added.success().then_some(()).ok_or(Failure::NotAdded)
}

/// Returns the manifest with the feature `hot` as a default feature.
fn with_features(manifest: &str) -> String {
    let end_of_line = if manifest.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = manifest.lines().collect::<Vec<_>>();
    let is_table = |line: &&str| line.split('#').next().unwrap_or_default().trim() == "[features]";
    let Some(table) = lines.iter().position(is_table) else {
        let text =
            format!("{}\n\n[features]\ndefault = [\"hot\"]\n{HOT}", lines.join("\n").trim_end());
        return text.replace('\n', end_of_line);
    };
    let end = lines[table + 1..].iter().position(|line| line.trim_start().starts_with('['));
    let end = end.map_or(lines.len(), |end| table + 1 + end);
    let is_default = |line: &&str| {
        line.trim_start().strip_prefix("default").is_some_and(|it| it.trim_start().starts_with('='))
    };
    let default = lines[table..end].iter().position(is_default).map(|at| table + at);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        match Some(at) == default {
            // `hot` becomes the first feature, because the list may continue on other lines.
            true => {
                let (before, after) = line.split_once('[').unwrap_or((line, ""));
                let comma = match after.trim_start() {
                    "" => ",",
                    rest if rest.starts_with(']') => "",
                    _ => ", ",
                };
                let _ = writeln!(text, "{before}[\"hot\"{comma}{after}");
            }
            false => {
                let _ = writeln!(text, "{line}");
            }
        }
        if at == table {
            text += if default.is_none() { "default = [\"hot\"]\n" } else { "" };
            text += HOT;
        }
    }
    text.replace('\n', end_of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feature_is_added_to_what_is_there() {
        let hot = "# `cargo run` is hot mode, `cargo run --no-default-features` is one process.\n\
                   hot = [\"hot-reload/hot\"]\n";
        let table = [
            ("[package]\n", format!("[package]\n\n[features]\ndefault = [\"hot\"]\n{hot}")),
            ("[features]\nx = []\n", format!("[features]\ndefault = [\"hot\"]\n{hot}x = []\n")),
            (
                "[features]\ndefault = [\"x\"]\nx = []\n\n[dependencies]\n",
                format!("[features]\n{hot}default = [\"hot\", \"x\"]\nx = []\n\n[dependencies]\n"),
            ),
            (
                "[features] # all\r\nx = []\r\n",
                format!("[features] # all\ndefault = [\"hot\"]\n{hot}x = []\n")
                    .replace('\n', "\r\n"),
            ),
            ("[features]\ndefault = []\n", format!("[features]\n{hot}default = [\"hot\"]\n")),
            (
                "[features]\ndefault = [\n  \"x\",\n]\n",
                format!("[features]\n{hot}default = [\"hot\",\n  \"x\",\n]\n"),
            ),
        ];
        for (before, after) in table {
            assert_eq!(with_features(before), after, "{before}");
        }
    }

    #[test]
    fn a_feature_is_what_cargo_says_and_not_a_path_that_contains_its_name() {
        let package = |parts: &[&str]| serde_json::json!({ "features": { "hot": parts } });
        assert!(
            is_hot(&package(&["x", "hot-reload/hot"])) && is_hot(&package(&["hot-reload/owner"]))
        );
        assert!(!is_hot(&package(&["../hot-reload/hot-reload"])) && !is_hot(&package(&[])));
    }

    #[test]
    fn the_program_is_named_or_here_or_the_only_one() {
        let package = |name: &str, kind: &str| {
            let manifest = format!("/w/{name}/Cargo.toml");
            serde_json::json!({ "name": name, "manifest_path": manifest,
                                "targets": [{ "kind": [kind] }] })
        };
        let metadata = serde_json::json!({ "packages": [
            package("game", "bin"), package("tool", "bin"), package("engine", "lib"),
        ]});
        let found = |named, here: &str| program(&metadata, named, Path::new(here));
        assert_eq!(found(Some("tool"), "/w").unwrap()["name"], "tool");
        assert_eq!(found(None, "/w/game").unwrap()["name"], "game");
        assert!(
            matches!(found(None, "/w"), Err(Failure::SeveralPrograms(names)) if names == "`game`, `tool`")
        );
        assert!(matches!(found(Some("engine"), "/w"), Err(Failure::NoSuchProgram(_))));
        let one = serde_json::json!({ "packages": [package("game", "bin"), package("a", "lib")] });
        assert_eq!(program(&one, None, Path::new("/w")).unwrap()["name"], "game");
        let none = serde_json::json!({ "packages": [package("a", "lib")] });
        assert!(matches!(program(&none, None, Path::new("/w")), Err(Failure::NoProgram)));
    }
}

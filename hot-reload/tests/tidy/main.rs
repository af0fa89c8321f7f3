//! Checks that a reviewer would forget: where unsafe code is allowed, the direction of imports, the
//! length of files.

mod circles;
mod docs;
mod layers;
mod paths;

use circles::Modules;
use layers::Layers;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of sources that programs contain.
const FOLDERS: [&str; 5] = [
    "hot-reload/src",
    "hot-reload/pod/src",
    "hot-reload/derive/src",
    "example-app/src",
    "example-impl/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// Returns all sources of a folder with their paths relative to the workspace's root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut open = vec![root().join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                sources.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    assert!(!sources.is_empty(), "no sources in {folder}");
    sources
}

/// Returns the sources of the library with their paths below `src`; its program is not part of it.
fn library() -> Vec<(String, String)> {
    let sources = sources("hot-reload/src").into_iter().filter_map(|(name, text)| {
        let name = name.strip_prefix("hot-reload/src/")?.to_owned();
        (!name.starts_with("bin/")).then_some((name, text))
    });
    sources.collect()
}

/// Returns the sources of the crate below the library, with their paths below its `src`.
fn pod() -> Vec<(String, String)> {
    let sources = sources("hot-reload/pod/src").into_iter();
    sources.map(|(name, text)| (name.replace("hot-reload/pod/src/", ""), text)).collect()
}

/// Returns the path of a file that pages name: `pod/` stands for the sources of the crate below.
fn source(name: &str) -> PathBuf {
    match name.strip_prefix("pod/") {
        Some(name) => root().join("hot-reload/pod/src").join(name),
        None => root().join("hot-reload/src").join(name),
    }
}

/// Returns the lines of code, without comments and without the tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]" && *line != "mod tests {");
    lines.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The compiler refuses unsafe code, except in the modules that own it; clippy refuses clocks,
/// threads, files and processes in the modules that only calculate.
#[test]
fn lints_hold_what_a_test_cannot_see() {
    let owns_unsafe = ["lib.rs"];
    for (file, text) in library().into_iter().chain(pod()) {
        let allows = text.contains("allow(unsafe_code") || text.contains("expect(unsafe_code");
        assert_eq!(allows, owns_unsafe.contains(&&*file), "{file}");
    }
    let owners: [(&str, &[&str]); 2] = [
        ("lib.rs", &["mod segment", "mod stack_trace"]),
        (
            "pod/lib.rs",
            &["mod buffers", "mod bytes", "mod collections", "mod primitives", "pub unsafe trait"],
        ),
    ];
    for (file, owners) in owners {
        let lib = fs::read_to_string(source(file)).expect(file);
        assert!(lib.contains("#![deny(unsafe_code)]"), "{file}");
        let allowed = lib.split("#[allow(unsafe_code").skip(1);
        let allowed = allowed.map(|rest| rest.lines().nth(1).unwrap_or_default());
        let allowed = allowed.collect::<Vec<_>>();
        assert_eq!(allowed.len(), owners.len(), "{file}: {allowed:?}");
        for (line, owner) in allowed.iter().zip(owners) {
            assert!(line.starts_with(owner), "{file}: {line}");
        }
    }

    let pure = [
        "pod/migrate.rs",
        "supervisor/echoes.rs",
        "supervisor/machine.rs",
        "supervisor/recorder.rs",
    ];
    for file in pure {
        let text = fs::read_to_string(source(file)).expect(file);
        let denies = "deny(clippy::disallowed_methods, clippy::disallowed_types)";
        assert!(text.contains(denies), "{file} does not deny what clippy.toml lists");
    }
}

/// Checks that such code does not print: the reader of standard error may be stuck. See `log.rs`.
#[test]
fn nothing_that_must_stay_awake_prints_by_itself() {
    let prints = ["tracing::", "println!", "eprint!", "stderr().write", "stderr().lock"];
    let of_the_owner = ["/supervisor", "/owner/exchange.rs"];
    // This test writes programs that print.
    let is_test = |name: &str| name.ends_with("/verdicts.rs");
    for (name, text) in sources("hot-reload/src").into_iter().filter(|(name, _)| !is_test(name)) {
        for (number, line) in code(&text) {
            // In one process there is no log to print to.
            if of_the_owner.iter().any(|it| name.contains(it)) && !line.contains("hot-reload: {") {
                let found = prints.iter().find(|print| line.contains(*print));
                assert_eq!(found, None, "{name}:{}: {line}", number + 1);
            }
        }
    }
}

#[test]
fn atomics_of_the_segment_are_named_in_one_file() {
    for (name, text) in sources("hot-reload/src/segment") {
        let named = code(&text).any(|(_, line)| line.contains("std::sync::atomic"));
        assert_eq!(named, name.ends_with("/sync.rs"), "{name}");
    }
}

#[test]
fn code_uses_lower_layers_only() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let layers = Layers::read(&page);
    let sources = library();
    let for_tests = paths::for_tests(&sources);
    let mut wrong = Vec::new();
    for (file, text) in &sources {
        if !paths::is_below(file, &for_tests) {
            wrong.extend(layers.violations(file, text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let lib = fs::read_to_string(root().join("hot-reload/src/lib.rs")).expect("lib.rs");
    for module in layers.modules() {
        assert!(lib.contains(&format!("mod {module};\n")), "{module} is drawn and does not exist");
    }
    println!("{}", layers.table(&sources, &for_tests));
}

#[test]
fn modules_of_a_folder_do_not_use_each_other_in_a_circle() {
    for sources in [library(), pod()] {
        let modules = Modules::read(&sources, &paths::for_tests(&sources));
        assert_eq!(modules.circles(), [""; 0]);
    }
}

#[test]
fn files_are_of_one_thought() {
    for folder in FOLDERS {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{name} has {lines} lines");
            assert!(text.starts_with("//! "), "{name} does not say what it is for");
            for (number, line) in code(&text) {
                let unfinished = ["todo!", "unimplemented!", "dbg!", "FIXME"];
                let found = unfinished.iter().find(|word| line.contains(*word));
                assert_eq!(found, None, "{name}:{}", number + 1);
            }
        }
    }
}

#[test]
fn functions_are_of_one_thought() {
    const MOST: usize = 70;
    let mut long = Vec::new();
    for sources in [library(), pod(), sources("hot-reload/derive/src"), sources("example-app/src")]
    {
        let for_tests = paths::for_tests(&sources);
        for (file, text) in sources.iter().filter(|(file, _)| !paths::is_below(file, &for_tests)) {
            let functions = functions(text).into_iter().filter(|(_, lines)| *lines > MOST);
            long.extend(functions.map(|(name, lines)| format!("{file}: {name} has {lines} lines")));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Returns the names of a file's functions, and their numbers of lines.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines = code(text).collect::<Vec<_>>();
    let begins = lines.iter().enumerate().filter_map(|(at, (number, line))| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        let name = words.by_ref().find(|word| *word == "fn").and_then(|_| words.next())?;
        let is_head = line.trim_start().starts_with("fn ") || line.contains(" fn ");
        // Not a function of one line, nor the declaration of one in a trait.
        let is_head = is_head && !line.ends_with('}') && !line.ends_with(';');
        let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let end = lines[at..].iter().find(|(_, line)| *line == end).filter(|_| is_head)?;
        Some((name.to_owned(), end.0 - number + 1))
    });
    begins.filter(|(name, _)| !name.is_empty()).collect()
}

#[test]
fn the_lines_of_functions_are_counted() {
    let text = "//! Doc.\n\nimpl A {\n    pub(crate) fn one(\n        &self,\n    ) {\n        two();\n    }\n}\n\n\
                fn two() {\n    // fn three() {\n}\n\nconst fn short() -> u32 { 1 }\n}\n\nfn four();\n}\n";
    assert_eq!(functions(text), [("one".to_owned(), 5), ("two".to_owned(), 3)]);
}

#[test]
fn every_file_that_a_page_links_to_exists() {
    let folders = ["docs", "docs/decisions", "benchmarks", "benchmarks/results"];
    let pages = folders.map(|it| fs::read_dir(root().join(it)).expect("a folder"));
    let pages = pages.into_iter().flat_map(|it| it.flatten().map(|it| it.path()));
    let own = ["README.md", "ARCHITECTURE.md"].map(|page| root().join(page));
    let mut links = 0;
    for page in pages.filter(|page| page.extension().is_some_and(|it| it == "md")).chain(own) {
        let text = fs::read_to_string(&page).expect("text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || link.contains("://") || link.contains(char::is_whitespace) {
                continue;
            }
            let target = page.parent().expect("a folder").join(file);
            assert!(target.exists(), "{} links to {link}", page.display());
            links += 1;
        }
    }
    assert!(links > 60, "{links} links");
}

#[test]
fn every_file_that_the_architecture_names_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let src = root().join("hot-reload/src");
    let is_folder = |name: &str| name == "pod" || src.join(name).is_dir();
    let mut named = 0;
    for word in text.split(|c: char| c.is_whitespace() || "`()[],;:".contains(c)) {
        let file = word.trim_end_matches('.');
        if file.ends_with(".rs") {
            assert!(source(file).is_file(), "{file} is not below hot-reload/src");
            named += 1;
        } else if file.ends_with('/') && file.split('/').next().is_some_and(is_folder) {
            assert!(source(file).is_dir(), "{file} is not below hot-reload/src");
        }
    }
    assert!(named > 30, "{named} files are named");
    let mut folders = 0;
    for entry in fs::read_dir(&src).expect("a folder").flatten().filter(|it| it.path().is_dir()) {
        let folder = format!("`{}/`", entry.file_name().to_string_lossy());
        assert!(text.contains(&folder), "{folder} is not on the page");
        folders += 1;
    }
    assert!(folders > 10, "{folders} folders");
}

/// Most of jiff's documentation begins so, and nearly all of smithay's: 7 % and 3 % do not.
#[test]
fn documentation_begins_with_what_an_item_is_or_does() {
    let mut all = 0;
    let mut fragments = Vec::new();
    for (name, text) in FOLDERS.into_iter().flat_map(sources) {
        let documented = docs::documented(&name, &text);
        all += documented.len();
        let begins_badly = documented.into_iter().filter(|item| !item.begins_well());
        fragments
            .extend(begins_badly.map(|item| format!("{name}: {} {}", item.name, item.sentence)));
    }
    println!("{} of {all} documented items begin with a fragment", fragments.len());
    assert!(all > 1000, "{all} documented items");
    assert!(fragments.len() * 20 <= all, "{}", fragments.join("\n"));
}

//! Checks that a reviewer would forget: where unsafe code is allowed, the direction of imports, the
//! length of files.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Returns the lines of code, without comments and without the tests at the end of the file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]" && *line != "mod tests {");
    lines.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn unsafe_code_is_in_segment_and_state_only() {
    for (name, text) in sources("hot-reload/src") {
        let allowed = name.contains("/segment/") || name.contains("/state/");
        for (number, line) in code(&text) {
            let unsafe_code = line.contains("unsafe {") || line.contains("unsafe fn");
            assert!(allowed || !unsafe_code, "{name}:{}: {line}", number + 1);
        }
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
fn imports_run_downwards() {
    let below = [
        ("/state/", vec!["segment", "owner", "renderer", "supervisor", "handshake", "input"]),
        ("/segment/", vec!["owner", "renderer", "supervisor", "handshake", "input", "app"]),
        ("/input/", vec!["segment", "owner", "renderer", "supervisor"]),
        ("/canvas", vec!["segment", "owner", "renderer", "supervisor"]),
        ("/handshake", vec!["owner", "renderer", "supervisor"]),
        ("/renderer", vec!["owner", "supervisor"]),
    ];
    for (name, text) in sources("hot-reload/src") {
        for (place, above) in below.iter().filter(|(place, _)| name.contains(place)) {
            for module in above {
                let used =
                    code(&text).find(|(_, line)| line.contains(&format!("crate::{module}::")));
                assert_eq!(used, None, "{name} in {place} uses {module}");
            }
        }
    }
}

#[test]
fn files_are_of_one_thought() {
    for folder in ["hot-reload/src", "hot-reload/derive/src", "example-app/src", "example-impl/src"]
    {
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
fn every_file_that_a_page_links_to_exists() {
    let mut pages = ["README.md", "ARCHITECTURE.md"].map(|page| root().join(page)).to_vec();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                pages.push(path);
            }
        }
    }
    let mut links = 0;
    for page in pages {
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
    let map = text.split("## Map").nth(1).and_then(|rest| rest.split("\nImports").next());
    let mut named = 0;
    for word in map.expect("a map").split_whitespace().filter(|word| word.ends_with(".rs")) {
        let file = word.trim_end_matches(',');
        let all = sources("hot-reload");
        assert!(all.iter().any(|(name, _)| name.ends_with(&format!("/{file}"))), "{file}");
        named += 1;
    }
    assert!(named > 30, "{named} files are named");
}

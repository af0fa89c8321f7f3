//! What the compiler has read, by the rules for make that it leaves beside what it makes.

use std::path::{Path, PathBuf};

/// Everything that was compiled, by a file of such rules; paths may be relative to where the compiler
/// was called.
pub(super) fn sources(rules: &Path) -> Vec<PathBuf> {
    // One path that is no text does not hide the others.
    sources_of(&String::from_utf8_lossy(&std::fs::read(rules).unwrap_or_default()))
}

pub(super) fn sources_of(rules: &str) -> Vec<PathBuf> {
    // A comment tells of environment variables, whose values are anything.
    let rules = rules.lines().filter(|line| !line.starts_with('#'));
    rules.filter_map(|rule| rule.split_once(": ")).flat_map(|(_, it)| paths(it)).collect()
}

/// Paths of a make rule: separated by spaces, with a backslash before a space that is part of one. Any
/// other backslash is itself, as the compiler writes it.
fn paths(rule: &str) -> Vec<PathBuf> {
    let (mut paths, mut path) = (Vec::new(), String::new());
    for piece in rule.split(' ') {
        match piece.strip_suffix('\\') {
            Some(piece) => {
                path.push_str(piece);
                path.push(' ');
            }
            None => {
                path.push_str(piece);
                paths.push(std::mem::take(&mut path));
            }
        }
    }
    paths.push(path);
    paths.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_spaces_are_one_path() {
        let expected = ["/a/my project/lib.rs", "/b.rs"].map(PathBuf::from);
        assert_eq!(paths("/a/my\\ project/lib.rs /b.rs"), expected);
    }
    #[test]
    fn a_backslash_is_itself_but_before_a_space() {
        for (rule, expected) in [
            (r"C:\a\\b.rs \\server\c.rs", &[r"C:\a\\b.rs", r"\\server\c.rs"][..]),
            (r"ends\\ so.rs", &[r"ends\ so.rs"]),
        ] {
            assert_eq!(paths(rule), expected.iter().map(PathBuf::from).collect::<Vec<_>>());
        }
    }

    #[test]
    fn comments_are_no_rules() {
        let rules = "a: x.rs\n\nx.rs:\n\n# env-dep:TITLE=one: two three\n# b: y.rs\n";
        assert_eq!(sources_of(rules), [PathBuf::from("x.rs")]);
    }

    #[test]
    fn a_path_that_is_no_text_does_not_hide_the_others() {
        let name = format!("hot-reload-dep-info-{}.d", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, b"a: x.rs caf\xe9.rs y.rs\n").unwrap();
        let found = sources(&file);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!((&found[0], &found[2]), (&PathBuf::from("x.rs"), &PathBuf::from("y.rs")));
    }
}

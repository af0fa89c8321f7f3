//! The files that the compiler has read, according to the make rules that it leaves beside its
//! output.

use std::path::{Path, PathBuf};

/// Returns the sources named by a file of such rules. Paths may be relative to the compiler's
/// working folder.
pub(super) fn sources(rules: &Path) -> Vec<PathBuf> {
    // One path that is not UTF-8 must not hide the others.
    sources_of(&String::from_utf8_lossy(&std::fs::read(rules).unwrap_or_default()))
}

pub(super) fn sources_of(rules: &str) -> Vec<PathBuf> {
    // Comments contain environment variables, whose values can be anything.
    let rules = rules.lines().filter(|line| !line.starts_with('#'));
    rules.filter_map(|rule| rule.split_once(": ")).flat_map(|(_, it)| paths(it)).collect()
}

/// Returns the paths of a make rule. They are separated by spaces; a space within a path is
/// preceded by a backslash. Any other backslash stands for itself, as the compiler writes it.
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

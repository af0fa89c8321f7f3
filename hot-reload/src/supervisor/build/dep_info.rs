//! What the compiler has read, by the rules for make that it leaves beside what it makes.

use std::path::{Path, PathBuf};

/// Everything that was compiled, by a file of such rules; paths may be relative to where the compiler
/// was called.
pub(super) fn sources(rules: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(rules).unwrap_or_default();
    text.lines()
        .flat_map(|line| line.split_once(": ").into_iter().flat_map(|(_, it)| paths(it)))
        .collect()
}

/// Paths of a make rule: separated by spaces, with a backslash before a space that is part of one.
fn paths(rule: &str) -> Vec<PathBuf> {
    let (mut paths, mut path, mut escaped) = (Vec::new(), String::new(), false);
    for character in rule.chars() {
        match character {
            ' ' if escaped => path.push(' '),
            ' ' => paths.push(std::mem::take(&mut path)),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            other => {
                if escaped {
                    path.push('\\');
                }
                path.push(other);
            }
        }
        escaped = false;
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
}

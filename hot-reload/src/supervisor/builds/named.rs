//! Finds paths in the messages of compilers, build scripts and cargo.
//!
//! A message that names a nonexistent path usually tells why the build failed. The paths are
//! guesses: a wrong one costs a folder that is watched until the next build.

use anstream::adapter::strip_str;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Limit on the paths taken from one message.
const MOST: usize = 64;
/// Limit on the bytes of a path; most systems have the same limit.
const LONGEST: usize = 4096;

/// Returns the paths in a message that do not exist, each joined to every folder that it may be
/// relative to. A path that the message itself reports as not found is returned even if it exists
/// by now.
pub(super) fn missing(message: &str, bases: &[&Path]) -> BTreeSet<PathBuf> {
    // The compiler's messages are coloured.
    let text = strip_str(message).to_string();
    let mut missing = BTreeSet::new();
    for line in text.lines() {
        // "No such file or directory" and "path not found", in the system's own language.
        let certain = line.contains("(os error 2)") || line.contains("(os error 3)");
        for path in words(line) {
            let joined = bases.iter().map(|base| base.join(path));
            missing.extend(joined.filter(|path| certain || !path.exists()));
            if missing.len() >= MOST {
                return missing;
            }
        }
    }
    missing
}

/// Returns the words of a line that look like paths: quoted text, and words with a separator.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let quoted =
        ['`', '"', '\''].into_iter().flat_map(|quote| line.split(quote).skip(1).step_by(2));
    let quoted = quoted.filter(|word| word.contains(['/', '\\', '.']));
    let bare = line.split_whitespace().filter(|word| word.contains(['/', '\\']));
    let around = ['`', '"', '\'', ',', ':', ';', '(', ')', '[', ']', '{', '}'];
    // A position in a file is given by line and column after its name.
    let place = |letter: char| letter == ':' || letter.is_ascii_digit();
    let bare = bare.map(move |word| match word.trim_matches(around).trim_end_matches('.') {
        word if word.contains(':') => word.trim_end_matches(place),
        word => word,
    });
    let is_path = |word: &&str| {
        let names = word.chars().any(char::is_alphanumeric);
        names && word.len() <= LONGEST && !word.contains("://") && !word.contains('\0')
    };
    quoted.chain(bare).filter(is_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_the_messages_of_compilers_scripts_and_cargo() {
        let table = [
            ("couldn't read `renderer/src/../../assets/word.txt`: No such file (os error 2)", {
                "/w/renderer/src/../../assets/word.txt"
            }),
            ("\u{1b}[1merror\u{1b}[m: create file \"src/word.rs\" or", "/w/src/word.rs"),
            ("failed to read `/x/extra/Cargo.toml`", "/x/extra/Cargo.toml"),
            (
                "thread panicked: cannot open ../shaders/main.wgsl: No such",
                "/w/../shaders/main.wgsl",
            ),
            ("called `Result::unwrap()` on Err(\"/a b/c.txt\")", "/a b/c.txt"),
        ];
        for (message, expected) in table {
            let found = missing(message, &[Path::new("/w")]);
            assert!(found.contains(Path::new(expected)), "{message}: {found:?}");
        }
        let place = missing("--> src/lib.rs:12:5", &[Path::new("/w")]);
        assert_eq!(place, [PathBuf::from("/w/src/lib.rs")].into());
        let links = missing("see https://doc.rust-lang.org/error", &[Path::new("/w")]);
        assert!(links.is_empty(), "{links:?}");
        let both = missing("`a.txt`", &[Path::new("/w"), Path::new("/v")]);
        assert_eq!(both, ["/v/a.txt", "/w/a.txt"].map(PathBuf::from).into());
        let this = std::env::current_exe().unwrap();
        let said = |what: &str| missing(&format!("`{}`: {what}", this.display()), &[&this]);
        assert!(said("denied (os error 13)").is_empty(), "it exists");
        assert_eq!(said("No such file (os error 2)"), [this.clone()].into(), "it did not exist");
        assert!(missing(&"a/b ".repeat(9999), &[Path::new("/w")]).len() <= 2 * MOST);
    }
}

//! Pages of the documentation as texts for rustdoc.

use std::path::Path;

/// Pages that are modules of `hot_reload::guide`; hyphens become underscores.
const PAGES: [&str; 15] = [
    "tutorial",
    "examples",
    "porting",
    "state",
    "assets",
    "modes",
    "window-libraries",
    "terminal",
    "text-programs",
    "modules",
    "other-builds",
    "builds",
    "fast-builds",
    "failures",
    "debugging",
];

/// Reads a page beside the folder of the crate that is being compiled.
///
/// # Errors
/// Names the file that cannot be read, and why.
pub(crate) fn page(name: &str) -> Result<String, String> {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&package).join("../docs");
    if !folder.exists() {
        // A package from a registry contains only its own folder.
        return Ok(format!("This page is `docs/{name}.md` in the library's repository."));
    }
    let path = folder.join(format!("{name}.md"));
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    Ok(for_rustdoc(&text))
}

/// Turns links to other pages into links to their modules. Leaves out images, and links to files
/// that rustdoc does not know. Code without a language is not Rust.
fn for_rustdoc(text: &str) -> String {
    const FENCE: &str = "```";
    let mut out = String::new();
    for (number, part) in text.split(FENCE).enumerate() {
        let is_code = number % 2 == 1;
        if number > 0 {
            out.push_str(FENCE);
        }
        match is_code {
            true => {
                out.push_str(if part.starts_with('\n') { "text" } else { "" });
                out.push_str(part);
            }
            false => out.push_str(&with_links(part)),
        }
    }
    out
}

fn with_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        let Some((label, target, after)) = link(from) else {
            out.push_str(before);
            out.push('[');
            rest = &from[1..];
            continue;
        };
        match before.strip_suffix('!') {
            Some(before) => out.push_str(before),
            None => {
                out.push_str(before);
                match module(target) {
                    Some(target) => out.push_str(&format!("[{label}]({target})")),
                    None => out.push_str(label),
                }
            }
        }
        rest = after;
    }
    out + rest
}

/// Splits a text that begins with a link into its label, its target, and the rest.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once(']')?;
    let (target, rest) = rest.strip_prefix('(')?.split_once(')')?;
    (!label.contains('[') && !target.contains(char::is_whitespace)).then_some((label, target, rest))
}

/// Returns a link's target in rustdoc; `None` if there is none.
fn module(target: &str) -> Option<String> {
    if target.starts_with("http") || target.starts_with('#') {
        return Some(target.to_owned());
    }
    if target == "../README.md" {
        return Some("crate".to_owned());
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let page = file.strip_suffix(".md").filter(|page| PAGES.contains(page))?;
    let heading = if heading.is_empty() { String::new() } else { format!("#{heading}") };
    Some(format!("crate::guide::{}{heading}", page.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_modules_or_are_left_out() {
        let table = [
            ("see [State](state.md).", "see [State](crate::guide::state)."),
            ("[a\nb](fast-builds.md#top) c", "[a\nb](crate::guide::fast_builds#top) c"),
            ("[x](https://a.b/c) [y](#z)", "[x](https://a.b/c) [y](#z)"),
            ("[home](../README.md)", "[home](crate)"),
            ("in [`world.rs`](../examples/world.rs)!", "in `world.rs`!"),
            ("![a picture](window.png)\nand", "\nand"),
            (
                "```\n[a](state.md)\n```\n[b](state.md)",
                "```text\n[a](state.md)\n```\n[b](crate::guide::state)",
            ),
            ("```sh\nls\n```", "```sh\nls\n```"),
            ("`list[0]` and [u8; 4] (four)", "`list[0]` and [u8; 4] (four)"),
        ];
        for (before, after) in table {
            assert_eq!(for_rustdoc(before), after);
        }
    }
}

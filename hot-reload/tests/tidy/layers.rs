//! The layers of the library, as drawn in `ARCHITECTURE.md`, and the paths of its code that break
//! them.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeMap;

/// The layers, from the top to the bottom: a module may use those of lower layers only.
pub(crate) struct Layers(BTreeMap<String, usize>);

impl Layers {
    /// Reads the block `text layers` of a page: a layer on each line.
    pub(crate) fn read(page: &str) -> Self {
        let block = page.split("```text layers\n").nth(1).expect("a block `text layers`");
        let block = block.split("```").next().expect("its end");
        let mut layers = BTreeMap::new();
        for (depth, line) in block.lines().enumerate() {
            for module in line.split_whitespace() {
                let twice = layers.insert(module.to_owned(), depth);
                assert_eq!(twice, None, "{module} is drawn twice");
            }
        }
        Layers(layers)
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the table of layers: for each module those that it uses, with the number of places.
    pub(crate) fn table(&self, sources: &[(String, String)], except: &[Vec<String>]) -> String {
        let mut used = BTreeMap::<String, BTreeMap<String, usize>>::new();
        for (file, text) in sources.iter().filter(|(file, _)| !is_below(file, except)) {
            let top = module_of(file).swap_remove(0);
            for path in uses(file, text).into_iter().filter(|path| path[0] != top) {
                *used.entry(top.clone()).or_default().entry(path[0].clone()).or_default() += 1;
            }
        }
        let mut modules = self.modules().collect::<Vec<_>>();
        modules.sort_by_key(|module| self.depth(module));
        let lines = modules.into_iter().map(|module| {
            let used = used.get(module).into_iter().flatten();
            let used = used.map(|(name, places)| format!("{name} {places}")).collect::<Vec<_>>();
            format!("{module:>12} -> {}\n", used.join(", "))
        });
        lines.collect()
    }

    fn depth(&self, module: &str) -> Option<usize> {
        self.0.get(module).copied()
    }

    /// Returns what is wrong with the paths of a file: those that lead upwards, to a module of the
    /// same layer, or to the root, whose re-exports hide where a name is defined.
    ///
    /// `file` is its path below `src`. Modules for tests may use everything.
    pub(crate) fn violations(&self, file: &str, text: &str) -> Vec<String> {
        let module = module_of(file);
        let Some(top) = module.first().filter(|top| *top != "lib") else { return Vec::new() };
        let depth = self.depth(top).unwrap_or_else(|| panic!("{top} is in no layer"));
        let uses = uses(file, text).into_iter();
        let wrong = uses.filter_map(|path| {
            let target = path.first().map_or("", String::as_str);
            let shown = format!("crate::{}", path.join("::"));
            match self.depth(target) {
                None => Some(format!("{file} uses {shown}: name the module that defines it")),
                Some(_) if target == top => None,
                Some(below) if below > depth => None,
                Some(_) => Some(format!("{file} uses {shown}, which is not in a lower layer")),
            }
        });
        wrong.collect()
    }
}

/// Returns the modules that are compiled for tests only.
pub(crate) fn for_tests(sources: &[(String, String)]) -> Vec<Vec<String>> {
    let declared = sources.iter().flat_map(|(file, text)| {
        let mut module = module_of(file);
        module.retain(|part| part != "lib");
        let items = parse(file, text).items.into_iter().filter(is_for_tests);
        items.filter_map(move |item| match item {
            syn::Item::Mod(syn::ItemMod { ident, content: None, .. }) => {
                Some([&module[..], &[ident.to_string()]].concat())
            }
            _ => None,
        })
    });
    declared.collect()
}

/// Returns true if a file belongs to one of these modules.
pub(crate) fn is_below(file: &str, modules: &[Vec<String>]) -> bool {
    let module = module_of(file);
    modules.iter().any(|above| module.starts_with(above))
}

fn parse(file: &str, text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the path of a file's module: `owner/call.rs` is `owner::call`.
fn module_of(file: &str) -> Vec<String> {
    let file = file.trim_end_matches(".rs").trim_end_matches("/mod");
    file.split('/').map(str::to_owned).collect()
}

/// Returns all paths below the root that a file's code mentions, in `use` items, expressions, types
/// and macros, each without `crate`.
fn uses(file: &str, text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    items(&module_of(file), parse(file, text).items, &mut found);
    found
}

fn items(module: &[String], items: Vec<syn::Item>, found: &mut Vec<Vec<String>>) {
    for item in items {
        if is_for_tests(&item) {
            continue;
        }
        match item {
            syn::Item::Mod(syn::ItemMod { ident, content: Some((_, inner)), .. }) => {
                let inside = [module, &[ident.to_string()]].concat();
                self::items(&inside, inner, found);
            }
            other => {
                let paths = paths(other.to_token_stream());
                found.extend(paths.into_iter().filter_map(|path| absolute(module, path)));
            }
        }
    }
}

/// Returns true if an item is compiled for tests only.
fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let words = attribute.meta.to_token_stream().to_string().replace(' ', "");
        words == "cfg(test)" || words.contains("any(test,fuzzing)")
    })
}

/// Returns a path from the root without `crate`; `None` for paths of other crates.
fn absolute(module: &[String], path: Vec<String>) -> Option<Vec<String>> {
    let start = path.first()?.as_str();
    let (base, rest) = match start {
        // The crate is also known to itself by its name, for the derive's output.
        "crate" | "hot_reload" => (&module[..0], &path[1..]),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            (&module[..module.len().checked_sub(up)?], &path[up..])
        }
        _ => return None,
    };
    let path = [base, rest].concat();
    (!path.is_empty()).then_some(path)
}

/// Returns the paths in tokens that begin with `crate`, `super` or the crate's name; groups are
/// expanded.
fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(ident) if is_start(ident) && !follows_colons(&tokens, at) => {
                at = path(Vec::new(), &tokens, at, &mut found);
            }
            TokenTree::Group(group) => {
                found.extend(paths(group.stream()));
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn is_start(ident: &Ident) -> bool {
    ident == "crate" || ident == "super" || ident == "hot_reload"
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

fn follows_colons(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_colons(tokens, at - 2)
}

/// Follows a path and returns where it ends.
fn path(
    mut begun: Vec<String>,
    tokens: &[TokenTree],
    mut at: usize,
    found: &mut Vec<Vec<String>>,
) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => begun.push(ident.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner = group.stream().into_iter().collect::<Vec<_>>();
                for part in
                    inner.split(|it| matches!(it, TokenTree::Punct(it) if it.as_char() == ','))
                {
                    if !part.is_empty() {
                        path(begun.clone(), part, 0, found);
                    }
                }
                return at + 1;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => begun.push("*".to_owned()),
            // `pub(crate)` and `self` at the end of a group.
            _ => {
                found.push(begun);
                return at;
            }
        }
        at += 1;
        if !is_colons(tokens, at) {
            // `crate` alone is a visibility.
            if begun.len() > 1 {
                begun.retain(|part| part != "self");
                found.push(begun);
            }
            return at;
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "```text layers\nowner\noverlay renderer supervisor\nhandshake\nsegment\n\
        canvas\nstate\n```";

    /// Faults of which an earlier guard found the first only.
    #[test]
    fn planted_faults_are_found() {
        let layers = Layers::read(PAGE);
        #[rustfmt::skip]
        let table = [
            ("state/bytes.rs", "use crate::owner::Picture;", 1),
            ("state/bytes.rs", "use crate::{Owner, Renderer};", 2),
            ("segment/ring.rs", "use crate::{owner::Picture, state::Image};", 1),
            ("supervisor/machine.rs", "use crate::owner::Owner;", 1),
            ("supervisor/monitor.rs", "fn f(_: &crate::renderer::Frame, _: crate::overlay::Panel) {}", 2),
            ("overlay/panel.rs", "use crate::supervisor::Plan as Layout;", 1),
            ("state/snapshot.rs", "#[cfg(test)]\nmod tests;\n\nuse crate::owner::Picture;", 1),
            ("state/migrate.rs", "mod inner { use crate::{canvas::{self, Canvas}}; }", 2),
            ("state/mod.rs", "pub(crate) use crate::renderer::Frame as Picture;", 1),
            ("state/values.rs", "use super::super::owner::Picture;", 1),
            ("segment.rs", "use super::owner;", 1),
            ("handshake/body.rs", "use crate::*;", 1),
            ("handshake/body.rs", "fn f() { println!(\"{}\", crate::renderer::LIMIT); }", 1),
            ("canvas.rs", "fn f() -> hot_reload::Result<()> { Ok(()) }", 1),
            ("canvas.rs", "macro_rules! m { () => { $crate::segment::MAX } }", 1),
            ("renderer/turns.rs", "impl crate::supervisor::Signs { fn f() {} }", 1),
        ];
        for (file, code, faults) in table {
            let found = layers.violations(file, code);
            assert_eq!(found.len(), faults, "{file}: {code}\n{found:?}");
        }
    }

    #[test]
    fn what_is_allowed_is_not_told() {
        let layers = Layers::read(PAGE);
        #[rustfmt::skip]
        let table = [
            ("owner/call.rs", "use super::Owner; use crate::{segment::{self, Ring}, state::Image};"),
            ("owner.rs", "mod inner { pub(crate) fn f(_: super::Owner) {} } pub(in crate::owner) fn g() {}"),
            ("state/bytes.rs", "use serde::de; use std::fmt; use super::layout::Layout; pub(super) fn f() {}"),
            ("state/bytes.rs", "#[cfg(test)] mod tests { use crate::owner::Picture; }"),
            ("lib.rs", "pub use owner::Owner;"),
        ];
        for (file, code) in table {
            assert_eq!(layers.violations(file, code), [""; 0], "{file}: {code}");
        }
    }
}

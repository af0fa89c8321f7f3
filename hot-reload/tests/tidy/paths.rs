//! The paths that code mentions.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;

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

pub(crate) fn parse(file: &str, text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the path of a file's module: `owner/call.rs` is `owner::call`.
pub(crate) fn module_of(file: &str) -> Vec<String> {
    let file = file.trim_end_matches(".rs").trim_end_matches("/mod");
    file.split('/').map(str::to_owned).collect()
}

/// Returns all paths below the root that a file's code mentions, in `use` items, expressions, types
/// and macros, each without `crate`.
pub(crate) fn uses(file: &str, text: &str) -> Vec<Vec<String>> {
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
pub(crate) fn is_for_tests(item: &syn::Item) -> bool {
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
pub(crate) fn absolute(module: &[String], path: Vec<String>) -> Option<Vec<String>> {
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

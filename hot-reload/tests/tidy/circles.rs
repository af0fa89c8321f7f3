//! Circles between the modules of one folder: a module that uses another, which uses it in turn.
//!
//! A module and its own parts may use each other. Names that a folder re-exports count as used in
//! the module that defines them.

use crate::paths::{absolute, is_below, is_for_tests, module_of, parse, uses};
use std::collections::{BTreeMap, BTreeSet};

type Path = Vec<String>;

/// The modules of a crate, and what is known of them.
pub(crate) struct Modules {
    /// Names that a module takes from elsewhere, with the paths that they stand for.
    names: BTreeMap<Path, BTreeMap<String, Path>>,
    /// Modules of one folder that a module uses: folder, user, used.
    edges: BTreeSet<(Path, String, String)>,
}

impl Modules {
    /// Reads the sources, except those of some modules.
    pub(crate) fn read(sources: &[(String, String)], except: &[Path]) -> Self {
        let sources = sources.iter().filter(|(file, _)| !is_below(file, except));
        let sources = sources.map(|(file, text)| (file, text, path_of(file))).collect::<Vec<_>>();
        let all = sources.iter().map(|(.., path)| path.clone()).collect::<BTreeSet<_>>();
        let names = sources
            .iter()
            .map(|(file, text, path)| (path.clone(), names(path, &parse(file, text), &all)));
        let mut modules = Modules { names: names.collect(), edges: BTreeSet::new() };
        for (file, text, user) in &sources {
            for path in uses(file, text) {
                let used = modules.defined_in(path);
                let shared = user.iter().zip(&used).take_while(|(one, other)| one == other).count();
                if let (Some(user_part), Some(used_part)) = (user.get(shared), used.get(shared)) {
                    let folder = user[..shared].to_vec();
                    modules.edges.insert((folder, user_part.clone(), used_part.clone()));
                }
            }
        }
        modules
    }

    /// Returns the module that defines what a path names.
    fn defined_in(&self, mut path: Path) -> Path {
        // Limited, because a name can be re-exported in a circle.
        for _ in 0..8 {
            let len = (0..=path.len()).rev().find(|len| self.names.contains_key(&path[..*len]));
            let len = len.unwrap_or(0);
            let module = &path[..len];
            let name = path.get(len);
            let stands_for = name.and_then(|name| self.names.get(module)?.get(name));
            match stands_for {
                Some(other) => path = [&other[..], &path[len + 1..]].concat(),
                None => return module.to_vec(),
            }
        }
        path
    }

    /// Returns a circle of each folder that has one, as `folder: one -> other -> one`.
    pub(crate) fn circles(&self) -> Vec<String> {
        let mut folders = BTreeMap::<&Path, BTreeMap<&str, BTreeSet<&str>>>::new();
        for (folder, user, used) in &self.edges {
            folders.entry(folder).or_default().entry(user).or_default().insert(used);
        }
        let circles = folders.into_iter().filter_map(|(folder, uses)| {
            let circle = circle(&uses)?;
            Some(format!("{}: {}", folder.join("/"), circle.join(" -> ")))
        });
        circles.collect()
    }
}

/// Returns the path of a file's module; that of `lib.rs` is empty.
fn path_of(file: &str) -> Path {
    module_of(file).into_iter().filter(|part| part != "lib").collect()
}

/// Returns the names that a module takes from elsewhere.
fn names(module: &[String], file: &syn::File, all: &BTreeSet<Path>) -> BTreeMap<String, Path> {
    let mut names = BTreeMap::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item
            && !is_for_tests(&syn::Item::Use(item.clone()))
        {
            tree(module, Vec::new(), &item.tree, all, &mut names);
        }
    }
    names
}

fn tree(
    module: &[String],
    mut begun: Path,
    part: &syn::UseTree,
    all: &BTreeSet<Path>,
    names: &mut BTreeMap<String, Path>,
) {
    match part {
        syn::UseTree::Path(path) => {
            begun.push(path.ident.to_string());
            tree(module, begun, &path.tree, all, names);
        }
        syn::UseTree::Group(group) => {
            group.items.iter().for_each(|part| tree(module, begun.clone(), part, all, names));
        }
        syn::UseTree::Name(name) => {
            begun.push(name.ident.to_string());
            insert(module, name.ident.to_string(), begun, all, names);
        }
        syn::UseTree::Rename(name) => {
            begun.push(name.ident.to_string());
            insert(module, name.rename.to_string(), begun, all, names);
        }
        syn::UseTree::Glob(_) => {}
    }
}

/// Remembers a name, if it is one of this crate.
fn insert(
    module: &[String],
    name: String,
    path: Path,
    all: &BTreeSet<Path>,
    names: &mut BTreeMap<String, Path>,
) {
    let child = all.contains(&[module, &path[..1]].concat());
    let of_child = child.then(|| [module, &path[..]].concat());
    if let Some(path) = of_child.or_else(|| absolute(module, path)) {
        names.insert(name, path);
    }
}

/// Returns the modules of a circle, the first one also at the end.
fn circle<'m>(uses: &BTreeMap<&'m str, BTreeSet<&'m str>>) -> Option<Vec<&'m str>> {
    let mut left = uses.clone();
    // A module that uses none of those left is in no circle.
    loop {
        let users = left.keys().copied().collect::<BTreeSet<_>>();
        left.values_mut().for_each(|used| used.retain(|module| users.contains(module)));
        let before = left.len();
        left.retain(|_, used| !used.is_empty());
        if left.len() == before {
            break;
        }
    }
    let mut walk = vec![*left.keys().next()?];
    loop {
        let next = *left.get(walk.last()?)?.first()?;
        if let Some(start) = walk.iter().position(|module| *module == next) {
            walk.push(next);
            return Some(walk.split_off(start));
        }
        walk.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        Modules::read(&sources.collect::<Vec<_>>(), &[]).circles()
    }

    #[test]
    fn circles_between_the_modules_of_a_folder_are_found() {
        let parent = ("a.rs", "mod b; mod c; mod d; pub(crate) use c::Thing; pub struct Whole;");
        #[rustfmt::skip]
        let table: [(&[_], &str); 7] = [
            (&[parent, ("a/b.rs", "use super::c::Thing;"), ("a/c.rs", "use super::b::f;")], "a: b -> c -> b"),
            (&[parent, ("a/b.rs", "use super::Thing;"), ("a/c.rs", "use crate::a::b::f;")], "a: b -> c -> b"),
            (&[parent, ("a/b.rs", "use crate::a::{Thing as Other};"), ("a/c.rs", "fn f() { super::b::f() }")], "a: b -> c -> b"),
            (
                &[parent, ("a/b.rs", "use super::c;"), ("a/c.rs", "use super::d;"), ("a/d.rs", "use super::b;")],
                "a: b -> c -> d -> b",
            ),
            (
                &[parent, ("a/b.rs", "mod x;"), ("a/b/x.rs", "use super::super::c;"), ("a/c.rs", "use super::b;")],
                "a: b -> c -> b",
            ),
            (&[("lib.rs", "mod a; mod e; pub use e::Name;"), ("a.rs", "use crate::Name;"), ("e.rs", "use crate::a;")], ": a -> e -> a"),
            (&[("lib.rs", "mod a; mod e;"), ("a.rs", "use crate::e;"), ("e.rs", "mod i; pub use i::f;"), ("e/i.rs", "use crate::a;")], ": a -> e -> a"),
        ];
        for (files, circle) in table {
            assert_eq!(circles(files), [circle], "{files:?}");
        }
    }

    #[test]
    fn a_module_and_its_own_parts_may_use_each_other() {
        let files = [
            ("a.rs", "mod b; mod c; use b::f; use c::Thing; pub struct Whole;"),
            ("a/b.rs", "use super::{Whole, c::Thing};"),
            ("a/c.rs", "use super::Whole; #[cfg(test)] mod tests { use super::super::b; }"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }
}

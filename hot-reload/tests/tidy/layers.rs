//! The layers of the library, as drawn in `ARCHITECTURE.md`, and the paths of its code that break
//! them.

use crate::paths::{is_below, module_of, uses};
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

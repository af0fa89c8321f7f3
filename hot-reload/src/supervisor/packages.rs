//! The packages whose sources may be edited: the renderer's own and its local dependencies.

use crate::supervisor::paths::canonical;
use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId, TargetKind};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// A package whose sources may be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalPackage {
    pub(super) id: PackageId,
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) has_build_script: bool,
    /// True for a procedural macro, which may read any file of the packages that use it.
    pub(super) is_macro: bool,
    /// Folders of its local dependencies, including build dependencies.
    pub(super) dependencies: BTreeSet<PathBuf>,
    /// Folders of its local build dependencies.
    pub(super) build_dependencies: BTreeSet<PathBuf>,
}

/// Returns the package and its local dependencies.
///
/// Dev-dependencies are skipped here, and dependencies for other platforms by `cargo metadata`.
pub(super) fn local_packages(metadata: &Metadata, renderer: &Package) -> Vec<LocalPackage> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let needs = nodes.map(|node| (&node.id, &node.deps)).collect::<HashMap<_, _>>();
    let needs_of = |id: &PackageId, wanted: &dyn Fn(DependencyKind) -> bool| {
        let all = needs.get(id).into_iter().copied().flatten();
        let of_kind = |dependency: &&NodeDep| {
            dependency.dep_kinds.iter().any(|dependency| wanted(dependency.kind))
        };
        all.filter(of_kind).map(|dependency| &dependency.pkg).collect::<Vec<_>>()
    };
    let built = |kind| kind != DependencyKind::Development;
    let (mut reached, mut open) = (BTreeSet::from([&renderer.id]), vec![&renderer.id]);
    while let Some(id) = open.pop() {
        for dependency in needs_of(id, &built) {
            if let Some((id, _)) = needs.get_key_value(dependency)
                && reached.insert(id)
            {
                open.push(id);
            }
        }
    }
    let packages = metadata.packages.iter();
    let packages = packages.filter(|it| it.source.is_none() && reached.contains(&it.id));
    let folder = |package: &Package| Some(canonical(package.manifest_path.parent()?.as_std_path()));
    let folders = packages.clone().filter_map(|package| Some((&package.id, folder(package)?)));
    let folders = folders.collect::<HashMap<_, _>>();
    let folders_of = |ids: Vec<&PackageId>| {
        ids.into_iter().filter_map(|id| folders.get(id).cloned()).collect::<BTreeSet<_>>()
    };
    let local = packages.filter_map(|package| {
        let has = |wanted: TargetKind| package.targets.iter().any(|it| it.kind.contains(&wanted));
        Some(LocalPackage {
            id: package.id.clone(),
            name: package.name.to_string(),
            folder: folders.get(&package.id)?.clone(),
            has_build_script: has(TargetKind::CustomBuild),
            is_macro: has(TargetKind::ProcMacro),
            dependencies: folders_of(needs_of(&package.id, &built)),
            build_dependencies: folders_of(needs_of(&package.id, &|kind| {
                kind == DependencyKind::Build
            })),
        })
    });
    local.collect()
}

//! The workspace from the point of view of each part of an application.

use super::packages::LocalPackage;
use super::workspace::Workspace;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// The workspace as each part of the application sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Workspaces {
    pub(super) own: Workspace,
    /// Workspace of each module, or the reason why the module cannot be built.
    pub(super) modules: Vec<Result<Workspace, String>>,
    /// Manifests of all packages, one of which may be at fault if a module's package is missing.
    pub(super) suspects: Vec<PathBuf>,
}

impl Workspaces {
    /// Creates the description. `suspects` is called only if a module cannot be built.
    pub(super) fn new(
        own: Workspace,
        mut modules: Vec<Result<Workspace, String>>,
        suspects: impl FnOnce() -> Vec<PathBuf>,
    ) -> Self {
        refuse_same_names(&own, &mut modules);
        let wrong = modules.iter().any(Result::is_err);
        Workspaces { own, modules, suspects: if wrong { suspects() } else { Vec::new() } }
    }

    /// Returns the parts that can be built.
    pub(super) fn known(&self) -> Vec<&Workspace> {
        std::iter::once(&self.own).chain(self.modules.iter().flatten()).collect()
    }

    /// Returns the packages of all parts, each once.
    pub(super) fn packages(&self) -> impl Iterator<Item = &LocalPackage> {
        let mut seen = BTreeSet::new();
        let packages = self.known().into_iter().flat_map(|workspace| &workspace.packages);
        packages.filter(move |package| seen.insert(&package.folder))
    }

    /// Returns the only part that these files belong to; `None` if there are several, or if that is
    /// unknown.
    pub(super) fn only_part_with(&self, files: &BTreeSet<PathBuf>) -> Option<&Workspace> {
        let of_part =
            |workspace: &&Workspace| files.iter().any(|file| workspace.owner_of(file).is_some());
        let mut parts = self.known().into_iter().filter(of_part);
        let only = parts.next().filter(|_| parts.next().is_none())?;
        files.iter().all(|file| only.owner_of(file).is_some()).then_some(only)
    }
}

/// Rejects modules whose program has the name of another: both would be the same file.
fn refuse_same_names(own: &Workspace, modules: &mut [Result<Workspace, String>]) {
    let mut names = HashMap::from([(own.binary.clone(), own.package.clone())]);
    for module in modules {
        let Ok(workspace) = module else { continue };
        let Workspace { binary, package, .. } = workspace;
        match names.get(binary) {
            Some(other) => {
                *module = Err(format!(
                    "the programs of the packages `{other}` and `{package}` are both called \
                     `{binary}`; rename one (`name` in `[[bin]]`)"
                ));
            }
            None => _ = names.insert(binary.clone(), package.clone()),
        }
    }
}

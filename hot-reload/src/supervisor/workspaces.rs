//! The workspace as several parts of an application see it.

use super::build::Built;
use super::packages::LocalPackage;
use super::workspace::Workspace;
use crate::status::BuiltBy;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// The workspace as it is for each part of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Workspaces {
    pub(super) own: Workspace,
    /// For each module; or why it cannot be built.
    pub(super) modules: Vec<Result<Workspace, String>>,
    /// Where the mistake may be when there is no package for a module: the manifests of all packages.
    pub(super) suspects: Vec<PathBuf>,
}

impl Workspaces {
    /// `suspects` are asked for when there is something wrong with a module.
    pub(super) fn new(
        own: Workspace,
        mut modules: Vec<Result<Workspace, String>>,
        suspects: impl FnOnce() -> Vec<PathBuf>,
    ) -> Self {
        refuse_same_names(&own, &mut modules);
        let wrong = modules.iter().any(Result::is_err);
        Workspaces { own, modules, suspects: if wrong { suspects() } else { Vec::new() } }
    }

    /// Those of the parts that can be built.
    pub(super) fn known(&self) -> Vec<&Workspace> {
        std::iter::once(&self.own).chain(self.modules.iter().flatten()).collect()
    }

    /// Those parts of which a build by cargo, for each in turn, was good.
    pub(super) fn built(&self, built: &[Built]) -> Vec<&Workspace> {
        let parts =
            std::iter::once(Some(&self.own)).chain(self.modules.iter().map(|it| it.as_ref().ok()));
        let good = parts.zip(built).filter(|(_, built)| match built {
            Built::Program(program) => program.builder == BuiltBy::Cargo,
            _ => false,
        });
        good.filter_map(|(part, _)| part).collect()
    }

    /// All packages of all parts.
    pub(super) fn packages(&self) -> impl Iterator<Item = &LocalPackage> {
        let mut seen = BTreeSet::new();
        let packages = self.known().into_iter().flat_map(|workspace| &workspace.packages);
        packages.filter(move |package| seen.insert(&package.folder))
    }

    /// The only part that these files are of; `None` when there are several, or nobody knows.
    pub(super) fn only_part_with(&self, files: &BTreeSet<PathBuf>) -> Option<&Workspace> {
        let of_part =
            |workspace: &&Workspace| files.iter().any(|file| workspace.owner_of(file).is_some());
        let mut parts = self.known().into_iter().filter(of_part);
        let only = parts.next().filter(|_| parts.next().is_none())?;
        files.iter().all(|file| only.owner_of(file).is_some()).then_some(only)
    }
}

/// Programs of one name would be one file.
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

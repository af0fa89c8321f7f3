//! Cargo's configuration for hot builds, as `--config` arguments beside the user's own.

use super::workspace::{configurations, read_small};
use std::path::Path;

/// Returns the profile for workspaces that do not define it: little optimisation, and line tables
/// for backtraces of the code that is edited.
pub(super) fn profile(root: &Path, profile: &str) -> Vec<String> {
    let known = ["dev", "release", "test", "bench"].contains(&profile);
    let manifest = table(&root.join("Cargo.toml"));
    let tables = manifest.into_iter().chain(configured(root));
    let mut defined = tables.filter_map(|table| table.get("profile")?.get(profile).cloned());
    if known || defined.next().is_some() {
        return Vec::new();
    }
    let settings = [
        "inherits=\"dev\"",
        "opt-level=1",
        "debug=\"line-tables-only\"",
        // Optimising across the units of a large crate takes half of the time of an edit.
        "lto=\"off\"",
        // Unedited packages need no optimising across units, and no line tables, which would be
        // three quarters of the linker's output.
        "package.\"*\".codegen-units=1",
        "package.\"*\".debug=false",
        // Units of this library are compiled in parallel, and pictures take as long.
        "package.hot-reload.codegen-units=16",
        "package.hot-reload-pod.codegen-units=16",
        // For workspaces of which they are members, as this one.
        "package.hot-reload.debug=false",
        "package.hot-reload-pod.debug=false",
        // Migrations run there.
        "package.hot-reload-pod.opt-level=3",
    ];
    settings.map(|setting| format!("profile.{profile}.{setting}")).to_vec()
}

/// Leaves the owner's dependencies, such as the window's, out of the build of a package whose own
/// features contain them. Features can only be added, so the library leaves these dependencies out
/// under a `cfg`.
///
/// Flags in the environment would replace the configured ones; then nothing is left out, and the
/// first build takes longer.
pub(super) fn renderer_only(root: &Path, is_owner: bool) -> Vec<String> {
    let in_environment = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some());
    if !is_owner || in_environment {
        return Vec::new();
    }
    // Cargo joins flags of one kind, and uses those of a target instead of those of all builds.
    let has_target_flags = |table: toml::Table| {
        let targets = table.get("target").and_then(|targets| targets.as_table());
        targets.is_some_and(|it| it.values().any(|target| target.get("rustflags").is_some()))
    };
    let key = match configured(root).any(has_target_flags) {
        true => "target.'cfg(all())'.rustflags",
        false => "build.rustflags",
    };
    vec![format!("{key}=[\"--cfg=hot_reload_renderer\"]")]
}

/// Returns the configuration files that cargo reads in a folder.
fn configured(root: &Path) -> impl Iterator<Item = toml::Table> {
    configurations(root).into_iter().filter_map(|file| table(&file))
}

fn table(file: &Path) -> Option<toml::Table> {
    read_small(file)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_profile_is_added_where_there_is_none_and_flags_join_those_of_their_kind() {
        let root = std::env::temp_dir().join(format!("hot-reload-flags-{}", std::process::id()));
        let config = root.join(".cargo/config.toml");
        fs::create_dir_all(root.join(".cargo")).unwrap();
        fs::write(root.join("Cargo.toml"), "[profile.dev]\nopt-level = 1\n").unwrap();
        assert!(profile(&root, "hot").contains(&"profile.hot.inherits=\"dev\"".to_owned()));
        assert_eq!(profile(&root, "dev"), [""; 0]);
        let flags = |key: &str| vec![format!("{key}=[\"--cfg=hot_reload_renderer\"]")];
        assert_eq!(renderer_only(&root, false), [""; 0]);
        assert_eq!(renderer_only(&root, true), flags("build.rustflags"));

        fs::write(&config, "[target.x86_64-unknown-linux-gnu]\nrustflags = [\"-g\"]\n").unwrap();
        assert_eq!(renderer_only(&root, true), flags("target.'cfg(all())'.rustflags"));
        fs::write(&config, "[profile.hot]\ninherits = \"dev\"\n").unwrap();
        assert_eq!(profile(&root, "hot"), [""; 0]);
        fs::remove_dir_all(root).unwrap();
    }
}

//! Reads cargo's description of the workspace.

use super::Failure;
use serde_json::Value;
use std::process::{Command, Stdio};

/// Returns a call of the cargo that runs this program, or of the first one on the path.
pub(super) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns cargo's description of the workspace that contains the current folder.
pub(super) fn read() -> Result<Value, Failure> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::piped());
    let output = metadata.output().map_err(Failure::Cargo)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(match is_library_gone(&said) {
            true => Failure::LibraryMoved(said),
            false => Failure::NoWorkspace(said),
        });
    }
    let metadata = serde_json::from_slice::<Value>(&output.stdout);
    metadata.map_err(|error| Failure::NoWorkspace(error.to_string()))
}

/// Returns true if cargo cannot find the library's manifest.
fn is_library_gone(said: &str) -> bool {
    let versions = ["for dependency `hot-reload`", "`hot-reload` as a dependency"];
    versions.iter().any(|version| said.contains(version))
}

/// Returns the packages of a workspace.
pub(super) fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

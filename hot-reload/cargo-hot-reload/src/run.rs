//! `cargo hot-reload run`: runs the owner with `cargo run` from any folder of the workspace.

use super::Failure;
use super::metadata::{self, cargo, packages};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

pub(super) fn run(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let mut command = cargo();
    command.arg("run");
    let own = arguments.iter().take_while(|argument| *argument != "--");
    if !own.clone().any(|argument| names_a_package(argument)) {
        command.args(["--package", &owner()?]);
    }
    let status = command.args(arguments).status().map_err(Failure::Cargo)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn names_a_package(argument: &OsStr) -> bool {
    let argument = argument.to_string_lossy();
    argument.starts_with("-p") || argument.split('=').next() == Some("--package")
}

/// Finds the package that contains the owner.
fn owner() -> Result<String, Failure> {
    let metadata = metadata::read()?;
    let owners = owners(&metadata);
    match owners.as_slice() {
        [owner] => Ok(owner.clone()),
        [] => Err(Failure::NoOwner),
        // Choose the package that `cargo run` would run, if there is one.
        several => {
            let defaults = metadata["workspace_default_members"].as_array();
            let is_default = |owner: &&String| {
                let id = id_of(&metadata, owner);
                let mut defaults = defaults.into_iter().flatten();
                defaults.any(|member| member.as_str() == id)
            };
            match several.iter().filter(is_default).collect::<Vec<_>>().as_slice() {
                [owner] => Ok((*owner).clone()),
                _ => Err(Failure::SeveralOwners(several.join(", "))),
            }
        }
    }
}

fn id_of<'m>(metadata: &'m Value, name: &str) -> Option<&'m str> {
    packages(metadata).find(|package| package["name"] == name)?["id"].as_str()
}

/// Returns the packages with a feature or a dependency that enables the owner's side.
fn owners(metadata: &Value) -> Vec<String> {
    let asks = |package: &&Value| {
        let features = package["features"].as_object().into_iter().flatten();
        let mut features = features.flat_map(|(_, needs)| needs.as_array().into_iter().flatten());
        let mut needed = package["dependencies"].as_array().into_iter().flatten();
        features.any(|need| need == "hot-reload/owner" || need == "hot-reload/hot")
            || needed.any(|needed| {
                let mut features = needed["features"].as_array().into_iter().flatten();
                needed["name"] == "hot-reload"
                    && needed["kind"].is_null()
                    && features.any(|feature| feature == "owner" || feature == "hot")
            })
    };
    let owners = packages(metadata).filter(asks);
    owners.filter_map(|package| Some(package["name"].as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_by_what_they_ask_of_the_library() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "app", "features": { "default": ["hot"], "hot": ["hot-reload/owner"] },
              "dependencies": [{ "name": "hot-reload", "kind": null, "features": ["minifb"] }] },
            { "name": "renderer", "features": { "hot": ["hot-reload/renderer"] }, "dependencies": [] },
            { "name": "always", "features": {},
              "dependencies": [{ "name": "hot-reload", "kind": null, "features": ["owner"] }] },
            { "name": "sketch", "features": { "default": ["hot"], "hot": ["hot-reload/hot"] },
              "dependencies": [] },
            { "name": "tests", "features": {},
              "dependencies": [{ "name": "hot-reload", "kind": "dev", "features": ["owner"] }] },
        ]});
        assert_eq!(owners(&metadata), ["app", "always", "sketch"]);
    }

    #[test]
    fn a_package_that_the_user_names_is_found_in_all_its_forms() {
        for (argument, names) in [
            ("-p", true),
            ("-pfoo", true),
            ("--package", true),
            ("--package=foo", true),
            ("--profile", false),
        ] {
            assert_eq!(names_a_package(OsStr::new(argument)), names, "{argument}");
        }
    }
}

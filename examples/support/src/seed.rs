//! Gives a target folder of a test the dependencies that this workspace has compiled already.
//!
//! Cargo names what it compiles of a registry's package after its version, features and profile, and not
//! after the workspace, so that what fits is taken and everything else is compiled as ever.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Links what was compiled for the running test into `target/profile`, unless that exists.
///
/// The contents are shared and never written to: Cargo and the compiler replace files.
///
/// # Panics
/// When something cannot be linked.
pub fn seed(target: &Path, profile: &str) {
    let test = std::env::current_exe().expect("the path of the test");
    // Tests are `target/<profile>/deps/<test>`.
    let compiled = test.ancestors().nth(2).expect("a folder of what is compiled");
    let seeded = target.join(profile);
    if seeded.exists() {
        return;
    }
    // As Cargo does while it builds, so that nothing is linked that is written at the moment.
    let lock =
        File::options().create(true).write(true).truncate(false).open(compiled.join(".cargo-lock"));
    lock.and_then(|lock| {
        lock.lock()?;
        // A folder that is there is a folder that is whole.
        let begun = target.join(format!("{profile}.new"));
        let _ = fs::remove_dir_all(&begun);
        for folder in ["build", "deps", ".fingerprint"] {
            link(&compiled.join(folder), &begun.join(folder))?;
        }
        fs::rename(begun, seeded)
    })
    .unwrap_or_else(|error| panic!("{} is not linked: {error}", compiled.display()));
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            link(&from, &to)?;
        } else {
            fs::hard_link(from, to)?;
        }
    }
    Ok(())
}

//! Benchmark of frames: the way of a frame to the owner's picture, the state's commit, the rest of
//! the renderer's runtime, and an application with nothing to draw.

mod bare_wake;
mod commits;
mod idle;
mod picture;
mod runtime;
mod self_timed;
mod sizes;
mod tasks;

use crate::{Failure, Options, environment};
use serde_json::json;

/// Measures and writes the results.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let (load, is_quick) = (environment::load(), options.quick);
    let sizes = sizes::measure(is_quick)?;
    let folder = self_timed::prepare()?;
    let commits = commits::measure(is_quick, &folder)?;
    let runtime = runtime::measure(is_quick, &folder)?;
    let idle = idle::measure(is_quick, &folder)?;

    let mut page = "# One frame\n\n\
        Written by `cargo run --release -- frames`; what is measured is in [README.md](../README.md).\n"
        .to_owned();
    if is_quick {
        page += "Few frames of few sizes: this shows that it works, not how fast it is.\n";
    }
    page += "\n";
    page += &environment::table(&load);
    for part in [
        sizes::markdown(&sizes),
        commits::markdown(&commits),
        runtime::markdown(&runtime),
        idle::markdown(&idle),
    ] {
        page += "\n";
        page += &part;
    }
    eprintln!("{page}");
    let raw = json!({
        "frames": sizes::json(&sizes),
        "commits": commits::json(&commits),
        "runtime": runtime::json(&runtime),
        "idle": idle::json(&idle),
    });
    options.write("frames.json", &format!("{raw:#}\n"))?;
    options.write("frames.md", &page)?;
    options.write("frames.svg", &sizes::picture(&sizes))?;
    options.write("commits.svg", &commits::picture(&commits))
}

//! The program's processes as the system lists them, and the remains that a program must not leave.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Describes everything that remains of an owner: its renderers, its builds and its segments.
pub(super) fn rest_of(owner: u32, workspace: &Path) -> Vec<String> {
    let processes = started_by(owner, workspace).into_iter();
    let processes =
        processes.map(|process| format!("process {process} ({})", command_line(process)));
    processes.chain(segments(owner)).collect()
}

/// Returns the living processes that an owner has started, as renderers or to build in its
/// workspace.
pub(super) fn started_by(owner: u32, workspace: &Path) -> BTreeSet<u32> {
    let mut processes = all();
    processes.retain(|process| {
        *process != owner
            && works_in(*process, workspace)
            && !belongs_to_another(*process, owner, workspace)
    });
    processes.into_iter().chain(renderers(owner)).collect()
}

/// Returns the living processes that an owner has started as renderers, and their children.
pub(super) fn renderers(owner: u32) -> Vec<u32> {
    let wanted = format!("HOT_RELOAD_OWNER={owner}");
    let mut processes = all();
    processes.retain(|process| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == wanted.as_bytes())
    });
    processes
}

/// Sends a signal, such as `INT`. Ignores processes that have ended.
pub(super) fn signal(name: &str, process: u32) {
    let script = format!("kill -{name} {process} 2>/dev/null");
    let sent = Command::new("/bin/sh").args(["-c", &script]).status();
    sent.expect("there is a shell");
}

/// Returns the segments of an owner that still have a name.
fn segments(owner: u32) -> Vec<String> {
    let begin = format!("hr-{:x}-", owner & 0x0fff_ffff);
    let names = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&begin)).map(|name| format!("/dev/shm/{name}")).collect()
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("the list of processes");
    let names = entries.flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.parse().ok()).collect()
}

/// Returns whether a process works in a folder. False for dead processes and those of other users,
/// whose folders cannot be read.
fn works_in(process: u32, folder: &Path) -> bool {
    fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|it| it.starts_with(folder))
}

/// Returns whether a process is another owner of the workspace, or was started by one that is
/// alive.
fn belongs_to_another(process: u32, owner: u32, workspace: &Path) -> bool {
    let program = workspace.join("target/debug/example-app");
    let is_owner = |process: u32| {
        process != owner
            && fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|it| it == program)
    };
    let mut ancestors = std::iter::successors(Some(process), |process| parent(*process));
    ancestors.any(is_owner)
}

fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    parent.trim().parse().ok().filter(|parent| *parent != 0)
}

fn command_line(process: u32) -> String {
    let bytes = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    text.chars().take(200).collect()
}

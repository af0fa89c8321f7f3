//! The environment of the run: variables that child processes must not inherit, and the machine.

use crate::Failure;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Starts this program again without the variables of `cargo run` and of the user that would affect
/// the builds: another toolchain, another folder, other flags, or a second build of everything.
pub(crate) fn clean() -> Result<(), Failure> {
    let unwanted: Vec<_> =
        std::env::vars_os().map(|(name, _)| name).filter(|name| is_unwanted(name)).collect();
    if unwanted.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe();
    let program = program.map_err(|error| format!("this program cannot be found: {error}"))?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    for name in unwanted {
        command.env_remove(name);
    }
    Err(format!("this program cannot be started again: {}", command.exec()))
}

fn is_unwanted(name: &OsStr) -> bool {
    const NAMES: [&str; 20] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_MAKEFLAGS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_LINKS",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_DIR",
        "CARGO_TARGET_TMPDIR",
        "LD_LIBRARY_PATH",
        "MAKEFLAGS",
        "OUT_DIR",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
        "RUST_LOG",
    ];
    const BEGINNINGS: [&str; 4] =
        ["CARGO_BIN_EXE_", "CARGO_BUILD_", "CARGO_PKG_", "CARGO_PROFILE_"];
    let Some(name) = name.to_str() else {
        return false;
    };
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// Describes the machine for the results, as pairs of name and value.
pub(crate) fn machine() -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = word_after("/proc/meminfo", "MemTotal").and_then(|kib| kib.parse::<u64>().ok());
    let memory = memory.map(|kib| format!("{} GiB", kib.div_ceil(1 << 20)));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
    vec![
        ("date", said_by("date", &["-u", "+%F %H:%M UTC"])),
        ("revision", said_by("git", &["describe", "--always", "--dirty", "--abbrev=12"])),
        ("processor", text_after("/proc/cpuinfo", "model name").unwrap_or_else(unknown)),
        ("cores", cores.to_string()),
        ("memory", memory.unwrap_or_else(unknown)),
        ("kernel", kernel.map_or_else(unknown, |text| text.trim().to_owned())),
        ("rustc", said_by("rustc", &["--version"])),
        ("dx", said_by("dx", &["--version"])),
    ]
}

/// Returns that description as a table in Markdown, with the load at the beginning and now.
pub(crate) fn table(begin: &str) -> String {
    let rows = machine().into_iter().map(|(name, value)| format!("| {name} | {value} |\n"));
    let rows: String = rows.collect();
    format!("| | |\n| --- | --- |\n{rows}| load average, begin and end | {begin}, {} |\n", load())
}

/// Returns the load average: the mean number of processes that wanted a processor in the last
/// minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|word| !word.is_empty()).map_or_else(unknown, str::to_owned)
}

/// Removes the folders of this machine from a text for published results.
pub(crate) fn without_paths(text: &str) -> String {
    let above = crate::here().parent().unwrap_or(crate::here());
    let text = text.replace(&*above.to_string_lossy(), "…");
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
    home.map_or(text.clone(), |home| text.replace(&home, "~"))
}

/// Returns whether a program is on the PATH.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    if !has(program) {
        return "not installed".to_owned();
    }
    let output = Command::new(program).args(arguments).current_dir(crate::here()).output();
    let said = output.ok().filter(|output| output.status.success());
    said.map_or_else(unknown, |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn word_after(file: &str, name: &str) -> Option<String> {
    text_after(file, name)?.split(' ').next().map(str::to_owned)
}

fn text_after(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}

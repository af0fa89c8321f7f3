//! Tests of the release build: one program without any part of hot mode, which calls the renderer
//! directly.
#![allow(missing_docs, reason = "a program of its own")]
#![cfg(all(feature = "hot", target_os = "linux", target_arch = "x86_64"))]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the output of a program that must succeed.
fn output(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn release() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
    let build = Command::new("cargo")
        .args(["build", "--locked", "--quiet", "--release", "--no-default-features"])
        // Only this workspace's code is looked at.
        .args(["--config", "profile.release.package.'*'.opt-level=0"])
        .args(["--config", "profile.release.package.hot-reload-pod.opt-level=1"])
        .args(["--package", "example-app", "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .status();
    assert!(build.expect("cargo").success(), "the release build");
    target.join("release/example-app")
}

/// Symbols that exist only in hot mode, and texts that only its overlay contains.
const SYMBOLS: [&str; 9] = [
    "hot_reload::supervisor::",
    "hot_reload::overlay::",
    "hot_reload::segment::shared::",
    "hot_reload::sys::",
    "shared_memory::",
    "raw_sync::",
    "notify::",
    "inotify::",
    "cargo_metadata::",
];
const WORDS: [&str; 4] = [
    "the last good build keeps running",
    "waiting for the next save",
    "another generation is starting",
    "cargo is not on the PATH",
];

/// Returns the symbols and texts that the program contains. Symbols are searched by name
/// (`<crate::…`, ` crate::…`), texts by their bytes.
fn found(program: &Path) -> (Vec<&'static str>, Vec<&'static str>) {
    let symbols = output("nm", &["-C"], program);
    let bytes = std::fs::read(program).expect("the program");
    let named = |name: &&str| {
        let starts = [format!(" {name}"), format!("<{name}"), format!("({name}")];
        starts.iter().any(|start| symbols.contains(start))
    };
    let written = |words: &&str| bytes.windows(words.len()).any(|it| it == words.as_bytes());
    (SYMBOLS.into_iter().filter(named).collect(), WORDS.into_iter().filter(written).collect())
}

#[test]
fn a_release_has_nothing_of_hot_mode_and_calls_the_renderer_directly() {
    let release = release();
    let none = (Vec::new(), Vec::new());
    assert_eq!(found(&release), none, "left over in the release");
    let hot = (SYMBOLS.to_vec(), WORDS.to_vec());
    assert_eq!(
        found(Path::new(env!("CARGO_BIN_EXE_example-app"))),
        hot,
        "the test looks for what is there"
    );

    let needed = output("readelf", &["-d", "-W"], &release);
    let needed = needed.lines().filter(|line| line.contains("(NEEDED)"));
    let needed = needed.filter_map(|line| line.split(['[', ']']).nth(1)).collect::<Vec<_>>();
    let system = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux"];
    let of_the_system = |name: &&str| system.iter().any(|system| name.starts_with(system));
    let others = needed.iter().filter(|name| !of_the_system(name)).collect::<Vec<_>>();
    assert_eq!(others, [&""; 0], "one program: everything but the system's own is in it");

    called_directly(&release);
    plays_the_same(&release);
}

/// Checks that a script gives the picture that the renderer's tests compare with, which was drawn
/// without optimisation.
fn plays_the_same(program: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let golden = root.join("example-impl/tests/golden");
    let png = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release.png");
    let played = Command::new(program)
        .args(["--size", "320x240", "--balls", "3", "--script"])
        .arg(golden.join("thrown.script"))
        .arg("--png")
        .arg(&png)
        .status();
    assert!(played.expect("the program").success());
    let read = |file: &Path| std::fs::read(file).expect("a picture");
    assert!(read(&png) == read(&golden.join("thrown.png")), "see {}", png.display());
}

/// Checks that the renderer is inlined or called directly: by a call of its address, or of the one
/// word that the loader fills in and that serves no other purpose.
fn called_directly(program: &Path) {
    let symbols = output("nm", &["-C"], program);
    let mut symbols = symbols.lines().map(|line| line.split_whitespace());
    let render = symbols.find_map(|mut words| {
        let address = words.next()?;
        (words.nth(1) == Some("example_impl::render"))
            .then(|| address.trim_start_matches('0').to_owned())
    });
    let Some(render) = render else { return };
    let relocations = output("readelf", &["-r", "-W"], program);
    let slots = relocations.lines().filter_map(|line| {
        let words = line.split_whitespace().collect::<Vec<_>>();
        let is_renders = words.last() == Some(&render.as_str());
        is_renders.then(|| words[0].trim_start_matches('0').to_owned())
    });
    let slots = slots.collect::<Vec<_>>();
    let code = output("objdump", &["-d", "--no-show-raw-insn"], program);
    let mentions = |line: &&str| {
        let beside = line.split('#').nth(1).unwrap_or_default();
        let direct = line.contains(&format!("call   {render} "));
        direct || slots.iter().any(|slot| beside.contains(&format!(" {slot} ")))
    };
    let uses = code.lines().filter(mentions).collect::<Vec<_>>();
    assert!(
        !uses.is_empty() && uses.len() <= 2,
        "one call or two: {uses:?} of {render}, {slots:?}"
    );
    assert!(uses.iter().all(|line| line.contains("call ")), "{uses:?}");
}

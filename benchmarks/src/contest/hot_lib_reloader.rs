//! hot-lib-reloader as its guide describes it: a program, a library that is built at each save, and
//! an observer that waits for the reload.
//!
//! The build is started directly at the save, so no time is lost to a watcher of the sources.

use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT, log};
use crate::Failure;
use crate::process::{Group, Lines, cargo};
use crate::source::{Scene, Size, color, write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

const MAIN: &str = include_str!("../../templates/hot_lib_reloader.rs");

struct HotLibReloader {
    folder: PathBuf,
    scene: Scene,
    program: Option<(Group, Lines)>,
}

/// Prepares it with its default debounce of half a second.
pub(super) fn prepare_default(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    prepare(size, folder, "")
}

/// Prepares it with the shorter debounce that its documentation mentions and its guide does not
/// use.
pub(super) fn prepare_quick(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    prepare(size, folder, ", file_watch_debounce = 20")
}

fn prepare(size: Size, folder: &Path, setting: &str) -> Result<Box<dyn Contestant>, Failure> {
    let root = "[workspace]\nresolver = \"2\"\nmembers = [\"lib\"]\n\n\
         [package]\nname = \"bin\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nhot-lib-reloader = \"0.8\"\nlib = { path = \"lib\" }\n";
    let library = format!(
        "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"rlib\", \"dylib\"]\n\n[dependencies]\n{}",
        size.dependencies()
    );
    let functions = "mod scene;\n\n#[unsafe(no_mangle)]\n\
         pub fn draw(pixels: &mut [u32], width: usize, height: usize, tick: u64) {\n    \
         scene::draw(pixels, width, height, tick);\n}\n";
    let target = super::target(folder).join("debug");
    let main = MAIN.replace("/* setting */", &format!(", lib_dir = {target:?}{setting}"));
    write(&folder.join("Cargo.toml"), root)?;
    write(&folder.join("src/main.rs"), &super::fill_in(&main))?;
    write(&folder.join("lib/Cargo.toml"), &library)?;
    write(&folder.join("lib/src/lib.rs"), functions)?;
    let scene = Scene::write(size, &folder.join("lib/src"))?;
    Ok(Box::new(HotLibReloader { folder: folder.to_owned(), scene, program: None }))
}

impl Contestant for HotLibReloader {
    fn start(&mut self) -> Result<(), Failure> {
        // Both builds, like those in the guide's two terminals.
        for arguments in [&["build", "-p", "lib"][..], &["build"]] {
            Group::spawn(cargo(&self.folder, arguments), &log(&self.folder))?
                .finish(BUILD_LIMIT)?;
        }
        let mut command = cargo(&self.folder, &["run"]);
        command.stdout(Stdio::piped());
        let mut program = Group::spawn(command, &self.folder.join("program.log"))?;
        let lines = program.lines()?;
        lines.until(super::shows(color(0)), EDIT_LIMIT)?;
        self.program = Some((program, lines));
        Ok(())
    }

    fn edit(&mut self, color: u32) -> Result<Instant, Failure> {
        self.scene.save(color)?;
        let build = cargo(&self.folder, &["build", "-p", "lib"]);
        let build = Group::spawn(build, &log(&self.folder))?;
        build.finish(EDIT_LIMIT)?;
        let (_, lines) = self.program.as_ref().ok_or("the program has not been started")?;
        lines.until(super::shows(color), EDIT_LIMIT)
    }

    fn wake(&mut self) {
        if let Some((program, _)) = &self.program {
            program.resume();
        }
    }

    fn rest(&mut self) {
        if let Some((program, _)) = &self.program {
            program.pause();
        }
    }
}

//! hotcode, the present name of `code_reload`. The library is built at each save, and the program,
//! which calls its function all the time, takes it over.
//!
//! The build is started directly at the save, so no time is lost to a watcher of the sources.

use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT, log};
use crate::Failure;
use crate::process::{Group, Lines, cargo};
use crate::source::{Scene, Size, color, write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

const MAIN: &str = include_str!("../../templates/hotcode.rs");

struct Hotcode {
    folder: PathBuf,
    scene: Scene,
    program: Option<(Group, Lines)>,
}

pub(super) fn prepare(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"contest\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"dylib\", \"rlib\"]\n\n[[bin]]\nname = \"program\"\npath = \"src/main.rs\"\n\n\
         [dependencies]\nhotcode = \"1\"\n{}",
        size.dependencies()
    );
    let library = "mod scene;\n\n#[hotcode::hotreload]\n\
         pub fn draw(pixels: &mut [u32], width: usize, height: usize, tick: u64) {\n    \
         scene::draw(pixels, width, height, tick);\n}\n";
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), library)?;
    write(&folder.join("src/main.rs"), &super::fill_in(MAIN))?;
    let scene = Scene::write(size, &folder.join("src"))?;
    Ok(Box::new(Hotcode { folder: folder.to_owned(), scene, program: None }))
}

impl Contestant for Hotcode {
    fn start(&mut self) -> Result<(), Failure> {
        Group::spawn(cargo(&self.folder, &["build"]), &log(&self.folder))?.finish(BUILD_LIMIT)?;
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
        let build = cargo(&self.folder, &["build", "--lib"]);
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

//! A minifb program that is killed, built and restarted at each save, like `cargo watch -x run`
//! does. Its window is on a private screen, and the edit is seen in the screen's pixel.

use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT, log};
use crate::Failure;
use crate::process::{Group, cargo};
use crate::screen::Screen;
use crate::source::{Scene, Size, color, write};
use std::path::{Path, PathBuf};
use std::time::Instant;

const MAIN: &str = include_str!("../../templates/restart.rs");

struct Restart {
    folder: PathBuf,
    scene: Scene,
    program: Option<Group>,
    screen: Screen,
}

pub(super) fn prepare(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"contest\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nminifb = \"0.29\"\n{}",
        size.dependencies()
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/main.rs"), &super::fill_in(MAIN))?;
    let scene = Scene::write(size, &folder.join("src"))?;
    let screen = Screen::start(folder)?;
    Ok(Box::new(Restart { folder: folder.to_owned(), scene, program: None, screen }))
}

impl Contestant for Restart {
    fn start(&mut self) -> Result<(), Failure> {
        Group::spawn(cargo(&self.folder, &["build"]), &log(&self.folder))?.finish(BUILD_LIMIT)?;
        self.restart()?;
        self.screen.until(color(0), EDIT_LIMIT).map(drop)
    }

    fn edit(&mut self, color: u32) -> Result<Instant, Failure> {
        self.scene.save(color)?;
        self.restart()?;
        self.screen.until(color, EDIT_LIMIT)
    }

    fn wake(&mut self) {
        if let Some(program) = &self.program {
            program.resume();
        }
    }

    fn rest(&mut self) {
        if let Some(program) = &self.program {
            program.pause();
        }
    }
}

impl Restart {
    fn restart(&mut self) -> Result<(), Failure> {
        self.program = None;
        let mut command = cargo(&self.folder, &["run"]);
        command.env("DISPLAY", self.screen.display()).env_remove("WAYLAND_DISPLAY");
        self.program = Some(Group::spawn(command, &log(&self.folder))?);
        Ok(())
    }
}

//! Subsecond as its guide describes it: a plain program that calls its work through it, under `dx
//! serve --hotpatch`, which watches and builds on its own.

use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT};
use crate::process::{Group, Lines};
use crate::source::{Scene, Size, color, write};
use crate::{Failure, environment};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const MAIN: &str = include_str!("../../templates/subsecond.rs");

struct Subsecond {
    folder: PathBuf,
    scene: Scene,
    server: Option<(Group, Lines)>,
}

pub(super) fn prepare(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    if !environment::has("dx") {
        return Err("dx is not installed".to_owned());
    }
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"contest\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ndioxus-devtools = \"0.7\"\n{}",
        size.dependencies()
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/main.rs"), &super::fill_in(MAIN))?;
    let scene = Scene::write(size, &folder.join("src"))?;
    Ok(Box::new(Subsecond { folder: folder.to_owned(), scene, server: None }))
}

impl Contestant for Subsecond {
    fn start(&mut self) -> Result<(), Failure> {
        let mut command = Command::new("dx");
        command.args(["serve", "--hotpatch", "--interactive", "false", "--open", "false"]);
        command.args(["--addr", "127.0.0.1", "--port", &free_port()?.to_string()]);
        command.env("TELEMETRY", "false").current_dir(&self.folder).stdout(Stdio::piped());
        let mut server = Group::spawn(command, &super::log(&self.folder))?;
        let lines = server.lines()?;
        lines.until(super::shows(color(0)), BUILD_LIMIT)?;
        self.server = Some((server, lines));
        Ok(())
    }

    fn edit(&mut self, color: u32) -> Result<Instant, Failure> {
        self.scene.save(color)?;
        let (_, lines) = self.server.as_ref().ok_or("`dx serve` has not been started")?;
        lines.until(super::shows(color), EDIT_LIMIT)
    }

    fn wake(&mut self) {
        if let Some((server, _)) = &self.server {
            server.resume();
        }
    }

    fn rest(&mut self) {
        if let Some((server, _)) = &self.server {
            server.pause();
        }
    }
}

/// Returns a port that is not in use at the moment.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("there is no port: {error}"))
}

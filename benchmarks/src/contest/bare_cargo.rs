//! `cargo build`, called at the save: the time that everyone would wait in any case.

use super::hot_reload::write_workspace;
use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT, log};
use crate::Failure;
use crate::process::{Group, cargo};
use crate::source::{Scene, Size};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct BareCargo {
    folder: PathBuf,
    scene: Scene,
    profile: &'static str,
}

pub(super) fn prepare_dev(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    prepare(size, folder, "dev")
}

pub(super) fn prepare_hot(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    prepare(size, folder, "hot")
}

fn prepare(
    size: Size,
    folder: &Path,
    profile: &'static str,
) -> Result<Box<dyn Contestant>, Failure> {
    let scene = write_workspace(size, folder)?;
    Ok(Box::new(BareCargo { folder: folder.to_owned(), scene, profile }))
}

impl Contestant for BareCargo {
    fn start(&mut self) -> Result<(), Failure> {
        self.build(BUILD_LIMIT)
    }

    fn edit(&mut self, color: u32) -> Result<Instant, Failure> {
        self.scene.save(color)?;
        self.build(EDIT_LIMIT)?;
        Ok(Instant::now())
    }
}

impl BareCargo {
    fn build(&self, limit: Duration) -> Result<(), Failure> {
        let arguments = ["build", "-p", "renderer", "--profile", self.profile];
        Group::spawn(cargo(&self.folder, &arguments), &log(&self.folder))?.finish(limit)
    }
}

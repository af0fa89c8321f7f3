//! This project: an owner without a window in this process, driven as in its own tests.

use super::{BUILD_LIMIT, Contestant, EDIT_LIMIT};
use crate::application::Contest;
use crate::source::{HEIGHT, PROBE, Scene, Size, WIDTH, color, write};
use crate::{Failure, here, process};
use ::hot_reload::{Owner, WindowInput};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const APPLICATION: &str = include_str!("../../templates/application.rs");
/// Interval between the owner's turns, the same as the other systems' between frames.
const TURN: Duration = Duration::from_millis(2);

struct HotReload {
    folder: PathBuf,
    scene: Scene,
    owner: Option<Owner<Contest>>,
}

pub(super) fn prepare(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    let scene = write_workspace(size, folder)?;
    Ok(Box::new(HotReload { folder: folder.to_owned(), scene, owner: None }))
}

/// The state beside the code that is edited: the game of two packages.
pub(super) fn prepare_two_packages(
    size: Size,
    folder: &Path,
) -> Result<Box<dyn Contestant>, Failure> {
    let library = format!("{APPLICATION}\n{}", source("Contest"));
    let main = "fn main() -> hot_reload::Result<()> {\n    \
         hot_reload::run::<renderer::Contest>(renderer::render)\n}\n";
    write(&folder.join("src/lib.rs"), &library)?;
    write(&folder.join("src/main.rs"), main)?;
    let manifest = "hot-reload = { LIBRARY, features = [\"renderer\"] }\n";
    one_package(size, folder, manifest, "")
}

/// Everything in one file, the owner's `main` included.
pub(super) fn prepare_one_file(size: Size, folder: &Path) -> Result<Box<dyn Contestant>, Failure> {
    let main = "fn main() -> hot_reload::Result<()> {\n    hot_reload::play(render)\n}\n";
    write(&folder.join("src/main.rs"), &format!("{APPLICATION}\n{}\n{main}", source("Contest")))?;
    let features = "[features]\ndefault = [\"hot\"]\nhot = [\"hot-reload/hot\"]\n\n";
    one_package(size, folder, "hot-reload = { LIBRARY, features = [\"minifb\"] }\n", features)
}

/// Writes the manifest and the scene of a form whose renderer is a single package.
fn one_package(
    size: Size,
    folder: &Path,
    dependency: &str,
    features: &str,
) -> Result<Box<dyn Contestant>, Failure> {
    let dependency = dependency.replace("LIBRARY", &format!("path = {:?}", library()?));
    let manifest = format!(
        "[package]\nname = \"renderer\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{features}\
         [dependencies]\n{dependency}{}\n[workspace]\n",
        size.dependencies()
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    let scene = Scene::write(size, &folder.join("src"))?;
    Ok(Box::new(HotReload { folder: folder.to_owned(), scene, owner: None }))
}

/// Returns the renderer's function.
fn source(application: &str) -> String {
    format!(
        "mod scene;\n\n\
         pub fn render(frame: &mut hot_reload::Frame<'_, {application}>) {{\n    \
         frame.state.frames += 1;\n    let tick = frame.state.frames;\n    \
         let (pixels, width, height) = frame.canvas.parts();\n    \
         scene::draw(pixels, width, height, tick);\n}}\n"
    )
}

/// Returns the folder of the library.
fn library() -> Result<PathBuf, Failure> {
    let library = here().join("../hot-reload").canonicalize();
    library.map_err(|error| format!("hot-reload is not beside this workspace: {error}"))
}

impl Contestant for HotReload {
    fn start(&mut self) -> Result<(), Failure> {
        let builder = Owner::<Contest>::builder(()).size(WIDTH, HEIGHT).workspace(&self.folder);
        let owner = builder.program_arguments([]).start(|_| {});
        self.owner = Some(owner.map_err(|error| format!("the owner does not start: {error}"))?);
        self.until(color(0), BUILD_LIMIT).map(drop)
    }

    fn edit(&mut self, color: u32) -> Result<Instant, Failure> {
        self.scene.save(color)?;
        self.until(color, EDIT_LIMIT)
    }
}

impl HotReload {
    fn until(&mut self, color: u32, limit: Duration) -> Result<Instant, Failure> {
        let owner = self.owner.as_mut().ok_or("the owner has not been started")?;
        let input = WindowInput::idle(WIDTH, HEIGHT);
        let end = Instant::now() + limit;
        loop {
            owner.tick(&input);
            let now = Instant::now();
            if owner.picture().frame().get(PROBE) == Some(&color) {
                return Ok(now);
            }
            process::go_on()?;
            if now > end {
                return Err(format!("not seen within {limit:?}: {:?}", owner.status()));
            }
            std::thread::sleep(TURN);
        }
    }
}

/// The profile of hot builds in a workspace that does not define one, for `cargo build` as well.
const HOT_PROFILE: &str = r#"
[profile.hot]
inherits = "dev"
opt-level = 1
debug = "line-tables-only"
lto = "off"

[profile.hot.package."*"]
codegen-units = 1
debug = false

[profile.hot.package.hot-reload]
codegen-units = 16

[profile.hot.package.hot-reload-pod]
opt-level = 3
codegen-units = 16
"#;

/// Writes the workspace that the owner builds from. The contestant `cargo build` uses the same.
pub(super) fn write_workspace(size: Size, folder: &Path) -> Result<Scene, Failure> {
    let main = "fn main() -> hot_reload::Result<()> {\n    \
         hot_reload::run::<application::Contest>(renderer::render)\n}\n";
    write_hot_workspace(folder, APPLICATION, size.dependencies())?;
    write(&folder.join("renderer/src/lib.rs"), &source("application::Contest"))?;
    write(&folder.join("renderer/src/main.rs"), main)?;
    Scene::write(size, &folder.join("renderer/src"))
}

/// Writes a workspace for the library without the renderer's source: manifests, and the types
/// shared by owner and renderer.
pub(crate) fn write_hot_workspace(
    folder: &Path,
    application: &str,
    dependencies: &str,
) -> Result<(), Failure> {
    let library = library()?;
    let root = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"application\", \"renderer\"]\n\n\
         [workspace.dependencies]\n\
         hot-reload = {{ path = {library:?}, default-features = false }}\n\n{}",
        HOT_PROFILE
    );
    let shared = "[package]\nname = \"application\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nhot-reload.workspace = true\n";
    let renderer = format!(
        "[package]\nname = \"renderer\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nhot-reload = {{ workspace = true, features = [\"renderer\"] }}\n\
         application = {{ path = \"../application\" }}\n{dependencies}"
    );
    write(&folder.join("Cargo.toml"), &root)?;
    write(&folder.join("application/Cargo.toml"), shared)?;
    write(&folder.join("application/src/lib.rs"), application)?;
    write(&folder.join("renderer/Cargo.toml"), &renderer)
}

//! A software rasteriser: textured boxes on a floor, drawn triangle by triangle. Edit it while it
//! draws. If you change a texture in `assets/`, it is reloaded without a build.
//!
//! The renderer owns what it can recompute: the textures, from their files, and the depths, in each
//! frame. The state holds what must survive: the camera and the time.

#![forbid(unsafe_code)]

mod raster;
mod scene;
mod texture;

pub use scene::Scene;

use hot_reload::{App, Frame, Key, MouseButton, Render, Request};
use raster::Raster;
use texture::Texture;

/// File names of the textures, in the folder `assets` of this package.
const FILES: [&str; 2] = ["crate.png", "floor.png"];
/// Indices of the textures in the list.
const CRATE: usize = 0;
const FLOOR: usize = 1;

/// Application type of the program.
#[derive(Debug)]
pub struct Boxes;

impl App for Boxes {
    const RENDERER: &'static str = "rasteriser";
    type Arguments = ();
    type State = Scene;
    type ToRenderer = ();
    type ToOwner = ();
}

/// Data that each generation creates for itself. It starts empty, because in hot mode the owner has
/// one as well, which draws nothing.
#[derive(Debug, Default)]
pub struct Rasteriser {
    textures: Option<[Texture; 2]>,
    raster: Raster,
}

/// Loads the textures. This happens in the first frame, a rehearsal, while the previous generation
/// still draws.
fn load() -> [Texture; 2] {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    FILES.map(|file| Texture::load_or_checkers(&folder.join(file)))
}

impl Render<Boxes> for Rasteriser {
    fn render(&mut self, frame: &mut Frame<'_, Boxes>) {
        let textures = self.textures.get_or_insert_with(load);
        for change in frame.assets {
            for (texture, file) in textures.iter_mut().zip(FILES) {
                if change.name.as_os_str() == file {
                    *texture = Texture::load_or_checkers(&change.path);
                }
            }
        }
        control(frame);
        let (pixels, width, height) = frame.canvas.parts();
        let triangles = frame.state.triangles(width, height);
        self.raster.draw(pixels, (width, height), &triangles, textures);
        let sizes = textures.each_ref().map(|it| format!("{}×{}", it.width(), it.height()));
        let title = format!(
            "boxes · {} triangles · textures {} · turn {} · generation {}",
            triangles.len(),
            sizes.join(", "),
            frame.state.turns,
            frame.generation
        );
        frame.owner.request(Request::Title(title));
    }
}

/// Handles input: the mouse turns the camera, the wheel changes its distance, space stops the
/// boxes.
fn control(frame: &mut Frame<'_, Boxes>) {
    let (scene, input) = (&mut *frame.state, frame.input);
    scene.turns += 1;
    scene.stands ^= input.is_key_pressed(Key::Space);
    if !scene.stands {
        scene.time += input.fixed_dt().as_secs_f32();
    }
    let mouse = (input.mouse.x, input.mouse.y);
    if input.mouse.down.contains(MouseButton::Left) {
        let (before_x, before_y) = if input.mouse.pressed.is_empty() { scene.mouse } else { mouse };
        scene.turn_camera((mouse.0 - before_x) * 0.01, (mouse.1 - before_y) * 0.01);
    }
    scene.mouse = mouse;
    scene.distance = (scene.distance - 0.4 * input.mouse.wheel_y).clamp(6.0, 20.0);
}

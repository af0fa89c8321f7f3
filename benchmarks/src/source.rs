//! The scene that every contestant draws, in three sizes, and the edit: one constant in the body of
//! a function in its middle.

use crate::Failure;
use std::fs;
use std::path::Path;

/// Width of the picture, the same for all.
pub(crate) const WIDTH: u32 = 160;
/// Height of the picture, the same for all.
pub(crate) const HEIGHT: u32 = 120;
/// Index of the pixel that shows the edit, in the middle.
pub(crate) const PROBE: usize = (WIDTH * HEIGHT / 2 + WIDTH / 2) as usize;

const SMALL: &str = include_str!("../templates/scene_small.rs");
const PART: &str = include_str!("../templates/part.rs");
const PHYSICS: &str = include_str!("../templates/physics.rs");
const BADGE: &str = include_str!("../templates/badge.rs");

/// Color in the templates.
const WRITTEN: u32 = 0x0011_2233;
const PARTS: u32 = 50;
const EDITED_PART: u32 = 25;

/// Size of a renderer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Size {
    /// About 100 lines.
    Small,
    /// About 5,000 lines in 50 modules.
    Modules,
    /// About 150 lines that use `image` and `rapier2d`.
    Heavy,
}

impl Size {
    pub(crate) const ALL: [Size; 3] = [Size::Small, Size::Modules, Size::Heavy];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Size::Small => "small",
            Size::Modules => "modules",
            Size::Heavy => "heavy",
        }
    }

    /// Returns the lines for a crate's `[dependencies]`.
    pub(crate) fn dependencies(self) -> &'static str {
        match self {
            Size::Small | Size::Modules => "",
            Size::Heavy => {
                "rapier2d = \"0.36\"\n\
                 image = { version = \"0.25\", default-features = false, \
                 features = [\"bmp\", \"gif\", \"jpeg\", \"png\", \"tiff\", \"webp\"] }\n"
            }
        }
    }

    /// Returns the files of the module `scene`, with paths relative to the crate's root.
    pub(crate) fn scene(self) -> Vec<(String, String)> {
        match self {
            Size::Small => vec![("scene.rs".to_owned(), SMALL.to_owned())],
            Size::Modules => parts(),
            Size::Heavy => heavy(),
        }
    }

    /// Returns the file in which the edit is made.
    pub(crate) fn edited(self) -> String {
        match self {
            Size::Small | Size::Heavy => "scene.rs".to_owned(),
            Size::Modules => format!("scene/part_{EDITED_PART:02}.rs"),
        }
    }

    /// Returns the number of lines of Rust in a renderer of this size.
    pub(crate) fn lines(self) -> usize {
        self.scene().iter().map(|(_, text)| text.lines().count()).sum()
    }
}

/// Returns the color of an edit by its number; all are different.
pub(crate) fn color(number: u32) -> u32 {
    // With an odd factor, different numbers below 2²³ give different colors. The last bit excludes
    // black.
    (number.wrapping_mul(0x009e_3779) << 1 | 1) & 0x00ff_ffff
}

/// A copy of the scene in one folder.
#[derive(Debug)]
pub(crate) struct Scene {
    path: std::path::PathBuf,
    text: String,
}

impl Scene {
    /// Writes the scene into the folder of a crate's root.
    pub(crate) fn write(size: Size, folder: &Path) -> Result<Self, Failure> {
        let edited = size.edited();
        let mut scene = Scene { path: folder.join(&edited), text: String::new() };
        for (name, text) in size.scene() {
            if name == edited {
                scene.text = text;
                continue;
            }
            write(&folder.join(name), &text)?;
        }
        write(&scene.path, &scene.with(color(0)))?;
        Ok(scene)
    }

    /// Saves the file with another color, as a person would.
    pub(crate) fn save(&self, color: u32) -> Result<(), Failure> {
        fs::write(&self.path, self.with(color))
            .map_err(|error| format!("an edit cannot be saved: {error}"))
    }

    fn with(&self, color: u32) -> String {
        self.text.replace(&literal(WRITTEN), &literal(color))
    }
}

/// Writes a file unless it has this content already: cargo would rebuild everything that depends on
/// it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn literal(color: u32) -> String {
    format!("0x{:04x}_{:04x}", color >> 16, color & 0xffff)
}

fn parts() -> Vec<(String, String)> {
    let names = || (0..PARTS).map(|number| format!("part_{number:02}"));
    let modules: String = names().map(|name| format!("mod {name};\n")).collect();
    let calls: String =
        names().map(|name| format!("    {name}::draw(above, width, tick);\n")).collect();
    let root = format!(
        "//! The larger scene: many parts over a plain ground.\n\n{modules}\n\
         pub fn draw(pixels: &mut [u32], width: usize, height: usize, tick: u64) {{\n    \
         let (above, below) = pixels.split_at_mut(height / 3 * width);\n    above.fill(0);\n\
         {calls}    below.fill(part_{EDITED_PART:02}::ground());\n}}\n"
    );
    let part = |number: u32| {
        let color = if number == EDITED_PART { WRITTEN } else { number * 0x0003_0507 };
        let text = PART
            .replace("@COLOR@", &literal(color))
            .replace("@N@", &number.to_string())
            .replace("@MEMBERS@", &(3 + number % 5).to_string())
            .replace("@DRAG@", &(90 + number % 9).to_string())
            .replace("@STEPS@", &(1 + number % 3).to_string());
        (format!("scene/part_{number:02}.rs"), text)
    };
    std::iter::once(("scene.rs".to_owned(), root)).chain((0..PARTS).map(part)).collect()
}

fn heavy() -> Vec<(String, String)> {
    const CALL: &str = "    below.fill(ground());\n";
    let calls = "    physics::draw(above, width, horizon, tick);\n    \
                 badge::draw(above, width, tick);\n";
    let root = SMALL
        .replacen("const BALLS", "mod badge;\nmod physics;\n\nconst BALLS", 1)
        .replacen(CALL, &format!("{calls}{CALL}"), 1);
    vec![
        ("scene.rs".to_owned(), root),
        ("scene/physics.rs".to_owned(), PHYSICS.to_owned()),
        ("scene/badge.rs".to_owned(), BADGE.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_size_has_one_place_to_edit_and_the_lines_it_is_named_after() {
        for (size, lines) in
            [(Size::Small, 80..120), (Size::Modules, 4800..5400), (Size::Heavy, 120..200)]
        {
            let scene = size.scene();
            let text: String = scene.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(text.matches(&literal(WRITTEN)).count(), 1, "{size:?}");
            assert!(!text.contains('@'), "{size:?} has a place that was not filled in");
            let edited = scene.iter().find(|(name, _)| *name == size.edited());
            assert!(edited.is_some_and(|(_, text)| text.contains(&literal(WRITTEN))), "{size:?}");
            assert!(lines.contains(&size.lines()), "{size:?}: {} lines", size.lines());
        }
    }

    #[test]
    fn no_two_edits_show_the_same_color() {
        let colors: HashSet<_> = (0..10_000).map(color).collect();
        assert_eq!(colors.len(), 10_000);
        assert!(!colors.contains(&0));
    }
}

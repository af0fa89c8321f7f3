//! Tests of the classics as a user runs them: edited while they run, they continue in place.
#![allow(missing_docs, reason = "a program of its own")]

use examples_support::{Program, Workspace};
use std::path::Path;

fn workspace(name: &str) -> Workspace {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let package = format!("examples/classics/{name}");
    Workspace::new(all, name, &[&package], &[], env!("CARGO_BIN_EXE_classics"))
}

/// Returns the number in a title that follows some words.
fn number(title: &str, behind: &str) -> Option<u64> {
    let rest = title.split_once(behind)?.1.trim_start();
    rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

/// Waits until a number in the title exceeds a limit, and returns the title.
fn beyond(program: &Program, word: &str, least: u64) -> String {
    program.until(|title| number(title, word).is_some_and(|it| it > least))
}

#[test]
fn a_machine_goes_on_with_other_colors_and_begins_anew_with_another_program() {
    const SOURCE: &str = "examples/classics/chip8/src/lib.rs";
    const ROM: &str = "examples/classics/chip8/src/rom.rs";
    let workspace = workspace("chip8");
    let program = workspace.run(&["chip8", "--headless"]);
    let title = beyond(&program, "· score 0 ·", 500);
    let before = number(&title, "· score 0 ·").expect("instructions");
    // The same machine, with another format of its title.
    workspace.edit(SOURCE, "chip8 · score {score} · {} instructions", "score {score} after {}");
    let title = program.until(|title| title.starts_with("score "));
    let after = number(&title, "after").expect("instructions");
    assert!(after > before, "{after} instructions after {before}");
    // Another program, which starts from its beginning.
    workspace.edit(ROM, "pub(crate) const NAME: u32 = 1;", "pub(crate) const NAME: u32 = 2;");
    program.until(|title| number(title, "after").is_some_and(|it| it < before));
    workspace.edit(SOURCE, "const SPEED: u32 = 12;", "const SPEED: u32 = 50_000;");
    // From one title to the next: more than any number of late ticks makes at the old speed.
    let mut last = u64::MAX;
    program.until(|title| {
        let now = number(title, "after").unwrap_or_default();
        now.saturating_sub(std::mem::replace(&mut last, now)) >= 50_000
    });
}

#[test]
fn a_world_of_a_million_cells_keeps_every_grain_across_edits() {
    const SOURCE: &str = "examples/classics/sand/src/lib.rs";
    let workspace = workspace("sand");
    let program = workspace.run(&["sand", "--headless"]);
    let title = beyond(&program, "turn", 20);
    let (grains, turn) = (number(&title, "sand ·"), number(&title, "turn"));
    assert_eq!(grains, Some(500 * 140));
    workspace.edit(SOURCE, "\"sand · {} grains", "\"heap · {} grains");
    let title = program.until(|title| title.starts_with("heap"));
    assert_eq!(number(&title, "heap ·"), grains, "{title}");
    assert!(number(&title, "turn") > turn, "{title} after {turn:?}");
    // A new kind of cell and a new field of the world: no grain is lost.
    let world = "examples/classics/sand/src/world.rs";
    let sand = "    /// Sand, which falls and slides down steep slopes.\n";
    workspace.edit(world, sand, &format!("    /// Burns.\n    Fire,\n{sand}"));
    workspace.edit(
        world,
        "    /// Number of turns so far.\n",
        "    /// How hot it is.\n    pub heat: f32,\n    /// Number of turns so far.\n",
    );
    workspace.edit(
        world,
        "poured: Cell::Sand, turns: 0 }",
        "poured: Cell::Sand, heat: 0.0, turns: 0 }",
    );
    workspace.edit(SOURCE, "[u32; 4] = [0x000e_1018,", "[u32; 5] = [0x000e_1018, 0x00ff_4000,");
    workspace.edit(SOURCE, "\"heap · {} grains", "\"dune · {} grains");
    let before = number(&title, "turn");
    let title = program.until(|title| title.starts_with("dune"));
    assert_eq!(number(&title, "dune ·"), grains, "{title}");
    assert!(number(&title, "turn") > before, "{title} after {before:?}: the world was reset");
}

#[test]
fn a_texture_is_loaded_again_without_a_build_and_a_broken_one_is_seen() {
    const SOURCE: &str = "examples/classics/rasteriser/src/lib.rs";
    let workspace = workspace("rasteriser");
    let program = workspace.run(&["rasteriser", "--headless"]);
    let title = program.until(|title| title.contains("textures 64×64, 64×64"));
    let assets = workspace.path("examples/classics/rasteriser/assets");
    // In the copy, as in the repository, the program reads the assets of its own package.
    std::fs::write(assets.join("crate.png"), b"no picture").expect("a texture");
    let broken = program.until(|title| title.contains("textures 2×2, 64×64"));
    assert!(number(&broken, "turn") > number(&title, "turn"), "{broken} after {title}");
    let generation = |title| number(title, "generation");
    assert_eq!(generation(&broken), generation(&title), "nothing was built");
    std::fs::copy(assets.join("floor.png"), assets.join("crate.png")).expect("a texture");
    let mended = program.until(|title| title.contains("textures 64×64, 64×64"));
    assert_eq!(generation(&mended), generation(&title), "nothing was built");
    workspace.edit(SOURCE, "\"boxes · {} triangles", "\"crates · {} triangles");
    let title = program.until(|title| title.starts_with("crates"));
    assert!(number(&title, "turn") > number(&mended, "turn"), "{title} after {mended}");
}

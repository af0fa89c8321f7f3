//! Tests of a program of several parts as a user runs it: each part is replaced separately.
#![allow(missing_docs, reason = "a program of its own")]

use examples_support::{Program, Workspace};
use std::path::Path;

const PARTS: [&str; 4] = [
    "examples/modules/update",
    "examples/modules/view",
    "examples/modules/hud",
    "examples/modules/world",
];
const UPDATE: &str = "examples/modules/update/src/lib.rs";
const VIEW: &str = "examples/modules/view/src/lib.rs";
const HUD: &str = "examples/modules/hud/src/lib.rs";
const WORLD: &str = "examples/modules/world/src/lib.rs";

fn workspace() -> Workspace {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Workspace::new(all, "orbits", &PARTS, &[], env!("CARGO_BIN_EXE_orbits"))
}

/// A line of output that describes the picture.
#[derive(Debug, Clone)]
struct Seen {
    turn: u64,
    /// Generations of update, view and hud.
    generations: [u32; 3],
    sky: u32,
    panel: u32,
}

impl Seen {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(" · ").map(|words| words.split_once(' '));
        let mut next = |name: &str| {
            let (word, value) = words.next()??;
            (word == name).then(|| value.to_owned())
        };
        let turn = next("turn")?.parse().ok()?;
        let generations = [next("update")?, next("view")?, next("hud")?];
        let generations = generations.map(|number| number.parse().unwrap_or_default());
        let color = |text: String| u32::from_str_radix(&text, 16).ok();
        Some(Seen { turn, generations, sky: color(next("sky")?)?, panel: color(next("panel")?)? })
    }
}

fn until(program: &Program, mut wanted: impl FnMut(&Seen) -> bool) -> Seen {
    let line = program.until(|line| Seen::read(line).is_some_and(|seen| wanted(&seen)));
    Seen::read(&line).expect("a line that was read before")
}

/// Waits until all parts draw.
fn drawing(program: &Program) -> Seen {
    until(program, |seen| {
        seen.turn > 20 && seen.generations.iter().all(|&it| it > 0) && seen.panel != seen.sky
    })
}

/// Mixes one color over another by half.
fn half(above: u32, below: u32) -> u32 {
    let mix = |shift: u32| {
        let (above, below) = (above >> shift & 0xff, below >> shift & 0xff);
        ((above * 0x80 + below * 0x7f + 127) / 255) << shift
    };
    mix(16) | mix(8) | mix(0)
}

#[test]
fn each_part_is_replaced_by_itself_and_an_edit_of_what_they_share_replaces_all() {
    let workspace = workspace();
    let program = workspace.run(&["--headless"]);
    let first = drawing(&program);
    assert_eq!((first.sky, first.panel), (0x0008_0c18, half(0x0020_2830, 0x0008_0c18)));
    let [update, view, hud] = first.generations;

    // The layer below, visible through the one above.
    workspace.edit(VIEW, "const SKY: u32 = 0x0008_0c18;", "const SKY: u32 = 0x0040_0c18;");
    let seen = until(&program, |seen| seen.sky == 0x0040_0c18);
    let seen =
        if seen.panel == half(0x0020_2830, 0x0040_0c18) { seen } else { until(&program, |_| true) };
    assert_eq!(seen.panel, half(0x0020_2830, 0x0040_0c18), "{seen:?}");
    assert_eq!(
        (seen.generations[0], seen.generations[2]),
        (update, hud),
        "the others keep running"
    );
    assert!(seen.generations[1] > view && seen.turn >= first.turn, "{seen:?} after {first:?}");

    // The rules of the world.
    workspace.edit(UPDATE, "world.turns += 1;", "world.turns += 1_000_000;");
    let seen = until(&program, |seen| seen.turn > 1_000_000);
    assert!(seen.generations[0] > update && seen.generations[2] == hud, "{seen:?}");

    // The layer above.
    workspace.edit(HUD, "const PANEL: u32 = 0x8020_2830;", "const PANEL: u32 = 0xff12_3456;");
    let before = until(&program, |seen| seen.panel == 0x0012_3456);

    // The shared state gets another layout, and all parts receive it.
    workspace.edit(WORLD, "    pub turns: u64,", "    pub heat: [f32; 9],\n    pub turns: u64,");
    workspace.edit(
        WORLD,
        "World { bodies, turns: 0 }",
        "World { bodies, heat: [1.5; 9], turns: 0 }",
    );
    workspace.edit(VIEW, "canvas.fill(SKY)", "canvas.fill((frame.state.heat[8] * 2.0) as u32)");
    until(&program, |seen| {
        // While the layout differs from the owner's own, the owner does not know the turns.
        let replaced =
            seen.generations.iter().zip(before.generations).all(|(now, then)| *now > then);
        seen.sky == 3 && seen.turn == 0 && replaced
    });
    workspace.edit(WORLD, "    pub heat: [f32; 9],\n", "");
    workspace.edit(WORLD, " heat: [1.5; 9],", "");
    workspace.edit(VIEW, "canvas.fill((frame.state.heat[8] * 2.0) as u32)", "canvas.fill(SKY)");
    let after = until(&program, |seen| seen.sky == 0x0040_0c18 && seen.turn > 0);
    assert!(after.turn > before.turn, "the world has continued: {after:?} after {before:?}");
}

#[test]
fn a_state_that_outgrows_what_the_views_were_given_room_for_reaches_them() {
    let workspace = workspace();
    workspace.edit(VIEW, "canvas.fill(SKY)", "canvas.fill(frame.state.turns as u32)");
    let program = workspace.run(&["--headless"]);
    let before = until(&program, |seen| seen.sky > 20 && seen.sky != 0x0008_0c18);
    workspace.edit(WORLD, "pub const MOST: usize = 64;", "pub const MOST: usize = 100_000;");
    let replaced = |seen: &Seen| {
        let mut parts = seen.generations.iter().zip(before.generations);
        parts.all(|(now, then)| *now > then)
    };
    // The parts see it advance without another edit.
    let one = until(&program, |seen| replaced(seen) && seen.turn == 0);
    let two = until(&program, |seen| seen.sky > one.sky + 10);
    until(&program, |seen| seen.sky > two.sky + 10);
}

#[test]
fn a_part_that_does_not_compile_leaves_the_others_editable_and_is_named() {
    let workspace = workspace();
    let program = workspace.run(&["--headless"]);
    let first = drawing(&program);
    workspace.edit(HUD, "canvas.fill(0);", "canvas.fill(nothing);");
    let problem = program.until(|line| line.starts_with("problem orbits-hud"));
    assert!(problem.contains("does not compile") && problem.contains("nothing"), "{problem}");
    workspace.edit(VIEW, "const SKY: u32 = 0x0008_0c18;", "const SKY: u32 = 0x0050_0000;");
    let seen = until(&program, |seen| seen.sky == 0x0050_0000);
    assert_eq!(seen.generations[2], first.generations[2], "the panel is the last good one");
    workspace.edit(HUD, "canvas.fill(nothing);", "canvas.fill(0x0000_0000);");
    program.until(|line| line == "problem none");
    workspace.edit(HUD, "const PANEL: u32 = 0x8020_2830;", "const PANEL: u32 = 0xff00_0001;");
    until(&program, |seen| seen.panel == 1);
    // An error in the shared package affects all parts, and nothing else changes.
    workspace.edit(WORLD, "pub const MOST: usize = 64;", "pub const MOST: usize = many;");
    program.until(|line| line.starts_with("problem orbits-update") && line.contains("many"));
    let seen = until(&program, |_| true);
    until(&program, |later| later.turn > seen.turn + 5);
    workspace.edit(WORLD, "pub const MOST: usize = many;", "pub const MOST: usize = 64;");
    program.until(|line| line == "problem none");
}

#[test]
fn a_layer_that_dies_leaves_the_others_painting_over_its_last_picture() {
    let workspace = workspace();
    // In the first build, there is no earlier build to fall back to.
    let death = workspace.path("death");
    let dies = format!("if std::path::Path::new({death:?}).exists() {{ panic!(\"it died\") }}");
    workspace.edit(HUD, "canvas.fill(0);", &format!("{dies}\n    canvas.fill(0);"));
    workspace.edit(HUD, "const PANEL: u32 = 0x8020_2830;", "const PANEL: u32 = 0xff80_8080;");
    let program = workspace.run(&["--headless"]);
    until(&program, |seen| seen.panel == 0x0080_8080);
    workspace.write("death", "");
    let problem = program.until(|line| line.starts_with("problem orbits-hud"));
    assert!(problem.contains("it died"), "{problem}");
    // Half of the panel's color over the sky, which keeps moving.
    let faded = half(0x0080_8080, 0x0008_0c18) & 0x00fc_fcfc;
    let seen = until(&program, |seen| seen.panel & 0x00fc_fcfc == faded);
    workspace.edit(VIEW, "const SKY: u32 = 0x0008_0c18;", "const SKY: u32 = 0x0000_ff00;");
    let later = until(&program, |seen| seen.sky == 0x0000_ff00);
    assert!(later.turn > seen.turn, "{later:?} after {seen:?}");
    // A save starts a new attempt.
    std::fs::remove_file(death).expect("what it died of");
    workspace.edit(HUD, "const PANEL: u32 = 0xff80_8080;", "const PANEL: u32 = 0xff90_9090;");
    until(&program, |seen| seen.panel == 0x0090_9090);
}

#[test]
fn parts_that_do_not_fit_together_are_named_and_the_others_go_on() {
    let workspace = workspace();
    const MANIFEST: &str = "examples/modules/hud/Cargo.toml";
    const VIEW_MANIFEST: &str = "examples/modules/view/Cargo.toml";
    workspace.edit(MANIFEST, "name = \"orbits-hud\"\ndesc", "name = \"orbits-panel\"\ndesc");
    let program = workspace.run(&["--headless"]);
    let problem = program.until(|line| line.starts_with("problem orbits-hud"));
    assert!(
        problem.contains("no package `orbits-hud`") && problem.contains("orbits-panel"),
        "{problem}"
    );
    until(&program, |seen| seen.turn > 20 && seen.sky == 0x0008_0c18);
    workspace.edit(MANIFEST, "name = \"orbits-panel\"\ndesc", "name = \"orbits-hud\"\ndesc");
    program.until(|line| line == "problem none");
    let first = drawing(&program);

    // A module whose program is another part: the state would have two owners.
    let main = "examples/modules/hud/src/main.rs";
    workspace.edit(MANIFEST, "[lints]", "orbits-update = { path = \"../update\" }\n\n[lints]");
    workspace.edit(
        main,
        "hot_reload::run::<orbits_hud::Hud>(orbits_hud::render)",
        "hot_reload::run::<orbits_update::Update>(orbits_update::update)",
    );
    let problem =
        program.until(|line| line.starts_with("problem orbits-hud: the renderer cannot start"));
    assert!(problem.contains("runs the `App` of `orbits-update`"), "{problem}");
    let seen = until(&program, |_| true);
    assert_eq!(seen.generations[2], first.generations[2], "the old panel stays");
    workspace.edit(
        main,
        "hot_reload::run::<orbits_update::Update>(orbits_update::update)",
        "hot_reload::run::<orbits_hud::Hud>(orbits_hud::render)",
    );
    program.until(|line| line == "problem none");

    // Two programs with the same file name.
    let named = "[[bin]]\nname = \"orbits-hud\"";
    workspace.edit(MANIFEST, named, "[[bin]]\nname = \"orbits-view\"");
    let problem =
        program.until(|line| line.starts_with("problem orbits-hud: the renderer cannot be"));
    assert!(problem.contains("both called `orbits-view`"), "{problem}");
    workspace.edit(MANIFEST, "[[bin]]\nname = \"orbits-view\"", named);
    program.until(|line| line == "problem none");

    // Modules that depend on each other.
    let mut manifest = std::fs::read_to_string(workspace.path(VIEW_MANIFEST)).expect("a manifest");
    let before = manifest.clone();
    manifest = manifest.replace("[lints]", "orbits-hud = { path = \"../hud\" }\n\n[lints]");
    workspace.write(VIEW_MANIFEST, &manifest);
    workspace.edit(MANIFEST, "[lints]", "orbits-view = { path = \"../view\" }\n\n[lints]");
    let problem = program.until(|line| line.starts_with("problem") && line.contains("cyclic"));
    assert!(problem.contains("orbits-view") && problem.contains("orbits-hud"), "{problem}");
    let seen = until(&program, |_| true);
    until(&program, |later| later.turn > seen.turn + 5);
    workspace.write(VIEW_MANIFEST, &before);
    workspace.edit(MANIFEST, "orbits-view = { path = \"../view\" }\n\n[lints]", "[lints]");
    program.until(|line| line == "problem none");
    workspace.edit(HUD, "const PANEL: u32 = 0x8020_2830;", "const PANEL: u32 = 0xff00_0001;");
    until(&program, |seen| seen.panel == 1);
}

//! Tests of projects made by `cargo hot-reload new`: created, built, edited while they run.

use super::copy::Copy;
use super::program::{Program, Start, users_command};
use super::screen::{self, Screen};
use std::fs;
use std::path::Path;

/// File of a program of one file.
const ONE_FILE: &str = "src/main.rs";
/// File of a renderer's package.
const RENDERER: &str = "renderer/src/lib.rs";

fn edit(copy: &Copy, project: &str, file: &str, from: &str, to: &str) {
    let file = copy.project(project).join(file);
    let text = fs::read_to_string(&file).expect("a source");
    assert!(text.contains(from), "`{from}` is not in {}", file.display());
    fs::write(file, text.replace(from, to)).expect("a source");
}

/// Runs the tests of a project, which compare a picture with a file. In one process, because less is
/// compiled for it.
fn test(copy: &Copy, project: &str) {
    let tested = users_command("cargo", &copy.project(project))
        .args(["test", "--quiet", "--workspace", "--no-default-features", "--tests"])
        .env("CARGO_TARGET_DIR", copy.root.join("target"))
        .output()
        .expect("cargo");
    let told = String::from_utf8_lossy(&tested.stdout);
    let failed = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success() && told.contains("1 passed"), "{told}\n{failed}");
}

/// Checks that the background is shown, that an edit changes it in the same window, and that the
/// ball moves.
fn shows_and_reloads(name: &'static str, kinds: &[&str], file: &str, change: fn(&Path)) {
    if !screen::is_there(name) {
        return;
    }
    let copy = Copy::take();
    copy.new_project(name, kinds);
    change(&copy.project(name));
    let screen = Screen::start(&copy.results);
    let display = Some(screen.display.as_str());
    let mut program = Program::start(&copy, Start::Project(name), display, name, &[]);
    let window = program.wait_first("the window", || screen.window());
    let has_background = |color: u32| {
        let found = screen.picture(window)?.pixel(2, 2);
        (found == color).then_some(()).ok_or_else(|| format!("#{found:06x}"))
    };
    program.wait_first("the first picture", || has_background(0x0020_3040));
    program.wait_for_log("generation 1 launched (this program, until a build has succeeded)");
    program.wait_for_log("generation 2 draws its first frame");
    program.wait_for_log(&format!("edit {file} and save it"));
    assert_eq!(screen.window(), Ok(window), "the same window after the first build");
    edit(&copy, name, file, "0x20_30_40", "0x50_20_40");
    program.wait("the edited picture", || has_background(0x0050_2040));
    assert_eq!(screen.window(), Ok(window), "the same window");
    let before = screen.picture(window);
    program.wait("a ball that moves", || match screen.picture(window) {
        picture if picture == before => Err("the same picture".to_owned()),
        picture => picture.map(|_| ()),
    });
    screen.xdotool(&format!("windowfocus {window}"));
    program.wait("the focus", || screen.has_focus(window).then_some(()).ok_or("none".to_owned()));
    screen.xdotool("key Escape");
    assert!(program.wait_exit().success(), "{}", program.log());
}

#[test]
fn a_program_of_one_file_is_begun_built_and_reloaded() {
    shows_and_reloads("sketch", &[], ONE_FILE, |_| {});
}

#[test]
fn the_tests_of_new_projects_pass_and_notice_another_picture() {
    let copy = Copy::take();
    copy.new_project("tested-packages", &["--packages"]);
    test(&copy, "tested-packages");
    copy.new_project("tested", &[]);
    test(&copy, "tested");
    edit(&copy, "tested", ONE_FILE, "RADIUS: f32 = 24.0", "RADIUS: f32 = 25.0");
    let noticed = std::panic::catch_unwind(|| test(&copy, "tested")).expect_err("another picture");
    let told = noticed.downcast_ref::<String>().expect("a message");
    assert!(told.contains("tests/golden/dragged.png differs"), "{told}");
    assert!(copy.project("tested").join("tests/golden/dragged.diff.png").exists());
}

/// Makes two packages of a program of one file, as the tutorial says: the game, which has the state,
/// and the app, which has the window.
fn into_two_packages(project: &Path) {
    let read = |file: &str| fs::read_to_string(project.join(file)).expect("a file");
    let write = |file: &str, text: &str| {
        let file = project.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    };
    let (manifest, source) = (read("Cargo.toml"), read(ONE_FILE));
    let dependency = manifest.lines().find(|line| line.starts_with("hot-reload = {"));
    let dependency = dependency.expect("the library").replace(", features = [\"minifb\"]", "");
    let package = |name: &str| format!("[package]\nname = {name:?}\nedition = \"2024\"\n\n");
    let features = |hot: &str| format!("[features]\ndefault = [\"hot\"]\nhot = [{hot:?}]\n\n");
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"game\"]\ndefault-members = [\"app\"]\n",
    );
    write(
        "game/Cargo.toml",
        &format!(
            "{}{}[dependencies]\n{dependency}\n",
            package("game"),
            features("hot-reload/renderer")
        ),
    );
    let (library, _) = source.split_once("fn main()").expect("the program's main");
    let library = library.replace("struct State", "pub struct State");
    write("game/src/lib.rs", &library.replace("fn render(", "pub fn render("));
    let main = "fn main() -> hot_reload::Result<()> {\n    hot_reload::";
    write("game/src/main.rs", &format!("{main}run(game::render)\n}}\n"));
    let with_window = dependency.replace(" }", ", features = [\"minifb\"] }");
    let game = "game = { path = \"../game\", default-features = false }";
    write(
        "app/Cargo.toml",
        &format!(
            "{}{}[dependencies]\n{with_window}\n{game}\n",
            package("app"),
            features("hot-reload/hot")
        ),
    );
    write("app/src/main.rs", &format!("{main}play(game::render)\n}}\n"));
    fs::rename(project.join("src/tests.rs"), project.join("game/src/tests.rs")).expect("the test");
    fs::remove_dir_all(project.join("src")).expect("the old source");
}

#[test]
fn a_project_of_two_packages_is_built_and_reloaded() {
    shows_and_reloads("two-packages", &[], "game/src/lib.rs", into_two_packages);
}

#[test]
fn a_project_of_three_packages_is_begun_built_and_reloaded() {
    shows_and_reloads("packages-project", &["--packages"], RENDERER, |_| {});
}

#[test]
fn a_project_with_a_winit_window_is_begun_built_and_reloaded() {
    shows_and_reloads("winit-project", &["--winit"], ONE_FILE, |_| {});
}

#[test]
fn a_project_without_a_window_is_begun_built_and_reloaded() {
    let name = "text-project";
    let copy = Copy::take();
    copy.new_project(name, &["--text"]);
    let mut program = Program::start(&copy, Start::Project(name), None, name, &[]);
    let file = copy.results.join(format!("{name}.log"));
    let lines = || {
        let log = fs::read_to_string(&file).unwrap_or_default();
        log.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let printed = |wanted: &str| {
        let lines = lines();
        let found = lines.iter().any(|line| line.starts_with(wanted));
        found.then_some(()).ok_or_else(|| lines.join("\n"))
    };
    program.wait_first("the second step", || printed("step 2"));
    edit(&copy, name, ONE_FILE, "\"step {}\"", "\"edited, step {}\"");
    program.wait("an edited step", || printed("edited, step "));
    let lines = lines();
    let steps = lines.iter().filter_map(|line| line.split("step ").nth(1)?.parse::<u32>().ok());
    let steps = steps.collect::<Vec<_>>();
    assert!((1..).zip(&steps).all(|(next, step)| next == *step), "the count continues: {steps:?}");
}

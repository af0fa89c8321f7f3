//! The callers: a plain program, the renderer of an owner, and the programs of the other systems.

use crate::call_application::Calls;
use crate::contest::{BUILD_LIMIT, EDIT_LIMIT};
use crate::process::{self, Group, Lines, cargo};
use crate::source::write;
use crate::{Failure, here};
use hot_reload::{Owner, WindowInput};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const APPLICATION: &str = include_str!("../../templates/calls_application.rs");
const FUNCTIONS: &str = include_str!("../../templates/functions.rs");
const ROUNDS: &str = include_str!("../../templates/rounds.rs");
const MAIN: &str = include_str!("../../templates/calls_main.rs");

/// Profiles like those of hot builds by default: own code at level 1, dependencies at 3.
const PROFILES: &str =
    "\n[profile.dev]\nopt-level = 1\n\n[profile.dev.package.\"*\"]\nopt-level = 3\n";

/// Nanoseconds of an empty call, and of a call that computes a Fibonacci number.
pub(super) type Round = (f64, f64);

/// A system under measurement.
pub(super) trait Player {
    /// Measures one round.
    fn round(&mut self) -> Result<Round, Failure>;
}

/// A program that measures one round for each line of its input.
struct Program {
    group: Group,
    lines: Lines,
}

impl Program {
    fn start(folder: &Path) -> Result<Box<dyn Player>, Failure> {
        let log = folder.join("build.log");
        Group::spawn(cargo(folder, &["build", "--workspace"]), &log)?.finish(BUILD_LIMIT)?;
        let mut command = cargo(folder, &["run"]);
        command.stdout(Stdio::piped());
        let mut group = Group::spawn(command, &folder.join("program.log"))?;
        let lines = group.lines()?;
        Ok(Box::new(Program { group, lines }))
    }
}

impl Player for Program {
    fn round(&mut self) -> Result<Round, Failure> {
        self.group.say("round\n")?;
        let line = self.lines.next(EDIT_LIMIT)?;
        let mut words = line.split(' ').skip(1).map(str::parse);
        match (words.next(), words.next()) {
            (Some(Ok(empty)), Some(Ok(fibonacci))) => Ok((empty, fibonacci)),
            _ => Err(format!("not a round: {line}")),
        }
    }
}

/// Starts a plain program with the same function.
pub(super) fn plain(folder: &Path) -> Result<Box<dyn Player>, Failure> {
    write(&folder.join("Cargo.toml"), &manifest("plain", "", ""))?;
    write(&folder.join("src/functions.rs"), &functions("#[inline(never)]"))?;
    write_main(folder, "mod functions;")?;
    Program::start(folder)
}

/// Starts hotcode: a library, and a program beside it.
pub(super) fn hotcode(folder: &Path) -> Result<Box<dyn Player>, Failure> {
    let library = "\n[lib]\ncrate-type = [\"dylib\", \"rlib\"]\n";
    write(&folder.join("Cargo.toml"), &manifest("functions", library, "hotcode = \"1\"\n"))?;
    write(&folder.join("src/lib.rs"), &functions("#[hotcode::hotreload]"))?;
    write_main(folder, "")?;
    Program::start(folder)
}

/// Starts hot-lib-reloader: a program, and a library that it loads.
pub(super) fn hot_lib_reloader(folder: &Path) -> Result<Box<dyn Player>, Failure> {
    let needs = "hot-lib-reloader = \"0.8\"\n";
    let root = manifest("program", "", needs).replacen(
        "[workspace]",
        "[workspace]\nresolver = \"2\"\nmembers = [\"lib\"]",
        1,
    );
    let library = "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"rlib\", \"dylib\"]\n";
    write(&folder.join("Cargo.toml"), &root)?;
    write(&folder.join("lib/Cargo.toml"), library)?;
    write(&folder.join("lib/src/lib.rs"), &functions("#[unsafe(no_mangle)]"))?;
    let module = "#[hot_lib_reloader::hot_module(dylib = \"lib\")]\nmod functions {\n    \
         hot_functions_from_file!(\"lib/src/lib.rs\");\n}";
    write_main(folder, module)?;
    Program::start(folder)
}

/// Starts this project: the renderer's process calls its own function.
pub(super) fn hot_reload(folder: &Path) -> Result<Box<dyn Player>, Failure> {
    let mut player = Renderer { owner: start_owner(folder)?, rounds: 0 };
    player.until_next(BUILD_LIMIT)?;
    Ok(Box::new(player))
}

/// Starts this project: the owner asks the renderer's process, and waits for the answer.
pub(super) fn owner_call(folder: &Path) -> Result<Box<dyn Player>, Failure> {
    let mut player = Asker(start_owner(folder)?);
    player.ask(0, BUILD_LIMIT)?;
    Ok(Box::new(player))
}

fn start_owner(folder: &Path) -> Result<Owner<Calls>, Failure> {
    let library = "mod functions;\nmod rounds;\n\n\
         pub fn render(frame: &mut hot_reload::Frame<'_, application::Calls>) {\n    \
         let mut asked = false;\n    \
         while let Some(number) = frame.owner.try_recv() {\n        \
         asked = true;\n        \
         let answer = if number == 0 { functions::empty(); 0 } else { functions::fibonacci(number) };\n        \
         let _ = frame.owner.reply(answer);\n    }\n    \
         if asked { return; }\n    \
         let (empty, fibonacci) = rounds::round(|| functions::empty(), |n| functions::fibonacci(n));\n    \
         frame.state.rounds += 1;\n    frame.state.empty = empty;\n    \
         frame.state.fibonacci = fibonacci;\n}\n";
    let main = "fn main() -> hot_reload::Result<()> {\n    \
         hot_reload::run::<application::Calls>(renderer::render)\n}\n";
    crate::contest::write_hot_workspace(folder, APPLICATION, "")?;
    write(&folder.join("renderer/src/lib.rs"), library)?;
    write(&folder.join("renderer/src/main.rs"), main)?;
    write(&folder.join("renderer/src/rounds.rs"), ROUNDS)?;
    write(&folder.join("renderer/src/functions.rs"), &functions("#[inline(never)]"))?;
    let builder = Owner::<Calls>::builder(()).without_canvas().workspace(folder);
    let owner = builder.program_arguments([]).start(|_| {});
    owner.map_err(|error| format!("the owner does not start: {error}"))
}

struct Renderer {
    owner: Owner<Calls>,
    /// Number of rounds done when the last result was read.
    rounds: u64,
}

impl Player for Renderer {
    fn round(&mut self) -> Result<Round, Failure> {
        self.until_next(EDIT_LIMIT)
    }
}

/// An owner that asks for each call.
struct Asker(Owner<Calls>);

impl Asker {
    fn ask(&mut self, number: u64, limit: Duration) -> Result<(), Failure> {
        let answer = self.0.call(number, limit);
        answer.map(|_| ()).map_err(|error| format!("no answer: {error}"))
    }

    fn time(&mut self, number: u64) -> Result<f64, Failure> {
        const CALLS: u32 = 2000;
        let begin = Instant::now();
        for _ in 0..CALLS {
            self.ask(number, EDIT_LIMIT)?;
        }
        Ok(begin.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS))
    }
}

impl Player for Asker {
    fn round(&mut self) -> Result<Round, Failure> {
        process::go_on()?;
        Ok((self.time(0)?, self.time(20)?))
    }
}

impl Renderer {
    fn until_next(&mut self, limit: Duration) -> Result<Round, Failure> {
        let end = Instant::now() + limit;
        loop {
            self.owner.tick(&WindowInput::idle(64, 64));
            let found = self.owner.state().filter(|state| state.rounds > self.rounds);
            if let Some(state) = found {
                self.rounds = state.rounds;
                return Ok((state.empty, state.fibonacci));
            }
            process::go_on()?;
            if Instant::now() > end {
                return Err(format!("no round within {limit:?}: {:?}", self.owner.status()));
            }
            // Longer than a round takes, so that no turn of the owner falls into a round.
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

fn write_main(folder: &Path, module: &str) -> Result<(), Failure> {
    let main = MAIN.replace("/* where the functions are */", module);
    write(&folder.join("src/main.rs"), &main)?;
    write(&folder.join("src/rounds.rs"), ROUNDS)
}

fn functions(attribute: &str) -> String {
    FUNCTIONS.replace("/* attribute */", attribute)
}

fn manifest(name: &str, library: &str, needs: &str) -> String {
    format!(
        "[workspace]\n\n[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         {library}\n[[bin]]\nname = \"program\"\npath = \"src/main.rs\"\n\n\
         [dependencies]\n{needs}{PROFILES}"
    )
}

/// Returns the folder of a system's workspace.
pub(super) fn folder(name: &str) -> std::path::PathBuf {
    here().join("target/contest/calls").join(name)
}

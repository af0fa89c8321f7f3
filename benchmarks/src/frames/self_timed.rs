//! An owner whose renderer times its own turns and reports them.

use super::tasks;
use crate::contest::{BUILD_LIMIT, EDIT_LIMIT, pin_versions, write_hot_workspace};
use crate::self_timed_application::{SIZE, SelfTimed, TOLD, Word};
use crate::source::write;
use crate::{Failure, environment, here, process};
use hot_reload::{Deadlines, Owner, OwnerBuilder, WindowInput};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const APPLICATION: &str = include_str!("../../templates/self_timed_application.rs");
const RENDERER: &str = include_str!("../../templates/self_timed_renderer.rs");
const BARE_WAKE: &str = include_str!("../../templates/bare_wake.rs");

/// Deadline that allows for the slow allocation of a gigabyte of pages.
const PATIENT: Duration = Duration::from_secs(120);

/// Writes the renderer's workspace.
pub(super) fn prepare() -> Result<PathBuf, Failure> {
    let folder = here().join("target/contest/self-timed");
    pin_versions(&folder)?;
    let time = "rustix = { version = \"1.1\", features = [\"time\"] }\n";
    let main = "mod bare_wake;\n\n\
         fn main() -> hot_reload::Result<()> {\n    \
         // Started with a number, it is what the runtime is compared with.\n    \
         let times = std::env::args().nth(1).and_then(|times| times.parse().ok());\n    \
         if let Some(times) = times {\n        bare_wake::run(times);\n        return Ok(());\n    }\n    \
         renderer::run(hot_reload::Renderer::attach()?)\n}\n";
    write_hot_workspace(&folder, APPLICATION, time)?;
    write(&folder.join("renderer/src/lib.rs"), RENDERER)?;
    write(&folder.join("renderer/src/bare_wake.rs"), BARE_WAKE)?;
    write(&folder.join("renderer/src/main.rs"), main)?;
    Ok(folder)
}

/// A completed turn of the renderer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) number: u64,
    /// Duration of `present`: the publishing of the picture, and the commit if there was one.
    pub(super) present: Duration,
    /// Processor time of all threads of the process from the end of the drawing until the next
    /// could begin.
    pub(super) runtime: Duration,
    /// Wall-clock time of the same period, from the end of `present` on.
    pub(super) gap: Duration,
}

/// An owner, and the number of the last turn that was read.
pub(super) struct SelfTimedOwner {
    pub(super) owner: Owner<SelfTimed>,
    input: WindowInput,
    heard: u64,
}

impl SelfTimedOwner {
    /// Starts with this many bytes in addition to the state, and waits until there is a picture and
    /// all compiling has ended.
    pub(super) fn start(
        bytes: u64,
        folder: &Path,
        set_up: impl FnOnce(OwnerBuilder<SelfTimed>) -> OwnerBuilder<SelfTimed>,
    ) -> Result<Self, Failure> {
        let deadlines = Deadlines {
            start: PATIENT,
            rehearsal: PATIENT,
            tick: PATIENT,
            drain: PATIENT,
            ..Deadlines::default()
        };
        let builder = Owner::<SelfTimed>::builder(bytes).size(SIZE.0, SIZE.1).workspace(folder);
        let builder = set_up(builder.deadlines(deadlines)).program_arguments([]);
        let owner = builder.start_with(|_| Ok(()));
        let owner = owner.map_err(|error| format!("the owner does not start: {error}"))?;
        let input = WindowInput::idle(SIZE.0, SIZE.1);
        let mut started = SelfTimedOwner { owner, input, heard: 0 };
        let end = Instant::now() + BUILD_LIMIT;
        while started.owner.picture().generation() == 0 || tasks::is_priming() {
            started.turn()?;
            if Instant::now() > end {
                let status = started.owner.status();
                return Err(format!("no picture within {BUILD_LIMIT:?}: {status:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(started)
    }

    /// Runs one turn, and returns its duration.
    pub(super) fn turn(&mut self) -> Result<Duration, Failure> {
        let begin = Instant::now();
        self.owner.tick(&self.input);
        let took = begin.elapsed();
        process::go_on()?;
        match &self.owner.status().problem {
            None => Ok(took),
            Some(problem) => Err(environment::without_paths(&format!("{problem:?}"))),
        }
    }

    /// Returns the renderer's turns that have not been returned yet.
    pub(super) fn hear(&mut self) -> Vec<Turn> {
        let picture = self.owner.picture();
        let pixels = picture.frame();
        // The turn that has drawn this picture had not ended at that time.
        let last = read(pixels, Word::Number).saturating_sub(1);
        let first = (self.heard + 1).max((last + 1).saturating_sub(TOLD)).max(1);
        self.heard = self.heard.max(last);
        let time = |word| Duration::from_nanos(read(pixels, word));
        let turn = |number| Turn {
            number,
            present: time(Word::Present(number)),
            runtime: time(Word::Runtime(number)),
            gap: time(Word::Gap(number)),
        };
        (first..=last).map(turn).collect()
    }

    /// Returns the number of the last turn whose state the owner has.
    pub(super) fn committed(&self) -> u64 {
        self.owner.state().map_or(0, |state| state.turns)
    }

    /// Returns the renderer's process id.
    pub(super) fn renderer(&self) -> Result<u32, Failure> {
        let word = read(self.owner.picture().frame(), Word::Process);
        u32::try_from(word).map_err(|_| "the picture does not name the renderer".to_owned())
    }

    /// Turns until a condition holds.
    pub(super) fn until(
        &mut self,
        pause: Duration,
        mut is_so: impl FnMut(&mut Self) -> bool,
    ) -> Result<(), Failure> {
        let end = Instant::now() + EDIT_LIMIT;
        while !is_so(self) {
            self.turn()?;
            if Instant::now() > end {
                return Err(format!("not within {EDIT_LIMIT:?}: {:?}", self.owner.status()));
            }
            std::thread::sleep(pause);
        }
        Ok(())
    }
}

/// Reads a word of the picture; returns 0 before the first picture.
fn read(pixels: &[u32], word: Word) -> u64 {
    let halves = pixels.get(word.place()..).and_then(|rest| rest.first_chunk::<2>());
    halves.map_or(0, |[low, high]| u64::from(*low) | u64::from(*high) << 32)
}

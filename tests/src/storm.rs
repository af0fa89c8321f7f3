//! An application for the storm of kills: its state and pictures show anything torn, lost or
//! delivered twice.
//!
//! The checks are also here, so that the storm and its negative control use the same ones.

use hot_reload::{App, Frame, SharedState};

/// Number of words of the pattern: 64 KiB.
pub const WORDS: usize = 16 << 10;

/// The application.
#[derive(Debug, Clone, Copy)]
pub struct Storm;

/// Input that the renderer has received. All of it follows from the tick, so a partial state is
/// noticed.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct State {
    /// Number of the last tick.
    pub tick: u64,
    /// Number of ticks that did not follow the previous one: lost, or delivered twice.
    pub gaps: u32,
    /// Number of generations that started with a torn state.
    pub broken: u32,
    /// Numbers received.
    pub pings: Numbers,
    /// The pattern of the tick.
    pub words: [u32; WORDS],
    /// Number of the last tick again, at the end.
    pub tick_again: u64,
}

impl Default for State {
    fn default() -> Self {
        let mut words = [0; WORDS];
        draw(&mut words, 0, 0);
        State { tick: 0, gaps: 0, broken: 0, pings: Numbers::default(), words, tick_again: 0 }
    }
}

impl State {
    /// Returns a description of the damage if the state is torn.
    #[must_use]
    pub fn tear(&self) -> Option<String> {
        if self.tick != self.tick_again {
            return Some(format!("tick {} ends with {}", self.tick, self.tick_again));
        }
        tear(&self.words, self.tick, 0)
    }
}

/// Statistics of numbers that arrive in order, unless they are lost, delivered twice or reordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, SharedState)]
#[repr(C)]
pub struct Numbers {
    /// The largest number seen.
    pub last: u32,
    /// Number of skipped numbers before it.
    pub missing: u32,
    /// Number of arrivals that were not larger than an earlier one.
    pub again: u32,
}

impl Numbers {
    /// Records the next number.
    pub fn see(&mut self, number: u32) {
        if number <= self.last {
            self.again += 1;
        } else {
            self.missing += number - self.last - 1;
            self.last = number;
        }
    }
}

/// Fills in the pattern for a tick and a generation.
pub fn draw(words: &mut [u32], tick: u64, generation: u32) {
    let mut next = first(tick, generation);
    for word in words {
        *word = next;
        next = following(next);
    }
}

/// Returns the place at which words differ from the pattern of [`draw`], if there is one.
#[must_use]
pub fn tear(words: &[u32], tick: u64, generation: u32) -> Option<String> {
    let mut next = first(tick, generation);
    for (at, &word) in words.iter().enumerate() {
        if word != next {
            let of = words.len();
            return Some(format!(
                "word {at} of {of} is {word:#010x}, not {next:#010x} as of tick {tick} and \
                 generation {generation}"
            ));
        }
        next = following(next);
    }
    None
}

fn first(tick: u64, generation: u32) -> u32 {
    let mixed = (tick << 20 ^ u64::from(generation)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or(0)
}

fn following(word: u32) -> u32 {
    word.rotate_left(5).wrapping_add(0x9e37_79b9)
}

/// A message with a number to the renderer.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct Ping {
    /// Number of the message, from 1.
    pub number: u32,
}

/// An answer with the same number.
#[derive(Debug, Clone, Copy, SharedState)]
#[repr(C)]
pub struct Pong {
    /// Number of the ping.
    pub number: u32,
}

impl App for Storm {
    const RENDERER: &'static str = "two-process-tests";
    type Arguments = ();
    type State = State;
    type ToRenderer = Ping;
    type ToOwner = Pong;
}

/// Runs one turn. A rehearsal counts its tick as a gap, because nothing of it may remain.
///
/// # Panics
/// Panics if the owner does not accept an answer.
pub fn render(frame: &mut Frame<'_, Storm>) {
    let (state, input) = (&mut *frame.state, frame.input);
    let tick = input.tick;
    state.broken += u32::from(frame.first && state.tear().is_some());
    let follows = tick == state.tick + 1 + u64::from(input.merged + input.lost_ticks);
    state.gaps += u32::from(!follows);
    (state.tick, state.tick_again) = (tick, tick);
    draw(&mut state.words, tick, 0);
    while let Some(Ping { number }) = frame.owner.try_recv() {
        state.pings.see(number);
        assert!(frame.owner.send(Pong { number }).is_ok(), "the owner takes its messages");
    }
    draw(frame.canvas.pixels(), tick, frame.generation);
}

/// Plans, which tell a generation where to fail.
/// Environment variable that names the folder of the plans.
pub mod plans {
    use std::fs;
    use std::io::Result;
    use std::path::{Path, PathBuf};

    /// The environment variable that names the folder of the plans.
    pub const FOLDER: &str = "STORM_PLANS";
    /// Environment variable that the library reads.
    pub const FAIL: &str = "HOT_RELOAD_FAIL";

    /// Leaves a plan for one generation, the first that takes it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn leave(folder: &Path, plan: &str) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("plan.new"), plan)?;
        fs::rename(folder.join("plan.new"), folder.join("plan"))
    }

    /// Takes the plan for this process, if there is one.
    #[must_use]
    pub fn take(folder: &Path) -> Option<String> {
        let mine = mine(folder, std::process::id());
        fs::rename(folder.join("plan"), &mine).ok()?;
        fs::read_to_string(mine).ok()
    }

    /// Returns the process that has taken the plan; reports it once.
    #[must_use]
    pub fn taken(folder: &Path) -> Option<u32> {
        let file = fs::read_dir(folder)
            .ok()?
            .flatten()
            .find(|file| file.path().extension().is_some_and(|ending| ending == "taken"))?;
        fs::remove_file(file.path()).ok()?;
        file.path().file_stem()?.to_str()?.parse().ok()
    }

    /// Removes a plan that has not been taken.
    pub fn withdraw(folder: &Path) {
        let _ = fs::remove_file(folder.join("plan"));
    }

    fn mine(folder: &Path, process: u32) -> PathBuf {
        folder.join(format!("{process}.taken"))
    }
}

/// Serves as the renderer's `main`. If there is a plan, executes this program again with the plan
/// in its environment.
///
/// # Errors
/// Returns the errors of [`hot_reload::run`].
///
/// # Panics
/// Panics if this program cannot be executed again.
pub fn main() -> hot_reload::Result<()> {
    use std::os::unix::process::CommandExt;
    if std::env::var_os(plans::FAIL).is_some() {
        // The hook is silent, because thousands of panics are planned.
        std::panic::set_hook(Box::new(|_| {}));
    } else if let Some(folder) = std::env::var_os(plans::FOLDER)
        && let Some(plan) = plans::take(folder.as_ref())
        && let Ok(program) = std::env::current_exe()
    {
        let arguments = std::env::args_os().skip(1);
        let error =
            std::process::Command::new(program).args(arguments).env(plans::FAIL, plan).exec();
        panic!("a program that runs can be run again: {error}");
    }
    hot_reload::run::<Storm>(render)
}

//! Tests of a program: plays a script in lockstep and compares the pictures. Requires the feature
//! `testing`, which belongs among the dev-dependencies.
//!
//! ```no_run
//! # use hot_reload::{App, Frame, Owner, testing};
//! # fn test<Game: App<Arguments = ()>>(
//! #     render: fn(&mut Frame<'_, Game>),
//! #     clicks: impl Fn(&Game::State) -> u32,
//! # ) -> hot_reload::Result<()> {
//! // in a function with `#[test]`
//! let mut test = testing::start(Owner::<Game>::builder(()).size(320, 240), render)?;
//! test.play("5 mouse 20 15 \n 6 button left down \n 8 button left up")?;
//! test.assert_picture("tests/golden/clicked.png");
//! assert_eq!(clicks(test.state()), 1);
//! # Ok(())
//! # }
//! ```

mod difference;
mod golden;

pub use golden::assert_picture;

use crate::app::App;
use crate::error::Result;
use crate::input::WindowInput;
use crate::owner::{Owner, OwnerBuilder, Picture};
use crate::play::script::Script;
use crate::renderer::Frame;
use std::path::Path;
use std::time::Duration;

/// Time that a step may take, on a machine that is busy with other tests.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts a program to be tested: in one process, with the seed 0 unless the builder has another.
///
/// # Errors
/// Fails as [`OwnerBuilder::start`] does.
pub fn start<A: App>(
    builder: OwnerBuilder<A>,
    render: impl FnMut(&mut Frame<'_, A>) + Send + 'static,
) -> Result<Harness<A>> {
    Ok(Harness::new(builder.default_seed(0).one_process().start(render)?))
}

/// A program that is tested: an owner, the input of its next tick, and their steps.
#[derive(Debug)]
pub struct Harness<A: App> {
    owner: Owner<A>,
    /// Input of the next tick. The events and the wheel are cleared after each tick.
    pub input: WindowInput,
}

impl<A: App> Harness<A> {
    /// Tests the program of this owner, which can be in hot mode. [`start`] is shorter.
    #[must_use]
    pub fn new(owner: Owner<A>) -> Self {
        let (width, height) = owner.window_size();
        Harness { owner, input: WindowInput::idle(width, height) }
    }

    /// Runs one tick with [`input`](Self::input), and returns its picture.
    ///
    /// # Errors
    /// Fails as [`Owner::step`] does, after a minute.
    ///
    /// # Panics
    /// Panics in one process if the renderer has panicked.
    pub fn step(&mut self) -> Result<Picture<'_>> {
        let idle = WindowInput { events: Vec::new(), wheel: (0.0, 0.0), ..self.input.clone() };
        // Also if it fails: the tick was given.
        let input = std::mem::replace(&mut self.input, idle);
        self.owner.step(&input, LIMIT)
    }

    /// Plays a script: the actions of a file for `--script`, each line a tick, counted from this
    /// call, and what happens in it. Ends with the tick of the last action; `quit` runs no tick.
    ///
    /// # Errors
    /// Fails if a line is not an action, and as [`step`](Self::step) does. A line `seed N` has no
    /// effect: the seed is the builder's.
    ///
    /// # Panics
    /// Panics in one process if the renderer has panicked.
    pub fn play(&mut self, script: &str) -> Result<Picture<'_>> {
        let mut script = Script::parse(script)?;
        let mut tick = 0;
        while !script.is_over() {
            tick += 1;
            if script.play(tick, &mut self.input) {
                break;
            }
            self.step()?;
        }
        Ok(self.owner.picture())
    }

    /// Returns the last picture.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        self.owner.picture()
    }

    /// Compares the last picture with a file; see [`assert_picture`].
    ///
    /// # Panics
    /// Panics if they differ.
    #[track_caller]
    pub fn assert_picture(&self, golden: impl AsRef<Path>) {
        assert_picture(self.owner.picture(), golden);
    }

    /// Returns the state after the last tick.
    ///
    /// # Panics
    /// Panics before the first tick, and in hot mode if the state has another layout than this
    /// program.
    #[must_use]
    #[track_caller]
    pub fn state(&self) -> &A::State {
        let Some(state) = self.owner.state() else {
            panic!("there is no state before the first tick, and none of another layout");
        };
        state
    }

    /// Returns the owner, for messages and requests.
    pub fn owner(&mut self) -> &mut Owner<A> {
        &mut self.owner
    }
}

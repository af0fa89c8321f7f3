//! Tests of large states that come by value, in unoptimised builds of their `Default`.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hot_reload::{App, Owner, WindowInput};
use std::time::Duration;
use support::{Patience, Workbench};
use two_process_tests::big::{Assigned, Desert, Plain, pour};

/// Numbers of grains for 8, 16 and 40 MiB.
const SMALL: usize = 2 << 20;
const MIDDLE: usize = 4 << 20;
const LARGE: usize = 10 << 20;

/// Ticks until some frames have been committed, and checks the state.
fn pours<const GRAINS: usize, A: App<State = Desert<GRAINS>>>(mut owner: Owner<A>) {
    let mut patience = Patience::new();
    while owner.state().is_none_or(|state| state.frames < 5) {
        assert!(!patience.is_over(owner.status()), "{GRAINS} grains: {:?}", owner.status());
        assert_eq!(owner.status().problem, None, "{GRAINS} grains");
        owner.tick(&WindowInput::idle(64, 48));
        std::thread::sleep(Duration::from_millis(2));
    }
    let state = owner.state().unwrap();
    assert_eq!((state.sand.spilt, state.sand.grains.len() as u64), (7, state.frames));
    assert_eq!(state.sand.grains[..5], [1, 2, 3, 4, 5]);
}

fn in_one_process<const GRAINS: usize, A>()
where
    A: App<State = Desert<GRAINS>, Arguments = ()>,
{
    let owner = Owner::<A>::builder(()).size(64, 48).one_process();
    pours(owner.start(pour::<GRAINS, A>).unwrap());
}

#[test]
fn default_makes_a_state_of_8_16_and_40_mib_in_one_process() {
    in_one_process::<SMALL, Plain<SMALL>>();
    in_one_process::<MIDDLE, Plain<MIDDLE>>();
    in_one_process::<LARGE, Plain<LARGE>>();
}

#[test]
fn init_assigns_a_state_of_8_16_and_40_mib_in_one_process() {
    in_one_process::<SMALL, Assigned<SMALL>>();
    in_one_process::<MIDDLE, Assigned<MIDDLE>>();
    in_one_process::<LARGE, Assigned<LARGE>>();
}

fn in_hot_mode<const GRAINS: usize>(bench: &Workbench, size: &str) {
    let owner = Owner::<Plain<GRAINS>>::builder(()).size(64, 48).workspace(&bench.folder);
    pours(owner.program_arguments(["plain".into(), size.into()]).start(pour).unwrap());
}

#[test]
fn default_makes_a_state_of_8_16_and_40_mib_in_hot_mode() {
    let bench = Workbench::of("plain");
    // Unoptimised here as well, as with a `[profile.hot]` without an optimisation level.
    bench.edit("Cargo.toml", "[workspace]\n", "[workspace]\n\n[profile.hot]\ninherits = \"dev\"\n");
    in_hot_mode::<SMALL>(&bench, "8");
    in_hot_mode::<MIDDLE>(&bench, "16");
    in_hot_mode::<LARGE>(&bench, "40");
}

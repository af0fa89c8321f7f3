//! Tests of the owner's end: it leaves nothing behind in any case, and reports why it cannot start.

use super::copy::Copy;
use super::program::{Program, Start};
use super::session::Session;
use hot_reload::Snapshot;

#[test]
fn a_killed_owner_leaves_nothing() {
    let Some(mut session) = Session::start("a_killed_owner_leaves_nothing", &[]) else {
        return;
    };
    let took = session.kill();
    eprintln!("{took:.0?} after the owner was killed, nothing was left of it");
}

#[test]
fn a_signal_ends_a_window_in_order() {
    for signal in ["INT", "TERM"] {
        let name = format!("a_signal_ends_a_window_in_order_{signal}");
        let Some(session) = Session::start(&name, &[]) else {
            return;
        };
        session.interrupt(signal);
    }
}

#[test]
fn an_owner_that_is_killed_while_it_builds_leaves_nothing() {
    let name = "an_owner_that_is_killed_while_it_builds_leaves_nothing";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    build_for_ever(&mut session);
    let took = session.kill();
    eprintln!("{took:.0?} after the owner was killed, nothing was left of it");
}

#[test]
fn a_window_that_is_closed_during_a_build_leaves_nothing() {
    let name = "a_window_that_is_closed_during_a_build_leaves_nothing";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    build_for_ever(&mut session);
    session.close();
}

/// Saves a source that keeps the compiler busy for hours, and waits until the compiler works on it.
fn build_for_ever(session: &mut Session) {
    session.copy.build_for_ever();
    session.wait_for_title("a build", |title| title.ends_with(" · building…"));
    session.wait_for_work("the compiler", "--crate-name example_impl ");
}

#[test]
fn an_x_server_that_goes_takes_the_owner_along_and_nothing_is_left() {
    let name = "an_x_server_that_goes_takes_the_owner_along";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let before = session.copy.rescued();
    session.screen.kill();
    let status = session.program.wait_end();
    assert!(!status.success(), "{status}");

    // Xlib has ended the process, and still the state has been saved beside the owners' folders.
    assert!(session.copy.build_folders(session.program.id()).is_empty(), "it has cleared up");
    let mut left = session.copy.rescued();
    left.retain(|state| !before.contains(state));
    let [state] = &left[..] else { panic!("{left:?}") };
    let ticks = Snapshot::load(state).expect("a whole file").get::<u64>("ticks");
    let ticks = ticks.expect("the example's state");
    let arguments = ["--resume", "--frames", "3"];
    let mut next = Program::start(&session.copy, Start::ByHand, None, name, &arguments);
    assert!(next.wait_exit().success());
    assert_eq!(next.times_logged("resuming from "), 1);
    let log = next.log();
    let end = log.split("the end, after ").nth(1).and_then(|rest| rest.split(' ').next());
    let after = end.and_then(|ticks| ticks.parse::<u64>().ok()).expect("how many ticks there were");
    assert!(after > ticks, "{after} after {ticks}");
}

#[test]
fn an_x_server_that_goes_during_a_build_leaves_nothing_either() {
    let name = "an_x_server_that_goes_during_a_build";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    build_for_ever(&mut session);
    session.screen.kill();
    let status = session.program.wait_end();
    assert!(!status.success(), "{status}");
    // The owner had no time to clean up; the next one does it.
    let left = session.copy.build_folders(session.program.id());
    let mut next = Program::start(&session.copy, Start::Cargo, None, name, &["--frames", "3"]);
    session.copy.build_no_longer();
    assert!(next.wait_exit().success());
    assert!(left.iter().all(|folder| !folder.exists()), "{left:?} are still there");
}

#[test]
fn a_display_that_is_not_there_is_an_error_in_one_line() {
    let copy = Copy::take();
    copy.build();
    let name = "a_display_that_is_not_there_is_an_error_in_one_line";
    let mut program = Program::start(&copy, Start::ByHand, Some(":9999"), name, &[]);
    let status = program.wait_exit();
    let log = program.log();
    assert_eq!(status.code(), Some(2), "{status}, saying:\n{log}");
    assert_eq!(log.lines().count(), 1, "one line is enough:\n{log}");
    assert!(
        log.starts_with("example-app: the window cannot be opened: ") && log.contains("--headless"),
        "{log}"
    );
}

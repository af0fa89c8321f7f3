//! Tests of a debugger attached to the renderer: it has unlimited time, and the window stays
//! responsive.

use super::copy::Copy;
use super::gdb::{self, Gdb};
use super::processes;
use super::program::{Program, Start};
use super::reader::{AMBER, scene_text};
use super::screen;
use super::session::Session;
use std::time::{Duration, Instant};

#[test]
fn a_renderer_stays_stopped_in_a_debugger_for_longer_than_a_tick_may_take_and_goes_on() {
    let name = "a_renderer_stays_stopped_in_a_debugger";
    if !gdb::is_there(name) || !screen::is_there(name) {
        return;
    }
    let copy = Copy::take();
    // Line tables suffice for breakpoints; variables need full debug information.
    copy.set_up(
        "Cargo.toml",
        "[profile.dev]\n",
        "[profile.hot]\ninherits = \"dev\"\n\n[profile.hot.package.example-impl]\ndebug = true\n\n\
         [profile.dev]\n",
    );
    copy.build();
    let mut session = Session::start_in(copy, name, &[]);
    session.click(1);
    let renderer = session.renderer();
    let script = [
        "break example_impl::render",
        "continue",
        "printf \"clicks %d\\n\", frame.state.clicks",
        "print *frame.state",
        "wait",
        "continue",
        "printf \"generation %d\\n\", frame.generation",
        "delete",
        "detach",
    ];
    let mut gdb = Gdb::attach(&session.copy, name, renderer, &script);
    gdb.wait_until_stopped(&mut session.program);
    wait_until_it_is_said(&mut session, 3.0);
    // The owner stays responsive: it keeps redrawing the note, and handles a resize.
    session.wait_for_pictures(3);
    assert_eq!(session.renderer(), renderer);
    gdb.go_on();
    let said = gdb.finish(&mut session.program);
    for words in ["Breakpoint 1, example_impl::render", "clicks 1", "paused: false", "generation 1"]
    {
        assert!(said.contains(words), "no `{words}` in what gdb says:\n{said}");
    }
    session.wait_for_no_overlay();
    session.wait_for_pictures(10);
    assert_eq!(session.renderer(), renderer);
    assert_eq!(scene_text(&session.picture()), "generation 1");
    assert_eq!(session.program.times_logged(" launched ("), 1);
    session.close();
}

#[test]
fn a_debugger_that_lets_go_leaves_the_renderer_the_time_of_a_tick() {
    let name = "a_debugger_that_lets_go_leaves_the_renderer_the_time_of_a_tick";
    let Some(mut session) = start(name) else {
        return;
    };
    let renderer = session.renderer();
    let script = ["break render", "continue", "wait", "delete", "detach"];
    let mut gdb = Gdb::attach(&session.copy, name, renderer, &script);
    gdb.wait_until_stopped(&mut session.program);
    wait_until_it_is_said(&mut session, 3.0);
    // The renderer stays silent after gdb detaches, as on a slow machine or in a slow frame.
    processes::signal("STOP", renderer);
    gdb.go_on();
    gdb.finish(&mut session.program);
    session.wait_for_panel("no debugger any more", |panel| panel.title == "not responding");
    processes::signal("CONT", renderer);
    session.wait_for_no_overlay();
    session.wait_for_pictures(10);
    assert_eq!(session.renderer(), renderer);
    assert_eq!(session.program.times_logged(" launched ("), 1);
    session.close();
}

#[test]
fn a_reload_waits_for_a_renderer_that_is_stopped_in_a_debugger() {
    let name = "a_reload_waits_for_a_renderer_that_is_stopped_in_a_debugger";
    let Some(mut session) = start(name) else {
        return;
    };
    let (renderer, before) = (session.renderer(), session.copy.ground());
    let script = ["break render", "continue", "wait", "delete", "detach"];
    let mut gdb = Gdb::attach(&session.copy, name, renderer, &script);
    gdb.wait_until_stopped(&mut session.program);
    session.copy.set_ground(0x0033_2255);
    session.program.wait_for_log("generation 2 launched");
    wait_until_it_is_said(&mut session, 3.0);
    assert_eq!(session.picture().ground(), Ok(before));
    assert!(processes::renderers(session.program.id()).contains(&renderer));
    gdb.go_on();
    gdb.finish(&mut session.program);
    session.wait_for_ground(0x0033_2255);
    assert_eq!(session.program.times_logged(" launched ("), 2);
    session.close();
}

#[test]
fn a_window_closes_although_its_renderer_is_stopped_in_a_debugger() {
    let name = "a_window_closes_although_its_renderer_is_stopped_in_a_debugger";
    let Some(mut session) = start(name) else {
        return;
    };
    let script = ["break render", "continue", "wait"];
    let mut gdb = Gdb::attach(&session.copy, name, session.renderer(), &script);
    gdb.wait_until_stopped(&mut session.program);
    session.interrupt("INT");
}

#[test]
fn a_renderer_waits_for_a_debugger_before_its_first_tick_where_it_is_told_to() {
    let name = "a_renderer_waits_for_a_debugger_before_its_first_tick";
    if !gdb::is_there(name) {
        return;
    }
    let copy = Copy::take();
    // Shorter than the renderer will wait.
    let deadline = Duration::from_millis(500);
    copy.set_up(
        "example-app/src/main.rs",
        "builder(Arguments { balls })",
        "builder(Arguments { balls }).deadlines(hot_reload::Deadlines {
            start: std::time::Duration::from_millis(500), ..hot_reload::Deadlines::default()
        })",
    );
    copy.build();
    let environment = [("HOT_RELOAD_WAIT_FOR_DEBUGGER", "1")];
    let mut program = Program::start_in(&copy, Start::Cargo, &environment, name, &["--headless"]);
    program.wait_for_log(" waits for a debugger: `gdb -p ");
    let [renderer] = processes::renderers(program.id())[..] else {
        panic!("one renderer is waited for");
    };
    let told = format!("hot-reload: process {renderer} waits for a debugger");
    assert_eq!(program.times_logged(&told), 1, "{}", program.log());
    let begun = Instant::now();
    program.wait("four deadlines to pass", || match begun.elapsed() {
        passed if passed > 4 * deadline => Ok(()),
        passed => Err(format!("{passed:.0?}")),
    });
    assert_eq!(program.times_logged("draws its first frame"), 0);

    // With line tables only: by the name without its path, by line, and the location.
    let line = copy.line_of("*ticks += 1;");
    let by_line = format!("break example-impl/src/lib.rs:{line}");
    let script = [
        "break render",
        &by_line,
        "continue",
        "wait",
        "continue",
        "backtrace 1",
        "delete",
        "detach",
    ];
    let mut gdb = Gdb::attach(&copy, name, renderer, &script);
    gdb.wait_until_stopped(&mut program);
    assert_eq!(program.times_logged("draws its first frame"), 0, "before its first tick");
    gdb.go_on();
    let said = gdb.finish(&mut program);
    let place = format!("example-impl/src/lib.rs:{line}");
    for words in ["Breakpoint 1, render ()", "Breakpoint 2, render ()", &place] {
        assert!(said.contains(words), "no `{words}` in what gdb says:\n{said}");
    }
    program.wait_for_log("generation 1 draws its first frame");
    assert_eq!(processes::renderers(program.id()), [renderer]);
    processes::signal("INT", program.id());
    assert_eq!(program.wait_exit().code(), Some(0));
}

fn start(name: &str) -> Option<Session> {
    gdb::is_there(name).then(|| Session::start(name, &[])).flatten()
}

/// Waits until the note in the corner says that the renderer has been stopped for at least this
/// many seconds.
fn wait_until_it_is_said(session: &mut Session, least: f32) {
    session.wait_for_note("stopped in a debugger", AMBER, |note| {
        let [line] = &note.lines[..] else { return false };
        let seconds = line.strip_prefix("stopped in a debugger for ");
        let seconds = seconds.and_then(|rest| rest.strip_suffix(" s")?.parse::<f32>().ok());
        seconds.is_some_and(|seconds| seconds >= least)
    });
}

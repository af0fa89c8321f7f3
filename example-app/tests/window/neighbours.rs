//! Tests of two owners in one workspace: each has its own window, renderer and folder of builds.

use super::program::{Program, Start};
use super::screen::Screen;
use super::session::{Session, open};

/// A second window in addition to a session's.
struct Neighbour {
    program: Program,
    screen: Screen,
    window: u32,
}

impl Neighbour {
    fn start(session: &Session, name: &str) -> Self {
        let (program, screen, window) = open(&session.copy, name, &[]);
        Neighbour { program, screen, window }
    }

    fn wait_for_ground(&mut self, color: u32) {
        let (screen, window) = (&self.screen, self.window);
        let what = format!("ground of #{color:06x} beside");
        self.program.wait(&what, || screen.picture(window)?.has_ground(color));
    }
}

#[test]
fn both_windows_of_a_workspace_reload_on_one_save() {
    let name = "both_windows_of_a_workspace_reload_on_one_save";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let mut other = Neighbour::start(&session, &format!("{name}_other"));
    session.click(1);
    for color in [0x0055_1122, 0x0011_5522, 0x0022_1155] {
        session.copy.set_ground(color);
        session.wait_for_ground(color);
        other.wait_for_ground(color);
    }
    // Neither has received the other's input.
    let title = session.wait_for_title("no build", |title| title.ends_with("balls"));
    assert_eq!(title, "hot-reload · 1 clicks · 8 balls");
    let (screen, window) = (&other.screen, other.window);
    other.program.wait("a title with no build", || match screen.title(window) {
        title if title == "hot-reload · 0 clicks · 7 balls" => Ok(()),
        title => Err(title),
    });

    // The session ends last, because it owns the copy.
    other.screen.xdotool(&format!("windowfocus {window}"));
    other
        .program
        .wait("the focus", || screen.has_focus(window).then_some(()).ok_or("none".to_owned()));
    other.screen.xdotool("key Escape");
    let status = other.program.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    session.wait_for_pictures(5);
    session.close();
}

#[test]
fn a_killed_owner_is_swept_and_its_neighbour_goes_on() {
    let name = "a_killed_owner_is_swept_and_its_neighbour_goes_on";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    let mut other = Neighbour::start(&session, &format!("{name}_other"));
    let renderer = session.renderer();
    let (own, others) = (session.program.id(), other.program.id());
    other.program.kill();
    session.wait_for_pictures(10);
    let (living, dead) = (session.copy.build_folders(own), session.copy.build_folders(others));
    assert_eq!((living.len(), dead.len()), (1, 1), "{living:?} and {dead:?}");

    let next = format!("{name}_next");
    let mut next = Program::start(&session.copy, Start::Cargo, None, &next, &["--frames", "3"]);
    let status = next.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(!dead[0].exists(), "{} is still there", dead[0].display());
    assert_eq!(session.copy.build_folders(own), living, "the living one's folder");
    assert_eq!(session.renderer(), renderer, "nothing has happened to the living one");
    session.copy.set_ground(0x0044_3322);
    session.wait_for_ground(0x0044_3322);
    session.close();
}

//! A test's session: the program in its window on a private screen.

use super::copy::Copy;
use super::processes;
use super::program::{Program, Start};
use super::reader::{AMBER, BLUE, GREEN, Note, Panel, RED};
use super::screen::{self, Picture, Screen};
use std::path::PathBuf;
use std::time::Duration;

/// The program in its window. The fields are dropped in order: the program first, the turn last.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) program: Program,
    pub(super) screen: Screen,
    pub(super) window: u32,
    pub(super) copy: Copy,
    name: String,
}

impl Session {
    /// Runs `cargo run` on a private screen up to the first picture; returns `None` if that is
    /// impossible here.
    pub(super) fn start(name: &str, arguments: &[&str]) -> Option<Self> {
        if !screen::is_there(name) {
            return None;
        }
        let copy = Copy::take();
        copy.build();
        Some(Self::start_in(copy, name, arguments))
    }

    /// Runs another package, whose window comes from another library.
    pub(super) fn start_package(name: &str, package: &'static str) -> Option<Self> {
        if !screen::is_there(name) {
            return None;
        }
        let copy = Copy::take();
        copy.build_package(package);
        let opened = open_by(Start::Package(package), &copy, name, &[]);
        Some(Self::focused(opened, copy, name))
    }

    /// Starts the session in a copy that has already been prepared.
    pub(super) fn start_in(copy: Copy, name: &str, arguments: &[&str]) -> Self {
        let opened = open(&copy, name, arguments);
        Self::focused(opened, copy, name)
    }

    fn focused((program, screen, window): Opened, copy: Copy, name: &str) -> Self {
        let mut session = Session { program, screen, window, copy, name: name.to_owned() };
        session.screen.xdotool(&format!("windowmove {window} 0 0 windowfocus {window}"));
        session.wait("the focus", |session| {
            session.screen.has_focus(window).then_some(()).ok_or("none".to_owned())
        });
        session
    }

    /// Waits until `look` returns `Ok`; its errors describe what it sees instead.
    pub(super) fn wait<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&View<'_>) -> Result<T, String>,
    ) -> T {
        let view = View { screen: &self.screen, window: self.window };
        self.program.wait(what, || look(&view))
    }

    /// Waits until the ground has a color.
    pub(super) fn wait_for_ground(&mut self, color: u32) {
        self.wait(&format!("ground of #{color:06x}"), |view| view.picture()?.has_ground(color));
    }

    /// Waits for a panel that `wanted` accepts; returns it and its picture.
    pub(super) fn wait_for_panel(
        &mut self,
        what: &str,
        wanted: impl Fn(&Panel) -> bool,
    ) -> (Panel, Picture) {
        self.wait(&format!("a panel: {what}"), |view| {
            let (panel, picture) = view.read(Panel::read)?;
            if wanted(&panel) { Ok((panel, picture)) } else { Err(format!("{panel:#?}")) }
        })
    }

    /// Waits for a note with an accent that `wanted` accepts; returns it and its picture.
    pub(super) fn wait_for_note(
        &mut self,
        what: &str,
        accent: u32,
        wanted: impl Fn(&Note) -> bool,
    ) -> (Note, Picture) {
        self.wait(&format!("a note: {what}"), |view| {
            let (note, picture) = view.read(|picture| Note::read(picture, accent))?;
            if wanted(&note) { Ok((note, picture)) } else { Err(format!("{note:?}")) }
        })
    }

    /// Waits until nothing is drawn over the picture.
    pub(super) fn wait_for_no_overlay(&mut self) {
        self.wait("nothing over the picture", |view| {
            let picture = view.picture()?;
            if let Ok(panel) = Panel::read(&picture) {
                return Err(format!("{panel:#?}"));
            }
            let mut notes = [RED, AMBER, BLUE, GREEN].into_iter();
            let note = notes.find_map(|accent| Note::read(&picture, accent).ok());
            note.map_or(Ok(()), |note| Err(format!("{note:?}")))
        });
    }

    /// Returns the only process that draws.
    pub(super) fn renderer(&self) -> u32 {
        match processes::renderers(self.program.id())[..] {
            [renderer] => renderer,
            ref renderers => panic!("the processes of the renderer are {renderers:?}"),
        }
    }

    /// Waits for a title that `wanted` accepts, and returns it.
    pub(super) fn wait_for_title(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait(&format!("a title with {what}"), |view| {
            let title = view.title();
            if wanted(&title) { Ok(title) } else { Err(format!("`{title}`")) }
        })
    }

    /// Waits until this many pictures have been replaced by others.
    pub(super) fn wait_for_pictures(&mut self, count: u32) {
        let mut last = self.picture();
        for _ in 0..count {
            last = self.wait("another picture", |view| {
                let picture = view.picture()?;
                let same = picture == last;
                if same { Err("the same picture".to_owned()) } else { Ok(picture) }
            });
        }
    }

    /// Waits until the picture does not change any more.
    pub(super) fn wait_for_standstill(&mut self) {
        let (mut last, mut same) = (self.picture(), 0);
        self.wait("a picture that stands still", |view| {
            let picture = view.picture()?;
            same = if picture == last { same + 1 } else { 0 };
            last = picture;
            // Longer than any pause between two pictures of a moving scene.
            (same >= 40).then_some(()).ok_or("it moves".to_owned())
        });
    }

    /// Waits until a process with this in its command line works for the owner.
    pub(super) fn wait_for_work(&mut self, what: &str, wanted: &str) {
        let (owner, workspace) = (self.program.id(), &self.copy.root);
        self.program.wait(what, || {
            let processes = processes::rest_of(owner, workspace);
            let found = processes.iter().any(|process| process.contains(wanted));
            found.then_some(()).ok_or_else(|| processes.join(", "))
        });
    }

    /// Returns the current picture of the window.
    pub(super) fn picture(&self) -> Picture {
        let picture = self.screen.picture(self.window);
        picture.unwrap_or_else(|error| panic!("no picture of the window: {error}"))
    }

    /// Clicks into the window, and holds the button until the click has counted: minifb polls
    /// buttons, so it would miss a click within one turn of its loop.
    pub(super) fn click(&mut self, expected: u32) {
        let window = self.window;
        let there = format!("mousemove --window {window} 200 150 mousedown 1");
        self.screen.xdotool(&there);
        let counted = format!(" {expected} clicks ");
        self.wait_for_title(&counted, |title| title.contains(&counted));
        self.screen.xdotool("mouseup 1");
        // minifb must see the button up before the next click.
        self.wait_for_pictures(3);
    }

    /// Ends the program with the Escape key and checks that nothing remains.
    pub(super) fn close(self) {
        self.end(|session| session.screen.xdotool("key Escape"));
    }

    /// Ends the program with a signal, like the terminal's Ctrl+C, and checks that nothing remains.
    pub(super) fn interrupt(self, signal: &str) {
        self.end(|session| processes::signal(signal, session.program.id()));
    }

    fn end(mut self, end: impl FnOnce(&Self)) {
        let folders = self.copy.build_folders(self.program.id());
        assert_eq!(folders.len(), 1, "the owner runs its builds from {folders:?}");
        end(&self);
        let status = self.program.wait_exit();
        assert_eq!(status.code(), Some(0), "{status}");
        let folders = self.copy.build_folders(self.program.id());
        assert!(folders.is_empty(), "the owner has left {folders:?}");
        let window = self.screen.window();
        assert_eq!(window, Err("0 windows".to_owned()));
        assert_eq!(self.program.times_logged("the end, after "), 1, "`at_end` is called");
    }

    /// Kills the owner, and returns how long it took until nothing remained of it.
    pub(super) fn kill(&mut self) -> Duration {
        let renderers = processes::renderers(self.program.id());
        assert!(!renderers.is_empty(), "there is no renderer to be orphaned");
        self.program.kill()
    }

    /// Keeps a picture for the documentation, if the environment names a folder.
    pub(super) fn keep(&self, picture: &Picture, name: &str) {
        if let Some(folder) = std::env::var_os("HOT_RELOAD_SCREENSHOTS") {
            picture.save(&PathBuf::from(folder).join(name)).expect("a picture can be written");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Without its server the window cannot be queried.
            if !self.screen.is_alive() {
                return;
            }
            let title = self.screen.title(self.window);
            let path = self.copy.results.join(format!("{}.png", self.name));
            let picture = self.screen.picture(self.window);
            let saved = picture.and_then(|picture| picture.save(&path)).map(|()| path);
            eprintln!("the window's title: `{title}`, its picture: {saved:?}");
        }
    }
}

/// Runs `cargo run` on a private screen up to the first picture.
pub(super) fn open(copy: &Copy, name: &str, arguments: &[&str]) -> Opened {
    let opened = open_by(Start::Cargo, copy, name, arguments);
    assert_eq!(opened.0.executable(), copy.program());
    opened
}

/// The program, its screen and its window.
type Opened = (Program, Screen, u32);

fn open_by(start: Start, copy: &Copy, name: &str, arguments: &[&str]) -> Opened {
    let screen = Screen::start(&copy.results);
    let display = Some(screen.display.as_str());
    let mut program = Program::start(copy, start, display, name, arguments);
    let window = program.wait_first("the window", || screen.window());
    let ground = copy.ground();
    program.wait_first("the first picture", || screen.picture(window)?.has_ground(ground));
    (program, screen, window)
}

/// The window, as seen by waiting code.
#[derive(Debug)]
pub(super) struct View<'s> {
    screen: &'s Screen,
    window: u32,
}

impl View<'_> {
    pub(super) fn picture(&self) -> Result<Picture, String> {
        self.screen.picture(self.window)
    }

    /// Reads text from the picture, and returns it with that picture.
    ///
    /// Xlib sends a picture in parts of 256 KiB, so the upper part can be newer than the lower one.
    /// Text that is read twice with the same result is whole. Digits are not compared, because some
    /// of them count time.
    pub(super) fn read<T: std::fmt::Debug>(
        &self,
        read: impl Fn(&Picture) -> Result<T, String>,
    ) -> Result<(T, Picture), String> {
        let found = read(&self.picture()?)?;
        let picture = self.picture()?;
        let again = read(&picture)?;
        let words = |found: &T| format!("{found:?}").replace(|it: char| it.is_ascii_digit(), "");
        match words(&again) == words(&found) {
            true => Ok((again, picture)),
            false => Err(format!("{found:#?} and then {again:#?}")),
        }
    }

    pub(super) fn title(&self) -> String {
        self.screen.title(self.window)
    }
}

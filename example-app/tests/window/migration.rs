//! Tests of fields of the state that are added, removed and changed while the window is open:
//! values are kept.

use super::reader::{AMBER, Note, scene_line};
use super::session::Session;

const STATE: &str = "hot-reloaded-state/src/lib.rs";
const RENDERER: &str = "example-impl/src/lib.rs";
/// The line that makes the renderer's title.
const TITLE: &str = "let title = format!(\"{TITLE} · {clicks} clicks · {} balls\", balls.len());";

/// Two files of the copy, in their unedited form.
struct Sources {
    state: String,
    renderer: String,
    saves: u32,
    owner: u32,
}

impl Sources {
    fn of(session: &Session) -> Self {
        let read = |file: &str| session.copy.read(file);
        Sources {
            state: read(STATE),
            renderer: read(RENDERER),
            saves: 0,
            owner: session.program.id(),
        }
    }

    /// Saves both files with some texts replaced, and waits until the ground's color changes, in
    /// the same window of the same process.
    fn save(&mut self, session: &mut Session, state: &[(&str, &str)], renderer: &[(&str, &str)]) {
        let color = self.begin(session, state, renderer);
        session.wait_for_ground(color);
        self.check(session);
    }

    /// Saves an edit that changes the layout, and returns the text of the note about it.
    fn migrate(
        &mut self,
        session: &mut Session,
        state: &[(&str, &str)],
        renderer: &[(&str, &str)],
    ) -> String {
        let color = self.begin(session, state, renderer);
        let mut said = None;
        // The note does not stay, so both are awaited together.
        session.wait(&format!("ground of #{color:06x} and a note"), |view| {
            let picture = view.picture()?;
            let note = view.read(|picture| Note::read(picture, AMBER)).ok();
            let note = note.map(|(note, _)| note.lines.join(" "));
            said = note.or(said.take());
            picture.has_ground(color)?;
            let carried = said.as_ref().is_some_and(|said| said.starts_with("state carried over"));
            if carried { Ok(()) } else { Err(format!("{said:?}")) }
        });
        self.check(session);
        said.unwrap_or_default()
    }

    fn begin(
        &mut self,
        session: &mut Session,
        state: &[(&str, &str)],
        renderer: &[(&str, &str)],
    ) -> u32 {
        // A note read from here on is about this save.
        session.wait_for_no_overlay();
        self.saves += 1;
        let color = 0x0010_2030 + self.saves * 0x000b_0d17;
        let ground = format!("0x{:04x}_{:04x};", color >> 16, color & 0xffff);
        let renderer = [renderer, &[("0x0022_3a33;", &ground)]].concat();
        for (file, text, edits) in
            [(STATE, &self.state, state), (RENDERER, &self.renderer, &renderer)]
        {
            let edited = edits.iter().fold(text.clone(), |text, (from, to)| {
                assert!(text.contains(from), "{file} does not contain `{from}`");
                text.replace(from, to)
            });
            session.copy.save(file, &edited);
        }
        color
    }

    fn check(&self, session: &Session) {
        assert_eq!(session.screen.window(), Ok(session.window), "the same window");
        assert_eq!(session.program.id(), self.owner);
        assert_eq!(session.program.executable(), session.copy.program(), "the same process");
    }
}

/// Turns the wheel until gravity is at its limit.
fn turn_the_wheel(session: &mut Session) {
    let there = format!("mousemove --window {} 400 300", session.window);
    session.screen.xdotool(&there);
    for _ in 0..50 {
        if scene_says(session, "wheel: gravity 3.0") {
            return;
        }
        session.screen.xdotool("click 4");
        session.wait_for_pictures(5);
    }
    let line = scene_line(&session.picture(), 1);
    panic!("the wheel changes nothing: `{line}`");
}

fn scene_says(session: &Session, words: &str) -> bool {
    scene_line(&session.picture(), 1).contains(words)
}

fn wait_for_scene(session: &mut Session, words: &str) {
    session.wait(&format!("a scene with `{words}`"), |view| {
        let line = scene_line(&view.picture()?, 1);
        if line.contains(words) { Ok(()) } else { Err(line) }
    });
}

#[test]
fn fields_come_go_and_change_and_the_values_stay_in_the_same_window() {
    let name = "fields_come_go_and_change_and_the_values_stay_in_the_same_window";
    let Some(mut session) = Session::start(name, &[]) else {
        return;
    };
    session.click(1);
    session.click(2);
    turn_the_wheel(&mut session);
    let mut sources = Sources::of(&session);

    // Before, between and after the others; balls also get a new field.
    let fields = [
        ("    pub balls: FixedVec", "    pub wind: f64,\n    pub balls: FixedVec"),
        (
            "    pub clicks: u32,\n    /// Ticks",
            "    pub clicks: u32,\n    pub mood: [u8; 3],\n    /// Ticks",
        ),
        ("    pub paused: bool,\n", "    pub paused: bool,\n    pub last: bool,\n"),
        (
            "            balls: FixedVec::new(),\n",
            "            wind: 0.25,\n            mood: [1, 2, 3],\n            last: true,\n            \
             balls: FixedVec::new(),\n",
        ),
        (
            "    pub hue: f32,\n}\n\nimpl",
            "    #[shared(default = 7)]\n    pub size: u16,\n    pub hue: f32,\n}\n\nimpl",
        ),
        ("            hue: spread(1),\n", "            hue: spread(1),\n            size: 9,\n"),
    ];
    let shows = [
        ("let State { clicks,", "let State { wind, mood, last, clicks,"),
        (
            TITLE,
            "let size = balls.iter().map(|ball| ball.size).sum::<u16>();\n        \
             let title = format!(\"{TITLE} · {clicks} clicks · {} balls · {wind} {mood:?} {last} {size}\", balls.len());",
        ),
    ];
    let note = sources.migrate(&mut session, &fields, &shows);
    let wanted = "hot-reload · 2 clicks · 9 balls · 0.25 [1, 2, 3] true 63";
    assert!(note.contains("4 defaulted"), "{note}");
    session.wait_for_title("the new fields", |title| title == wanted);
    wait_for_scene(&mut session, "wheel: gravity 3.0");
    // News disappears after a while.
    session.wait_for_no_overlay();

    // Undo the edits.
    let note = sources.migrate(&mut session, &[], &[]);
    assert!(note.contains("4 parked"), "{note}");
    let usual = "hot-reload · 2 clicks · 9 balls";
    session.wait_for_title("the old fields", |title| title == usual);
    wait_for_scene(&mut session, "wheel: gravity 3.0");
    session.wait_for_no_overlay();

    // Another name and another type.
    let named = [
        ("pub gravity: f32", "#[shared(was = \"gravity\")]\n    pub weight: f64"),
        ("            gravity: 1.0,", "            weight: 1.0,"),
    ];
    let uses = [
        ("600.0 * state.gravity", "600.0 * state.weight as f32"),
        ("0.1 * input.mouse.wheel_y", "f64::from(0.1 * input.mouse.wheel_y)"),
        ("state.gravity", "state.weight"),
    ];
    let note = sources.migrate(&mut session, &named, &uses);
    assert!(note.contains("1 converted"), "{note}");
    wait_for_scene(&mut session, "wheel: gravity 3.0");
    session.wait_for_title("the clicks", |title| title == usual);
    // Back to the old name, which needs the same attribute.
    let back = [("pub gravity: f32", "#[shared(was = \"weight\")]\n    pub gravity: f32")];
    sources.save(&mut session, &back, &[]);
    wait_for_scene(&mut session, "wheel: gravity 3.0");

    // Removed, with a reload in between, and added again.
    let gone = [
        ("    /// Factor on gravity; the wheel changes it.\n    pub gravity: f32,\n", ""),
        ("            gravity: 1.0,\n", ""),
    ];
    let unused = [
        ("600.0 * state.gravity", "600.0"),
        ("    state.gravity = (state.gravity + 0.1 * input.mouse.wheel_y).clamp(-3.0, 3.0);\n", ""),
        ("        state.gravity\n", "        0.0\n"),
    ];
    let note = sources.migrate(&mut session, &gone, &unused);
    assert!(note.contains("1 parked"), "{note}");
    wait_for_scene(&mut session, "wheel: gravity 0.0");
    session.click(3);
    sources.save(&mut session, &gone, &unused);
    let note = sources.migrate(&mut session, &[], &[]);
    assert!(note.contains("1 restored"), "{note}");
    wait_for_scene(&mut session, "wheel: gravity 3.0");
    session.wait_for_title("all clicks", |title| title == "hot-reload · 3 clicks · 10 balls");
    session.wait_for_no_overlay();
    session.close();
}

//! Tests of snapshots as users see them: printed, queried, saved, loaded.

use glam::Vec3;
use hot_reload::{
    FixedString, FixedVec, SharedState, Snapshot, collections::FixedOption, snapshot::SnapshotError,
};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, process};

#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C)]
struct Ball {
    position: (f32, f32),
    hue: f32,
    visible: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(u8)]
enum Mood {
    Angry = 7,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C, u8)]
enum Shape {
    Nothing,
    Circle { radius: f64 },
    Two(u8, u8),
    Of(Ball),
}

/// A state with every kind of field.
#[derive(Clone, Copy, Debug, PartialEq, SharedState)]
#[repr(C)]
struct Scene {
    player: Ball,
    balls: FixedVec<Ball, 64>,
    trail: FixedVec<u16, 4>,
    empty: FixedVec<Ball, 2>,
    name: FixedString<12>,
    target: FixedOption<(u8, char)>,
    nobody: FixedOption<Ball>,
    shapes: [Shape; 4],
    mood: Mood,
    letter: char,
    grid: [[bool; 3]; 2],
    large: u128,
    small: i8,
    count: usize,
    half: f32,
    none: f32,
    nothing: (),
    #[shared(pod)]
    wind: Vec3,
}

const BALL: Ball = Ball { position: (0.1, -2.0), hue: 0.5, visible: true };

fn scene() -> Scene {
    Scene {
        player: BALL,
        balls: FixedVec::try_from(&[BALL, Ball { visible: false, ..BALL }][..]).expect("two of 64"),
        trail: FixedVec::try_from(&[3, 2, 1][..]).expect("three of four"),
        empty: FixedVec::new(),
        name: FixedString::try_from("a \"ß\"\n").expect("seven bytes of twelve"),
        target: FixedOption::Some((3, '€')),
        nobody: FixedOption::None,
        shapes: [Shape::Nothing, Shape::Circle { radius: 2.5 }, Shape::Two(1, 2), Shape::Of(BALL)],
        mood: Mood::Angry,
        letter: '\'',
        grid: [[true, false, true], [false, true, false]],
        large: u128::MAX,
        small: -5,
        count: 1 << 40,
        half: 0.5,
        none: f32::NAN,
        nothing: (),
        wind: Vec3::new(1.0, -2.0, 0.5),
    }
}

/// A test's own folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("hot-reload-snapshot-{name}-{}", process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a folder").flatten();
        entries.map(|it| it.file_name().into_string().expect("a name")).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const TREE: &str = r#"`my-renderer` at tick 0, 0ns: 1344 bytes
state: Scene
  player: Ball
    position: (f32, f32) = (0.1, -2.0)
    hue: f32 = 0.5
    visible: bool = true
  balls: FixedVec<Ball, 64>, 2 elements
    [0]: Ball
      position: (f32, f32) = (0.1, -2.0)
      hue: f32 = 0.5
      visible: bool = true
    [1]: Ball
      position: (f32, f32) = (0.1, -2.0)
      hue: f32 = 0.5
      visible: bool = false
  trail: FixedVec<u16, 4>, 3 elements = [3, 2, 1]
  empty: FixedVec<Ball, 2>, 0 elements
  name: FixedString<12> = "a \"ß\"\n"
  target: FixedOption<(u8, char)> = Some((3, '€'))
  nobody: FixedOption<Ball> = None
  shapes: [Shape; 4]
    [0]: Shape = Nothing
    [1]: Shape = Circle { radius: 2.5 }
    [2]: Shape = Two(1, 2)
    [3]: Shape = Of
      0: Ball
        position: (f32, f32) = (0.1, -2.0)
        hue: f32 = 0.5
        visible: bool = true
  mood: Mood = Angry
  letter: char = '\''
  grid: [[bool; 3]; 2]
    [0]: [bool; 3] = [true, false, true]
    [1]: [bool; 3] = [false, true, false]
  large: u128 = 340282366920938463463374607431768211455
  small: i8 = -5
  count: usize = 1099511627776
  half: f32 = 0.5
  none: f32 = NaN
  nothing: () = ()
  wind: Vec3 = 0000803f 000000c0 0000003f"#;

#[test]
fn a_snapshot_prints_its_values_as_a_tree() {
    assert_eq!(Snapshot::of(&scene(), "my-renderer").to_string(), TREE);
}

#[test]
fn a_snapshot_is_json_for_other_programs() {
    let ball = |visible| json!({ "position": [0.1, -2.0], "hue": 0.5, "visible": visible });
    let wanted = json!({
        "application": "my-renderer",
        "tick": 0,
        "time": 0.0,
        "buffers": {},
        "state": {
            "player": ball(true),
            "balls": [ball(true), ball(false)],
            "trail": [3, 2, 1],
            "empty": [],
            "name": "a \"ß\"\n",
            "target": [3, "€"],
            "nobody": null,
            "shapes": [
                "Nothing",
                { "Circle": { "radius": 2.5 } },
                { "Two": [1, 2] },
                { "Of": ball(true) },
            ],
            "mood": "Angry",
            "letter": "'",
            "grid": [[true, false, true], [false, true, false]],
            "large": "340282366920938463463374607431768211455",
            "small": -5,
            "count": 1_u64 << 40,
            "half": 0.5,
            "none": "NaN",
            "nothing": null,
            "wind": "0000803f000000c00000003f",
        },
    });
    let found = Snapshot::of(&scene(), "my-renderer").to_json();
    // Compared as text, so that 0.1 must be printed without more digits.
    assert_eq!(format!("{found:#}"), format!("{wanted:#}"));
}

/// Compares a state with the original, ignoring the field that is `NaN`.
fn same(found: Scene) -> bool {
    found.none.is_nan() && Scene { none: 0.0, ..found } == Scene { none: 0.0, ..scene() }
}

#[test]
fn what_is_saved_is_loaded() {
    let folder = Folder::new("round");
    let path = folder.0.join("it.state");
    let snapshot = Snapshot::of(&scene(), "my-renderer");
    snapshot.save(&path).unwrap();
    snapshot.save(&path).expect("over the one that is there");
    let loaded = Snapshot::load(&path).unwrap();
    assert_eq!(loaded.to_string(), TREE);
    assert_eq!(loaded.application(), "my-renderer");
    assert_eq!((loaded.tick(), loaded.time()), (0, Duration::ZERO));
    assert_eq!(loaded.layout().fingerprint(), Scene::LAYOUT.fingerprint());
    assert!(same(loaded.get("").unwrap()));
    assert_eq!(folder.names(), ["it.state"]);
}

#[test]
fn a_part_is_read_by_its_path() {
    let snapshot = Snapshot::of(&scene(), "my-renderer");
    assert_eq!(snapshot.get("player"), Some(BALL));
    assert_eq!(snapshot.get("player.position.0"), Some(0.1_f32));
    assert_eq!(snapshot.get("balls[1].visible"), Some(false));
    assert_eq!(snapshot.get::<Ball>("balls[2]"), None, "not in use");
    assert_eq!(snapshot.get("grid[1]"), Some([false, true, false]));
    assert_eq!(snapshot.get("grid[1][1]"), Some(true));
    assert_eq!(snapshot.get("shapes[1].Circle.radius"), Some(2.5));
    assert_eq!(snapshot.get("shapes[2].Two.1"), Some(2_u8));
    assert_eq!(snapshot.get("shapes[3].Of.hue"), Some(0.5_f32));
    assert_eq!(snapshot.get::<f32>("shapes[2].Of.hue"), None, "another variant");
    assert_eq!(snapshot.get("target.1"), Some('€'));
    assert_eq!(snapshot.get("target.Some.0"), Some((3_u8, '€')));
    assert_eq!(snapshot.get("target"), Some(FixedOption::Some((3_u8, '€'))));
    assert_eq!(snapshot.get::<f32>("nobody.hue"), None);
    assert_eq!(snapshot.get("name"), Some(FixedString::<12>::truncated("a \"ß\"\n")));
    assert_eq!(snapshot.get("mood"), Some(Mood::Angry));
    assert_eq!(snapshot.get::<u8>("mood"), None, "another type of the same size");
    assert_eq!(snapshot.get::<u8>("no such field"), None);
}

#[test]
fn files_that_are_no_state_say_what_they_are() {
    let folder = Folder::new("foreign");
    let refused = |name: &str, content: Option<&[u8]>| {
        let path = folder.0.join(name);
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let error = Snapshot::load(&path).unwrap_err();
        assert!(
            matches!(&error, SnapshotError::Load { path: told, .. } if *told == path),
            "{error:?}"
        );
        let message = error.to_string();
        let before = format!("no state can be loaded from `{}`: ", path.display());
        message.strip_prefix(&before).expect("the file is named").to_owned()
    };
    let foreign = "the file is not a state saved by hot-reload; choose one that is";
    assert_eq!(refused("empty", Some(b"")), foreign);
    assert_eq!(refused("picture.png", Some(b"\x89PNG\r\n\x1a\n and so on and on")), foreign);
    assert!(refused("missing", None).starts_with("it cannot be read: "));
    assert!(refused(".", None).starts_with("it is not a file"));

    let path = folder.0.join("it.state");
    Snapshot::of(&scene(), "my-renderer").save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert_eq!(
        refused("damaged", Some(&bytes)),
        "the file is damaged or incomplete; use another copy of it, or save again"
    );
}

#[test]
fn a_failed_save_leaves_what_was_there() {
    let folder = Folder::new("atomic");
    // A rename onto a folder that is not empty fails, which makes the last step fail.
    let taken = folder.0.join("taken.state");
    fs::create_dir_all(taken.join("inside")).unwrap();
    let error = Snapshot::of(&scene(), "my-renderer").save(&taken).unwrap_err();
    assert!(matches!(&error, SnapshotError::Save { path, .. } if *path == taken), "{error:?}");
    assert!(error.to_string().starts_with("the state cannot be saved as `"), "{error}");
    assert_eq!(folder.names(), ["taken.state"], "no temporary file is left");

    let nowhere = folder.0.join("no such folder").join("it.state");
    assert!(Snapshot::of(&1_u32, "my-renderer").save(nowhere).is_err());
    assert!(Snapshot::of(&1_u32, "my-renderer").save("/").is_err(), "no name");
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_keeps_the_old_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("unwritable");
    let path = folder.0.join("it.state");
    Snapshot::of(&scene(), "my-renderer").save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere, so the permission is tested first.
    let writable = fs::write(folder.0.join("probe"), b"").is_ok();
    let saved = Snapshot::of(&1_u32, "my-renderer").save(&path);
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(saved.is_ok(), writable);
    if !writable {
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(folder.names(), ["it.state"]);
    }
}

//! Tests of the program without a window, on a machine without a display.

use super::copy::Copy;
use super::processes;
use super::program::{Program, Start};
use super::screen::Picture;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn without_a_display_pictures_are_drawn_without_a_window() {
    let copy = Copy::take();
    copy.build();
    let file = copy.results.join("headless.png");
    let _ = std::fs::remove_file(&file);
    let arguments = ["--frames", "30", "--png", &file.to_string_lossy()];
    let name = "without_a_display_pictures_are_drawn_without_a_window";
    let mut program = Program::start(&copy, Start::Cargo, None, name, &arguments);
    let status = program.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(program.times_logged("without a window"), 1);
    let picture = read_png(&file);
    assert_eq!((picture.width, picture.height), (800, 600));
    assert_eq!(picture.ground(), Ok(copy.ground()));
}

#[test]
fn a_script_is_played() {
    let copy = Copy::take();
    copy.build();
    let file = copy.results.join("click.script");
    let script = "5 mouse 400 300\n10 button left down\n15 button left up\n40 quit\n";
    std::fs::write(&file, script).expect("the script can be written");
    let arguments = ["--script", &file.to_string_lossy()];
    // With and without a display: scripts do not use a window.
    for display in [None, Some(":9999")] {
        let name = "a_script_is_played";
        let mut program = Program::start(&copy, Start::Cargo, display, name, &arguments);
        let status = program.wait_exit();
        assert_eq!(status.code(), Some(0), "{status}");
        assert_eq!(program.times_logged(" ticks and 1 clicks"), 1);
        assert_eq!(program.times_logged("a script is played without a window"), 1);
    }
}

/// Ends the load when it is dropped, also by a panic.
struct Ends<'l>(&'l AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Plays a script of the renderer's tests, and compares the last picture with theirs, which was drawn
/// in one process.
#[test]
fn a_script_gives_the_same_picture_in_hot_mode_also_under_load() {
    let copy = Copy::take();
    copy.build();
    let golden = copy.root.join("example-impl/tests/golden");
    let (script, png) = (golden.join("thrown.script"), copy.results.join("thrown.png"));
    let (script, png) = (script.to_string_lossy(), png.to_string_lossy());
    let arguments = ["--script", &script, "--png", &png, "--size", "320x240", "--balls", "3"];
    let expected = read_png(&golden.join("thrown.png"));
    let play = |name| {
        let mut program = Program::start(&copy, Start::Cargo, None, name, &arguments);
        let status = program.wait_exit();
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(read_png(Path::new(&*png)).pixels == expected.pixels, "{name}: see {png}");
        std::fs::remove_file(&*png).expect("the picture is there");
    };
    play("a_script_gives_the_same_picture");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let _ends = Ends(&is_over);
        play("a_script_gives_the_same_picture_under_load");
    });
}

#[test]
fn an_interrupt_ends_the_program_in_order() {
    let copy = Copy::take();
    copy.build();
    let name = "an_interrupt_ends_the_program_in_order";
    let mut program = Program::start(&copy, Start::Cargo, None, name, &[]);
    program.wait_for_log("draws its first frame");
    processes::signal("INT", program.id());
    let status = program.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(program.times_logged("the end, after "), 1);
}

#[test]
fn nothing_is_compiled_twice_however_the_program_is_started() {
    let copy = Copy::take();
    copy.build();
    let starts = [Start::Cargo, Start::ByHand, Start::Cargo];
    for (number, start) in starts.into_iter().enumerate() {
        let name = format!("nothing_is_compiled_twice_{number}");
        let mut program = Program::start(&copy, start, None, &name, &["--frames", "3"]);
        let status = program.wait_exit();
        assert_eq!(status.code(), Some(0), "{status}");
        // The state before the first start is unknown; after it, everything is compiled.
        let compiled = program.times_logged("Compiling ");
        assert!(
            number == 0 || compiled == 0,
            "start {number} ({start:?}) compiles {compiled} packages again"
        );
    }
}

#[test]
fn a_source_that_is_broken_before_the_first_start_is_cargos_own_error() {
    let mut copy = Copy::take();
    copy.build();
    copy.set("TITLE: &str", "not a text");
    let name = "a_source_that_is_broken_before_the_first_start";
    let mut program = Program::start(&copy, Start::Cargo, None, name, &["--frames", "3"]);
    let status = program.wait_exit();
    assert_eq!(status.code(), Some(101), "{status}");
    assert!(program.times_logged("example-impl/src/lib.rs") > 0);
}

#[test]
fn what_somebody_else_has_built_is_taken_although_cargo_calls_it_fresh() {
    let mut copy = Copy::take();
    copy.build();
    let name = "what_somebody_else_has_built_is_taken";
    let mut program = Program::start(&copy, Start::Cargo, None, name, &[]);
    program.wait_for_log("generation 1 draws its first frame");
    // A build that the owner cancels too late has the same result: a new program, and nothing left
    // to build.
    processes::signal("STOP", program.id());
    copy.set_ground(0x0012_3456);
    copy.build_renderer();
    processes::signal("CONT", program.id());
    program.wait_for_log("generation 2 draws its first frame");
}

fn read_png(file: &Path) -> Picture {
    let reader = BufReader::new(File::open(file).expect("the picture is there"));
    let mut reader = png::Decoder::new(reader).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("its size")];
    let info = reader.next_frame(&mut bytes).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let (pixels, _) = bytes.as_chunks::<3>();
    let pixel = |[red, green, blue]: &[u8; 3]| u32::from_be_bytes([0, *red, *green, *blue]);
    Picture {
        width: info.width as usize,
        height: info.height as usize,
        pixels: pixels.iter().map(pixel).collect(),
    }
}

//! Pictures in files, with which those of a test are compared.

use super::difference::Difference;
use crate::error::Error;
use crate::owner::Picture;
use crate::png_file;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Variable with which a person asks for the files to be written.
const UPDATE: &str = "HOT_RELOAD_UPDATE_PICTURES";

/// Compares a picture with a PNG file, pixel by pixel, without the overlay. Tests run in the folder
/// of their package, so the path is relative to that: `tests/golden/title.png`.
///
/// If they differ, the picture is written beside the file as `title.new.png`, and expected picture,
/// drawn picture and their difference, from left to right, as `title.diff.png`. With the environment
/// variable `HOT_RELOAD_UPDATE_PICTURES=1`, the file is written instead; it is never written without.
///
/// # Panics
/// Panics if the picture differs from the file, if the file is missing or cannot be read, and if it
/// has another size.
#[track_caller]
pub fn assert_picture(picture: Picture<'_>, golden: impl AsRef<Path>) {
    let update = std::env::var_os(UPDATE).is_some_and(|it| !it.is_empty() && it != "0");
    let drawn = ((picture.width(), picture.height()), picture.frame());
    if let Err(mismatch) = compare(drawn, golden.as_ref(), update) {
        panic!("{mismatch}");
    }
}

type Pixels<'p> = ((usize, usize), &'p [u32]);

/// The reason why a picture is not that of a file.
enum Reason {
    Missing,
    Unreadable(String),
    Size { expected: (usize, usize), drawn: (usize, usize) },
    Differs(Difference),
    Unwritten(Error),
}

/// A picture that is not the one in a file.
struct Mismatch {
    golden: PathBuf,
    reason: Reason,
    /// Files that were written for a person to look at.
    written: Vec<PathBuf>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let golden = self.golden.display();
        match &self.reason {
            Reason::Missing => write!(f, "there is no picture {golden} to compare with")?,
            Reason::Unreadable(error) => write!(f, "the picture {golden} cannot be read: {error}")?,
            Reason::Size { expected, drawn } => write!(
                f,
                "{golden} has {} × {} pixels, and the picture that was drawn {} × {}",
                expected.0, expected.1, drawn.0, drawn.1
            )?,
            Reason::Differs(difference) => write!(f, "{golden} differs: {difference}")?,
            Reason::Unwritten(error) => return error.fmt(f),
        }
        for file in &self.written {
            write!(f, "\n    look at {}", file.display())?;
        }
        write!(f, "\nIf the new picture is right, run the test once with {UPDATE}=1.")
    }
}

/// Compares a picture with a file, or writes the file.
fn compare(drawn: Pixels<'_>, golden: &Path, update: bool) -> Result<(), Box<Mismatch>> {
    let (new, diff) = (golden.with_extension("new.png"), golden.with_extension("diff.png"));
    for left in [&new, &diff] {
        // Files of an earlier run would be taken for this one's.
        let _ = std::fs::remove_file(left);
    }
    let expected = png_file::read(golden);
    let reason = match &expected {
        Ok((size, _)) if *size != drawn.0 => Reason::Size { expected: *size, drawn: drawn.0 },
        Ok((size, pixels)) => match Difference::between(*size, pixels, drawn.1) {
            Some(difference) => Reason::Differs(difference),
            None => return Ok(()),
        },
        Err(png::DecodingError::IoError(error)) if error.kind() == ErrorKind::NotFound => {
            Reason::Missing
        }
        Err(error) => Reason::Unreadable(error.to_string()),
    };
    let mismatch =
        |reason, written| Box::new(Mismatch { golden: golden.to_owned(), reason, written });
    let write = |file: &Path, (size, pixels): Pixels<'_>| {
        let made = golden.parent().map_or(Ok(()), std::fs::create_dir_all);
        let failed = |error: std::io::Error| Error::Png { path: file.into(), source: error.into() };
        let written = made.map_err(failed).and_then(|()| png_file::write(file, size, pixels));
        written.map_err(|error| mismatch(Reason::Unwritten(error), Vec::new()))
    };
    if update {
        return write(golden, drawn);
    }
    write(&new, drawn)?;
    let mut written = vec![new];
    if let (Reason::Differs(difference), Ok((size, expected))) = (&reason, &expected) {
        let (size, pixels) = difference.picture(*size, expected, drawn.1);
        write(&diff, (size, &pixels))?;
        written.push(diff);
    }
    Err(mismatch(reason, written))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const SIZE: (usize, usize) = (3, 2);

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hot-reload-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_picture_is_written_on_request_and_then_compared() {
        let folder = folder("golden");
        let golden = folder.join("deep/title.png");
        let drawn = [1, 2, 3, 0xff_00_00, 0x00_ff_00, 0x00_00_ff];
        let missing = compare((SIZE, &drawn), &golden, false).unwrap_err().to_string();
        assert!(missing.starts_with("there is no picture "), "{missing}");
        assert!(missing.contains("title.new.png") && missing.contains(UPDATE), "{missing}");
        assert!(!golden.exists() && folder.join("deep/title.new.png").exists());

        assert!(compare((SIZE, &drawn), &golden, true).is_ok());
        assert!(compare((SIZE, &drawn), &golden, false).is_ok());
        assert!(!folder.join("deep/title.new.png").exists(), "left by the earlier run");

        let mut other = drawn;
        other[4] = 0x00_fe_00;
        let differs = compare((SIZE, &other), &golden, false).unwrap_err().to_string();
        let told = "title.png differs: 1 of 6 pixels, at 1, 1: expected #00ff00, was #00fe00";
        assert!(differs.contains(told) && differs.contains("title.diff.png"), "{differs}");
        assert_eq!(png_file::read(&golden).unwrap(), (SIZE, drawn.to_vec()), "not overwritten");
        let ((width, height), _) = png_file::read(&folder.join("deep/title.diff.png")).unwrap();
        assert!(width > 3 * height && height >= 2, "{width} × {height}");

        let sizes = compare(((2, 3), &drawn), &golden, false).unwrap_err().to_string();
        assert!(
            sizes.contains("has 3 × 2 pixels, and the picture that was drawn 2 × 3"),
            "{sizes}"
        );
        std::fs::write(&golden, b"no picture").unwrap();
        let unreadable = compare((SIZE, &drawn), &golden, false).unwrap_err().to_string();
        assert!(unreadable.contains("cannot be read"), "{unreadable}");
        std::fs::remove_dir_all(&folder).unwrap();

        std::fs::write(&folder, b"in the way").unwrap();
        let unwritten = compare((SIZE, &drawn), &golden, true).unwrap_err().to_string();
        assert!(unwritten.contains("cannot be written"), "{unwritten}");
        std::fs::remove_file(&folder).unwrap();
    }
}

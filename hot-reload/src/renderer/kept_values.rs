//! Values that are not plain old data, passed from one generation to the next.
//!
//! They are stored as MessagePack, which is self-describing: a type that has changed gives an error
//! and not garbage. A generation that drains writes them into its own file in its owner's folder.
//! The owner never reads the file; it only tells the next generation whose file is the newest.

use crate::error::{Error, Result};
use crate::handshake::environment::kept_file;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;

/// Values that are not plain old data, which one generation keeps for the next.
///
/// They are serialised with serde, and handed over when the renderer drains; see
/// [`Render`](crate::Render) for an example. In one process there is no next generation.
#[derive(Debug)]
pub struct KeptValues {
    values: BTreeMap<String, Vec<u8>>,
    /// Folder of the owner; `None` in one process, which has no next generation.
    folder: Option<PathBuf>,
    /// File that the previous generation has left, until it is read.
    left: Option<PathBuf>,
    /// Set if the values differ from the file.
    changed: bool,
    /// Set in a rehearsal, which takes and keeps nothing.
    pub(crate) rehearsal: bool,
}

impl KeptValues {
    pub(crate) fn new(folder: Option<PathBuf>, generation: Option<u32>) -> Self {
        let (values, left, changed, rehearsal) = (BTreeMap::new(), None, false, false);
        let mut kept = KeptValues { values, folder, left, changed, rehearsal };
        kept.follow(generation);
        kept
    }

    /// Continues with the values that a generation has left.
    pub(crate) fn follow(&mut self, generation: Option<u32>) {
        let file = |folder: &PathBuf| generation.map(|generation| kept_file(folder, generation));
        self.left = self.folder.as_ref().and_then(file);
        (self.values, self.changed) = (BTreeMap::new(), false);
    }

    /// Keeps a value for the next generation under a name, replacing any value of that name.
    ///
    /// Kept values are handed over when the renderer drains, so call this in
    /// [`Render::on_drain`](crate::Render::on_drain). A generation that crashes hands over nothing
    /// new: its successor gets the values that the crashed generation had received. A rehearsal
    /// keeps nothing.
    ///
    /// # Errors
    /// Fails if the value cannot be serialized.
    pub fn keep<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        // With field names, so that fields may be added, removed and reordered.
        let bytes = rmp_serde::to_vec_named(value)
            .map_err(|error| Error::Keep { name: name.to_owned(), source: error.into() })?;
        if !self.rehearsal {
            self.read()?;
            self.values.insert(name.to_owned(), bytes);
            self.changed = true;
        }
        Ok(())
    }

    /// Takes a kept value. Returns `None` if there is none of that name, and in a rehearsal: kept
    /// values are available from the first real tick on. Values that are not taken are passed on to
    /// the next generation.
    ///
    /// # Errors
    /// Fails if the value cannot be read as a `T` because the type has changed. It stays kept, and
    /// can be taken as another type.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        if self.rehearsal {
            return Ok(None);
        }
        self.read()?;
        let Some(bytes) = self.values.get(name) else {
            return Ok(None);
        };
        let value = rmp_serde::from_slice(bytes).map_err(|error| Error::Take {
            name: name.to_owned(),
            wanted: std::any::type_name::<T>(),
            source: error.into(),
        })?;
        self.values.remove(name);
        self.changed = true;
        Ok(Some(value))
    }

    /// Writes the values for the next generation, unless the previous file already contains them.
    pub(crate) fn write(&mut self, generation: u32) -> io::Result<()> {
        let Some(folder) = self.folder.as_ref().filter(|_| self.changed) else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        for (name, value) in &self.values {
            for part in [name.as_bytes(), value] {
                bytes.extend((part.len() as u64).to_le_bytes());
                bytes.extend(part);
            }
        }
        std::fs::write(kept_file(folder, generation), bytes)
    }

    /// Reads the previous generation's file, once.
    fn read(&mut self) -> Result<()> {
        let Some(path) = self.left.take() else {
            return Ok(());
        };
        let unreadable = |source: io::Error| Error::KeptValues { path: path.clone(), source };
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let name = part(&mut rest).and_then(|it| String::from_utf8(it).ok());
            let value = part(&mut rest);
            let (Some(name), Some(value)) = (name, value) else {
                return Err(unreadable(io::ErrorKind::InvalidData.into()));
            };
            self.values.insert(name, value);
        }
        Ok(())
    }
}

/// Reads the next part: its length, then its bytes.
fn part(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    rest.read_exact(&mut length).ok()?;
    let length = usize::try_from(u64::from_le_bytes(length)).ok()?;
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::HashMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Assets {
        names: Vec<String>,
        by_place: HashMap<(i32, i32), f32>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Grown {
        #[serde(default)]
        scale: u8,
        by_place: HashMap<(i32, i32), f32>,
    }

    fn assets() -> Assets {
        let by_place = HashMap::from([((1, -2), f32::INFINITY)]);
        Assets { names: vec!["first".to_owned()], by_place }
    }

    #[test]
    fn values_travel_through_a_file_and_untaken_ones_go_on() {
        let folder = std::env::temp_dir().join(format!("hot-reload-kept-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut first = KeptValues::new(Some(folder.clone()), None);
        first.keep("assets", &assets()).unwrap();
        first.keep("other", &7_u8).unwrap();
        first.write(1).unwrap();
        let mut second = KeptValues::new(Some(folder.clone()), Some(1));
        assert_eq!(second.take::<u8>("other").unwrap(), Some(7));
        assert_eq!(second.take::<u8>("other").unwrap(), None, "taken once");
        second.write(2).unwrap();
        let mut third = KeptValues::new(Some(folder.clone()), Some(2));
        third.write(3).unwrap();
        assert!(!kept_file(&folder, 3).exists(), "the file of the generation before says the same");
        assert_eq!(third.take("assets").unwrap(), Some(assets()));
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn a_changed_type_is_an_error_and_the_value_stays() {
        let mut kept = KeptValues::new(None, None);
        kept.keep("assets", &assets()).unwrap();
        let error = kept.take::<Vec<u8>>("assets").unwrap_err().to_string();
        assert!(error.contains("assets") && error.contains("Vec<u8>"), "{error}");
        let grown: Grown = kept.take("assets").unwrap().unwrap();
        assert_eq!((grown.scale, grown.by_place), (0, assets().by_place));
    }

    #[test]
    fn a_rehearsal_takes_and_keeps_nothing() {
        let mut kept = KeptValues::new(None, None);
        kept.keep("one", &1).unwrap();
        kept.rehearsal = true;
        kept.keep("one", &2).unwrap();
        assert_eq!(kept.take::<i32>("one").unwrap(), None);
        kept.rehearsal = false;
        assert_eq!(kept.take::<i32>("one").unwrap(), Some(1));
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let folder = std::env::temp_dir().join(format!("hot-reload-torn-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(kept_file(&folder, 1), [9, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap();
        let error = KeptValues::new(Some(folder.clone()), Some(1)).take::<u8>("one").unwrap_err();
        assert!(error.to_string().contains("kept-1"), "{error}");
        let _ = std::fs::remove_dir_all(folder);
    }
}

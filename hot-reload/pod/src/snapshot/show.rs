//! Printing snapshots, as text and as JSON.

use super::{SavedBuffer, Snapshot};
use crate::{escaped, owned_layout::OwnedLayout, values::Value};
use serde_json::{Value as Json, json};
use std::fmt;

impl Snapshot {
    /// Returns the values for other programs: `application`, `tick`, `time` in seconds, `state` and
    /// `buffers`.
    ///
    /// Values are as serde would write them, with a few differences: 128-bit integers and
    /// non-finite floats are strings, a field with `#[shared(pod)]` is a string of hex digits,
    /// tuples are arrays, and a `Pool` is an object keyed by slot index.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let parts = self.parts();
        let buffers = parts.buffers.iter().map(|buffer| {
            let layout = buffer.layout();
            let values = layout.as_ref().and_then(|it| Value::whole(it, &buffer.bytes));
            (buffer.name.clone(), values.map_or(Json::Null, |it| it.to_json()))
        });
        json!({
            "application": parts.application,
            "tick": parts.tick,
            "time": parts.time.as_secs_f64(),
            "state": self.value().to_json(),
            "buffers": buffers.collect::<serde_json::Map<_, _>>(),
        })
    }
}

impl SavedBuffer {
    /// Returns the layout of all elements together; `None` if their size overflows.
    fn layout(&self) -> Option<OwnedLayout> {
        self.element.clone().array_of(self.len)
    }
}

/// Prints the values as a tree, one line per field: name, type, value.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts();
        write!(f, "`{}` at tick {}, ", escaped(&parts.application), parts.tick)?;
        write!(f, "{:?}: {} bytes", parts.time, parts.state.len())?;
        self.value().write_tree(f, "state", 0)?;
        for buffer in &parts.buffers {
            let label = format!("extra buffer `{}`", escaped(&buffer.name));
            let layout = buffer.layout();
            match layout.as_ref().and_then(|it| Value::whole(it, &buffer.bytes)) {
                Some(values) => values.write_tree(f, label, 0)?,
                None => write!(f, "\n{label}: {} bytes", buffer.bytes.len())?,
            }
        }
        if !parts.canvas.pixels.is_empty() {
            write!(f, "\nkept canvas: {} x {} pixels", parts.canvas.width, parts.canvas.height)?;
        }
        if !parts.parked.is_empty() {
            write!(f, "\nkept values: {} bytes", parts.parked.len())?;
        }
        Ok(())
    }
}

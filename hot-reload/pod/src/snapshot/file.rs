//! Snapshots as files.
//!
//! | bytes | what |
//! | --- | --- |
//! | 17 | `hot-reload state` and a line feed |
//! | 4 | the format's version, [`VERSION`], little-endian |
//! | 8 | the length of the header, little-endian |
//! | as said | the header: JSON, see [`Header`] |
//! | as said | the bytes of the state, each extra buffer, the kept values and the kept canvas |
//! | 8 | FNV-1a (64 bits, byte by byte) of everything before, little-endian |
//!
//! Numbers in the bodies are in the byte order that the header names; all others are little-endian.
//! FNV detects every single wrong byte. It does not protect from malice, and need not: nothing in a
//! file is trusted.

use super::{Parts, SavedBuffer, SavedCanvas, replace};
use crate::owned_layout::{Fnv, OwnedLayout};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

const MAGIC: &[u8] = b"hot-reload state\n";
/// Version of the format, raised with every change.
const VERSION: u32 = 2;
/// Version whose parked values had another format; all else was the same.
const PARKED_DIFFERENTLY: u32 = 1;
const BYTE_ORDER: &str = if cfg!(target_endian = "big") { "big" } else { "little" };

const FOREIGN: &str = "the file is not a state saved by hot-reload; choose one that is";
const DAMAGED: &str = "the file is damaged or incomplete; use another copy of it, or save again";

/// The description of the bodies.
#[derive(Serialize, Deserialize)]
struct Header {
    application: String,
    /// Version of this crate; informational only.
    library: String,
    byte_order: String,
    /// Width of a pointer in bits; informational, because the layouts give the size of each number.
    pointer_width: u32,
    tick: u64,
    time_ns: u64,
    /// Layout of the state, which gives its length.
    layout: OwnedLayout,
    buffers: Vec<BufferHeader>,
    /// Length in bytes.
    parked: usize,
    canvas: CanvasHeader,
}

#[derive(Serialize, Deserialize)]
struct BufferHeader {
    name: String,
    element: OwnedLayout,
    len: usize,
}

#[derive(Serialize, Deserialize)]
struct CanvasHeader {
    width: u32,
    height: u32,
    /// Length in bytes.
    pixels: usize,
}

/// Writes the file atomically: either the old or the new one exists at any time, even after a
/// crash.
pub(super) fn save(parts: &Parts, path: &Path) -> io::Result<()> {
    replace::replace(path, true, |file| write(parts, file))
}

/// Writes a file that will soon be replaced; a loss of power may destroy it.
pub(super) fn save_in_passing(parts: &Parts, path: &Path) -> io::Result<()> {
    replace::replace(path, false, |file| write(parts, file))
}

pub(super) fn write(parts: &Parts, file: &mut impl Write) -> io::Result<()> {
    let header = serde_json::to_vec(&Header::of(parts)).map_err(io::Error::other)?;
    let (version, len) = (VERSION.to_le_bytes(), (header.len() as u64).to_le_bytes());
    let mut pieces = vec![MAGIC, &version, &len, &header, &parts.state];
    pieces.extend(parts.buffers.iter().map(|buffer| &buffer.bytes[..]));
    pieces.extend([&parts.parked[..], &parts.canvas.pixels]);

    let mut hash = Fnv::default();
    for piece in pieces {
        hash.bytes(piece);
        file.write_all(piece)?;
    }
    file.write_all(&hash.0.to_le_bytes())
}

impl Header {
    fn of(parts: &Parts) -> Header {
        let buffers = parts.buffers.iter().map(|buffer| BufferHeader {
            name: buffer.name.clone(),
            element: buffer.element.clone(),
            len: buffer.len,
        });
        let SavedCanvas { width, height, pixels } = &parts.canvas;
        Header {
            application: parts.application.clone(),
            library: env!("CARGO_PKG_VERSION").to_owned(),
            byte_order: BYTE_ORDER.to_owned(),
            pointer_width: usize::BITS,
            tick: parts.tick,
            // No clock has run for 584 years.
            time_ns: u64::try_from(parts.time.as_nanos()).unwrap_or(u64::MAX),
            layout: parts.layout.clone(),
            buffers: buffers.collect(),
            parked: parts.parked.len(),
            canvas: CanvasHeader { width: *width, height: *height, pixels: pixels.len() },
        }
    }
}

/// Loads a file; the lengths must still be compared with the layouts.
pub(super) fn load(path: &Path) -> Result<Parts, String> {
    parse(&read(path)?)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: io::Error| format!("it cannot be read: {error}");
    let about = fs::metadata(path).map_err(cannot)?;
    // Opening a pipe would wait for its writer.
    if !about.is_file() {
        return Err("it is not a file; choose one that was saved".to_owned());
    }
    let (file, mut bytes) = (File::open(path).map_err(cannot)?, Vec::new());
    // No more than this is read of a foreign file.
    (&file).take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes != MAGIC {
        return Err(FOREIGN.to_owned());
    }
    let rest = usize::try_from(about.len()).ok().map(|len| len.saturating_sub(MAGIC.len()));
    let room = rest.is_some_and(|rest| bytes.try_reserve_exact(rest).is_ok());
    if !room {
        return Err(format!("its {} bytes do not fit into memory", about.len()));
    }
    file.take(about.len()).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

/// Parses a file; allocates at most a small multiple of its size.
pub(super) fn parse(bytes: &[u8]) -> Result<Parts, String> {
    let damaged = || DAMAGED.to_owned();
    let mut reader = Reader(bytes);
    if reader.take(MAGIC.len()) != Some(MAGIC) {
        return Err(FOREIGN.to_owned());
    }
    let version = u32::from_le_bytes(reader.array().ok_or_else(damaged)?);
    let other_version = || {
        format!(
            "its format is version {version}, not {VERSION}; load it with the version of \
             hot-reload that saved it"
        )
    };
    if version != VERSION && version != PARKED_DIFFERENTLY {
        return Err(other_version());
    }
    let (content, sum) = reader.0.split_last_chunk().ok_or_else(damaged)?;
    let mut hash = Fnv::default();
    hash.bytes(&bytes[..bytes.len() - sum.len()]);
    if hash.0 != u64::from_le_bytes(*sum) {
        return Err(damaged());
    }
    let mut reader = Reader(content);
    let len = u64::from_le_bytes(reader.array().ok_or_else(damaged)?);
    let header = usize::try_from(len).ok().and_then(|len| reader.take(len)).ok_or_else(damaged)?;
    let header = serde_json::from_slice::<Header>(header)
        .map_err(|error| format!("{DAMAGED} (its header is invalid: {error})"))?;
    if header.byte_order != BYTE_ORDER {
        return Err(format!(
            "its byte order is {}-endian, this machine's {BYTE_ORDER}-endian; load it on a machine \
             like the one that saved it",
            header.byte_order
        ));
    }
    if version == PARKED_DIFFERENTLY && header.parked > 0 {
        return Err(other_version());
    }
    header.bodies(reader).ok_or_else(damaged)
}

impl Header {
    /// Reads the bodies, which must have the lengths in the header and use up all bytes.
    fn bodies(self, mut reader: Reader<'_>) -> Option<Parts> {
        let state = reader.take(self.layout.size())?.to_vec();
        let mut buffers = Vec::new();
        for BufferHeader { name, element, len } in self.buffers {
            let bytes = reader.take(element.size().checked_mul(len)?)?.to_vec();
            buffers.push(SavedBuffer { name, element, len, bytes });
        }
        let parked = reader.take(self.parked)?.to_vec();
        let CanvasHeader { width, height, pixels } = self.canvas;
        let pixels = reader.take(pixels)?.to_vec();
        reader.0.is_empty().then_some(Parts {
            application: self.application,
            layout: self.layout,
            state,
            buffers,
            parked,
            canvas: SavedCanvas { width, height, pixels },
            tick: self.tick,
            time: Duration::from_nanos(self.time_ns),
        })
    }
}

/// The bytes not read yet.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

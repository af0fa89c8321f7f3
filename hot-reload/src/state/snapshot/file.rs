//! Snapshots as files.
//!
//! | bytes | what |
//! | --- | --- |
//! | 17 | `hot-reload state` and a line feed |
//! | 4 | the format's version, [`VERSION`], little-endian |
//! | 8 | the length of the header, little-endian |
//! | as said | the header: JSON, see [`Header`] |
//! | as said | the bytes of the state, of each extra buffer, of the kept values, of the kept canvas |
//! | 8 | FNV-1a (64 bits, byte by byte) of everything before, little-endian |
//!
//! The numbers in the bodies are in the byte order that the header names, and nowhere else. FNV finds
//! every single wrong byte; it is no protection from somebody who means harm, and needs not be:
//! nothing in a file is trusted.

use super::{Parts, SavedBuffer, SavedCanvas, replace};
use crate::state::owned_layout::{Fnv, OwnedLayout};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

const MAGIC: &[u8] = b"hot-reload state\n";
/// Raised with every change of the format.
const VERSION: u32 = 1;
const BYTE_ORDER: &str = if cfg!(target_endian = "big") { "big" } else { "little" };

const FOREIGN: &str = "the file is not a state saved by hot-reload; choose one that is";
const DAMAGED: &str = "the file is damaged or not complete; take another copy of it, or save again";

/// What the bodies are.
#[derive(Serialize, Deserialize)]
struct Header {
    application: String,
    /// Of this crate: for whoever looks into the file.
    library: String,
    byte_order: String,
    /// In bits; the layouts say how long each number is.
    pointer_width: u32,
    tick: u64,
    time_ns: u64,
    /// Tells the state's length.
    layout: OwnedLayout,
    buffers: Vec<BufferHeader>,
    /// In bytes.
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
    /// In bytes.
    pixels: usize,
}

/// Writes the file; there is the old one or the new one at any time, also after a crash.
pub(super) fn save(parts: &Parts, path: &Path) -> io::Result<()> {
    replace::replace(path, true, |file| write(parts, file))
}

/// The same for what another file replaces soon: a loss of power may take it away.
#[cfg(feature = "owner")]
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
            // Nobody's clock has run for 584 years.
            time_ns: u64::try_from(parts.time.as_nanos()).unwrap_or(u64::MAX),
            layout: parts.layout.clone(),
            buffers: buffers.collect(),
            parked: parts.parked.len(),
            canvas: CanvasHeader { width: *width, height: *height, pixels: pixels.len() },
        }
    }
}

/// What a file says, whose lengths are still to be compared with their layouts.
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
    // However large a foreign file is, no more than this is read of it.
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

/// Never more memory than some times the bytes that are there.
pub(super) fn parse(bytes: &[u8]) -> Result<Parts, String> {
    let damaged = || DAMAGED.to_owned();
    let mut reader = Reader(bytes);
    if reader.take(MAGIC.len()) != Some(MAGIC) {
        return Err(FOREIGN.to_owned());
    }
    let version = u32::from_le_bytes(reader.array().ok_or_else(damaged)?);
    if version != VERSION {
        return Err(format!(
            "its format is version {version}, not {VERSION}; load it with the version of \
             hot-reload that has saved it"
        ));
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
        .map_err(|error| format!("{DAMAGED} (its header makes no sense: {error})"))?;
    if header.byte_order != BYTE_ORDER {
        return Err(format!(
            "its byte order is {}-endian, this machine's {BYTE_ORDER}-endian; load it on a machine \
             like the one that has saved it",
            header.byte_order
        ));
    }
    header.bodies(reader).ok_or_else(damaged)
}

impl Header {
    /// The bodies, which are as long as the header says and all that is left.
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

/// Bytes that have not been read yet.
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

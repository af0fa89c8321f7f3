//! Parked values as bytes, which travel beside the state.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | the length of the header, little-endian |
//! | the length above | the header: JSON, see [`Header`] |
//! | the lengths in the header | of each entry, its values and what was left in their places |
//!
//! The values are not part of the JSON, which would be four times as long. The header is JSON
//! because layouts are JSON everywhere else: code for a second format was a third of this crate.

use super::ParkedSet;
use serde::{Deserialize, Serialize};

/// The description of the bodies.
#[derive(Serialize, Deserialize)]
struct Header<Set> {
    set: Set,
    /// Lengths in bytes of each entry's values, and of what was left in their places.
    lengths: Vec<(usize, usize)>,
}

impl ParkedSet {
    /// Serialises the set to travel beside the state.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.is_empty() {
            return Vec::new();
        }
        let lengths = self.values.iter().map(|it| (it.bytes.len(), it.left.len())).collect();
        let header = serde_json::to_vec(&Header { set: self, lengths }).unwrap_or_default();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        for parked in &self.values {
            bytes.extend_from_slice(&parked.bytes);
            bytes.extend_from_slice(&parked.left);
        }
        bytes
    }

    /// Reads a serialised set.
    ///
    /// # Errors
    /// Says what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Ok(ParkedSet::default());
        }
        let incomplete = || "the parked values are incomplete".to_owned();
        let (len, rest) = bytes.split_first_chunk().ok_or_else(incomplete)?;
        let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| incomplete())?;
        let (header, mut rest) = rest.split_at_checked(len).ok_or_else(incomplete)?;
        let Header { mut set, lengths } = serde_json::from_slice::<Header<ParkedSet>>(header)
            .map_err(|error| error.to_string())?;
        if set.values.len() != lengths.len() {
            return Err(incomplete());
        }
        let mut take = |len| {
            let (taken, others) = rest.split_at_checked(len)?;
            rest = others;
            Some(taken.to_vec())
        };
        for (parked, (values, left)) in set.values.iter_mut().zip(lengths) {
            parked.bytes = take(values).ok_or_else(incomplete)?;
            parked.left = take(left).ok_or_else(incomplete)?;
            if !parked.is_sound() {
                return Err(format!("the values parked at `{}` are invalid", parked.path));
            }
        }
        match rest.is_empty() {
            true => Ok(set),
            false => Err("the parked values are followed by other bytes".to_owned()),
        }
    }
}

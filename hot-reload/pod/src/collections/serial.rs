//! Serde for the collections: each looks like its counterpart in `std`.
//!
//! Elements are read one by one into the blank collection; too many elements are an error that
//! names the capacity.

use super::{
    FixedDuration, FixedInstant, FixedMap, FixedOption, FixedString, FixedVec, Grid, Handle, Pool,
    Ring,
};
use crate::SharedState;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// A visitor that reads a `T`; its expectation appears in the error.
struct Read<T>(PhantomData<T>);

impl<T> Read<T> {
    const NEW: Self = Read(PhantomData);
}

macro_rules! lists {
    ($($list:ident $push:ident;)*) => {$(
        impl<T: SharedState + Serialize, const N: usize> Serialize for $list<T, N> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self)
            }
        }

        impl<'de, T, const N: usize> Deserialize<'de> for $list<T, N>
        where
            T: SharedState + Deserialize<'de>,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(Read::<Self>::NEW)
            }
        }

        impl<'de, T, const N: usize> Visitor<'de> for Read<$list<T, N>>
        where
            T: SharedState + Deserialize<'de>,
        {
            type Value = $list<T, N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a sequence of at most {N} elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
                let mut list = $list::new();
                while let Some(element) = from.next_element()? {
                    if list.$push(element).is_err() {
                        return Err(Error::invalid_length(N + 1, &self));
                    }
                }
                Ok(list)
            }
        }
    )*};
}

lists! {
    FixedVec push;
    Ring push_back;
}

impl<const N: usize> Serialize for FixedString<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for FixedString<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Read::<Self>::NEW)
    }
}

impl<const N: usize> Visitor<'_> for Read<FixedString<N>> {
    type Value = FixedString<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of at most {N} bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FixedString<N>, E> {
        text.try_into().map_err(|_| E::invalid_length(text.len(), &self))
    }
}

impl<T: SharedState + Serialize> Serialize for FixedOption<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().serialize(serializer)
    }
}

impl<'de, T: SharedState + Deserialize<'de>> Deserialize<'de> for FixedOption<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(FixedOption::from)
    }
}

/// Serialises as the list of rows, each the list of its cells.
impl<T: SharedState + Serialize, const W: usize, const H: usize> Serialize for Grid<T, W, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(H))?;
        self.rows().try_for_each(|row| rows.serialize_element(row.as_slice()))?;
        rows.end()
    }
}

impl<'de, T, const W: usize, const H: usize> Deserialize<'de> for Grid<T, W, H>
where
    T: SharedState + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Read::<Self>::NEW)
    }
}

impl<'de, T, const W: usize, const H: usize> Visitor<'de> for Read<Grid<T, W, H>>
where
    T: SharedState + Deserialize<'de>,
{
    type Value = Grid<T, W, H>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{H} rows of {W} cells")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut grid = Grid::new();
        for (index, row) in grid.rows_mut().enumerate() {
            if from.next_element_seed(Row(row))?.is_none() {
                return Err(Error::invalid_length(index, &self));
            }
        }
        end(from, H, &self)?;
        Ok(grid)
    }
}

/// A row whose cells are read in place.
struct Row<'r, T, const W: usize>(&'r mut [T; W]);

impl<'de, T: Deserialize<'de>, const W: usize> serde::de::DeserializeSeed<'de> for Row<'_, T, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, const W: usize> Visitor<'de> for Row<'_, T, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a row of {W} cells")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        for index in 0..W {
            let Some(cell) = from.next_element()? else {
                return Err(Error::invalid_length(index, &self));
            };
            self.0[index] = cell;
        }
        end(from, W, &self)
    }
}

/// Returns an error if the sequence continues after `len` elements.
fn end<'de, A: SeqAccess<'de>>(
    mut from: A,
    len: usize,
    expected: &dyn serde::de::Expected,
) -> Result<(), A::Error> {
    match from.next_element::<serde::de::IgnoredAny>()? {
        Some(_) => Err(Error::invalid_length(len + 1, expected)),
        None => Ok(()),
    }
}

impl<K, V, const N: usize> Serialize for FixedMap<K, V, N>
where
    K: SharedState + Ord + Serialize,
    V: SharedState + Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, K, V, const N: usize> Deserialize<'de> for FixedMap<K, V, N>
where
    K: SharedState + Ord + Deserialize<'de>,
    V: SharedState + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Read::<Self>::NEW)
    }
}

impl<'de, K, V, const N: usize> Visitor<'de> for Read<FixedMap<K, V, N>>
where
    K: SharedState + Ord + Deserialize<'de>,
    V: SharedState + Deserialize<'de>,
{
    type Value = FixedMap<K, V, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map of at most {N} entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut map = FixedMap::new();
        while let Some((key, value)) = from.next_entry()? {
            if map.insert(key, value).is_err() {
                return Err(Error::invalid_length(N + 1, &self));
            }
        }
        Ok(map)
    }
}

/// Serialises as the list of slots, each a generation and a value; handles stay valid for what is
/// read.
impl<T: SharedState + Serialize, const N: usize> Serialize for Pool<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.parts())
    }
}

impl<'de, T: SharedState + Deserialize<'de>, const N: usize> Deserialize<'de> for Pool<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Read::<Self>::NEW)
    }
}

impl<'de, T, const N: usize> Visitor<'de> for Read<Pool<T, N>>
where
    T: SharedState + Deserialize<'de>,
{
    type Value = Pool<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sequence of at most {N} slots, each a generation and, if it is odd, a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut pool = Pool::new();
        let mut index = 0;
        while let Some((generation, value)) = from.next_element()? {
            if index == N {
                return Err(Error::invalid_length(N + 1, &self));
            }
            if !pool.set_part(index, generation, value) {
                return Err(Error::custom(format_args!(
                    "slot {index}: a value must be present exactly if the generation is odd"
                )));
            }
            index += 1;
        }
        pool.settle();
        Ok(pool)
    }
}

/// Serialises as index and generation.
impl<T> Serialize for Handle<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts().serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Handle<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <(u32, u32)>::deserialize(deserializer).map(Handle::from_parts)
    }
}

impl Serialize for FixedDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FixedDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Duration::deserialize(deserializer).map(FixedDuration::from)
    }
}

/// Serialises as the time since the owner's start.
impl Serialize for FixedInstant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.since_start().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FixedInstant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FixedDuration::deserialize(deserializer).map(FixedInstant::at)
    }
}

//! Extra buffers: plain old data whose length is known only at run time.
//!
//! They are kept beside the state in the renderer's private memory, are part of each commit, and
//! are carried from generation to generation by name.

use super::{AlignedBytes, Invalid, OwnedLayout, SharedState, round_up};
use serde::{Deserialize, Serialize};
use std::any::TypeId;

/// The extra buffers that an application requests; filled in by
/// `App::buffers`.
#[derive(Debug, Default)]
pub struct BufferPlan {
    planned: Vec<Planned>,
}

/// A buffer as described to the other process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BufferShape {
    /// Name under which the application finds it.
    pub name: String,
    /// Layout of one element.
    pub element: OwnedLayout,
    /// Number of elements.
    pub len: usize,
}

impl BufferShape {
    /// Returns the length of the whole buffer in bytes, or `usize::MAX` if that overflows.
    pub fn bytes(&self) -> usize {
        self.element.size().saturating_mul(self.len)
    }

    /// Returns the path of the contents in a migration report and among the parked values.
    pub fn path(&self) -> String {
        format!("buffers/{}", self.name)
    }
}

#[derive(Debug)]
struct Planned {
    shape: BufferShape,
    element: Element,
}

/// Operations on a buffer's bytes that do not need its type.
#[derive(Debug, Clone, Copy)]
struct Element {
    ty: TypeId,
    size: usize,
    write_blank: Option<fn(&mut [u8])>,
    /// Writes elements with padding, whose bytes must not be copied directly.
    write: Option<fn(&AlignedBytes, &mut [u8])>,
    check: fn(&[u8]) -> Result<(), Invalid>,
    settle: Option<fn(&mut AlignedBytes)>,
}

impl BufferPlan {
    /// Requests a buffer of `len` elements, which start blank.
    ///
    /// # Panics
    /// Panics if there is already a buffer of this name, or if the elements exceed the address
    /// space.
    pub fn add<T: SharedState>(&mut self, name: &str, len: usize) {
        let taken = self.planned.iter().any(|planned| planned.shape.name == name);
        assert!(!taken, "two extra buffers named `{name}`");
        let bytes = len.checked_mul(size_of::<T>());
        let fits = bytes.is_some_and(|bytes| bytes < isize::MAX as usize / 8);
        assert!(fits, "extra buffer `{name}`: {len} elements are too many");
        let shape = BufferShape { name: name.to_owned(), element: T::LAYOUT.into(), len };
        let write: fn(&AlignedBytes, &mut [u8]) = |from, to| {
            let places = to.chunks_exact_mut(size_of::<T>().max(1));
            // SAFETY: only called with the buffer that was planned here, whose elements are `T`.
            let values = unsafe { elements::<T>(from) };
            values.iter().zip(places).for_each(|(value, to)| value.write_bytes(to));
        };
        let settle: fn(&mut AlignedBytes) = |bytes| {
            // SAFETY: as above.
            unsafe { elements_mut::<T>(bytes) }.iter_mut().for_each(T::settle);
        };
        let element = Element {
            ty: TypeId::of::<T>(),
            size: size_of::<T>(),
            write_blank: (!T::ZERO_IS_BLANK).then_some(T::write_blank),
            write: T::HAS_PADDING.then_some(write),
            check: if T::ANY_BYTES { |_| Ok(()) } else { T::check },
            settle: T::SETTLES.then_some(settle),
        };
        self.planned.push(Planned { shape, element });
    }

    #[doc(hidden)]
    #[must_use]
    pub fn shapes(&self) -> Vec<BufferShape> {
        self.planned.iter().map(|planned| planned.shape.clone()).collect()
    }

    #[doc(hidden)]
    #[must_use]
    pub fn allocate(self) -> BufferStore {
        let buffers = self.planned.into_iter().map(|Planned { shape, element }| {
            let mut bytes = AlignedBytes::zeroed(shape.bytes());
            if let Some(write_blank) = element.write_blank {
                bytes.chunks_exact_mut(element.size.max(1)).for_each(write_blank);
            }
            Buffer { shape, element, bytes }
        });
        BufferStore { buffers: buffers.collect() }
    }
}

/// The extra buffers of a renderer.
#[derive(Debug)]
pub struct BufferStore {
    buffers: Vec<Buffer>,
}

#[derive(Debug)]
struct Buffer {
    shape: BufferShape,
    element: Element,
    /// The elements, always valid values.
    bytes: AlignedBytes,
}

impl BufferStore {
    /// Returns the length of all buffers in a commit, each rounded up to a multiple of
    /// [`AlignedBytes::ALIGN`].
    pub fn arranged(shapes: &[BufferShape]) -> usize {
        shapes.iter().map(|shape| round_up(shape.bytes(), AlignedBytes::ALIGN)).sum()
    }

    /// Writes all buffers, one after another.
    pub fn write(&self, mut place: &mut [u8]) {
        for buffer in &self.buffers {
            let len = round_up(buffer.shape.bytes(), AlignedBytes::ALIGN);
            let (mine, rest) = place.split_at_mut(len);
            let mine = &mut mine[..buffer.bytes.len()];
            match buffer.element.write {
                Some(write) => write(&buffer.bytes, mine),
                None => mine.copy_from_slice(&buffer.bytes),
            }
            place = rest;
        }
    }

    /// Returns the shapes of all buffers, in order.
    pub fn shapes(&self) -> impl Iterator<Item = &BufferShape> {
        self.buffers.iter().map(|buffer| &buffer.shape)
    }

    /// Returns the bytes of the buffer at `index`: those of a fresh start until something is
    /// loaded.
    pub fn bytes(&self, index: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.buffers[index].bytes.len()];
        let buffer = &self.buffers[index];
        match buffer.element.write {
            Some(write) => write(&buffer.bytes, &mut bytes),
            None => bytes.copy_from_slice(&buffer.bytes),
        }
        bytes
    }

    /// Overwrites the buffer at `index`, after checking the bytes.
    ///
    /// # Errors
    /// Names the first invalid place; the buffer then stays as it is.
    pub fn load(&mut self, index: usize, bytes: &[u8]) -> Result<(), Invalid> {
        let buffer = &mut self.buffers[index];
        let mut elements = bytes.chunks_exact(buffer.element.size.max(1));
        elements.try_for_each(buffer.element.check)?;
        buffer.bytes.copy_from_slice(bytes);
        if let Some(settle) = buffer.element.settle {
            settle(&mut buffer.bytes);
        }
        Ok(())
    }
}

/// The extra buffers of a frame.
#[derive(Debug)]
pub struct Buffers<'f> {
    store: &'f mut BufferStore,
}

impl<'f> Buffers<'f> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(store: &'f mut BufferStore) -> Self {
        Buffers { store }
    }
}

impl Buffers<'_> {
    /// Returns the elements of the buffer `name`.
    ///
    /// # Panics
    /// Panics if `App::buffers` names no such buffer, or names it with
    /// another element type.
    #[must_use]
    pub fn get<T: SharedState>(&self, name: &str) -> &[T] {
        let buffer = self.store.buffers.iter().find(|buffer| buffer.shape.name == name);
        let buffer = typed::<T, _>(name, buffer, |buffer| buffer.element.ty);
        // SAFETY: the elements are `T`, just checked, and valid: the invariant of the field.
        unsafe { elements(&buffer.bytes) }
    }

    /// Returns the elements of the buffer `name` for writing.
    ///
    /// # Panics
    /// See [`get`](Self::get).
    pub fn get_mut<T: SharedState>(&mut self, name: &str) -> &mut [T] {
        let buffer = self.store.buffers.iter_mut().find(|buffer| buffer.shape.name == name);
        let buffer = typed::<T, _>(name, buffer, |buffer| buffer.element.ty);
        // SAFETY: the elements are `T`, just checked, and valid: the invariant of the field.
        unsafe { elements_mut(&mut buffer.bytes) }
    }
}

fn typed<T: SharedState, B>(name: &str, buffer: Option<B>, ty: fn(&B) -> TypeId) -> B {
    let Some(buffer) = buffer else { panic!("`App::buffers` names no buffer `{name}`") };
    let same = ty(&buffer) == TypeId::of::<T>();
    assert!(same, "the elements of buffer `{name}` are of another type than {}", T::LAYOUT.name);
    buffer
}

fn count<T>(bytes: &AlignedBytes) -> usize {
    const { assert!(align_of::<T>() <= AlignedBytes::ALIGN) };
    bytes.len().checked_div(size_of::<T>()).unwrap_or(0)
}

/// Returns the elements in some bytes.
///
/// # Safety
/// The bytes must be consecutive valid values of `T`.
unsafe fn elements<T: SharedState>(bytes: &AlignedBytes) -> &[T] {
    // SAFETY: valid as the caller promises; aligned and long enough by `count`.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().as_ptr().cast::<T>(), count::<T>(bytes)) }
}

/// Returns the elements in some bytes for writing.
///
/// # Safety
/// The bytes must be consecutive valid values of `T`.
unsafe fn elements_mut<T: SharedState>(bytes: &mut AlignedBytes) -> &mut [T] {
    let count = count::<T>(bytes);
    // SAFETY: valid as the caller promises; aligned and long enough by `count`; exclusive.
    unsafe { std::slice::from_raw_parts_mut(bytes.as_ptr().as_ptr().cast::<T>(), count) }
}

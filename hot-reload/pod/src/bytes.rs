//! Conversions between values and bytes.
//!
//! The unsafe operations of `state/` are here and in the collections; each rests on one of the four
//! promises of [`SharedState`], cited by number.

use super::{SharedState, escaped};
use std::alloc::{Layout as Allocation, alloc_zeroed, dealloc, handle_alloc_error};
use std::any::TypeId;
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// An error for bytes that are not a value of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}", escaped(.path), if .path.is_empty() { "" } else { ": " }, escaped(.found))]
pub struct Invalid {
    /// The path of the field, from the outside inwards: `balls[3].visible`.
    pub path: String,
    /// The value found there, and the permitted ones.
    pub found: String,
}

impl Invalid {
    /// Creates an error for the invalid value `found`; the path is built up while the error
    /// propagates.
    #[must_use]
    pub fn new(found: impl fmt::Display) -> Self {
        Invalid { path: String::new(), found: found.to_string() }
    }

    /// Prepends the field `name` to the path.
    #[must_use]
    pub fn within(mut self, name: impl fmt::Display) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

/// Rounds `size` up to a multiple of `align`, a power of two.
#[must_use]
pub const fn round_up(size: usize, align: usize) -> usize {
    (size + align - 1) & !(align - 1)
}

/// Returns the bytes of a field within its value's bytes.
#[must_use]
pub fn part<T>(bytes: &[u8], offset: usize) -> &[u8] {
    &bytes[offset..offset + size_of::<T>()]
}

/// Returns the bytes of a field within its value's bytes, for writing.
#[must_use]
pub fn part_mut<T>(bytes: &mut [u8], offset: usize) -> &mut [u8] {
    &mut bytes[offset..offset + size_of::<T>()]
}

/// Writes a value without padding in one copy.
pub fn copy_whole<T: SharedState>(value: &T, place: &mut [u8]) {
    place.copy_from_slice(as_bytes(value));
}

/// Returns the bytes of a value without padding.
pub(crate) fn as_bytes<T: SharedState>(value: &T) -> &[u8] {
    assert!(!T::HAS_PADDING, "a value with padding is written field by field");
    // SAFETY: promise 4: without padding every byte of a value is initialised; the slice lives as
    // long as the reference it is made from.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(value).cast::<u8>(), size_of::<T>()) }
}

/// Types that `#[shared(pod)]` accepts; a separate trait for the sake of the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used with `#[shared(pod)]`: it is not `bytemuck::Pod`",
    label = "not `bytemuck::Pod`",
    note = "do not put `#[shared(pod)]` on numbers, `bool`, `char`, and types that derive `SharedState`"
)]
pub trait Foreign: bytemuck::Pod {}

#[diagnostic::do_not_recommend]
impl<T: bytemuck::Pod> Foreign for T {}

/// Writes a foreign value; `Pod` guarantees that all its bytes are initialised.
pub fn write_pod<T: Foreign>(value: &T, place: &mut [u8]) {
    place.copy_from_slice(bytemuck::bytes_of(value));
}

/// Allocates a blank value directly on the heap, without a copy on the stack.
pub fn boxed_blank<T: SharedState>() -> Box<T> {
    let allocation = Allocation::new::<T>();
    if allocation.size() == 0 {
        // SAFETY: promise 3 with zero bytes: a zero-sized type has its value at any aligned
        // address.
        return unsafe { Box::from_raw(NonNull::<T>::dangling().as_ptr()) };
    }
    // SAFETY: the size is not zero.
    let place = unsafe { alloc_zeroed(allocation) };
    if place.is_null() {
        handle_alloc_error(allocation);
    }
    // SAFETY: `place` is `size` zeroed bytes that nothing else refers to.
    let bytes = unsafe { std::slice::from_raw_parts_mut(place, allocation.size()) };
    if !T::ZERO_IS_BLANK {
        T::write_blank(bytes);
    }
    // SAFETY: promise 3: the bytes are a valid value; allocated by the global allocator with the
    // layout of `T`.
    unsafe { Box::from_raw(place.cast::<T>()) }
}

/// Returns a blank value. A large one is made on the heap: without optimisation, the stack would
/// hold several copies beside the one that the caller wants.
pub fn blank<T: SharedState>() -> T {
    const LARGE: usize = 4096;
    if size_of::<T>() > LARGE { *boxed_blank() } else { blank_on_stack() }
}

/// Builds a blank value on the stack; separate so that [`blank`]'s stack frame has no room for it.
fn blank_on_stack<T: SharedState>() -> T {
    let mut value = MaybeUninit::<T>::zeroed();
    let place = value.as_mut_ptr().cast::<u8>();
    // SAFETY: `size_of::<T>()` zeroed bytes on this stack; nothing else borrows them.
    T::write_blank(unsafe { std::slice::from_raw_parts_mut(place, size_of::<T>()) });
    // SAFETY: promise 3.
    unsafe { value.assume_init() }
}

/// Overwrites `value` with the value in `bytes`, after checking them.
///
/// # Errors
/// Names the first invalid place; the value then stays as it is.
pub fn load<T: SharedState>(value: &mut T, bytes: &[u8]) -> Result<(), Invalid> {
    if bytes.len() != size_of::<T>() {
        return Err(Invalid::new(format_args!("{} bytes, not {}", bytes.len(), size_of::<T>())));
    }
    if !T::ANY_BYTES {
        T::check(bytes)?;
    }
    let place = std::ptr::from_mut(value).cast::<u8>();
    // SAFETY: promise 2: the bytes are a valid value; both sides are `size_of::<T>()` long, and
    // `value` is borrowed exclusively, so that they do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
    Ok(())
}

/// Overwrites `value` in place with what `fill` writes, after checking it; leaves the blank value
/// if the check fails. Copies a large value once, where [`load`] copies it twice.
///
/// # Errors
/// Names the first invalid place.
pub fn overwrite<T: SharedState>(
    value: &mut T,
    fill: impl FnOnce(&mut [u8]),
) -> Result<(), Invalid> {
    /// Guard that leaves a valid value behind, whatever happens while there is none.
    struct Place<'v, T: SharedState> {
        value: &'v mut T,
        valid: bool,
    }

    impl<T: SharedState> Place<'_, T> {
        fn bytes(&mut self) -> &mut [u8] {
            let place = std::ptr::from_mut(self.value).cast::<u8>();
            // SAFETY: the value's own bytes, borrowed exclusively. All of them are initialised: a
            // type without padding has no other bytes, and those of a type with padding were
            // zeroed.
            unsafe { std::slice::from_raw_parts_mut(place, size_of::<T>()) }
        }
    }

    impl<T: SharedState> Drop for Place<'_, T> {
        fn drop(&mut self) {
            if !self.valid {
                let bytes = self.bytes();
                bytes.fill(0);
                T::write_blank(bytes);
            }
        }
    }

    if T::HAS_PADDING {
        let place = std::ptr::from_mut(value).cast::<u8>();
        // SAFETY: the value's own bytes; before they can be read as a `T`, the zeros are turned
        // into a valid value below or overwritten with one.
        unsafe { std::ptr::write_bytes(place, 0, size_of::<T>()) };
    }
    let mut place = Place { value, valid: false };
    fill(place.bytes());
    if !T::ANY_BYTES {
        T::check(place.bytes())?;
    }
    place.valid = true;
    Ok(())
}

/// Bytes that may begin with a checked value of some type.
#[derive(Debug)]
pub struct Image {
    bytes: AlignedBytes,
    /// The type that the first bytes were checked as; every change of the bytes resets it.
    checked: Option<TypeId>,
}

impl Image {
    /// Returns an image of `len` zero bytes.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        Image { bytes: AlignedBytes::zeroed(len), checked: None }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes for writing.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.checked = None;
        &mut self.bytes
    }

    /// Checks the first bytes as a `T`, which can then be viewed.
    ///
    /// # Errors
    /// Names the first invalid place.
    pub fn check<T: SharedState>(&mut self) -> Result<(), Invalid> {
        const { assert!(align_of::<T>() <= AlignedBytes::ALIGN) };
        let Some(bytes) = self.bytes.get(..size_of::<T>()) else {
            return Err(Invalid::new("fewer bytes than the type has"));
        };
        if !T::ANY_BYTES {
            T::check(bytes)?;
        }
        self.checked = Some(TypeId::of::<T>());
        Ok(())
    }

    /// Returns the value in place; `None` unless the bytes have been checked as this type.
    pub fn view<T: SharedState>(&self) -> Option<&T> {
        (self.checked == Some(TypeId::of::<T>())).then(|| {
            // SAFETY: promise 2: checked as a `T` (long enough, aligned, valid) and not changed
            // since; the reference borrows the bytes.
            unsafe { self.bytes.place.cast::<T>().as_ref() }
        })
    }
}

/// Zeroed bytes on the heap that start at a multiple of [`Self::ALIGN`]; untouched pages cost
/// nothing.
pub struct AlignedBytes {
    /// Start of the allocation.
    base: NonNull<u8>,
    /// The first multiple of `ALIGN` in the allocation, followed by `len` bytes.
    place: NonNull<u8>,
    len: usize,
}

// SAFETY: the bytes are owned, and accessed only through `&self` or `&mut self`.
unsafe impl Send for AlignedBytes {}
// SAFETY: as above.
unsafe impl Sync for AlignedBytes {}

impl AlignedBytes {
    /// Alignment in bytes; no type of a state needs a stricter one.
    pub const ALIGN: usize = 128;

    /// Returns `len` zero bytes.
    ///
    /// # Panics
    /// Panics if `len` is larger than any allocation.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        let allocation = Self::allocation(len);
        // SAFETY: the size is at least `ALIGN`.
        let base = unsafe { alloc_zeroed(allocation) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(allocation) };
        let offset = base.as_ptr().align_offset(Self::ALIGN);
        assert!(offset < Self::ALIGN, "bytes can always be aligned");
        // SAFETY: the allocation is longer than `len` by `ALIGN` bytes, just compared.
        let place = unsafe { base.add(offset) };
        AlignedBytes { base, place, len }
    }

    /// Returns an allocation that is longer than `len`, to be aligned by hand. For an alignment
    /// stricter than its own, the system's allocator would zero the bytes one by one instead of
    /// using untouched pages.
    fn allocation(len: usize) -> Allocation {
        let size = len.checked_add(Self::ALIGN);
        size.and_then(|size| Allocation::from_size_align(size, align_of::<u64>()).ok())
            .expect("a length that was computed from sizes of types that exist")
    }

    /// Returns the address of the first byte.
    #[must_use]
    pub fn as_ptr(&self) -> NonNull<u8> {
        self.place
    }
}

impl std::ops::Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `len` initialised bytes, owned by `self`.
        unsafe { std::slice::from_raw_parts(self.place.as_ptr(), self.len) }
    }
}

impl std::ops::DerefMut for AlignedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: `len` initialised bytes, owned by `self`, which is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.place.as_ptr(), self.len) }
    }
}

impl Drop for AlignedBytes {
    fn drop(&mut self) {
        // SAFETY: allocated in `zeroed` with the same layout.
        unsafe { dealloc(self.base.as_ptr(), Self::allocation(self.len)) };
    }
}

impl fmt::Debug for AlignedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlignedBytes({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns this process's resident memory, in pages of 4 KiB.
    #[cfg(target_os = "linux")]
    fn resident() -> usize {
        let memory = std::fs::read_to_string("/proc/self/statm").unwrap();
        memory.split(' ').nth(1).unwrap().parse().unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn zeroed_bytes_cost_nothing_until_they_are_touched() {
        let before = resident();
        let mut bytes = AlignedBytes::zeroed(1 << 30);
        let grown = resident().saturating_sub(before);
        assert!(grown < 1 << 17, "{grown} pages of the 262144 of a gibibyte");
        assert!(bytes.as_ptr().as_ptr().addr().is_multiple_of(AlignedBytes::ALIGN));
        let last = bytes.len() - 1;
        bytes[last] = 7;
        assert_eq!((bytes[0], bytes[last]), (0, 7));
    }
}

//! Values as bytes and bytes as values: the one place where the two meet.
//!
//! The unsafe operations of `state/` are here and in the collections; each rests on one of the
//! four promises of [`SharedState`], cited by number.

use super::{SharedState, escaped};
use std::alloc::{Layout as Allocation, alloc_zeroed, dealloc, handle_alloc_error};
use std::any::TypeId;
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// Bytes that are not a value of the type they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}", escaped(.path), if .path.is_empty() { "" } else { ": " }, escaped(.found))]
pub struct Invalid {
    /// The path of the field, from the outside inwards: `balls[3].visible`.
    pub path: String,
    /// What stands there, and what could.
    pub found: String,
}

impl Invalid {
    /// A value that is not valid; the path grows while the error travels outwards.
    #[must_use]
    pub fn new(found: impl fmt::Display) -> Self {
        Invalid { path: String::new(), found: found.to_string() }
    }

    /// Puts the field `name` before the path.
    #[must_use]
    pub fn within(mut self, name: impl fmt::Display) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

/// `size` rounded up to a multiple of `align`, a power of two.
#[must_use]
pub(crate) const fn round_up(size: usize, align: usize) -> usize {
    (size + align - 1) & !(align - 1)
}

/// The bytes of a field within its value's bytes.
#[must_use]
pub fn part<T>(bytes: &[u8], offset: usize) -> &[u8] {
    &bytes[offset..offset + size_of::<T>()]
}

/// The bytes of a field within its value's bytes, to be written.
#[must_use]
pub fn part_mut<T>(bytes: &mut [u8], offset: usize) -> &mut [u8] {
    &mut bytes[offset..offset + size_of::<T>()]
}

/// Writes a value without padding in one copy.
pub fn copy_whole<T: SharedState>(value: &T, place: &mut [u8]) {
    place.copy_from_slice(as_bytes(value));
}

/// The bytes of a value without padding.
pub(crate) fn as_bytes<T: SharedState>(value: &T) -> &[u8] {
    assert!(!T::HAS_PADDING, "a value with padding is written field by field");
    // SAFETY: promise 4: without padding every byte of a value is initialised; the slice lives as
    // long as the reference it is made from.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(value).cast::<u8>(), size_of::<T>()) }
}

/// What `#[shared(pod)]` takes; a name of its own for the sentence that the compiler says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken with `#[shared(pod)]`: it is not `bytemuck::Pod`",
    label = "not `bytemuck::Pod`",
    note = "leave `#[shared(pod)]` away from numbers, `bool`, `char`, and types that derive `SharedState`"
)]
pub trait Foreign: bytemuck::Pod {}

#[diagnostic::do_not_recommend]
impl<T: bytemuck::Pod> Foreign for T {}

/// Writes a foreign value, all of whose bytes are initialised: the bound is the reason.
pub fn write_pod<T: Foreign>(value: &T, place: &mut [u8]) {
    place.copy_from_slice(bytemuck::bytes_of(value));
}

/// A blank value that was made in its place on the heap and never lay on a stack.
pub(crate) fn boxed_blank<T: SharedState>() -> Box<T> {
    let allocation = Allocation::new::<T>();
    if allocation.size() == 0 {
        // SAFETY: promise 3 with zero bytes: a type without size has its value anywhere aligned.
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

/// A blank value. A large one is made on the heap: without optimisation it would lie on the stack several times,
/// beside the copy that the caller wants.
pub(crate) fn blank<T: SharedState>() -> T {
    const LARGE: usize = 4096;
    if size_of::<T>() > LARGE { *boxed_blank() } else { blank_on_stack() }
}

/// A function of its own, so that a large value has no room in the frame of [`blank`].
fn blank_on_stack<T: SharedState>() -> T {
    let mut value = MaybeUninit::<T>::zeroed();
    let place = value.as_mut_ptr().cast::<u8>();
    // SAFETY: `size_of::<T>()` zeroed bytes on this stack, borrowed by nobody else.
    T::write_blank(unsafe { std::slice::from_raw_parts_mut(place, size_of::<T>()) });
    // SAFETY: promise 3.
    unsafe { value.assume_init() }
}

/// Overwrites `value` with what `bytes` say, after checking them.
pub(crate) fn load<T: SharedState>(value: &mut T, bytes: &[u8]) -> Result<(), Invalid> {
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

/// Overwrites `value` where it lies with what `fill` writes, after checking it; what is not valid
/// leaves the blank value. A large value is copied once, and not twice as by [`load`].
pub(crate) fn overwrite<T: SharedState>(
    value: &mut T,
    fill: impl FnOnce(&mut [u8]),
) -> Result<(), Invalid> {
    /// Leaves a valid value behind, whatever happens while there is none.
    struct Place<'v, T: SharedState> {
        value: &'v mut T,
        valid: bool,
    }

    impl<T: SharedState> Place<'_, T> {
        fn bytes(&mut self) -> &mut [u8] {
            let place = std::ptr::from_mut(self.value).cast::<u8>();
            // SAFETY: the value's own bytes, borrowed exclusively; all of them are initialised:
            // a type without padding has no others, and those of one with padding were zeroed.
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
        // SAFETY: the value's own bytes; zeros are turned into a valid value below, or overwritten by
        // one, before anybody can look at it.
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

/// Bytes that are known to begin with a value of a type, or not.
#[derive(Debug)]
pub(crate) struct Image {
    bytes: AlignedBytes,
    /// The type as which the first bytes have been checked; taken away by every change of them.
    checked: Option<TypeId>,
}

impl Image {
    pub(crate) fn zeroed(len: usize) -> Self {
        Image { bytes: AlignedBytes::zeroed(len), checked: None }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.checked = None;
        &mut self.bytes
    }

    /// Checks the first bytes as a `T`, which can be viewed then.
    ///
    /// # Errors
    /// Names the place where they are not.
    pub(crate) fn check<T: SharedState>(&mut self) -> Result<(), Invalid> {
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

    /// The value, where it lies; `None` unless it has been checked as this type.
    pub(crate) fn view<T: SharedState>(&self) -> Option<&T> {
        (self.checked == Some(TypeId::of::<T>())).then(|| {
            // SAFETY: promise 2: checked as a `T` (long enough, aligned, valid) and not changed
            // since; the reference borrows the bytes.
            unsafe { self.bytes.place.cast::<T>().as_ref() }
        })
    }
}

/// Zeroed bytes on the heap that start at a multiple of a cache line; untouched pages cost nothing.
pub(crate) struct AlignedBytes {
    /// What the allocator gave.
    base: NonNull<u8>,
    /// The first multiple of `ALIGN` in it, with `len` bytes behind it.
    place: NonNull<u8>,
    len: usize,
}

// SAFETY: the bytes are owned, and reached through `&self` or `&mut self` only.
unsafe impl Send for AlignedBytes {}
// SAFETY: as above.
unsafe impl Sync for AlignedBytes {}

impl AlignedBytes {
    /// No type of a state is aligned more strictly than this.
    pub(crate) const ALIGN: usize = 128;

    pub(crate) fn zeroed(len: usize) -> Self {
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

    /// Longer than asked for and aligned by hand: the system's allocator zeroes what is aligned more
    /// strictly than its own blocks byte by byte, instead of taking untouched pages.
    fn allocation(len: usize) -> Allocation {
        let size = len.checked_add(Self::ALIGN);
        size.and_then(|size| Allocation::from_size_align(size, align_of::<u64>()).ok())
            .expect("a length that was computed from sizes of types that exist")
    }

    pub(crate) fn as_ptr(&self) -> NonNull<u8> {
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

    /// Of this process, in pages of 4 KiB.
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

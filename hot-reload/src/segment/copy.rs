//! Copies of bytes that another process may be reading or writing.
//!
//! Without panels and layers, no other code of the library takes time for each pixel. On x86-64 and
//! AArch64 the copies are in assembly, so that they take as long in an unoptimised build as in an
//! optimised one: a program's manifest then needs no profile for this library. For the language, an
//! assembly block does what code with relaxed atomic accesses could do, and that code is used on
//! other processors.

/// Number of bytes copied at once.
const WORD: usize = 8;

/// Copies bytes that another process may be accessing at the same time. The result may be torn, but
/// the behaviour is never undefined.
///
/// # Safety
/// Both pointers are valid for `len` bytes, and the ranges do not overlap. The program's other
/// accesses to bytes that another process may access are atomic.
pub(super) unsafe fn copy_racing(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the caller's promises are those that the copy needs.
    unsafe { copy(from, to, len) };
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: reads and writes only the two ranges, which the caller promises to be valid. Rust
    // keeps the direction flag clear.
    unsafe {
        std::arch::asm!(
            "rep movsq",
            "mov rcx, {rest}",
            "rep movsb",
            rest = in(reg) len % WORD,
            inout("rcx") len / WORD => _,
            inout("rsi") from => _,
            inout("rdi") to => _,
            options(nostack, preserves_flags),
        );
    }
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: reads and writes only the two ranges, which the caller promises to be valid; each
    // loop ends when its count is zero.
    unsafe {
        std::arch::asm!(
            "cbz {words}, 3f",
            "2:",
            "ldr {word}, [{from}], #8",
            "str {word}, [{to}], #8",
            "sub {words}, {words}, #1",
            "cbnz {words}, 2b",
            "3:",
            "cbz {rest}, 5f",
            "4:",
            "ldrb {word:w}, [{from}], #1",
            "strb {word:w}, [{to}], #1",
            "sub {rest}, {rest}, #1",
            "cbnz {rest}, 4b",
            "5:",
            words = inout(reg) len / WORD => _,
            rest = inout(reg) len % WORD => _,
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            word = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    use super::sync::{Ordering::Relaxed, Word8, Word64};
    let are_aligned = from.addr().is_multiple_of(WORD) && to.addr().is_multiple_of(WORD);
    let words = if are_aligned { len / WORD } else { 0 };
    for index in 0..words {
        // SAFETY: within the ranges, which the caller promises to be valid, and aligned; an atomic
        // allows any concurrent access.
        let from = unsafe { &*from.cast::<Word64>().add(index) };
        // SAFETY: as above.
        let to = unsafe { &*to.cast::<Word64>().add(index) };
        to.store(from.load(Relaxed), Relaxed);
    }
    for index in words * WORD..len {
        // SAFETY: within the ranges; an atomic allows any concurrent access.
        let from = unsafe { &*from.cast::<Word8>().add(index) };
        // SAFETY: as above.
        let to = unsafe { &*to.cast::<Word8>().add(index) };
        to.store(from.load(Relaxed), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_copied_and_nothing_beside_it() {
        let from =
            (0..40u64).map(|word| word.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect::<Vec<_>>();
        let bytes = from.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>();
        for start in 0..8 {
            for len in 0..=bytes.len() - start {
                let mut to = vec![0xff; bytes.len() + 1];
                // SAFETY: both ranges are within their vectors.
                unsafe { copy_racing(bytes[start..].as_ptr(), to.as_mut_ptr(), len) };
                assert_eq!(to[..len], bytes[start..start + len], "{len} bytes from {start}");
                let beside = to[len..].iter().all(|byte| *byte == 0xff);
                assert!(beside, "{len} bytes from {start}: more was written");
            }
        }
    }
}

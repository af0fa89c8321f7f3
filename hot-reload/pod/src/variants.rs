//! Offsets of the data of an enum's variants: mirror structs for the derive's `offset_of!`.

use super::SharedState;
use super::bytes::{part, round_up};

macro_rules! mirrors {
    ($($name:ident $($field:ident)*;)*) => {$(
        #[doc(hidden)]
        #[derive(Debug)]
        #[repr(C)]
        pub struct $name<$($field),*>($(pub $field),*);
    )*};
}

mirrors! {
    Fields1 A;
    Fields2 A B;
    Fields3 A B C;
    Fields4 A B C D;
    Fields5 A B C D E;
    Fields6 A B C D E F;
    Fields7 A B C D E F G;
    Fields8 A B C D E F G H;
    Fields9 A B C D E F G H I;
    Fields10 A B C D E F G H I J;
    Fields11 A B C D E F G H I J K;
    Fields12 A B C D E F G H I J K L;
}

/// Returns the offset of the union of the variants: after the tag, aligned for all of them.
#[must_use]
pub const fn payload_offset(tag: usize, aligns: &[usize]) -> usize {
    let (mut align, mut index) = (1, 0);
    while index < aligns.len() {
        if aligns[index] > align {
            align = aligns[index];
        }
        index += 1;
    }
    round_up(tag, align)
}

/// Returns a tag's value unchanged. It gives an expression its type without a constant whose name
/// might clash with the user's.
#[must_use]
pub const fn tag<T: Copy>(value: T) -> T {
    value
}

/// Reads the tag at the start of an enum's bytes.
#[must_use]
pub fn read_tag<T: SharedState + bytemuck::Pod>(bytes: &[u8]) -> T {
    bytemuck::pod_read_unaligned(part::<T>(bytes, 0))
}

//! `SharedState` for the language's own types: numbers, `bool`, `char`, arrays, tuples.

use super::bytes::{Invalid, copy_whole, part, part_mut};
use super::{Field, Kind, Layout, Role, SharedState};

macro_rules! numbers {
    ($($number:ident)*) => {$(
        // SAFETY: a number: no pointer, any bytes are valid, zero included, no padding.
        unsafe impl SharedState for $number {
            const HAS_PADDING: bool = false;
            const ZERO_IS_BLANK: bool = true;
            const ANY_BYTES: bool = true;
            const LAYOUT: &'static Layout = &Layout::primitive::<$number>(stringify!($number));
            fn write_blank(_place: &mut [u8]) {}
            fn write_bytes(&self, place: &mut [u8]) {
                place.copy_from_slice(bytemuck::bytes_of(self));
            }
            fn check(_bytes: &[u8]) -> Result<(), Invalid> {
                Ok(())
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

// SAFETY: 0 and 1 are the valid bytes, and `check` accepts no others.
unsafe impl SharedState for bool {
    const HAS_PADDING: bool = false;
    const ZERO_IS_BLANK: bool = true;
    const ANY_BYTES: bool = false;
    const LAYOUT: &'static Layout = &Layout::primitive::<bool>("bool");
    fn write_blank(_place: &mut [u8]) {}
    fn write_bytes(&self, place: &mut [u8]) {
        place[0] = u8::from(*self);
    }
    fn check(bytes: &[u8]) -> Result<(), Invalid> {
        if bytes[0] <= 1 {
            Ok(())
        } else {
            Err(Invalid::new(format_args!("{} is not a bool", bytes[0])))
        }
    }
}

// SAFETY: `check` accepts what `char::from_u32` accepts; zero is a char.
unsafe impl SharedState for char {
    const HAS_PADDING: bool = false;
    const ZERO_IS_BLANK: bool = true;
    const ANY_BYTES: bool = false;
    const LAYOUT: &'static Layout = &Layout::primitive::<char>("char");
    fn write_blank(_place: &mut [u8]) {}
    fn write_bytes(&self, place: &mut [u8]) {
        u32::from(*self).write_bytes(place);
    }
    fn check(bytes: &[u8]) -> Result<(), Invalid> {
        let code = bytemuck::pod_read_unaligned::<u32>(bytes);
        match char::from_u32(code) {
            Some(_) => Ok(()),
            None => Err(Invalid::new(format_args!("{code:#x} is not a char"))),
        }
    }
}

// SAFETY: elements are contiguous, so that what holds for each holds for all.
unsafe impl<T: SharedState, const N: usize> SharedState for [T; N] {
    const HAS_PADDING: bool = T::HAS_PADDING;
    const ZERO_IS_BLANK: bool = T::ZERO_IS_BLANK;
    const ANY_BYTES: bool = T::ANY_BYTES;
    const SETTLES: bool = T::SETTLES;
    const LAYOUT: &'static Layout = &Layout {
        name: "array",
        size: size_of::<[T; N]>(),
        align: align_of::<T>(),
        version: 0,
        role: Role::Plain,
        kind: Kind::Array { element: T::LAYOUT, len: N },
    };
    fn write_blank(place: &mut [u8]) {
        if !T::ZERO_IS_BLANK && size_of::<T>() > 0 {
            place.chunks_exact_mut(size_of::<T>()).for_each(T::write_blank);
        }
    }
    fn write_bytes(&self, place: &mut [u8]) {
        if size_of::<T>() == 0 {
            return;
        }
        if T::HAS_PADDING {
            let places = place.chunks_exact_mut(size_of::<T>());
            self.iter().zip(places).for_each(|(element, place)| element.write_bytes(place));
        } else {
            copy_whole(self, place);
        }
    }
    fn check(bytes: &[u8]) -> Result<(), Invalid> {
        if T::ANY_BYTES || size_of::<T>() == 0 {
            return Ok(());
        }
        let elements = bytes.chunks_exact(size_of::<T>()).enumerate();
        elements.into_iter().try_for_each(|(index, element)| {
            T::check(element).map_err(|invalid| invalid.within(format_args!("[{index}]")))
        })
    }
    fn settle(&mut self) {
        if T::SETTLES {
            self.iter_mut().for_each(T::settle);
        }
    }
}

// SAFETY: there are no bytes.
unsafe impl SharedState for () {
    const HAS_PADDING: bool = false;
    const ZERO_IS_BLANK: bool = true;
    const ANY_BYTES: bool = true;
    const LAYOUT: &'static Layout = &Layout {
        name: "()",
        size: 0,
        align: 1,
        version: 0,
        role: Role::Plain,
        kind: Kind::Struct(&[]),
    };
    fn write_blank(_place: &mut [u8]) {}
    fn write_bytes(&self, _place: &mut [u8]) {}
    fn check(_bytes: &[u8]) -> Result<(), Invalid> {
        Ok(())
    }
}

macro_rules! tuples {
    ($($($element:ident $index:tt)+;)*) => {$(
        // SAFETY: each element uses its own implementation, at the offset that the compiler gave
        // it.
        unsafe impl<$($element: SharedState),+> SharedState for ($($element,)+) {
            const HAS_PADDING: bool = size_of::<Self>() != 0 $(+ size_of::<$element>())+
                $(|| $element::HAS_PADDING)+;
            const ZERO_IS_BLANK: bool = true $(&& $element::ZERO_IS_BLANK)+;
            const ANY_BYTES: bool = true $(&& $element::ANY_BYTES)+;
            const SETTLES: bool = false $(|| $element::SETTLES)+;
            const LAYOUT: &'static Layout = &Layout {
                name: "tuple",
                size: size_of::<Self>(),
                align: align_of::<Self>(),
                version: 0,
                role: Role::Plain,
                kind: Kind::Struct(&[$(Field {
                    name: stringify!($index),
                    offset: std::mem::offset_of!(Self, $index),
                    layout: $element::LAYOUT,
                    was: &[],
                    default: None,
                }),+]),
            };
            fn write_blank(place: &mut [u8]) {
                $($element::write_blank(part_mut::<$element>(
                    place,
                    std::mem::offset_of!(Self, $index),
                ));)+
            }
            fn write_bytes(&self, place: &mut [u8]) {
                // The compiler may reorder a tuple's elements, so gaps are zeroed first.
                if Self::HAS_PADDING {
                    place.fill(0);
                }
                $(self.$index.write_bytes(part_mut::<$element>(
                    place,
                    std::mem::offset_of!(Self, $index),
                ));)+
            }
            fn check(bytes: &[u8]) -> Result<(), Invalid> {
                $($element::check(part::<$element>(bytes, std::mem::offset_of!(Self, $index)))
                    .map_err(|invalid| invalid.within(stringify!($index)))?;)+
                Ok(())
            }
            fn settle(&mut self) {
                $($element::settle(&mut self.$index);)+
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

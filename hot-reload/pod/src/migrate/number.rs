//! Conversion between numbers, `bool` and `char`.

use crate::owned_layout::Primitive;

/// A primitive type and its size in bytes; that of `usize` depends on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) primitive: Primitive,
    pub(super) size: usize,
}

/// The result of converting a value to another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Can be converted back unchanged.
    Exact,
    /// Became the nearest value.
    Near,
    /// Has no counterpart.
    None,
    /// Was not a valid value.
    Invalid,
}

/// A value of any primitive type.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Positive(u128),
    Negative(i128),
    Float(f64),
    Bool(bool),
    Char(char),
}

impl Number {
    /// Returns whether some values of one type can become values of the other.
    pub(super) fn relates(self, other: Number) -> bool {
        let class = |it: Number| match it.primitive {
            Primitive::Char => 0,
            Primitive::F32 | Primitive::F64 => 1,
            Primitive::Bool => 2,
            _ => 3,
        };
        match (class(self), class(other)) {
            (0, other) | (other, 0) => matches!(other, 0 | 3),
            _ => true,
        }
    }

    /// Converts the value in `from` to another type and writes it into `to`.
    pub(super) fn convert(self, from: &[u8], other: Number, to: &mut [u8]) -> Fit {
        let Some(value) = self.read(from) else { return Fit::Invalid };
        let fit = other.write(value, to);
        match value {
            // A NaN's bits may carry a payload, part of which may be lost.
            Value::Float(number) if number.is_nan() && fit == Fit::Exact => {
                let mut back = [0; 16];
                let again = other.read(to).map(|value| self.write(value, &mut back[..self.size]));
                let same = again.is_some() && back[..self.size] == from[..self.size];
                if same { Fit::Exact } else { Fit::Near }
            }
            _ => fit,
        }
    }

    /// Returns the value as text, for messages about values that cannot be converted.
    pub(super) fn words(self, from: &[u8]) -> String {
        match self.read(from) {
            Some(Value::Positive(number)) => number.to_string(),
            Some(Value::Negative(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            Some(Value::Bool(on)) => on.to_string(),
            Some(Value::Char(character)) => format!("{character:?}"),
            None => "what was there".to_owned(),
        }
    }

    fn read(self, from: &[u8]) -> Option<Value> {
        let positive = || {
            let mut bytes = [0; 16];
            bytes[..self.size].copy_from_slice(&from[..self.size]);
            u128::from_le_bytes(native(bytes, self.size))
        };
        let signed = || {
            let unused = 128 - 8 * self.size;
            // Shifted left and right again, so that the sign fills the upper bits.
            (positive() << unused).cast_signed() >> unused
        };
        Some(match self.primitive {
            Primitive::F32 => Value::Float(f64::from(bytemuck::pod_read_unaligned::<f32>(from))),
            Primitive::F64 => Value::Float(bytemuck::pod_read_unaligned(from)),
            Primitive::Bool => Value::Bool(match from[0] {
                0 => false,
                1 => true,
                _ => return None,
            }),
            Primitive::Char => Value::Char(char::from_u32(bytemuck::pod_read_unaligned(from))?),
            primitive if primitive.is_signed() => match u128::try_from(signed()) {
                Ok(number) => Value::Positive(number),
                Err(_) => Value::Negative(signed()),
            },
            _ => Value::Positive(positive()),
        })
    }

    fn write(self, value: Value, to: &mut [u8]) -> Fit {
        match self.primitive {
            Primitive::F32 => {
                let (number, exact) = as_float(value);
                #[expect(clippy::cast_possible_truncation, reason = "compared with the original")]
                let rounded = number as f32;
                if number.is_finite() && rounded.is_infinite() {
                    return Fit::None;
                }
                to.copy_from_slice(&rounded.to_ne_bytes());
                let same = f64::from(rounded) == number || number.is_nan();
                if same && exact { Fit::Exact } else { Fit::Near }
            }
            Primitive::F64 => {
                let (number, exact) = as_float(value);
                to.copy_from_slice(&number.to_ne_bytes());
                if exact { Fit::Exact } else { Fit::Near }
            }
            Primitive::Bool => {
                let (on, fit) = match value {
                    Value::Bool(on) => (on, Fit::Exact),
                    Value::Positive(number @ (0 | 1)) => (number == 1, Fit::Exact),
                    Value::Float(number) if number == 0.0 || number == 1.0 => {
                        // The sign of a zero is lost.
                        let exact = number == 1.0 || number.is_sign_positive();
                        (number == 1.0, if exact { Fit::Exact } else { Fit::Near })
                    }
                    _ => (true, Fit::Near),
                };
                to[0] = u8::from(on);
                fit
            }
            Primitive::Char => {
                let character = match value {
                    Value::Char(character) => Some(character),
                    Value::Positive(code) => u32::try_from(code).ok().and_then(char::from_u32),
                    _ => None,
                };
                let Some(character) = character else { return Fit::None };
                to.copy_from_slice(&u32::from(character).to_ne_bytes());
                Fit::Exact
            }
            _ => self.write_integer(value, to),
        }
    }

    fn write_integer(self, value: Value, to: &mut [u8]) -> Fit {
        let (value, fit) = match value {
            Value::Bool(on) => (Value::Positive(u128::from(on)), Fit::Exact),
            Value::Char(character) => {
                (Value::Positive(u128::from(u32::from(character))), Fit::Exact)
            }
            Value::Float(number) => match whole(number) {
                Some((value, exact)) => (value, if exact { Fit::Exact } else { Fit::Near }),
                None => return Fit::None,
            },
            value => (value, Fit::Exact),
        };
        let bits = 8 * self.size - usize::from(self.primitive.is_signed());
        let (fits, bytes) = match value {
            Value::Positive(number) => (bits == 128 || number >> bits == 0, number.to_le_bytes()),
            Value::Negative(number) => {
                let fits = self.primitive.is_signed() && number >> bits == -1;
                (fits, number.to_le_bytes())
            }
            _ => (false, [0; 16]),
        };
        if !fits {
            return Fit::None;
        }
        to.copy_from_slice(&native(bytes, self.size)[..self.size]);
        fit
    }
}

/// Converts the first `size` bytes between native and little-endian order.
fn native(mut bytes: [u8; 16], size: usize) -> [u8; 16] {
    if cfg!(target_endian = "big") {
        bytes[..size].reverse();
    }
    bytes
}

/// Converts to a float; returns whether that is exact.
#[expect(clippy::cast_possible_truncation, reason = "truncation makes the comparison fail")]
fn as_float(value: Value) -> (f64, bool) {
    match value {
        Value::Positive(number) => {
            let float = number as f64;
            // Rounded up to 2¹²⁸, the cast back would saturate to the original number.
            (float, float < 2.0_f64.powi(128) && float as u128 == number)
        }
        Value::Negative(number) => (number as f64, number as f64 as i128 == number),
        Value::Float(number) => (number, true),
        Value::Bool(on) => (f64::from(u8::from(on)), true),
        Value::Char(character) => (f64::from(u32::from(character)), true),
    }
}

/// Converts a float to an integer, truncating like `as`; returns whether that is exact.
#[expect(clippy::cast_possible_truncation, reason = "within the range, just compared")]
fn whole(number: f64) -> Option<(Value, bool)> {
    let cut = number.trunc();
    let exact = cut == number && (cut != 0.0 || number.is_sign_positive());
    if (0.0..2.0_f64.powi(128)).contains(&cut) {
        // `-0.5` is truncated to negative zero.
        Some((Value::Positive(cut.abs() as u128), exact))
    } else if (-(2.0_f64.powi(127))..0.0).contains(&cut) {
        Some((Value::Negative(cut as i128), exact))
    } else {
        None
    }
}

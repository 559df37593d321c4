//! Values of constants as descriptor literals, decided by the constant's type rather than by its tokens.

use gangplank_descriptor::{Literal, Schema};

/// Wraps a constant; the type selects the `impl`, so an alias works like its target.
pub struct ConstantValue<T>(pub T);

macro_rules! constants {
    ($($ty:ty => $schema:ident, $value:ident => $literal:expr;)*) => {$(
        impl ConstantValue<$ty> {
            /// The value.
            pub const fn literal(&self) -> Literal {
                let $value = self.0;
                $literal
            }

            /// Its type.
            pub const fn schema(&self) -> Schema {
                Schema::$schema
            }
        }
    )*};
}

constants! {
    bool => Bool, value => Literal::Bool(value);
    i8 => I8, value => Literal::Int(value as i128);
    i16 => I16, value => Literal::Int(value as i128);
    i32 => I32, value => Literal::Int(value as i128);
    i64 => I64, value => Literal::Int(value as i128);
    u8 => U8, value => Literal::Int(value as i128);
    u16 => U16, value => Literal::Int(value as i128);
    u32 => U32, value => Literal::Int(value as i128);
    u64 => U64, value => Literal::Int(value as i128);
    f32 => F32, value => Literal::Float((value as f64).to_bits());
    f64 => F64, value => Literal::Float(value.to_bits());
    &'static str => String, value => Literal::String(value);
}

/// The number of an enum's value, which crosses as an `int32_t`.
///
/// # Panics
/// While compiling, when it does not fit.
pub const fn enum_value(value: i128) -> i32 {
    assert!(
        value >= i32::MIN as i128 && value <= i32::MAX as i128,
        "the values of an enumeration cross as 32-bit numbers: this one does not fit"
    );
    value as i32
}

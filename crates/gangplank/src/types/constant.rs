//! Values of constants as descriptor literals, decided by the constant's type rather than by its tokens.

use gangplank_descriptor::{Literal, Schema};

/// A constant of the interface; implemented beside it, so that traits can look at its value.
pub trait Constant {
    /// Its type.
    type Type;
    /// Its value.
    const VALUE: Self::Type;
}

/// What the type of the constant `C` makes of its value. An alias is what it stands for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a constant of the interface",
    label = "not the type of a constant",
    note = "constants are bool, integers, f32, f64, `&str`, `&[u8]`, and enums with `#[gangplank::enumeration]`",
    note = "whatever else the other side has to know, a function can return"
)]
pub trait ConstantType<C> {
    /// The type.
    const SCHEMA: Schema;
    /// The value.
    const LITERAL: Literal;
}

macro_rules! constants {
    ($($ty:ty => $schema:ident, $value:ident => $literal:expr;)*) => {$(
        impl<C: Constant<Type = $ty>> ConstantType<C> for $ty {
            const SCHEMA: Schema = Schema::$schema;
            const LITERAL: Literal = {
                let $value = C::VALUE;
                $literal
            };
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
    &'static [u8] => Bytes, value => Literal::Bytes(value);
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

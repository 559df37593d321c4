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
    note = "whatever else the other side has to know, a function can return",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
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

/// An enum whose values or cases a default can name.
pub trait NamedValues {
    /// Each with the name that others know it by.
    const NAMES: Names;
}

/// The same, asked only where the field's own type crosses: else that is the one thing to say about the field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no values that a default can name",
    label = "not a value of an enum of the interface",
    note = "a default is a literal, a value of an enum (`Color::Red`), `None` or `[]`"
)]
pub trait DefaultOf<const CROSSES: bool> {
    /// See [`NamedValues::NAMES`].
    const NAMES: Option<Names>;
}

type Names = &'static [(&'static str, &'static str)];

impl<T> DefaultOf<false> for T {
    const NAMES: Option<Names> = None;
}

impl<T: NamedValues> DefaultOf<true> for T {
    const NAMES: Option<Names> = Some(T::NAMES);
}

/// The name that others know a value by, which is called `ident` and exists: the function, which is not called, names it.
///
/// # Panics
/// While compiling, when it is another constant of the enum's.
pub const fn exposed_name<const CROSSES: bool, T: DefaultOf<CROSSES>>(
    _: fn() -> T,
    ident: &str,
) -> &'static str {
    match T::NAMES {
        Some(names) => find(names, ident),
        None => "",
    }
}

const fn find(names: Names, ident: &str) -> &'static str {
    let mut at = 0;
    while at < names.len() {
        if same(names[at].0.as_bytes(), ident.as_bytes()) {
            return names[at].1;
        }
        at += 1;
    }
    panic!("a default that names a constant of an enum: name the value itself")
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
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

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[(&str, &str)] = &[("Red", "red"), ("Redder", "crimson")];

    #[test]
    fn values_are_known_by_their_exposed_names() {
        assert_eq!(find(NAMES, "Red"), "red");
        assert_eq!(find(NAMES, "Redder"), "crimson");
    }

    #[test]
    #[should_panic(expected = "name the value itself")]
    fn a_constant_of_an_enum_is_not_one_of_its_values() {
        find(NAMES, "Re");
    }
}

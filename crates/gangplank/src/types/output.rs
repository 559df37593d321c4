//! What a function returns: a value, several values or nothing, with or without a typed error.

use core::fmt;

use gangplank_descriptor::{Layout, Schema};

use super::tuples::each_tuple;
use super::{Compound, Kind, Passing, Scalar, Sink, Type};
use crate::abi::{Absent, RawCall, RawReturn, RawReturnUnit};
use crate::memory::Arena;

/// The success of a function: a [`Type`], a tuple of them, or unit.
///
/// # Safety
/// As for [`Type`]: `Abi` is plain data, `write` reserves what `size` counted, `RETURN` tells how `Ret` is made.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function of the interface",
    label = "not a type of the interface",
    note = "results are types of the interface, tuples of two to 32 of them, or nothing; `Result<T, E>` adds a typed error",
    note = "structs cross with `#[gangplank::record]`, enums with `#[gangplank::enumeration]` (no data) or `#[gangplank::variant]` (data), objects as `Arc<T>`",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub unsafe trait Output: Send + Sized + 'static {
    /// [`Scalar`] or [`Compound`].
    type Kind: Kind;
    /// The struct behind `out`; a zero-sized one when there is no result.
    type Abi: Copy + 'static;
    /// The `out` parameter: a pointer, or [`Absent`].
    type Out: Copy;
    /// What the scalar form returns.
    type Ret: Copy;
    /// The results in order.
    const SCHEMAS: &'static [Schema];
    /// Their layouts in order.
    const LAYOUTS: &'static [Layout];

    /// Reports the items of the results.
    fn visit(sink: Sink<'_>);
    /// The `out` of the uniform form.
    fn out(pointer: *mut Self::Abi) -> Self::Out;
    /// Where `out` points to; `None` when there is no result.
    fn address(out: Self::Out) -> Option<*mut Self::Abi>;
    /// The size pass.
    fn size(&self, at: usize) -> usize;
    /// The write pass.
    fn write(self, arena: &mut Arena) -> Self::Abi;
    /// The scalar form's return value.
    fn ret(value: Self::Abi, status: i32, error: u32) -> Self::Ret;
}

/// The layout, in a signature, of a type with the struct `Abi` that is passed as `Pass` says.
pub const fn layout<Abi: Copy, Pass: Passing<Abi>>() -> Layout {
    Layout {
        class: Pass::CLASS,
        size: size_of::<Abi>() as u32,
        align: align_of::<Abi>() as u32,
    }
}

/// The layout of `T` in a signature.
const fn layout_of<T: Type>() -> Layout {
    layout::<T::Abi, T::Pass>()
}

// SAFETY: the type's own conversions.
unsafe impl<T: Type> Output for T {
    type Kind = T::Kind;
    type Abi = T::Abi;
    type Out = *mut T::Abi;
    type Ret = RawReturn<T::Abi>;
    const SCHEMAS: &'static [Schema] = &[T::SCHEMA];
    const LAYOUTS: &'static [Layout] = &[layout_of::<T>()];

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    fn out(pointer: *mut T::Abi) -> *mut T::Abi {
        pointer
    }

    fn address(out: *mut T::Abi) -> Option<*mut T::Abi> {
        Some(out)
    }

    fn size(&self, at: usize) -> usize {
        Type::size(self, at)
    }

    fn write(self, arena: &mut Arena) -> T::Abi {
        Type::write(self, arena)
    }

    fn ret(value: T::Abi, status: i32, error: u32) -> RawReturn<T::Abi> {
        RawReturn {
            value,
            status,
            error,
        }
    }
}

// SAFETY: nothing to convert.
unsafe impl Output for () {
    type Kind = Scalar;
    type Abi = Absent;
    type Out = Absent;
    type Ret = RawReturnUnit;
    const SCHEMAS: &'static [Schema] = &[];
    const LAYOUTS: &'static [Layout] = &[];

    fn visit(_: Sink<'_>) {}

    fn out(_: *mut Absent) -> Absent {
        Absent
    }

    fn address(_: Absent) -> Option<*mut Absent> {
        None
    }

    fn size(&self, at: usize) -> usize {
        at
    }

    fn write(self, _: &mut Arena) -> Absent {
        Absent
    }

    fn ret(_: Absent, status: i32, error: u32) -> RawReturnUnit {
        RawReturnUnit { status, error }
    }
}

macro_rules! several {
    ($raw:ident: $($type:ident $field:ident),+) => {
        /// The struct of several results in order.
        #[derive(Clone, Copy)]
        #[repr(C)]
        pub struct $raw<$($type),+> {
            $(#[allow(missing_docs, reason = "numbered as in docs/abi.md")] pub $field: $type),+
        }

        // SAFETY: a struct of the results' structs; both passes go through them in order.
        unsafe impl<$($type: Type),+> Output for ($($type,)+) {
            type Kind = Compound;
            type Abi = $raw<$($type::Abi),+>;
            type Out = *mut Self::Abi;
            type Ret = RawReturnUnit;
            const SCHEMAS: &'static [Schema] = &[$($type::SCHEMA),+];
            const LAYOUTS: &'static [Layout] = &[$(layout_of::<$type>()),+];

            fn visit(sink: Sink<'_>) {
                $($type::visit(sink);)+
            }

            fn out(pointer: *mut Self::Abi) -> *mut Self::Abi {
                pointer
            }

            fn address(out: *mut Self::Abi) -> Option<*mut Self::Abi> {
                Some(out)
            }

            fn size(&self, at: usize) -> usize {
                let ($($field,)+) = self;
                $(let at = Type::size($field, at);)+
                at
            }

            fn write(self, arena: &mut Arena) -> Self::Abi {
                let ($($field,)+) = self;
                $(let $field = Type::write($field, arena);)+
                $raw { $($field),+ }
            }

            fn ret(_: Self::Abi, status: i32, error: u32) -> RawReturnUnit {
                RawReturnUnit { status, error }
            }
        }
    };
}

each_tuple!(several);

/// A function's own error: `#[gangplank::error]`, or a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a function of the interface",
    label = "not an error of the interface",
    note = "declare the error with `#[gangplank::error]` on an enum, or use `String`"
)]
pub trait ErrorType: Type + fmt::Display {
    /// The causes below the error, nearest first.
    fn causes(&self) -> Vec<String>;
}

impl ErrorType for String {
    fn causes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The texts of the errors below `error`, nearest first.
pub fn causes(error: &dyn std::error::Error) -> Vec<String> {
    core::iter::successors(error.source(), |cause| cause.source())
        .map(|cause| cause.to_string())
        .collect()
}

/// The error of functions that have none.
pub enum NoError {}

/// How much of an error a host asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    All,
    /// No more than the struct of a typed error: the host has its text.
    Payload,
}

/// The error half of a function's result.
pub trait Failure: Send + 'static {
    /// The error's description.
    const SCHEMA: Option<Schema>;
    /// Its layout.
    const LAYOUT: Option<Layout>;
    /// Writes the error into a call.
    ///
    /// # Safety
    /// `call` went through [`crate::memory::begin`].
    unsafe fn write(self, call: *mut RawCall, detail: Detail) -> i32;
    /// Reports its items.
    fn visit(sink: Sink<'_>);
}

impl<E: ErrorType> Failure for E {
    const SCHEMA: Option<Schema> = Some(E::SCHEMA);
    const LAYOUT: Option<Layout> = Some(layout_of::<E>());

    unsafe fn write(self, call: *mut RawCall, detail: Detail) -> i32 {
        // SAFETY: the caller's promise is the same.
        unsafe { crate::glue::write_error(self, call, detail) }
    }

    fn visit(sink: Sink<'_>) {
        <E as Type>::visit(sink);
    }
}

impl Failure for NoError {
    const SCHEMA: Option<Schema> = None;
    const LAYOUT: Option<Layout> = None;

    unsafe fn write(self, _: *mut RawCall, _: Detail) -> i32 {
        match self {}
    }

    fn visit(_: Sink<'_>) {}
}

/// What a function of the interface may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function of the interface",
    label = "not a type of the interface",
    note = "results are types of the interface, tuples of two to 32 of them, or nothing; `Result<T, E>` adds a typed error `E`, an enum with `#[gangplank::error]` or `String`",
    note = "structs cross with `#[gangplank::record]`, enums with `#[gangplank::enumeration]` (no data) or `#[gangplank::variant]` (data), objects as `Arc<T>`",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub trait Return: Sized {
    /// The success.
    type Ok: Output;
    /// The failure.
    type Err: Failure;
    /// The two apart.
    fn split(self) -> Result<Self::Ok, Self::Err>;
}

impl<O: Output> Return for O {
    type Ok = O;
    type Err = NoError;

    fn split(self) -> Result<O, NoError> {
        Ok(self)
    }
}

impl<O: Output, E: ErrorType> Return for Result<O, E> {
    type Ok = O;
    type Err = E;

    fn split(self) -> Self {
        self
    }
}

/// What a function that the host implements returns: always a `Result`, because a host can fail.
#[diagnostic::on_unimplemented(
    message = "a host function returns `Result<T, E>`, not `{Self}`",
    label = "a host can fail: the function must be able to say so",
    note = "`E` is `String` or an enum with `#[gangplank::error]` that implements `From<gangplank::HostError>`"
)]
pub trait HostReturn: Return {
    /// The success.
    type Value: Output;
    /// The declared error.
    type Error: ErrorType + From<crate::HostError>;
    /// Puts the two together.
    fn join(result: Result<Self::Value, Self::Error>) -> Self;
}

impl<O: Output, E: ErrorType + From<crate::HostError>> HostReturn for Result<O, E> {
    type Value = O;
    type Error = E;

    fn join(result: Self) -> Self {
        result
    }
}

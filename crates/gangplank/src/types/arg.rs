//! What a function takes: owned values, borrowed text and numbers, and what a constructor has injected.

use std::sync::Arc;

use gangplank_descriptor::Schema;

use super::text::read_str;
use super::{BadValue, Passing, Reader, Sink, Type, checked_slice};
use crate::abi::{Absent, RawList, RawStr};
use crate::rt::Context;
use crate::{Events, EventsTrait, Host, HostTrait};

/// A parameter of a sync function.
///
/// # Safety
/// `Abi` is the C struct of `SCHEMA`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a function of the interface",
    label = "not a type of the interface",
    note = "structs cross with `#[gangplank::record]`, enums with `#[gangplank::enumeration]` (no data) or `#[gangplank::variant]` (data), objects as `Arc<T>`",
    note = "a sync function may also borrow `&str`, `&[u8]` and slices of numbers; `Host` and `Events` are injected into constructors only",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub unsafe trait Arg<'a>: Sized {
    /// See [`Type::Kind`].
    type Kind;
    /// How it is passed.
    type Pass: Passing<Self::Abi>;
    /// The C struct.
    type Abi: Copy + 'static;
    /// The type's description.
    const SCHEMA: Schema;
    /// Whether the guest only borrows the host's memory.
    const BORROWED: bool;

    /// Reports the items of the type.
    fn visit(sink: Sink<'_>);

    /// Reads the argument.
    ///
    /// # Safety
    /// Every pointer in `raw` leads to what the schema says, unchanged for `'a`.
    unsafe fn load(raw: &'a Self::Abi, reader: &mut Reader) -> Result<Self, BadValue>;
}

// SAFETY: the type's own struct.
unsafe impl<'a, T: Type> Arg<'a> for T {
    type Kind = T::Kind;
    type Pass = T::Pass;
    type Abi = T::Abi;
    const SCHEMA: Schema = T::SCHEMA;
    const BORROWED: bool = false;

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    #[inline]
    unsafe fn load(raw: &'a T::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller's promise is the one that `read` asks for.
        unsafe { T::read(raw, reader) }
    }
}

// SAFETY: the struct of `String`.
unsafe impl<'a> Arg<'a> for &'a str {
    type Kind = <String as Type>::Kind;
    type Pass = <String as Type>::Pass;
    type Abi = RawStr;
    const SCHEMA: Schema = <String as Type>::SCHEMA;
    const BORROWED: bool = true;

    fn visit(_: Sink<'_>) {}

    #[inline]
    unsafe fn load(raw: &'a RawStr, _: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller vouches for the memory during `'a`.
        unsafe { read_str(*raw) }
    }
}

/// A number that can be borrowed in slices: every bit pattern is a value, and the C type is the Rust type.
pub trait Element: Type<Abi = Self> + Copy {}

macro_rules! elements {
    ($($number:ty)*) => {$(impl Element for $number {})*};
}
elements!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

// SAFETY: the struct of `Vec<T>`.
unsafe impl<'a, T: Element> Arg<'a> for &'a [T] {
    type Kind = <Vec<T> as Type>::Kind;
    type Pass = <Vec<T> as Type>::Pass;
    type Abi = RawList<T>;
    const SCHEMA: Schema = <Vec<T> as Type>::SCHEMA;
    const BORROWED: bool = true;

    fn visit(_: Sink<'_>) {}

    #[inline]
    unsafe fn load(raw: &'a RawList<T>, _: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller vouches for the memory during `'a`.
        unsafe { checked_slice(*raw) }
    }
}

/// A parameter of a constructor: one that crosses, or one that is injected and does not exist in C.
///
/// # Safety
/// As for [`Arg`]; an injected one has no C parameter.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a constructor of the interface",
    label = "not a type of the interface",
    note = "structs cross with `#[gangplank::record]`, enums with `#[gangplank::enumeration]` (no data) or `#[gangplank::variant]` (data), objects as `Arc<T>`",
    note = "injected are `Host<dyn Trait>` with `#[gangplank::host]` and `Events<dyn Trait>` with `#[gangplank::events]`",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub unsafe trait ConstructorArg<'a>: Sized {
    /// How it is passed.
    type Pass: Passing<Self::Abi>;
    /// The C struct; zero-sized when injected.
    type Abi: Copy + 'static;
    /// The type's description.
    const SCHEMA: Schema;
    /// See [`Arg::BORROWED`].
    const BORROWED: bool;
    /// Whether it does not cross.
    const INJECTED: bool;
    /// Wire names of the host functions that it brings.
    const HOST_FUNCTIONS: &'static [&'static str];
    /// Wire names of the events that it brings.
    const EVENTS: &'static [&'static str];

    /// Reports the items of the type.
    fn visit(sink: Sink<'_>);

    /// Reads or makes the argument.
    ///
    /// # Safety
    /// As for [`Arg::load`].
    unsafe fn load(
        raw: &'a Self::Abi,
        reader: &mut Reader,
        context: &Arc<Context>,
    ) -> Result<Self, BadValue>;
}

// SAFETY: the argument's own struct.
unsafe impl<'a, T: Arg<'a>> ConstructorArg<'a> for T {
    type Pass = T::Pass;
    type Abi = T::Abi;
    const SCHEMA: Schema = T::SCHEMA;
    const BORROWED: bool = T::BORROWED;
    const INJECTED: bool = false;
    const HOST_FUNCTIONS: &'static [&'static str] = &[];
    const EVENTS: &'static [&'static str] = &[];

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn load(
        raw: &'a T::Abi,
        reader: &mut Reader,
        _: &Arc<Context>,
    ) -> Result<Self, BadValue> {
        // SAFETY: the caller's promise is the same.
        unsafe { T::load(raw, reader) }
    }
}

/// The way of a parameter that does not exist in C.
pub struct NotPassed;

impl Passing<Absent> for NotPassed {
    type Param = Absent;
    const CLASS: u8 = 0;

    fn address(param: &Absent) -> *const Absent {
        param
    }
}

// SAFETY: nothing crosses.
unsafe impl<'a, T: HostTrait + ?Sized> ConstructorArg<'a> for Host<T> {
    type Pass = NotPassed;
    type Abi = Absent;
    const SCHEMA: Schema = Schema::Host(T::TYPE);
    const BORROWED: bool = false;
    const INJECTED: bool = true;
    const HOST_FUNCTIONS: &'static [&'static str] = T::FUNCTIONS;
    const EVENTS: &'static [&'static str] = &[];

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn load(
        _: &'a Absent,
        _: &mut Reader,
        context: &Arc<Context>,
    ) -> Result<Self, BadValue> {
        Ok(Self::remote(context))
    }
}

// SAFETY: nothing crosses.
unsafe impl<'a, T: EventsTrait + ?Sized> ConstructorArg<'a> for Events<T> {
    type Pass = NotPassed;
    type Abi = Absent;
    const SCHEMA: Schema = Schema::Events(T::TYPE);
    const BORROWED: bool = false;
    const INJECTED: bool = true;
    const HOST_FUNCTIONS: &'static [&'static str] = &[];
    const EVENTS: &'static [&'static str] = T::EVENTS;

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn load(
        _: &'a Absent,
        _: &mut Reader,
        context: &Arc<Context>,
    ) -> Result<Self, BadValue> {
        Ok(Self::remote(context))
    }
}

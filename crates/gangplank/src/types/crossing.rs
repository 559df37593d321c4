//! One error for each type that cannot cross.
//!
//! Comes in: a type of the user's, and whether it has the trait that its place asks for. Goes out: the type that expansions
//! speak of in everything but the one place that insists on the trait: itself, or `bool` where the trait is missing. Without
//! it every struct and function of an expansion would complain about the same type again, in words about itself.
//!
//! Whether a type has a trait is asked for as a constant: a type's own constant goes before that of a trait, and [`Asked`]
//! has its own only where the bound holds.

use core::marker::PhantomData;

use super::{Arg, ConstructorArg, HostReturn, Return, Type};
use crate::glue::BoxFuture;

/// A type that is asked about.
pub struct Asked<T>(PhantomData<T>);

/// The answers for types that lack the traits.
pub trait Otherwise {
    /// Whether it has [`Type`].
    const IS_TYPE: bool = false;
    /// Whether it can be a parameter.
    const IS_ARG: bool = false;
    /// Whether it can be a parameter of a constructor.
    const IS_CONSTRUCTOR_ARG: bool = false;
    /// Whether it can be a result.
    const IS_RETURN: bool = false;
    /// Whether it can be what a host function returns.
    const IS_HOST_RETURN: bool = false;
}

impl<T> Otherwise for Asked<T> {}

impl<T: Type> Asked<T> {
    /// See [`Otherwise::IS_TYPE`].
    pub const IS_TYPE: bool = true;
}

impl<T: Arg<'static>> Asked<T> {
    /// See [`Otherwise::IS_ARG`].
    pub const IS_ARG: bool = true;
}

impl<T: ConstructorArg<'static>> Asked<T> {
    /// See [`Otherwise::IS_CONSTRUCTOR_ARG`].
    pub const IS_CONSTRUCTOR_ARG: bool = true;
}

impl<T: Return> Asked<T> {
    /// See [`Otherwise::IS_RETURN`].
    pub const IS_RETURN: bool = true;
}

impl<T: HostReturn> Asked<T> {
    /// See [`Otherwise::IS_HOST_RETURN`].
    pub const IS_HOST_RETURN: bool = true;
}

/// `T`, which does or does not have the trait of its place.
pub struct Crossing<T, const HAS: bool>(PhantomData<T>);

/// What expansions speak of instead of `T`.
pub trait StandsFor<T> {
    /// `T`, or a type that crosses where `T` does not.
    type As;
    /// What was read.
    fn give(value: Self::As) -> T;
    /// What is counted.
    fn lend(value: &T) -> &Self::As;
    /// What is written.
    fn take(value: T) -> Self::As;
}

impl<T> StandsFor<T> for Crossing<T, true> {
    type As = T;

    #[inline(always)]
    fn give(value: T) -> T {
        value
    }

    #[inline(always)]
    fn lend(value: &T) -> &T {
        value
    }

    #[inline(always)]
    fn take(value: T) -> T {
        value
    }
}

/// Never runs: the crate does not compile.
impl<T> StandsFor<T> for Crossing<T, false> {
    type As = bool;

    fn give(_: bool) -> T {
        unreachable!("a type that cannot cross")
    }

    fn lend(_: &T) -> &bool {
        &false
    }

    fn take(_: T) -> bool {
        false
    }
}

/// The one place that insists on a host function's result.
pub const fn host_returns<R: HostReturn>() {}

/// What expansions speak of instead of a host function's result `T`, which they get in a future.
pub trait AnswersFor<T> {
    /// `T`, or a type that a host function can return where `T` is none.
    type As;
    /// What the trait's method returns.
    fn give(answer: BoxFuture<'static, Self::As>) -> BoxFuture<'static, T>;
}

impl<T> AnswersFor<T> for Crossing<T, true> {
    type As = T;

    #[inline(always)]
    fn give(answer: BoxFuture<'static, T>) -> BoxFuture<'static, T> {
        answer
    }
}

/// Never runs: the crate does not compile.
impl<T> AnswersFor<T> for Crossing<T, false> {
    type As = Result<bool, String>;

    fn give(_: BoxFuture<'static, Self::As>) -> BoxFuture<'static, T> {
        unreachable!("a type that cannot cross")
    }
}

//! Constructors: the context is made first, because host functions and events are injected from it; the handle last.

use core::future::Future;
use core::marker::PhantomData;
use std::sync::Arc;

use gangplank_descriptor::{Layout, Schema};

use super::Scope;
use super::asynchronous::{Ending, start};
use super::shape::Shape;
use super::sync::finish;
use crate::memory::Arena;
use crate::rt::{self, Context, Fault, FnMeta, Phase};
use crate::types::{
    BadValue, Compound, ConstructorArg, ErrorType, Failure, NoError, ObjectType, Output, Reader,
    Return, Sink, checked_ref,
};

/// What a constructor of `T` may be declared to return.
#[diagnostic::on_unimplemented(
    message = "a constructor of `{T}` returns `{T}`, `Arc<{T}>` or a `Result` of one of them, not `{Self}`",
    label = "not the object",
    note = "the error of a constructor is an enum with `#[gangplank::error]` or `String`"
)]
pub trait Constructed<T: ObjectType>: Send {
    /// The failure.
    type Err: Failure;
    /// The object and the failure apart.
    fn construct(self) -> Result<Arc<T>, Self::Err>;
}

impl<T: ObjectType> Constructed<T> for T {
    type Err = NoError;

    fn construct(self) -> Result<Arc<T>, NoError> {
        Ok(Arc::new(self))
    }
}

impl<T: ObjectType> Constructed<T> for Arc<T> {
    type Err = NoError;

    fn construct(self) -> Result<Arc<T>, NoError> {
        Ok(self)
    }
}

impl<T: ObjectType, C: Constructed<T, Err = NoError>, E: ErrorType> Constructed<T>
    for Result<C, E>
{
    type Err = E;

    fn construct(self) -> Result<Arc<T>, E> {
        match self?.construct() {
            Ok(object) => Ok(object),
            Err(never) => match never {},
        }
    }
}

/// The handle of a new object, as a result.
pub struct Handle<T>(u64, PhantomData<fn() -> T>);

// SAFETY: a `uint64_t`, without a variable part.
unsafe impl<T: ObjectType> Output for Handle<T> {
    type Kind = Compound;
    type Abi = u64;
    type Out = *mut u64;
    type Ret = i32;
    const SCHEMAS: &'static [Schema] = &[Schema::Object(T::TYPE)];
    const LAYOUTS: &'static [Layout] = &[Layout {
        class: 4,
        size: 8,
        align: 8,
    }];

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    fn out(pointer: *mut u64) -> *mut u64 {
        pointer
    }

    fn address(out: *mut u64) -> Option<*mut u64> {
        Some(out)
    }

    fn size(&self, at: usize) -> usize {
        at
    }

    fn write(self, _: &mut Arena) -> u64 {
        self.0
    }

    fn ret(_: u64, status: i32, _: u32) -> i32 {
        status
    }
}

/// The end of a constructor.
pub(super) struct Made<T, E>(Result<Handle<T>, E>);

impl<T: ObjectType, E: Failure> Return for Made<T, E> {
    type Ok = Handle<T>;
    type Err = E;

    fn split(self) -> Result<Handle<T>, E> {
        self.0
    }
}

/// Gives the object that a constructor made its handle.
fn enlist<T: ObjectType, C: Constructed<T>>(
    made: C,
    context: Arc<Context>,
) -> Result<Made<T, C::Err>, Fault> {
    Ok(Made(match made.construct() {
        Ok(object) => Ok(Handle(rt::insert(object, context)?, PhantomData)),
        Err(error) => Err(error),
    }))
}

/// Reads or makes one argument of a constructor.
///
/// # Safety
/// As for [`super::load`].
pub unsafe fn load_injectable<'a, A: ConstructorArg<'a>>(
    _scope: &'a Scope,
    address: *const A::Abi,
    name: &'static str,
    context: &Arc<Context>,
) -> Result<A, Fault> {
    // SAFETY: the caller vouches for the address.
    let raw = unsafe { checked_ref(address) };
    // SAFETY: the caller vouches for what the struct refers to.
    let value = raw.and_then(|raw| unsafe { A::load(raw, &mut Reader::default(), context) });
    value.map_err(|bad: BadValue| bad.at_field(name).into())
}

/// A sync constructor.
///
/// # Safety
/// `out` and `call` are what C passed for the shape `S`.
pub unsafe fn constructor<S, T, C>(
    context: impl FnOnce() -> Arc<Context>,
    out: S::Out,
    call: S::Call,
    body: impl FnOnce(&Arc<Context>) -> Result<C, Fault>,
) -> S::Ret
where
    S: Shape<Handle<T>>,
    T: ObjectType,
    C: Constructed<T>,
{
    // SAFETY: the caller's promise is the same.
    unsafe {
        finish::<S, Made<T, C::Err>>(out, call, || {
            let context = context();
            enlist(body(&context)?, context)
        })
    }
}

/// An async constructor.
///
/// # Safety
/// `ending` holds what C passed.
pub unsafe fn async_constructor<P, T, C, F>(
    meta: &'static FnMeta,
    context: impl FnOnce() -> Arc<Context>,
    ending: Ending<*mut u64>,
    body: impl FnOnce(&Arc<Context>) -> Result<F, Fault>,
) -> i32
where
    P: Phase,
    T: ObjectType,
    C: Constructed<T>,
    F: Future<Output = C> + Send + 'static,
{
    // SAFETY: the caller's promise is the same.
    unsafe {
        start::<P, _, _>(meta, 0, ending, || {
            let context = context();
            let future = body(&context)?;
            Ok(async move { enlist(future.await, context) })
        })
    }
}

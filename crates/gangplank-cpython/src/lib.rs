//! Values between CPython's objects and C structs, for guests and hosts in Python alike.
//!
//! Comes in: a lowered library and the table of classes that stand for its types. Goes out: C structs for objects
//! ([`Writer`]), objects for C structs ([`Reader`]), and Python's lock for any thread ([`thread`]). Nothing here calls
//! across languages: the runtime of guests and the extension of hosts do that, each in its direction.

mod buffer;
mod ending;
mod fault;
mod number;
mod object;
mod plan;
mod read;
pub mod thread;
mod write;

pub use buffer::Buffer;
pub use ending::{park, staying};
pub use fault::{Fault, Why};
pub use gangplank_descriptor::status;
pub use object::{More, Object, Raw, bytes_of, call, class_name, more, str_of, type_name};
pub use plan::{Dataclass, Node, Plan, Struct, Unusable, items, lowered};
pub use pyo3_ffi as ffi;
pub use read::Reader;
pub use write::{Store, Writer};

/// `gp_string`, and every list: pointer and length.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// NULL when empty.
    pub ptr: *const u8,
    /// Bytes of a text, items of a list.
    pub len: usize,
}

impl Span {
    /// Nothing.
    pub const EMPTY: Self = Self {
        ptr: std::ptr::null(),
        len: 0,
    };
}

/// `gp_time`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

/// Objects of the interface (handles), which only one side of a call can have.
pub trait Handles {
    /// The Python object for a handle that has come in; `index` is that of the lowered library's object. The share is taken
    /// also when there is no object.
    ///
    /// # Safety
    /// The thread holds Python's lock, and the handle's share is the caller's to give.
    unsafe fn wrap(&self, index: usize, handle: u64) -> Result<Object, Fault>;

    /// Takes the share of a handle for which nobody wants an object, whether an exception is set or not.
    ///
    /// # Safety
    /// As for [`Handles::wrap`].
    unsafe fn release(&self, index: usize, handle: u64);

    /// The handle of a Python object.
    ///
    /// # Safety
    /// The thread holds Python's lock; `object` is one.
    unsafe fn handle(&self, index: usize, object: Raw) -> Result<u64, Fault>;
}

/// For interfaces without objects.
#[derive(Clone, Copy, Debug)]
pub struct NoHandles;

impl Handles for NoHandles {
    unsafe fn wrap(&self, _: usize, _: u64) -> Result<Object, Fault> {
        Err(Fault::wrong(
            Why::Foreign,
            "an object cannot be passed here",
        ))
    }

    unsafe fn release(&self, _: usize, _: u64) {}

    unsafe fn handle(&self, _: usize, _: Raw) -> Result<u64, Fault> {
        Err(Fault::wrong(Why::Type, "an object cannot be passed here"))
    }
}

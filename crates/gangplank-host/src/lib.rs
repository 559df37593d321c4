//! What a host in Rust calls modules with: the other direction of everything that a guest does.
//!
//! Comes in: a module of any language, opened by XLLR, and generated stubs that know its interface. Goes out: typed calls.
//! Arguments are lowered and results lifted by the same [`gangplank::Type`]s that a guest uses, so there is one set of structs for
//! both sides. Whether values cross as C structs or as protobuf bytes is XLLR's business.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use gangplank::memory::lower;
use gangplank::types::{BadValue, Output, Reader, Results, ScalarResult, Scalars, Sink};
use xllr::abi::{RawCall, RawText};
use xllr::{Expected, ExpectedItem, Typed};
pub use xllr::{Function as ModuleFunction, Kind, Module, Options};

/// Why a call did not give a result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The module or the function cannot be had, or is not the one that this host was generated for.
    Module(xllr::Error),
    /// The function itself failed.
    Failed {
        /// Its text.
        message: String,
        /// The texts of the causes below it, nearest first.
        causes: Vec<String>,
    },
    /// The function panicked; the module lives on.
    Panicked {
        /// What it said.
        message: String,
        /// `file:line:column`, empty when it is not known.
        location: String,
        /// The stack, of a module that was built to keep it (`gangplank build --debug-info`); else empty.
        backtrace: String,
    },
    /// The call ended in another way.
    Refused {
        /// One of `gp_status`.
        status: i32,
        /// Why.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Failed { message, .. } | Self::Refused { message, .. } => f.write_str(message),
            Self::Panicked {
                message,
                location,
                backtrace,
            } => {
                write!(f, "panic: {message}")?;
                if !location.is_empty() {
                    write!(f, " (at {location})")?;
                }
                if !backtrace.is_empty() {
                    write!(f, "\n{}", backtrace.trim_end())?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<xllr::Error> for Error {
    fn from(error: xllr::Error) -> Self {
        match error.kind() {
            Kind::Failed => Self::Failed {
                message: error.text().to_owned(),
                causes: Vec::new(),
            },
            _ => Self::Module(error),
        }
    }
}

/// One function of a service: found, compared and prepared at its first call.
pub struct Function {
    name: &'static str,
    item: &'static [u8],
    depends: &'static [Depends],
    typed: OnceLock<Typed>,
}

/// An item that a host compares: path, hash, hash of the signature, shape in words.
pub type Depends = (&'static str, u64, u64, &'static str);

impl Function {
    /// `Calc.div`, with its item and what is compared before its first call.
    #[must_use]
    pub const fn new(name: &'static str, item: &'static [u8], depends: &'static [Depends]) -> Self {
        Self {
            name,
            item,
            depends,
            typed: OnceLock::new(),
        }
    }

    fn typed<P: Output, R: Output>(&self, module: &Module) -> Result<&Typed, Error> {
        match self.typed.get() {
            Some(typed) => Ok(typed),
            None => self.find::<P, R>(module),
        }
    }

    #[cold]
    fn find<P: Output, R: Output>(&self, module: &Module) -> Result<&Typed, Error> {
        let mut items = vec![self.item];
        let mut seen = HashSet::new();
        let sink: Sink<'_> = &mut |item| {
            let new = seen.insert(item.as_ptr());
            if new {
                items.push(item);
            }
            new
        };
        P::visit(sink);
        R::visit(sink);
        let expected = Expected {
            abi: gangplank::abi::VERSION,
            items: self.depends.iter().map(expected).collect(),
        };
        let typed = module.function(self.name)?.typed(&expected, &items)?;
        Ok(self.typed.get_or_init(|| typed))
    }

    /// Finds the function and compares its interface, without a call.
    ///
    /// # Errors
    /// There is none, or it is another.
    pub fn check<P: Output, R: Output>(&self, module: &Module) -> Result<(), Error> {
        self.typed::<P, R>(module).map(drop)
    }

    /// Calls it.
    ///
    /// # Errors
    /// All of [`enum@Error`].
    pub fn call<P: Output, R: Results>(&self, module: &Module, params: P) -> Result<R, Error> {
        self.call_within(module, None, params)
    }

    /// Calls it with so much time left, which reaches functions in Go that take a context, and ends a helper process that does
    /// not return. Without any left the call is not made.
    ///
    /// # Errors
    /// All of [`enum@Error`]; [`Error::Refused`] with the status `GP_DEADLINE` when the time is over.
    pub fn call_within<P: Output, R: Results>(
        &self,
        module: &Module,
        timeout: Option<Duration>,
        params: P,
    ) -> Result<R, Error> {
        let typed = self.typed::<P, R>(module)?;
        let need = params.size(size_of::<P::Abi>());
        let mut out = MaybeUninit::<R::Abi>::zeroed();
        let place: *mut c_void = match size_of::<R::Abi>() {
            0 => core::ptr::null_mut(),
            _ => out.as_mut_ptr().cast(),
        };
        // Declared before the call, which refers to it.
        let mut scratch = Scratch([MaybeUninit::uninit(); 2048]);
        let scratch = (&raw mut scratch).cast();
        let mut call = Call(RawCall::with_scratch(scratch, size_of::<Scratch>()));
        call.0.timeout_ns = timeout.map_or(0, nanoseconds);
        let status = lower(
            need,
            |arena| params.write(arena),
            // SAFETY: the hashes say that these are the structs of the function's parameters and results.
            |params| unsafe { typed.call(params, place, &mut call.0) },
        );
        let status = status.map_err(|refused| Error::Refused {
            status: refused.0 as i32,
            message: refused.1,
        })??;
        if status != 0 {
            return Err(call.error(status));
        }
        // SAFETY: the call has filled the struct, which is plain data; its memory is freed after it was read.
        let results = unsafe { R::read(out.assume_init_ref(), &mut Reader::default()) };
        results.map_err(|bad| self.malformed(&bad))
    }
}

/// The scalar form: values stay in registers, and there is no header.
impl Function {
    /// [`call_within`](Self::call_within) for functions whose parameters and result are numbers.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn call_scalar_within<P: Scalars, R: ScalarResult>(
        &self,
        module: &Module,
        timeout: Option<Duration>,
        params: P,
    ) -> Result<R, Error> {
        // Only a header can say how much time is left. Whatever else is not at hand, such as the function itself at its first
        // call, is the other form's business.
        let (None, Some(typed)) = (timeout, self.typed.get()) else {
            return self.call_within(module, timeout, params);
        };
        let Some(function) = typed.scalar() else {
            return self.call_within(module, timeout, params);
        };
        // SAFETY: the hashes say that the function has these parameters and this result, and its flags that it has this form.
        let (value, status, slot) = R::came(unsafe { params.call::<R>(function) });
        if status != 0 {
            return Err(taken(typed, status, slot));
        }
        // SAFETY: a scalar refers to nothing.
        let result = unsafe { R::read(&value, &mut Reader::default()) };
        result.map_err(|bad| self.malformed(&bad))
    }

    #[cold]
    fn malformed(&self, bad: &BadValue) -> Error {
        Error::Refused {
            status: bad.status() as i32,
            message: format!("the result of `{}` is malformed: {bad}", self.name),
        }
    }
}

/// The error that a call in the scalar form has left in a slot.
#[cold]
fn taken(typed: &Typed, status: i32, slot: u32) -> Error {
    let mut call = Call(RawCall::new());
    typed.take_error(slot, &mut call.0);
    call.error(status)
}

/// As `gp_call` has it: a span that is over is negative, because 0 is none at all.
fn nanoseconds(timeout: Duration) -> i64 {
    match timeout.as_nanos() {
        0 => -1,
        some => i64::try_from(some).unwrap_or(i64::MAX),
    }
}

fn expected((path, hash, abi_hash, shape): &Depends) -> ExpectedItem {
    ExpectedItem {
        path: (*path).to_owned(),
        hash: *hash,
        abi_hash: *abi_hash,
        shape: (*shape).to_owned(),
    }
}

/// Where results lie that are small.
#[repr(C, align(16))]
struct Scratch([MaybeUninit<u8>; 2048]);

/// A call with what it owns.
struct Call(RawCall);

impl Call {
    fn error(&self, status: i32) -> Error {
        let message = text(&self.0.message);
        match status {
            1 => Error::Failed {
                message,
                // SAFETY: there are as many causes, valid until the call is freed.
                causes: (0..self.0.causes_len)
                    .map(|at| text(unsafe { &*self.0.causes.add(at) }))
                    .collect(),
            },
            8 => Error::Panicked {
                message,
                location: text(&self.0.location),
                // SAFETY: the call has ended with this status and was not freed.
                backtrace: unsafe { self.0.backtrace(status) }.map_or_else(String::new, text),
            },
            status => Error::Refused { status, message },
        }
    }
}

fn text(raw: &RawText) -> String {
    if raw.ptr.is_null() {
        return String::new();
    }
    // SAFETY: a text of a call that has ended and was not freed yet.
    let bytes = unsafe { core::slice::from_raw_parts(raw.ptr, raw.len) };
    String::from_utf8_lossy(bytes).into_owned()
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(free) = self.0.free_owned.filter(|_| !self.0.owned.is_null()) {
            // SAFETY: whoever set `owned` set the function that frees it.
            unsafe { free(&mut self.0) };
        }
    }
}

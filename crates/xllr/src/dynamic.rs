//! Protobuf bytes and C structs, translated by descriptor.
//!
//! Comes in: an interface whose items carry field numbers. Goes out: the other form of a function: bytes for one that is
//! only there in C structs ([`bytes`]), C structs for one that only knows bytes ([`Translated`], for hosts that know the
//! interface). Nothing is generated for either; both use the same two walks over a lowered type.

mod decode;
mod encode;
mod memory;
mod plan;
mod wire;

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, OnceLock};

use gangplank_descriptor::owned::{Body, Item, Library as LibraryItem};
use gangplank_model::lowered::{Function as Lowered, Library, Mode};
use gangplank_model::model::{Function, Interface, Name};
use gangplank_model::{Diagnostics, Source, assemble, check, lower};

use crate::abi::{NATIVE_ABI, RawCall, RawText, RawUniform};
use crate::buffer;
use crate::call::{Buffer, Returned};
use crate::error::{Error, Kind};
use crate::target::{Bytes, CallBytes, Native};
use decode::Decoder;
use encode::Encoder;
use memory::Memory;
use plan::Struct;
use wire::Malformed;

/// `GP_OK`
const OK: i32 = 0;
/// `GP_PENDING`
const PENDING: i32 = 2;

/// A module's interface, lowered when the first call needs it.
pub(crate) struct Shared {
    interface: Interface,
    lowered: OnceLock<Result<Library, String>>,
}

impl Shared {
    pub(crate) fn new(interface: &Interface) -> Arc<Self> {
        Arc::new(Self {
            interface: interface.clone(),
            lowered: OnceLock::new(),
        })
    }

    fn lowered(&self) -> Result<&Library, String> {
        let lowered = self.lowered.get_or_init(|| lowered(self.interface.clone()));
        lowered.as_ref().map_err(Clone::clone)
    }
}

pub(crate) fn lowered(interface: Interface) -> Result<Library, String> {
    let checked = check(interface).map_err(|found| in_words(&found))?;
    Ok(lower(&checked))
}

fn in_words(found: &Diagnostics) -> String {
    let texts: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    texts.join("; ")
}

/// The form in bytes of a native function.
pub(crate) fn bytes(
    function: &Function<Name>,
    native: Option<&Native>,
    shared: &Arc<Shared>,
) -> Bytes {
    match native {
        Some(native) if function.proto.is_some() => Bytes::Other(Box::new(Translation {
            symbol: function.symbol.clone(),
            call: native.call,
            this: native.this,
            shared: Arc::clone(shared),
        })),
        _ => Bytes::None(
            "its interface has no protobuf field numbers; call it through a prepared function"
                .to_owned(),
        ),
    }
}

/// The form in bytes of a native function that reports its items.
pub(crate) fn of_items(native: &Native, items: &[Vec<u8>]) -> Result<Bytes, Error> {
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    let interface = interface(&items)?;
    let shared = Shared::new(&interface);
    let function = interface.functions.first();
    let function = function.ok_or_else(|| refused("no item of a function"))?;
    Ok(bytes(function, Some(native), &shared))
}

/// A native function in bytes.
struct Translation {
    symbol: String,
    call: RawUniform,
    this: u64,
    shared: Arc<Shared>,
}

fn refused(text: impl Into<String>) -> Error {
    Error::new(Kind::Refused, text)
}

/// The structs of a function's parameters and results.
fn structs(library: &Library, function: &Lowered) -> Result<(Struct, Struct), Error> {
    let path = &function.common.path;
    let mut types = function.params.iter().map(|param| param.ty);
    let streams = types.any(|ty| library.is_stream(ty))
        || function.results.iter().any(|ty| library.is_stream(*ty));
    if streams || function.mode == Mode::Async {
        return Err(refused(format!(
            "`{path}` cannot be called in protobuf: it streams or may complete later"
        )));
    }
    let both = Struct::params(library, function).zip(Struct::results(library, function));
    both.ok_or_else(|| refused(format!("`{path}` has no protobuf field numbers")))
}

impl CallBytes for Translation {
    fn call(&self, params: &[u8], _: bool) -> Result<Returned, Error> {
        let library = self.shared.lowered().map_err(refused)?;
        let function = library
            .functions
            .iter()
            .find(|function| function.symbol == self.symbol);
        let function =
            function.ok_or_else(|| refused(format!("`{}` is not lowered", self.symbol)))?;
        let (request, response) = structs(library, function)?;
        let failed = |what: &str, Malformed(text): Malformed| {
            Error::new(
                Kind::Failed,
                format!(
                    "`{}`: the {what} is malformed: {text}",
                    function.common.path
                ),
            )
        };
        let mut decoder = Decoder {
            library,
            memory: Memory::default(),
            depth: 0,
        };
        let arguments = decoder.memory.block(request.size);
        // SAFETY: the block is a zeroed struct of the parameters; the bytes outlive the call.
        unsafe { decoder.message(arguments, &request.members, params) }
            .map_err(|bad| failed("request", bad))?;
        let out = decoder.memory.block(response.size);
        let mut call = RawCall::new();
        // SAFETY: docs/abi.md: structs of parameters and results, and a started call; the module is held by the caller.
        let status = unsafe {
            (self.call)(
                self.this,
                arguments.cast(),
                out.cast(),
                &mut call,
                None,
                ptr::null_mut(),
            )
        };
        let call = Ended(call);
        if status != OK {
            return Err(call.error(status));
        }
        let mut bytes = Vec::new();
        // SAFETY: the call has filled the struct, and its memory is freed after this.
        unsafe { Encoder { library }.message(out, &response.members, &mut bytes) }
            .map_err(|bad| failed("response", bad))?;
        Ok(Returned {
            result: Buffer::copy_of(&bytes),
            params: Buffer::copy_of(&[]),
        })
    }
}

/// A call that is over, with what it owns.
struct Ended(RawCall);

impl Ended {
    /// The function's text, with the place of a panic and the causes; below it the stack of the panic, where it is kept.
    fn error(&self, status: i32) -> Error {
        if status == PENDING {
            return refused("a function that may complete later cannot be called in protobuf");
        }
        // SAFETY: the texts are valid until the call is freed.
        let text = |raw: &RawText| unsafe {
            String::from_utf8_lossy(buffer::bytes(raw.ptr, raw.len)).into_owned()
        };
        let (mut message, location) = (text(&self.0.message), text(&self.0.location));
        if !location.is_empty() {
            message = format!("{message} (at {location})");
        }
        for index in 0..self.0.causes_len {
            // SAFETY: there are as many causes.
            message = format!("{message}: {}", text(unsafe { &*self.0.causes.add(index) }));
        }
        if message.is_empty() {
            message = format!("the call ended with status {status}");
        }
        // SAFETY: the call has ended with this status.
        if let Some(backtrace) = unsafe { self.0.backtrace(status) } {
            message = format!("{message}\n{}", text(backtrace).trim_end());
        }
        Error::new(Kind::Failed, message)
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // SAFETY: whoever set `owned` set the function that frees it.
        unsafe { free(&mut self.0) }
    }
}

/// # Safety
/// `call` has ended.
pub(crate) unsafe fn free(call: &mut RawCall) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: the caller's promise.
        unsafe { free(call) };
    }
}

/// The lowered interface of a host's own items: those of one function and of all types that it reaches.
pub(crate) struct Translated {
    library: Library,
    request: Struct,
    response: Struct,
}

impl Translated {
    /// From the bytes of the items.
    pub(crate) fn new(items: &[&[u8]]) -> Result<Self, Error> {
        let bad = |text: String| Error::new(Kind::BadArgument, text);
        let library = lowered(interface(items)?).map_err(bad)?;
        let function = library
            .functions
            .first()
            .ok_or_else(|| bad("no function".to_owned()))?;
        let (request, response) = structs(&library, function)?;
        Ok(Self {
            library,
            request,
            response,
        })
    }

    /// Calls `bytes` with the parameters behind `params`; the result is in `out`, what it refers to in `call`.
    ///
    /// # Safety
    /// As for entries in `docs/abi.md`.
    pub(crate) unsafe fn call(
        &self,
        bytes: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>,
        params: *const c_void,
        out: *mut c_void,
        call: &mut RawCall,
    ) -> Result<(), Error> {
        let bad = |Malformed(text)| Error::new(Kind::Failed, format!("protobuf: {text}"));
        let library = &self.library;
        let mut request = Vec::new();
        if !params.is_null() {
            // SAFETY: the caller promises the struct of the parameters.
            unsafe {
                Encoder { library }.message(params.cast(), &self.request.members, &mut request)
            }
            .map_err(bad)?;
        }
        let response = bytes(&request)?;
        let mut decoder = Decoder {
            library,
            memory: Memory::default(),
            depth: 0,
        };
        let response = decoder.memory.keep(response);
        if !out.is_null() {
            // SAFETY: the caller promises memory for the results, which are read only after this.
            unsafe {
                ptr::write_bytes(out.cast::<u8>(), 0, self.response.size);
                decoder
                    .message(out.cast(), &self.response.members, response)
                    .map_err(bad)?;
            }
        }
        // SAFETY: `owned` is what an earlier use of this call has left.
        unsafe { free(call) };
        call.owned = Box::into_raw(Box::new(decoder.memory)).cast();
        call.free_owned = Some(free_memory);
        Ok(())
    }
}

/// What `gp_call.free_owned` points to after a translated call.
unsafe extern "C" fn free_memory(call: *mut RawCall) {
    // SAFETY: the caller passes the call whose field it has read, and `owned` is the box of [`Translated::call`].
    unsafe {
        let memory = std::mem::replace(&mut (*call).owned, ptr::null_mut());
        (*call).free_owned = None;
        if !memory.is_null() {
            drop(Box::from_raw(memory.cast::<Memory>()));
        }
    }
}

/// The interface of the items of functions of one library.
pub(crate) fn interface(items: &[&[u8]]) -> Result<Interface, Error> {
    let bad = |text: String| Error::new(Kind::BadArgument, text);
    let mut decoded = Vec::new();
    for item in items {
        decoded.push(gangplank_descriptor::decode(item).map_err(|error| bad(error.to_string()))?);
    }
    let library = library_item(&decoded).ok_or_else(|| bad("no item of a function".to_owned()))?;
    decoded.push(library);
    let source = Source {
        items: decoded,
        root: None,
    };
    assemble(source).map_err(|found| bad(in_words(&found)))
}

/// An item for the library that the function would be in.
fn library_item(items: &[Item]) -> Option<Item> {
    let function = items.iter().find_map(|item| match &item.body {
        Body::Function(function) => Some(function),
        _ => None,
    })?;
    let package = function.common.proto.as_ref()?.package.clone();
    let rest = function
        .common
        .path
        .strip_prefix(&package)?
        .replace("::", "_");
    let library = function.symbol.strip_suffix(rest.trim_start_matches('_'))?;
    let body = Body::Library(LibraryItem {
        crate_name: library.trim_end_matches('_').to_owned(),
        version: String::new(),
        docs: String::new(),
        abi: NATIVE_ABI,
        panic_abort: false,
        package: Some(package),
        services: Vec::new(),
    });
    Some(body.into_item())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &'static str) -> RawText {
        RawText {
            ptr: text.as_ptr(),
            len: text.len(),
        }
    }

    #[test]
    fn the_text_of_a_panic_has_its_place_and_its_stack() {
        const PANIC: i32 = 8;
        let stack = raw("0: lever::pull\n1: main\n");
        let mut call = RawCall::new();
        (call.message, call.location) = (raw("too much"), raw("src/lib.rs:30:5"));
        let said = |call: &RawCall, status: i32| {
            // SAFETY: the copy owns nothing, and its texts are static.
            let copy = Ended(unsafe { ptr::read(call) });
            copy.error(status).text().to_owned()
        };
        assert_eq!(said(&call, PANIC), "too much (at src/lib.rs:30:5)");
        (call.payload, call.payload_len) = ((&raw const stack).cast(), size_of::<RawText>());
        assert_eq!(
            said(&call, PANIC),
            "too much (at src/lib.rs:30:5)\n0: lever::pull\n1: main"
        );
        // What is no panic may have another payload.
        assert_eq!(said(&call, 1), "too much (at src/lib.rs:30:5)");
    }
}

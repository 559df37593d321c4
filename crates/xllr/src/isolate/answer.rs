//! A native call in the helper, and its answer in one piece.
//!
//! Comes in: flat parameters. Goes out: a status and flat bytes: a head, the results, and what both refer to; at the host
//! pointers again ([`read`]).

use std::ptr;

use gangplank_descriptor::status;

use super::flat::{Malformed, Reader, Writer};
use super::payload::Payload;
use super::shapes::{Flat, Shapes};
use super::wire::Header;
use crate::abi::{RawCall, RawText};
use crate::buffer;
use crate::dynamic;
use crate::error::{Error, Kind};
use crate::target::Target;

/// Before the results of an answer: message, location, payload, causes, each pointer and length.
pub(super) const HEAD: usize = 64;
pub(super) const MESSAGE: usize = 0;
pub(super) const LOCATION: usize = 16;
pub(super) const PAYLOAD: usize = 32;
pub(super) const CAUSES: usize = 48;

/// The helper's half of a native call: its status, and the results in one piece.
pub(super) fn call(
    shapes: Option<&Shapes>,
    target: &Target,
    header: Header,
    payload: &mut Payload,
) -> Result<(i32, Vec<u8>), Error> {
    let refused = |why: &str| Error::new(Kind::Refused, format!("`{}`: {why}", target.name));
    let native = target
        .native
        .as_ref()
        .ok_or_else(|| refused("no native form"))?;
    let shapes = shapes.ok_or_else(|| refused("no interface"))?;
    let flat = shapes.flat(&target.name).map_err(refused)?;
    let library = &shapes.library;
    let bad = |Malformed(text)| Error::new(Kind::BadArgument, format!("`{}`: {text}", target.name));
    let mut reader = Reader::new(library, payload.bytes_mut(), flat.params_size).map_err(bad)?;
    for part in &flat.params {
        reader.value(part.ty, part.offset).map_err(bad)?;
    }
    let mut out: Vec<u128> = vec![0; flat.results_size.div_ceil(16)];
    let mut call = RawCall::new();
    call.timeout_ns = header.deadline_ns;
    // SAFETY: docs/abi.md: structs of the parameters and results, and a started call; the module is held by this process.
    let status = unsafe {
        (native.call)(
            native.this,
            payload.start().cast_const().cast(),
            out.as_mut_ptr().cast(),
            &mut call,
            None,
            ptr::null_mut(),
        )
    };
    if status == status::PENDING {
        return Err(refused("it may complete later"));
    }
    // SAFETY: the call has ended: its results and texts are there until it is freed.
    let answer = unsafe { write(shapes, flat, status, out.as_ptr().cast(), &call) };
    // SAFETY: ended, and its memory was copied.
    unsafe { dynamic::free(&mut call) };
    answer.map(|answer| (status, answer)).map_err(bad)
}

/// # Safety
/// `call` has ended with this status, its results in `out`.
unsafe fn write(
    shapes: &Shapes,
    flat: &Flat,
    status: i32,
    out: *const u8,
    call: &RawCall,
) -> Result<Vec<u8>, Malformed> {
    let mut writer = Writer::new(&shapes.library, HEAD + flat.results_size);
    // SAFETY: the caller's promise: of a call that went well there are results, of another one texts and an error.
    unsafe {
        if status == status::OK {
            for part in &flat.results {
                writer.value(part.ty, out.add(part.offset), HEAD + part.offset)?;
            }
            return Ok(writer.into_bytes());
        }
        let text = |raw: &RawText| buffer::bytes(raw.ptr, raw.len);
        writer.text(text(&call.message), MESSAGE)?;
        writer.text(text(&call.location), LOCATION)?;
        let causes = (0..call.causes_len).map(|index| text(&*call.causes.add(index)));
        let causes: Vec<&[u8]> = causes.collect();
        writer.texts(&causes, CAUSES)?;
        if let Some(error) = flat
            .error
            .filter(|_| status == status::ERR && !call.payload.is_null())
        {
            writer.boxed(error, call.payload.cast(), PAYLOAD)?;
        }
        // A pointer to a text: a list of one.
        if let Some(backtrace) = call.backtrace(status) {
            writer.texts(&[text(backtrace)], PAYLOAD)?;
        }
    }
    Ok(writer.into_bytes())
}

/// Makes pointers of an answer; how large what its payload points to is.
pub(super) fn read(
    shapes: &Shapes,
    flat: &Flat,
    payload: &mut Payload,
    status: i32,
) -> Result<usize, Malformed> {
    let library = &shapes.library;
    let mut reader = Reader::new(library, payload.bytes_mut(), HEAD + flat.results_size)?;
    if status == status::OK {
        for part in &flat.results {
            reader.value(part.ty, HEAD + part.offset)?;
        }
    }
    reader.text(MESSAGE)?;
    reader.text(LOCATION)?;
    reader.texts(CAUSES)?;
    match flat.error {
        _ if reader.is_null(PAYLOAD) => Ok(0),
        _ if status == status::PANIC => reader.one_text(PAYLOAD).map(|()| size_of::<RawText>()),
        Some(error) => reader
            .boxed(error, PAYLOAD)
            .map(|()| library.ty(error).size),
        None => Err(Malformed(
            "an error without a type has a payload".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gangplank_model::lowered::Library;

    fn shapes() -> Shapes {
        Shapes::without_functions(Library {
            prefix: String::new(),
            version: String::new(),
            abi: 1,
            docs: String::new(),
            package: String::new(),
            services: Vec::new(),
            item: Vec::new(),
            types: Vec::new(),
            objects: Vec::new(),
            functions: Vec::new(),
            constants: Vec::new(),
        })
    }

    fn nothing() -> Flat {
        Flat {
            params: Vec::new(),
            params_size: 0,
            results: Vec::new(),
            results_size: 0,
            heap: false,
            error: None,
        }
    }

    fn raw(text: &'static str) -> RawText {
        RawText {
            ptr: text.as_ptr(),
            len: text.len(),
        }
    }

    /// What the host makes of the answer to a call that ended so.
    fn answered(status: i32, call: &RawCall) -> (Payload, Result<usize, Malformed>) {
        let (shapes, flat) = (shapes(), nothing());
        // SAFETY: the call has no results, and its texts are static.
        let bytes = unsafe { write(&shapes, &flat, status, ptr::null(), call) }.unwrap();
        let mut payload = Payload::block(bytes.len());
        payload.bytes_mut().copy_from_slice(&bytes);
        let size = read(&shapes, &flat, &mut payload, status);
        (payload, size)
    }

    #[test]
    fn the_stack_of_a_panic_travels() {
        let stack = raw("0: lever::pull\n1: main");
        let mut call = RawCall::new();
        call.message = raw("too much");
        (call.payload, call.payload_len) = ((&raw const stack).cast(), size_of::<RawText>());
        let (mut payload, size) = answered(status::PANIC, &call);
        let start = payload.start();
        // SAFETY: `read` has made pointers of the head's parts, which the payload keeps.
        let (message, stack) = unsafe {
            let stack = start.add(PAYLOAD).cast::<*const RawText>().read();
            let text = |raw: RawText| buffer::bytes(raw.ptr, raw.len).to_vec();
            (text(start.cast::<RawText>().read()), text(stack.read()))
        };
        assert_eq!(size.unwrap(), size_of::<RawText>());
        assert_eq!(
            (&*message, &*stack),
            (&b"too much"[..], &b"0: lever::pull\n1: main"[..])
        );
        // Without one there is none.
        (call.payload, call.payload_len) = (ptr::null(), 0);
        assert_eq!(answered(status::PANIC, &call).1.unwrap(), 0);
    }

    /// A helper that is out of order says that there are no texts behind the pointer, or two.
    #[test]
    fn a_stack_is_one_text() {
        let stack = raw("0: lever::pull");
        let mut call = RawCall::new();
        (call.payload, call.payload_len) = ((&raw const stack).cast(), size_of::<RawText>());
        let (shapes, flat) = (shapes(), nothing());
        for count in [0_u64, 2, u64::MAX] {
            // SAFETY: as above.
            let mut bytes =
                unsafe { write(&shapes, &flat, status::PANIC, ptr::null(), &call) }.unwrap();
            bytes[PAYLOAD + 8..PAYLOAD + 16].copy_from_slice(&count.to_ne_bytes());
            let mut payload = Payload::block(bytes.len());
            payload.bytes_mut().copy_from_slice(&bytes);
            assert!(read(&shapes, &flat, &mut payload, status::PANIC).is_err());
        }
    }
}

//! Functions of another process.
//!
//! Comes in: a helper and a function's name. Goes out: a target with the same two forms as in process: bytes, and a pointer
//! that takes C structs, whose `self` is the function's [`Context`]. The helper's half of such a call is here as well.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use gangplank_model::lowered::TypeId;

use super::flat::{Malformed, Reader, Writer};
use super::peer::{Facts, Helper, error_of};
use super::shapes::{Flat, Shapes};
use super::wire::{Header, Payload, Word};
use crate::abi::{RawCall, RawDone, RawSink, RawText};
use crate::buffer;
use crate::call::{Buffer, Returned};
use crate::dynamic;
use crate::error::{Error, Kind};
use crate::expect;
use crate::fork;
use crate::target::{Bytes, CallBytes, Describe, Exports, Native, Target};

/// `gp_status`
mod status {
    pub(super) const OK: i32 = 0;
    pub(super) const ERR: i32 = 1;
    pub(super) const PENDING: i32 = 2;
    pub(super) const BAD_ARGUMENT: i32 = 3;
    pub(super) const PANIC: i32 = 8;
    pub(super) const DEADLINE: i32 = 11;
    pub(super) const ABI_MISMATCH: i32 = 12;
    pub(super) const LIMIT: i32 = 14;
    pub(super) const FORKED: i32 = 15;
    pub(super) const PEER_LOST: i32 = 16;
}

/// Before the results of an answer: message, location, payload, causes, each pointer and length.
const HEAD: usize = 64;
const MESSAGE: usize = 0;
const LOCATION: usize = 16;
const PAYLOAD: usize = 32;
const CAUSES: usize = 48;

/// A function and where it runs. `self` of its native form is the address of one.
pub(super) struct Context {
    helper: Arc<Helper>,
    shapes: Arc<Shapes>,
    index: u32,
    name: String,
    items: Vec<Vec<u8>>,
}

impl Context {
    fn flat(&self) -> Result<&Flat, Error> {
        let refused = |why| Error::new(Kind::Refused, format!("`{}`: {why}", self.name));
        self.shapes.flat(&self.name).map_err(refused)
    }
}

/// What a helper says of a function.
struct Description {
    index: u32,
    flags: u32,
    native: bool,
    /// Why it cannot be called in bytes.
    no_bytes: Option<String>,
    items: Vec<Vec<u8>>,
}

/// The helper's half of [`target`].
pub(super) fn describe(facts: &Facts, target: &Target) -> Result<Vec<u8>, Error> {
    let index = facts.functions.iter().position(|name| *name == target.name);
    let index = index.ok_or_else(|| {
        let text = format!("`{}` is not in the list of functions", target.name);
        Error::new(Kind::NotFound, text)
    })?;
    let native = target.native.as_ref();
    let flags = native.map_or(0, |native| native.flags);
    let (bytes, why) = match &target.bytes {
        Bytes::None(why) => (0, why.as_str()),
        _ => (1, ""),
    };
    let described = native.and_then(|native| native.describe);
    let items = described.map(expect::described).unwrap_or_default();
    let mut out = Vec::new();
    for number in [index as u32, flags, u32::from(native.is_some()), bytes] {
        out.extend_from_slice(&number.to_ne_bytes());
    }
    for part in [why.as_bytes()]
        .into_iter()
        .chain(items.iter().map(Vec::as_slice))
    {
        out.extend_from_slice(&(part.len() as u32).to_ne_bytes());
        out.extend_from_slice(part);
    }
    Ok(out)
}

impl Description {
    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut number = || {
            let (number, rest) = bytes.split_first_chunk()?;
            bytes = rest;
            Some(u32::from_ne_bytes(*number))
        };
        let (index, flags, native, can) = (number()?, number()?, number()?, number()?);
        let mut parts = Vec::new();
        while let Some((len, rest)) = bytes.split_first_chunk() {
            let (part, rest) = rest.split_at_checked(u32::from_ne_bytes(*len) as usize)?;
            parts.push(part.to_vec());
            bytes = rest;
        }
        let why = (!parts.is_empty()).then(|| parts.remove(0))?;
        let why = String::from_utf8_lossy(&why).into_owned();
        Some(Self {
            index,
            flags,
            native: native == 1,
            no_bytes: (can == 0).then_some(why),
            items: parts,
        })
    }
}

/// The function of this name, or what the module says instead. The native form goes with its context.
pub(super) fn target(
    name: &str,
    helper: &Arc<Helper>,
    shapes: Option<&Arc<Shapes>>,
) -> Result<(Target, Option<Arc<Context>>), Error> {
    let frame = helper.ask(Header::new(Word::Describe), name.as_bytes(), None)?;
    if let Some(error) = error_of(&frame) {
        return Err(error);
    }
    let description = Description::decode(frame.payload.bytes());
    let found = description.and_then(|found| {
        let name = helper.facts.functions.get(found.index as usize)?.clone();
        Some((found, name))
    });
    let (found, name) = found.ok_or_else(|| helper.misbehaves("no description of a function"))?;
    let Description {
        index,
        flags,
        native,
        no_bytes,
        items,
    } = found;
    let (mut context, mut why) = (None, None);
    if native && let Some(shapes) = shapes {
        match shapes.flat(&name) {
            Err(reason) => why = Some(reason),
            Ok(_) => {
                context = Some(Arc::new(Context {
                    helper: Arc::clone(helper),
                    shapes: Arc::clone(shapes),
                    index,
                    name: name.clone(),
                    items,
                }));
            }
        }
    }
    let native = context.as_ref().map(|context| {
        let this = Arc::as_ptr(context);
        Native {
            call: call_remote,
            describe: Some(Describe::With(give_items, this.cast_mut().cast())),
            flags,
            this: this as u64,
            direct: ptr::null_mut(),
            exports: Exports {
                free: Some(free_payload),
                take_error: None,
                cancel: None,
            },
        }
    });
    let bytes = match (no_bytes, why) {
        (None, _) => Bytes::Other(Box::new(Remote {
            helper: Arc::clone(helper),
            index,
        })),
        (Some(_), Some(why)) => Bytes::None(format!("{why}, and it runs in a helper process")),
        (Some(why), None) => Bytes::None(why),
    };
    let target = Target {
        name,
        native,
        bytes,
    };
    Ok((target, context))
}

/// A function in bytes.
struct Remote {
    helper: Arc<Helper>,
    index: u32,
}

impl CallBytes for Remote {
    fn call(&self, params: &[u8], want_params: bool) -> Result<Returned, Error> {
        let mut question = vec![u8::from(want_params)];
        question.extend_from_slice(params);
        let header = Header {
            function: self.index,
            ..Header::new(Word::Bytes)
        };
        let frame = self.helper.ask(header, &question, None)?;
        if let Some(error) = error_of(&frame) {
            return Err(error);
        }
        let parts = frame.payload.bytes().split_first_chunk();
        let parts = parts.and_then(|(len, rest)| {
            let len = usize::try_from(u64::from_ne_bytes(*len)).ok()?;
            rest.split_at_checked(len)
        });
        let (result, params) = parts.ok_or_else(|| self.helper.misbehaves("half an answer"))?;
        Ok(Returned {
            result: Buffer::copy_of(result),
            params: Buffer::copy_of(params),
        })
    }
}

unsafe extern "C" fn give_items(context: *mut c_void, sink: RawSink, user_data: *mut c_void) {
    // SAFETY: this goes with a context whose module the caller holds; the sink takes what it is given.
    unsafe {
        let context = &*context.cast::<Context>();
        if let Some(sink) = sink {
            for item in &context.items {
                sink(user_data, item.as_ptr(), item.len());
            }
        }
    }
}

/// The native form of every function in a helper. Nothing of this completes later.
unsafe extern "C" fn call_remote(
    this: u64,
    params: *const c_void,
    out: *mut c_void,
    call: *mut RawCall,
    _: RawDone,
    _: *mut c_void,
) -> i32 {
    // SAFETY: the caller of an entry passes NULL or a call; its first field says how much of it there is.
    if call.is_null() || unsafe { (*call).size } < size_of::<RawCall>() as u32 {
        return status::ABI_MISMATCH;
    }
    // SAFETY: whole, as checked, and the caller's for this call.
    let call = unsafe { &mut *call };
    // SAFETY: `self` is the context that stands beside this function, whose module the caller holds.
    let context = unsafe { &*(this as *const Context) };
    // SAFETY: the caller promises the structs of the function (docs/abi.md, "Entries").
    let done = catch_unwind(AssertUnwindSafe(|| unsafe {
        remote_call(context, params.cast(), out.cast(), call)
    }));
    let status = match done {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => failed(call, &error),
        Err(_) => failed(call, &Error::new(Kind::Panic, "panic in xllr")),
    };
    call.status = status;
    status
}

/// # Safety
/// As for entries.
unsafe fn remote_call(
    context: &Context,
    params: *const u8,
    out: *mut u8,
    call: &mut RawCall,
) -> Result<i32, Error> {
    fork::started()?;
    let timeout = match call.timeout_ns {
        0 => None,
        spent if spent < 0 => {
            return Err(Error::new(Kind::Deadline, "deadline: no time was left"));
        }
        some => Some(Duration::from_nanos(some.unsigned_abs())),
    };
    let library = &context.shapes.library;
    let flat = context.flat()?;
    let bad = |Malformed(text)| {
        let text = format!("`{}`: the parameters are malformed: {text}", context.name);
        Error::new(Kind::BadArgument, text)
    };
    let mut writer = Writer::new(library, flat.params_size);
    for part in &flat.params {
        // SAFETY: the parameter lies in the struct of all.
        unsafe { writer.value(part.ty, params.add(part.offset), part.offset) }.map_err(bad)?;
    }
    let header = Header {
        function: context.index,
        ..Header::new(Word::Native)
    };
    let mut frame = context.helper.ask(header, &writer.into_bytes(), timeout)?;
    if let Some(error) = error_of(&frame) {
        return Err(error);
    }
    let status = frame.header.status;
    let bad = |Malformed(text)| context.helper.misbehaves(&format!("a bad answer: {text}"));
    let error = read_answer(context, flat, &mut frame.payload, status).map_err(bad)?;
    let start = frame.payload.start();
    // SAFETY: the answer has its head and the results, as `read_answer` has found; `out` has room for them. The call's
    // earlier memory is no longer used: the parameters were copied.
    unsafe {
        dynamic::free(call);
        if status == status::OK && !out.is_null() {
            ptr::copy_nonoverlapping(start.add(HEAD), out, flat.results_size);
        }
        let text = |at: usize| start.add(at).cast::<RawText>().read();
        call.message = text(MESSAGE);
        call.location = text(LOCATION);
        let causes = text(CAUSES);
        (call.causes, call.causes_len) = (causes.ptr.cast(), causes.len);
        let payload = text(PAYLOAD);
        call.payload = payload.ptr.cast();
        call.payload_len = error
            .filter(|_| !payload.ptr.is_null())
            .map_or(0, |ty| library.ty(ty).size);
    }
    call.owned = Box::into_raw(Box::new(frame.payload)).cast();
    call.free_owned = Some(free_payload);
    Ok(status)
}

/// Makes pointers of an answer; the type of its error.
fn read_answer(
    context: &Context,
    flat: &Flat,
    payload: &mut Payload,
    status: i32,
) -> Result<Option<TypeId>, Malformed> {
    let library = &context.shapes.library;
    let mut reader = Reader::new(library, payload.bytes_mut(), HEAD + flat.results_size)?;
    if status == status::OK {
        for part in &flat.results {
            reader.value(part.ty, HEAD + part.offset)?;
        }
    }
    reader.text(MESSAGE)?;
    reader.text(LOCATION)?;
    reader.texts(CAUSES)?;
    match flat.error.filter(|_| !reader.is_null(PAYLOAD)) {
        Some(error) => reader.boxed(error, PAYLOAD).map(|()| Some(error)),
        None if reader.is_null(PAYLOAD) => Ok(None),
        None => Err(Malformed(
            "an error without a type has a payload".to_owned(),
        )),
    }
}

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
    let answer = unsafe { write_answer(shapes, flat, status, out.as_ptr().cast(), &call) };
    // SAFETY: ended, and its memory was copied.
    unsafe { dynamic::free(&mut call) };
    answer.map(|answer| (status, answer)).map_err(bad)
}

/// # Safety
/// `call` has ended with this status, its results in `out`.
unsafe fn write_answer(
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
    }
    Ok(writer.into_bytes())
}

/// Leaves an error that no function has made.
fn failed(call: &mut RawCall, error: &Error) -> i32 {
    let text = error.text().as_bytes();
    let mut payload = Payload::block(text.len());
    payload.bytes_mut().copy_from_slice(text);
    // SAFETY: what an earlier use of the call has left.
    unsafe { dynamic::free(call) };
    call.message = RawText {
        ptr: payload.start(),
        len: text.len(),
    };
    call.location = RawText::EMPTY;
    (call.payload, call.payload_len) = (ptr::null(), 0);
    (call.causes, call.causes_len) = (ptr::null(), 0);
    call.owned = Box::into_raw(Box::new(payload)).cast();
    call.free_owned = Some(free_payload);
    match error.kind() {
        Kind::BadArgument => status::BAD_ARGUMENT,
        Kind::Panic => status::PANIC,
        Kind::Deadline => status::DEADLINE,
        Kind::Mismatch => status::ABI_MISMATCH,
        Kind::Limit => status::LIMIT,
        Kind::Forked => status::FORKED,
        _ => status::PEER_LOST,
    }
}

/// What `gp_call.free_owned` points to after a call through a helper.
unsafe extern "C" fn free_payload(call: *mut RawCall) {
    // SAFETY: the caller passes the call that such a function has filled; `owned` is its payload, or was taken before.
    unsafe {
        let payload = std::mem::replace(&mut (*call).owned, ptr::null_mut());
        (*call).free_owned = None;
        if !payload.is_null() {
            drop(Box::from_raw(payload.cast::<Payload>()));
        }
    }
}

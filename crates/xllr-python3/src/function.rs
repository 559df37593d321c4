//! A call: parameters to objects, the guest's callable, its result to C.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use gangplank_cpython::{
    Fault, NoHandles, Object, Raw, Reader, Span, Why, Writer, call, ffi, thread, type_name,
};
use gangplank_model::lowered::{Function as Lowered, TypeId};

use crate::abi::{self, Call, Done, Sink};
use crate::arguments::Arguments;
use crate::fault::tell;
use crate::interface::Interface;
use crate::memory::{self, Memory};
use crate::view::View;

/// A function of an open module. Invariant: it stays where it is until its module is closed.
pub(crate) struct Function {
    /// `Calc.div`
    pub(crate) name: String,
    interface: Arc<Interface>,
    /// Its place in the lowered library.
    index: usize,
    params: Vec<Param>,
    results: Vec<Part>,
    /// Bytes of all results.
    size: usize,
    /// Of `async def`: it takes the time that it may wait first, and raises this when that is over.
    late: Option<Object>,
    callable: Object,
}

/// A value in a struct.
struct Part {
    ty: TypeId,
    offset: usize,
}

struct Param {
    name: String,
    part: Part,
    /// What the function wants instead of objects of its own.
    view: Option<View>,
}

impl Function {
    /// `views` has what makes the parameters' views, or `None`, in their order.
    pub(crate) fn new(
        interface: &Arc<Interface>,
        index: usize,
        (callable, late): (Object, Option<Object>),
        views: Vec<Option<Object>>,
    ) -> Self {
        let library = &interface.library;
        let lowered = &library.functions[index];
        let mut views = views.into_iter();
        let params = lowered.params.iter().map(|param| Param {
            name: param.name.clone(),
            part: Part {
                ty: param.ty,
                offset: param.offset,
            },
            view: View::new(library, param.ty, views.next().flatten()),
        });
        let all = lowered.results_struct.as_ref();
        let results = lowered.results.iter().enumerate().map(|(at, ty)| Part {
            ty: *ty,
            offset: all.map_or(0, |all| all.offsets[at]),
        });
        let alone = lowered.results.first().map_or(0, |ty| library.ty(*ty).size);
        Self {
            name: lowered.common.local_path().replace("::", "."),
            interface: Arc::clone(interface),
            index,
            params: params.collect(),
            results: results.collect(),
            size: all.map_or(alone, |all| all.size),
            late,
            callable,
        }
    }

    fn lowered(&self) -> &Lowered {
        &self.interface.library.functions[self.index]
    }

    /// # Safety
    /// `params` and `out` are as `docs/abi.md` says; the thread holds Python's lock.
    #[inline]
    unsafe fn run(
        &self,
        params: *const u8,
        out: *mut u8,
        memory: &mut Memory,
        timeout_ns: i64,
    ) -> Result<(), Fault> {
        let null = |what: &str| Fault::wrong(Why::Foreign, format!("{what} NULL"));
        if params.is_null() && !self.params.is_empty() {
            return Err(null("the parameters are"));
        }
        if out.is_null() && !self.results.is_empty() {
            return Err(null("the place for the result is"));
        }
        let limit = usize::from(self.late.is_some());
        // SAFETY: the caller's promise; there is a place for each argument.
        let result = unsafe {
            let mut places = Arguments::new();
            let mut arguments = places.start(limit + self.params.len());
            if limit == 1 {
                arguments.push(seconds(timeout_ns)?);
            }
            self.arguments(params, |object| arguments.push(object))?;
            call(self.callable.raw(), arguments.places())
        };
        // SAFETY: the caller's promise, and the result is an object.
        result.and_then(|result| unsafe { self.results(memory, result.raw(), out) })
    }

    /// # Safety
    /// As for [`Function::run`].
    #[inline]
    unsafe fn arguments(
        &self,
        params: *const u8,
        mut push: impl FnMut(Object),
    ) -> Result<(), Fault> {
        let reader = Reader {
            plan: &self.interface.plan,
            handles: &NoHandles,
        };
        for param in &self.params {
            // SAFETY: the caller's promise.
            let object = unsafe {
                let at = params.add(param.part.offset);
                match &param.view {
                    None => reader.read(param.part.ty, at),
                    Some(view) => view.of(at),
                }
            };
            push(object.map_err(|fault| fault.at(|| format!("`{}`", param.name)))?);
        }
        Ok(())
    }

    /// Status and text.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    #[cold]
    unsafe fn tell(&self, fault: Fault, timeout_ns: i64) -> (i32, String) {
        // SAFETY: the caller's promise; an exception that is compared is set.
        unsafe {
            match (&fault, &self.late) {
                (Fault::Raised, Some(late)) if ffi::PyErr_ExceptionMatches(late.raw()) != 0 => {
                    ffi::PyErr_Clear();
                    let seconds = timeout_ns as f64 / 1e9;
                    let text = format!("`{}` did not return within {seconds} s", self.name);
                    (abi::DEADLINE, text)
                }
                _ => tell(fault),
            }
        }
    }

    /// # Safety
    /// `result` is an object, `out` a place for the results; the thread holds Python's lock.
    #[inline]
    unsafe fn results(&self, memory: &mut Memory, result: Raw, out: *mut u8) -> Result<(), Fault> {
        let mut writer = Writer {
            plan: &self.interface.plan,
            handles: &NoHandles,
            store: memory,
        };
        // SAFETY: the caller's promise; the place is as large as the type of the result, or the struct of all.
        let written = unsafe {
            if !out.is_null() {
                ptr::write_bytes(out, 0, self.size);
            }
            match self.results.as_slice() {
                [] if result == ffi::Py_None() => Ok(()),
                [] => Err(wrong_type(format!(
                    "expected None, not {}",
                    type_name(result)
                ))),
                [only] => writer.write(only.ty, result, out),
                several => self.several(&mut writer, several, result, out),
            }
        };
        written.map_err(|fault| fault.at(|| format!("`{}` returned a wrong value", self.name)))
    }

    /// # Safety
    /// As for [`Function::results`].
    unsafe fn several(
        &self,
        writer: &mut Writer<'_, &mut Memory>,
        parts: &[Part],
        result: Raw,
        out: *mut u8,
    ) -> Result<(), Fault> {
        let count = parts.len();
        // SAFETY: the caller's promise. The tuple is ours: what a value's own code does to a list does not move it.
        unsafe {
            if ffi::PyTuple_Check(result) == 0 && ffi::PyList_Check(result) == 0 {
                let text = format!("expected a tuple of {count}, not {}", type_name(result));
                return Err(wrong_type(text));
            }
            let result = Object::new(ffi::PySequence_Tuple(result))?;
            let found = ffi::PyTuple_Size(result.raw()) as usize;
            if found != count {
                return Err(wrong_type(format!("expected {count} values, not {found}")));
            }
            for (index, part) in parts.iter().enumerate() {
                let item = ffi::PyTuple_GetItem(result.raw(), index as ffi::Py_ssize_t);
                writer
                    .write(part.ty, item, out.add(part.offset))
                    .map_err(|fault| fault.at(|| format!("value {}", index + 1)))?;
            }
            Ok(())
        }
    }
}

#[cold]
fn wrong_type(text: String) -> Fault {
    Fault::wrong(Why::Type, text)
}

/// What a coroutine's caller waits: seconds, or `None`.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn seconds(timeout_ns: i64) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        match timeout_ns {
            0 => Object::share(ffi::Py_None()),
            some => Object::new(ffi::PyFloat_FromDouble(some as f64 / 1e9)),
        }
    }
}

/// The uniform form (`docs/abi.md`); `this` is the function.
pub(crate) unsafe extern "C" fn uniform(
    this: u64,
    params: *const c_void,
    out: *mut c_void,
    call: *mut Call,
    _: Done,
    _: *mut c_void,
) -> i32 {
    if call.is_null() || this == 0 {
        return abi::BAD_ARGUMENT;
    }
    // SAFETY: the caller passes a call, which starts with its size; when it is large enough all of it is there, and nobody
    // else uses it now. `this` is a function of ours whose module is open.
    let (call, function) = unsafe {
        if ((*call).size as usize) < size_of::<Call>() {
            return abi::ABI_MISMATCH;
        }
        (&mut *call, &*(this as usize as *const Function))
    };
    memory::forget(call);
    call.message = Span::EMPTY;
    call.location = Span::EMPTY;
    (call.payload, call.payload_len) = (ptr::null(), 0);
    (call.causes, call.causes_len) = (ptr::null(), 0);
    let mut memory = Memory::new(call);
    let timeout = call.timeout_ns;
    let run = || {
        if thread::forked() || timeout < 0 {
            return Err(refused());
        }
        // SAFETY: the caller's promise (`docs/abi.md`); this thread holds the lock.
        let body = || unsafe {
            function
                .run(params.cast(), out.cast(), &mut memory, timeout)
                .map_err(|fault| function.tell(fault, timeout))
        };
        thread::within(body).unwrap_or_else(|refused| Err(shut_out(refused)))
    };
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let text = "the runtime of Python panicked".to_owned();
        Err((abi::PANIC, text))
    });
    let status = match outcome {
        Ok(()) => abi::OK,
        Err((status, text)) => {
            call.message = memory.copy(text.as_bytes());
            status
        }
    };
    memory.give(call);
    call.status = status;
    status
}

/// Why a call is not begun.
#[cold]
fn refused() -> (i32, String) {
    let (status, text) = match thread::forked() {
        true => (
            abi::FORKED,
            "forked: Python's other threads are not in this process",
        ),
        false => (abi::DEADLINE, "the time was up before the call"),
    };
    (status, text.to_owned())
}

/// Why a call does not get Python's lock.
#[cold]
fn shut_out(refused: thread::Refused) -> (i32, String) {
    let status = match refused {
        thread::Refused::SubInterpreter => abi::BAD_ARGUMENT,
        thread::Refused::Ending => abi::CLOSED,
    };
    (status, refused.to_string())
}

/// Reports the items of a function and of everything that it reaches; `context` is the function.
pub(crate) unsafe extern "C" fn describe(context: *mut c_void, sink: Sink, user_data: *mut c_void) {
    let Some(sink) = sink.filter(|_| !context.is_null()) else {
        return;
    };
    // SAFETY: the context is a function of ours whose module is open; the sink takes what the caller gives with it.
    unsafe {
        let function = &*context.cast::<Function>().cast_const();
        let depends = &function.lowered().depends;
        for item in depends
            .iter()
            .filter_map(|item| function.interface.items.get(&item.path))
        {
            sink(user_data, item.as_ptr(), item.len());
        }
    }
}

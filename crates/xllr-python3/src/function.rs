//! A call: parameters to objects, the guest's callable, its result to C.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gangplank_cpython::{
    Fault, NoHandles, Object, Raw, Reader, Span, Why, Writer, call, ffi, thread, type_name,
};
use gangplank_model::lowered::Function as Lowered;

use crate::abi::{self, Call, Done, Sink};
use crate::fault::tell;
use crate::interface::Interface;
use crate::memory::Memory;

/// A function of an open module. Invariant: it stays where it is until its module is closed.
pub(crate) struct Function {
    /// `Calc.div`
    pub(crate) name: String,
    pub(crate) interface: Arc<Interface>,
    /// Its place in the lowered library.
    pub(crate) index: usize,
    /// Of `async def`: it takes the time that it may wait first, and raises this when that is over.
    pub(crate) late: Option<Object>,
    pub(crate) callable: Object,
}

impl Function {
    fn lowered(&self) -> &Lowered {
        &self.interface.library.functions[self.index]
    }

    /// # Safety
    /// `params` and `out` are as `docs/abi.md` says; the thread holds Python's lock.
    unsafe fn run(
        &self,
        params: *const u8,
        out: *mut u8,
        memory: Memory,
        timeout_ns: i64,
    ) -> Result<Memory, (Fault, Memory)> {
        let mut writer = Writer {
            plan: &self.interface.plan,
            handles: &NoHandles,
            store: memory,
        };
        // SAFETY: the caller's promise.
        let done = unsafe {
            self.arguments(params)
                .and_then(|objects| self.call(&objects, timeout_ns))
                .and_then(|result| self.results(&mut writer, result.raw(), out))
        };
        match done {
            Ok(()) => Ok(writer.store),
            Err(fault) => Err((fault, writer.store)),
        }
    }

    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn call(&self, objects: &[Object], timeout_ns: i64) -> Result<Object, Fault> {
        let mut arguments = vec![std::ptr::null_mut()];
        let Some(late) = &self.late else {
            arguments.extend(objects.iter().map(Object::raw));
            // SAFETY: all but the first are objects, and the caller's promise.
            return unsafe { call(self.callable.raw(), &mut arguments) };
        };
        let seconds = timeout_ns as f64 / 1e9;
        // SAFETY: as above; an exception that is compared is set.
        unsafe {
            let limit = match timeout_ns {
                0 => Object::share(ffi::Py_None())?,
                _ => Object::new(ffi::PyFloat_FromDouble(seconds))?,
            };
            arguments.push(limit.raw());
            arguments.extend(objects.iter().map(Object::raw));
            call(self.callable.raw(), &mut arguments).map_err(|fault| {
                if ffi::PyErr_ExceptionMatches(late.raw()) == 0 {
                    return fault;
                }
                ffi::PyErr_Clear();
                let text = format!("`{}` did not return within {seconds} s", self.name);
                Fault::wrong(Why::Late, text)
            })
        }
    }

    /// # Safety
    /// As for [`Function::run`].
    unsafe fn arguments(&self, params: *const u8) -> Result<Vec<Object>, Fault> {
        let lowered = self.lowered();
        if params.is_null() && !lowered.params.is_empty() {
            let text = "the parameters are NULL".to_owned();
            return Err(Fault::wrong(Why::Foreign, text));
        }
        let reader = Reader {
            plan: &self.interface.plan,
            handles: &NoHandles,
        };
        let mut objects = Vec::with_capacity(lowered.params.len());
        for param in &lowered.params {
            // SAFETY: the caller's promise.
            let object = unsafe { reader.read(param.ty, params.add(param.offset)) };
            objects.push(object.map_err(|fault| fault.at(|| format!("`{}`", param.name)))?);
        }
        Ok(objects)
    }

    /// # Safety
    /// `result` is an object, `out` a place for the results; the thread holds Python's lock.
    unsafe fn results(
        &self,
        writer: &mut Writer<'_, Memory>,
        result: Raw,
        out: *mut u8,
    ) -> Result<(), Fault> {
        let lowered = self.lowered();
        let place = |fault: Fault| fault.at(|| format!("`{}` returned a wrong value", self.name));
        if out.is_null() && !lowered.results.is_empty() {
            let text = "the place for the result is NULL".to_owned();
            return Err(Fault::wrong(Why::Foreign, text));
        }
        let library = &self.interface.library;
        // SAFETY: the caller's promise; the place is as large as the type of the result, or the struct of all.
        unsafe {
            match (lowered.results.as_slice(), &lowered.results_struct) {
                ([], _) if result == ffi::Py_None() => Ok(()),
                ([], _) => {
                    let text = format!("expected None, not {}", type_name(result));
                    Err(place(Fault::wrong(Why::Type, text)))
                }
                ([only], None) => {
                    std::ptr::write_bytes(out, 0, library.ty(*only).size);
                    writer.write(*only, result, out).map_err(place)
                }
                (several, all) => {
                    let size = all.as_ref().map_or(0, |all| all.size);
                    std::ptr::write_bytes(out, 0, size);
                    let count = several.len();
                    let sequence =
                        ffi::PyTuple_Check(result) != 0 || ffi::PyList_Check(result) != 0;
                    if !sequence {
                        let text =
                            format!("expected a tuple of {count}, not {}", type_name(result));
                        return Err(place(Fault::wrong(Why::Type, text)));
                    }
                    let result = Object::new(ffi::PySequence_Tuple(result))?;
                    let found = ffi::PyTuple_Size(result.raw()) as usize;
                    if found != count {
                        let text = format!("expected {count} values, not {found}");
                        return Err(place(Fault::wrong(Why::Type, text)));
                    }
                    for (index, ty) in several.iter().enumerate() {
                        let offset = all.as_ref().map_or(0, |all| all.offsets[index]);
                        let item = ffi::PyTuple_GetItem(result.raw(), index as ffi::Py_ssize_t);
                        writer
                            .write(*ty, item, out.add(offset))
                            .map_err(|fault| place(fault.at(|| format!("value {}", index + 1))))?;
                    }
                    Ok(())
                }
            }
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
    call.message = Span::EMPTY;
    call.location = Span::EMPTY;
    (call.payload, call.payload_len) = (std::ptr::null(), 0);
    (call.causes, call.causes_len) = (std::ptr::null(), 0);
    let mut memory = Memory::new(call);
    let refused = match () {
        () if thread::forked() => Some((
            abi::FORKED,
            "forked: Python's other threads are not in this process",
        )),
        () if call.timeout_ns < 0 => Some((abi::DEADLINE, "the time was up before the call")),
        () => None,
    };
    let outcome = match refused {
        Some((status, text)) => Err((status, text.to_owned())),
        None => {
            let timeout = call.timeout_ns;
            let run = || {
                let _held = thread::enter();
                // SAFETY: the caller's promise (`docs/abi.md`); this thread holds the lock.
                unsafe {
                    match function.run(
                        params.cast(),
                        out.cast(),
                        std::mem::replace(&mut memory, Memory::new(&Call::NONE)),
                        timeout,
                    ) {
                        Ok(used) => (Ok(()), used),
                        Err((fault, used)) => (Err(tell(fault)), used),
                    }
                }
            };
            match catch_unwind(AssertUnwindSafe(run)) {
                Ok((outcome, used)) => {
                    memory = used;
                    outcome
                }
                Err(_) => Err((abi::PANIC, "the runtime of Python panicked".to_owned())),
            }
        }
    };
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

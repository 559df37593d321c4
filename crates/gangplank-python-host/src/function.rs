//! A function, and a call of it: arguments to C structs, across, results to objects.
//!
//! Everything that a call needs is looked up before the first one: places of parameters and results, interned names, the
//! module's pointer. A call allocates its results and nothing else while its arguments fit the frame.

mod keywords;

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Raw, Reader, Writer, ffi, str_of};
use gangplank_model::lowered::{Function as Lowered, Mode, TypeId};
use xllr::abi::{IN_PYTHON, RawCall};
use xllr::{Prepared, Typed};

use crate::errors::{self, Raised, raise, raise_fault, raise_status, raise_xllr, type_error};
use crate::frame::{Frame, Room, zero};
use crate::library::{Library, called};
use crate::object::{Owned, handle_of};
use crate::python::{none, without_lock};

/// A value's type and its place in a struct.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) ty: TypeId,
    pub(crate) offset: usize,
}

/// A function. Invariant: it lives as long as the process.
pub(crate) struct Function {
    pub(crate) library: &'static Library,
    lowered: &'static Lowered,
    /// For messages: `div`, `Timer.echo`.
    pub(crate) name: String,
    names: Vec<Object>,
    params: Vec<Slot>,
    params_size: usize,
    results: Vec<Slot>,
    results_size: usize,
    pub(crate) error: Option<TypeId>,
    pub(crate) owned: Owned,
    /// Of a method, the object.
    pub(crate) object: Option<usize>,
    pub(crate) is_async: bool,
    ready: OnceLock<Ready>,
}

/// A function of the module.
pub(crate) struct Ready {
    typed: Typed,
    /// Whether the guest wants Python's lock anyway, and takes it from whoever has it on this thread.
    keeps_lock: bool,
}

/// How much memory results may take before the other side allocates.
const SCRATCH: usize = 1024;

impl Function {
    /// # Safety
    /// The thread holds Python's lock; `params` is a sequence of names, one for each parameter.
    pub(crate) unsafe fn new(
        library: &'static Library,
        path: &str,
        name: &str,
        params: &Object,
    ) -> Result<&'static Self, Raised> {
        let lowered = library.function(path)?;
        let interface = &library.interface;
        let ty = |id: TypeId| interface.ty(id);
        let mut names = Vec::new();
        // SAFETY: the caller's promise.
        unsafe {
            let count = ffi::PySequence_Size(params.raw());
            if count != lowered.params.len() as ffi::Py_ssize_t {
                let wanted = lowered.params.len();
                let text = format!("{path} has {wanted} parameters, not {count}");
                return Err(type_error(&text));
            }
            for index in 0..count {
                let name = Object::new(ffi::PySequence_GetItem(params.raw(), index))?;
                let mut raw = name.into_raw();
                ffi::PyUnicode_InternInPlace(&mut raw);
                names.push(Object::new(raw)?);
            }
        }
        let slots = lowered.params.iter().map(|param| Slot {
            ty: param.ty,
            offset: param.offset,
        });
        let params: Vec<Slot> = slots.collect();
        let end = |slots: &[Slot]| {
            let ends = slots.iter().map(|slot| slot.offset + ty(slot.ty).size);
            ends.max().unwrap_or(0).next_multiple_of(8)
        };
        let (results, results_size) = results(library, lowered);
        let object = interface.objects.iter().position(|object| {
            let mut methods = object.methods.iter();
            methods.any(|method| ptr::eq(method, lowered))
        });
        Ok(Box::leak(Box::new(Self {
            library,
            name: name.to_owned(),
            names,
            params_size: end(&params),
            params,
            results,
            results_size,
            error: lowered.error,
            owned: Owned::new(library),
            object,
            is_async: lowered.mode == Mode::Async,
            ready: OnceLock::new(),
            lowered,
        })))
    }

    /// The function in the module.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn ready(&'static self) -> Result<&'static Ready, Raised> {
        match self.ready.get() {
            Some(ready) => Ok(ready),
            // SAFETY: the caller's promise.
            None => unsafe { self.prepare() },
        }
    }

    #[cold]
    unsafe fn prepare(&'static self) -> Result<&'static Ready, Raised> {
        // SAFETY: the promise of `ready`.
        let typed = unsafe {
            self.library.plan()?;
            let opened = self.library.opened()?;
            let name = called(&self.library.interface, self.lowered);
            let find = || self.library.typed(opened, &name, self.lowered);
            without_lock(find).map_err(|error| raise_xllr(&error))?
        };
        if typed.prepared().is_none() && (self.is_async || self.object.is_some()) {
            let text = format!("{} cannot be called in bytes", self.name);
            return Err(raise("LoadError", &text));
        }
        let flags = typed.prepared().map_or(0, Prepared::flags);
        let ready = Ready {
            typed,
            keeps_lock: flags & IN_PYTHON != 0,
        };
        Ok(self.ready.get_or_init(|| ready))
    }

    /// What makes objects of this function's values.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn reader(&'static self) -> Result<Reader<'static>, Raised> {
        // SAFETY: the caller's promise.
        unsafe { self.library.reader(&self.owned) }
    }

    #[inline]
    pub(crate) fn arity(&self) -> usize {
        self.params.len()
    }

    #[inline]
    pub(crate) fn params_size(&self) -> usize {
        self.params_size
    }

    #[inline]
    pub(crate) fn results_size(&self) -> usize {
        self.results_size
    }

    /// Calls a function that is not async; `object` is that of a method.
    ///
    /// # Safety
    /// `arguments` are `count` objects, followed by those that `keywords`, a tuple of names or NULL, names; the thread holds
    /// Python's lock.
    #[inline]
    pub(crate) unsafe fn call(
        &'static self,
        object: Raw,
        arguments: *const Raw,
        count: usize,
        keywords: Raw,
    ) -> Result<Object, Raised> {
        // SAFETY: the caller's promise. Frame and rooms outlive the call, after which everything is read.
        unsafe {
            let ready = self.ready()?;
            let this = self.this(ready, object)?;
            let (frame, mut params, mut out) = (Frame::new(), Room::new(), Room::new());
            let params = params.zeroed(self.params_size);
            if keywords.is_null() && count == self.params.len() {
                self.write(&frame, params, arguments)?;
            } else {
                let ordered = self.order(arguments, count, keywords)?;
                self.write(&frame, params, ordered.as_ptr())?;
            }
            let out = out.place(self.results_size);
            let mut scratch = MaybeUninit::<[u128; SCRATCH / 16]>::uninit();
            let mut call = Ended::new(scratch.as_mut_ptr().cast(), SCRATCH);
            let mut across = || ready.enter(this, params.cast(), out.cast(), &mut call.0);
            let status = match ready.keeps_lock {
                true => across(),
                false => without_lock(across),
            };
            match status {
                Ok(errors::OK) => self.read(out),
                Ok(status) => Err(raise_status(self, status, &call.0)),
                Err(error) => Err(raise_xllr(&error)),
            }
        }
    }

    /// What is passed as `self`.
    ///
    /// # Safety
    /// `object` is one if this is a method; the thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn this(&self, ready: &Ready, object: Raw) -> Result<u64, Raised> {
        match self.object {
            // SAFETY: the caller's promise.
            Some(index) => unsafe { handle_of(self.library, index, object) }
                .map_err(|fault| raise_fault(fault, &self.name)),
            None => Ok(ready.typed.prepared().map_or(0, Prepared::this)),
        }
    }

    /// Writes the arguments.
    ///
    /// # Safety
    /// `arguments` is an object for each parameter, and they outlive what is done with the frame; `at` is a zeroed struct of
    /// the parameters; the thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn write(
        &'static self,
        frame: &Frame,
        at: *mut u8,
        arguments: *const Raw,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let mut writer = Writer {
                plan: self.library.plan()?,
                handles: &self.owned,
                store: frame,
            };
            for (index, slot) in self.params.iter().enumerate() {
                let object = *arguments.add(index);
                let written = writer.write(slot.ty, object, at.add(slot.offset));
                if let Err(fault) = written {
                    return Err(self.refuse(fault, index));
                }
            }
        }
        Ok(())
    }

    /// # Safety
    /// The thread holds Python's lock.
    #[cold]
    unsafe fn refuse(&self, fault: Fault, index: usize) -> Raised {
        // SAFETY: the caller's promise; names are texts.
        let param = unsafe { str_of(self.names[index].raw()) }.unwrap_or("?");
        raise_fault(fault, &format!("{}() argument '{param}'", self.name))
    }

    /// Makes objects of the results.
    ///
    /// # Safety
    /// `out` is the struct of the results of a call that ended well; the thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn read(&'static self, out: *const u8) -> Result<Object, Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let read = match self.results.as_slice() {
                [] => return Ok(none()),
                [only] => self.reader()?.read(only.ty, out),
                several => tuple(&self.reader()?, several, out),
            };
            read.map_err(|fault| raise_fault(fault, &format!("the result of {}()", self.name)))
        }
    }
}

/// Makes a tuple of several results.
///
/// # Safety
/// As for [`Function::read`].
unsafe fn tuple(reader: &Reader<'_>, slots: &[Slot], out: *const u8) -> Result<Object, Fault> {
    let mut next = 0;
    // SAFETY: the caller's promise; each place of the tuple is filled once.
    let mut read = || unsafe {
        let tuple = Object::new(ffi::PyTuple_New(slots.len() as ffi::Py_ssize_t))?;
        for (index, slot) in slots.iter().enumerate() {
            next = index + 1;
            let value = reader.read(slot.ty, out.add(slot.offset))?;
            ffi::PyTuple_SetItem(tuple.raw(), index as ffi::Py_ssize_t, value.into_raw());
        }
        Ok(tuple)
    };
    let tuple = read();
    if tuple.is_err() {
        for slot in &slots[next..] {
            // SAFETY: the caller's promise; these were not read.
            unsafe { reader.release(slot.ty, out.add(slot.offset)) };
        }
    }
    tuple
}

/// Where the results lie, and how large the struct of them is.
fn results(library: &Library, lowered: &Lowered) -> (Vec<Slot>, usize) {
    let one = |ty: &TypeId, offset| Slot { ty: *ty, offset };
    match &lowered.results_struct {
        Some(several) => {
            let slots = lowered.results.iter().zip(&several.offsets);
            let slots = slots.map(|(ty, offset)| one(ty, *offset));
            (slots.collect(), several.size)
        }
        None => {
            let size = |ty: &TypeId| library.interface.ty(*ty).size;
            let all = lowered.results.iter().map(|ty| one(ty, 0)).collect();
            (all, lowered.results.first().map_or(0, size))
        }
    }
}

impl Ready {
    /// Enters the module.
    ///
    /// # Safety
    /// As `docs/abi.md` says of entries.
    #[inline]
    unsafe fn enter(
        &self,
        this: u64,
        params: *const c_void,
        out: *mut c_void,
        call: &mut RawCall,
    ) -> Result<i32, xllr::Error> {
        // SAFETY: the caller's promise.
        unsafe {
            match self.typed.prepared() {
                Some(native) => Ok(native.call(this, params, out, call, None, ptr::null_mut())),
                None => self.typed.call(params, out, call),
            }
        }
    }

    /// The module's function in C structs; async functions have it.
    pub(crate) fn native(&self) -> Option<&Prepared> {
        self.typed.prepared()
    }
}

/// A call whose memory is freed with it.
pub(crate) struct Ended(pub(crate) RawCall);

impl Ended {
    /// A call with room for results: what `RawCall::with_scratch` makes, without a call of `memset`.
    #[inline]
    fn new(scratch: *mut u8, scratch_len: usize) -> Self {
        const { assert!(size_of::<RawCall>().is_multiple_of(8)) };
        let mut call = MaybeUninit::<RawCall>::uninit();
        // SAFETY: as many words as a call has; zeros are one without anything.
        let mut call = unsafe {
            zero(call.as_mut_ptr().cast(), size_of::<RawCall>() / 8);
            call.assume_init()
        };
        call.size = size_of::<RawCall>() as u32;
        (call.scratch, call.scratch_len) = (scratch, scratch_len);
        Self(call)
    }
}

impl Drop for Ended {
    #[inline]
    fn drop(&mut self) {
        if !self.0.owned.is_null()
            && let Some(free) = self.0.free_owned
        {
            // SAFETY: whoever set `owned` set the function that frees it.
            unsafe { free(&mut self.0) };
        }
    }
}

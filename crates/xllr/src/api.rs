//! The same for Rust: runtimes, modules and functions as values.

use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::abi::{RawCall, RawDone, RawFunction, RawScalar, RawUniform};
use crate::call;
use crate::dynamic::Translated;
use crate::error::{Error, Kind};
use crate::expect::{self, Expected};
use crate::fork;
use crate::loader::{self, Loaded};
use crate::options::Options;
use crate::prepared;
use crate::runtime;
use crate::target::{Bytes, Target};

/// A loaded runtime.
#[derive(Clone)]
pub struct Runtime {
    loaded: Arc<Loaded>,
    name: String,
}

impl Runtime {
    /// Loads a runtime, or finds it loaded: `native`, `test`, or a plugin.
    ///
    /// # Errors
    /// There is no such runtime, or it cannot be loaded.
    pub fn load(name: &str) -> Result<Self, Error> {
        fork::started()?;
        Ok(Self {
            loaded: loader::whole_runtime(name)?,
            name: name.to_owned(),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Loads a module, or finds it loaded.
    ///
    /// # Errors
    /// It is not found, is no module, or the runtime's limits forbid it.
    pub fn module(&self, name: &str, options: &Options) -> Result<Module, Error> {
        fork::started()?;
        let module = self.loaded.load(name, options)?;
        Ok(Module { module })
    }

    /// Forgets the runtime and its modules for the whole process. Modules and functions that are held stay usable.
    ///
    /// # Errors
    /// There is no such runtime.
    pub fn free(name: &str) -> Result<(), Error> {
        fork::started()?;
        loader::free_runtime(name)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runtime").field(&self.name).finish()
    }
}

/// A loaded module. It stays loaded at least as long as this.
#[derive(Clone)]
pub struct Module {
    module: Arc<dyn runtime::Module>,
}

impl Module {
    /// Loads a module, and its runtime, or finds them loaded.
    ///
    /// # Errors
    /// As for [`Runtime::load`] and [`Runtime::module`].
    pub fn open(runtime: &str, name: &str, options: &Options) -> Result<Self, Error> {
        fork::started()?;
        let module = loader::runtime(runtime, options)?.load(name, options)?;
        Ok(Self { module })
    }

    /// The module of this name as it was loaded, with whatever options; else loads it.
    ///
    /// # Errors
    /// As for [`Module::open`]; also when the name means several loaded modules.
    pub fn find(runtime: &str, name: &str) -> Result<Self, Error> {
        fork::started()?;
        let module = loader::runtime(runtime, &Options::default())?.find(name)?;
        Ok(Self { module })
    }

    /// Forgets a module for the whole process. Modules and functions that are held stay usable.
    ///
    /// # Errors
    /// There is no such runtime.
    pub fn free(runtime: &str, name: &str) -> Result<(), Error> {
        fork::started()?;
        loader::free_module(runtime, name)
    }

    /// Its path.
    #[must_use]
    pub fn location(&self) -> &str {
        self.module.location()
    }

    /// The names of its functions, sorted.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        self.module.functions()
    }

    /// The address of what a library made with Gangplank exports as `<lib>_<name>` (`docs/abi.md`: `close`, `release` …),
    /// valid as long as the module. `None` when it does not, and for modules of other kinds.
    #[must_use]
    pub fn export(&self, name: &str) -> Option<NonNull<c_void>> {
        self.module.export(name)
    }

    /// A function: `Calc.div`, or `div` when that says it all.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn function(&self, name: &str) -> Result<Function, Error> {
        fork::started()?;
        Ok(Function {
            target: self.module.find(name)?,
            module: Arc::clone(&self.module),
        })
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Module").field(&self.location()).finish()
    }
}

/// A function of a module, which stays loaded at least as long as this.
#[derive(Clone)]
pub struct Function {
    target: Arc<Target>,
    module: Arc<dyn runtime::Module>,
}

impl Function {
    /// Its full name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.target.name
    }

    /// Calls it: the bytes of the request's message in, those of the response's out.
    ///
    /// # Errors
    /// [`Kind::Failed`] is the function's own error. Others: it cannot be called in bytes, too many bytes, a forked child.
    pub fn call_bytes(&self, params: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.call_raw(params, false)?.result.bytes().to_vec())
    }

    /// The same, with the memory as it came.
    pub(crate) fn call_raw(&self, params: &[u8], changed: bool) -> Result<call::Returned, Error> {
        fork::started()?;
        call::call(&self.target, params, changed)
    }

    /// Compares the function's interface with what a host expects.
    ///
    /// # Errors
    /// [`Kind::Mismatch`], with every item that differs.
    pub fn check(&self, expected: &Expected) -> Result<(), Error> {
        let native = self.target.native.as_ref();
        expect::check(expected, &*self.module, &self.target.name, native)
    }

    /// The function in C structs.
    ///
    /// # Errors
    /// It has no native form, or is not what is expected.
    pub fn prepare(&self, expected: Option<&Expected>) -> Result<Prepared, Error> {
        if let Some(expected) = expected {
            self.check(expected)?;
        }
        let native = self.target.native.as_ref().ok_or_else(|| {
            let why = match &self.target.bytes {
                Bytes::None(why) => format!(": {why}"),
                _ => String::new(),
            };
            let text = format!(
                "`{}` in `{}` has no native form{why}",
                self.name(),
                self.module.location()
            );
            Error::new(Kind::Refused, text)
        })?;
        Ok(Prepared {
            call: native.call,
            this: native.this,
            flags: native.flags,
            function: self.clone(),
        })
    }

    /// The function for a host that knows its interface: natively where the module has the same, else in protobuf.
    ///
    /// `items` are the bytes of the function's item and of every type that it reaches.
    ///
    /// # Errors
    /// It is not what is expected, or can be called in neither form.
    pub fn typed(&self, expected: &Expected, items: &[&[u8]]) -> Result<Typed, Error> {
        let described = self.target.native.as_ref();
        let (form, scalar) = match described.filter(|native| native.describe.is_some()) {
            Some(native) => (Form::Native(self.prepare(Some(expected))?), native.scalar()),
            None => (Form::Bytes(Box::new(Translated::new(items)?)), None),
        };
        Ok(Typed {
            form,
            scalar,
            function: self.clone(),
        })
    }

    /// The function for C; whoever gets it gives it back.
    pub(crate) fn to_raw(&self) -> RawFunction {
        prepared::raw(&self.target, &self.module)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Function").field(&self.name()).finish()
    }
}

/// A function that was found, and is called through a pointer: no lookup and no text per call.
#[derive(Clone, Debug)]
pub struct Prepared {
    call: RawUniform,
    this: u64,
    flags: u32,
    function: Function,
}

impl Prepared {
    /// Sum of the `GP_ENTRY_…` flags.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.flags
    }

    /// What to pass as `self` of a function that is not a method.
    #[must_use]
    pub fn this(&self) -> u64 {
        self.this
    }

    /// The function that this is.
    #[must_use]
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Calls it; the status is one of `gp_status`.
    ///
    /// # Safety
    /// As `docs/abi.md` says of entries: `params` points to the struct of the parameters, `out` to one for the result,
    /// `call` is a started [`RawCall`]; of an async function `out` and `call` live until `done` has run.
    #[inline]
    pub unsafe fn call(
        &self,
        this: u64,
        params: *const c_void,
        out: *mut c_void,
        call: *mut RawCall,
        done: RawDone,
        user_data: *mut c_void,
    ) -> i32 {
        // SAFETY: the caller promises what the function asks for; its module is held here.
        unsafe { (self.call)(this, params, out, call, done, user_data) }
    }
}

/// A function whose interface the host knows.
pub struct Typed {
    form: Form,
    scalar: Option<RawScalar>,
    function: Function,
}

enum Form {
    Native(Prepared),
    Bytes(Box<Translated>),
}

impl Typed {
    /// The function that this is.
    #[must_use]
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Whether values cross as they lie in memory.
    #[must_use]
    pub fn is_native(&self) -> bool {
        matches!(self.form, Form::Native(_))
    }

    /// The function in C structs, for calls with an object or a completion; `None` when it is there in bytes alone.
    #[must_use]
    pub fn prepared(&self) -> Option<&Prepared> {
        match &self.form {
            Form::Native(prepared) => Some(prepared),
            Form::Bytes(_) => None,
        }
    }

    /// The function in the scalar form, to be called at once with numbers alone. `None` when it is not there in this form, and
    /// in a forked child, where [`call`](Self::call) says so.
    #[inline]
    #[must_use]
    pub fn scalar(&self) -> Option<RawScalar> {
        self.scalar.filter(|_| !fork::is_child())
    }

    /// Moves the error of a call in the scalar form out of its slot.
    pub fn take_error(&self, slot: u32, call: &mut RawCall) {
        if let Some(native) = &self.function.target.native
            && let Some(take) = native.exports.take_error
        {
            // SAFETY: a call of our own; the module that exports this is held here.
            unsafe { take(slot, call) };
        }
    }

    /// Calls it; the status is one of `gp_status`. What the results refer to is there until `call` is freed.
    ///
    /// # Errors
    /// Those of a call in bytes. The others are in `call`.
    ///
    /// # Safety
    /// As `docs/abi.md` says of entries: `params` points to the struct of the parameters, `out` to one for the result,
    /// NULL when there are none.
    #[inline]
    pub unsafe fn call(
        &self,
        params: *const c_void,
        out: *mut c_void,
        call: &mut RawCall,
    ) -> Result<i32, Error> {
        match &self.form {
            Form::Native(native) => {
                fork::started()?;
                // SAFETY: the caller's promise; the function is sync, so it uses nothing after it has returned.
                Ok(unsafe {
                    native.call(native.this, params, out, call, None, std::ptr::null_mut())
                })
            }
            Form::Bytes(translated) => {
                let bytes = |request: &[u8]| self.function.call_bytes(request);
                // SAFETY: the caller's promise is the same.
                unsafe { translated.call(bytes, params, out, call) }.map(|()| 0)
            }
        }
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Typed").field(&self.function.name()).finish()
    }
}

//! The runtime `native`: shared libraries.
//!
//! Comes in: the path of a library. Goes out: a module, after its file was read ([`image`]), after the limits of Go were
//! looked at ([`go`]) and its functions were found ([`names`]). [`dl`] is the only place that opens anything.

mod dl;
mod go;
mod image;
mod names;

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Arc;

use gangplank_model::model::{Function, Interface, Name};

use crate::abi::{NATIVE_ABI, RawCall, RawEntry, RawExplain, RawVersion};
use crate::dynamic;
use crate::error::{Error, Kind};
use crate::isolate;
use crate::options::Options;
use crate::runtime::{Module, Runtime};
use crate::search;
use crate::target::{Describe, Exports, Native as NativeForm, Target};
pub(crate) use dl::Handle;
use image::Image;
use names::Names;

/// What it is called.
pub(crate) const NAME: &str = "native";

/// The runtime. It has no state: what is loaded is the process's.
pub(crate) struct Native;

impl Runtime for Native {
    fn locate(&self, name: &str, options: &Options) -> Result<String, Error> {
        located(name, options)
    }

    fn open(&self, location: &str, options: &Options) -> Result<Arc<dyn Module>, Error> {
        let path = Path::new(location);
        let image = Image::read(path)?;
        let handle = if image.go {
            match go::open(path, options.in_process)? {
                go::Opened::Here(handle) => handle,
                go::Opened::Second(why) => return isolate::open(NAME, location, &why, options),
            }
        } else {
            Handle::open(path)?
        };
        Library::new(location, &image, handle).map(|library| Arc::new(library) as Arc<dyn Module>)
    }
}

/// The file that a name means.
pub(crate) fn located(name: &str, options: &Options) -> Result<String, Error> {
    utf8(search::find(name, options)?)
}

/// A path as text.
pub(crate) fn utf8(path: PathBuf) -> Result<String, Error> {
    path.into_os_string().into_string().map_err(|path| {
        let text = format!("the path {path:?} is not UTF-8");
        Error::new(Kind::BadArgument, text)
    })
}

/// The interface in a library's file.
pub(crate) fn interface(path: &Path) -> Option<Interface> {
    Image::read(path).ok()?.interface
}

/// Opens a library that is no module, and stays.
pub(crate) fn open_kept(path: &Path) -> Result<Handle, Error> {
    Image::read(path)?;
    let mut handle = Handle::open(path)?;
    handle.keep();
    Ok(handle)
}

/// A loaded library.
struct Library {
    location: String,
    /// What its exports start with; `None` of a library without an interface.
    prefix: Option<String>,
    names: Names,
    explain: Option<RawExplain>,
    /// Last: the pointers above go into it.
    handle: Handle,
}

impl Library {
    fn new(location: &str, image: &Image, mut handle: Handle) -> Result<Self, Error> {
        let bad = |text: String| Error::new(Kind::BadModule, format!("`{location}` {text}"));
        let mut names = Names::new(image.foreign.iter().filter_map(|symbol| {
            // SAFETY: an exported `Foreign…` function has this type (docs/xllr.md).
            let call = unsafe { handle.function(symbol) }?;
            Some((symbol.as_str(), call))
        }));
        let mut explain = None;
        if let Some(interface) = &image.interface {
            // Its threads may be running at any time.
            handle.keep();
            let library = &interface.library.name;
            check_abi(&handle, library).map_err(bad)?;
            // SAFETY: a Gangplank library exports functions of these types (docs/abi.md).
            let exports = unsafe {
                explain = handle.function(&format!("{library}_explain"));
                Exports {
                    free: handle.function(&format!("{library}_free")),
                    take_error: handle.function(&format!("{library}_take_error")),
                    cancel: handle.function(&format!("{library}_cancel")),
                }
            };
            let shared = dynamic::Shared::new(interface);
            for (name, function) in functions(interface) {
                let native = entry(&handle, function, exports).map_err(bad)?;
                let bytes = dynamic::bytes(function, native.as_ref(), &shared);
                names.declare(name, native, bytes);
            }
        }
        names.finish();
        if image.interface.is_none() && names.is_empty() {
            return Err(bad(
                "is no module: it carries no interface and exports no Foreign function".to_owned(),
            ));
        }
        Ok(Self {
            location: location.to_owned(),
            prefix: image
                .interface
                .as_ref()
                .map(|interface| interface.library.name.clone()),
            names,
            explain,
            handle,
        })
    }
}

impl Module for Library {
    fn location(&self) -> &str {
        &self.location
    }

    fn functions(&self) -> Vec<String> {
        self.names.all()
    }

    fn find(&self, function: &str) -> Result<Arc<Target>, Error> {
        self.names.find(function, &self.location)
    }

    fn export(&self, name: &str) -> Option<NonNull<c_void>> {
        let symbol = format!("{}_{name}", self.prefix.as_ref()?);
        NonNull::new(self.handle.symbol(&symbol)?.cast())
    }

    fn explain(&self, item: &[u8]) -> Option<String> {
        let explain = self.explain?;
        debug_assert!(self.handle.is_kept());
        let mut call = RawCall::new();
        // SAFETY: a call of our own, and an item of this length; the text is copied before its memory is freed.
        unsafe {
            explain(item.as_ptr(), item.len(), &mut call);
            let text = crate::buffer::bytes(call.message.ptr, call.message.len);
            let text = String::from_utf8_lossy(text).into_owned();
            if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
                free(&mut call);
            }
            Some(text)
        }
    }
}

/// The functions of an interface, each with its name in XLLR.
pub(crate) fn functions(interface: &Interface) -> impl Iterator<Item = (String, &Function<Name>)> {
    let free = interface.functions.iter();
    let free = free.map(|function| (name(function), function));
    let owned = interface.objects.iter().flat_map(|object| {
        let functions = object.constructors.iter().chain(&object.methods);
        functions.map(|function| {
            let name = format!("{}.{}", object.common.name, function.common.name);
            (name, function)
        })
    });
    free.chain(owned)
}

/// `Calc.div` of an rpc.
fn name(function: &Function<Name>) -> String {
    match function.proto {
        Some(_) => function.common.local_path().replace("::", "."),
        None => function.common.name.clone(),
    }
}

fn check_abi(handle: &Handle, library: &str) -> Result<(), String> {
    let symbol = format!("{library}_abi_version");
    // SAFETY: a Gangplank library exports a function of this type (docs/abi.md).
    let version: Option<RawVersion> = unsafe { handle.function(&symbol) };
    // SAFETY: it takes nothing and reads a constant.
    match version.map(|version| unsafe { version() }) {
        Some(NATIVE_ABI) => Ok(()),
        Some(other) => Err(other_abi(other)),
        None => Err(format!("does not export {symbol}: link it as a cdylib")),
    }
}

fn other_abi(other: u32) -> String {
    format!(
        "has ABI version {other}, this XLLR knows version {NATIVE_ABI}: build it with the same Gangplank"
    )
}

/// The native form of a function; `None` when its entry is hidden.
fn entry(
    handle: &Handle,
    function: &Function<Name>,
    exports: Exports,
) -> Result<Option<NativeForm>, String> {
    let Some(entry) = handle.symbol(&format!("{}_entry", function.symbol)) else {
        return Ok(None);
    };
    let entry = entry.cast::<RawEntry>().cast_const();
    // SAFETY: the symbol of an entry is a `gp_entry` (docs/abi.md); its first field says how much of it there is.
    let (size, abi) = unsafe { ((*entry).size, (*entry).abi) };
    if abi != NATIVE_ABI || (size as usize) < size_of::<RawEntry>() {
        return Err(other_abi(abi));
    }
    // SAFETY: the entry has all fields, checked above.
    let (call, flags, describe) = unsafe { ((*entry).call, (*entry).flags, (*entry).describe) };
    let call =
        call.ok_or_else(|| format!("has an entry without a function: {}", function.symbol))?;
    Ok(Some(NativeForm {
        call,
        describe: describe.map(Describe::Entry),
        flags,
        this: 0,
        direct: handle
            .symbol(&function.symbol)
            .unwrap_or(std::ptr::null_mut()),
        exports,
    }))
}

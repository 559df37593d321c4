//! Loads modules of any language and calls functions in them.
//!
//! Comes in: the name of a runtime, of a module and of a function. Goes out: a call, in protobuf bytes by name, or through a
//! pointer in C structs. It is the only crate that opens libraries. Hosts of other languages use the shared library
//! `libxllr` with the header `xllr.h`; `docs/xllr.md` describes both.
//!
//! ```
//! use xllr::{Module, Options};
//!
//! let module = Module::open("test", "echo", &Options::default())?;
//! let echo = module.function("echo")?;
//! assert_eq!(echo.call_bytes(b"\x0a\x02hi")?, b"\x0a\x02hi");
//! assert_eq!(module.function("fail")?.call_bytes(b"no").unwrap_err().text(), "no");
//! # Ok::<(), xllr::Error>(())
//! ```

pub mod abi;
mod api;
mod buffer;
mod call;
mod capi;
mod compiler;
mod dynamic;
mod environment;
mod error;
mod expect;
mod fork;
mod isolate;
mod loader;
mod native;
mod options;
mod prepared;
mod registry;
mod runtime;
mod search;
mod target;

/// What the program `xllr-helper` does. For nobody else.
#[doc(hidden)]
#[must_use]
pub fn helper_main() -> std::process::ExitCode {
    isolate::main()
}

pub use api::{Function, Module, Prepared, Runtime, Typed};
pub use compiler::CompilerPlugin;
pub use error::{Error, Kind};
pub use expect::{Expected, ExpectedItem};
pub use options::Options;

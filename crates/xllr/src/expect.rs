//! Whether a module is the one that a host was made for.
//!
//! Comes in: what the host was generated from, and a function's entry. Goes out: nothing, or every item that differs, in
//! both shapes. Only hashes are compared: a newer toolkit may write items that this one cannot read.

use std::collections::HashMap;
use std::ffi::c_void;

use gangplank_descriptor::identity;

use crate::abi::NATIVE_ABI;
use crate::error::{Error, Kind};
use crate::runtime::Module;
use crate::target::{Describe, Native};

/// What a host expects of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The native ABI version of the host.
    pub abi: u32,
    /// The function, and every type, host function and event that it uses.
    pub items: Vec<ExpectedItem>,
}

/// One item of the interface that a host was generated from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedItem {
    /// `my_timer::EchoRequest`
    pub path: String,
    /// Its hash.
    pub hash: u64,
    /// Of a function, the hash of its lowered signature; else 0.
    pub abi_hash: u64,
    /// Its shape, for the message; may be empty.
    pub shape: String,
}

/// Compares.
pub(crate) fn check(
    expected: &Expected,
    module: &dyn Module,
    function: &str,
    native: Option<&Native>,
) -> Result<(), Error> {
    let mismatch = |text: String| Err(Error::new(Kind::Mismatch, text));
    let place = module.location();
    let Some(describe) = native.and_then(|native| native.describe) else {
        return mismatch(format!(
            "`{place}` says nothing of the interface of `{function}`: it cannot be compared with what the host expects"
        ));
    };
    if expected.abi != NATIVE_ABI {
        return mismatch(format!(
            "`{place}` has ABI version {NATIVE_ABI}, the host speaks version {}",
            expected.abi
        ));
    }
    let items = described(describe);
    let mut there = HashMap::new();
    for item in &items {
        if let Some(found) = identity(item) {
            there.insert(found.path, (found, item));
        }
    }
    let mut different = Vec::new();
    for wanted in &expected.items {
        match there.get(wanted.path.as_str()) {
            None => different.push(format!("{} is missing{}", wanted.path, shape(wanted))),
            Some((found, item)) if found.hash != wanted.hash => {
                let text = module.explain(item).unwrap_or_else(|| in_words(item));
                different.push(format!(
                    "{} has changed{}\n  module:   {text}",
                    wanted.path,
                    shape(wanted)
                ));
            }
            Some((found, _)) if found.abi_hash != wanted.abi_hash => different.push(format!(
                "{} passes its parameters or results in another way{}",
                wanted.path,
                shape(wanted)
            )),
            Some(_) => {}
        }
    }
    if different.is_empty() {
        return Ok(());
    }
    different.push(format!(
        "`{place}` is not the module that the host was made for"
    ));
    mismatch(different.join("\n"))
}

fn shape(wanted: &ExpectedItem) -> String {
    match wanted.shape.as_str() {
        "" => String::new(),
        shape => format!("\n  expected: {shape}"),
    }
}

/// Of a module that cannot explain its items itself.
fn in_words(item: &[u8]) -> String {
    gangplank_descriptor::decode(item)
        .map_or_else(|error| error.to_string(), |item| item.to_string())
}

/// The items of the function and of everything that it reaches.
pub(crate) fn described(describe: Describe) -> Vec<Vec<u8>> {
    unsafe extern "C" fn sink(items: *mut c_void, item: *const u8, len: usize) {
        // SAFETY: `items` is the list below, and an entry passes the bytes of an item.
        unsafe {
            let items = &mut *items.cast::<Vec<Vec<u8>>>();
            items.push(crate::buffer::bytes(item, len).to_vec());
        }
    }
    let mut items: Vec<Vec<u8>> = Vec::new();
    let list: *mut c_void = (&raw mut items).cast();
    // SAFETY: a target's functions are there while its module is, which the caller holds; the sink takes what is passed here.
    unsafe {
        match describe {
            Describe::Entry(describe) => describe(Some(sink), list),
            Describe::With(describe, context) => describe(context, Some(sink), list),
        }
    }
    items
}

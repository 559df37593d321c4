//! Functions of another process.
//!
//! Comes in: a helper and a function's name. Goes out: a target with the same two forms as in process: bytes, and a pointer
//! that takes C structs, whose `self` is the function's [`Context`].

use std::ffi::c_void;
use std::sync::Arc;

use super::describe::Description;
use super::native;
use super::peer::Helper;
use super::shapes::{Flat, Shapes};
use super::wire::{Header, Word};
use crate::abi::RawSink;
use crate::call::{Buffer, Returned};
use crate::error::{Error, Kind};
use crate::target::{Bytes, CallBytes, Describe, Exports, Native, Target};

/// A function and where it runs. `self` of its native form is the address of one.
pub(super) struct Context {
    pub(super) helper: Arc<Helper>,
    pub(super) shapes: Arc<Shapes>,
    pub(super) index: u32,
    pub(super) name: String,
    items: Vec<Vec<u8>>,
}

impl Context {
    pub(super) fn flat(&self) -> Result<&Flat, Error> {
        let refused = |why| Error::new(Kind::Refused, format!("`{}`: {why}", self.name));
        self.shapes.flat(&self.name).map_err(refused)
    }
}

/// The function of this name, or what the module says instead. The native form goes with its context.
pub(super) fn target(
    name: &str,
    helper: &Arc<Helper>,
    shapes: Option<&Arc<Shapes>>,
) -> Result<(Target, Option<Arc<Context>>), Error> {
    let answer = helper.ask(Header::new(Word::Describe), name.as_bytes(), None)?;
    if let Some(error) = answer.error() {
        return Err(error);
    }
    let description = Description::decode(answer.frame.payload.bytes());
    let found = description.and_then(|found| {
        let name = helper.facts.functions.get(found.index as usize)?.clone();
        Some((found, name))
    });
    let (found, name) =
        found.ok_or_else(|| helper.misbehaves(&answer, "no description of a function"))?;
    let Description {
        index,
        flags,
        native: has_native,
        no_bytes,
        items,
    } = found;
    let (mut context, mut why) = (None, None);
    if has_native && let Some(shapes) = shapes {
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
    let form = context.as_ref().map(|context| {
        let this = Arc::as_ptr(context);
        Native {
            call: native::call,
            describe: Some(Describe::With(give_items, this.cast_mut().cast())),
            flags,
            this: this as u64,
            direct: std::ptr::null_mut(),
            exports: Exports {
                free: Some(native::free_payload),
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
        native: form,
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
        let answer = self.helper.ask(header, &question, None)?;
        if let Some(error) = answer.error() {
            return Err(error);
        }
        let parts = answer.frame.payload.bytes().split_first_chunk();
        let parts = parts.and_then(|(len, rest)| {
            let len = usize::try_from(u64::from_ne_bytes(*len)).ok()?;
            rest.split_at_checked(len)
        });
        let (result, params) =
            parts.ok_or_else(|| self.helper.misbehaves(&answer, "half an answer"))?;
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

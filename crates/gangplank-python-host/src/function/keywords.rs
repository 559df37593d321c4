//! Arguments by name: which parameter each means, and what Python says of calls that do not fit.

use std::ptr;

use gangplank_cpython::{Raw, ffi, str_of};

use super::Function;
use crate::errors::{Raised, type_error};

impl Function {
    /// Arguments in the order of the parameters.
    ///
    /// # Safety
    /// As for [`Function::call`].
    #[cold]
    pub(crate) unsafe fn order(
        &self,
        arguments: *const Raw,
        count: usize,
        keywords: Raw,
    ) -> Result<Vec<Raw>, Raised> {
        let wanted = self.names.len();
        if count > wanted {
            let text = format!(
                "{}() takes {wanted} argument{} but {count} were given",
                self.name,
                if wanted == 1 { "" } else { "s" }
            );
            return Err(type_error(&text));
        }
        let mut ordered = vec![ptr::null_mut(); wanted];
        // SAFETY: the caller's promise.
        unsafe {
            for (index, place) in ordered.iter_mut().enumerate().take(count) {
                *place = *arguments.add(index);
            }
            let named = match keywords.is_null() {
                true => 0,
                false => ffi::PyTuple_Size(keywords) as usize,
            };
            for at in 0..named {
                let keyword = ffi::PyTuple_GetItem(keywords, at as ffi::Py_ssize_t);
                let place = self.place(keyword)?;
                if !ordered[place].is_null() {
                    let text = format!(
                        "{}() got multiple values for argument '{}'",
                        self.name,
                        str_of(keyword)?
                    );
                    return Err(type_error(&text));
                }
                ordered[place] = *arguments.add(count + at);
            }
            let missing: Vec<String> = ordered
                .iter()
                .zip(&self.names)
                .filter(|(place, _)| place.is_null())
                .map(|(_, name)| str_of(name.raw()).map(|name| format!("'{name}'")))
                .collect::<Result<_, _>>()?;
            if !missing.is_empty() {
                let text = format!(
                    "{}() missing required argument{}: {}",
                    self.name,
                    if missing.len() == 1 { "" } else { "s" },
                    missing.join(", ")
                );
                return Err(type_error(&text));
            }
        }
        Ok(ordered)
    }

    /// Which parameter a keyword means.
    ///
    /// # Safety
    /// `keyword` is a text; the thread holds Python's lock.
    unsafe fn place(&self, keyword: Raw) -> Result<usize, Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(place) = self.names.iter().position(|name| name.raw() == keyword) {
                return Ok(place);
            }
            let text = str_of(keyword)?;
            for (place, name) in self.names.iter().enumerate() {
                if str_of(name.raw())? == text {
                    return Ok(place);
                }
            }
            let text = format!(
                "{}() got an unexpected keyword argument '{text}'",
                self.name
            );
            Err(type_error(&text))
        }
    }
}

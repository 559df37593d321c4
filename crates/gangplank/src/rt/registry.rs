//! Which host functions are registered.
//!
//! Comes in: C callbacks by wire name, for an object or for all objects to come. Goes out: shared registrations. A call
//! in flight holds the registration it started with, so replacing one never pulls a callback away, and `user_data` is
//! released when the last holder is gone.

use core::ffi::c_void;
use std::sync::{Arc, Mutex};

use super::queue::{self, Shown};
use super::sync::lock;
use super::user::UserData;
use crate::abi::{RawHostCancel, RawHostFn, Status};

/// One host function of the host.
pub(crate) struct Registration {
    pub(crate) name: String,
    call: unsafe extern "C" fn(u64, *const c_void, *mut c_void),
    cancel: RawHostCancel,
    user: UserData,
}

impl Registration {
    /// `None` when `call` is NULL; `user` is released then.
    pub(crate) fn new(
        name: &str,
        call: RawHostFn,
        cancel: RawHostCancel,
        user: UserData,
    ) -> Option<Arc<Self>> {
        call.map(|call| {
            Arc::new(Self {
                name: name.to_owned(),
                call,
                cancel,
                user,
            })
        })
    }

    /// Calls the host. It may answer before this returns.
    pub(crate) fn call(&self, call_id: u64, request: Arc<dyn Shown>) {
        let data = request.as_ptr();
        // SAFETY: the host registered `call` for requests of this host function, together with its `user_data`, which
        // is not released before `self` is dropped.
        queue::showing(request, 0, || unsafe {
            (self.call)(call_id, data, self.user.get())
        });
    }

    /// Tells the host that nobody waits any more; a queue says why.
    pub(crate) fn cancel(&self, call_id: u64, why: Status, request: Arc<dyn Shown>) {
        if let Some(cancel) = self.cancel {
            // SAFETY: as in `call`.
            queue::showing(request, why as i32, || unsafe {
                cancel(call_id, self.user.get())
            });
        }
    }
}

/// Registrations on `self = 0`.
static DEFAULTS: Mutex<Vec<Arc<Registration>>> = Mutex::new(Vec::new());

/// What a new object with these host functions starts with.
pub(crate) fn inherited(names: &[&str]) -> Vec<Arc<Registration>> {
    if names.is_empty() {
        return Vec::new();
    }
    lock(&DEFAULTS)
        .iter()
        .filter(|registration| names.contains(&registration.name.as_str()))
        .cloned()
        .collect()
}

/// Registers for objects made from now on, or takes the registration back. Any name will do.
pub(crate) fn register_default(name: &str, registration: Option<Arc<Registration>>) {
    let before = replace(&mut lock(&DEFAULTS), name, registration);
    drop(before);
}

/// Puts a registration in the place of the one of the same name, and returns that.
pub(crate) fn replace(
    registrations: &mut Vec<Arc<Registration>>,
    name: &str,
    registration: Option<Arc<Registration>>,
) -> Option<Arc<Registration>> {
    let at = registrations.iter().position(|other| other.name == name);
    let before = at.map(|at| registrations.swap_remove(at));
    registrations.extend(registration);
    before
}

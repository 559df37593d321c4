//! Events: what the library publishes, as objects for the helper's listeners.

use std::ffi::c_void;

use gangplank_cpython::Raw;
use gangplank_model::lowered::Event;

use crate::callback::{number, tell, with_lock};
use crate::errors::{self, Raised, raise_lacking, raise_refused, span};
use crate::host::read;
use crate::library::Library;
use crate::object::{Lent, identity};
use crate::python::without_lock;

/// An event. Invariant: it lives as long as the process.
pub(crate) struct Spec {
    library: &'static Library,
    event: &'static Event,
    lent: Lent,
}

/// What listens: `user_data` of the library's invocations. It is freed by the library's release.
struct Listening {
    spec: &'static Spec,
    key: u64,
}

impl Spec {
    /// The event of this name of an object.
    pub(crate) fn new(
        library: &'static Library,
        object: &str,
        wire: &str,
    ) -> Result<&'static Self, Raised> {
        let objects = library.interface.objects.iter();
        let event = objects
            .filter(|of| of.common.path == object)
            .flat_map(|of| &of.events)
            .find(|event| event.wire == wire);
        let event = event.ok_or_else(|| library.lacks("event", wire))?;
        Ok(Box::leak(Box::new(Self {
            library,
            event,
            lent: Lent(library),
        })))
    }

    /// How many values it has.
    pub(crate) fn arity(&self) -> usize {
        self.event.params.len()
    }

    /// Adds a listener under a key of the helper's; its number in the library.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn listen(&'static self, object: Raw, key: u64) -> Result<u64, Raised> {
        // SAFETY: the caller's promise; an export has its type. The library gives `user_data` back once, whatever it says.
        unsafe {
            let (_, handle) = identity(object)?;
            let what = || format!("event {}", self.event.wire);
            let Some(add) = self.library.opened()?.exports.add_listener else {
                return Err(raise_lacking(&what(), "add_listener"));
            };
            let listening = Box::into_raw(Box::new(Listening { spec: self, key }));
            let data = listening.cast::<c_void>();
            let mut listener = 0;
            let status = without_lock(|| {
                let name = span(&self.event.wire);
                add(
                    handle,
                    name,
                    Some(fired),
                    data,
                    Some(released),
                    &mut listener,
                )
            });
            if status != errors::OK {
                return Err(raise_refused(status, &what()));
            }
            // An older library has no such export: its listeners hear of losses with the next event. An object that is
            // closed meanwhile has no listener any more.
            if let Some(tell_lost) = self.library.opened()?.exports.tell_lost {
                without_lock(|| tell_lost(listener));
            }
            Ok(listener)
        }
    }

    /// Removes a listener: no invocation starts after this.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn remove(&self, listener: u64) {
        let remove = self
            .library
            .is_open()
            .and_then(|open| open.exports.remove_listener);
        if let Some(remove) = remove {
            // SAFETY: an export has its type. The library waits for an invocation that may want the lock.
            unsafe { without_lock(|| remove(listener)) };
        }
    }
}

unsafe extern "C" fn fired(event: *const c_void, dropped: u64, data: *mut c_void) {
    // SAFETY: the library passes what listens and the event's struct.
    unsafe {
        let Listening { spec, key } = &*data.cast::<Listening>();
        with_lock(|| {
            let (key, lost) = (number(*key)?, number(dropped)?);
            let null = std::ptr::null_mut();
            if event.is_null() && dropped > 0 && spec.arity() > 0 {
                return tell("_events_lost", &mut [null, key.raw(), lost.raw()]);
            }
            let values = read(spec.library, &spec.lent, &spec.event.params, event.cast())?;
            let given = &mut [null, key.raw(), values.raw(), lost.raw()];
            tell("_event_fired", given)
        });
    }
}

unsafe extern "C" fn released(data: *mut c_void) {
    // SAFETY: the library passes what listens, for the last time.
    let listening = unsafe { Box::from_raw(data.cast::<Listening>()) };
    with_lock(|| {
        // SAFETY: the thread holds the lock.
        unsafe {
            let key = number(listening.key)?;
            tell("_event_released", &mut [std::ptr::null_mut(), key.raw()])
        }
    });
}

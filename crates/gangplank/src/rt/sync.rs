//! Locks and atomics of the runtime, in one place so that a model checker can stand in for them.
//!
//! Comes in: `std`. Goes out: the same names, and in [`modelled`] those of whatever the models explore: the slots of the
//! handle table, pending calls, the queue. Under `--cfg loom` the tests are built with loom's instead; nothing else in
//! these files knows.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic: the runtime never runs code of others under a lock that protects an invariant, so a
/// poisoned lock still guards consistent data.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the models replace: here, the standard library's.
#[cfg(not(all(test, loom)))]
pub(crate) mod modelled {
    pub(crate) use super::{AtomicU64, lock};
    pub(crate) use std::sync::atomic::fence;
    pub(crate) use std::sync::{Mutex, MutexGuard};

    /// [`std::cell::UnsafeCell`] as loom has it: every access says whether it reads or writes, so that it can be checked.
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        /// For reading.
        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// For writing.
        #[inline]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }

    /// A static that each run of a model starts anew.
    macro_rules! shared {
        ($($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;)+) => {
            $($(#[$doc])* static $name: $type = $value;)+
        };
    }
    pub(crate) use shared;
}

/// What the models replace: here, loom's.
#[cfg(all(test, loom))]
pub(crate) mod modelled {
    use std::sync::PoisonError;

    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::{AtomicU64, fence};
    pub(crate) use loom::sync::{Mutex, MutexGuard};

    /// As the real one.
    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A static that each run of a model starts anew.
    macro_rules! shared {
        ($($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;)+) => {
            loom::lazy_static! { $($(#[$doc])* static ref $name: $type = $value;)+ }
        };
    }
    pub(crate) use shared;
}

//! Things that are loaded once, whoever asks first.
//!
//! Invariant: a slot's value is set at most once, under its lock, and never replaced; freeing takes the slot out of the
//! table, and whoever still holds its value keeps that alive.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// Values by key. Loading one value blocks only who wants the same one.
pub(crate) struct Registry<K, V: ?Sized> {
    slots: RwLock<HashMap<K, Arc<Slot<V>>>>,
}

struct Slot<V: ?Sized> {
    value: OnceLock<Arc<V>>,
    loading: Mutex<()>,
}

impl<K: Hash + Eq, V: ?Sized> Registry<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            slots: RwLock::new(HashMap::new()),
        }
    }

    /// What is loaded under this key.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(key)?.value.get().cloned()
    }

    /// The same, loading it if it is not there. What fails is tried again next time.
    pub(crate) fn get_or_load<E>(
        &self,
        key: K,
        load: impl FnOnce() -> Result<Arc<V>, E>,
    ) -> Result<Arc<V>, E> {
        let slot = self.slot(key);
        let _alone = slot.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = slot.value.get() {
            return Ok(Arc::clone(value));
        }
        let value = load()?;
        Ok(Arc::clone(slot.value.get_or_init(|| value)))
    }

    /// Forgets a value; it lives on where it is still used.
    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let removed = {
            let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
            slots.remove(key)
        };
        // Outside the lock: dropping a module runs its code.
        drop(removed);
    }

    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(key).or_insert_with(|| {
            Arc::new(Slot {
                value: OnceLock::new(),
                loading: Mutex::new(()),
            })
        }))
    }
}

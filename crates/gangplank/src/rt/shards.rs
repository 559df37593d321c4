//! What waits for its end, by ids that are never used twice.
//!
//! Comes in: values, one per call, and ids. Goes out: an id for each value, and the value by its id, for as long as it is
//! listed. An id says where its value is: `generation 36 | index 24 | shard 4`. A place counts its values in the
//! generation, so an id that is late finds nothing; a place whose generations are used up is not used again. Each table
//! has generations of its own, so an id that belongs to the other finds nothing either. There are several locks, and
//! values that come one after the other lie behind different ones: threads that work at the same time seldom meet.
//!
//! The limit is exact, although who removes writes nothing that all share: `listed` counts what was ever let in, and
//! `removed` never more than what has left, so their difference is never less than what is here. When it is too much, the
//! removed are counted anew, behind every lock: who has seen a value leave finds its room.

use super::sync::Ordering;
use super::sync::modelled::{AtomicU64, Mutex, MutexGuard, lock};

const SHARD_BITS: u32 = if cfg!(loom) { 1 } else { 4 };
const INDEX_BITS: u32 = 24;
const SHARDS: usize = 1 << SHARD_BITS;
const GENERATION: u32 = SHARD_BITS + INDEX_BITS;
const LAST_GENERATION: u64 = u64::MAX >> GENERATION;
/// Whose ids these are: the generation that the places of a table start with.
pub(crate) const CALLS: u64 = 1;
/// As [`CALLS`]: of the calls of host functions.
pub(crate) const HOST_CALLS: u64 = 2;
/// From one generation of a place to its next; so no two tables have one in common.
const STEP: u64 = 2;
/// No place.
const NONE: u32 = u32::MAX;

/// Something that does not share its cache line.
#[repr(align(64))]
struct Apart<T>(T);

/// See the module.
pub(crate) struct Shards<V, const FIRST: u64> {
    shards: [Apart<Mutex<Shard<V, FIRST>>>; SHARDS],
    /// How many were ever let in. Written by who lists.
    listed: Apart<AtomicU64>,
    /// At least so many of them were removed again: what somebody who lists has last found out.
    removed: AtomicU64,
}

/// The places behind one lock.
pub(crate) struct Shard<V, const FIRST: u64> {
    places: Vec<Place<V>>,
    /// The first free place; the others follow from place to place.
    free: u32,
    /// How many values were ever taken out.
    removed: u64,
}

struct Place<V> {
    /// That of the value here, or of the next one.
    generation: u64,
    value: Option<V>,
    next: u32,
}

impl<V, const FIRST: u64> Shards<V, FIRST> {
    /// An empty one, for statics.
    #[cfg(not(all(test, loom)))]
    pub(crate) const fn new() -> Self {
        Self {
            shards: [const { Apart(Mutex::new(Shard::new())) }; SHARDS],
            listed: Apart(AtomicU64::new(0)),
            removed: AtomicU64::new(0),
        }
    }

    /// An empty one; loom's locks are not for statics.
    #[cfg(all(test, loom))]
    pub(crate) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Apart(Mutex::new(Shard::new()))),
            listed: Apart(AtomicU64::new(0)),
            removed: AtomicU64::new(0),
        }
    }

    /// Lists a value, unless as many as `limit` are listed; its id, which is not 0.
    pub(crate) fn insert(&self, limit: usize, value: V) -> Option<u64> {
        let number = self.admit(limit)?;
        let shard = number as usize % SHARDS;
        let inserted = lock(&self.shards[shard].0).insert(value);
        match inserted {
            Some((generation, index)) => {
                Some(generation << GENERATION | u64::from(index) << SHARD_BITS | shard as u64)
            }
            None => {
                self.listed.0.fetch_sub(1, Ordering::Relaxed);
                None
            }
        }
    }

    /// Counts one more, unless as many as `limit` are listed; how many were let in before it.
    fn admit(&self, limit: usize) -> Option<u64> {
        let limit = limit as u64;
        // Nothing is counted for who is refused: that would keep others out for whom there is room.
        let one_more = |number: u64| {
            let has_room = |removed| number.saturating_sub(removed) < limit;
            (has_room(self.removed.load(Ordering::Relaxed)) || has_room(self.count_removed()))
                .then_some(number + 1)
        };
        self.listed
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()
    }

    /// The id that the next value gets, if its shard is empty.
    #[cfg(all(test, loom))]
    pub(crate) fn upcoming(&self) -> u64 {
        let shard = self.listed.0.load(Ordering::Relaxed) % SHARDS as u64;
        FIRST << GENERATION | shard
    }

    /// The places behind the lock that this id's value would be behind.
    pub(crate) fn of(&self, id: u64) -> MutexGuard<'_, Shard<V, FIRST>> {
        lock(&self.shards[id as usize % SHARDS].0)
    }

    /// Takes a value out. It is gone for everybody else.
    pub(crate) fn remove(&self, id: u64) -> Option<V> {
        self.of(id).remove(id)
    }

    /// Takes out what `wanted` chooses, one lock after the other; `each` runs without one.
    pub(crate) fn extract(&self, wanted: impl Fn(&V) -> bool, mut each: impl FnMut(u64, V)) {
        for shard in 0..SHARDS {
            let ids = lock(&self.shards[shard].0).ids(shard as u64, &wanted);
            for id in ids {
                if let Some(value) = self.remove(id) {
                    each(id, value);
                }
            }
        }
    }

    /// How many are listed.
    pub(crate) fn len(&self) -> usize {
        // In this order, so that what comes and goes meanwhile is not counted as less than nothing.
        let removed = self.count_removed();
        let listed = self.listed.0.load(Ordering::Relaxed);
        listed.saturating_sub(removed) as usize
    }

    /// How many were removed. Who removes counts behind the lock that it holds anyway, so this visits every lock.
    #[cold]
    fn count_removed(&self) -> u64 {
        let shards = self.shards.iter();
        let removed = shards.map(|shard| lock(&shard.0).removed).sum();
        self.removed.store(removed, Ordering::Relaxed);
        removed
    }
}

impl<V, const FIRST: u64> Shard<V, FIRST> {
    const fn new() -> Self {
        Self {
            places: Vec::new(),
            free: NONE,
            removed: 0,
        }
    }

    /// Generation and index; `None` when there are as many places as an id can name.
    fn insert(&mut self, value: V) -> Option<(u64, u32)> {
        if let Some(place) = self.places.get_mut(self.free as usize) {
            let index = std::mem::replace(&mut self.free, place.next);
            place.value = Some(value);
            return Some((place.generation, index));
        }
        let index = u32::try_from(self.places.len()).ok()?;
        if index >> INDEX_BITS != 0 {
            return None;
        }
        self.places.push(Place {
            generation: FIRST,
            value: Some(value),
            next: NONE,
        });
        Some((FIRST, index))
    }

    fn place(&mut self, id: u64) -> Option<(&mut Place<V>, u32)> {
        let index = (id >> SHARD_BITS) as u32 & ((1 << INDEX_BITS) - 1);
        let place = self.places.get_mut(index as usize)?;
        (place.generation == id >> GENERATION).then_some((place, index))
    }

    /// The value of this id.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut V> {
        self.place(id)?.0.value.as_mut()
    }

    fn remove(&mut self, id: u64) -> Option<V> {
        let free = self.free;
        let (place, index) = self.place(id)?;
        let value = place.value.take()?;
        if place.generation <= LAST_GENERATION - STEP {
            place.generation += STEP;
            place.next = free;
            self.free = index;
        }
        self.removed += 1;
        Some(value)
    }

    fn ids(&self, shard: u64, wanted: impl Fn(&V) -> bool) -> Vec<u64> {
        let places = self.places.iter().enumerate();
        places
            .filter(|(_, place)| place.value.as_ref().is_some_and(&wanted))
            .map(|(index, place)| {
                place.generation << GENERATION | (index as u64) << SHARD_BITS | shard
            })
            .collect()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_id_finds_its_value_until_it_is_removed_and_nothing_afterwards() {
        let shards = Shards::<_, CALLS>::new();
        let ids: Vec<u64> = (0..100)
            .map(|value| shards.insert(usize::MAX, value).expect("room"))
            .collect();
        for (value, id) in (0..).zip(&ids) {
            assert_eq!(shards.of(*id).get_mut(*id), Some(&mut value.clone()));
            assert_eq!(shards.remove(*id), Some(value));
            assert_eq!(shards.remove(*id), None);
        }
        let later: Vec<u64> = (0..100)
            .map(|value| shards.insert(usize::MAX, value).expect("room"))
            .collect();
        assert!(
            ids.iter()
                .all(|id| shards.of(*id).get_mut(*id).is_none() && !later.contains(id))
        );
        assert!(
            [0, 1, 12_345, u64::MAX]
                .iter()
                .all(|id| shards.remove(*id).is_none())
        );
        assert_eq!(shards.len(), 100);
    }

    #[test]
    fn an_id_of_one_table_finds_nothing_in_the_other() {
        let (calls, host_calls) = (Shards::<_, CALLS>::new(), Shards::<_, HOST_CALLS>::new());
        let (mut of_calls, mut of_host_calls) = (Vec::new(), Vec::new());
        for value in 0..100 {
            let id = calls.insert(usize::MAX, value).expect("room");
            let host_id = host_calls.insert(usize::MAX, value).expect("room");
            assert_eq!((host_calls.remove(id), calls.remove(host_id)), (None, None));
            // Some places are used again.
            if value % 2 == 0 {
                calls.remove(id);
                host_calls.remove(host_id);
            }
            of_calls.push(id);
            of_host_calls.push(host_id);
        }
        assert!(of_calls.iter().all(|id| !of_host_calls.contains(id)));
    }

    #[test]
    fn as_many_as_the_limit_allows() {
        let shards = Shards::<_, CALLS>::new();
        let ids: Vec<u64> = (0..3).filter_map(|_| shards.insert(3, ())).collect();
        assert_eq!((ids.len(), shards.insert(3, ())), (3, None));
        shards.remove(ids[1]);
        assert!(shards.insert(3, ()).is_some());
        assert_eq!((shards.insert(3, ()), shards.len()), (None, 3));
    }

    #[test]
    fn a_place_whose_generations_are_used_up_is_not_used_again() {
        let mut shard = Shard::<_, HOST_CALLS>::new();
        let (_, index) = shard.insert("first").expect("room");
        // Of those that start with 2, the last is even.
        let last = LAST_GENERATION - 1;
        shard.places[0].generation = last;
        let id = last << GENERATION | u64::from(index) << SHARD_BITS;
        assert_eq!(shard.remove(id), Some("first"));
        assert_eq!(shard.insert("second"), Some((HOST_CALLS, 1)));
        assert_eq!(shard.get_mut(id), None);
    }

    #[test]
    fn what_is_chosen_is_taken_out() {
        let shards = Shards::<_, CALLS>::new();
        let ids: Vec<u64> = (0..50)
            .map(|value| shards.insert(usize::MAX, value).expect("room"))
            .collect();
        let mut found = Vec::new();
        shards.extract(|value| value % 5 == 0, |id, value| found.push((id, value)));
        found.sort_by_key(|(_, value)| *value);
        let expected: Vec<(u64, i32)> = (0..50)
            .step_by(5)
            .map(|at| (ids[at as usize], at))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(shards.len(), 40);
    }
}

//! What waits for its end, by ids that are never used twice.
//!
//! Comes in: values, one per call, and ids. Goes out: an id for each value, and the value by its id, for as long as it is
//! listed. An id says where its value is: `generation 36 | index 24 | shard 4`. A place counts its values in the
//! generation, so an id that is late finds nothing; a place whose generations are used up is not used again. Each table
//! has generations of its own, so an id that belongs to the other finds nothing either. There are several locks, and
//! values that come one after the other lie behind different ones: threads that work at the same time seldom meet.
//!
//! The limit is exact, although nothing is counted that all share: each lock has its part of the room that is left, which
//! who lists takes from and who removes gives back. Where a part is used up, all locks are taken, and the rest is parted
//! anew, or there is none.

use super::sync::modelled::{Mutex, MutexGuard, lock};

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
}

/// The places behind one lock.
pub(crate) struct Shard<V, const FIRST: u64> {
    places: Vec<Place<V>>,
    /// The first free place; the others follow from place to place.
    free: u32,
    /// Whether who removes leaves its room here; if not, there was none when it was last parted.
    keeps_room: bool,
    /// How many values are here.
    listed: usize,
    /// How many more may come before the room is parted anew.
    room: usize,
    /// The limit that this room is part of.
    limit: usize,
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
        }
    }

    /// An empty one; loom's locks are not for statics.
    #[cfg(all(test, loom))]
    pub(crate) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Apart(Mutex::new(Shard::new()))),
        }
    }

    /// Lists a value, unless as many as `limit` are listed; its id, which is not 0.
    pub(crate) fn insert(&self, limit: usize, value: V) -> Option<u64> {
        let number = turn::next();
        let mut shard = lock(&self.shards[number].0);
        if shard.limit != limit || shard.room == 0 {
            drop(shard);
            shard = self.part(limit, number)?;
        }
        shard.insert(value).map(|(generation, index)| {
            generation << GENERATION | u64::from(index) << SHARD_BITS | number as u64
        })
    }

    /// Parts the room that is left, with at least one place for the shard with this number, which it returns; `None`:
    /// there is none.
    #[cold]
    fn part(&self, limit: usize, number: usize) -> Option<MutexGuard<'_, Shard<V, FIRST>>> {
        // Always in this order; nobody else holds more than one.
        let mut shards: [_; SHARDS] = std::array::from_fn(|at| lock(&self.shards[at].0));
        let listed: usize = shards.iter().map(|shard| shard.listed).sum();
        let left = limit.saturating_sub(listed);
        for shard in &mut shards {
            shard.limit = limit;
            shard.keeps_room = left > 0;
            shard.room = left / SHARDS;
        }
        shards[number].room += left % SHARDS;
        shards.into_iter().nth(number).filter(|_| left > 0)
    }

    /// The id that the next value gets, if its shard is empty.
    #[cfg(all(test, loom))]
    pub(crate) fn upcoming(&self) -> u64 {
        FIRST << GENERATION | turn::upcoming() as u64
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
        let shards = self.shards.iter();
        shards.map(|shard| lock(&shard.0).listed).sum()
    }
}

impl<V, const FIRST: u64> Shard<V, FIRST> {
    const fn new() -> Self {
        Self {
            places: Vec::new(),
            free: NONE,
            keeps_room: false,
            listed: 0,
            room: 0,
            limit: 0,
        }
    }

    /// Generation and index; `None` when there are as many places as an id can name.
    fn insert(&mut self, value: V) -> Option<(u64, u32)> {
        let at = self.put(value)?;
        self.listed += 1;
        self.room = self.room.saturating_sub(1);
        Some(at)
    }

    fn put(&mut self, value: V) -> Option<(u64, u32)> {
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
        self.listed -= 1;
        self.room += usize::from(self.keeps_room);
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

/// Whose turn it is: one shard after the other, for each thread by itself.
#[cfg(not(all(test, loom)))]
mod turn {
    use std::cell::Cell;

    thread_local! {
        static NEXT: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn next() -> usize {
        // A thread that is ending has no storage left.
        NEXT.try_with(|next| next.replace((next.get() + 1) % super::SHARDS))
            .unwrap_or(0)
    }
}

/// The same for the models, in which all threads take turns, so that a run can be repeated.
#[cfg(all(test, loom))]
mod turn {
    use crate::rt::sync::modelled::{self, AtomicU64};

    modelled::shared! {
        static NEXT: AtomicU64 = AtomicU64::new(0);
    }

    pub(super) fn next() -> usize {
        NEXT.fetch_add(1, crate::rt::sync::Ordering::Relaxed) as usize % super::SHARDS
    }

    pub(super) fn upcoming() -> usize {
        NEXT.load(crate::rt::sync::Ordering::Relaxed) as usize % super::SHARDS
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
    fn a_limit_that_changes_holds_at_once() {
        let shards = Shards::<_, CALLS>::new();
        let fill =
            |limit| -> Vec<u64> { std::iter::from_fn(|| shards.insert(limit, ())).collect() };
        let first = fill(100);
        assert_eq!((first.len(), shards.len()), (100, 100));
        // Lower: who leaves makes no room before as many have left.
        for id in &first[..60] {
            assert!(shards.insert(50, ()).is_none() || shards.len() <= 50);
            shards.remove(*id);
        }
        assert_eq!(shards.len() + fill(50).len(), 50);
        assert_eq!((fill(70).len(), shards.len()), (20, 70));
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

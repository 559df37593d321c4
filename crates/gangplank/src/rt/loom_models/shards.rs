//! Ids and the limit: a value leaves once, an id that is late finds nothing, and the limit is neither passed nor missed.

use std::sync::Arc;

use loom::thread;

use super::explore;
use crate::rt::shards::{CALLS, Shards};

/// A table that each run of a model starts anew.
fn table() -> Arc<Shards<u32, CALLS>> {
    Arc::new(Shards::new())
}

#[test]
fn of_two_who_remove_one_gets_the_value() {
    explore(|| {
        let table = table();
        let id = table.insert(1, 7).expect("room");
        let remover = {
            let table = table.clone();
            thread::spawn(move || table.remove(id))
        };
        let mut taken = Vec::new();
        table.extract(|_| true, |found, value| taken.push((found, value)));
        let here = taken.pop().map(|(found, value)| {
            assert_eq!(found, id);
            value
        });
        let there = remover.join().expect("remover");
        assert!(matches!((here, there), (Some(7), None) | (None, Some(7))));
        assert_eq!(table.len(), 0);
    });
}

#[test]
fn an_id_that_is_late_never_finds_what_came_after_it() {
    explore(|| {
        let table = table();
        let first = table.insert(8, 1).expect("room");
        let late = {
            let table = table.clone();
            thread::spawn(move || table.remove(first))
        };
        let here = table.remove(first);
        // As many as there are locks, so that the place is used again.
        let after: Vec<u64> = (2..4)
            .map(|value| table.insert(8, value).expect("room"))
            .collect();
        let there = late.join().expect("late");
        assert!(matches!((here, there), (Some(1), None) | (None, Some(1))));
        assert!(!after.contains(&first));
        let left: Vec<_> = after.iter().map(|id| table.remove(*id)).collect();
        assert_eq!(left, [Some(2), Some(3)]);
    });
}

#[test]
fn of_two_for_whom_there_is_one_place_one_gets_it() {
    explore(|| {
        let table = table();
        let other = {
            let table = table.clone();
            thread::spawn(move || table.insert(1, 1))
        };
        let here = table.insert(1, 2);
        let there = other.join().expect("other");
        assert!(here.is_some() != there.is_some(), "{here:?} {there:?}");
        assert_eq!(table.len(), 1);
    });
}

#[test]
fn room_that_was_made_is_found_whoever_is_refused_meanwhile() {
    explore(|| {
        let table = table();
        let full = table.insert(1, 1).expect("room");
        let refused = {
            let table = table.clone();
            thread::spawn(move || table.insert(1, 2))
        };
        assert_eq!(table.remove(full), Some(1));
        let again = table.insert(1, 3);
        let other = refused.join().expect("other");
        assert!(again.is_some() != other.is_some(), "{again:?} {other:?}");
    });
}

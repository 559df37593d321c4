//! The queue's armed flag: whoever drains until there is nothing and then waits for an edge misses no record.

use std::mem::MaybeUninit;

use loom::thread;

use super::{explore, wake};
use crate::abi::RawRecord;
use crate::rt::queue::{self, Item};

/// Drains up to two records.
fn drain() -> Vec<u64> {
    let mut room = [const { MaybeUninit::<RawRecord>::uninit() }; 2];
    let count = queue::drain(&mut room);
    room[..count]
        .iter()
        // SAFETY: `drain` wrote as many.
        .map(|record| unsafe { record.assume_init() }.key)
        .collect()
}

/// Takes `wanted` records as a host does: all there are, then wait for an edge.
fn take(wanted: usize) -> Vec<u64> {
    let (mut found, mut edges) = (Vec::new(), 0);
    while found.len() < wanted {
        let records = drain();
        if records.is_empty() {
            edges = wake::wait(edges);
        }
        found.extend(records);
    }
    found.sort_unstable();
    found
}

fn push(key: u64) {
    queue::push(Item::Release { key });
}

#[test]
fn no_edge_is_missed() {
    explore(|| {
        queue::fd().expect("a descriptor");
        let one = thread::spawn(|| [1, 2].map(push));
        let other = thread::spawn(|| push(3));
        assert_eq!(take(3), [1, 2, 3]);
        one.join().expect("producer");
        other.join().expect("producer");
        assert!(drain().is_empty());
    });
}

#[test]
fn a_descriptor_that_comes_late() {
    explore(|| {
        let producer = thread::spawn(|| [1, 2].map(push));
        // Nothing has been drained yet, so the host may wait first.
        queue::fd().expect("a descriptor");
        wake::wait(0);
        assert_eq!(take(2), [1, 2]);
        producer.join().expect("producer");
    });
}

#[test]
fn a_descriptor_that_comes_after_a_drain_that_left_something() {
    explore(|| {
        (1..=3).for_each(push);
        assert_eq!(drain(), [1, 2]);
        queue::fd().expect("a descriptor");
        wake::wait(0);
        assert_eq!(take(1), [3]);
    });
}

#[test]
fn one_edge_for_many_records() {
    explore(|| {
        queue::fd().expect("a descriptor");
        let producer = thread::spawn(|| [1, 2, 3].map(push));
        assert_eq!(wake::wait(0), 1);
        producer.join().expect("producer");
        assert_eq!(
            wake::wait(0),
            1,
            "no edge before a drain that found nothing"
        );
    });
}

//! The guest's log: what a host hears, when it stops hearing, and that hearing nothing costs nothing.

use core::ffi::c_void;
use std::fmt::{self, Debug, Formatter};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};

use super::testing::{Log, alone, log_release, text};
use crate::abi::{RECORD_LOG, RECORD_RELEASE, RawLog, RawLogRecord, RawRecord, RawStr, Status};
use crate::rt::log::MOST;
use crate::rt::sync::lock;
use crate::rt::{exports, guard, stats};

const OK: i32 = Status::Ok as i32;

/// What arrived. The functions of these tests have no `user_data` to put it into: that counts releases.
static HEARD: Mutex<Vec<(u32, String, String)>> = Mutex::new(Vec::new());

unsafe extern "C" fn hear(level: u32, target: RawStr, message: RawStr, _: *mut c_void) {
    lock(&HEARD).push((level, text(target), text(message)));
}

fn heard() -> Vec<(u32, String, String)> {
    std::mem::take(&mut lock(&HEARD))
}

fn messages() -> Vec<String> {
    heard().into_iter().map(|(_, _, message)| message).collect()
}

/// `<lib>_set_log`; `log` counts the release as -1.
fn set(max_level: u32, function: RawLog, log: &Arc<Log>) -> i32 {
    // SAFETY: the tests keep the log until the release.
    unsafe { exports::set_log(max_level, function, log.user_data(), Some(log_release)) }
}

fn take_back() {
    // SAFETY: nothing is passed.
    let status = unsafe { exports::set_log(0, None, std::ptr::null_mut(), None) };
    assert_eq!(status, OK);
}

#[test]
fn levels_targets_and_fields() {
    let _alone = alone();
    let log = Log::new();
    tracing::error!("nobody listens");
    assert_eq!(set(3, Some(hear), &log), OK);
    tracing::error!(target: "demo::net", "lost {}", "peer");
    tracing::info!(
        count = 3,
        name = "a \"b\"",
        error = %std::fmt::Error,
        ratio = 0.5,
        r#type = ?Some(1),
        "done"
    );
    tracing::warn!(count = 3, name = "x");
    tracing::warn!("");
    tracing::debug!("too fine");
    tracing::trace!("finer");
    let here = module_path!();
    let expected = [
        (1, "demo::net", "lost peer"),
        (
            3,
            here,
            "done count=3 name=\"a \\\"b\\\"\" error=an error occurred when formatting an argument ratio=0.5 type=Some(1)",
        ),
        (2, here, "count=3 name=\"x\""),
        (2, here, ""),
    ];
    let expected = expected.map(|(level, target, message)| (level, target.into(), message.into()));
    assert_eq!(heard(), expected);
    assert!(log.seen().is_empty());
    take_back();
    tracing::error!("nobody listens any more");
    assert!(heard().is_empty());
    assert_eq!(log.seen(), [-1]);
}

#[test]
fn the_level_can_change_and_off_is_off() {
    let _alone = alone();
    let logs = [Log::new(), Log::new()];
    let write = || {
        tracing::trace!("fine");
        tracing::error!("coarse");
    };
    for level in 1..=5 {
        let log = &logs[level as usize % 2];
        assert_eq!(set(level, Some(hear), log), OK);
        write();
        let expected: &[&str] = if level == 5 {
            &["fine", "coarse"]
        } else {
            &["coarse"]
        };
        assert_eq!(messages(), expected, "level {level}");
    }
    take_back();
    write();
    assert!(messages().is_empty());
    assert_eq!(
        tracing_core::LevelFilter::current(),
        tracing_core::LevelFilter::OFF,
        "a call site compares, and no more"
    );
    assert_eq!((logs[0].seen(), logs[1].seen()), (vec![-1; 2], vec![-1; 3]));
}

#[test]
fn spans_are_not_records() {
    let _alone = alone();
    let log = Log::new();
    assert_eq!(set(5, Some(hear), &log), OK);
    let span = tracing::info_span!("working", job = 7);
    span.in_scope(|| tracing::info!("inside"));
    assert!(span.is_disabled());
    assert_eq!(messages(), ["inside"]);
    take_back();
}

#[test]
fn refused_and_released() {
    let _alone = alone();
    for level in [0, 6, u32::MAX] {
        let log = Log::new();
        assert_eq!(set(level, Some(hear), &log), Status::BadArgument as i32);
        assert_eq!(log.seen(), [-1]);
    }
    let log = Log::new();
    assert_eq!(set(9, None, &log), OK, "the level does not matter");
    assert_eq!(log.seen(), [-1]);
}

/// Logs and panics when it is printed.
struct Loud;

impl Debug for Loud {
    fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
        tracing::error!("from a value");
        panic!("in a value")
    }
}

unsafe extern "C" fn hear_and_write(
    level: u32,
    target: RawStr,
    message: RawStr,
    user_data: *mut c_void,
) {
    for _ in 0..2 {
        tracing::error!("about a record"); // the second must not pass because the first was dropped
    }
    // SAFETY: the library's own arguments.
    unsafe { hear(level, target, message, user_data) }
}

#[test]
fn records_about_records_are_dropped_and_panics_leave_no_trace() {
    let _alone = alone();
    let log = Log::new();
    assert_eq!(set(5, Some(hear_and_write), &log), OK);
    tracing::info!("one");
    let panicked = guard(|| {
        tracing::info!(value = ?Loud, "two");
        Ok(())
    });
    assert_eq!(panicked.expect_err("a panic").message, "in a value");
    tracing::info!("three");
    assert_eq!(messages(), ["one", "three"]);
    take_back();
}

/// Lets a test hold the host's function up.
struct Gate(Sender<()>, Mutex<Receiver<()>>);

unsafe extern "C" fn pass(_: u32, _: RawStr, _: RawStr, user_data: *mut c_void) {
    // SAFETY: the test passes a gate that lives until the release.
    let gate = unsafe { &*user_data.cast::<Gate>() };
    gate.0.send(()).expect("the test waits");
    lock(&gate.1).recv().expect("the test lets it pass");
}

unsafe extern "C" fn passed(user_data: *mut c_void) {
    // SAFETY: as above.
    let gate = unsafe { &*user_data.cast::<Gate>() };
    gate.0.send(()).expect("the test waits");
}

#[test]
fn taken_back_while_it_runs_it_is_released_afterwards() {
    let _alone = alone();
    let (inside, entered) = channel();
    let (open, opened) = channel();
    let gate = Gate(inside, Mutex::new(opened));
    let user_data = std::ptr::from_ref(&gate).cast_mut().cast();
    // SAFETY: `gate` lives until the release, which the test waits for.
    let status = unsafe { exports::set_log(5, Some(pass), user_data, Some(passed)) };
    assert_eq!(status, OK);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| tracing::info!("held up"));
        entered.recv().expect("inside");
        take_back();
        assert!(entered.try_recv().is_err(), "still in use");
        open.send(()).expect("the function waits");
        entered.recv().expect("released");
        writer.join().expect("writer");
    });
}

#[test]
fn from_many_threads_while_it_is_replaced() {
    let _alone = alone();
    let logs: Vec<_> = (0..100).map(|_| Log::new()).collect();
    let begin = Barrier::new(5);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                begin.wait();
                (0..200).for_each(|number| tracing::info!(number, "busy"));
            });
        }
        begin.wait();
        for log in &logs {
            assert_eq!(set(3, Some(hear), log), OK);
        }
    });
    take_back();
    assert!(logs.iter().all(|log| log.seen() == [-1]));
    assert!(
        messages()
            .iter()
            .all(|message| message.starts_with("busy number="))
    );
}

/// Drains at most `max` records.
fn drain(max: usize) -> Vec<RawRecord> {
    let mut records = Vec::with_capacity(max);
    // SAFETY: room for `max` records, of which the returned number is written.
    unsafe {
        let count = exports::drain(records.as_mut_ptr(), max);
        records.set_len(count);
    }
    records
}

/// Level, target and message of a record of the queue.
fn read(record: &RawRecord) -> (u32, String, String) {
    assert_eq!((record.kind, record.key), (RECORD_LOG, 77));
    // SAFETY: what records of this kind point to, before the next drain.
    let log = unsafe { record.data.cast::<RawLogRecord>().read() };
    (log.level, text(log.target), text(log.message))
}

#[test]
fn over_the_queue() {
    let _alone = alone();
    while !drain(256).is_empty() {}
    let dropped = || stats::read().dropped_logs;
    let before = dropped();
    let key = std::ptr::without_provenance_mut(77);
    // SAFETY: the queue's own callbacks.
    let set = || unsafe {
        exports::set_log(
            4,
            Some(exports::queue_log),
            key,
            Some(exports::queue_release),
        )
    };
    assert_eq!(set(), OK);
    tracing::debug!(target: "demo", "one");
    tracing::warn!("");
    let records = drain(256);
    assert_eq!(read(&records[0]), (4, "demo".into(), "one".into()));
    assert_eq!(read(&records[1]), (2, module_path!().into(), String::new()));
    assert_eq!(records.len(), 2);

    // More than the queue takes: the newest are dropped, and the next one says how many.
    (0..MOST + 5).for_each(|number| tracing::info!(number));
    assert_eq!(dropped() - before, 5);
    let first = drain(1)[0];
    assert_eq!((first.id, read(&first).2), (0, "number=0".into()));
    tracing::info!("after");
    tracing::info!("full again");
    take_back();
    let mut rest = Vec::new();
    while rest.len() < MOST + 1 {
        for record in drain(256) {
            rest.push(match record.kind {
                RECORD_RELEASE => (record.key, "released".to_owned()),
                _ => (record.id, read(&record).2),
            });
        }
    }
    assert_eq!(
        rest[MOST - 2..][..2],
        [(0, format!("number={}", MOST - 1)), (5, "after".into())]
    );
    assert_eq!(rest[MOST], (77, "released".into()), "after the last record");
    assert!(drain(256).is_empty());
    assert_eq!(dropped() - before, 6);
}

//! The log through the exported C functions: what a function of the library writes arrives where the host wants it.

use std::ffi::c_void;
use std::ptr::{null, null_mut, without_provenance_mut};

use gangplank::abi::{
    RECORD_LOG, RECORD_RELEASE, RawLog, RawLogRecord, RawRecord, RawRelease, RawReturn, RawStr,
};

gangplank::library!();

/// Half of `value`, with a word about it.
#[gangplank::function]
pub fn half(value: i64) -> i64 {
    if value % 2 != 0 {
        tracing::warn!(target: "log::half", value, "not even");
    }
    tracing::debug!("halved");
    value / 2
}

unsafe extern "C" {
    safe fn log_half(value: i64) -> RawReturn<i64>;
    fn log_set_log(
        level: u32,
        function: RawLog,
        user_data: *mut c_void,
        release: RawRelease,
    ) -> i32;
    fn log_queue_log(level: u32, target: RawStr, message: RawStr, user_data: *mut c_void);
    fn log_queue_release(user_data: *mut c_void);
    fn log_drain(records: *mut RawRecord, max: usize) -> usize;
}

fn text(raw: RawStr) -> String {
    // SAFETY: what records point to lives until the next drain.
    String::from_utf8_lossy(unsafe { raw.as_slice() }).into_owned()
}

#[test]
fn what_a_function_writes_arrives() {
    assert_eq!(log_half(7).value, 3, "nobody listens");
    let key = without_provenance_mut(5);
    // SAFETY: the library's own callbacks.
    let status = unsafe { log_set_log(2, Some(log_queue_log), key, Some(log_queue_release)) };
    assert_eq!(status, 0);
    assert_eq!(log_half(9).value, 4);
    // SAFETY: takes it back.
    assert_eq!(unsafe { log_set_log(0, None, null_mut(), None) }, 0);
    let empty = RawRecord {
        kind: 0,
        status: 0,
        key: 0,
        id: 0,
        data: null(),
    };
    let mut records = [empty; 4];
    // SAFETY: room for four.
    assert_eq!(unsafe { log_drain(records.as_mut_ptr(), 4) }, 2);
    assert_eq!((records[0].kind, records[0].key), (RECORD_LOG, 5));
    // SAFETY: what such a record points to, before the next drain.
    let record = unsafe { records[0].data.cast::<RawLogRecord>().read() };
    assert_eq!(record.level, 2);
    assert_eq!(text(record.target), "log::half");
    assert_eq!(text(record.message), "not even value=9");
    assert_eq!((records[1].kind, records[1].key), (RECORD_RELEASE, 5));
}

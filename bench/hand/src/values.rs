//! Values in and out on the caller's thread.

use std::sync::atomic::{AtomicI64, Ordering};

/// `struct hand_text`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct RawText {
    pub(crate) ptr: *const u8,
    pub(crate) len: usize,
}

/// `struct hand_job`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct RawJob {
    name: RawText,
    queue: RawText,
    priority: i64,
    has_retries: u8,
    retries: i64,
    tags: *const RawText,
    tags_len: usize,
}

/// `struct hand_checked`.
#[repr(C)]
struct RawChecked {
    value: i64,
    refused: i32,
}

struct Job {
    name: String,
    queue: String,
    priority: i64,
    retries: Option<i64>,
    tags: Vec<String>,
}

/// What `len` values at `ptr` are, also when there are none.
///
/// # Safety
/// They are there for `'a`.
unsafe fn slice<'a, T>(ptr: *const T, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(ptr, len) }
}

/// Borrowed text; `None` when it is not UTF-8.
///
/// # Safety
/// As for [`slice()`].
unsafe fn text<'a>(ptr: *const u8, len: usize) -> Option<&'a str> {
    // SAFETY: the caller's promise.
    std::str::from_utf8(unsafe { slice(ptr, len) }).ok()
}

/// Owned text.
///
/// # Safety
/// As for [`slice()`].
unsafe fn owned(raw: RawText) -> Option<String> {
    // SAFETY: the caller's promise.
    unsafe { text(raw.ptr, raw.len) }.map(str::to_owned)
}

/// Owned texts.
///
/// # Safety
/// As for [`slice()`], for the list and each text.
unsafe fn owned_list(ptr: *const RawText, len: usize) -> Option<Vec<String>> {
    // SAFETY: the caller's promise.
    let texts = unsafe { slice(ptr, len) };
    let each = texts.iter().map(|raw| {
        // SAFETY: the caller's promise.
        unsafe { owned(*raw) }
    });
    each.collect()
}

/// # Safety
/// `raw` is what `bench/go/hand` made.
unsafe fn read_job(raw: *const RawJob) -> Option<Job> {
    // SAFETY: the caller's promise.
    unsafe {
        let raw = &*raw;
        Some(Job {
            name: owned(raw.name)?,
            queue: owned(raw.queue)?,
            priority: raw.priority,
            retries: (raw.has_retries != 0).then_some(raw.retries),
            tags: owned_list(raw.tags, raw.tags_len)?,
        })
    }
}

#[unsafe(no_mangle)]
extern "C" fn hand_add(left: i64, right: i64) -> i64 {
    left.wrapping_add(right)
}

#[unsafe(no_mangle)]
extern "C" fn hand_counter_new(first: i64) -> *mut AtomicI64 {
    Box::into_raw(Box::new(AtomicI64::new(first)))
}

/// # Safety
/// `counter` came from [`hand_counter_new`].
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_counter_replace(counter: *const AtomicI64, value: i64) -> i64 {
    // SAFETY: the caller's promise.
    let counter = unsafe { &*counter };
    let before = counter.load(Ordering::Relaxed);
    counter.store(value, Ordering::Relaxed);
    before
}

#[unsafe(no_mangle)]
extern "C" fn hand_check(value: i64) -> RawChecked {
    RawChecked {
        value,
        refused: i32::from(value <= 0),
    }
}

/// # Safety
/// `len` octets are at `ptr`.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_text_len(ptr: *const u8, len: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { text(ptr, len) }.map_or(-1, |text| text.len() as i64)
}

/// Writes the answer to `to` when it fits and returns its length.
///
/// # Safety
/// `len` octets are at `ptr`, room for `room` at `to`.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_echo(ptr: *const u8, len: usize, to: *mut u8, room: usize) -> i64 {
    // SAFETY: the caller's promise.
    let Some(answer) = unsafe { text(ptr, len) }.map(str::to_owned) else {
        return -1;
    };
    if answer.len() <= room {
        // SAFETY: the caller's promise, and the comparison.
        unsafe { to.copy_from_nonoverlapping(answer.as_ptr(), answer.len()) };
    }
    answer.len() as i64
}

/// # Safety
/// `len` octets are at `ptr`.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_count_bytes(ptr: *const u8, len: usize) -> u64 {
    // SAFETY: the caller's promise.
    std::hint::black_box(unsafe { slice(ptr, len) }).len() as u64
}

/// # Safety
/// `len` numbers are at `ptr`.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_count_numbers(ptr: *const f64, len: usize) -> u64 {
    // SAFETY: the caller's promise.
    std::hint::black_box(unsafe { slice(ptr, len) }).len() as u64
}

/// # Safety
/// `len` texts are at `ptr`.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_count_texts(ptr: *const RawText, len: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { owned_list(ptr, len) }.map_or(-1, |texts| std::hint::black_box(texts).len() as i64)
}

/// # Safety
/// `job` is what `bench/go/hand` made.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_take_job(job: *const RawJob) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { read_job(job) }.map_or(-1, |job| std::hint::black_box(job).tags.len() as i64)
}

/// Writes the answer to `out` and what it refers to into `scratch`. Returns how much room that takes; when there is less,
/// nothing is written.
///
/// # Safety
/// `job` is what `bench/go/hand` made; `out` and `room` octets at `scratch`, which is 8-byte aligned, can be written.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn hand_echo_job(
    job: *const RawJob,
    out: *mut RawJob,
    scratch: *mut u8,
    room: usize,
) -> i64 {
    // SAFETY: the caller's promise.
    let job = unsafe { read_job(job) };
    let Some(job) = job else { return -1 };
    let list = job.tags.len() * size_of::<RawText>();
    let texts = job.tags.iter().chain([&job.name, &job.queue]);
    let need = list + texts.map(String::len).sum::<usize>();
    if need > room {
        return need as i64;
    }
    let mut at = list;
    let mut put = |text: &str| {
        // SAFETY: `need` counted every text, and the caller gave as much room.
        let ptr = unsafe {
            let ptr = scratch.add(at);
            ptr.copy_from_nonoverlapping(text.as_ptr(), text.len());
            ptr
        };
        at += text.len();
        RawText {
            ptr,
            len: text.len(),
        }
    };
    let tags = scratch.cast::<RawText>();
    for (index, tag) in job.tags.iter().enumerate() {
        // SAFETY: the list is at the start of what `need` counted.
        unsafe { tags.add(index).write(put(tag)) }
    }
    let answer = RawJob {
        name: put(&job.name),
        queue: put(&job.queue),
        priority: job.priority,
        has_retries: u8::from(job.retries.is_some()),
        retries: job.retries.unwrap_or_default(),
        tags,
        tags_len: job.tags.len(),
    };
    // SAFETY: the caller's promise.
    unsafe { out.write(answer) }
    need as i64
}

/// A place for an object behind a handle: its generation, whether it is closing, how many calls are inside.
struct Slot {
    word: std::sync::atomic::AtomicU64,
    value: AtomicI64,
}

static SLOTS: [Slot; 64] = [const {
    Slot {
        word: std::sync::atomic::AtomicU64::new(1 << 32),
        value: AtomicI64::new(0),
    }
}; 64];

/// As [`hand_counter_replace`], on an object behind a checked handle.
#[unsafe(no_mangle)]
extern "C" fn hand_handle_replace(handle: u64, value: i64) -> i64 {
    let slot = &SLOTS[handle as usize & 63];
    let word = slot.word.load(Ordering::Relaxed);
    if word & !0x7fff_ffff != (handle >> 24 & 0xff_ffff) << 33 | 1 << 32 {
        return i64::MIN;
    }
    if slot
        .word
        .compare_exchange(word, word + 1, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        return i64::MIN;
    }
    let before = slot.value.load(Ordering::Relaxed);
    slot.value.store(value, Ordering::Relaxed);
    slot.word.fetch_sub(1, Ordering::Release);
    before
}

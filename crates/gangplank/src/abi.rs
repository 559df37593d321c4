//! The C ABI's structs and numbers, as `docs/abi.md` fixes them.
//!
//! Nothing here has behaviour. The layouts are those of `gangplank.h`; a change is a change of the ABI version.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use gangplank_descriptor::status;

/// The ABI version that this runtime speaks.
pub const VERSION: u32 = gangplank_descriptor::ABI_VERSION;

/// How a call ended; the numbers of `gp_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs, reason = "docs/abi.md says what each one means")]
pub enum Status {
    Ok = status::OK,
    Err = status::ERR,
    Pending = status::PENDING,
    BadArgument = status::BAD_ARGUMENT,
    BadUtf8 = status::BAD_UTF8,
    Closed = status::CLOSED,
    StaleHandle = status::STALE_HANDLE,
    WrongType = status::WRONG_TYPE,
    Panic = status::PANIC,
    HostPanic = status::HOST_PANIC,
    Cancelled = status::CANCELLED,
    Deadline = status::DEADLINE,
    AbiMismatch = status::ABI_MISMATCH,
    NotFound = status::NOT_FOUND,
    Limit = status::LIMIT,
    Forked = status::FORKED,
    PeerLost = status::PEER_LOST,
    NotRegistered = status::NOT_REGISTERED,
    Stuck = status::STUCK,
    HostError = status::HOST_ERROR,
}

/// `gp_string`, `gp_bytes` and every list: pointer and length; NULL and 0 when empty.
#[repr(C)]
pub struct RawList<T> {
    /// First element.
    pub ptr: *const T,
    /// Number of elements.
    pub len: usize,
}

impl<T> Clone for RawList<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RawList<T> {}

impl<T> RawList<T> {
    /// The empty list.
    pub const EMPTY: Self = Self {
        ptr: core::ptr::null(),
        len: 0,
    };

    /// A view of `items`, which the caller keeps alive for as long as the view is read.
    pub const fn of(items: &[T]) -> Self {
        if items.is_empty() {
            Self::EMPTY
        } else {
            Self {
                ptr: items.as_ptr(),
                len: items.len(),
            }
        }
    }

    /// The elements.
    ///
    /// # Safety
    /// `ptr` points to `len` valid elements that stay unchanged for `'a`, or `len` is 0.
    pub const unsafe fn as_slice<'a>(self) -> &'a [T] {
        if self.len == 0 || self.ptr.is_null() {
            return &[];
        }
        // SAFETY: the caller promises `len` elements behind the non-null pointer for `'a`.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// `gp_string`.
pub type RawStr = RawList<u8>;

/// `option<T>`.
#[repr(C)]
pub struct RawOption<T> {
    /// 0 or 1.
    pub has: u8,
    /// Read only when `has` is 1.
    pub value: MaybeUninit<T>,
}

impl<T: Copy> Clone for RawOption<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy> Copy for RawOption<T> {}

/// One entry of a map.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawPair<K, V> {
    /// Key.
    pub key: K,
    /// Value.
    pub value: V,
}

/// `gp_time`: seconds and 0…999 999 999 nanoseconds.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawTime {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// The rest.
    pub nanos: u32,
}

/// What a scalar function returns: `gp_return_…`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawReturn<T> {
    /// The value; nothing to rely on unless `status` is `GP_OK`.
    pub value: T,
    /// How the call ended.
    pub status: i32,
    /// The slot for `<lib>_take_error`.
    pub error: u32,
}

/// `gp_return_unit`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawReturnUnit {
    /// How the call ended.
    pub status: i32,
    /// The slot for `<lib>_take_error`.
    pub error: u32,
}

/// A parameter that does not exist in C: zero-sized, so the C calling conventions of every supported target skip it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Absent;

/// `gp_call`.
#[repr(C)]
pub struct RawCall {
    /// `sizeof(gp_call)` as the caller knows it.
    pub size: u32,
    /// How the call ended.
    pub status: i32,
    /// Caller's memory for results, 16-byte aligned, or NULL.
    pub scratch: *mut u8,
    /// Bytes behind `scratch`.
    pub scratch_len: usize,
    /// The library's memory of this call's results.
    pub owned: *mut c_void,
    /// Frees `owned`.
    pub free_owned: Option<unsafe extern "C" fn(*mut RawCall)>,
    /// Names the pending call.
    pub id: u64,
    /// Time left in nanoseconds, 0: no deadline.
    pub timeout_ns: i64,
    /// W3C trace context.
    pub traceparent: RawStr,
    /// Text of the error.
    pub message: RawStr,
    /// `file:line:column` of a panic.
    pub location: RawStr,
    /// The typed error.
    pub payload: *const c_void,
    /// Size of the typed error's struct.
    pub payload_len: usize,
    /// Causes below the error.
    pub causes: *const RawStr,
    /// Their number.
    pub causes_len: usize,
}

/// `gp_done`.
pub type RawDone =
    Option<unsafe extern "C" fn(user_data: *mut c_void, call: *mut RawCall, status: i32)>;
/// `gp_host_fn`.
pub type RawHostFn =
    Option<unsafe extern "C" fn(call_id: u64, request: *const c_void, user_data: *mut c_void)>;
/// `gp_host_cancel`.
pub type RawHostCancel = Option<unsafe extern "C" fn(call_id: u64, user_data: *mut c_void)>;
/// `gp_listener`.
pub type RawListener =
    Option<unsafe extern "C" fn(event: *const c_void, dropped: u64, user_data: *mut c_void)>;
/// `gp_release`.
pub type RawRelease = Option<unsafe extern "C" fn(user_data: *mut c_void)>;
/// `gp_log`.
pub type RawLog = Option<
    unsafe extern "C" fn(level: u32, target: RawStr, message: RawStr, user_data: *mut c_void),
>;
/// `gp_sink`.
pub type RawSink =
    Option<unsafe extern "C" fn(user_data: *mut c_void, item: *const u8, len: usize)>;

/// `gp_entry`: a function as whoever knows its name finds it.
#[repr(C)]
pub struct RawEntry {
    /// `sizeof(gp_entry)`.
    pub size: u32,
    /// The ABI version.
    pub abi: u32,
    /// Sum of the `FLAG_…` constants.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// The uniform form.
    pub call: unsafe extern "C" fn(
        u64,
        *const c_void,
        *mut c_void,
        *mut RawCall,
        RawDone,
        *mut c_void,
    ) -> i32,
    /// The CBOR form; NULL until it exists.
    pub cbor: *const c_void,
    /// Reports the items of the function and of everything it reaches.
    pub describe: unsafe extern "C" fn(RawSink, *mut c_void),
    /// The function's own item.
    pub item: *const u8,
    /// Its length.
    pub item_len: usize,
}

// SAFETY: an entry is constant data and pointers to functions and statics; nothing is ever written through it.
unsafe impl Sync for RawEntry {}

/// Entry flag: async.
pub const FLAG_ASYNC: u32 = 1;
/// Entry flag: constructor.
pub const FLAG_CONSTRUCTOR: u32 = 2;
/// Entry flag: method.
pub const FLAG_METHOD: u32 = 4;
/// Entry flag: scalar form.
pub const FLAG_SCALAR: u32 = 8;

/// `gp_record`: one message of the queue.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawRecord {
    /// One of the `RECORD_…` constants.
    pub kind: u32,
    /// Completion: how the call ended. Host cancel: why the guest stopped waiting (`Deadline`, `Closed` or
    /// `Cancelled`); 0 where that is not said.
    pub status: i32,
    /// The `user_data` of the call or registration.
    pub key: u64,
    /// Host call: its id. Event, log: how many were dropped before it.
    pub id: u64,
    /// Host call: the request. Event: the event. Log: a [`RawLogRecord`].
    pub data: *const c_void,
}

/// Record kind: a call has ended.
pub const RECORD_COMPLETION: u32 = 1;
/// Record kind: the guest calls the host.
pub const RECORD_HOST_CALL: u32 = 2;
/// Record kind: the guest no longer waits for a host call.
pub const RECORD_HOST_CANCEL: u32 = 3;
/// Record kind: an event for a listener.
pub const RECORD_EVENT: u32 = 4;
/// Record kind: `key` is no longer used.
pub const RECORD_RELEASE: u32 = 5;
/// Record kind: the guest has written to its log.
pub const RECORD_LOG: u32 = 6;
/// Record kind: events were lost, and none that waits for the listener tells of them.
pub const RECORD_LOST: u32 = 7;

/// `gp_log_record`: what a record of the kind [`RECORD_LOG`] points to.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawLogRecord {
    /// 1 error … 5 trace.
    pub level: u32,
    /// Who wrote it, usually a module path.
    pub target: RawStr,
    /// The text, and the fields as ` key=value`.
    pub message: RawStr,
}

/// `gp_stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct RawStats {
    /// Calls that have not completed.
    pub pending_calls: u64,
    /// Objects that are open.
    pub handles: u64,
    /// Host functions that wait for an answer.
    pub pending_host_calls: u64,
    /// Answers to host calls that nobody waited for.
    pub late_completions: u64,
    /// Records that found no reader.
    pub dropped_completions: u64,
    /// Events lost to full queues.
    pub dropped_events: u64,
    /// Listeners that are registered.
    pub listeners: u64,
    /// Log records lost to a full queue.
    pub dropped_logs: u64,
}

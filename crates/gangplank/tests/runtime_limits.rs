//! What holds for a whole process: limits, and that a library does nothing before its first use. A process of its own,
//! because other tests would see the limits and the threads.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use gangplank::abi::{RawCall, RawEntry, RawList, RawRelease, RawStats, RawStr, Status};
use gangplank::{Events, Host, Limits, set_limits};

gangplank::library!();

/// How long is waited for what is bound to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A thing.
pub struct Thing;

#[gangplank::object]
impl Thing {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn create() -> Thing {
        Thing
    }
}

/// What a maker tells.
#[gangplank::events]
pub trait MakerEvents {
    /// Something was made.
    fn made(&self, thing: Arc<Thing>);
}

/// What a maker asks.
#[gangplank::host]
pub trait MakerHost {
    /// Whether a thing is good.
    async fn judge(&self, thing: Arc<Thing>) -> Result<bool, String>;
}

/// Makes things.
pub struct Maker {
    host: Host<dyn MakerHost>,
    events: Events<dyn MakerEvents>,
}

#[gangplank::object]
impl Maker {
    /// Makes a maker.
    #[gangplank(constructor)]
    pub fn create(host: Host<dyn MakerHost>, events: Events<dyn MakerEvents>) -> Maker {
        Maker { host, events }
    }

    /// Makes a thing and tells it.
    pub fn make(&self) {
        self.events.made(Arc::new(Thing));
    }

    /// Makes a thing and asks for a judgement.
    pub async fn ask(&self) -> Result<bool, String> {
        self.host.judge(Arc::new(Thing)).await
    }
}

/// Never ends.
#[gangplank::function]
pub async fn wait_for_ever() {
    std::future::pending().await
}

type HostFn = unsafe extern "C" fn(u64, *const c_void, *mut c_void);
type Listener = unsafe extern "C" fn(*const c_void, u64, *mut c_void);

unsafe extern "C" {
    #[link_name = "runtime_limits_thing_create_entry"]
    static THING: RawEntry;
    #[link_name = "runtime_limits_maker_create_entry"]
    static MAKER: RawEntry;
    #[link_name = "runtime_limits_maker_make_entry"]
    static MAKE: RawEntry;
    #[link_name = "runtime_limits_maker_ask_entry"]
    static ASK: RawEntry;
    #[link_name = "runtime_limits_wait_for_ever_entry"]
    static WAIT: RawEntry;
    safe fn runtime_limits_release(handle: u64);
    safe fn runtime_limits_cancel(id: u64) -> i32;
    fn runtime_limits_free(call: *mut RawCall);
    fn runtime_limits_stats(stats: *mut RawStats);
    fn runtime_limits_register_host_fn(
        this: u64,
        name: RawStr,
        function: HostFn,
        cancel: *const c_void,
        user_data: *mut c_void,
        release: RawRelease,
    ) -> i32;
    fn runtime_limits_add_listener(
        this: u64,
        event: RawStr,
        function: Listener,
        user_data: *mut c_void,
        release: RawRelease,
        listener: *mut u64,
    ) -> i32;
}

/// A `gp_call` that is freed in the end.
struct Call(Box<RawCall>);

impl Call {
    fn new() -> Self {
        // SAFETY: a `gp_call` is plain data; zero is GP_CALL_INIT but for the size.
        let mut call: RawCall = unsafe { std::mem::zeroed() };
        call.size = size_of::<RawCall>() as u32;
        Self(Box::new(call))
    }

    /// Calls a function without parameters; `ended` hears of the end of a pending call.
    fn begin(
        &mut self,
        entry: &RawEntry,
        this: u64,
        out: &mut u64,
        ended: &'static Sender<i32>,
    ) -> i32 {
        let user_data = (&raw const *ended).cast_mut().cast();
        let out = (&raw mut *out).cast();
        // SAFETY: every entry of this file has no parameters and a result of at most 8 bytes; call and result live until
        // the tests have seen the end of the call, the sender for ever.
        unsafe {
            (entry.call)(
                this,
                std::ptr::null(),
                out,
                &mut *self.0,
                Some(done),
                user_data,
            )
        }
    }

    fn message(&self) -> String {
        // SAFETY: the call has ended and was not freed.
        String::from_utf8_lossy(unsafe { self.0.message.as_slice() }).into_owned()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // SAFETY: the call has ended.
        unsafe { runtime_limits_free(&mut *self.0) }
    }
}

unsafe extern "C" fn done(user_data: *mut c_void, _: *mut RawCall, status: i32) {
    // SAFETY: passed together with a sender that lives for ever.
    let sender = unsafe { &*user_data.cast::<Sender<i32>>() };
    let _ = sender.send(status);
}

/// A channel whose sender stays: the library's threads may still be inside it when a test has heard of the message.
fn messages<T>() -> (&'static Sender<T>, Receiver<T>) {
    let (sender, receiver) = channel();
    (Box::leak(Box::new(sender)), receiver)
}

/// Calls a sync function without parameters; its result, or status and message.
fn call(entry: &RawEntry, this: u64) -> Result<u64, (i32, String)> {
    let (mut call, mut out) = (Call::new(), 0);
    match call.begin(entry, this, &mut out, messages().0) {
        0 => Ok(out),
        status => Err((status, call.message())),
    }
}

fn stats() -> RawStats {
    let mut stats = RawStats::default();
    // SAFETY: room for the counters.
    unsafe { runtime_limits_stats(&mut stats) };
    stats
}

fn limit(handles: usize) {
    set_limits(Limits {
        pending_calls: 2,
        handles,
        workers: 1,
    });
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[cfg(not(target_os = "linux"))]
fn threads() -> usize {
    0
}

/// One test: limits and threads are the process's.
#[test]
fn limits_hold() {
    limits_and_threads();
    an_object_that_finds_no_handle_is_an_error_or_a_counted_event();
}

fn limits_and_threads() {
    // SAFETY: the entries are constant.
    let (thing, wait) = unsafe { (&THING, &WAIT) };
    let before = threads();
    limit(3);

    let open: Vec<u64> = (0..3).map(|_| call(thing, 0).expect("a handle")).collect();
    let full = call(thing, 0).expect_err("one too many");
    let text = "the limit of open objects is reached (3); close some";
    assert_eq!(full, (Status::Limit as i32, text.to_owned()));
    runtime_limits_release(open[1]);
    runtime_limits_release(call(thing, 0).expect("room again"));
    assert_eq!(threads(), before, "sync use starts no thread");

    let (sender, ended) = messages();
    let mut calls = [Call::new(), Call::new(), Call::new()];
    let statuses = calls
        .each_mut()
        .map(|call| call.begin(wait, 0, &mut 0, sender));
    let (pending, limit) = (Status::Pending as i32, Status::Limit as i32);
    assert_eq!(statuses, [pending, pending, limit]);
    assert_eq!(
        threads(),
        if before == 0 { 0 } else { before + 1 },
        "one worker, as configured"
    );
    for call in &calls[..2] {
        assert_eq!(runtime_limits_cancel(call.0.id), 0);
        assert_eq!(
            ended.recv_timeout(PATIENCE).expect("ended"),
            Status::Cancelled as i32
        );
    }
    runtime_limits_release(open[0]);
    runtime_limits_release(open[2]);
}

/// Keeps what it hears.
unsafe extern "C" fn heard(event: *const c_void, dropped: u64, user_data: *mut c_void) {
    // SAFETY: registered with a sender; the event is one handle.
    let (sender, handle) = unsafe {
        (
            &*user_data.cast::<Sender<(u64, u64)>>(),
            event.cast::<u64>().read(),
        )
    };
    let _ = sender.send((handle, dropped));
}

unsafe extern "C" fn never_asked(_: u64, _: *const c_void, _: *mut c_void) {
    unreachable!("the request could not be lowered");
}

fn an_object_that_finds_no_handle_is_an_error_or_a_counted_event() {
    // SAFETY: the entries are constant.
    let (maker, make, ask) = unsafe { (&MAKER, &MAKE, &ASK) };
    limit(1);
    let this = call(maker, 0).expect("a maker");
    let (sender, events) = messages::<(u64, u64)>();
    let mut listener = 0;
    // SAFETY: the sender lives for ever; names are borrowed for the calls.
    unsafe {
        let name = |name: &'static str| RawList::of(name.as_bytes());
        let user_data = (&raw const *sender).cast_mut().cast();
        let added =
            runtime_limits_add_listener(this, name("made"), heard, user_data, None, &mut listener);
        assert_eq!(added, 0);
        let null = std::ptr::null();
        let registered = runtime_limits_register_host_fn(
            this,
            name("judge"),
            never_asked,
            null,
            std::ptr::null_mut(),
            None,
        );
        assert_eq!(registered, 0);
    }

    let before = stats().dropped_events;
    assert_eq!(call(make, this), Ok(0), "whoever tells is not concerned");
    assert_eq!(call(make, this), Ok(0));
    assert_eq!(stats().dropped_events, before + 2);
    let text = "host fn 'judge' failed: the limit of open objects is reached (1); close some";
    assert_eq!(call(ask, this), Err((Status::Err as i32, text.to_owned())));
    assert_eq!(stats().handles, 1, "nothing is left behind");

    limit(2);
    assert_eq!(call(make, this), Ok(0));
    let (handle, dropped) = events.recv_timeout(PATIENCE).expect("an event");
    assert!(handle != 0 && dropped == 2, "{handle:#x} {dropped}");
    runtime_limits_release(this);
}

//! Modules in helper processes: what works as in process, and all the ways in which a process ends.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::c_void;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::ptr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xllr::abi::RawCall;
use xllr::{Kind, Module, Options};

const HELPER: &str = env!("CARGO_BIN_EXE_xllr-helper");
const GP_ERR: i32 = 1;
const GP_PANIC: i32 = 8;
const GP_DEADLINE: i32 = 11;
const GP_FORKED: i32 = 15;

static KITCHEN: LazyLock<PathBuf> = LazyLock::new(|| support::build("kitchen_sink"));
static FAULTS: LazyLock<PathBuf> = LazyLock::new(|| support::build("faults"));

/// Options of an isolated module; the helper is the one that was built with the tests.
fn isolated() -> Options {
    static NAMED: LazyLock<()> = LazyLock::new(|| {
        // SAFETY: whatever else reads the environment in these tests does it after this, or through std's lock.
        unsafe { std::env::set_var("GANGPLANK_HELPER", HELPER) };
    });
    LazyLock::force(&NAMED);
    Options {
        isolate: true,
        ..Options::default()
    }
}

struct Guest {
    module: Module,
    _folder: tempfile::TempDir,
}

impl Guest {
    fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = compiled(folder.path());
        let module = Module::open("native", path.to_str().unwrap(), options).unwrap();
        Self {
            module,
            _folder: folder,
        }
    }

    fn new() -> Self {
        Self::with(&isolated())
    }

    fn call(&self, function: &str, params: &[u8]) -> Result<Vec<u8>, xllr::Error> {
        self.module.function(function)?.call_bytes(params)
    }

    fn number(&self, function: &str) -> i32 {
        text(&self.call(function, b"").unwrap()).parse().unwrap()
    }

    fn pid(&self) -> i32 {
        self.number("Pid")
    }

    /// The error of a call that ends its process.
    fn lost(&self, function: &str, params: &[u8]) -> String {
        let error = self.call(function, params).unwrap_err();
        assert_eq!(error.kind(), Kind::PeerLost, "{error}");
        assert!(
            error
                .text()
                .starts_with("peer lost: the helper process of `"),
            "{error}"
        );
        error.text().to_owned()
    }
}

fn compiled(folder: &Path) -> PathBuf {
    let path = folder.join("libguest.so");
    let source = support::c_file("helper_guest.c");
    support::compile(&source, &path, &["-shared", "-fPIC"]);
    path.canonicalize().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

fn kill(pid: i32) {
    // SAFETY: a helper of this test.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// Whether the process is there, and no zombie.
fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim().starts_with('Z'))
}

fn dies(pid: i32) -> bool {
    let until = Instant::now() + Duration::from_secs(10);
    while alive(pid) && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
    }
    !alive(pid)
}

#[test]
fn bytes_come_back_from_another_process() {
    let guest = Guest::new();
    assert_ne!(guest.pid(), std::process::id() as i32);
    for len in [0, 1, 1000, 5000, 300_000, (16 << 20) - 1] {
        let bytes: Vec<u8> = (0..len).map(|at| (at * 7) as u8).collect();
        assert!(guest.call("Echo", &bytes).unwrap() == bytes, "{len}");
    }
    let error = guest.call("Fail", b"no \xe2\x82\xac").unwrap_err();
    assert_eq!((error.kind(), error.text()), (Kind::Failed, "no €"));
    let error = guest.module.function("Nothing").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.text().contains("Echo"), "{error}");
    let too_much = guest.call("Echo", &vec![0; (16 << 20) + 1]).unwrap_err();
    assert_eq!(too_much.kind(), Kind::Limit);
    // Whatever runtime: this one has no files at all.
    let echo = Module::open("test", "echo", &isolated()).unwrap();
    let echo = echo.function("echo").unwrap();
    assert_eq!(echo.call_bytes(b"hello").unwrap(), b"hello");
}

#[test]
fn a_module_that_cannot_be_loaded_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libbad.so");
    std::fs::write(&path, "no library").unwrap();
    let error = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap_err();
    assert_eq!(error.kind(), Kind::BadModule);
    assert!(error.text().ends_with("is not a shared library"), "{error}");
}

#[test]
fn a_lost_helper_is_an_error_and_the_next_call_starts_another() {
    let guest = Guest::new();
    assert_eq!(guest.number("Count"), 1);
    assert_eq!(guest.number("Count"), 2);
    let error = guest.lost("Crash", b"");
    assert!(error.contains("died of signal 6"), "{error}");
    assert!(
        error.ends_with("the end of its stderr:\nabout to crash"),
        "{error}"
    );
    // What the module has kept is gone with its process.
    assert_eq!(guest.number("Count"), 1);
    let error = guest.lost("Exit", b"3");
    assert!(error.ends_with("exited with code 3"), "{error}");
    let error = guest.lost("Exit", b"0");
    assert!(error.ends_with("exited with code 0"), "{error}");
    assert_eq!(guest.number("Count"), 1);
}

#[test]
fn a_helper_that_always_dies_is_started_less_and_less_often() {
    let guest = Guest::new();
    guest.number("Count");
    let start = Instant::now();
    for _ in 0..8 {
        guest.lost("Exit", b"1");
    }
    let took = start.elapsed();
    assert!(took > Duration::from_millis(250), "{took:?}");
    guest.number("Count");
    let start = Instant::now();
    guest.lost("Exit", b"1");
    guest.number("Count");
    assert!(start.elapsed() < took / 2);
}

#[test]
fn what_is_no_frame_ends_the_helper() {
    let guest = Guest::new();
    let error = guest.lost("Garbage", b"");
    assert!(
        error.contains("it has sent something that is no frame"),
        "{error}"
    );
    let error = guest.lost("Garbage", b"1");
    assert!(
        error.contains("it has sent a frame of 1073741872 bytes, over the limit of 16777216"),
        "{error}"
    );
    assert_eq!(guest.call("Echo", b"again").unwrap(), b"again");
}

#[test]
fn a_deadline_ends_a_call_that_never_returns() {
    let guest = Guest::with(&Options {
        helper_timeout: Some(Duration::from_millis(300)),
        ..isolated()
    });
    let pid = guest.pid();
    let start = Instant::now();
    let error = guest.call("Sleep", b"100000").unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline);
    assert!(
        error
            .text()
            .starts_with("deadline: `Sleep` did not return within 300ms; "),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(dies(pid));
    assert_eq!(guest.call("Echo", b"again").unwrap(), b"again");
}

#[test]
fn a_memory_limit_is_the_helpers() {
    let guest = Guest::with(&Options {
        helper_memory_limit: Some(256 << 20),
        ..isolated()
    });
    guest.call("Take", b"64").unwrap();
    let error = guest.lost("Take", b"1024");
    assert!(error.contains("no memory left"), "{error}");
    guest.call("Take", b"64").unwrap();
}

/// Calls from many threads while the helper is killed again and again: each ends, with its own result or as lost.
#[test]
fn kill_9_during_calls() {
    let kills = if std::env::var_os("GANGPLANK_SOAK").is_some() {
        3000
    } else {
        200
    };
    let guest = Guest::new();
    let over = AtomicBool::new(false);
    let (well, lost) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (guest, over, well, lost) = (&guest, &over, &well, &lost);
            scope.spawn(move || {
                for call in 0_u64.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let params = format!("{thread} {call} {}", "x".repeat(call as usize % 5000));
                    match guest.call("Echo", params.as_bytes()) {
                        Ok(bytes) => {
                            assert_eq!(text(&bytes), params);
                            well.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => {
                            assert_eq!(error.kind(), Kind::PeerLost, "{error}");
                            lost.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        for _ in 0..kills {
            let pid = loop {
                if let Ok(pid) = guest.call("Pid", b"") {
                    break text(&pid).parse().unwrap();
                }
            };
            kill(pid);
        }
        over.store(true, Ordering::Relaxed);
    });
    let (well, lost) = (well.into_inner(), lost.into_inner());
    println!("{kills} kills: {well} calls went well, {lost} were lost");
    assert!(well > 0 && lost > 0);
    assert_eq!(guest.call("Echo", b"again").unwrap(), b"again");
}

#[test]
fn a_hundred_modules_have_a_hundred_helpers() {
    let folder = tempfile::tempdir().unwrap();
    let first = compiled(folder.path());
    let modules: Vec<(Module, PathBuf)> = (0..100)
        .map(|number| {
            let path = folder.path().join(format!("lib{number}.so"));
            std::fs::copy(&first, &path).unwrap();
            let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
            (module, path)
        })
        .collect();
    let pid = |module: &Module| {
        let bytes = module.function("Pid").unwrap().call_bytes(b"").unwrap();
        text(&bytes).parse::<i32>().unwrap()
    };
    let mut pids: Vec<i32> = modules.iter().map(|(module, _)| pid(module)).collect();
    for (module, path) in modules {
        drop(module);
        Module::free("native", path.to_str().unwrap()).unwrap();
    }
    // Freed modules leave no process behind.
    assert!(pids.iter().all(|pid| dies(*pid)));
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 100);
}

/// The host of the next tests: says the helper's number, and waits for its end.
#[test]
#[ignore = "the program of other tests"]
fn host() {
    let Some(how) = std::env::var_os("XLLR_TEST_HOST") else {
        return;
    };
    let guest = thread::spawn(Guest::new).join().unwrap();
    // The thread that has started the helper is gone, and the helper is not.
    thread::sleep(Duration::from_millis(50));
    println!("helper {}", guest.pid());
    if how == "forks" {
        // SAFETY: the child only sleeps; it holds all descriptors of the host.
        unsafe {
            if libc::fork() == 0 {
                libc::sleep(5);
                libc::_exit(0);
            }
        }
    }
    if how == "children" {
        children(&guest);
        println!("well");
        return;
    }
    println!("ready");
    thread::sleep(Duration::from_secs(60));
}

/// What a host may do with its children: fork one that calls, and never wait for any.
fn children(guest: &Guest) {
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let prepared = module.function("echo_i64").unwrap().prepare(None).unwrap();
    let echo = guest.module.function("Echo").unwrap();
    // SAFETY: the child makes two calls, which end before they take a lock, and ends.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            let forked = echo.call_bytes(b"").unwrap_err().kind() == Kind::Forked;
            let (value, mut out, mut call) = (1_i64, 0_i64, RawCall::new());
            let (value, out) = ((&raw const value).cast(), (&raw mut out).cast());
            let status = prepared.call(
                prepared.this(),
                value,
                out,
                &mut call,
                None,
                ptr::null_mut(),
            );
            libc::_exit(i32::from(!(forked && status == GP_FORKED)));
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0);
        status
    };
    assert_eq!(status, 0);
    assert_eq!(echo.call_bytes(b"here").unwrap(), b"here");
    // SAFETY: nothing in this process waits for children but XLLR.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let error = guest.lost("Exit", b"3");
    assert!(error.ends_with("` ended"), "{error}");
    assert_eq!(echo.call_bytes(b"again").unwrap(), b"again");
}

fn program(how: &str) -> Command {
    let mut host = Command::new(std::env::current_exe().unwrap());
    host.args(["--exact", "host", "--ignored", "--nocapture"])
        .env("XLLR_TEST_HOST", how)
        .stdout(Stdio::piped());
    host
}

#[test]
fn forked_children_are_refused_and_nobody_need_wait_for_helpers() {
    let output = program("children").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("well"), "{text}");
}

fn host_dies(how: &str) {
    let mut host = program(how).spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let mut line = |start: &str| {
        let mut found = lines.by_ref().map(Result::unwrap);
        found
            .find_map(|line| Some(line.split_once(start)?.1.to_owned()))
            .unwrap()
    };
    let pid: i32 = line("helper ").parse().unwrap();
    line("ready");
    assert!(alive(pid));
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(dies(pid), "helper {pid} is still there");
}

#[test]
fn the_helper_dies_with_its_host() {
    host_dies("alone");
}

#[test]
fn the_helper_dies_with_its_host_although_a_child_holds_its_socket() {
    host_dies("forks");
}

/// The helper alone, with garbage on its socket.
#[test]
fn garbage_ends_a_helper() {
    use std::io::Write;
    let mut too_long = *b"xll1\0\0\0\x7f";
    too_long[4] = 1;
    let long: Vec<u8> = too_long.iter().copied().chain([0; 40]).collect();
    for (garbage, expected) in [
        (
            &b"GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n"[..],
            "no frame",
        ),
        (&long, "over the limit of 16777216"),
        (b"xll1", "half a frame"),
    ] {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut helper = Command::new(HELPER)
            .arg(std::process::id().to_string())
            .stdin(OwnedFd::from(theirs))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        ours.write_all(garbage).unwrap();
        ours.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = String::new();
        helper
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        helper.wait().unwrap();
        assert!(said.contains(expected), "{said}");
    }
}

/// Room for any result or parameter.
#[repr(C, align(16))]
struct Room([u8; 1 << 14]);

impl Room {
    fn new() -> Box<Self> {
        Box::new(Self([0; 1 << 14]))
    }
}

/// Calls a prepared function in C structs; its status.
fn native(module: &Module, name: &str, params: &Room, out: &mut Room, call: &mut RawCall) -> i32 {
    let function = module.function(name).unwrap().prepare(None).unwrap();
    // SAFETY: the tests pass what the function takes, and both have room for more than that.
    unsafe {
        let (params, out): (*const c_void, *mut c_void) =
            (ptr::from_ref(params).cast(), ptr::from_mut(out).cast());
        function.call(function.this(), params, out, call, None, ptr::null_mut())
    }
}

fn reset(call: &mut RawCall) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: what the call has left, and nobody uses any more.
        unsafe { free(call) };
    }
}

fn kitchen() -> Module {
    Module::open("native", KITCHEN.to_str().unwrap(), &isolated()).unwrap()
}

#[test]
fn values_cross_as_c_structs() {
    let module = kitchen();
    let (none, mut deep, mut again, mut yes) = (Room::new(), Room::new(), Room::new(), Room::new());
    let (mut first, mut second, mut third) = (RawCall::new(), RawCall::new(), RawCall::new());
    assert_eq!(
        native(&module, "deep_sample", &none, &mut deep, &mut first),
        0
    );
    assert_eq!(
        native(&module, "echo_deep", &deep, &mut again, &mut second),
        0
    );
    reset(&mut first);
    assert_eq!(
        native(&module, "is_deep_sample", &again, &mut yes, &mut third),
        0
    );
    assert_eq!(yes.0[0], 1);
    reset(&mut second);

    for what in ["each", "lists", "options"] {
        for limit in 0..4_u8 {
            let (mut params, mut value) = (Room::new(), Room::new());
            params.0[0] = limit;
            let status = native(
                &module,
                &format!("{what}_at"),
                &params,
                &mut value,
                &mut first,
            );
            assert_eq!(status, 0, "{what} {limit}");
            let echo = format!("echo_{what}");
            assert_eq!(native(&module, &echo, &value, &mut again, &mut second), 0);
            reset(&mut first);
            let end = params.0.len();
            params.0[8..].copy_from_slice(&again.0[..end - 8]);
            let is = format!("is_{what}_at");
            yes.0[0] = 0;
            assert_eq!(native(&module, &is, &params, &mut yes, &mut third), 0);
            assert_eq!(yes.0[0], 1, "{what} {limit}");
            reset(&mut second);
        }
    }
}

/// A library that only has C structs, called in protobuf bytes.
#[test]
fn bytes_are_translated_in_the_helper() {
    let path = support::build("calc");
    let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
    let div = module.function("Calc.div").unwrap();
    let half = [&[0x0d][..], &0.5_f32.to_le_bytes()].concat();
    assert_eq!(div.call_bytes(&[8, 3, 16, 6]).unwrap(), half);
    assert_eq!(div.call_bytes(&[8, 3]).unwrap_err().kind(), Kind::Failed);
    assert!(div.prepare(None).is_ok());
}

#[test]
fn functions_that_cannot_leave_the_process_say_why() {
    let module = kitchen();
    for (name, why) in [
        ("Cellar.label", "its object lives in the helper"),
        ("pass_lists", "it may complete later"),
        ("refuse", "it passes objects or streams"),
    ] {
        let error = module.function(name).unwrap().prepare(None).unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
        assert!(error.text().contains(why), "{error}");
    }
}

#[test]
fn panics_and_values_that_are_none_are_statuses() {
    // A copy: its helper is this test's own, and what it loses as well.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libfaults.so");
    std::fs::copy(&*FAULTS, &path).unwrap();
    let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
    let (params, mut out, mut call) = (Room::new(), Room::new(), RawCall::new());
    assert_eq!(
        native(&module, "panic_text", &params, &mut out, &mut call),
        GP_PANIC
    );
    // SAFETY: the texts of a call that has ended.
    let said = |text: xllr::abi::RawText| unsafe {
        String::from_utf8(std::slice::from_raw_parts(text.ptr, text.len).to_vec()).unwrap()
    };
    assert_eq!(said(call.message), "boom");
    assert!(
        said(call.location).contains("panics.rs"),
        "{}",
        said(call.location)
    );
    reset(&mut call);

    let (mut params, mut call) = (Room::new(), RawCall::new());
    params.0[..8].copy_from_slice(&(b"seven".as_ptr() as u64).to_ne_bytes());
    params.0[8] = 5;
    assert_eq!(
        native(&module, "parse", &params, &mut out, &mut call),
        GP_ERR
    );
    assert_eq!(said(call.message), "not a number: seven");
    // SAFETY: the third case of the error: a tag, and behind it a text.
    let (tag, text) = unsafe {
        let payload = call.payload.cast::<u8>();
        (
            payload.cast::<i32>().read(),
            payload.add(8).cast::<xllr::abi::RawText>().read(),
        )
    };
    assert_eq!((tag, said(text)), (2, "seven".to_owned()));
    reset(&mut call);

    call.timeout_ns = 1;
    let late = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(late, GP_DEADLINE);
    call.timeout_ns = 0;
    let again = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(again, GP_PANIC);
    call.timeout_ns = -1;
    let spent = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(spent, GP_DEADLINE);
    assert_eq!(said(call.message), "deadline: no time was left");
    reset(&mut call);
}

/// More than a frame may have travels beside it.
#[test]
fn megabytes_cross_as_memory() {
    let size = if std::env::var_os("GANGPLANK_SOAK").is_some() {
        1 << 30
    } else {
        64 << 20
    };
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let data: Vec<u8> = (0..size).map(|at| (at >> 7) as u8).collect();
    let (mut params, mut out, mut call) = (Room::new(), Room::new(), RawCall::new());
    params.0[..8].copy_from_slice(&(data.as_ptr() as u64).to_ne_bytes());
    params.0[8..16].copy_from_slice(&(data.len() as u64).to_ne_bytes());
    assert_eq!(
        native(&module, "echo_bytes", &params, &mut out, &mut call),
        0
    );
    // SAFETY: the function leaves bytes, which are there until the call is reset.
    let back = unsafe {
        let [start, len] =
            [0, 8].map(|at| u64::from_ne_bytes(out.0[at..at + 8].try_into().unwrap()));
        std::slice::from_raw_parts(start as *const u8, len as usize)
    };
    assert!(back == data);
    reset(&mut call);
}

/// The 10th percentile and the median of many calls, in microseconds.
fn measured(mut call: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<u128> = (0..20_000)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    (times[2_000] as f64 / 1e3, times[10_000] as f64 / 1e3)
}

#[test]
#[ignore = "a measurement"]
fn a_round_trip() {
    let guest = Guest::new();
    let echo = guest.module.function("Echo").unwrap();
    let (low, median) = measured(|| assert_eq!(echo.call_bytes(b"12345678").unwrap().len(), 8));
    println!("bytes: {low:.1} us, median {median:.1} us");
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let echo = module.function("echo_i64").unwrap().prepare(None).unwrap();
    let (value, mut out, mut call) = (42_i64, 0_i64, RawCall::new());
    let (low, median) = measured(|| {
        let (value, out) = ((&raw const value).cast(), (&raw mut out).cast());
        // SAFETY: the function takes an i64 and leaves one.
        let status =
            unsafe { echo.call(echo.this(), value, out, &mut call, None, ptr::null_mut()) };
        assert_eq!(status, 0);
        assert!(call.owned.is_null(), "a number needs no memory");
    });
    println!("C structs: {low:.1} us, median {median:.1} us");
}

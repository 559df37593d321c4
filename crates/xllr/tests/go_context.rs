//! The context of a function in Go: the time that a host gives reaches it, from C structs, from a Go host and through a
//! helper process; so does a cancelled call, in one process.

mod support;

use std::cell::UnsafeCell;
use std::ffi::{CString, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use xllr::abi::{RawCall, RawText};
use xllr::{Module, Options, Prepared};

const HELPER: &str = env!("CARGO_BIN_EXE_xllr-helper");
const DEADLINE: i32 = 11;
const CANCELLED: i32 = 10;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static GUEST: LazyLock<PathBuf> =
    LazyLock::new(|| support::go_guest(FOLDER.path(), "context", "waits.proto", &[]));

fn said(text: RawText) -> String {
    // SAFETY: a text of a call that was not freed yet.
    let bytes = unsafe { std::slice::from_raw_parts(text.ptr, text.len) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Calls `Waits.wait` with this time left; its status, its result and what it says.
fn wait(module: &Module, ms: i64, timeout: Duration) -> (i32, i64, String) {
    let wait = module
        .function("Waits.wait")
        .unwrap()
        .prepare(None)
        .unwrap();
    let (mut had, mut call) = (0_i64, RawCall::new());
    call.timeout_ns = i64::try_from(timeout.as_nanos()).unwrap();
    // SAFETY: a number in, a number out, and a started call.
    let status = unsafe {
        let params: *const c_void = (&raw const ms).cast();
        let out = (&raw mut had).cast();
        wait.call(
            wait.this(),
            params,
            out,
            &mut call,
            None,
            std::ptr::null_mut(),
        )
    };
    let text = if status == 0 {
        String::new()
    } else {
        said(call.message)
    };
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: whoever set `owned` set the function that frees it.
        unsafe { free(&mut call) };
    }
    assert_eq!(call.id, 0, "the call has ended");
    (status, had, text)
}

fn open(options: &Options) -> Module {
    Module::open("native", GUEST.to_str().unwrap(), options).unwrap()
}

#[test]
fn the_time_left_reaches_the_context() {
    if !support::has_go() {
        return;
    }
    // SAFETY: the only test of this program that sets variables, before a helper is started.
    unsafe { std::env::set_var("GANGPLANK_HELPER", HELPER) };
    let isolated = Options {
        isolate: true,
        ..Options::default()
    };
    for options in [Options::default(), isolated] {
        // Another file of the same: a module is in a helper or in the process.
        let module = if options.isolate {
            let copy = FOLDER.path().join("isolated.so");
            fs::copy(&*GUEST, &copy).unwrap();
            Module::open("native", copy.to_str().unwrap(), &options).unwrap()
        } else {
            open(&options)
        };
        assert_eq!(wait(&module, 1, Duration::ZERO), (0, 0, String::new()));
        let (status, had, _) = wait(&module, 1, Duration::from_secs(60));
        assert!(status == 0 && (50_000..=60_000).contains(&had), "{had}");
        // A helper that does not answer within 100 ms of the deadline is ended, as it may happen to one on a busy machine.
        let (mut told, mut ended) = (0, 0);
        while told < 3 {
            let begun = Instant::now();
            let (status, _, text) = wait(&module, 60_000, Duration::from_millis(40));
            assert_eq!(status, DEADLINE, "{text}");
            assert!(begun.elapsed() < Duration::from_secs(50));
            if text == "waited: context deadline exceeded" {
                told += 1;
                continue;
            }
            let helpers = options.isolate && text.starts_with("deadline: ");
            assert!(helpers && ended < 20, "{text}");
            ended += 1;
        }
    }
}

/// The function that cancels calls, of a module that is loaded.
fn exported_cancel(module: &Path) -> extern "C" fn(u64) -> i32 {
    let path = CString::new(module.to_str().unwrap()).unwrap();
    // SAFETY: the library is loaded already, and exports this function (docs/abi.md).
    unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        std::mem::transmute(libc::dlsym(library, c"waits_cancel".as_ptr()))
    }
}

#[test]
fn a_cancelled_call_ends_its_context() {
    if !support::has_go() {
        return;
    }
    let module = open(&Options::default());
    let cancel = exported_cancel(&GUEST);
    assert_ne!(cancel(0), 0);
    assert_ne!(cancel(u64::MAX), 0, "no such call");
    let wait = module
        .function("Waits.wait")
        .unwrap()
        .prepare(None)
        .unwrap();
    for _ in 0..20 {
        let (ms, mut had, mut call) = (60_000_i64, 0_i64, RawCall::new());
        // SAFETY: the place of the id is the call's for as long as both live.
        let id = unsafe { AtomicU64::from_ptr(&raw mut call.id) };
        let call_at = (&raw mut call) as usize;
        let status = std::thread::scope(|scope| {
            let call = scope.spawn(|| {
                // SAFETY: a number in, a number out, and a started call that lives until the scope ends.
                unsafe {
                    let (params, out) = ((&raw const ms).cast(), (&raw mut had).cast());
                    wait.call(
                        0,
                        params,
                        out,
                        call_at as *mut RawCall,
                        None,
                        std::ptr::null_mut(),
                    )
                }
            });
            let known = loop {
                match id.load(Ordering::Acquire) {
                    0 => std::thread::yield_now(),
                    known => break known,
                }
            };
            assert_eq!(cancel(known), 0);
            let status = call.join().unwrap();
            assert_ne!(cancel(known), 0, "it has ended");
            status
        });
        assert_eq!(
            (status, said(call.message).as_str()),
            (CANCELLED, "waited: context canceled")
        );
        if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
            // SAFETY: as in `wait`.
            unsafe { free(&mut call) };
        }
    }
}

/// How many contexts of calls the guest still holds.
fn pending(module: &Module) -> i64 {
    let pending = module
        .function("Waits.pending")
        .unwrap()
        .prepare(None)
        .unwrap();
    let (mut held, mut call) = (-1_i64, RawCall::new());
    // SAFETY: nothing in, a number out, and a started call.
    let status = unsafe {
        let (params, out) = (std::ptr::null(), (&raw mut held).cast());
        pending.call(0, params, out, &mut call, None, std::ptr::null_mut())
    };
    assert_eq!(status, 0);
    held
}

/// The header of one thread's calls, whose id another thread looks at.
struct Header(UnsafeCell<RawCall>);

// SAFETY: one thread makes calls with it; others look at the id alone, which is atomic for everybody (docs/abi.md).
unsafe impl Sync for Header {}

impl Default for Header {
    fn default() -> Self {
        Self(UnsafeCell::new(RawCall::new()))
    }
}

impl Header {
    fn id(&self) -> u64 {
        // SAFETY: the place lives as long as `self`.
        unsafe { AtomicU64::from_ptr(&raw mut (*self.0.get()).id) }.load(Ordering::Acquire)
    }

    /// One call of `wait`: without a time, with enough, with too little, or until it is cancelled; its status.
    fn call(&self, wait: &Prepared, at: usize) -> i32 {
        let (ms, timeout) = [(0_i64, 0), (0, 60_000_000_000), (60_000, 1), (60_000, 0)][at % 4];
        let (mut had, call) = (0_i64, self.0.get());
        // SAFETY: this thread alone makes calls with the header; a number in, a number out. What the call left in memory of
        // its own is freed by whoever the header names.
        unsafe {
            (*call).timeout_ns = timeout;
            let (params, out) = ((&raw const ms).cast(), (&raw mut had).cast());
            let status = wait.call(0, params, out, call, None, std::ptr::null_mut());
            if let Some(free) = (*call).free_owned.filter(|_| !(*call).owned.is_null()) {
                free(call);
            }
            status
        }
    }
}

/// Many short calls from several threads, some with a time, some that end by it, some cancelled from another thread, some
/// cancelled when they may have ended already: no context stays behind.
#[test]
fn contexts_of_calls_that_have_ended_are_forgotten() {
    if !support::has_go() {
        return;
    }
    const THREADS: usize = 4;
    let calls = match std::env::var_os("GANGPLANK_SOAK") {
        Some(_) => 1_000_000,
        None => 10_000,
    };
    // A file of its own: other tests' calls are under way in the same module.
    drop(open(&Options::default()));
    let copy = FOLDER.path().join("pending.so");
    fs::copy(&*GUEST, &copy).unwrap();
    let in_process = Options {
        in_process: true,
        ..Options::default()
    };
    let module = Module::open("native", copy.to_str().unwrap(), &in_process).unwrap();
    let cancel = exported_cancel(&copy);
    assert_eq!(pending(&module), 0);
    let ended: [AtomicU64; 3] = Default::default();
    // The headers stay where they are until everybody is done: who cancels may look at one of a call that has ended.
    let calls_under_way: [Header; THREADS] = Default::default();
    std::thread::scope(|scope| {
        let callers = calls_under_way.each_ref().map(|header| {
            scope.spawn(|| {
                let wait = module.function("Waits.wait").unwrap();
                let wait = wait.prepare(None).unwrap();
                for at in 0..calls / THREADS {
                    let how = match header.call(&wait, at) {
                        0 => 0,
                        DEADLINE => 1,
                        CANCELLED => 2,
                        other => panic!("{other}"),
                    };
                    ended[how].fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        while !callers.iter().all(|caller| caller.is_finished()) {
            for header in &calls_under_way {
                // The call may have ended since; its id is then nobody's.
                cancel(header.id());
            }
            std::thread::yield_now();
        }
    });
    assert_eq!(pending(&module), 0);
    let ended = ended.map(AtomicU64::into_inner);
    assert!(ended.iter().all(|many| *many > 0), "{ended:?}");
    assert_eq!(
        ended.iter().sum::<u64>(),
        (calls / THREADS * THREADS) as u64
    );
}

#[test]
fn a_go_hosts_context_reaches_the_guest() {
    if !support::has_go() {
        return;
    }
    let folder = FOLDER.path();
    drop(open(&Options::default()));
    let idl = folder.join("waits.proto");
    let request = gangplank_codegen::compile::Request::new(&idl, folder);
    request
        .run(gangplank_codegen::backends::go::COMPILER.from_host)
        .unwrap();
    let module = "module example.com/x\n\ngo 1.25\n\nrequire google.golang.org/protobuf v1.36.12\n";
    fs::write(folder.join("go.mod"), module).unwrap();
    let sums = "../gangplank-codegen/src/compile/tools/protoc-gen-go.sum";
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join(sums),
        folder.join("go.sum"),
    )
    .unwrap();
    let go = |words: &[&str]| {
        let mut command = Command::new("go");
        command
            .args(words)
            .current_dir(folder)
            .env("GOPROXY", "off")
            .env("GOFLAGS", "-mod=mod");
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    go(&["vet", "."]);
    go(&["vet", "-tags", "guest", "."]);
    go(&["build", "-race", "-o", "host", "."]);
    for in_process in ["1", ""] {
        let run = Command::new(folder.join("host"))
            .env("GANGPLANK_XLLR", support::build("xllr"))
            .env("GANGPLANK_HELPER", HELPER)
            .env("GANGPLANK_GO_IN_PROCESS", in_process)
            .env("GANGPLANK_MODULE_WAITS", &*GUEST)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&run.stdout);
        assert_eq!(
            text,
            "all well\n",
            "{in_process:?} {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

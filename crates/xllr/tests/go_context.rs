//! The context of a function in Go: the time that a host gives reaches it, from C structs, from a Go host and through a
//! helper process; so does a cancelled call, in one process.

mod support;

use std::ffi::{CString, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use xllr::abi::{RawCall, RawText};
use xllr::{Module, Options};

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
        let begun = Instant::now();
        for _ in 0..3 {
            let (status, _, text) = wait(&module, 60_000, Duration::from_millis(40));
            assert_eq!(
                (status, text.as_str()),
                (DEADLINE, "waited: context deadline exceeded")
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_cancelled_call_ends_its_context() {
    if !support::has_go() {
        return;
    }
    let module = open(&Options::default());
    let path = CString::new(GUEST.to_str().unwrap()).unwrap();
    // SAFETY: the library is loaded already, and exports this function (docs/abi.md).
    let cancel: extern "C" fn(u64) -> i32 = unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        std::mem::transmute(libc::dlsym(library, c"waits_cancel".as_ptr()))
    };
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

#[test]
fn a_go_hosts_context_reaches_the_guest() {
    if !support::has_go() {
        return;
    }
    let folder = FOLDER.path();
    drop(open(&Options::default()));
    let idl = folder.join("waits.proto");
    gangplank_codegen::compile::from_host(&gangplank_codegen::compile::Request::new(&idl, folder))
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

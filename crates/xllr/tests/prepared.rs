//! Prepared functions: found once, called through a pointer, and compared with what the host expects.

mod support;

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;

use xllr::abi::RawCall;
use xllr::{Expected, ExpectedItem, Kind, Module, Options};

static TIMER: LazyLock<PathBuf> = LazyLock::new(|| support::build("my_timer"));
static FAULTS: LazyLock<PathBuf> = LazyLock::new(|| support::build("faults"));

fn open(path: &std::path::Path) -> Module {
    Module::open("native", path.to_str().unwrap(), &Options::default()).unwrap()
}

#[test]
fn the_interface_gives_the_names() {
    let module = open(&TIMER);
    let names = module.functions();
    for name in ["Timer.create", "Timer.echo", "Timer.version"] {
        assert!(names.iter().any(|there| there == name), "{names:?}");
    }
    assert_eq!(module.function("echo").unwrap().name(), "Timer.echo");
    let error = module.function("Timer.nothing").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.text().contains("Timer.echo"), "{error}");
    assert!(error.text().contains("libmy_timer"), "{error}");
}

#[test]
fn a_library_hands_out_what_it_exports_and_nothing_else() {
    let module = open(&TIMER);
    let version = module.export("version").unwrap();
    // SAFETY: an export of this name takes nothing and returns terminated text (docs/abi.md).
    let version = unsafe {
        let version: unsafe extern "C" fn() -> *const std::ffi::c_char =
            std::mem::transmute(version);
        std::ffi::CStr::from_ptr(version())
    };
    assert_eq!(version.to_str(), Ok("0.1.0"));
    for name in ["close", "release", "add_listener"] {
        assert!(module.export(name).is_some(), "{name}");
    }
    assert!(module.export("nothing").is_none());
    let test = Module::open("test", "echo", &Options::default()).unwrap();
    assert!(test.export("version").is_none());
}

#[repr(C)]
struct Text {
    ptr: *const u8,
    len: usize,
}

/// What completes later; nothing here does.
unsafe extern "C" fn never(_: *mut c_void, _: *mut RawCall, _: i32) {
    std::process::abort();
}

/// `create` with a name, then `version`: a constructor, a method, a result of the library's memory.
#[test]
fn objects_are_made_and_called() {
    let module = open(&TIMER);
    let create = module
        .function("Timer.create")
        .unwrap()
        .prepare(None)
        .unwrap();
    let name = Text {
        ptr: b"xllr".as_ptr(),
        len: 4,
    };
    let (mut call, mut timer) = (RawCall::new(), 0_u64);
    // SAFETY: the constructor takes a TimerConfig, which is one text, and leaves a handle.
    let status = unsafe {
        create.call(
            0,
            (&raw const name).cast(),
            (&raw mut timer).cast(),
            &mut call,
            Some(never),
            ptr::null_mut(),
        )
    };
    assert_eq!(status, 0);
    assert_ne!(timer, 0);
    let version = module
        .function("Timer.version")
        .unwrap()
        .prepare(None)
        .unwrap();
    assert_eq!(version.flags() & 4, 4, "a method");
    let mut text = Text {
        ptr: ptr::null(),
        len: 0,
    };
    // SAFETY: the method takes nothing and leaves a text, which is read before the call is used again.
    let text = unsafe {
        let out: *mut c_void = (&raw mut text).cast();
        let status = version.call(timer, ptr::null(), out, &mut call, None, ptr::null_mut());
        assert_eq!(status, 0);
        std::slice::from_raw_parts(text.ptr, text.len).to_vec()
    };
    assert_eq!(text, b"gangplank-timer v0.1.0");
}

fn expected(path: &str, hash: u64, abi_hash: u64) -> Expected {
    Expected {
        abi: 1,
        items: vec![ExpectedItem {
            path: path.to_owned(),
            hash,
            abi_hash,
            shape: "fn of another time".to_owned(),
        }],
    }
}

/// Path and hashes of a function as its file says.
fn identity(library: &std::path::Path, path: &str) -> (u64, u64) {
    let source = gangplank_model::library_file::read(library).unwrap();
    let found = source
        .items
        .into_iter()
        .find(|item| item.path() == path)
        .unwrap();
    let gangplank_descriptor::owned::Body::Function(function) = found.body else {
        panic!("{path} is no function");
    };
    (found.hash, function.abi_hash)
}

#[test]
fn another_interface_is_an_error_with_both_shapes() {
    let echo = open(&TIMER).function("Timer.echo").unwrap();
    let path = "my_timer::Timer::echo";
    let (hash, abi_hash) = identity(&TIMER, path);
    echo.check(&expected(path, hash, abi_hash)).unwrap();

    let error = echo.check(&expected(path, hash + 1, abi_hash)).unwrap_err();
    assert_eq!(error.kind(), Kind::Mismatch);
    assert_eq!(
        error.text(),
        format!(
            "my_timer::Timer::echo has changed\n  expected: fn of another time\n  module:   async fn my_timer::Timer::echo(self, request: my_timer::EchoRequest) -> my_timer::EchoResponse\n`{}` is not the module that the host was made for",
            TIMER.display()
        )
    );
    let error = echo.check(&expected(path, hash, abi_hash + 1)).unwrap_err();
    assert!(
        error
            .text()
            .starts_with("my_timer::Timer::echo passes its parameters or results in another way"),
        "{error}"
    );
    let error = echo.check(&expected("my_timer::Gone", 1, 0)).unwrap_err();
    assert!(
        error.text().starts_with("my_timer::Gone is missing"),
        "{error}"
    );
    let mut other = expected(path, hash, abi_hash);
    other.abi = 7;
    assert!(
        echo.prepare(Some(&other))
            .unwrap_err()
            .text()
            .contains("speaks version 7")
    );
}

#[test]
fn a_call_by_name_of_a_native_function_says_what_to_do() {
    let error = open(&TIMER)
        .function("Timer.version")
        .unwrap()
        .call_bytes(b"")
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error.text().contains("no protobuf field numbers"),
        "{error}"
    );
}

#[test]
fn a_function_keeps_its_module() {
    let path = FAULTS.to_str().unwrap();
    let module = open(&FAULTS);
    let name = module
        .functions()
        .into_iter()
        .find(|name| !name.contains('.'))
        .unwrap();
    let function = module.function(&name).unwrap().prepare(None).unwrap();
    drop(module);
    Module::free("native", path).unwrap();
    Module::free("native", path).unwrap();
    assert!(
        function
            .function()
            .check(&Expected {
                abi: 1,
                items: vec![]
            })
            .is_ok()
    );
}

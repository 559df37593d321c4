//! Guests in Python in a helper process: what works as in process, and what only works there.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::c_void;
use std::ptr;
use std::time::{Duration, Instant};

use support::{Case, PATIENCE, call, failure, varint};
use xllr::abi::{RawCall, RawText};
use xllr::{Kind, Module, Options};

const GP_ERR: i32 = 1;
const GP_DEADLINE: i32 = 11;
const GP_PEER_LOST: i32 = 16;

fn isolated(guest: &str, options: Options) -> Module {
    let options = Options {
        isolate: true,
        ..options
    };
    Module::open("python3", guest, &options).unwrap_or_else(|error| panic!("{error}"))
}

fn kinds(case: &Case) -> Module {
    isolated(&case.guest("kinds"), Options::default())
}

fn number(module: &Module, function: &str) -> i64 {
    let mut value = 0_i64;
    native(module, function, ptr::null(), (&raw mut value).cast(), 0).unwrap();
    value
}

/// A prepared call; what is written into `out` refers to no memory.
fn native(
    module: &Module,
    function: &str,
    params: *const c_void,
    out: *mut c_void,
    timeout_ns: i64,
) -> Result<(), (i32, String)> {
    let function = module.function(function).unwrap().prepare(None).unwrap();
    let mut gp = RawCall::new();
    gp.timeout_ns = timeout_ns;
    // SAFETY: the tests pass the structs of each function; the texts are the call's until it is freed.
    unsafe {
        let status = function.call(function.this(), params, out, &mut gp, None, ptr::null_mut());
        let said = match gp.message.len {
            0 => String::new(),
            len => {
                let bytes = std::slice::from_raw_parts(gp.message.ptr, len);
                String::from_utf8_lossy(bytes).into_owned()
            }
        };
        if let Some(free) = gp.free_owned {
            free(&mut gp);
        }
        match status {
            0 => Ok(()),
            status => Err((status, said)),
        }
    }
}

case!(both_forms_come_back_from_another_process, |case: &Case| {
    let guest = case.guest("calc");
    let calc = isolated(&guest, Options::default());
    let ten_by_two = b"\x08\x0a\x10\x02";
    // By its short name first: it is the same function.
    assert_eq!(call(&calc, "div", ten_by_two), b"\x0d\0\0\xa0\x40");
    assert_eq!(call(&calc, "Calc.div", ten_by_two), b"\x0d\0\0\xa0\x40");
    let (params, mut z) = ([10_i32, 4], 0_f32);
    let params = params.as_ptr().cast();
    native(&calc, "div", params, (&raw mut z).cast(), 0).unwrap();
    assert_eq!(z, 2.5);
    let params = [1_i32, 0];
    let error = native(&calc, "div", params.as_ptr().cast(), ptr::null_mut(), 0);
    let (status, said) = error.unwrap_err();
    assert_eq!(status, GP_ERR);
    assert!(
        said.starts_with("ZeroDivisionError: division by zero\nTraceback")
            && said.contains("in div"),
        "{said}"
    );
    let scores = call(&calc, "gen_scores", b"");
    assert!(scores.ends_with(b"\x07Player2\x10\x05\x10\x06"));
    // Python itself is not here.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(!maps.contains("libpython"), "{maps}");
    // Texts come back in C structs as well.
    let parts = ["a", "b"].map(|part| RawText {
        ptr: part.as_ptr(),
        len: 1,
    });
    let list = RawText {
        ptr: parts.as_ptr().cast(),
        len: 2,
    };
    let concat = calc.function("concat_strings").unwrap();
    let concat = concat.prepare(None).unwrap();
    let (mut out, mut gp) = (RawText::EMPTY, RawCall::new());
    // SAFETY: the structs of `concat_strings`; the text is the call's until it is freed.
    unsafe {
        let (list, out) = ((&raw const list).cast(), &raw mut out);
        let (this, none) = (concat.this(), ptr::null_mut());
        assert_eq!(concat.call(this, list, out.cast(), &mut gp, None, none), 0);
        let text = std::slice::from_raw_parts((*out).ptr, (*out).len);
        assert_eq!(text, b"a, b");
        gp.free_owned.unwrap()(&mut gp);
    }
});

case!(a_guest_that_never_returns_is_ended, |case: &Case| {
    let kinds = kinds(case);
    let pid = number(&kinds, "pid");
    assert_ne!(pid, i64::from(std::process::id()));
    let start = Instant::now();
    let error = native(&kinds, "spin", ptr::null(), ptr::null_mut(), 1_500_000_000);
    let (status, said) = error.unwrap_err();
    assert_eq!(status, GP_DEADLINE);
    assert!(
        said.contains("`Kinds.spin` did not return within 1.5s"),
        "{said}"
    );
    assert!(start.elapsed() < PATIENCE);
    assert_ne!(number(&kinds, "pid"), pid);
    assert_eq!(call(&kinds, "shout", b"\x0a\x02hi"), b"\x0a\x02HI");
    // Without a deadline of the call, the module's counts.
    let folder = case.folder.join("other");
    std::fs::create_dir(&folder).unwrap();
    for file in ["kinds.py", "kindsMetaFFIGuest.py"] {
        std::fs::copy(case.folder.join(file), folder.join(file)).unwrap();
    }
    let guest = folder.join("kindsMetaFFIGuest.py");
    let patient = isolated(
        guest.to_str().unwrap(),
        Options {
            helper_timeout: Some(Duration::from_millis(1_500)),
            ..Options::default()
        },
    );
    let spin = patient.function("spin").unwrap();
    assert_eq!(spin.call_bytes(b"").unwrap_err().kind(), Kind::Deadline);
    // On a busy machine the first call of a process may take longer than that, too.
    let shout = patient.function("shout").unwrap();
    let mut answers = (0..20).map(|_| shout.call_bytes(b"\x0a\x02hi"));
    let answer = answers.find(|answer| {
        !answer
            .as_ref()
            .is_err_and(|error| error.kind() == Kind::Deadline)
    });
    assert_eq!(answer.unwrap().unwrap(), b"\x0a\x02HI");
});

case!(an_interpreter_that_ends_is_an_error, |case: &Case| {
    let kinds = kinds(case);
    let seven = 7_i64;
    let error = native(
        &kinds,
        "leave",
        (&raw const seven).cast(),
        ptr::null_mut(),
        0,
    );
    let (status, said) = error.unwrap_err();
    assert_eq!(status, GP_PEER_LOST);
    assert!(
        said.contains("exited with code 7") && said.ends_with("leaving"),
        "{said}"
    );
    assert_eq!(call(&kinds, "shout", b"\x0a\x02hi"), b"\x0a\x02HI");
});

case!(a_memory_limit_is_a_memory_error, |case: &Case| {
    let options = Options {
        helper_memory_limit: Some(300 << 20),
        ..Options::default()
    };
    let kinds = isolated(&case.guest("kinds"), options);
    let take = |mib: u64| [b"\x08".to_vec(), varint(mib)].concat();
    assert_eq!(call(&kinds, "take", &take(16)), take(16 << 20));
    let said = failure(&kinds, "take", &take(1024));
    assert!(said.starts_with("MemoryError"), "{said}");
    assert_eq!(call(&kinds, "take", &take(16)), take(16 << 20));
});

case!(coroutines_run_there_as_well, |case: &Case| {
    let kinds = kinds(case);
    let reply = call(&kinds, "later", b"\x0a\x02hi");
    assert_eq!(reply[2..], *b"hi on gangplank-asyncio");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    call(&kinds, "later", b"\x0a\x02hi");
                }
            });
        }
    });
    let error = native(
        &kinds,
        "later_never",
        ptr::null(),
        ptr::null_mut(),
        200_000_000,
    );
    assert_eq!(error.unwrap_err().0, GP_DEADLINE);
    assert_eq!(call(&kinds, "later", b"\x0a\x02hi")[2..4], *b"hi");
});

case!(megabytes_cross_as_memory, |case: &Case| {
    let size = match std::env::var_os("GANGPLANK_SOAK") {
        Some(_) => 1 << 30,
        None => 48 << 20,
    };
    let kinds = kinds(case);
    let blob = kinds.function("blob").unwrap().prepare(None).unwrap();
    let data: Vec<u8> = (0..size).map(|at| (at >> 7) as u8).collect();
    let params = RawText {
        ptr: data.as_ptr(),
        len: data.len(),
    };
    let (mut out, mut gp) = (RawText::EMPTY, RawCall::new());
    // SAFETY: the structs of `blob`; its bytes are the call's until it is freed.
    unsafe {
        let (params, out) = ((&raw const params).cast(), &raw mut out);
        let (this, none) = (blob.this(), ptr::null_mut());
        assert_eq!(blob.call(this, params, out.cast(), &mut gp, None, none), 0);
        assert!(std::slice::from_raw_parts((*out).ptr, (*out).len) == data);
        gp.free_owned.unwrap()(&mut gp);
    }
});

case!(a_guest_that_has_changed_is_not_called, |case: &Case| {
    let guest = case.guest("kinds");
    let kinds = isolated(&guest, Options::default());
    assert_eq!(call(&kinds, "shout", b"\x0a\x02hi"), b"\x0a\x02HI");
    let idl = case.folder.join("kinds.proto");
    let text = std::fs::read_to_string(&idl).unwrap();
    let text = text.replace(
        "message Number { int64 number = 1; }",
        "message Number { int32 number = 1; }",
    );
    std::fs::write(&idl, text).unwrap();
    case.compile("kinds");
    // Python knows a changed file by its size and the second of its change.
    let _ = std::fs::remove_dir_all(case.folder.join("__pycache__"));
    let one = [b"\x08".to_vec(), varint(1)].concat();
    let lost = kinds.function("leave").unwrap().call_bytes(&one);
    assert_eq!(lost.unwrap_err().kind(), Kind::PeerLost);
    let changed = kinds.function("shout").unwrap().call_bytes(b"\x0a\x02hi");
    assert_eq!(changed.unwrap_err().kind(), Kind::Mismatch);
});

/// The cases that [`prints_reach_the_hosts_pipe`] starts.
#[test]
fn prints_before_the_host_ends() {
    support::inner("prints_before_the_host_ends", |case| {
        call(&kinds(case), "say", b"\x0a\x07printed");
    });
}

#[test]
fn prints_before_it_is_freed() {
    support::inner("prints_before_it_is_freed", |case| {
        call(&kinds(case), "say", b"\x0a\x07printed");
        let guest = case.folder.join("kindsMetaFFIGuest.py");
        Module::free("python3", guest.to_str().unwrap()).unwrap();
    });
}

#[test]
fn prints_before_it_fails_to_load() {
    support::inner("prints_before_it_fails_to_load", |case| {
        let guest = case.guest("kinds");
        let source = "import sys\nprint('printed', end='')\nprint('printed', end='', file=sys.stderr)\nraise OSError('no')\n";
        std::fs::write(case.folder.join("kinds.py"), source).unwrap();
        let options = Options {
            isolate: true,
            ..Options::default()
        };
        let error = Module::open("python3", &guest, &options).unwrap_err();
        assert!(error.text().contains("OSError: no"), "{error}");
    });
}

/// Started by the next one, which names the file.
#[test]
fn prints_elsewhere() {
    support::inner("prints_elsewhere", |case| {
        let guest = case.guest("kinds");
        let log = std::env::var("XLLR_TEST_LOG").unwrap();
        let source = case.folder.join("kinds.py");
        let text = std::fs::read_to_string(&source).unwrap();
        let redirect = format!("import os\nos.dup2(os.open({log:?}, os.O_CREAT | os.O_RDWR), 2)\n");
        std::fs::write(&source, text.replace("import os\n", &redirect)).unwrap();
        let kinds = isolated(&guest, Options::default());
        call(&kinds, "say", b"\x0a\x07printed");
    });
}

/// A module whose stderr is a file says its last words there.
#[test]
fn prints_go_where_the_module_has_put_its_stderr() {
    if !support::has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let variables = [("XLLR_TEST_LOG", log.to_str().unwrap())];
    let (_, err) = support::output("prints_elsewhere", &variables);
    assert!(!err.contains("printed"), "{err}");
    let until = Instant::now() + PATIENCE;
    while std::fs::read_to_string(&log).unwrap() != "printed" {
        assert!(Instant::now() < until, "nothing in the file");
    }
}

#[test]
fn prints_reach_the_hosts_pipe() {
    if !support::has_python() {
        return;
    }
    for end in [
        "prints_before_the_host_ends",
        "prints_before_it_is_freed",
        "prints_before_it_fails_to_load",
    ] {
        let (out, err) = support::output(end, &[]);
        assert!(out.contains("printed"), "{end}: {out}");
        assert!(err.contains("printed"), "{end}: {err}");
    }
}

case!(the_option_python_is_the_helpers, |case: &Case| {
    let options = Options {
        python: Some("/no/such/python".into()),
        isolate: true,
        ..Options::default()
    };
    let error = Module::open("python3", &case.guest("kinds"), &options).unwrap_err();
    assert!(
        error
            .text()
            .contains("`/no/such/python` (of the option `python`)"),
        "{error}"
    );
});

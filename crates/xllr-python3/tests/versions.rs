//! One binary of the runtime with every CPython of this machine: what differs between versions.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;

use object::{Object, ObjectSymbol};
use support::pythons::{Python, pythons};
use support::{Case, call, failure, inner, open, output};
use xllr::abi::RawCall;

#[test]
fn every_version_runs_guests() {
    for python in pythons() {
        let program = python.program.to_str().unwrap();
        output("works", &[("GANGPLANK_PYTHON", program)]);
    }
}

#[test]
fn works() {
    inner("works", |case: &Case| {
        let kinds = open(&case.guest("kinds"));
        let value = support::everything();
        assert_eq!(call(&kinds, "echo", &value), value);
        for (what, first) in [
            ("plain", "ValueError: plain\nTraceback"),
            ("exit", "SystemExit: 3\nTraceback"),
            (
                "recursion",
                "RecursionError: maximum recursion depth exceeded",
            ),
            ("chain", "ValueError: second\n"),
        ] {
            let text = [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
            let said = failure(&kinds, "fail", &text);
            assert!(said.starts_with(first), "{what}: {said}");
        }
        assert_eq!(call(&kinds, "later", b"\x0a\x02hi")[2..4], *b"hi");
        let never = kinds
            .function("later_never")
            .unwrap()
            .prepare(None)
            .unwrap();
        let mut gp = RawCall::new();
        gp.timeout_ns = 20_000_000;
        let none: *mut c_void = ptr::null_mut();
        // SAFETY: the function takes and gives nothing.
        let status = unsafe { never.call(never.this(), none, none, &mut gp, None, none) };
        assert_eq!(status, 11);
        // Threads that stay, and threads that end.
        std::thread::scope(|scope| {
            let threads = [(); 8].map(|()| {
                scope.spawn(|| {
                    for _ in 0..200 {
                        assert_eq!(call(&kinds, "shout", b"\x0a\x02hi"), b"\x0a\x02HI");
                    }
                })
            });
            // The scope alone does not wait for what a thread leaves behind.
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        });
        let states = call(&kinds, "states", b"");
        for _ in 0..100 {
            std::thread::scope(|scope| scope.spawn(|| call(&kinds, "shout", b"\x0a\x01a")).join())
                .unwrap();
        }
        assert_eq!(call(&kinds, "states", b""), states);
        buffers(case);
    });
}

/// Parameters and results that are memory.
fn buffers(case: &Case) {
    let buffers = open(&case.guest("buffers"));
    let numbers = support::numbers();
    assert_eq!(call(&buffers, "echo", &numbers), numbers);
    // They are the guest's own: it may keep them.
    let kept = "[[1, -2], [-3, 4], [5, 4294967295], [6, 18446744073709551615], [0.5, -1.5], [0.25], [0, 255, 7]]";
    assert_eq!(call(&buffers, "kept", b"")[2..], *kept.as_bytes());
    assert_eq!(call(&buffers, "echo", b""), b"");
    let text = |what: &str| [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
    let minus_two = b"\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let packed = |bytes: &[u8]| [&[0x0a, bytes.len() as u8][..], bytes].concat();
    for (what, whole) in [
        ("same", packed(minus_two)),
        ("wider", packed(minus_two)),
        ("reversed", packed(minus_two)),
        ("octets", packed(b"\x01\x02")),
        ("empty", Vec::new()),
        ("range", packed(b"\x01\x02")),
    ] {
        assert_eq!(call(&buffers, "whole", &text(what)), whole, "{what}");
    }
    for (what, why) in [
        ("too wide", "item 1: 1099511627776 does not fit into i32"),
        ("bytes", "expected list, not bytes"),
        ("floats", "item 0: expected int, not float"),
        ("two dimensions", "sub-views are not implemented"),
    ] {
        let said = failure(&buffers, "whole", &text(what));
        assert!(said.contains(why), "{what}: {said}");
    }
    assert_eq!(call(&buffers, "flags", b""), b"\x0a\x03\x01\x00\x01");
}

#[test]
fn numpy_of_a_virtual_environment_passes_arrays() {
    let found = pythons();
    let ends = [found.first(), found.last()];
    for python in ends.into_iter().flatten() {
        let Some(venv) = with_numpy(python) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "numpy cannot be installed"
            );
            eprintln!("SKIPPED: numpy cannot be installed for {}", python.version);
            continue;
        };
        let venv = venv.to_str().unwrap();
        output("arrays", &[("VIRTUAL_ENV", venv), ("TELL", venv)]);
    }
}

/// A virtual environment with NumPy, made once and kept among what cargo builds.
fn with_numpy(python: &Python) -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap();
    let venv = target.join("python").join(&python.version);
    let done = venv.join("complete");
    if !done.is_file() {
        let _ = std::fs::remove_dir_all(&venv);
        let run = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            eprintln!("{}: {}\n{said}", program.display(), output.status);
            output.status.success()
        };
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "numpy",
        ];
        let made = run(&python.program, &["-m", "venv", venv.to_str().unwrap()])
            && run(&venv.join("bin/python"), &pip);
        if !made {
            return None;
        }
        std::fs::write(done, "").unwrap();
    }
    Some(venv)
}

#[test]
fn arrays() {
    inner("arrays", |case: &Case| {
        let arrays = open(&case.guest("arrays"));
        let at = call(&arrays, "where", b"");
        let venv = std::env::var("TELL").unwrap();
        assert!(String::from_utf8_lossy(&at).contains(&venv), "{at:?}");
        let numbers = support::numbers();
        assert_eq!(call(&arrays, "echo", &numbers), numbers);
        assert_eq!(call(&arrays, "echo", b""), b"");
        let text = |what: &str| [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
        let doubles = |numbers: &[f64]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|one| one.to_le_bytes()).collect();
            [&[0x0a, bytes.len() as u8][..], &bytes].concat()
        };
        for what in ["same", "narrow", "half", "whole", "swapped"] {
            assert_eq!(
                call(&arrays, "made", &text(what)),
                doubles(&[0.0, 1.0, 2.0]),
                "{what}"
            );
        }
        assert_eq!(
            call(&arrays, "made", &text("strided")),
            doubles(&[5.0, 3.0, 1.0])
        );
        for (what, why) in [
            ("table", "item 0: expected float, not ndarray"),
            ("texts", "item 0: expected float, not str_"),
            ("scalar", "expected list, not float64"),
        ] {
            let said = failure(&arrays, "made", &text(what));
            assert!(said.contains(why), "{what}: {said}");
        }
        assert_eq!(call(&arrays, "flags", b""), b"\x0a\x03\x00\x01\x01");
        assert_eq!(
            call(&arrays, "blob", &text("array")),
            b"\x0a\x03\x00\x01\x02"
        );
        let said = failure(&arrays, "blob", &text("strided"));
        assert!(
            said.contains(
                "the memory of this ndarray is not contiguous; pass `bytes(view)` of a memoryview, `numpy.ascontiguousarray(array)` of an array"
            ),
            "{said}"
        );
    });
}

/// The main interpreter's lock is not the one that a thread of a sub-interpreter holds, or cannot be told from it.
#[test]
fn sub_interpreters_are_refused() {
    let case = Case::new();
    let guest = case.guest("kinds");
    let deps = support::plugin();
    for python in pythons() {
        let output = Command::new(&python.program)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/sub.py"))
            .args([deps.join("libxllr.so").as_os_str(), guest.as_ref()])
            .env("GANGPLANK_PATH", deps)
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{} {}: {err}",
            python.version,
            output.status
        );
        let out = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = out.lines().collect();
        let refused = "modules in Python cannot be called from a sub-interpreter: call from ";
        // Before 3.12 nobody can tell whether a thread without the lock is one of a sub-interpreter.
        let released = if python.minor >= 12 { "well" } else { refused };
        let expected = [
            ("alone PyDLL ", "well"),
            ("alone CDLL ", "well"),
            ("sub PyDLL ", refused),
            ("sub CDLL ", refused),
            ("main PyDLL ", "well"),
            ("main CDLL ", released),
            ("thread PyDLL ", "well"),
            ("thread CDLL ", released),
        ];
        assert_eq!(lines.len(), expected.len(), "{}: {out}", python.version);
        for (line, (start, then)) in lines.iter().zip(expected) {
            let rest = line.strip_prefix(start);
            let holds = rest.is_some_and(|rest| rest.starts_with(then));
            assert!(holds, "{}: {line}\n  not: {start}{then}", python.version);
        }
    }
}

/// Version of the list by symbol: `crates/gangplank-cpython/tests/stable_abi.txt`.
fn stable_abi() -> BTreeMap<String, u32> {
    let list = include_str!("../../gangplank-cpython/tests/stable_abi.txt");
    let mut since = 0;
    let mut symbols = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("3.") {
            Some(minor) => since = minor.parse().unwrap(),
            None => {
                let names = line.split_whitespace();
                symbols.extend(names.map(|name| (name.to_owned(), since)));
            }
        }
    }
    symbols
}

fn symbols(path: &Path, undefined: bool) -> BTreeSet<String> {
    let bytes = std::fs::read(path).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let symbols = file.dynamic_symbols();
    symbols
        .filter(|symbol| symbol.is_undefined() == undefined)
        .map(|symbol| symbol.name().unwrap().to_owned())
        .filter(|name| name.starts_with("Py") || name.starts_with("_Py"))
        .collect()
}

#[test]
fn what_is_imported_is_in_the_stable_abi_of_every_version() {
    let list = stable_abi();
    assert!(list.len() > 800 && list["PyObject_GetBuffer"] == 11);
    let built = support::plugin().parent().unwrap();
    let extension = built.join("lib_gangplank.so");
    support::build(&["gangplank-python-host"]);
    let found = pythons();
    for binary in [built.join("libxllr_python3.so"), extension] {
        let imported = symbols(&binary, true);
        assert!(imported.len() > 30, "{}: {imported:?}", binary.display());
        let oldest = |name: &String| list.get(name).is_some_and(|since| *since <= 10);
        let others: Vec<&String> = imported.iter().filter(|name| !oldest(name)).collect();
        assert!(
            others.is_empty(),
            "{}: not in 3.10: {others:?}",
            binary.display()
        );
        for python in &found {
            let there = symbols(&python.library, false);
            let missing: Vec<_> = imported.difference(&there).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", python.version);
        }
    }
}

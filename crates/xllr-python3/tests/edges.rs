//! What happens seldom in guests in Python, with every CPython of this machine: values that are almost right, threads that
//! cannot have the lock, ends. Each case runs in a process of its own.

mod support;

use std::process::Command;
use std::ptr;

use support::pythons::pythons;
use support::{Case, call, failure, inner, open, output};
use xllr::abi::{RawCall, RawText};
use xllr::{Module, Options};

const GP_OK: i32 = 0;

/// Runs a case with each version.
fn every(case: &str) {
    for python in pythons() {
        let program = python.program.to_str().unwrap();
        let minor = python.minor.to_string();
        output(case, &[("GANGPLANK_PYTHON", program), ("MINOR", &minor)]);
    }
}

/// The minor version in a case that [`every`] runs.
fn minor() -> u32 {
    std::env::var("MINOR").unwrap().parse().unwrap()
}

#[repr(C)]
struct Row {
    label: RawText,
    numbers: RawText,
}

case!(short_numbers_lie_where_numbers_may, |case: &Case| {
    let edges = open(&case.guest("edges"));
    let row = edges.function("row").unwrap().prepare(None).unwrap();
    for count in 1_i64..20 {
        for scratch_len in [0, 1024] {
            let mut scratch = [0_u128; 64];
            let mut gp = RawCall::new();
            gp.scratch = scratch.as_mut_ptr().cast();
            gp.scratch_len = scratch_len;
            let mut out = Row {
                label: RawText::EMPTY,
                numbers: RawText::EMPTY,
            };
            // SAFETY: a number goes in, and a text and numbers come out, which are there until they are freed.
            unsafe {
                let (count, out) = ((&raw const count).cast(), (&raw mut out).cast());
                let status = row.call(row.this(), count, out, &mut gp, None, ptr::null_mut());
                assert_eq!(status, GP_OK);
            }
            assert_eq!((out.label.len, out.numbers.len), (1, count as usize));
            let numbers = out.numbers.ptr.cast::<f64>();
            assert!(numbers.is_aligned(), "{count} numbers at {numbers:?}");
            // SAFETY: as above, and aligned.
            let numbers = unsafe { std::slice::from_raw_parts(numbers, out.numbers.len) };
            assert!(numbers.iter().all(|number| *number == 1.5));
            if let Some(free) = gp.free_owned {
                // SAFETY: the call has ended.
                unsafe { free(&mut gp) };
            }
        }
    }
});

case!(a_call_that_is_used_again_is_freed_first, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let shout = kinds.function("shout").unwrap().prepare(None).unwrap();
    let letters = "a".repeat(1 << 20);
    let text = RawText {
        ptr: letters.as_ptr(),
        len: letters.len(),
    };
    let mut gp = RawCall::new();
    let mut run = || {
        let mut out = RawText::EMPTY;
        // SAFETY: a text goes in, and a text comes out.
        let status = unsafe {
            let (text, out) = ((&raw const text).cast(), (&raw mut out).cast());
            shout.call(shout.this(), text, out, &mut gp, None, ptr::null_mut())
        };
        assert_eq!((status, out.len), (GP_OK, text.len));
    };
    for _ in 0..4 {
        run();
    }
    let before = support::resident();
    for _ in 0..64 {
        run();
    }
    let grown = support::resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more");
    // SAFETY: the call has ended.
    unsafe { gp.free_owned.unwrap()(&mut gp) };
});

#[test]
fn annotations_that_cannot_be_resolved_ask_for_nothing() {
    every("aliases");
}

#[test]
fn aliases() {
    inner("aliases", |case: &Case| {
        let edges = open(&case.guest("edges"));
        let two = [&b"\x0a\x10"[..], &[0; 16]].concat();
        assert_eq!(call(&edges, "aliased", &two), b"\x08\x02");
    });
}

case!(what_has_every_attribute_is_not_async, |case: &Case| {
    let edges = open(&case.guest("edges"));
    assert_eq!(call(&edges, "eager", b"\x08\x01"), b"\x08\x02");
});

#[test]
fn the_longest_time_is_as_good_as_any() {
    every("longest");
}

#[test]
fn longest() {
    inner("longest", |case: &Case| {
        let edges = open(&case.guest("edges"));
        let later = edges.function("later").unwrap().prepare(None).unwrap();
        let (number, mut reply, mut gp) = (1_i64, 0_i64, RawCall::new());
        gp.timeout_ns = i64::MAX;
        // SAFETY: a number goes in, and a number comes out.
        let status = unsafe {
            let (number, reply) = ((&raw const number).cast(), (&raw mut reply).cast());
            later.call(later.this(), number, reply, &mut gp, None, ptr::null_mut())
        };
        assert_eq!((status, reply), (GP_OK, 2));
    });
}

#[test]
fn exceptions_that_say_something_else_are_passed_on() {
    every("exceptions");
}

#[test]
fn exceptions() {
    inner("exceptions", |case: &Case| {
        let guest = case.guest("edges");
        let edges = open(&guest);
        let said = failure(&edges, "moment", b"");
        assert!(said.starts_with("KeyboardInterrupt\nTraceback"), "{said}");
        let said = failure(&edges, "lent", b"");
        let says = match minor() {
            // Before, no class of Python's can lend memory.
            ..12 => "`Edges.lent` returned a wrong value: expected bytes, not Short",
            _ => "MemoryError: no room for a buffer\nTraceback",
        };
        assert!(said.starts_with(says), "{said}");
        // The table of a guest's types is the guest's.
        let text = std::fs::read_to_string(&guest).unwrap();
        let other = |name: &str, table: &str| {
            let path = case.folder.join(format!("{name}.py"));
            std::fs::write(&path, format!("{text}\n\n{table}\n")).unwrap();
            let path = path.to_str().unwrap();
            let error = Module::open("python3", path, &Options::default());
            error.unwrap_err().text().to_owned()
        };
        let said = other("gone", "TYPES = {}");
        assert!(said.contains("the table of its types has no "), "{said}");
        let table = "class Table(dict):\n    def __missing__(self, key):\n        raise MemoryError(key)\n\n\nTYPES = Table()";
        let said = other("short", table);
        assert!(said.contains("cannot be loaded: MemoryError: "), "{said}");
        // A defect of C: it fails and does not say why. The places are those of `PyTypeObject`.
        let table = "import ctypes\n\n\nclass Table(dict):\n    def __getitem__(self, key):\n        pass\n\n\nSILENT = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: None)\nMAPPING = ctypes.c_void_p.from_address(id(Table) + 112).value\nctypes.c_void_p.from_address(MAPPING + 8).value = ctypes.cast(SILENT, ctypes.c_void_p).value\nTYPES = Table()";
        let said = other("silent", table);
        let says = "cannot be loaded: Python failed without an exception";
        assert!(said.ends_with(says), "{said}");
    });
}

/// Of a host that is no Python: the thread's state is kept between calls, and is not the one that has the lock.
#[test]
fn a_guest_in_a_sub_interpreter_is_refused() {
    every("elsewhere");
}

#[test]
fn elsewhere() {
    inner("elsewhere", |case: &Case| {
        let edges = open(&case.guest("edges"));
        let library = support::plugin().join("libxllr.so");
        let library = library.to_str().unwrap();
        let request = [&[0x0a, library.len() as u8], library.as_bytes()].concat();
        let refused = "modules in Python cannot be called from a sub-interpreter: call from ";
        // Before 3.12 nobody can tell whether a thread without the lock is one of a sub-interpreter.
        let released = if minor() >= 12 { "well" } else { refused };
        // More than once: the first call of a thread makes its state.
        assert_eq!(call(&edges, "eager", b"\x08\x01"), b"\x08\x02");
        let said = call(&edges, "elsewhere", &request);
        // A tag and a length of two bytes are before it.
        let said = str::from_utf8(&said[3..]).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 4, "{said}");
        assert!(lines[0] == "well" && lines[1] == "well", "{said}");
        assert!(lines[2].starts_with(refused), "{said}");
        assert!(lines[3].starts_with(released), "{said}");
        // The host's threads are in none.
        assert_eq!(call(&edges, "eager", b"\x08\x01"), b"\x08\x02");
        let other = std::thread::spawn(move || call(&edges, "eager", b"\x08\x01"));
        assert_eq!(other.join().unwrap(), b"\x08\x02");
    });
}

#[test]
fn a_program_ends_while_its_threads_are_in_a_guest() {
    let case = Case::new();
    let guest = case.guest("kinds");
    let deps = support::plugin();
    for python in pythons() {
        for function in ["Kinds.spin", "Kinds.states"] {
            let output = Command::new(&python.program)
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/ends.py"))
                .args([deps.join("libxllr.so").as_os_str(), guest.as_ref()])
                .arg(function)
                .env("GANGPLANK_PATH", deps)
                .output()
                .unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            let ended = output.status.success() && out == "end\n" && err.is_empty();
            let (version, status) = (&python.version, output.status);
            assert!(ended, "{version}, {function}: {status} {out}{err}");
        }
    }
}

/// Neither the program nor any variable says where the runtime is.
#[test]
fn a_runtime_beside_its_module_is_found() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let guest = case.guest("edges");
    let deps = support::plugin();
    // Links, and no copies: who copies a program cannot run it while another thread starts one.
    let programs = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let host = programs.path().join("host");
    let helper = programs.path().join("xllr-helper");
    std::fs::hard_link(std::env::current_exe().unwrap(), &host).unwrap();
    std::fs::hard_link(support::helper(), &helper).unwrap();
    let run = || {
        let mut command = Command::new(&host);
        command.args(["--exact", "finds_the_runtime", "--nocapture"]);
        command.env_remove("GANGPLANK_PATH").env("GUEST", &guest);
        // Of cargo.
        command.env_remove("LD_LIBRARY_PATH");
        command.env("GANGPLANK_HELPER", &helper);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.success(), text)
    };
    let file = "libxllr_python3.so";
    let (found, said) = run();
    let looked = format!(
        "{file} in {}, {}",
        programs.path().display(),
        case.folder.display()
    );
    assert!(!found && said.contains(&looked), "{said}\n  not: {looked}");
    std::fs::copy(deps.join(file), case.folder.join(file)).unwrap();
    let (found, said) = run();
    assert!(found, "{said}");
}

#[test]
fn finds_the_runtime() {
    let Ok(guest) = std::env::var("GUEST") else {
        return;
    };
    for isolate in [false, true] {
        let options = Options {
            isolate,
            ..Options::default()
        };
        let edges = Module::open("python3", &guest, &options);
        let edges = edges.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(call(&edges, "eager", b"\x08\x01"), b"\x08\x02");
    }
}

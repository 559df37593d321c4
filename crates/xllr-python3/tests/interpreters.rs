//! Which Python runs guests, and what is said of those that cannot.

#[path = "../../../tests/support/program.rs"]
mod program;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Case, call, inner, open, output};
use xllr::{Module, Options};

/// The Python of these tests.
fn python() -> PathBuf {
    let text = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    PathBuf::from(String::from_utf8(text.stdout).unwrap().trim())
}

#[test]
fn tells() {
    inner("tells", |case: &Case| {
        let path = case.guest("kinds");
        let tell = std::env::var("TELL").unwrap();
        let mut options = Options::default();
        if let Ok(python) = std::env::var("OPTION") {
            options.python = Some(python.into());
        }
        if let Ok(target) = std::env::var("VENV_BESIDE") {
            std::os::unix::fs::symlink(target, case.folder.join(".venv")).unwrap();
        }
        match Module::open("python3", &path, &options) {
            Ok(kinds) => {
                let prefix = call(&kinds, "prefix", b"");
                let prefix = String::from_utf8(prefix[2..].to_vec()).unwrap();
                let real = Path::new(&prefix).canonicalize().unwrap();
                assert_eq!(real, Path::new(&tell).canonicalize().unwrap());
            }
            Err(error) => assert!(error.text().contains(&tell), "{error}\n  not: {tell}"),
        }
    });
}

/// A virtual environment.
fn environment(case: &Case) -> PathBuf {
    let venv = case.folder.join("venv");
    let made = Command::new(python())
        .args(["-m", "venv", "--without-pip"])
        .arg(&venv)
        .status()
        .unwrap();
    assert!(made.success());
    venv
}

/// A program that answers as an interpreter would.
fn fake(folder: &Path, name: &str, answer: &[&str]) -> String {
    let path = folder.join(name);
    let script = format!("#!/bin/sh\nprintf '%s\\n' {}\n", answer.join(" "));
    program::write(&path, &script);
    path.to_str().unwrap().to_owned()
}

/// An installed package does the work; nobody has written a line for it.
#[test]
fn a_package_of_a_virtual_environment_counts_words() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let venv = environment(&case);
    let packages = std::fs::read_dir(venv.join("lib")).unwrap().next();
    let package = packages
        .unwrap()
        .unwrap()
        .path()
        .join("site-packages/wordbag");
    std::fs::create_dir(&package).unwrap();
    std::fs::write(package.join("__init__.py"), "").unwrap();
    let count = "def count_words(text):\n    return len(text.split())\n";
    std::fs::write(package.join("counting.py"), count).unwrap();
    output("counts_words", &[("VIRTUAL_ENV", venv.to_str().unwrap())]);
}

#[test]
fn counts_words() {
    inner("counts_words", |case: &Case| {
        let words = open(&case.guest("words"));
        let text = b"\x0a\x13to be or not to  be";
        assert_eq!(call(&words, "count", text), b"\x08\x06");
    });
}

#[test]
fn what_cannot_run_guests_is_said() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let fake = |name: &str, answer: &[&str]| fake(&case.folder, name, answer);
    let old = fake(
        "old",
        &[
            "/x/python3",
            "3.9",
            "libpython3.9.so",
            "/x",
            "''",
            "0",
            "/x",
        ],
    );
    let threads = fake(
        "t",
        &[
            "/x/python3",
            "3.13",
            "libpython3.13t.so",
            "/x",
            "''",
            "1",
            "/x",
        ],
    );
    let alone = fake(
        "a",
        &[
            "/x/python3",
            "3.12",
            "libpython3.12.a",
            "/x",
            "''",
            "0",
            "/x",
        ],
    );
    let gone = fake(
        "g",
        &[
            "/x/python3",
            "3.77",
            "libpython3.77.so",
            "/x",
            "''",
            "0",
            "/x",
        ],
    );
    let silent = fake("s", &["''"]);
    for (program, says) in [
        (
            old.as_str(),
            "is version 3.9; version 3.10 or newer is needed",
        ),
        (&threads, "is a free-threaded build, which is not supported"),
        (&alone, "has no shared libpython3.12: install it"),
        (&gone, "has no shared libpython3.77: install it"),
        (&silent, "does not say what it is"),
        (
            "/no/such/python",
            "(of GANGPLANK_PYTHON) cannot be run: No such file",
        ),
    ] {
        output("tells", &[("GANGPLANK_PYTHON", program), ("TELL", says)]);
    }
    // Python would end the process that it is started in.
    let home = [
        ("PYTHONHOME", "/no/such/home"),
        ("TELL", "does not say what it is"),
    ];
    output("tells", &home);
    let nowhere = case.folder.join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    output(
        "tells",
        &[("PATH", nowhere), ("TELL", "no Python found: looked at")],
    );
}

/// A Python that is the process already, and says that it is this version.
#[test]
fn a_process_that_is_another_python_is_refused() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let free_threaded =
        "the Python in this process is a free-threaded build, which is not supported";
    let refused = [
        (
            "3.13.0 experimental free-threading build (main)",
            free_threaded,
        ),
        ("3.14.0 free-threading build (main)", free_threaded),
        (
            "3.9.18 (main)",
            "the Python in this process is version 3.9.18; version 3.10 or newer is needed",
        ),
    ];
    for (index, (version, says)) in refused.into_iter().enumerate() {
        let source = case.folder.join("python.c");
        let text = format!(
            "int Py_IsInitialized(void) {{ return 1; }}\nconst char *Py_GetVersion(void) {{ return \"{version}\"; }}\n"
        );
        std::fs::write(&source, text).unwrap();
        let library = case.folder.join(format!("libfake{index}.so"));
        let mut cc = Command::new("cc");
        let made = cc
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source]);
        assert!(made.status().unwrap().success());
        let library = library.to_str().unwrap();
        output("tells", &[("LD_PRELOAD", library), ("TELL", says)]);
    }
}

#[test]
fn virtual_environments_and_words_choose() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let venv = environment(&case);
    let (venv, program) = (venv.to_str().unwrap(), venv.join("bin/python"));
    let program = program.to_str().unwrap();
    let wrong = "/no/such/python";
    output("tells", &[("VIRTUAL_ENV", venv), ("TELL", venv)]);
    output("tells", &[("VENV_BESIDE", venv), ("TELL", venv)]);
    let named = [("GANGPLANK_PYTHON", program), ("TELL", venv)];
    output("tells", &[&named[..], &[("VIRTUAL_ENV", wrong)]].concat());
    let option = [("OPTION", program), ("TELL", venv)];
    output(
        "tells",
        &[&option[..], &[("GANGPLANK_PYTHON", wrong)]].concat(),
    );
    let python = python();
    let prefix = python.parent().and_then(Path::parent).unwrap();
    output("tells", &[("TELL", prefix.to_str().unwrap())]);
}

/// Of `libxllr` in a Python program: the guest runs in that very Python, whose lock is held by the caller or not.
#[test]
fn a_process_that_is_python_runs_guests_itself() {
    if !support::has_python() {
        return;
    }
    let case = Case::new();
    let guest = case.guest("kinds");
    let deps = support::plugin();
    let text = Command::new(python())
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/host.py"))
        .args([deps.join("libxllr.so").as_os_str(), guest.as_ref()])
        .env("GANGPLANK_PATH", deps)
        .env("GANGPLANK_PYTHON", "/no/such/python")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&text.stderr);
    assert!(text.status.success(), "{} {err}", text.status);
    assert_eq!(
        String::from_utf8_lossy(&text.stdout),
        "held\nreleased\n8 threads\n"
    );
}

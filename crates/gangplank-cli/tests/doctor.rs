//! What `gangplank doctor` says of machines with and without tools, and what `build --target` says when they are missing.

#[path = "../../../tests/support/program.rs"]
mod program;
mod support;

use std::path::Path;

use serde_json::Value;
use support::{crate_in, folder, gangplank, gangplank_at, installed, run};

/// A script that says `text`, whatever it is asked.
fn pretend(folder: &Path, name: &str, text: &str) {
    script(folder, name, &format!("echo '{text}'"));
}

fn script(folder: &Path, name: &str, text: &str) {
    program::write(&folder.join(name), &format!("#!/bin/sh\n{text}\n"));
}

/// A folder with everything that is needed.
fn complete() -> tempfile::TempDir {
    let tools = tempfile::tempdir().unwrap();
    for name in ["cargo", "rustc", "cc", "ld", "objcopy", "ar"] {
        pretend(tools.path(), name, &format!("{name} 1.99.0"));
    }
    pretend(tools.path(), "gcc", "x86_64-linux-gnu");
    go_with(tools.path(), "gcc", "1");
    tools
}

/// Runs `doctor` where only the tools in `path` are there.
fn doctor(path: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = gangplank(path);
    let tools = ["CARGO", "RUSTC", "CC", "LD", "OBJCOPY", "AR", "MAKE"];
    for variable in tools.iter().chain(&["GANGPLANK_PYTHON", "VIRTUAL_ENV"]) {
        command.env_remove(variable);
    }
    run(command.env("PATH", path).arg("doctor").args(more))
}

#[test]
fn everything_is_there() {
    let tools = complete();
    let (code, stdout, stderr) = doctor(tools.path(), &[]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.contains("  cargo      cargo 1.99.0\n"), "{stdout}");
    assert!(
        stdout.contains("  make       not there, not needed; it runs the Makefiles"),
        "{stdout}"
    );
    assert!(
        stdout.contains("aarch64-apple-darwin       untested "),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("\nEverything needed is there.\n"),
        "{stdout}"
    );
}

#[test]
fn what_is_missing_or_too_old_is_named_with_its_package() {
    let tools = complete();
    std::fs::remove_file(tools.path().join("objcopy")).unwrap();
    pretend(tools.path(), "go", "go version go1.19.8 linux/amd64");
    let (code, stdout, _) = doctor(tools.path(), &[]);
    assert_eq!(code, 3, "{stdout}");
    assert!(
        stdout.contains(
            "  objcopy    MISSING; it hides the symbols that are not the library's own\n"
        ),
        "{stdout}"
    );
    assert!(
        stdout.contains("help: apt-get install binutils\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("  go         too old, 1.24 is needed: go version go1.19.8"),
        "{stdout}"
    );

    let (code, stdout, _) = doctor(tools.path(), &["--format", "json"]);
    assert_eq!(code, 3);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&json["schema"], &json["complete"]),
        (&1.into(), &false.into())
    );
    let tool = |name: &str| {
        let tools = json["tools"].as_array().unwrap().iter();
        tools
            .clone()
            .find(|tool| tool["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(tool("objcopy")["state"], "missing");
    assert_eq!(tool("objcopy")["package"], "binutils");
    assert_eq!(tool("go")["state"], "too_old");
    assert_eq!(tool("cargo")["state"], "ok");
}

/// A go command that answers `go env -json` with this C compiler.
fn go_with(tools: &Path, cc: &str, cgo: &str) {
    go_that_builds_in(tools, "/no/such/build", cc, cgo);
}

fn go_that_builds_in(tools: &Path, folder: &str, cc: &str, cgo: &str) {
    let env = format!(
        "{{\"CGO_ENABLED\":\"{cgo}\",\"CC\":\"{cc}\",\"GOVERSION\":\"go1.26.1\",\"GOCACHE\":\"{folder}\",\"GOMODCACHE\":\"/no/such/cache\",\"GOPROXY\":\"direct\",\"GOOS\":\"linux\",\"GOARCH\":\"amd64\",\"GOHOSTOS\":\"linux\",\"GOHOSTARCH\":\"amd64\"}}"
    );
    let text =
        format!("case $1 in env) echo '{env}' ;; *) echo go version go1.26.1 linux/amd64 ;; esac");
    script(tools, "go", &text);
}

#[test]
fn guests_in_go_need_more_than_go() {
    let tools = complete();
    pretend(tools.path(), "musl-gcc", "x86_64-linux-musl");
    for (cc, cgo, said) in [
        (
            "gcc",
            "1",
            "  can be built here, with the C compiler `gcc`\n  module cache: /no/such/cache (nothing is there yet)\n",
        ),
        (
            "clang -m64",
            "0",
            "  cannot be built here: the C compiler `clang` is missing; Go needs it for shared libraries\n  help: apt-get install gcc",
        ),
        (
            "gcc",
            "0",
            "  cannot be built here: Go builds without C here (CGO_ENABLED is not 1), and shared libraries need it\n  help: set CGO_ENABLED=1",
        ),
        (
            "musl-gcc",
            "1",
            "  cannot be built here: `musl-gcc` builds for musl",
        ),
    ] {
        go_with(tools.path(), cc, cgo);
        let (code, stdout, _) = doctor(tools.path(), &[]);
        let possible = said.starts_with("  can be");
        let (exit, end) = match possible {
            true => (0, "\nEverything needed is there.\n"),
            false => (3, "\nSomething needed is missing: see above.\n"),
        };
        assert!(code == exit && stdout.ends_with(end), "{code}: {stdout}");
        assert!(
            stdout.contains(&format!("\nGo guests of .proto files\n{said}")),
            "{stdout}"
        );
        let (_, stdout, _) = doctor(tools.path(), &["--format", "json"]);
        let json: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(json["go_guests"]["possible"], Value::from(possible));
        assert_eq!(json["complete"], Value::from(possible));
    }
}

/// As in containers and services: Go is there, and has nowhere to build.
#[test]
fn a_go_without_folders_builds_nothing() {
    let tools = complete();
    go_that_builds_in(tools.path(), "off", "gcc", "1");
    let (code, stdout, _) = doctor(tools.path(), &[]);
    assert_eq!(code, 3, "{stdout}");
    assert!(
        stdout.contains("  cannot be built here: Go has no folders for what it builds and downloads\n  help: set HOME, or GOCACHE and GOMODCACHE"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("\nSomething needed is missing: see above.\n"),
        "{stdout}"
    );
}

#[test]
fn a_target_without_its_tools_is_refused_before_anything_is_built() {
    let folder = folder("targets");
    crate_in(&folder, "any", "", "//! Any.\n");
    let build = |target: &str| run(gangplank(&folder).args(["build", "any", "--target", target]));

    let (code, stdout, stderr) = build("pdp11-unknown-unix");
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: Rust knows no target `pdp11-unknown-unix`\n  help: "),
        "{stderr}"
    );

    // A rustc whose libraries for the target are there, and no linker.
    let libraries = folder.join("libraries");
    std::fs::create_dir_all(&libraries).unwrap();
    let text = format!(
        "case \"$*\" in\n'--print target-libdir '*) echo '{}' ;;\n*) exec rustc \"$@\" ;;\nesac",
        libraries.display()
    );
    script(&folder, "rustc", &text);
    let mut command = gangplank(&folder);
    command
        .env("RUSTC", folder.join("rustc"))
        .env("CC_aarch64_unknown_linux_gnu", "cc")
        .env("LD_aarch64_unknown_linux_gnu", "no-such-linker");
    let (code, stdout, stderr) =
        run(command.args(["build", "any", "--target", "aarch64-unknown-linux-gnu"]));
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert_eq!(
        stderr,
        "error: `no-such-linker` is missing; it makes one object of the library\n  help: on Debian and Ubuntu it is \
         in the package `binutils-aarch64-linux-gnu` (apt-get install binutils-aarch64-linux-gnu)\n"
    );

    std::fs::remove_dir(&libraries).unwrap();
    let mut command = gangplank(&folder);
    command.env("RUSTC", folder.join("rustc"));
    let (code, _, stderr) =
        run(command.args(["build", "any", "--target", "aarch64-unknown-linux-gnu"]));
    assert_eq!(code, 3);
    assert_eq!(
        stderr,
        "error: Rust's standard library for aarch64-unknown-linux-gnu is missing\n  \
         help: rustup target add aarch64-unknown-linux-gnu\n"
    );
}

/// An interpreter that says this of itself, and this version of grpcio-tools.
fn python_with(tools: &Path, version: &str, library: &str, free_threaded: &str, grpc: &str) {
    let folder = tools.display();
    let text = format!(
        "case \"$2\" in\n*INSTSONAME*) printf '%s\\n' /x/python3 {version} {library} {folder} '' {free_threaded} /x ;;\n*) echo {grpc} ;;\nesac"
    );
    script(tools, "python3", &text);
}

#[test]
fn the_python_that_would_run_guests_is_described() {
    let tools = complete();
    std::fs::write(tools.path().join("libpython3.12.so.1.0"), "").unwrap();
    let program = tools.path().join("python3");
    let program = program.to_str().unwrap();
    let chosen = format!("  chosen: {program} (of PATH), Python ");
    let cannot = format!("  cannot run guests here: the Python `{program}` (of PATH) ");
    let library = tools.path().join("libpython3.12.so.1.0");
    let library = library.to_str().unwrap();
    for (answers, possible, said) in [
        (
            ("3.12", "libpython3.12.so.1.0", "0", "1.85.1"),
            true,
            format!("{chosen}3.12\n  library: {library}\n  grpcio-tools: 1.85.1\n"),
        ),
        (
            ("3.12", "libpython3.12.so.1.0", "0", ""),
            true,
            format!("  help: {program} -m pip install grpcio-tools\n"),
        ),
        (
            ("3.9", "libpython3.9.so", "0", ""),
            false,
            format!("{cannot}is version 3.9; version 3.10 or newer is needed\n{chosen}3.9\n"),
        ),
        (
            ("3.13", "libpython3.13t.so", "1", ""),
            false,
            format!("{cannot}is a free-threaded build"),
        ),
        (
            ("3.11", "libpython3.11.a", "0", ""),
            false,
            format!("{cannot}has no shared libpython3.11: install it"),
        ),
        (
            // Built with one that nobody has installed.
            ("3.11", "libpython3.11.so.1.0", "0", ""),
            false,
            format!("{cannot}has no shared libpython3.11: install it"),
        ),
    ] {
        let (version, soname, free_threaded, grpc) = answers;
        python_with(tools.path(), version, soname, free_threaded, grpc);
        let (code, stdout, _) = doctor(tools.path(), &[]);
        assert_eq!(code, 0, "{stdout}");
        assert!(stdout.contains(&said), "{stdout}\n  not: {said}");
        let (_, stdout, _) = doctor(tools.path(), &["--format", "json"]);
        let json: Value = serde_json::from_str(&stdout).unwrap();
        let json = &json["python"];
        assert_eq!(json["possible"], Value::from(possible), "{stdout}");
        let problems = json["problems"].as_array().unwrap();
        assert_eq!(problems.is_empty(), possible, "{stdout}");
        for problem in problems {
            assert!(
                problem["message"].is_string() && problem["help"].is_array(),
                "{stdout}"
            );
        }
        assert_eq!(json["program"], program);
        assert_eq!(json["chosen_by"], "PATH");
        assert_eq!(json["version"], version);
        assert_eq!(json["free_threaded"], Value::from(free_threaded == "1"));
        assert_eq!(json["shared_library"].is_string(), possible, "{stdout}");
        assert_eq!(json["grpc_tools"].is_null(), grpc.is_empty(), "{stdout}");
    }
    std::fs::remove_file(tools.path().join("python3")).unwrap();
    let (code, stdout, _) = doctor(tools.path(), &[]);
    assert_eq!(code, 0, "{stdout}");
    let none = "  cannot run guests here: no Python found: looked at GANGPLANK_PYTHON";
    assert!(stdout.contains(none), "{stdout}");
}

/// Who has installed the command alone learns what programs need besides, and what to type.
#[test]
fn what_programs_open_is_found_or_missed() {
    let tools = complete();
    let (_bin, command) = installed();
    let library = format!(
        "{}xllr{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let ask = |more: &[&str]| {
        let mut doctor = gangplank_at(&command, tools.path());
        for variable in ["GANGPLANK_XLLR", "GANGPLANK_PATH", "GANGPLANK_HELPER"] {
            doctor.env_remove(variable);
        }
        run(doctor.env("PATH", tools.path()).arg("doctor").args(more)).1
    };
    let text = ask(&[]);
    assert!(
        text.contains(&format!("  {library}: not found; hosts in Go")),
        "{text}"
    );
    assert!(
        text.contains("  help: in a checkout of Gangplank: cargo build --release --package xllr"),
        "{text}"
    );
    let there = command.with_file_name(&library);
    std::fs::write(&there, "").unwrap();
    assert!(ask(&[]).contains(&format!("  {library}: {}\n", there.display())));
    let json: Value = serde_json::from_str(&ask(&["--format", "json"])).unwrap();
    assert_eq!(json["xllr"]["library"], there.to_str().unwrap());
    assert!(json["xllr"]["helper"].is_null() && json["xllr"]["python_runtime"].is_null());
}

#[test]
fn the_extension_of_hosts_in_python_lies_beside_the_command_or_is_missed() {
    let tools = complete();
    let (_bin, command) = installed();
    let extension = command.with_file_name("_gangplank.abi3.so");
    let ask = |more: &[&str]| {
        let mut command = std::process::Command::new(&command);
        let (code, stdout, _) = run(command.env("PATH", tools.path()).arg("doctor").args(more));
        assert_eq!(code, 0, "{stdout}");
        stdout
    };
    let json = || serde_json::from_str::<Value>(&ask(&["--format", "json"])).unwrap();
    let missing = ask(&[]);
    for said in [
        "  host extension: MISSING: packages and hosts in Python are written without _gangplank.abi3.so, and do not work\n",
        &format!(
            "cp target/release/lib_gangplank.so {}\n",
            extension.display()
        ),
    ] {
        assert!(missing.contains(said), "{missing}\n  not: {said}");
    }
    assert!(json()["python"]["host_extension"].is_null());

    std::fs::write(&extension, "").unwrap();
    let there = ask(&[]);
    let said = format!("  host extension: {}\n", extension.display());
    assert!(there.contains(&said), "{there}");
    assert_eq!(
        json()["python"]["host_extension"],
        extension.to_str().unwrap()
    );
}

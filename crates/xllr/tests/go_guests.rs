//! The limits of Go: one runtime per process, whoever brought it, and never unloaded.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use xllr::{Kind, Module, Options};

const HELPER: &str = env!("CARGO_BIN_EXE_xllr-helper");

/// Whether Go is there. Without it the tests end early, loudly; in CI it must be there.
fn go_is_missing() -> bool {
    let found = Command::new("go").arg("version").output().is_ok();
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(found || !ci, "go is not installed");
    if !found {
        eprintln!("SKIPPED: go is not installed");
    }
    !found
}

fn build(package: &str, output: &Path, arguments: &[&str]) -> PathBuf {
    let status = Command::new("go")
        .arg("build")
        .args(arguments)
        .arg("-o")
        .arg(output)
        .arg(".")
        .current_dir(support::go_package(package))
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "1")
        .status()
        .unwrap();
    assert!(status.success(), "{package} does not build");
    output.canonicalize().unwrap()
}

fn open(path: &Path, in_process: bool) -> Result<Module, xllr::Error> {
    let options = Options {
        in_process,
        ..Options::default()
    };
    Module::open("native", path.to_str().unwrap(), &options)
}

#[test]
fn a_second_go_runtime_runs_in_a_helper() {
    if go_is_missing() {
        return;
    }
    // SAFETY: this is the program's only test; nothing else reads the environment now.
    unsafe { std::env::set_var("GANGPLANK_HELPER", "/nonexistent/xllr-helper") };
    let folder = tempfile::tempdir().unwrap();
    let shared = ["-buildmode=c-shared", "-ldflags=-s -w -buildid="];
    let first = build("guest", &folder.path().join("libfirst.so"), &shared);
    let second = folder.path().canonicalize().unwrap().join("libsecond.so");
    let third = second.with_file_name("libthird.so");
    std::fs::copy(&first, &second).unwrap();
    std::fs::copy(&first, &third).unwrap();

    let echo = || open(&first, false).unwrap().function("Echo").unwrap();
    assert_eq!(echo().call_bytes(b"from Go").unwrap(), b"from Go");
    // Freed and loaded again it is the same one: it was never unloaded.
    Module::free("native", first.to_str().unwrap()).unwrap();
    assert_eq!(echo().call_bytes(b"again").unwrap(), b"again");

    let error = open(&second, false).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    let text = error.text();
    let why = format!(
        "`{}` needs a helper process: `{}` has brought a Go runtime, ",
        second.display(),
        first.display()
    );
    assert!(text.starts_with(&why), "{text}");
    assert!(text.contains("GANGPLANK_GO_IN_PROCESS=1"), "{text}");
    assert!(text.contains("xllr-helper"), "{text}");

    // In a Go program every guest's runtime is the second.
    let host = build("host", &folder.path().join("host"), &[]);
    let xllr = support::build("xllr");
    let run = |helper: &str| {
        let mut host = Command::new(&host);
        host.args([&xllr, &first]).env("GANGPLANK_HELPER", helper);
        String::from_utf8(host.output().unwrap().stdout).unwrap()
    };
    let text = run("/nonexistent/xllr-helper");
    let why = format!(
        "`{}` needs a helper process: this program has brought a Go runtime, ",
        first.display()
    );
    assert!(text.starts_with(&why), "{text}");
    // With the helper it runs there.
    assert_eq!(run(HELPER), "echoed");

    // Here as well.
    // SAFETY: as above.
    unsafe { std::env::set_var("GANGPLANK_HELPER", HELPER) };
    for path in [&second, &third] {
        let module = open(path, false).unwrap();
        let echo = module.function("Echo").unwrap();
        assert_eq!(echo.call_bytes(b"elsewhere").unwrap(), b"elsewhere");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        assert_eq!(echo.call_bytes(b"again").unwrap(), b"again");
                    }
                });
            }
        });
    }
    assert_eq!(echo().call_bytes(b"here").unwrap(), b"here");
    Module::free("native", second.to_str().unwrap()).unwrap();

    // Who asks for it gets it.
    let asked = open(&second, true).unwrap();
    let echo = asked.function("Echo").unwrap();
    assert_eq!(
        echo.call_bytes(b"at one's own risk").unwrap(),
        b"at one's own risk"
    );
}

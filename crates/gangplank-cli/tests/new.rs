//! A library started with `gangplank new`: what is written, what it depends on, and what its Go package says on machines
//! that it was not built for.

mod support;

use std::path::Path;
use std::process::Command;

use support::{folder, gangplank, run, succeed};

/// A fresh library called `hello` in an empty folder.
fn new(empty: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = gangplank(empty);
    run(command.args(["new", "hello", "--guest", "rust"]).args(more))
}

#[test]
fn the_crate_depends_on_this_checkout_or_on_the_one_that_is_named() {
    let crates = support::repository().join("crates/gangplank");
    for more in [vec![], vec!["--gangplank-path", crates.to_str().unwrap()]] {
        let empty = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = new(empty.path(), &more);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(
            stdout,
            "hello/Cargo.toml\nhello/src/lib.rs\nhello/go/example/main.go\nhello/.gitignore\n"
        );
        let says = format!("a path dependency on {}", crates.display());
        assert!(stderr.contains(&says), "{stderr}");
        let manifest = std::fs::read_to_string(empty.path().join("hello/Cargo.toml")).unwrap();
        let line = format!(
            "gangplank = {{ path = {:?} }}\n",
            crates.display().to_string()
        );
        assert!(manifest.contains(&line), "{manifest}");
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_cannot_be_made_is_said_and_leaves_nothing() {
    let empty = tempfile::tempdir().unwrap();
    let (code, _, stderr) = new(empty.path(), &["--gangplank-path", "nowhere"]);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("error: there is no crate `gangplank` in nowhere\n  help: "),
        "{stderr}"
    );
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);

    std::fs::write(empty.path().join("hello"), "mine").unwrap();
    let (code, _, stderr) = new(empty.path(), &[]);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("error: hello is there already\n  help: "),
        "{stderr}"
    );

    let (code, _, stderr) = run(gangplank(empty.path()).args(["new", "a/b", "--guest", "rust"]));
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with("error: a library cannot be called `a/b`"),
        "{stderr}"
    );
}

#[test]
fn inside_a_workspace_the_crate_stands_on_its_own() {
    let empty = tempfile::tempdir().unwrap();
    support::write(&empty.path().join("Cargo.toml"), "[workspace]\n");
    assert_eq!(new(empty.path(), &[]).0, 0);
    let manifest = std::fs::read_to_string(empty.path().join("hello/Cargo.toml")).unwrap();
    assert!(manifest.ends_with("\n[workspace]\n"), "{manifest}");
}

#[test]
fn the_package_runs_here_can_be_fetched_and_says_where_it_cannot_run() {
    if !support::has_go() {
        return;
    }
    let shared = folder("new");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(new(empty.path(), &[]).0, 0);
    let hello = empty.path().join("hello");
    std::fs::copy(
        support::repository().join("Cargo.lock"),
        hello.join("Cargo.lock"),
    )
    .unwrap();
    let manifest = hello.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    // An address that Go asks git for, not the web.
    let text = text.replace("example.com/hello", "example.com/hello.git");
    std::fs::write(&manifest, text + "package = \"hello\"\n").unwrap();
    let main = hello.join("go/example/main.go");
    let text = std::fs::read_to_string(&main).unwrap();
    std::fs::write(
        &main,
        text.replace("example.com/hello", "example.com/hello.git"),
    )
    .unwrap();
    succeed(
        gangplank(&hello)
            .env("CARGO_TARGET_DIR", shared.join("target"))
            .args(["generate", "go", "."]),
    );
    assert_eq!(
        succeed(go(&hello.join("go/example")).args(["run", "."])),
        "hello, world\n"
    );
    elsewhere(&hello.join("go"));
    fetched(&hello, empty.path());
}

fn go(folder: &Path) -> Command {
    let mut command = Command::new("go");
    command.current_dir(folder).env("GOFLAGS", "-modcacherw");
    command
}

/// Without a library for the platform, and without cgo.
fn elsewhere(package: &Path) {
    let vet = |variables: &[(&str, &str)]| {
        let mut command = go(package);
        let (code, _, stderr) = run(command
            .args(["vet", "./..."])
            .envs(variables.iter().copied()));
        assert_ne!(code, 0, "{variables:?}");
        stderr
    };
    let text = vet(&[
        ("GOOS", "darwin"),
        ("GOARCH", "arm64"),
        ("CGO_ENABLED", "1"),
    ]);
    let says = "undefined: no_library_hello_for_this_platform_run_gangplank_build_with_its_target";
    assert!(text.contains(says), "{text}");
    let text = vet(&[("CGO_ENABLED", "0")]);
    let says = "undefined: hello_needs_cgo_set_CGO_ENABLED_and_install_a_C_compiler";
    assert!(text.contains(says), "{text}");
}

/// The package, committed with its library, is all that somebody else needs.
fn fetched(hello: &Path, empty: &Path) {
    let package = hello.join("go");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(&package);
        succeed(&mut command)
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "Add the package"]);
    git(&["tag", "v0.1.0"]);
    let user = empty.join("user");
    support::write(
        &user.join("main.go"),
        "package main\n\nimport (\n\t\"fmt\"\n\n\thello \"example.com/hello.git\"\n)\n\n\
         func main() { fmt.Println(hello.Greet(\"Ada\")) }\n",
    );
    support::write(&user.join("go.mod"), "module example.com/user\n\ngo 1.24\n");
    let offline = |arguments: &[&str]| {
        let mut command = go(&user);
        command
            .args(arguments)
            .env("GOPROXY", "direct")
            .env("GONOSUMDB", "*")
            .env("GOMODCACHE", empty.join("cache"))
            .env("GIT_CONFIG_COUNT", "1")
            .env(
                "GIT_CONFIG_KEY_0",
                format!("url.file://{}.insteadOf", package.display()),
            )
            .env("GIT_CONFIG_VALUE_0", "https://example.com/hello");
        succeed(&mut command)
    };
    offline(&["get", "example.com/hello.git@v0.1.0"]);
    assert_eq!(offline(&["run", "."]), "hello, Ada <nil>\n");
}

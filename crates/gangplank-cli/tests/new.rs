//! A library started with `gangplank new`: what is written, what it depends on, and what its Go package says on machines
//! that it was not built for.

mod support;
#[path = "../../../tests/support/venv.rs"]
mod venv;

use std::path::Path;
use std::process::Command;

use support::{gangplank, run, succeed};

/// A fresh library called `hello` in an empty folder.
fn new(empty: &Path, more: &[&str]) -> (i32, String, String) {
    new_guest(empty, "rust", more)
}

fn new_guest(empty: &Path, guest: &str, more: &[&str]) -> (i32, String, String) {
    let mut command = gangplank(empty);
    run(command.args(["new", "hello", "--guest", guest]).args(more))
}

/// Types what `new` says comes next: two commands; the output of the last.
fn next(empty: &Path, said: &str) -> String {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("        Next "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(line.split(" && ").count(), 3, "cd and two commands: {line}");
    let gangplank = Path::new(env!("CARGO_BIN_EXE_gangplank"));
    let beside = gangplank.parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(beside.to_owned()).chain(std::env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell
        .args(["-ec", line])
        .current_dir(empty)
        .env("PATH", std::env::join_paths(folders).unwrap())
        // What the workspace has built, in its form, is not built again.
        .env("CARGO_TARGET_DIR", beside.parent().unwrap())
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env_remove("GANGPLANK_PATH")
        .env_remove("PYTHONUNBUFFERED");
    let output = succeed(&mut shell);
    output.lines().last().unwrap_or_default().to_owned()
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

    let (code, _, stderr) = new_guest(empty.path(), "python", &["--gangplank-path", "."]);
    assert_eq!(code, 2);
    assert!(stderr.contains("no crate is made for it"), "{stderr}");
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
    succeed(gangplank(&hello).args(["generate", "go", "."]));
    assert_eq!(
        succeed(go(&hello.join("go/example")).args(["run", "."])),
        "hello, world\n"
    );
    elsewhere(&hello.join("go"));
    fetched(&hello, empty.path());
}

#[test]
fn two_commands_lead_from_a_new_guest_in_go_to_its_output() {
    if !support::has_go() {
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = new_guest(empty.path(), "go", &[]);
    assert_eq!(code, 0, "{stderr}");
    let files = "hello/hello.proto\nhello/guest.go\nhello/host/Cargo.toml\nhello/host/build.rs\n\
        hello/host/src/main.rs\nhello/.gitignore\n";
    assert_eq!(stdout, files);
    let lock = empty.path().join("hello/host/Cargo.lock");
    std::fs::copy(support::repository().join("Cargo.lock"), lock).unwrap();
    assert_eq!(next(empty.path(), &stderr), "hello, world");
}

#[test]
fn two_commands_lead_from_a_new_guest_in_python_to_its_output() {
    if !support::has_go() || venv::with(&[]).is_none() {
        return;
    }
    // What the program opens lies beside the command.
    support::loader();
    let empty = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = new_guest(empty.path(), "python", &[]);
    assert_eq!(code, 0, "{stderr}");
    let files = "hello/hello.proto\nhello/guest.py\nhello/main.go\nhello/go.mod\nhello/go.sum\n\
        hello/.gitignore\n";
    assert_eq!(stdout, files);
    assert_eq!(next(empty.path(), &stderr), "hello, world");
    // Git has nothing to say of what was made.
    let hello = empty.path().join("hello");
    succeed(Command::new("git").args(["init", "-q"]).current_dir(&hello));
    let status = succeed(
        Command::new("git")
            .args(["status", "--porcelain", "-uall"])
            .current_dir(&hello),
    );
    let listed: Vec<_> = status.lines().map(|line| &line[3..]).collect();
    let written = [
        ".gitignore",
        "go.mod",
        "go.sum",
        "guest.py",
        "hello.proto",
        "main.go",
    ];
    assert_eq!(listed, written);
}

#[test]
fn without_the_libraries_beside_it_the_command_says_where_they_come_from() {
    // A link, and no copy: who copies a program cannot run it while another thread starts one.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let command = folder.path().join("gangplank");
    std::fs::hard_link(env!("CARGO_BIN_EXE_gangplank"), &command).unwrap();
    let mut there = Command::new(command);
    there.args(["new", "my-words", "--guest", "python"]);
    let (code, _, stderr) = run(there.current_dir(folder.path()));
    assert_eq!(code, 0, "{stderr}");
    let says = "        Next cd my-words && gangplank compile --idl my_words.proto --to-guest --from-host go \
        --skip-compile-serialization && GANGPLANK_PATH=DIR go run .\n        Note DIR is where `cargo build --release \
        -p xllr -p xllr-python3` in the toolkit's source puts its libraries\n";
    assert!(stderr.ends_with(says), "{stderr}");
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

//! Hosts of helper processes: they die, fork, and never wait for a child.
#![cfg(target_os = "linux")]

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::ptr;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use support::isolated::{Guest, alive, dies, isolated, kill};
use xllr::abi::RawCall;
use xllr::{Kind, Module};

static FAULTS: LazyLock<PathBuf> = LazyLock::new(|| support::build("faults"));

const GP_FORKED: i32 = 15;

/// The host of the next tests: says the helper's number, and waits for its end.
#[test]
#[ignore = "the program of other tests"]
fn host() {
    let Some(how) = std::env::var_os("XLLR_TEST_HOST") else {
        return;
    };
    let guest = thread::spawn(Guest::new).join().unwrap();
    // The thread that has started the helper is gone, and the helper is not.
    thread::sleep(Duration::from_millis(50));
    println!("helper {}", guest.pid());
    if how == "forks" {
        // SAFETY: the child only sleeps, until it is killed; it holds all descriptors of the host.
        let child = unsafe {
            let child = libc::fork();
            if child == 0 {
                libc::sleep(600);
                libc::_exit(0);
            }
            child
        };
        println!("child {child}");
    }
    if how == "children" {
        children(&guest);
        println!("well");
        return;
    }
    println!("ready");
    thread::sleep(Duration::from_secs(600));
}

/// What a host may do with its children: fork one that calls, and never wait for any.
fn children(guest: &Guest) {
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let prepared = module.function("echo_i64").unwrap().prepare(None).unwrap();
    let echo = guest.module.function("Echo").unwrap();
    // SAFETY: the child makes two calls, which end before they take a lock, and ends.
    let status = unsafe {
        support::in_child(|| {
            let forked = echo.call_bytes(b"");
            let forked = forked.is_err_and(|error| error.kind() == Kind::Forked);
            let (value, mut out, mut call) = (1_i64, 0_i64, RawCall::new());
            let (value, out) = ((&raw const value).cast(), (&raw mut out).cast());
            let status = prepared.call(
                prepared.this(),
                value,
                out,
                &mut call,
                None,
                ptr::null_mut(),
            );
            i32::from(!(forked && status == GP_FORKED))
        })
    };
    assert_eq!(status, 0);
    assert_eq!(echo.call_bytes(b"here").unwrap(), b"here");
    // SAFETY: nothing in this process waits for children but XLLR.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let error = guest.lost("Exit", b"3");
    assert!(error.ends_with("` ended"), "{error}");
    assert_eq!(echo.call_bytes(b"again").unwrap(), b"again");
}

fn program(how: &str) -> Command {
    let mut host = Command::new(std::env::current_exe().unwrap());
    host.args(["--exact", "host", "--ignored", "--nocapture"])
        .env("XLLR_TEST_HOST", how)
        .stdout(Stdio::piped());
    host
}

#[test]
fn forked_children_are_refused_and_nobody_need_wait_for_helpers() {
    let output = program("children").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("well"), "{text}");
}

/// A process that is killed when the test ends.
struct Killed(i32);

impl Drop for Killed {
    fn drop(&mut self) {
        kill(self.0);
    }
}

fn host_dies(how: &str) {
    let mut host = program(how).spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let mut line = |start: &str| {
        let mut found = lines.by_ref().map(Result::unwrap);
        found
            .find_map(|line| Some(line.split_once(start)?.1.to_owned()))
            .unwrap()
    };
    let pid: i32 = line("helper ").parse().unwrap();
    let child = (how == "forks").then(|| Killed(line("child ").parse().unwrap()));
    line("ready");
    assert!(alive(pid));
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(dies(pid), "helper {pid} is still there");
    assert!(child.is_none_or(|child| alive(child.0)), "it was to stay");
}

#[test]
fn the_helper_dies_with_its_host() {
    host_dies("alone");
}

#[test]
fn the_helper_dies_with_its_host_although_a_child_holds_its_socket() {
    host_dies("forks");
}

//! Modules in helper processes: what works as in process, how helpers die, and that the next call starts another.
#![cfg(target_os = "linux")]

mod support;

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::isolated::{Guest, HELPER, compiled, dies, isolated, kill, text};
use xllr::{Kind, Module, Options};

#[test]
fn bytes_come_back_from_another_process() {
    let guest = Guest::new();
    assert_ne!(guest.pid(), std::process::id() as i32);
    for len in [0, 1, 1000, 5000, 300_000, (16 << 20) - 1] {
        let bytes: Vec<u8> = (0..len).map(|at| (at * 7) as u8).collect();
        assert!(guest.call("Echo", &bytes).unwrap() == bytes, "{len}");
    }
    let error = guest.call("Fail", b"no \xe2\x82\xac").unwrap_err();
    assert_eq!((error.kind(), error.text()), (Kind::Failed, "no €"));
    let error = guest.module.function("Nothing").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.text().contains("Echo"), "{error}");
    let too_much = guest.call("Echo", &vec![0; (16 << 20) + 1]).unwrap_err();
    assert_eq!(too_much.kind(), Kind::Limit);
    // Whatever runtime: this one has no files at all.
    let echo = Module::open("test", "echo", &isolated()).unwrap();
    let echo = echo.function("echo").unwrap();
    assert_eq!(echo.call_bytes(b"hello").unwrap(), b"hello");
}

#[test]
fn a_module_that_cannot_be_loaded_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libbad.so");
    std::fs::write(&path, "no library").unwrap();
    let error = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap_err();
    assert_eq!(error.kind(), Kind::BadModule);
    assert!(error.text().ends_with("is not a shared library"), "{error}");
}

#[test]
fn a_lost_helper_is_an_error_and_the_next_call_starts_another() {
    let guest = Guest::new();
    assert_eq!(guest.number("Count"), 1);
    assert_eq!(guest.number("Count"), 2);
    let error = guest.lost("Crash", b"");
    assert!(error.contains("died of signal 6"), "{error}");
    assert!(
        error.ends_with("the end of its stderr:\nabout to crash"),
        "{error}"
    );
    // What the module has kept is gone with its process.
    assert_eq!(guest.number("Count"), 1);
    let error = guest.lost("Exit", b"3");
    assert!(error.ends_with("exited with code 3"), "{error}");
    let error = guest.lost("Exit", b"0");
    assert!(error.ends_with("exited with code 0"), "{error}");
    assert_eq!(guest.number("Count"), 1);
}

#[test]
fn a_helper_that_always_dies_is_started_less_and_less_often() {
    let guest = Guest::new();
    guest.number("Count");
    let start = Instant::now();
    for _ in 0..8 {
        guest.lost("Exit", b"1");
    }
    let took = start.elapsed();
    assert!(took > Duration::from_millis(250), "{took:?}");
    // A call that goes well makes the deaths before it forgotten: else the next start waits for a quarter of a second, and
    // each after it longer. On a busy machine a single start may take long.
    let soon = (took / 2).min(Duration::from_millis(200));
    let again = (0..100).any(|_| {
        guest.number("Count");
        let start = Instant::now();
        guest.lost("Exit", b"1");
        guest.number("Count");
        start.elapsed() < soon
    });
    assert!(again, "no start in {soon:?}");
}

#[test]
fn what_is_no_frame_ends_the_helper() {
    let guest = Guest::new();
    let error = guest.lost("Garbage", b"");
    assert!(
        error.contains("it has sent something that is no frame"),
        "{error}"
    );
    let error = guest.lost("Garbage", b"1");
    assert!(
        error.contains("it has sent a frame of 1073741872 bytes, over the limit of 16777216"),
        "{error}"
    );
    assert_eq!(guest.call("Echo", b"again").unwrap(), b"again");
}

#[test]
fn a_deadline_ends_a_call_that_never_returns() {
    let guest = Guest::with(&Options {
        helper_timeout: Some(Duration::from_millis(300)),
        ..isolated()
    });
    // On a busy machine what is done at once may take longer than that, too.
    let patiently = |function: &str, params: &[u8]| {
        let mut answers = (0..100).map(|_| guest.call(function, params));
        let late = |error: &xllr::Error| error.kind() == Kind::Deadline;
        let answer = answers.find(|answer| !answer.as_ref().is_err_and(late));
        answer.expect("some answer in time").unwrap()
    };
    let pid = text(&patiently("Pid", b"")).parse().unwrap();
    let start = Instant::now();
    let error = guest.call("Sleep", b"100000").unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline);
    assert!(
        error
            .text()
            .starts_with("deadline: `Sleep` did not return within 300ms; "),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(60));
    assert!(dies(pid));
    assert_eq!(patiently("Echo", b"again"), b"again");
}

#[test]
fn a_memory_limit_is_the_helpers() {
    let guest = Guest::with(&Options {
        helper_memory_limit: Some(256 << 20),
        ..isolated()
    });
    guest.call("Take", b"64").unwrap();
    let error = guest.lost("Take", b"1024");
    assert!(error.contains("no memory left"), "{error}");
    guest.call("Take", b"64").unwrap();
}

/// Calls from many threads while the helper is killed again and again: each ends, with its own result or as lost.
#[test]
fn kill_9_during_calls() {
    let kills = if std::env::var_os("GANGPLANK_SOAK").is_some() {
        3000
    } else {
        200
    };
    let guest = Guest::new();
    let over = AtomicBool::new(false);
    let (well, lost) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (guest, over, well, lost) = (&guest, &over, &well, &lost);
            scope.spawn(move || {
                for call in 0_u64.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let params = format!("{thread} {call} {}", "x".repeat(call as usize % 5000));
                    match guest.call("Echo", params.as_bytes()) {
                        Ok(bytes) => {
                            assert_eq!(text(&bytes), params);
                            well.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => {
                            assert_eq!(error.kind(), Kind::PeerLost, "{error}");
                            lost.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        let _over = support::SetOnDrop(&over);
        let both = || [&well, &lost].map(|count| count.load(Ordering::Relaxed) > 0) == [true; 2];
        // The others may all sleep for so long on a busy machine.
        for _ in (0..20 * kills).take_while(|kill| *kill < kills || !both()) {
            let pid = loop {
                if let Ok(pid) = guest.call("Pid", b"") {
                    break text(&pid).parse().unwrap();
                }
            };
            kill(pid);
        }
    });
    let (well, lost) = (well.into_inner(), lost.into_inner());
    println!("{kills} kills: {well} calls went well, {lost} were lost");
    assert!(well > 0 && lost > 0);
    // The first call may meet the helper that was killed last.
    let again = guest.call("Echo", b"again");
    let again = again.or_else(|_| guest.call("Echo", b"again"));
    assert_eq!(again.unwrap(), b"again");
}

#[test]
fn a_hundred_modules_have_a_hundred_helpers() {
    let folder = tempfile::tempdir().unwrap();
    let first = compiled(folder.path());
    let modules: Vec<(Module, PathBuf)> = (0..100)
        .map(|number| {
            let path = folder.path().join(format!("lib{number}.so"));
            std::fs::copy(&first, &path).unwrap();
            let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
            (module, path)
        })
        .collect();
    let pid = |module: &Module| {
        let bytes = module.function("Pid").unwrap().call_bytes(b"").unwrap();
        text(&bytes).parse::<i32>().unwrap()
    };
    let mut pids: Vec<i32> = modules.iter().map(|(module, _)| pid(module)).collect();
    for (module, path) in modules {
        drop(module);
        Module::free("native", path.to_str().unwrap()).unwrap();
    }
    // Freed modules leave no process behind.
    assert!(pids.iter().all(|pid| dies(*pid)));
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 100);
}

/// The helper alone, with garbage on its socket.
#[test]
fn garbage_ends_a_helper() {
    use std::io::Write;
    let mut too_long = *b"xll1\0\0\0\x7f";
    too_long[4] = 1;
    let long: Vec<u8> = too_long.iter().copied().chain([0; 40]).collect();
    for (garbage, expected) in [
        (
            &b"GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n"[..],
            "no frame",
        ),
        (&long, "over the limit of 16777216"),
        (b"xll1", "half a frame"),
    ] {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut helper = Command::new(HELPER)
            .arg(std::process::id().to_string())
            .stdin(OwnedFd::from(theirs))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        ours.write_all(garbage).unwrap();
        ours.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = String::new();
        helper
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        helper.wait().unwrap();
        assert!(said.contains(expected), "{said}");
    }
}

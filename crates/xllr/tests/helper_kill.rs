//! A helper that is killed at every moment of a call: before and after each of its system calls, at moments spread over the
//! time that a call takes, and while it starts. Each call ends, with its own result or as lost, and the next goes well.
#![cfg(target_os = "linux")]

mod support;

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xllr::{Function, Kind, Module, Options};

/// How many moments of each kind of call are looked at.
fn moments() -> u32 {
    match std::env::var_os("GANGPLANK_SOAK") {
        Some(_) => 1000,
        None => 40,
    }
}

/// What is called: the guest's function, and its parameters.
struct Call {
    what: &'static str,
    function: Function,
    pid: Function,
    params: Vec<u8>,
    /// What its error says, where it is one.
    fails: bool,
    _folder: tempfile::TempDir,
}

impl Call {
    fn new(what: &'static str, name: &str, len: usize) -> Self {
        static NAMED: LazyLock<()> = LazyLock::new(|| {
            // SAFETY: whatever else reads the environment in these tests does it after this, or through std's lock.
            unsafe { std::env::set_var("GANGPLANK_HELPER", env!("CARGO_BIN_EXE_xllr-helper")) };
        });
        LazyLock::force(&NAMED);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libguest.so");
        let source = support::c_file("helper_guest.c");
        support::compile(&source, &path, &["-shared", "-fPIC"]);
        let options = Options {
            isolate: true,
            ..Options::default()
        };
        let module = Module::open("native", path.to_str().unwrap(), &options).unwrap();
        Self {
            what,
            function: module.function(name).unwrap(),
            pid: module.function("Pid").unwrap(),
            params: (0..len).map(|at| b'a' + (at % 23) as u8).collect(),
            fails: name == "Fail",
            _folder: folder,
        }
    }

    /// Small ones, those that take several system calls, those that travel as memory, and errors.
    fn each() -> [Self; 4] {
        [
            Self::new("8 bytes", "Echo", 8),
            Self::new("900 KB", "Echo", 900_000),
            Self::new("3 MB as memory", "Echo", 3_000_000),
            Self::new("an error", "Fail", 100),
        ]
    }

    /// The helper's number; it is started if it is not there.
    fn pid(&self) -> i32 {
        // The one before may have been killed after its last call: the first that asks loses its question.
        let bytes = self
            .pid
            .call_bytes(b"")
            .or_else(|_| self.pid.call_bytes(b""));
        str::from_utf8(&bytes.unwrap()).unwrap().parse().unwrap()
    }

    /// Whether it went well, which it may not in one way only.
    fn is_well(&self) -> bool {
        match self.function.call_bytes(&self.params) {
            Ok(bytes) => {
                assert!(!self.fails && bytes == self.params, "{}", self.what);
                true
            }
            Err(error) if error.kind() == Kind::Failed => {
                assert!(
                    self.fails && error.text().as_bytes() == self.params,
                    "{error}"
                );
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), Kind::PeerLost, "{}: {error}", self.what);
                let text = error.text();
                assert!(text.contains("was killed (signal 9)"), "{text}");
                false
            }
        }
    }
}

fn kill(pid: i32) {
    // SAFETY: a helper of this test.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// The threads of a helper that serve calls, traced by this thread: they stop before and after each system call.
struct Traced {
    pid: i32,
    threads: Vec<i32>,
}

impl Traced {
    /// `None` where the system does not let anybody trace.
    fn new(pid: i32) -> Option<Self> {
        let tasks = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task"));
        let tasks = tasks.unwrap().map(|task| task.unwrap().file_name());
        // Not the first: who waits for that one takes the process's end away from its host.
        let threads: Vec<i32> = tasks
            .map(|task| task.to_str().unwrap().parse().unwrap())
            .filter(|thread| *thread != pid)
            .collect();
        let traced = Self { pid, threads };
        for thread in &traced.threads {
            // SAFETY: requests that take numbers, for a thread of a child.
            unsafe {
                let options = libc::PTRACE_O_TRACESYSGOOD;
                if libc::ptrace(libc::PTRACE_SEIZE, *thread, 0, options) == -1 {
                    return None;
                }
                libc::ptrace(libc::PTRACE_INTERRUPT, *thread, 0, 0);
            }
        }
        // Each begins its system call again.
        for _ in 0..2 {
            for thread in &traced.threads {
                while !traced.stopped(*thread) {
                    thread::yield_now();
                }
                traced.goes_on(*thread);
            }
        }
        Some(traced)
    }

    fn stopped(&self, thread: i32) -> bool {
        let mut status = 0;
        // SAFETY: it asks for the state of a traced thread.
        let found = unsafe { libc::waitpid(thread, &mut status, libc::__WALL | libc::WNOHANG) };
        found == thread && libc::WIFSTOPPED(status)
    }

    /// To the next stop.
    fn goes_on(&self, thread: i32) {
        // SAFETY: a thread that has stopped.
        unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread, 0, 0) };
    }

    /// Its host hears of the end when whoever traces its threads has heard of theirs.
    fn kill(&self) {
        kill(self.pid);
        for thread in &self.threads {
            let mut status = 0;
            // SAFETY: it waits for a traced thread that is about to end.
            while unsafe { libc::waitpid(*thread, &mut status, libc::__WALL) } == *thread
                && libc::WIFSTOPPED(status)
            {}
        }
    }

    /// Whether no stop is left to come. A thread at a stop shows `t`, and between two system calls there are always stops: one
    /// that shows `S` is inside a call, the one in which it waits for the next question.
    fn at_rest(&self) -> bool {
        self.threads.iter().all(|thread| {
            let stat = format!("/proc/{}/task/{thread}/stat", self.pid);
            let stat = std::fs::read_to_string(stat).unwrap();
            // The name of the program may have blanks.
            let (_, stat) = stat.rsplit_once(") ").unwrap();
            stat.starts_with('S')
        })
    }

    /// Kills the process at the stop with this number; false: there were fewer. The host may have the answer before the
    /// helper's last stops or after them: all count, since threads come to rest only behind them.
    fn killed_at(&self, number: u32, over: &AtomicBool) -> bool {
        let mut stops = 0;
        loop {
            let ended = over.load(Ordering::Acquire) && self.at_rest();
            let mut seen = false;
            for thread in &self.threads {
                if self.stopped(*thread) {
                    (seen, stops) = (true, stops + 1);
                    if stops == number {
                        self.kill();
                        return true;
                    }
                    self.goes_on(*thread);
                }
            }
            if ended && !seen {
                self.kill();
                return false;
            }
            thread::yield_now();
        }
    }
}

#[test]
fn killed_before_and_after_each_system_call() {
    for call in Call::each() {
        let (mut lost, mut points) = (0, 0);
        for number in 1.. {
            let pid = call.pid();
            let Some(traced) = Traced::new(pid) else {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "nothing may be traced here"
                );
                eprintln!("SKIPPED: nothing may be traced here");
                return;
            };
            let over = AtomicBool::new(false);
            let killed = thread::scope(|scope| {
                scope.spawn(|| {
                    let _over = support::SetOnDrop(&over);
                    lost += u32::from(!call.is_well());
                });
                traced.killed_at(number, &over)
            });
            if !killed {
                break;
            }
            points = number;
        }
        call.pid();
        println!(
            "{}: killed at {points} points, {lost} calls were lost",
            call.what
        );
        // At least: after the question was read, before and after the answer was sent.
        assert!(points >= 3 && lost > 0 && lost < points, "{points} {lost}");
        assert!(call.is_well());
    }
}

#[test]
fn killed_at_moments_spread_over_a_call() {
    for call in Call::each() {
        let mut times: Vec<Duration> = (0..50)
            .map(|_| {
                let start = Instant::now();
                assert!(call.is_well());
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let (mut well, mut lost) = (0, 0);
        // Whether a call is met depends on how busy the machine is: one is, at least.
        for moment in (0..moments()).cycle() {
            if well + lost >= moments() && lost > 0 {
                break;
            }
            assert!(well < 20 * moments(), "all calls were over too soon");
            let pid = call.pid();
            assert!(call.is_well());
            let delay = times[25] * 3 / 2 * moment / moments();
            let (runs, started) = (AtomicBool::new(false), AtomicBool::new(false));
            thread::scope(|scope| {
                scope.spawn(|| {
                    runs.store(true, Ordering::Release);
                    while !started.load(Ordering::Acquire) {
                        std::hint::spin_loop();
                    }
                    let until = Instant::now() + delay;
                    while Instant::now() < until {
                        std::hint::spin_loop();
                    }
                    kill(pid);
                });
                while !runs.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                started.store(true, Ordering::Release);
                match call.is_well() {
                    true => well += 1,
                    false => lost += 1,
                }
            });
        }
        call.pid();
        println!("{}: {well} calls went well, {lost} were lost", call.what);
        assert!(call.is_well());
    }
}

/// The children of this thread.
fn children() -> Vec<i32> {
    let list = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    list.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

#[test]
fn killed_while_it_starts() {
    let call = Call::new("8 bytes", "Echo", 8);
    let start = Instant::now();
    kill(call.pid());
    while !call.is_well() {}
    let took = start.elapsed();
    let (mut tried, mut killed) = (0, 0);
    // Whether a start is met depends on how busy the machine is: one is, at least.
    for moment in (0..moments()).cycle() {
        kill(call.pid());
        let delay = took * 3 / 2 * moment / moments();
        let over = AtomicBool::new(false);
        // SAFETY: it only asks.
        let thread = unsafe { libc::syscall(libc::SYS_gettid) };
        let before = children();
        thread::scope(|scope| {
            scope.spawn(|| {
                let list = format!("/proc/self/task/{thread}/children");
                let born = loop {
                    let list = std::fs::read_to_string(&list).unwrap();
                    let mut pids = list.split_whitespace().map(|pid| pid.parse().unwrap());
                    match pids.find(|pid| !before.contains(pid)) {
                        Some(pid) => break pid,
                        None if over.load(Ordering::Acquire) => return,
                        None => {}
                    }
                };
                thread::sleep(delay);
                kill(born);
            });
            let over = support::SetOnDrop(&over);
            // The first call meets the killed one; the next starts another, which is killed in turn.
            let ends = [call.is_well(), call.is_well()];
            drop(over);
            killed += u32::from(ends == [false, false]);
        });
        while !call.is_well() {}
        tried += 1;
        if tried >= moments() && killed > 0 {
            break;
        }
        assert!(tried < 20 * moments(), "all starts were over too soon");
    }
    println!("{killed} of {tried} starts were killed");
}

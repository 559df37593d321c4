//! A guest in C in a helper process of its own, and what a test does to such processes.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use xllr::{Kind, Module, Options};

pub(crate) const HELPER: &str = env!("CARGO_BIN_EXE_xllr-helper");

/// Options of an isolated module; the helper is the one that was built with the tests.
pub(crate) fn isolated() -> Options {
    static NAMED: LazyLock<()> = LazyLock::new(|| {
        // SAFETY: whatever else reads the environment in these tests does it after this, or through std's lock.
        unsafe { std::env::set_var("GANGPLANK_HELPER", HELPER) };
    });
    LazyLock::force(&NAMED);
    Options {
        isolate: true,
        ..Options::default()
    }
}

pub(crate) struct Guest {
    pub(crate) module: Module,
    _folder: tempfile::TempDir,
}

impl Guest {
    pub(crate) fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = compiled(folder.path());
        let module = Module::open("native", path.to_str().unwrap(), options).unwrap();
        Self {
            module,
            _folder: folder,
        }
    }

    pub(crate) fn new() -> Self {
        Self::with(&isolated())
    }

    pub(crate) fn call(&self, function: &str, params: &[u8]) -> Result<Vec<u8>, xllr::Error> {
        self.module.function(function)?.call_bytes(params)
    }

    pub(crate) fn number(&self, function: &str) -> i32 {
        text(&self.call(function, b"").unwrap()).parse().unwrap()
    }

    pub(crate) fn pid(&self) -> i32 {
        self.number("Pid")
    }

    /// The error of a call that ends its process.
    pub(crate) fn lost(&self, function: &str, params: &[u8]) -> String {
        let error = self.call(function, params).unwrap_err();
        assert_eq!(error.kind(), Kind::PeerLost, "{error}");
        assert!(
            error
                .text()
                .starts_with("peer lost: the helper process of `"),
            "{error}"
        );
        error.text().to_owned()
    }
}

pub(crate) fn compiled(folder: &Path) -> PathBuf {
    let path = folder.join("libguest.so");
    let source = super::c_file("helper_guest.c");
    super::compile(&source, &path, &["-shared", "-fPIC"]);
    path.canonicalize().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

pub(crate) fn kill(pid: i32) {
    // SAFETY: a helper of this test.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

/// Whether the process is there, and no zombie.
pub(crate) fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim().starts_with('Z'))
}

pub(crate) fn dies(pid: i32) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while alive(pid) && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
    }
    !alive(pid)
}

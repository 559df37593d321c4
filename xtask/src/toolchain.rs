//! The tools that a machine may lack.
//!
//! Comes in: what a word or a suite needs. Goes out: which of it is missing, in words that say where to get it.

use std::process::Stdio;

use crate::fetch::patiently;
use crate::run::{Failure, Session};
use crate::{go, python};

/// The one place that pins the Go linter (staticcheck 2026.2.2).
pub(crate) const STATICCHECK: &str = "honnef.co/go/tools/cmd/staticcheck@v0.8.2";

/// The Go that the programs of the examples are written for; the packages themselves work from 1.24 on.
const GO_MINOR: u32 = 26;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The Go toolchain.
    Go,
    /// The C compiler.
    Cc,
    /// The C++ compiler.
    Cxx,
    /// Linker, objcopy and ar.
    Binutils,
    /// The runtime of AddressSanitizer that comes with gcc; the compilers of Rust and C share it.
    Asan,
    /// Make.
    Make,
    /// CPython with a shared library, in which guests run, and with what makes virtual environments of it.
    Python,
    /// Type checkers and a linter of Python, and what makes wheels; fetched by pip on first use.
    PythonTools,
    /// The compiler of protobuf, which ours is compared with.
    Protoc,
    /// The modules that the Go tests use; fetched by the go command on first use.
    GoModules,
    /// The Go linter; fetched and built by the go command on first use, into the target folder.
    Staticcheck,
}

impl Tool {
    /// `None` when it is there, else what is missing and where to get it.
    pub(crate) fn missing(self, session: &Session) -> Option<String> {
        match self {
            Tool::Go => go_missing(session),
            Tool::Cc => absent(session, &["cc"], "a C compiler", "gcc"),
            Tool::Cxx => absent(session, &["c++"], "a C++ compiler", "g++"),
            Tool::Binutils => absent(session, &["ld", "objcopy", "ar"], "binutils", "binutils"),
            Tool::Asan => asan_missing(session),
            Tool::Make => absent(session, &["make"], "make", "make"),
            Tool::Python => python_missing(session),
            Tool::PythonTools => python::tools(session)
                .err()
                .map(|text| format!("tools of Python (no package index? {text})")),
            Tool::Protoc => protoc_missing(session),
            Tool::GoModules => {
                let missing =
                    "the modules of tests/go (`go mod download` does not work: no module proxy?)";
                patiently(session, || {
                    answers_in(session, "tests/go", "go", &["mod", "download"])
                        .ok_or(missing.to_owned())
                })
                .err()
            }
            Tool::Staticcheck => go::linter(session)
                .err()
                .map(|text| format!("staticcheck (no module proxy? {text})")),
        }
    }
}

/// Ends with the list of what is missing, if anything is.
///
/// # Errors
/// Something is missing.
pub(crate) fn require(session: &Session, word: &str, tools: &[Tool]) -> Result<(), Failure> {
    let missing: Vec<String> = tools
        .iter()
        .filter_map(|tool| tool.missing(session))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list: String = missing.iter().map(|text| format!("\n  - {text}")).collect();
    Err(Failure::Tools(format!(
        "xtask: `{word}` needs what this machine does not have:{list}"
    )))
}

fn absent(session: &Session, programs: &[&str], what: &str, package: &str) -> Option<String> {
    let lacking: Vec<&str> = programs
        .iter()
        .filter(|program| answers(session, program, &["--version"]).is_none())
        .copied()
        .collect();
    let hint = format!("on Debian and Ubuntu: apt-get install {package}");
    (!lacking.is_empty()).then(|| format!("{what}: no `{}` ({hint})", lacking.join("`, `")))
}

/// The compiler of protobuf is of use with protobuf's own files only, which Debian has in a package of their own.
fn protoc_missing(session: &Session) -> Option<String> {
    let file = "google/protobuf/descriptor.proto";
    let works = answers(session, "protoc", &["--descriptor_set_out=/dev/null", file]).is_some();
    let hint = "on Debian and Ubuntu: apt-get install protobuf-compiler libprotobuf-dev";
    (!works).then(|| format!("the compiler of protobuf: no `protoc` with `{file}` ({hint})"))
}

/// Debian has the library, the module `venv` and pip in packages of their own.
fn python_missing(session: &Session) -> Option<String> {
    let question = "import ensurepip, sys, sysconfig, venv
get = sysconfig.get_config_var
from os.path import exists, join
folders = [get('LIBDIR') or '', join(get('LIBDIR') or '', get('MULTIARCH') or ''), join(sys.prefix, 'lib')]
print(any(exists(join(folder, get('INSTSONAME'))) for folder in folders) and '.so' in get('INSTSONAME'))";
    let answer = answers(session, "python3", &["-c", question]);
    let there = answer.is_some_and(|answer| answer.trim() == "True");
    (!there).then(|| {
        "CPython 3.10 or newer with a shared libpython and venv (on Debian and Ubuntu: apt-get install python3-venv, and \
         libpython3.X of its version)"
            .to_owned()
    })
}

fn asan_missing(session: &Session) -> Option<String> {
    // Where there is none, gcc answers with the bare name; other compilers know nothing of the file.
    let answer = answers(session, "cc", &["-print-file-name=libasan.so"]);
    let there = cfg!(target_os = "linux") && answer.is_some_and(|path| path.contains('/'));
    (!there).then(|| "AddressSanitizer of gcc on Linux: no libasan.so beside `cc`".to_owned())
}

fn go_missing(session: &Session) -> Option<String> {
    let wanted = format!(
        "Go 1.{GO_MINOR} or newer (from the Go project; on Debian and Ubuntu: golang-go, where it is new enough)"
    );
    let Some(text) = answers(session, "go", &["version"]) else {
        return Some(format!("{wanted}: no `go`"));
    };
    (minor(&text)? < GO_MINOR).then(|| format!("{wanted}: here is {}", text.trim()))
}

/// The 26 of `go version go1.26.8 linux/amd64`; `None` for versions that look otherwise (a development tree).
fn minor(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find_map(|word| word.strip_prefix("go1."))?;
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// What a program prints, when it runs and succeeds.
fn answers(session: &Session, program: &str, args: &[&str]) -> Option<String> {
    answers_in(session, ".", program, args)
}

fn answers_in(session: &Session, folder: &str, program: &str, args: &[&str]) -> Option<String> {
    let output = session
        .command(program, folder)
        .args(args)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go() {
        assert_eq!(minor("go version go1.26.8 linux/amd64"), Some(26));
        assert_eq!(minor("go version go1.24 linux/arm64"), Some(24));
        assert_eq!(minor("go version go1.27rc1 darwin/arm64"), Some(27));
        assert_eq!(minor("go version devel +abc"), None);
    }
}

//! The interpreters of this machine.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One that can run guests.
pub(crate) struct Python {
    pub(crate) program: PathBuf,
    /// `3.12.1`
    pub(crate) version: String,
    /// The minor version.
    pub(crate) minor: u32,
    pub(crate) library: PathBuf,
}

/// Every CPython from 3.10 on with a shared library that is found, each once, oldest first: in `PATH`, the system's own, and
/// those of pyenv. Which they are is printed past the test's own output.
pub(crate) fn pythons() -> Vec<Python> {
    let mut found = BTreeMap::new();
    for program in candidates() {
        if let Some(python) = ask(&program) {
            let real = python.library.canonicalize().unwrap();
            found.entry((python.minor, real)).or_insert(python);
        }
    }
    let found: Vec<Python> = found.into_values().collect();
    let enough = found.len() >= 2 || std::env::var_os("CI").is_none();
    assert!(
        enough,
        "CI needs two versions of Python with a shared library"
    );
    let mut err = std::io::stderr();
    for python in &found {
        let _ = writeln!(
            err,
            "Python {} is {}",
            python.version,
            python.program.display()
        );
    }
    if found.is_empty() {
        let _ = writeln!(err, "SKIPPED: no Python from 3.10 on with a shared library");
    }
    found
}

fn candidates() -> Vec<PathBuf> {
    let named = std::env::var_os("GANGPLANK_TEST_PYTHONS").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&named).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]);
    for folder in folders {
        let names = (10..20).map(|minor| format!("python3.{minor}"));
        let names = names.chain(["python3".to_owned()]);
        all.extend(names.map(|name| folder.join(name)));
    }
    let home = std::env::var_os("HOME").unwrap_or_default();
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(&home).join(".pyenv"));
    for version in std::fs::read_dir(root.join("versions"))
        .into_iter()
        .flatten()
    {
        all.push(version.unwrap().path().join("bin/python3"));
    }
    all.retain(|program| program.is_file());
    all
}

fn ask(program: &Path) -> Option<Python> {
    const QUESTION: &str = "import sys, sysconfig
get = sysconfig.get_config_var
print(sys.executable, '%d.%d.%d' % sys.version_info[:3], sys.version_info[1], get('LIBDIR'), get('INSTSONAME'),
      get('Py_GIL_DISABLED') or 0, sep='\\n')";
    let answer = Command::new(program).args(["-c", QUESTION]).output().ok()?;
    let answer = String::from_utf8(answer.stdout).ok()?;
    let [executable, version, minor, folder, library, "0"] = answer.lines().collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let minor = minor.parse().ok()?;
    let folder = Path::new(folder);
    let multiarch = folder.join("x86_64-linux-gnu");
    let mut places = [folder, &multiarch]
        .into_iter()
        .map(|place| place.join(library));
    let library = places.find(|path| path.is_file())?;
    (version.starts_with("3.") && minor >= 10 && library.to_string_lossy().contains(".so")).then(
        || Python {
            program: executable.into(),
            version: version.to_owned(),
            minor,
            library,
        },
    )
}

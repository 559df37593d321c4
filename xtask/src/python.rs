//! Python: packages that run, are typed, and become wheels.
//!
//! Comes in: a session. Goes out: what the example programs print, how the tests in `tests/python` end, what type checkers
//! and the linter say, and whether a wheel works where nothing of this repository is. Tools from the package index are
//! pinned here, and lie in an environment in the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::examples::{EXAMPLES, expect, generate};
use crate::fetch::patiently;
use crate::pairs;
use crate::run::{Session, lines, output, quiet};
use crate::tally::Tally;

/// The one place that pins the checkers, and what makes wheels.
const TOOLS: &[&str] = &[
    "mypy==2.4.1",
    "pyright[nodejs]==1.1.414",
    "ruff==0.17.6",
    "build==1.6.1",
];

/// What a wheel's name says: every CPython, and a platform that package indexes take.
const WHEEL: &str = if cfg!(all(target_os = "linux", target_env = "gnu")) {
    "-cp310-abi3-manylinux_2_"
} else {
    "-cp310-abi3-"
};

/// The folder of the library with every feature, and the name of its module.
const KITCHEN: &str = "tests/fixtures/kitchen_sink";

/// An environment with [`TOOLS`], made by the first who wants it.
///
/// # Errors
/// There is no Python, or its package index cannot be reached.
pub(crate) fn tools(session: &Session) -> Result<PathBuf, String> {
    environment(session, "tools", TOOLS)
}

fn environment(session: &Session, name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = session.binaries.with_file_name("python").join(name);
    let done = folder.join("packages.txt");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
        return Ok(folder);
    }
    session.say(&format!(
        "making an environment with {}",
        packages.join(", ")
    ));
    let mut venv = session.command("python3", ".");
    quiet(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    if !packages.is_empty() {
        patiently(session, || pip(session, &folder, packages))?;
    }
    std::fs::write(&done, wanted).map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(folder)
}

fn pip(session: &Session, environment: &Path, packages: &[&str]) -> Result<(), String> {
    let mut pip = program(session, environment, "python");
    pip.args(["-m", "pip", "install", "--quiet"]);
    quiet(pip.arg("--disable-pip-version-check").args(packages))
}

/// A program of an environment, at the root of the repository.
fn program(session: &Session, environment: &Path, name: &str) -> Command {
    session.command(&environment.join("bin").join(name).to_string_lossy(), ".")
}

/// Where the package of a crate is found.
fn package(folder: &str) -> String {
    format!("{folder}/python")
}

/// The interpreter of PATH, with packages of these crates.
fn with_packages(session: &Session, folders: &[&str]) -> Command {
    let paths = folders
        .iter()
        .map(|folder| session.root.join(package(folder)));
    let paths = std::env::join_paths(paths).unwrap_or_default(); // folders of the repository
    let mut command = session.command("python3", ".");
    command.env("PYTHONPATH", paths);
    // What the programs print must come by itself, and their folders stay as they are.
    command.env_remove("PYTHONUNBUFFERED");
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Writes the example's package and runs its program, which prints what all its programs print.
///
/// # Errors
/// The library does not build, or the program does not succeed or prints something else.
pub(crate) fn example(session: &Session, example: &str) -> Result<(), String> {
    let folder = format!("examples/{example}");
    generate(session, &folder, "python")?;
    let main = format!("{folder}/python/example/main.py");
    let printed = output(with_packages(session, &[&folder]).arg(main))?;
    expect(session, example, &printed)
}

/// The examples print what they promise, and the tests hold.
pub(crate) fn run(session: &Session) -> Tally {
    let mut tally = Tally::default();
    for example in EXAMPLES {
        let ended = self::example(session, example);
        tally.check(&format!("examples/{example}/python"), ended);
    }
    if let Err(text) = generate(session, KITCHEN, "python") {
        tally.check(KITCHEN, Err(text));
        return tally;
    }
    let examples = ["examples/timer", "examples/host_demo", KITCHEN];
    let mut tests = with_packages(session, &examples);
    tests.args(["-X", "dev", "-W", "error", "tests/python/run.py"]);
    let ended = lines(&mut tests, |line| {
        eprintln!("{line}");
        tally.plain_line(line);
    });
    tally.end("tests/python", ended);
    tally
}

/// A Go package answers.
pub(crate) fn go_package(session: &Session) -> Tally {
    let mut tally = Tally::default();
    tally.check("examples/goutils/python", goutils(session));
    tally
}

/// A Go package that nobody wrote anything for, from Python.
fn goutils(session: &Session) -> Result<(), String> {
    let to = session.binaries.join("goutils-python");
    let idl = "examples/goutils/goutils.proto";
    let flags = ["--to-guest", "--from-host", "python", "-o"];
    let mut compile = session.gangplank(&["compile", "--skip-compile-serialization"]);
    quiet(compile.args(["--idl", idl]).args(flags).arg(&to))?;
    let mut main = session.command("python3", ".");
    main.env("PYTHONPATH", &to);
    main.env("PYTHONDONTWRITEBYTECODE", "1");
    main.arg("examples/goutils/python/main.py");
    let printed = output(main.arg(to.join("goutilsMetaFFIGuest.so")))?;
    expect(session, "goutils", &printed)
}

/// Packages, programs and tests are what type checkers and the linter take; the outlines say what is there at run time.
pub(crate) fn types(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let folders = ["examples/timer", "examples/host_demo", KITCHEN];
    for folder in folders {
        tally.check(folder, generate(session, folder, "python"));
    }
    let calc = pairs::python_files(session, "go");
    let (tools, calc) = match (tools(session), calc) {
        (Ok(tools), Ok(calc)) => (tools, calc),
        (tools, calc) => {
            tally.check("tools", tools.map(drop));
            tally.check("calc_proto", calc.map(drop));
            return tally;
        }
    };
    let modules = ["my_timer", "host_demo", "kitchen_sink"];
    let folders_of = folders
        .iter()
        .map(|folder| session.root.join(package(folder)));
    // Folders of the repository can be joined.
    let path = std::env::join_paths(folders_of.into_iter().chain([calc])).unwrap_or_default();
    let programs = [
        "examples/timer/python/example/main.py",
        "examples/host_demo/python/example/main.py",
        "examples/calc_proto/host-python/main.py",
        "tests/python",
    ];
    let checked = |name: &str, args: &[&str]| {
        let mut command = program(session, &tools, name);
        command.env("PYTHONPATH", &path).env("MYPYPATH", &path);
        // Or pyright asks the network whether there is a newer one.
        command.env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1");
        command.args(args);
        command
    };
    // What is known of Python itself is found once.
    let cache = tools.with_file_name("mypy");
    let cache = cache.to_string_lossy();
    let strict = ["--strict", "--cache-dir", &cache];
    for one in programs {
        let mut mypy = checked("mypy", &strict);
        tally.check(&format!("mypy {one}"), quiet(mypy.arg(one)));
    }
    for (module, folder) in modules.iter().zip(folders) {
        let mut mypy = checked("mypy", &strict);
        let mypy = mypy.args(["--package", module]);
        tally.check(&format!("mypy {module}"), quiet(mypy));
        let mut stubtest = checked("stubtest", &["--ignore-missing-stub", "--concise"]);
        stubtest.args(["--ignore-unused-allowlist", "--allowlist"]);
        let stubtest = stubtest.args(["tests/python/stubtest.txt", module]);
        tally.check(&format!("stubtest {module}"), quiet(stubtest));
        let mut pyright = checked("pyright", &["--warnings"]);
        let in_folder = format!("{}/{module}", package(folder));
        tally.check(&format!("pyright {module}"), quiet(pyright.arg(in_folder)));
    }
    let mut pyright = checked("pyright", &["--warnings"]);
    let ended = quiet(pyright.args(programs));
    tally.check("pyright of programs and tests", ended);
    let mut ruff = checked("ruff", &["check", "--quiet", "--no-cache", "--isolated"]);
    ruff.args(["--line-length", "120", "--select", "E4,E7,E9,F,B,UP,I"]);
    ruff.args(["--target-version", "py310"]).args(programs);
    tally.check("ruff", quiet(&mut ruff));
    tally
}

/// A wheel is made of the timer's package, with nothing but Python, and works in an environment that has only it.
pub(crate) fn wheel(session: &Session) -> Tally {
    let mut tally = Tally::default();
    for front in ["pip", "build"] {
        let made = wheel_of(session, front).and_then(|printed| expect(session, "timer", &printed));
        tally.check(&format!("a wheel of the timer by {front}"), made);
    }
    tally.check("a wheel without a library", incomplete(session));
    tally
}

/// Makes the wheel, installs it, and runs the example in another folder; returns what it printed.
fn wheel_of(session: &Session, front: &str) -> Result<String, String> {
    let tools = tools(session)?;
    generate(session, "examples/timer", "python")?;
    let wheels = session.binaries.join(format!("wheels-{front}"));
    let _ = std::fs::remove_dir_all(&wheels); // of an earlier run
    let mut make = program(session, &tools, "python");
    match front {
        "pip" => make.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]),
        _ => make.args(["-m", "build", "--quiet", "--outdir"]),
    };
    // Whoever installs it needs no compiler, and neither does who makes it.
    make.env("CC", "/bin/false").env("CXX", "/bin/false");
    let source = copy_of(session, front)?;
    quiet(make.arg(&wheels).arg(&source))?;
    let found = std::fs::read_dir(&wheels).map_err(|error| error.to_string())?;
    let names = found.flatten().map(|entry| entry.path());
    let wheel = names
        .filter(|path| path.extension().is_some_and(|end| end == "whl"))
        .find(|path| path.to_string_lossy().contains(WHEEL))
        .ok_or_else(|| format!("no wheel with {WHEEL} in {}", wheels.display()))?;
    let clean = session.binaries.with_file_name("python").join("clean");
    let mut venv = session.command("python3", ".");
    quiet(venv.args(["-m", "venv", "--clear"]).arg(&clean))?;
    pip(
        session,
        &clean,
        &["--no-index", "--no-deps", &wheel.to_string_lossy()],
    )?;
    let main = session.root.join("examples/timer/python/example/main.py");
    let elsewhere = tempdir(session, "elsewhere")?;
    let mut run = program(session, &clean, "python");
    output(run.args(["-I"]).arg(main).current_dir(elsewhere))
}

/// The package's folder, elsewhere: builders leave things behind.
fn copy_of(session: &Session, name: &str) -> Result<PathBuf, String> {
    let folder = tempdir(session, &format!("package-{name}"))?;
    let from = session.root.join("examples/timer/python");
    let mut copy = session.command("cp", ".");
    quiet(copy.arg("-R").arg(from.join(".")).arg(&folder))?;
    Ok(folder)
}

fn tempdir(session: &Session, name: &str) -> Result<PathBuf, String> {
    let folder = session.binaries.with_file_name("python").join(name);
    let _ = std::fs::remove_dir_all(&folder); // of an earlier run
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Without its library, a package does not become a wheel, and says why.
fn incomplete(session: &Session) -> Result<(), String> {
    let tools = tools(session)?;
    let folder = copy_of(session, "incomplete")?;
    let library = format!("libmy_timer{}", std::env::consts::DLL_SUFFIX);
    std::fs::remove_file(folder.join("my_timer").join(&library))
        .map_err(|error| format!("{library}: {error}"))?;
    let mut make = program(session, &tools, "python");
    make.args(["-m", "pip", "wheel", "--no-deps", "--wheel-dir"]);
    let ended = make.arg(folder.join("wheels")).arg(&folder).output();
    let ended = ended.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
    let why = "run `gangplank build` in the folder of the crate";
    match !ended.status.success() && text.contains(why) {
        true => Ok(()),
        false => Err(format!("{}, without `{why}`: {text}", ended.status)),
    }
}

//! Runtimes and modules: loaded once, found by name, freed without harm, and refused in words.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use support::{count, guest};
use xllr::{Error, Kind, Module, Options, Runtime};

fn open(path: &Path) -> Result<Module, Error> {
    Module::open("native", path.to_str().unwrap(), &Options::default())
}

fn refused(path: &Path) -> String {
    let error = open(path).unwrap_err();
    assert_eq!(error.kind(), Kind::BadModule, "{error}");
    let text = error.text().to_owned();
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    text
}

#[test]
fn runtimes_are_loaded_and_freed_as_often_as_one_likes() {
    for _ in 0..3 {
        Runtime::load("test").unwrap();
        Runtime::load("test").unwrap();
        Runtime::free("test").unwrap();
        Runtime::free("test").unwrap();
    }
}

#[test]
fn a_runtime_that_does_not_exist() {
    let loaded = Runtime::load("cobol").unwrap_err();
    assert_eq!(loaded.kind(), Kind::NotFound);
    assert!(loaded.text().starts_with("runtime `cobol` not found: `native` and `test` are built in; module `xllr_cobol` not found: looked for xllr_cobol, xllr_cobol.so, libxllr_cobol.so in "), "{loaded}");
    assert_eq!(Runtime::free("cobol").unwrap_err(), loaded);
    assert_eq!(
        Module::open("cobol", "x", &Options::default()).unwrap_err(),
        loaded
    );
    assert_eq!(Runtime::load("../x").unwrap_err().kind(), Kind::BadArgument);
}

#[test]
fn a_module_loads_its_runtime_and_freeing_the_runtime_frees_it() {
    // A runtime of its own: other tests use the modules of `native` at the same time.
    let module = Module::open("test", "echo", &Options::default()).unwrap();
    assert_eq!(module.functions(), ["count", "echo", "fail"]);
    Runtime::free("test").unwrap();
    assert_eq!(
        module
            .function("echo")
            .unwrap()
            .call_bytes(b"still")
            .unwrap(),
        b"still"
    );
    Module::free("test", "echo").unwrap();
    Module::free("test", "echo").unwrap();
}

#[test]
fn a_module_is_unloaded_when_its_last_user_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = guest(folder.path(), "libguest.so");
    let name = path.to_str().unwrap();
    let echo = open(&path).unwrap().function("Echo").unwrap();
    Module::free("native", name).unwrap();
    assert_eq!((count(&path, "loaded"), count(&path, "unloaded")), (1, 0));
    assert_eq!(echo.call_bytes(b"in flight").unwrap(), b"in flight");
    drop(echo);
    assert_eq!(count(&path, "unloaded"), 1);
    Module::free("native", name).unwrap();
    open(&path).unwrap();
    assert_eq!(count(&path, "loaded"), 2);
}

#[test]
fn twenty_threads_load_a_module_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = guest(folder.path(), "libguest.so");
    let start = Barrier::new(20);
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                start.wait();
                let module = Module::find("native", path.to_str().unwrap()).unwrap();
                let echo = module.function("Echo").unwrap();
                assert_eq!(echo.call_bytes(b"x").unwrap(), b"x");
            });
        }
    });
    assert_eq!(count(&path, "loaded"), 1);
}

#[test]
fn twenty_threads_load_and_free_a_module_all_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = guest(folder.path(), "libguest.so");
    let name = path.to_str().unwrap();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let echo = open(&path).unwrap().function("Echo").unwrap();
                    Module::free("native", name).unwrap();
                    assert_eq!(echo.call_bytes(b"x").unwrap(), b"x");
                }
            });
        }
    });
    Module::free("native", name).unwrap();
    assert_eq!(count(&path, "loaded"), count(&path, "unloaded"));
}

#[test]
fn bytes_come_back_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let module = open(&guest(folder.path(), "libguest.so")).unwrap();
    let echo = module.function("Echo").unwrap();
    let all: Vec<u8> = (0..=255).collect();
    for bytes in [&[][..], &[0], &all, &vec![7; 1 << 20]] {
        assert_eq!(echo.call_bytes(bytes).unwrap(), bytes);
    }
    let hello = module.function("hello_world").unwrap();
    assert!(hello.call_bytes(&[]).unwrap().is_empty());
    let error = module.function("div").unwrap().call_bytes(&[]).unwrap_err();
    assert_eq!(
        (error.kind(), error.text()),
        (Kind::Failed, "divided by zero")
    );
}

#[test]
fn too_many_bytes_are_refused_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let module = open(&guest(folder.path(), "libguest.so")).unwrap();
    let request = vec![0; (16 << 20) + 1];
    let error = module
        .function("Echo")
        .unwrap()
        .call_bytes(&request)
        .unwrap_err();
    assert_eq!(
        error.text(),
        "`Echo`: a request of 16777217 bytes is over the limit of 16777216"
    );
    let error = module
        .function("huge")
        .unwrap()
        .call_bytes(&[])
        .unwrap_err();
    assert_eq!(
        error.text(),
        "`huge`: a response of 16777217 bytes is over the limit of 16777216"
    );
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn functions_of_a_guest_without_a_descriptor_have_both_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = guest(folder.path(), "libguest.so");
    let module = open(&path).unwrap();
    let call = |name: &str| module.function(name)?.call_bytes(b"");
    assert_eq!(call("First.run").unwrap(), b"first");
    assert_eq!(call("Second.run").unwrap(), b"second");
    assert_eq!(call("Calc.hello_world").unwrap(), b"");
    assert_eq!(call("run").unwrap_err().kind(), Kind::NotFound);
    let error = call("nothing").unwrap_err();
    assert_eq!(
        error.text(),
        format!(
            "`{}` has no function `nothing`; there are Echo, First_run, Second_run, div, hello_world, huge",
            path.display()
        )
    );
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn modules_are_looked_for_in_the_hosts_folders_and_nowhere_else() {
    let (package, source) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = guest(package.path(), "libsought.so");
    let second = guest(source.path(), "libsought.so");
    let options = |package_dir: Option<&Path>, source_dir: Option<&Path>| Options {
        package_dir: package_dir.map(Path::to_owned),
        source_dir: source_dir.map(Path::to_owned),
        ..Options::default()
    };
    let find = |name: &str, options: &Options| Module::open("native", name, options);
    let both = options(Some(package.path()), Some(source.path()));
    for name in ["sought", "libsought", "libsought.so"] {
        assert_eq!(
            find(name, &both).unwrap().location(),
            first.to_str().unwrap()
        );
    }
    let error = find("sought", &Options::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(
        error.text().starts_with(
            "module `sought` not found: looked for sought, sought.so, libsought.so in /"
        ),
        "{error}"
    );
    assert!(error.text().contains("GANGPLANK_PATH"), "{error}");
    // What cargo has made of a guest in Rust has another name than hosts look for.
    let error = find("soughtMetaFFIGuest", &both).unwrap_err();
    let hint = format!(
        "there is {}, as cargo names",
        package.path().join("libsought.so").display()
    );
    let other = format!(
        "there is {}, as cargo names",
        source.path().join("libsought.so").display()
    );
    assert!(
        error.text().contains(&hint) || error.text().contains(&other),
        "{error}"
    );
    // As it was loaded, also for who does not know the folder.
    assert_eq!(
        Module::find("native", "sought").unwrap().location(),
        first.to_str().unwrap()
    );
    // Two packages may call their modules alike.
    let other = find("sought", &options(None, Some(source.path()))).unwrap();
    assert_eq!(other.location(), second.to_str().unwrap());
    let error = Module::find("native", "sought").unwrap_err();
    assert!(error.text().contains("call it by its path"), "{error}");
    assert_eq!(count(&first, "loaded"), 1);
    // Freed under one name, it is freed under all.
    Module::free("native", "libsought").unwrap();
    assert_eq!(count(&first, "unloaded"), 1);
}

#[test]
fn names_that_name_nothing() {
    for name in ["", "a\0b"] {
        let error = Module::open("native", name, &Options::default()).unwrap_err();
        assert_eq!(error.kind(), Kind::BadArgument);
    }
    let error = Module::open("native", "/nowhere/libx.so", &Options::default()).unwrap_err();
    assert_eq!(
        error.text(),
        "module `/nowhere/libx.so` not found: /nowhere/libx.so: No such file or directory (os error 2)"
    );
    let error = Module::open("native", "./nowhere.so", &Options::default()).unwrap_err();
    assert!(error.text().contains(env!("CARGO_MANIFEST_DIR")), "{error}");
    let error = Module::open("test", "other", &Options::default()).unwrap_err();
    assert_eq!(
        error.text(),
        "module `other` not found: runtime `test` has only `echo`"
    );
}

#[test]
fn files_that_are_no_modules() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    assert!(refused(&folder).ends_with("is not a file"));
    let write = |name: &str, data: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, data).unwrap();
        path
    };
    assert!(refused(&write("empty.so", b"")).ends_with("is not a shared library"));
    assert!(refused(&write("text.so", b"hello")).ends_with("is not a shared library"));
    support::compile(
        &support::c_file("guest.c"),
        &folder.join("guest.o"),
        &["-c", "-DCOUNTER=\"x\""],
    );
    assert!(refused(&folder.join("guest.o")).ends_with("is not a shared library"));
    let plain = write(
        "plain.c",
        b"int nothing(void);\nint nothing(void) { return 0; }\n",
    );
    support::compile(&plain, &folder.join("libplain.so"), &["-shared", "-fPIC"]);
    assert!(refused(&folder.join("libplain.so")).ends_with("exports no Foreign function"));
}

#[test]
fn files_that_are_cut_short_or_for_another_machine() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let library = fs::read(support::build("my_timer")).unwrap();
    let write = |data: &[u8]| {
        let path = folder.join("libmy_timer.so");
        fs::write(&path, data).unwrap();
        path
    };
    for len in [17, 63, 64, 200, 4096, library.len() / 2, library.len() - 1] {
        let text = refused(&write(&library[..len]));
        assert!(
            text.contains("truncated") || text.contains("not a shared library"),
            "{len}: {text}"
        );
    }
    let mut other = library.clone();
    other[18] = if other[18] == 183 { 62 } else { 183 };
    assert!(refused(&write(&other)).contains("this program runs on"));
    // The version in the library's own item: tag, length, number.
    let mut newer = library;
    let field = [0x11, 4, 0, 0, 0, 1, 0, 0, 0];
    let at = newer
        .windows(field.len())
        .position(|bytes| bytes == field)
        .unwrap();
    newer[at + 5] = 7;
    assert!(refused(&write(&newer)).ends_with(
        "has ABI version 7, this XLLR knows version 1: build it with the same Gangplank"
    ));
}

#[test]
fn isolation_needs_the_helper() {
    let folder = tempfile::tempdir().unwrap();
    let path = guest(folder.path(), "libguest.so");
    let options = Options {
        isolate: true,
        ..Options::default()
    };
    let error = Module::open("native", path.to_str().unwrap(), &options).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error
            .text()
            .contains("needs a helper process: it was asked for; "),
        "{error}"
    );
    assert_eq!(count(&path, "loaded"), 0);
}

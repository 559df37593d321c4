//! What fails in a guest, and guests that cannot be loaded: the text that a host gets. Each case runs in a process of its own.

mod support;

use support::{Case, call, failure, open};
use xllr::{Kind, Module, Options};

case!(what_fails_is_said, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let text = |what: &str| [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
    for (what, first) in [
        ("plain", "ValueError: plain"),
        ("exit", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"),
        (
            "recursion",
            "RecursionError: maximum recursion depth exceeded",
        ),
        ("shy", "kinds.Shy: <"),
        (
            "surrogate",
            "`Kinds.fail` returned a wrong value: '\\udc80' has half a surrogate pair",
        ),
        ("chain", "ValueError: second"),
        ("file", "ValueError: cannot read \\udcff.txt\n"),
        ("stop", "StopIteration: 1\nTraceback"),
        ("generator", "GeneratorExit\nTraceback"),
        ("memory", "MemoryError\nTraceback"),
        ("own", "kinds.Own: (1, 2)\nTraceback"),
    ] {
        let said = failure(&kinds, "fail", &text(what));
        assert!(said.starts_with(first), "{what}: {said}");
    }
    for (what, cause) in [
        ("chain", "KeyError: 'first'"),
        ("file", "KeyError: '\\udcfe'"),
    ] {
        let said = failure(&kinds, "fail", &text(what));
        assert!(said.contains(cause), "{said}");
        assert!(
            said.contains("kinds.py") && !said.contains("<gangplank>"),
            "{said}"
        );
    }
    for (what, says) in [
        (
            "one",
            "`Kinds.wrong` returned a wrong value: expected a tuple of 2, not int",
        ),
        (
            "three",
            "`Kinds.wrong` returned a wrong value: expected 2 values, not 3",
        ),
        (
            "types",
            "`Kinds.wrong` returned a wrong value: value 1: expected int, not str",
        ),
        (
            "second",
            "`Kinds.wrong` returned a wrong value: value 2: expected str, not bytes",
        ),
        (
            "range",
            "`Kinds.wrong` returned a wrong value: value 1: 2147483648 does not fit into i32",
        ),
        (
            "none",
            "`Kinds.wrong` returned a wrong value: expected a tuple of 2, not NoneType",
        ),
        (
            "float",
            "`Kinds.wrong` returned a wrong value: value 1: expected int, not float",
        ),
    ] {
        assert_eq!(failure(&kinds, "wrong", &text(what)), says);
    }
    assert_eq!(call(&kinds, "wrong", &text("right")), b"\x08\x01\x12\x01x");
    let said = failure(&kinds, "loops", b"");
    assert!(
        said.ends_with("values are nested deeper than 64 levels"),
        "{said}"
    );
    assert_eq!(
        call(&kinds, "shout", &text("still there")),
        text("STILL THERE")
    );
});

case!(guests_that_cannot_be_loaded, |case: &Case| {
    let refused = |text: &str, name: &str| {
        let path = case.folder.join(name);
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let error = Module::open("python3", &path, &Options::default())
            .err()
            .unwrap();
        error.text().to_owned()
    };
    let said = refused("def f(:\n", "syntax.py");
    assert!(
        said.contains("syntax.py` cannot be loaded: SyntaxError: ") && said.contains("\n  File \""),
        "{said}"
    );
    let said = refused("x = 1\n", "plain.py");
    assert!(said.contains("is no guest: it has no INTERFACE"), "{said}");
    let said = refused("import nothing_of_that_name\n", "imports.py");
    assert!(
        said.contains("ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        "{said}"
    );
    let said = refused("raise SystemExit(1)\n", "exits.py");
    assert!(said.contains("SystemExit: 1"), "{said}");
    let said = refused(
        "INTERFACE, TYPES, FUNCTIONS = b'GPif', {}, {}\n",
        "short.py",
    );
    assert!(said.contains("its interface cannot be read"), "{said}");
    let error = Module::open("python3", "no_such_guest", &Options::default())
        .err()
        .unwrap();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.text().contains("no_such_guest.py"), "{error}");
    // The implementation lacks a function, or is not there.
    let guest = case.guest("calc");
    let calc = case.folder.join("calc.py");
    std::fs::write(&calc, "def div(x, y):\n    return x / y\n").unwrap();
    let error = Module::open("python3", &guest, &Options::default())
        .err()
        .unwrap();
    assert!(
        error.text().contains("AttributeError: Calc.")
            && error.text().contains("in calc.py, which has no"),
        "{error}"
    );
    std::fs::remove_file(&calc).unwrap();
    let renamed = case.folder.join("againMetaFFIGuest.py");
    std::fs::copy(&guest, &renamed).unwrap();
    std::fs::write(
        &renamed,
        std::fs::read_to_string(&guest)
            .unwrap()
            .replace("\"calc.py\"", "\"gone.py\""),
    )
    .unwrap();
    let error = Module::open("python3", renamed.to_str().unwrap(), &Options::default())
        .err()
        .unwrap();
    assert!(error.text().contains("FileNotFoundError"), "{error}");
});

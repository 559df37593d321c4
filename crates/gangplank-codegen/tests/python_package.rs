//! The Python package of a library with one item of each kind, and of the kitchen sink: Python imports it, with a stand-in
//! for the extension, and finds what the interface says; and what cannot be told apart in Python is reported.

#[path = "support/built.rs"]
mod built;
#[path = "support/sample.rs"]
mod sample;

use std::path::Path;
use std::process::Command;

use gangplank_codegen::backend::{self, File};
use gangplank_codegen::config::{Config, Options};
use gangplank_codegen::{Input, generate, output};
use gangplank_model::Diagnostics;
use gangplank_model::lowered::{Library, Literal, Record, Shape, Type};

/// What stands in for the extension: it makes nothing that works, and keeps what it was told.
const EXTENSION: &str = r#"
class GangplankError(Exception): ...
class Subscription: ...
for _name in ["BadArgument", "Closed", "Deadline", "Forked", "HostFunction", "Limit", "Load", "Mismatch", "Panic", "PeerLost", "Stuck"]:
    globals()[_name + "Error"] = type(_name + "Error", (GangplankError,), {})

told = {}

class library:
    def __init__(self, *, name, runtime, module, here, package, types, interface):
        told["library"] = (name, runtime, module, package)
        self.types, self.interface = types, interface
        told["lib"] = self
        self.load = self.stats = self.set_log = lambda *_: None
    def function(self, path, name, params, docs):
        told[name] = (path, params, docs)
        return lambda *_: None
    def object(self, path, name, docs, functions={}, hosts={}, events={}):
        told[name] = (path, functions, hosts, events)
        return type(name, (), {"__doc__": docs})
    def host(self, wire, name, docs):
        told[name] = (wire,)
        return lambda *_: None
"#;

fn package(library: &Library, options: &Options) -> Result<Vec<File>, Diagnostics> {
    let language = backend::find("python").expect("Python is in the table");
    (language.run)(library, options)
}

/// The package of a definition.
fn of_proto(name: &str, text: &str) -> Result<Vec<File>, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{name}.proto"));
    std::fs::write(&path, text).unwrap();
    let language = backend::find("python").expect("Python is in the table");
    let input = Input::ProtoFile {
        path: &path,
        includes: &[],
    };
    generate(input, language, &Config::default())
}

/// What was reported, as text.
fn report(library: &Library, options: &Options) -> String {
    match package(library, options) {
        Ok(_) => panic!("nothing was reported"),
        Err(found) => found.to_string(),
    }
}

/// Runs a program of Python beside the package and the stand-in. Without Python: a loud skip, and in CI a failure.
fn python(files: &[File], package: &str, program: &str) {
    let folder = tempfile::tempdir().unwrap();
    output::write(files, folder.path()).unwrap();
    let extension = folder.path().join(package).join("_gangplank.py");
    std::fs::write(extension, EXTENSION).unwrap();
    run(folder.path(), program);
}

fn run(folder: &Path, program: &str) {
    let result = Command::new("python3")
        .args(["-W", "error", "-c", program])
        .current_dir(folder)
        .output();
    match result {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text);
            assert!(output.status.success(), "{text}");
        }
        Err(error) if std::env::var_os("CI").is_none() => eprintln!("SKIPPED: python3: {error}"),
        Err(error) => panic!("python3: {error}"),
    }
}

#[test]
fn each_kind_of_item_is_there_in_python() {
    let files = package(&sample::library(), &Options::default()).unwrap();
    python(
        &files,
        "kit",
        r#"
import kit
assert kit.LIMIT == -2**63 and kit.GREETING == "hello" and kit.MARK == b"\x07\x000" and kit.ENABLED is True
assert kit.RATIO == -float("inf") and kit.FAVOURITE is kit.Color.RED
told = kit._gangplank.told
assert told["library"] == ("kit", "native", "kit", "kit"), told
assert {"kit::Node", "kit::Color", "timestamp"} <= set(told["lib"].types)
shown = [name for name in vars(kit) if not name.startswith("_")]
assert sorted(shown) == sorted(kit.__all__) == dir(kit), "plumbing shows"
"#,
    );
}

#[test]
fn the_kitchen_sink_is_a_module_of_python() {
    let library = built::build("kitchen_sink");
    let language = backend::find("python").expect("Python is in the table");
    let config = built::config("kitchen_sink");
    let files = generate(Input::LibraryFile(&library), language, &config).unwrap();
    python(&files, "kitchen_sink", include_str!("python/kitchen.py"));
}

#[test]
fn fields_that_are_called_like_their_types_hide_nothing() {
    let text = r#"syntax = "proto3";
        message score { int32 score = 1; }
        message game { score score = 1; repeated score more = 2; game game = 3; bytes bytes = 4; bytes octets = 5; }
        message wrapped { game game = 1; }
        service str { rpc float(wrapped) returns (wrapped); }
    "#;
    let files = of_proto("hidden", text).unwrap();
    python(
        &files,
        "hidden",
        r#"
import typing, hidden
hints = typing.get_type_hints(hidden.game)
assert hints["score"] == typing.Optional[hidden.score] and hints["more"] == list[hidden.score], hints
assert hints["game"] == typing.Optional[hidden.game] and hints["octets"] is bytes, hints
assert hidden.game() == hidden.game(score=None, more=[], game=None, bytes=b"", octets=b"")
assert hidden._gangplank.told["float"][:2] == ("str.float", ("game",))
"#,
    );
}

/// The same in a package, whose file imports more; an alias that somebody else has is reported.
#[test]
fn names_of_the_file_are_not_taken_for_messages() {
    let words = "annotations gangplank lib base64 decimal struct math os abc text field dataclass deprecated error";
    let message = |name: &str| format!("message {name} {{ {name} {name} = 1; float x = 2; }}\n");
    let field = |(index, name): (usize, &str)| format!("{name} f{index} = {}; ", index + 1);
    let define = |more: &str| {
        format!(
            "syntax = \"proto3\";\nservice S {{ rpc f (In) returns (In); }}\nmessage In {{ All all = 1; }}\n{}message All {{ {}}}\n{more}",
            words.split(' ').map(message).collect::<String>(),
            words.split(' ').enumerate().map(field).collect::<String>(),
        )
    };
    let files = of_proto("own", &define("")).unwrap();
    python(
        &files,
        "own",
        r#"
import typing, own
for name in own.All.__match_args__:
    [[message, _]] = [typing.get_args(typing.get_type_hints(own.All)[name])]
    assert typing.get_type_hints(message)[message.__name__] == typing.Optional[message], message
    assert message(None, 1.0) == message(x=1.0)
"#,
    );
    let text = "message _class_lib { int32 x = 1; }\nmessage More { _class_lib it = 1; }\n\
                service More_ { rpc more (More) returns (More); }\n";
    let said = of_proto("own", &define(text)).unwrap_err().to_string();
    assert!(
        said.contains("`_class_lib` would be two things in Python"),
        "{said}"
    );
}

/// A library with a record for each name of Python's own: what a generated file says under such a name means the record.
#[test]
fn no_name_of_pythons_own_is_taken_for_an_item() {
    let mut library = sample::library();
    let builtins = Command::new("python3")
        .args(["-c", "import builtins; print(*dir(builtins))"])
        .output();
    let builtins = match builtins {
        Ok(output) => String::from_utf8(output.stdout).unwrap(),
        Err(error) if std::env::var_os("CI").is_none() => return eprintln!("SKIPPED: {error}"),
        Err(error) => panic!("python3: {error}"),
    };
    let is_word = |name: &&str| !name.starts_with('_') && !["True", "False", "None"].contains(name);
    for name in builtins.split_whitespace().filter(is_word) {
        let record = Record {
            common: sample::common(name),
            fields: Vec::new(),
            default_c_name: None,
        };
        library.types.push(Type {
            shape: Shape::Record(record),
            c_name: format!("kit_{name}"),
            size: 1,
            align: 1,
            heap: false,
        });
    }
    let files = package(&library, &Options::default()).unwrap();
    let outline = files.iter().find(|file| file.path.ends_with(".pyi"));
    for line in [
        "class GangplankError(_builtins.Exception):",
        "class DeadlineError(GangplankError, _builtins.TimeoutError):",
        "    @_builtins.property",
        "    @_builtins.classmethod",
    ] {
        assert!(outline.unwrap().contents.contains(line), "{line}");
    }
    python(
        &files,
        "kit",
        r#"
import ast, builtins, kit
for name in ["__init__.py", "__init__.pyi"]:
    with open(f"kit/{name}", encoding="utf-8") as file:
        tree = ast.parse(file.read())
    # The table of types means the records.
    table = [pair for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "types" for pair in node.value.values]
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    plain = {node.id for node in loads if node not in table and hasattr(builtins, node.id) and not node.id.startswith("_")}
    assert not plain, (name, plain)
error = kit._gangplank.told["lib"].types["kit::Failure"][0]
assert error.__init__ and kit.ValueError() == kit.ValueError() and not issubclass(kit.ValueError, ValueError)
"#,
    );
}

#[test]
fn cases_of_errors_are_called_like_pythons_exceptions() {
    let mut library = sample::library();
    for ty in &mut library.types {
        if let Shape::Variant(variant) = &mut ty.shape
            && variant.is_error
        {
            variant.cases[0].name = "Timeout".into();
        }
    }
    let files = package(&library, &Options::default()).unwrap();
    let outline = files.iter().find(|file| file.path.ends_with(".pyi"));
    let outline = &outline.unwrap().contents;
    let line = "class DeadlineError(GangplankError, _builtins.TimeoutError):";
    assert!(outline.contains(line), "{outline}");
    assert!(
        outline.contains("class TimeoutError(Failure):") && outline.contains("(Exception):"),
        "{outline}"
    );
}

#[test]
fn a_deprecation_without_a_note_says_something() {
    let mut library = sample::library();
    library.functions[0].common.deprecated = Some(" ".into());
    let files = package(&library, &Options::default()).unwrap();
    let outline = files.iter().find(|file| file.path.ends_with(".pyi"));
    let outline = &outline.unwrap().contents;
    assert!(
        outline.contains("\n@_deprecated(\"deprecated\")\n"),
        "{outline}"
    );
}

#[test]
fn names_that_meet_are_reported_with_a_way_out() {
    let mut library = sample::library();
    library.constants[0].common.name = "Node".into();
    let text = report(&library, &Options::default());
    assert!(
        text.contains("`Node` would be two things in Python: `kit::Node` and `kit::LIMIT`"),
        "{text}"
    );
    assert!(
        text.contains("(name = \"…\")]` or alike, or `renames` in the configuration"),
        "{text}"
    );

    let renames = [("LIMIT".to_owned(), "BOUND".to_owned())].into();
    let options = Options {
        renames,
        ..Options::default()
    };
    let files = package(&library, &options).unwrap();
    assert!(files[0].contents.contains("\nBOUND: _typing.Final[int]"));
}

#[test]
fn words_of_python_are_no_names_by_configuration() {
    let renames = [("LIMIT".to_owned(), "to there".to_owned())].into();
    let options = Options {
        renames,
        ..Options::default()
    };
    let text = report(&sample::library(), &options);
    assert!(
        text.contains(
            "error[GP0408]: `kit::LIMIT` would be `to there`, which is not a name in Python"
        ),
        "{text}"
    );
}

#[test]
fn names_of_the_toolkit_are_taken() {
    let mut library = sample::library();
    library.constants[0].common.name = "ClosedError".into();
    let text = report(&library, &Options::default());
    assert!(
        text.contains("two things in Python: the generated file and `kit::LIMIT`"),
        "{text}"
    );
}

#[test]
fn what_becomes_one_name_by_an_escape_is_reported() {
    let mut library = sample::library();
    for ty in &mut library.types {
        if let Shape::Record(record) = &mut ty.shape
            && record.common.name == "Node"
        {
            record.fields[0].name = "class".into();
            record.fields[1].name = "class_".into();
        }
    }
    let text = report(&library, &Options::default());
    assert!(
        text.contains(
            "`class_` would be two things in Python: the field `class` of `kit::Node` and the field `class_`"
        ),
        "{text}"
    );
}

#[test]
fn empty_text_is_a_default() {
    let files = package(&sample::with_empty_name(), &Options::default()).unwrap();
    let module = files.iter().find(|file| file.path.ends_with("__init__.py"));
    let module = &module.unwrap().contents;
    assert!(module.contains("    name: str = \"\"\n"), "{module}");
}

#[test]
fn a_default_that_python_cannot_write_is_reported() {
    let mut library = sample::library();
    for ty in &mut library.types {
        if let Shape::Record(record) = &mut ty.shape
            && record.common.name == "Node"
        {
            record.fields[0].default = Some(Literal::EnumValue("Red".into()));
        }
    }
    let text = report(&library, &Options::default());
    assert!(
        text.contains("the default of `kit::Node.name` cannot be written in Python"),
        "{text}"
    );
}

/// What the package of a definition opens is its guest, in the runtime of its language, and installers take it.
#[test]
fn the_package_of_a_definition_opens_its_guest() {
    for (tag, runtime) in [
        ("", "native"),
        ("// metaffi_target_language: \"python3\"", "python3"),
    ] {
        let text = format!(
            "syntax = \"proto3\";\n{tag}\n\nservice S {{ rpc f (In) returns (In); }}\nmessage In {{ int32 x = 1; }}\n"
        );
        let files = of_proto("calc", &text).unwrap();
        let of = |path: &str| {
            &files
                .iter()
                .find(|file| file.path == path)
                .unwrap()
                .contents
        };
        assert!(of("pyproject.toml").contains("\nversion = \"0.0.0\"\n"));
        let wanted = "\"calcMetaFFIGuest.\": \"put the guest that `gangplank compile --to-guest` makes there\"";
        assert!(of("setup.py").contains(wanted), "{}", of("setup.py"));
        python(
            &files,
            "calc",
            &format!(
                "import calc; told = calc._gangplank.told[\"library\"]\n\
                 assert told == (\"calc\", \"{runtime}\", \"calcMetaFFIGuest\", \"calc\"), told"
            ),
        );
    }
}

#[test]
fn a_version_is_one_that_installers_take() {
    let mut library = sample::library();
    library.version = "0.1.0-nightly.3".into();
    let files = package(&library, &Options::default()).unwrap();
    let project = files.iter().find(|file| file.path == "pyproject.toml");
    let project = &project.unwrap().contents;
    assert!(
        project.contains("\nversion = \"0.1.0.dev3\"\n"),
        "{project}"
    );
    library.version = "0.1.0-mine".into();
    let text = report(&library, &Options::default());
    assert!(
        text.contains("GP0406")
            && text.contains("`0.1.0-mine` is no version")
            && text.contains("Cargo.toml"),
        "{text}"
    );
}

#[test]
fn a_package_has_a_name_that_python_can_import() {
    let options = Options {
        package: Some("My-Kit".into()),
        ..Options::default()
    };
    let text = report(&sample::library(), &options);
    assert!(
        text.contains("error[GP0408]: `My-Kit` is no name for a package in Python"),
        "{text}"
    );
    let options = Options {
        package: Some("toolbox".into()),
        ..Options::default()
    };
    let files = package(&sample::library(), &options).unwrap();
    assert!(files.iter().any(|file| file.path == "toolbox/__init__.pyi"));
}
